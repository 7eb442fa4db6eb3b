"""`smsc-simulator` as a process: the line `ready`, the end by signal, what a bad file gets."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from smpplib.client import Client

from simulators.chaos import Plan, Trouble
from simulators.characters import Character
from simulators.config import read_config
from simulators.sections import read_section

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


@contextmanager
def proxy(*words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "simulators.cli", "proxy", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_proxy_stands_between(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("troubles: [{kind: split, octets: [1, 9]}]", encoding="utf-8")
    with simulator(written(tmp_path)) as process:
        assert process.stdout is not None
        to = json.loads(process.stdout.readline())["addresses"]["au"]
        with proxy("--listen", "127.0.0.1:0", "--to", to, "--plan", str(plan)) as between:
            assert between.stdout is not None
            host, port = json.loads(between.stdout.readline())["addresses"]["proxy"].split(":")
            client = Client(host, port, allow_unknown_opt_params=True)
            client.connect()
            client.bind_transceiver(system_id="gateway", password="pw")
            client.unbind()
            client.disconnect()
            between.send_signal(signal.SIGTERM)
            assert between.communicate(timeout=10) == ("", "")
            assert between.returncode == 0


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ("--listen 127.0.0.1 --to 127.0.0.1:1 --plan PLAN", 2, "is no host:port"),
        ("--listen 127.0.0.1:70000 --to 127.0.0.1:1 --plan PLAN", 2, "is no host:port"),
        ("--listen 127.0.0.1:0 --to 127.0.0.1:1 --plan NONE", 2, "No such file"),
        ("--listen 192.0.2.1:0 --to 127.0.0.1:1 --plan PLAN", 1, "smsc-simulator: "),
    ],
)
def test_a_proxy_that_cannot_be(tmp_path: Path, words: str, code: int, told: str) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("{}", encoding="utf-8")
    with proxy(*words.replace("PLAN", str(plan)).replace("NONE", str(tmp_path / "none")).split()) as process:
        _, errors = process.communicate(timeout=20)
    assert process.returncode == code
    assert told in errors


EXAMPLES = sorted((ROOT / "simulators" / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_is_sound(path: Path) -> None:
    if path.name == "bad-network.yaml":
        assert read_section(path, Plan).troubles
    else:
        assert any(one.characters or one.phones for one in read_config(path).smscs.values())


def test_the_examples_show_every_character_and_every_trouble() -> None:
    kinds: set[str] = set()
    for path in EXAMPLES:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        kinds |= {one["kind"] for one in content.get("troubles", ())}
        kinds |= {one["kind"] for smsc in content.get("smscs", {}).values() for one in smsc.get("characters", ())}
    known = {kind.model_fields["kind"].annotation.__args__[0] for kind in (*_members(Character), *_members(Trouble))}
    assert kinds == known


def _members(union: Any) -> Any:
    return union.__args__[0].__args__
