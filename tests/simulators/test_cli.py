"""`smsc-simulator` as a process: the line `ready`, the end by signal, what a bad file gets."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from smpplib.client import Client

from simulators.config import read_config

ROOT = Path(__file__).parents[2]
CONFIG = """
smscs:
  docomo: {port: 0, system_id: gateway, password: pw}
  au: {port: 0, system_id: gateway, password: pw}
"""


@contextmanager
def simulator(config: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "simulators.cli", "--config", str(config), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


def written(directory: Path, text: str = CONFIG) -> Path:
    path = directory / "simulators.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_ends_well(tmp_path: Path, number: signal.Signals) -> None:
    with simulator(written(tmp_path), "--record", str(tmp_path / "seen")) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["event"] == "ready"
        assert list(ready["addresses"]) == ["docomo", "au"]
        clients = []
        for address in ready["addresses"].values():
            host, port = address.split(":")
            client = Client(host, port, allow_unknown_opt_params=True)
            client.connect()
            client.bind_transceiver(system_id="gateway", password="pw")
            clients.append(client)
        process.send_signal(number)
        assert process.communicate(timeout=10) == ("", "")
        assert process.returncode == 0
        for client in clients:
            client.disconnect()
    assert (tmp_path / "seen").read_bytes() == b""


def test_a_bad_file_is_exit_2_with_every_mistake(tmp_path: Path) -> None:
    bad = written(tmp_path, CONFIG.replace("port: 0", "port: none").replace("docomo", "DOCOMO"))
    with simulator(bad) as process:
        out, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert out == ""
    assert len(errors.splitlines()) == 3
    assert all(line.startswith(f"{bad}: smscs.") for line in errors.splitlines())


def test_a_taken_port_is_exit_1(tmp_path: Path) -> None:
    with simulator(written(tmp_path)) as first:
        assert first.stdout is not None
        port = json.loads(first.stdout.readline())["addresses"]["au"].split(":")[1]
        with simulator(written(tmp_path, CONFIG.replace("au: {port: 0", f"au: {{port: {port}"))) as second:
            out, errors = second.communicate(timeout=20)
    assert (second.returncode, out) == (1, "")
    assert errors.startswith(f"smsc-simulator: au: 127.0.0.1:{port}: ")


def test_the_example_is_sound() -> None:
    config = read_config(ROOT / "config" / "simulators.yaml")
    assert {name: (one.port, one.takes) for name, one in config.smscs.items()} == {
        "docomo": (27761, "udh16"),
        "au": (27762, "udh8"),
        "softbank": (27763, "payload"),
        "rakuten": (27764, "udh8"),
    }
