"""Commands without a gateway: what they ask the socket, how they show and confirm it, and how they fail."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from gateway import steer_cli
from gateway.cli import main
from gateway.ops.steering import SOCKET_NAME, opened
from gateway.steer_cli import COMMANDS, GatewayUnreachable, ask


class Answering:
    """Somebody at the socket who notes each request and gives the same answer."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.requests: list[dict[str, Any]] = []
        self.answer: dict[str, Any] = {"ok": True, "result": {"dry_run": False, "of": ["carrier one"]}}
        self._listener = socket.socket(socket.AF_UNIX)
        with opened(directory) as descriptor:
            self._listener.bind(f"/proc/self/fd/{descriptor}/{SOCKET_NAME}")
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                one, _ = self._listener.accept()
            except OSError:
                return
            with one, one.makefile("rb") as lines:
                line = lines.readline()
                if not line:
                    return
                self.requests.append(orjson.loads(line))
                one.sendall(orjson.dumps(self.answer) + b"\n")

    def close(self) -> None:
        with opened(self.directory) as descriptor, socket.socket(socket.AF_UNIX) as last:
            last.connect(f"/proc/self/fd/{descriptor}/{SOCKET_NAME}")
        self._thread.join()
        self._listener.close()

    def run(self, *words: str, typed: str = "") -> Result:
        return CliRunner().invoke(main, [*words, "--state-directory", str(self.directory)], input=typed)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Answering]:
    one = Answering(tmp_path)
    yield one
    one.close()


def test_what_would_happen_is_shown_and_asked_about(door: Answering) -> None:
    no = door.run("hold", "carrier", "one", "--why", "night", typed="n\n")
    assert no.exit_code == 1
    assert "carrier one" in no.output
    assert [one["dry_run"] for one in door.requests] == [True]
    yes = door.run("hold", "carrier", "one", "--why", "night", "--who", "kim", typed="y\n")
    assert yes.exit_code == 0
    assert [one.get("dry_run", False) for one in door.requests] == [True, True, False]
    last = {"verb": "hold", "arguments": {"what": "carrier", "name": "one"}, "who": "kim", "why": "night"}
    assert door.requests[-1] == last


def test_who_is_sure_is_not_asked(door: Answering) -> None:
    assert door.run("drain", "all", "--why", "night", "--yes", "--json").exit_code == 0
    (request,) = door.requests
    assert (request["verb"], request["arguments"], bool(request["who"])) == ("drain", {"what": "all"}, True)


def test_a_dry_run_is_asked_once_and_shown(door: Answering) -> None:
    told = door.run("expire", "01be21b2f3e00000", "--customer", "shop", "--why", "x", "--dry-run", "--json")
    assert orjson.loads(told.output) == door.answer["result"]
    (request,) = door.requests
    assert request["arguments"] == {"id": "01be21b2f3e00000", "customer": "shop"}
    assert request["dry_run"]


def test_receipts_since_a_moment_in_utc(door: Answering) -> None:
    words = ("push-receipts", "--customer", "shop", "--since", "2026-11-25T03:00:00", "--why", "x", "--yes")
    assert door.run(*words).exit_code == 0
    assert door.requests[-1]["arguments"] == {"customer": "shop", "since": 1_795_575_600_000}


@pytest.mark.parametrize(
    "words",
    [
        ("hold", "carrier", "--why", "x"),
        ("hold", "all", "one", "--why", "x"),
        ("hold", "bind", "one", "--why", "x"),
        ("hold", "carrier", "one"),
        ("cancel", "--why", "x"),
        ("push-receipts", "--why", "x"),
        ("push-receipts", "01", "--customer", "shop", "--why", "x"),
        ("push-receipts", "--customer", "shop", "--why", "x"),
        ("pdu-trace", "one", "--minutes", "61"),
        ("log-level", "room", "loud"),
    ],
)
def test_a_wrong_use_asks_nobody(door: Answering, words: tuple[str, ...]) -> None:
    assert door.run(*words).exit_code == 2
    assert door.requests == []


def test_a_refusal_and_an_audit_that_failed_are_told(door: Answering) -> None:
    door.answer = {"ok": False, "error": "there is no carrier nine"}
    refused = door.run("hold", "carrier", "nine", "--why", "x", "--yes")
    assert (refused.exit_code, "there is no carrier nine" in refused.output) == (1, True)
    door.answer = {"ok": True, "result": {"levels": {}}, "audit": "not written: disk full"}
    assert "disk full" in door.run("log-level", "carriers", "debug").output


def test_no_gateway_is_told(tmp_path: Path) -> None:
    for words in (("status",), ("drain", "all", "--why", "x", "--yes")):
        result = CliRunner().invoke(main, [*words, "--state-directory", str(tmp_path)])
        assert (result.exit_code, "no gateway runs" in result.output) == (2, True)
    with socket.socket(socket.AF_UNIX) as gone, opened(tmp_path) as descriptor:
        gone.bind(f"/proc/self/fd/{descriptor}/{SOCKET_NAME}")
    with pytest.raises(GatewayUnreachable, match="has ended"):
        ask(tmp_path, {"verb": "status"})


def test_every_command_has_words_and_json() -> None:
    for command in COMMANDS:
        assert command.help
        assert {"--json", "--state-directory"} <= {name for one in command.params for name in one.opts}


@pytest.mark.parametrize("command", [["status"], ["trace", "00000025"]])
def test_on_a_host_where_it_is_installed_nobody_needs_to_say_where(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SMPP_GATEWAY_STATE", raising=False)
    monkeypatch.setattr(steer_cli, "INSTALLED", tmp_path / "nowhere")
    result = CliRunner().invoke(main, command)
    assert (result.exit_code, "--state-directory" in result.output) == (2, True)
    monkeypatch.setattr(steer_cli, "INSTALLED", tmp_path)
    result = CliRunner().invoke(main, command)
    assert result.exit_code != 0  # no gateway, no store; but it was looked for there
    assert "--state-directory" not in result.output
