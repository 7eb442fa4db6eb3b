"""The demo's words; tests/end_to_end/test_demo.py plays it."""

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulators import demo
from simulators.samples import SAMPLES
from simulators.verdict import Result

GOOD = Result(SAMPLES[0], "docomo", "number block", 70, 1, 1, "DELIVERED", 1_050, ())
BAD = Result(SAMPLES[-1], "", "", 70, 0, 0, "REFUSED 0x0A", 0, ("answered 0x0A, not 0x0B",))


def test_a_row_shows_yen_and_sen_and_what_is_not_known() -> None:
    assert demo._cells(GOOD)[2:] == ("docomo", "number block", "70", "1", "1", "DELIVERED", "10.50")
    assert demo._cells(BAD)[2:4] == ("-", "-")
    assert len(demo._cells(BAD)) == len(demo.HEADS)


def test_the_sum_says_how_many_are_as_expected() -> None:
    assert demo._sum([GOOD, GOOD]) == "2 messages, all as expected; 21.00 yen, tax excluded"
    assert demo._sum([GOOD, BAD]) == "2 messages, 1 as expected; 10.50 yen, tax excluded"


def test_a_number_to_try_for_each_carrier() -> None:
    assert demo._numbers().count("(") == 4
    assert "09030000001 (docomo)" in demo._numbers()


def test_a_taken_port_is_told_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(demo.main, ["--once", "--port", str(port)])
    assert result.exit_code == 1
    assert f"gateway (--port): port {port} can't be had: Address already in use" in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "option", [("--port", "65536"), ("--carrier-port", "65501"), ("--metrics-port", "-1"), ("--page-port", "x")]
)
def test_ports_are_ports(option: tuple[str, str]) -> None:
    assert CliRunner().invoke(demo.main, option).exit_code == 2
