"""Log lines are JSON, whole and in order; they hold no secret; a reader that stalls costs lines and never the loop."""

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from gateway import clock
from gateway.ops import logs

Lines = list[dict[str, Any]]


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Callable[[], Lines]]:
    """Everything logged so far, of level info and above."""
    with (tmp_path / "log").open("wb") as file:
        writer = logs.configure("info", file.fileno())

        def lines() -> Lines:
            writer.close()
            return [json.loads(line) for line in (tmp_path / "log").read_bytes().splitlines()]

        yield lines
        writer.close()


def mask(**event: object) -> Any:
    return logs.mask(None, "", event)


def test_a_line_has_time_level_room_and_event_first_and_then_what_was_said(logged: Callable[[], Lines]) -> None:
    structlog.get_logger(room="carriers").warning("carrier_gone", carrier="north", in_doubt=3)
    (line,) = logged()
    assert list(line) == ["time", "level", "room", "event", "carrier", "in_doubt"]
    assert line["event"] == "carrier_gone"
    assert (line["level"], line["room"], line["carrier"], line["in_doubt"]) == ("warning", "carriers", "north", 3)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])


@pytest.mark.parametrize(
    ("ms", "text"), [(0, "1970-01-01T00:00:00.000Z"), (1_767_193_199_999, "2025-12-31T14:59:59.999Z")]
)
def test_times_are_utc_with_milliseconds(
    ms: int, text: str, logged: Callable[[], Lines], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "wall_ms", lambda: ms)
    structlog.get_logger(room="here").info("now")
    assert logged()[0]["time"] == text


@pytest.mark.parametrize(("level", "heard"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_what_is_below_the_level_is_not_logged(level: str, heard: int, tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as file:
        writer = logs.configure(level, file.fileno())
        log = structlog.get_logger(room="here")
        log.debug("one")
        log.info("two")
        log.warning("three")
        log.error("four")
        writer.close()
    events = [json.loads(line)["event"] for line in (tmp_path / "log").read_bytes().splitlines()]
    assert events == ["one", "two", "three", "four"][4 - heard :]


def test_a_logger_made_before_is_configured_too(tmp_path: Path) -> None:
    log = structlog.get_logger(room="early")
    for name in ("first", "second"):
        with (tmp_path / name).open("wb") as file:
            writer = logs.configure("info", file.fileno())
            log.info(name)
            writer.close()
    assert [json.loads((tmp_path / name).read_bytes())["event"] for name in ("first", "second")] == ["first", "second"]


# What must not be seen ------------------------------------------------------------------------------------------------

TEXT = "保険料のお知らせ"


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "bind_password",
        "PASSWORD",
        "passwd",
        "secret",
        "token",
        "api_token",
        "authorization",
        "credential",
        "text",
        "short_message",
        "message_payload",
        "octets",
        "pdu",
        "body",
        "content",
        "other_octets",
    ],
)
@pytest.mark.parametrize("value", [TEXT, TEXT.encode("utf-16-be"), [TEXT], (TEXT,), {"a": TEXT}, {TEXT}])
def test_what_a_key_calls_a_secret_is_hidden(key: str, value: object) -> None:
    assert mask(**{key: value}) == {key: logs.HIDDEN}
    assert mask(outer={key: value, "count": 2}) == {"outer": {key: logs.HIDDEN, "count": 2}}


def test_how_long_a_text_is_may_be_told_and_a_password_of_digits_may_not() -> None:
    assert mask(octets=140, text=None) == {"octets": 140, "text": None}
    assert mask(password=12345678, token=1234) == {"password": logs.HIDDEN, "token": logs.HIDDEN}


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("destination_addr", "819012345678", "81901234****"),
        ("source_addr", b"0312345678", "031234****"),
        ("e164", 819012345678, "81901234****"),
        ("msisdn", "123", "***"),
        ("number", "", ""),
        ("numbers_number", ["819012345678", "818012345678"], ["81901234****", "81801234****"]),
        ("number", 3, 3),
        ("message_id", "0819012345678901", "0819012345678901"),
        ("carrier_id", "12345678901234567890", "12345678901234567890"),
    ],
)
def test_of_numbers_the_end_is_hidden_and_ids_stay_whole(key: str, value: object, shown: object) -> None:
    assert mask(**{key: value}) == {key: shown}


