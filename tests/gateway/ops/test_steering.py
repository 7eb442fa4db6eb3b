"""The socket: requests in order, one at a time, in any cut; garbage and greed are answered in words or shut out."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.ops import steering
from gateway.ops.audit_log import FILE_NAME, AuditLog
from gateway.ops.steering import SOCKET_NAME, Asked, RefusedVerb, Result, Steering, Verb, opened
from tests.gateway.kept_binds import until


class Door:
    """A door with a few verbs; `later` keeps those that are to be answered later."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.later: list[Asked] = []
        self.changed: list[str] = []
        verbs = {
            "echo": Verb(lambda asked: {"said": asked.arguments, "uid": asked.uid}),
            "later": Verb(self._later),
            "change": Verb(self._change, changes=True, traffic=True),
            "tune": Verb(self._change, changes=True),
            "refuse": Verb(self._refuse),
            "break": Verb(lambda _: {"never": 1 // 0}),
        }
        self.steering = Steering(directory, verbs, AuditLog(directory, lambda: 0))

    def _later(self, asked: Asked) -> None:
        self.later.append(asked)

    def _change(self, asked: Asked) -> Result:
        if not asked.dry_run:
            self.changed.append(asked.word("name"))
        return {"name": asked.word("name"), "dry_run": asked.dry_run}

    def _refuse(self, _: Asked) -> Result:
        raise RefusedVerb("no, because")

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        with opened(self.directory) as descriptor:
            return await asyncio.open_unix_connection(f"/proc/self/fd/{descriptor}/{SOCKET_NAME}")

    async def ask(self, **request: Any) -> dict[str, Any]:
        reader, writer = await self.connect()
        writer.write(orjson.dumps(request) + b"\n")
        answer: dict[str, Any] = orjson.loads(await reader.readline())
        writer.close()
        await writer.wait_closed()
        return answer

    def audit(self) -> list[dict[str, Any]]:
        path = self.directory / FILE_NAME
        return [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    directory = tmp_path / ("long" * 40)  # longer than the name of a socket may be
    directory.mkdir()
    one = Door(directory)
    await one.steering.listen()
    yield one
    one.steering.close()


async def test_only_its_own_user_may_open_it(door: Door) -> None:
    mode = (door.directory / SOCKET_NAME).stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600
    assert await door.ask(verb="echo", arguments={"a": 1}) == {
        "ok": True,
        "result": {"said": {"a": 1}, "uid": os.getuid()},
    }


async def test_requests_in_any_cut_are_answered_in_order(door: Door) -> None:
    reader, writer = await door.connect()
    octets = b"".join(orjson.dumps({"verb": "echo", "arguments": {"n": n}}) + b"\n" for n in range(5))
    for octet in octets[:60]:
        writer.write(bytes((octet,)))
        await writer.drain()
        await asyncio.sleep(0)
    writer.write(octets[60:])
    answers = [orjson.loads(await reader.readline()) for _ in range(5)]
    assert [one["result"]["said"]["n"] for one in answers] == list(range(5))
    writer.close()


async def test_thousands_in_one_write_are_answered(door: Door) -> None:
    reader, writer = await door.connect()
    writer.write(b"x\n" * 5_000)
    for _ in range(5_000):
        assert b'"ok":false' in await reader.readline()
    writer.close()


async def test_the_next_request_waits_for_the_answer_to_the_last(door: Door) -> None:
    reader, writer = await door.connect()
    writer.write(b'{"verb":"later"}\n{"verb":"echo"}\n')
    await until(lambda: door.later)
    answer = asyncio.ensure_future(reader.readline())  # noqa: TID251 - a test's own
    for _ in range(20):
        await asyncio.sleep(0)
    assert not answer.done()
    door.later[0].answer({"now": True})
    assert orjson.loads(await answer)["result"] == {"now": True}
    assert orjson.loads(await reader.readline())["result"]["said"] == {}
    writer.close()


async def test_an_answer_to_who_has_gone_is_dropped(door: Door) -> None:
    _, writer = await door.connect()
    writer.write(b'{"verb":"later"}\n')
    await until(lambda: door.later)
    writer.close()
    await writer.wait_closed()
    for _ in range(20):
        await asyncio.sleep(0)
    door.later[0].answer({"now": True})
    assert (await door.ask(verb="echo"))["ok"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"what", "JSON object"),
        (b"[1]", "JSON object"),
        (b"{}", "no such verb"),
        (b'{"verb":"fly"}', "no such verb"),
        (b'{"verb":"refuse"}', "no, because"),
        (b'{"verb":"break"}', "bug of ours"),
        (b'{"verb":"tune","arguments":{"name":7}}', "must be a word"),
        (b'{"verb":"tune","arguments":[1]}', "needs name"),
        (b"\xff\xfe", "JSON object"),
    ],
)
async def test_what_makes_no_sense_is_told_in_words(door: Door, line: bytes, words: str) -> None:
    reader, writer = await door.connect()
    writer.write(line + b'\n{"verb":"echo"}\n')
    answer = orjson.loads(await reader.readline())
    assert not answer["ok"]
    assert words in answer["error"]
    assert orjson.loads(await reader.readline())["ok"]  # the connection goes on
    writer.close()


async def test_a_request_that_never_ends_ends_the_connection(door: Door) -> None:
    reader, writer = await door.connect()
    writer.write(b"x" * (steering.MOST_REQUEST_OCTETS + 1))
    assert b"at most" in await reader.readline()
    assert await reader.read() == b""
    writer.close()


async def test_one_connection_too_many_is_closed(door: Door) -> None:
    pairs = [await door.connect() for _ in range(steering.MOST_CONNECTIONS)]
    for reader, writer in pairs:
        writer.write(b'{"verb":"echo"}\n')
        await reader.readline()
    reader, writer = await door.connect()
    assert await reader.read() == b""
    for _, one in (*pairs, (reader, writer)):
        one.close()


async def test_who_and_why_are_demanded_and_written(door: Door) -> None:
    name = {"name": "one"}
    for missing in ({"who": "kim"}, {"why": "night"}, {"who": " ", "why": " "}):
        answer = await door.ask(verb="change", arguments=name, **missing)
        assert "say who asks and why" in answer["error"]
    assert (await door.ask(verb="change", arguments=name, dry_run=True))["result"] == {"name": "one", "dry_run": True}
    assert (door.changed, door.audit()) == ([], [])
    assert (await door.ask(verb="change", arguments=name, who="kim", why="night"))["ok"]
    assert not (await door.ask(verb="change", arguments={}, who="kim", why="night"))["ok"]
    assert (await door.ask(verb="tune", arguments=name))["ok"]
    assert door.changed == ["one", "one"]
    assert [(one["verb"], one["who"], one["why"], one["ok"], one["uid"]) for one in door.audit()] == [
        ("change", "kim", "night", True, os.getuid()),
        ("change", "kim", "night", False, os.getuid()),
        ("tune", "", "", True, os.getuid()),
    ]


async def test_an_audit_that_cannot_be_written_is_told_and_the_verb_done(door: Door) -> None:
    (door.directory / FILE_NAME).mkdir()
    answer = await door.ask(verb="change", arguments={"name": "one"}, who="kim", why="the disk is full")
    assert answer["ok"]
    assert answer["audit"].startswith("not written")


async def test_what_an_earlier_process_left_is_no_hindrance(tmp_path: Path) -> None:
    first = Door(tmp_path)
    await first.steering.listen()
    second = Door(tmp_path)
    await second.steering.listen()
    assert (await second.ask(verb="echo"))["ok"]
    second.steering.close()
    first.steering.close()
    assert not (tmp_path / SOCKET_NAME).exists()


async def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        await Door(tmp_path / "nowhere").steering.listen()


@pytest.mark.parametrize(
    ("value", "fine"), [(1, True), (60, True), (0, False), (61, False), ("5", False), (None, False)]
)
def test_numbers_have_their_edges(value: object, fine: bool) -> None:
    asked = Asked({"verb": "trace", "arguments": {"minutes": value}}, 0, lambda _: None)
    if fine:
        assert asked.number("minutes", 1, 60) == value
    else:
        with pytest.raises(RefusedVerb, match="1 to 60"):
            asked.number("minutes", 1, 60)


async def test_another_door_says_who_it_let_in(tmp_path: Path) -> None:
    door = Door(tmp_path)
    answers: list[Result] = []
    request = {"verb": "change", "arguments": {"name": "x"}, "who": "kim", "why": "night"}
    door.steering.take(request, {"signed_in": "noc", "peer": "192.0.2.1"}, answers.append)
    door.steering.take({"verb": "echo"}, {"signed_in": "noc"}, answers.append)
    door.steering.take({"verb": "nothing"}, {"signed_in": "noc"}, answers.append)
    assert [one["ok"] for one in answers] == [True, True, False]
    assert answers[1]["result"]["uid"] == -1
    (entry,) = door.audit()
    assert (entry["signed_in"], entry["peer"], entry["who"], "uid" in entry) == ("noc", "192.0.2.1", "kim", False)
    assert door.steering.verb("nothing") is None
    assert door.steering.verb("tune") is not None
