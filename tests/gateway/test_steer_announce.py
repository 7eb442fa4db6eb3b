"""Announcements and notices by hand: the verbs over a world with a real mail server, and the command line."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest_asyncio
from click.testing import CliRunner

from gateway.cli import main
from gateway.ops.steering import Asked
from gateway.steer_announce import AnnounceVerbs
from tests.gateway.flow.world import settings
from tests.gateway.net.post_office import PostOffice, post_office, until
from tests.gateway.noticed import Noticed, noticed, noticing
from tests.gateway.test_steer_cli import Answering, door  # noqa: F401 - a fixture

JA, EN = "配信基盤の更改作業を実施します。停止は10分です。", "The platform is upgraded. It stops for ten minutes."
HOUR_MS = 3_600_000


class Watch:
    """Who has the watch, and what is answered."""

    def __init__(self, one: Noticed, office: PostOffice) -> None:
        self.one, self.office = one, office
        self.verbs = AnnounceVerbs(one.world.flow, one.desk, one.tasks).verbs()
        self.now = one.world.clock.wall_ms()

    async def ask(self, verb: str, dry_run: bool = False, **arguments: Any) -> dict[str, Any]:
        """The whole answer."""
        answers: list[dict[str, Any]] = []
        asked = Asked({"verb": verb, "arguments": arguments, "dry_run": dry_run, "who": "kim"}, 0, answers.append)
        asked.judge(lambda: self.verbs[verb].run(asked))
        await until(lambda: bool(answers))
        self.one.world.pump()
        return answers[0]

    async def do(self, verb: str, **arguments: Any) -> dict[str, Any]:
        answer = await self.ask(verb, **arguments)
        assert answer["ok"], answer
        result: dict[str, Any] = answer["result"]
        return result

    async def refused(self, verb: str, **arguments: Any) -> str:
        answer = await self.ask(verb, **arguments)
        assert not answer["ok"], answer
        return str(answer["error"])


@pytest_asyncio.fixture
async def watch() -> AsyncIterator[Watch]:
    async with post_office() as office, noticed(noticing(office.port)) as one:
        yield Watch(one, office)


async def test_maintenance_is_announced_mailed_and_cancelled(watch: Watch) -> None:
    what = {"kind": "maintenance", "begins": watch.now + HOUR_MS, "ends": watch.now + 2 * HOUR_MS, "ja": JA, "en": EN}
    would = await watch.do("announce-add", dry_run=True, mail=True, **what)
    assert would["mailed"] == {"mail": 3}
    assert would["subjects"][-1] == "【メンテナンスのお知らせ】配信基盤の更改作業を実施します"
    assert (await watch.do("announce-list"))["announcements"] == []
    done = await watch.do("announce-add", mail=True, **what)
    assert done["announcement"]["id"] == "1"
    await watch.office.until(3)
    customers = [mail for mail in watch.office.mails if mail["To"] == "it@insurer.example.jp"]
    assert JA in customers[0].get_content()
    (listed,) = (await watch.do("announce-list"))["announcements"]
    assert (listed["kind"], listed["begins"]) == ("maintenance", "2026-11-24 10:16:40 JST")
    assert (await watch.do("announce-end", dry_run=True, id="1"))["is_mailed"] is True
    await watch.do("announce-end", id="1")
    await watch.office.until(6)
    assert sum(subject.startswith("【メンテナンス中止のお知らせ】") for subject in watch.office.subjects()) == 2
    assert "nothing of the id 1" in await watch.refused("announce-end", id="1")
    await watch.one.sent()


async def test_a_fault_without_mail_is_only_shown(watch: Watch) -> None:
    done = await watch.do("announce-add", kind="fault", ja=f"{JA}\r\n以上", en=EN, about="one")
    assert done["announcement"]["ja"] == f"{JA}\n以上"
    assert done["mailed"] == {}
    assert (await watch.do("announce-end", id="1"))["announcement"]["kind"] == "recovered"
    assert "nothing of the id 1" in await watch.refused("announce-end", id="1")
    assert watch.office.mails == []


async def test_what_cannot_be_is_said(watch: Watch) -> None:
    what = {"kind": "fault", "ja": JA, "en": EN}
    assert "fault or maintenance" in await watch.refused("announce-add", **what | {"kind": "party"})
    assert "there is no carrier nine" in await watch.refused("announce-add", **what, about="nine")
    assert "has an end" in await watch.refused("announce-add", **what | {"kind": "maintenance"})
    assert "needs ja" in await watch.refused("announce-add", kind="fault", en=EN)
    assert "ends must be" in await watch.refused("announce-add", **what, ends="tomorrow")


async def test_a_test_tells_for_everybody_what_happened(watch: Watch) -> None:
    assert len((await watch.do("notices-test", dry_run=True))["would_tell"]) == 2
    tests = (await watch.do("notices-test"))["tests"]
    assert [(one["way"], one["to"], one["result"]) for one in tests] == [
        ("mail", "day@example.jp", "sent"),
        ("mail", "night@example.jp", "sent"),
    ]
    assert "【テスト】通知の送信確認" in watch.office.subjects()
    watch.office.refuse = "550 who?"
    tests = (await watch.do("notices-test"))["tests"]
    assert {one["result"] for one in tests} == {"refused"}
    assert all("550 who?" in one["why"] for one in tests)
    watch.office.hang = True
    asked = Asked({"verb": "notices-test"}, 0, lambda _: None)
    watch.verbs["notices-test"].run(asked)
    assert "under way" in await watch.refused("notices-test")
    watch.office.release()
    await until(lambda: not any(task.get_name().startswith("notice test") for task in asyncio.all_tasks()))


async def test_status_tells_faults_and_ways(watch: Watch) -> None:
    watch.one.seconds(60)
    await watch.one.sent()
    status = await watch.do("notices-status")
    assert [(one["fault"], one["subject"]) for one in status["faults"]] == [
        ("CarrierDown", "one"),
        ("CarrierDown", "two"),
    ]
    assert status["ways"] == [
        {"way": "mail", "waiting": 0, "retries": 0, "sent": 4, "never": 0, "given_up": 0, "refused": 0}
    ]


async def test_a_gateway_that_tells_nobody_says_so() -> None:
    async with post_office() as office, noticed(settings()) as one:
        assert "nobody is told" in await Watch(one, office).refused("notices-test")


def test_the_commands_ask_the_socket(door: Answering) -> None:  # noqa: F811
    door.answer = {"ok": True, "result": {"dry_run": False, "announcement": {"id": "1"}}}
    words = ["--kind", "maintenance", "--ja", JA, "--en", EN, "--mail", "--why", "upgrade", "--yes", "--json"]
    times = ["--begins", "2026-12-01T02:00", "--ends", "2026-11-30T18:00:00+00:00"]
    result = door.run("announce", "add", *words, *times)
    assert orjson.loads(result.output)["announcement"] == {"id": "1"}
    (request,) = door.requests
    assert request["arguments"] == {
        "kind": "maintenance",
        "ja": JA,
        "en": EN,
        "mail": True,
        "begins": 1_796_058_000_000,
        "ends": 1_796_061_600_000,
    }
    door.answer = {"ok": True, "result": {"announcements": [{"id": "1", "kind": "fault", "ja": "障害"}]}}
    assert "障害" in door.run("announce", "list").output
    door.answer = {"ok": True, "result": {"dry_run": False}}
    door.run("announce", "end", "1", "--why", "done", "--yes")
    door.answer = {"ok": True, "result": {"tests": [{"way": "mail", "to": "a@b.jp", "result": "sent"}]}}
    assert "a@b.jp" in door.run("notices", "test").output
    door.answer = {"ok": True, "result": {"faults": [], "ways": []}}
    assert "faults" in door.run("notices", "status").output
    asked = [one["verb"] for one in door.requests]
    assert asked == ["announce-add", "announce-list", "announce-end", "notices-test", "notices-status"]


def test_a_change_needs_its_why() -> None:
    assert CliRunner().invoke(main, ["announce", "end", "1", "--state-directory", "."]).exit_code == 2