class Row(NamedTuple):
    message_id: int
    text: bytes
    e164: bytes


@dataclass
class Thing:
    password: str = "demo-pw"


def test_a_row_is_masked_by_its_columns_and_an_object_is_named_only(logged: Callable[[], Lines]) -> None:
    row = Row(7, TEXT.encode("utf-16-be"), b"819012345678")
    structlog.get_logger(room="here").info(
        "odd", row=row, rows=[row], thing=Thing(), path=Path("/a"), kind=logs.LineWriter
    )
    (line,) = logged()
    masked = {"message_id": 7, "text": logs.HIDDEN, "e164": "81901234****"}
    assert (line["row"], line["rows"], line["thing"]) == (masked, [masked], "<Thing>")
    assert (line["path"], line["kind"]) == ("/a", "<type>")


def test_an_exception_is_a_field_without_locals_and_without_what_it_quotes(logged: Callable[[], Lines]) -> None:
    def read(text: str, password: str) -> int:
        return int(text) + len(password)

    try:
        try:
            read(f"819012345678{TEXT}", "demo-pw")
        except ValueError as cause:
            raise KeyError("window") from cause
    except KeyError:
        structlog.get_logger(room="here").exception("task_failed")
    (line,) = logged()
    said = json.dumps(line, ensure_ascii=False)
    outer, inner = line["exception"]
    assert (outer["exc_type"], outer["exc_value"], inner["exc_type"]) == ("KeyError", "'window'", "ValueError")
    assert inner["exc_value"].startswith("invalid literal for int()")
    assert inner["frames"][-1]["name"] == "read"
    for secret in (TEXT, "5678", "demo-pw", '"locals"'):
        assert secret not in said


def test_an_exception_that_is_handed_over_is_told_too(logged: Callable[[], Lines]) -> None:
    structlog.get_logger(room="here").error("task_failed", exc_info=OSError("to 819012345678: 電話"))
    exception = logged()[0]["exception"][0]
    assert (exception["exc_type"], exception["exc_value"]) == ("OSError", "to 81901234****: [hidden]")


def test_nested_values_end_somewhere() -> None:
    deep: list[Any] = []
    deep.append(deep)
    assert "password" not in json.dumps(mask(round=deep))
    assert logs.HIDDEN in json.dumps(mask(round=deep))


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.builds(Thing)
    | st.builds(object),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.integers(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), anything, max_size=5))
def test_a_line_never_fails_and_is_one_line(event: dict[str, Any]) -> None:
    line = logs.render(None, "", logs.mask(None, "", event))
    assert b"\n" not in line
    assert isinstance(json.loads(line), dict)


@pytest.mark.parametrize("value", [2**64, -(2**80), "\ud83d", {2**70: "\udc00"}])
def test_what_json_writers_stumble_over_is_written(value: object) -> None:
    assert json.loads(logs.render(None, "", {"event": "odd", "value": value}))["event"] == "odd"


# Libraries ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "told"),
    [(logging.WARNING, "warning"), (logging.CRITICAL, "error"), (35, "warning"), (logging.ERROR, "error")],
)
def test_lines_of_libraries_become_ours(level: int, told: str, logged: Callable[[], Lines]) -> None:
    logging.getLogger("asyncio").log(level, "socket.send() to %s", "819012345678")
    (line,) = logged()
    assert (line["event"], line["room"], line["library"], line["level"]) == ("library", "library", "asyncio", told)
    assert line["why"] == "socket.send() to 81901234****"


def test_chatter_of_libraries_is_left_out(logged: Callable[[], Lines]) -> None:
    logging.getLogger("asyncio").info("Using selector: EpollSelector")
    assert logged() == []


# The thread that writes -----------------------------------------------------------------------------------------------


