"""The demo as a newcomer runs it: every message ends as expected, it stays up, and nothing stays behind."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from simulators import clock
from simulators.customer import Customer, Submission

ROOT = Path(__file__).parents[2]
FREE = ("--port", "0", "--carrier-port", "0", "--metrics-port", "0", "--page-port", "0")


@contextmanager
def demo(directory: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "gateway", "demo", *options]
    environment = os.environ | {"TMPDIR": str(directory)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def told(process: subprocess.Popen[str]) -> tuple[int, list[int]]:
    """Read until it is up. Return the gateway's port and the carriers'."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.startswith("Ctrl-C"):
            break
    gateway = re.search(r"port (\d+), system_id demo", said)
    assert gateway is not None, said
    page = re.search(r"^Status page: (http://127\.0\.0\.1:\d+/) \(its token: [\w-]{16}\)$", said, re.MULTILINE)
    assert page is not None, said
    with urlopen(page[1], timeout=10) as answer:
        assert answer.headers["Content-Language"] == "en"
    (carriers,) = re.findall(r"^Carriers: .*$", said, re.MULTILINE)
    return int(gateway[1]), [int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", carriers)]


def test_once_every_message_ends_as_expected(tmp_path: Path) -> None:
    with demo(tmp_path, "--once") as process:
        out, errors = process.communicate(timeout=50)
    assert (process.returncode, errors) == (0, ""), out + errors
    assert "18 messages, all as expected; 460.00 yen, tax excluded" in out
    assert re.search(r"09030000099 +au +ported numbers +134 +2 +2 +DELIVERED +20\.00\n", out)
    assert re.search(r"09030000013 +docomo +number block +71 +2 +2 +UNDELIVERABLE +0\.00\n", out)
    assert re.search(r"07099000001 +- +- +70 +0 +0 +REFUSED 0x0B +0\.00\n", out)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_stays_up_for_anybody_and_takes_everything_with_it(tmp_path: Path, number: signal.Signals) -> None:
    with demo(tmp_path, *FREE) as process:
        port, carriers = told(process)
        with Customer("127.0.0.1", port, "demo", "demo-pw", clock.monotonic) as customer:
            sent = customer.send(Submission("05012345678", "08050000777", "お問い合わせありがとうございます。"))
            assert customer.wait([sent], 20)
        assert [receipt.stat for receipt in sent.receipts] == ["DELIVRD"]
        links = [socket.create_connection(("127.0.0.1", one), timeout=20) for one in (port, *carriers)]
        assert len(links) == 5
        process.send_signal(number)
        for link in links:
            with link:
                assert _until_the_end(link)
        process.communicate(timeout=20)
    if number == signal.SIGKILL:
        assert process.returncode == -signal.SIGKILL
    else:
        assert process.returncode == 0
        assert list(tmp_path.iterdir()) == []


def _until_the_end(link: socket.socket) -> bool:
    """Read until the other side is gone."""
    try:
        while link.recv(4_096):
            pass
    except ConnectionResetError:
        pass
    return True