def test_lines_come_whole_and_in_order(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as file:
        writer = logs.LineWriter(file.fileno())
        for number in range(5_000):
            writer.write(b"%d\n" % number)
        writer.close()
    assert (tmp_path / "log").read_bytes().split() == [b"%d" % number for number in range(5_000)]
    assert writer.dropped == 0


@pytest.mark.parametrize("blocking", [True, False])
def test_a_reader_that_stalls_costs_lines_that_are_counted_and_told(blocking: bool) -> None:
    read, write = os.pipe()
    os.set_blocking(write, blocking)
    writer = logs.LineWriter(write, most_octets=300_000)
    line = b'{"event":"x","room":"' + b"y" * 977 + b'"}\n'
    sent = 2_000
    for _ in range(sent):
        writer.write(line)  # a pipe holds 64 KiB: this would not come to an end without the queue
    assert writer.dropped > 0
    early = writer.dropped
    with os.fdopen(read, "rb") as reader:
        heard = [reader.readline()]
        writer.write(b'{"event":"last"}\n')  # may be dropped as well
        while b"log_lines_dropped" not in heard[-1]:
            heard.append(reader.readline())
            writer.write(b'{"event":"again"}\n')
        told = json.loads(heard[-1])
        assert set(heard[:-1]) <= {line, b'{"event":"last"}\n', b'{"event":"again"}\n'}
        assert early <= told["count"] <= writer.dropped
        assert told["level"] == "warning"
        writer.close(0.0)
        os.set_blocking(read, False)
        while writer._thread.is_alive():
            reader.read(1 << 20)
    os.close(write)


def test_a_reader_that_is_gone_costs_lines_and_nothing_else() -> None:
    read, write = os.pipe()
    os.close(read)
    writer = logs.LineWriter(write)
    writer.write(b"1\n")
    writer.write(b"2\n")
    writer.close()
    assert writer.dropped == 2
    writer.write(b"too late\n")
    assert writer.dropped == 3
    os.close(write)


def test_the_end_does_not_wait_long_for_a_reader_that_stalls() -> None:
    read, write = os.pipe()
    writer = logs.LineWriter(write)
    writer.write(b"x" * (1 << 20) + b"\n")
    before = clock.monotonic()
    writer.close(0.05)
    assert clock.monotonic() - before < 5
    os.close(read)
    writer.close()
    os.close(write)


PROGRAM = """
import structlog
from gateway.ops import logs
logs.configure("info")
for number in range(3000):
    structlog.get_logger(room="program").info("turn", turn=number)
raise SystemExit(3)
"""


def test_what_is_queued_at_the_end_of_the_process_is_written() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, timeout=50, check=False)
    assert (done.returncode, done.stderr) == (3, b"")
    assert [json.loads(line)["turn"] for line in done.stdout.splitlines()] == list(range(3000))


def test_dropped_lines_are_counted_for_metrics(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as file:
        writer = logs.configure("info", file.fileno())
        assert logs.dropped() == 0
        writer.close()
        structlog.get_logger(room="here").info("too_late")
        assert logs.dropped() == 1


def test_a_room_may_say_more_or_less_than_the_others(logged: Callable[[], Lines]) -> None:
    more, less, other = (structlog.get_logger(room=room) for room in ("more", "less", "other"))
    logs.set_level("more", "debug")
    logs.set_level("less", "error")
    assert logs.levels() == {"less": "error", "more": "debug"}
    for one in (more, less, other):
        one.debug("detail")
        one.info("usual")
        one.error("bad")
    logs.set_level("more", None)
    logs.set_level("less", None)
    more.debug("never")
    less.info("again")
    told = [(line["room"], line["event"]) for line in logged()]
    assert told == [
        ("more", "detail"), ("more", "usual"), ("more", "bad"), ("less", "bad"),
        ("other", "usual"), ("other", "bad"), ("less", "again"),
    ]  # fmt: skip


@pytest.mark.usefixtures("logged")
def test_rooms_with_a_level_are_bounded_and_forgotten_by_a_new_start() -> None:
    for number in range(logs.MOST_ROOMS):
        logs.set_level(f"room_{number}", "debug")
    with pytest.raises(ValueError, match="take one back"):
        logs.set_level("one_more", "debug")
    logs.set_level("room_0", "error")  # one that is there may change
    logs.configure("info", os.open(os.devnull, os.O_WRONLY))
    assert logs.levels() == {}
