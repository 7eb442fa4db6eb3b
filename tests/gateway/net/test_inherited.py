"""Sockets that were handed over, in a child whose descriptors are ours to number, and which address takes which."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.net.inherited import VARIABLES, Inherited, inherited

IPV6 = Path("/proc/net/if_inet6").exists()

# Hands descriptors to itself from 3 on, as systemd does, and tells what the gateway makes of them.
CHILD = """
import json, os, socket, sys
from gateway.net.inherited import inherited
sockets = []
for kind in sys.argv[2].split(","):
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    one.bind(("127.0.0.1", 0))
    if kind == "tcp":
        one.listen()
    sockets.append(one)
copies = [os.dup(one.fileno()) for one in sockets]
high = [os.open("/dev/null", os.O_RDONLY) for _ in range(20)]
kept = [os.dup2(one, 60 + place) for place, one in enumerate(copies)]
ports = [one.getsockname()[1] for one in sockets]
for place, one in enumerate(kept):
    os.dup2(one, 3 + place)
os.environ.update(LISTEN_FDS=sys.argv[1], LISTEN_PID=str(os.getpid()), LISTEN_FDNAMES="smpp:tls")
found = inherited()
told = {"found": len(found), "left": [name for name in os.environ if name.startswith("LISTEN_")]}
there = [3 + place for place in range(len(kept)) if os.path.exists(f"/proc/self/fd/{3 + place}")]
told["inheritable"] = [os.get_inheritable(one) for one in there]
told["taken"] = [one is not None for one in (found.take("127.0.0.1", port) for port in ports)]
told["again"] = [one is not None for one in (found.take("127.0.0.1", port) for port in ports)]
os.write(1, b"\\n" + json.dumps(told).encode() + b"\\n")
os._exit(0)
"""


def child(count: str, kinds: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, count, kinds], capture_output=True, text=True, timeout=30, check=True
    )
    told: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_sockets_are_taken_by_their_addresses_once_and_the_variables_are_gone() -> None:
    told = child("2", "tcp,tcp")
    assert told == {
        "found": 2,
        "left": [],
        "inheritable": [False, False],
        "taken": [True, True],
        "again": [False, False],
    }


def test_what_nobody_can_connect_to_is_closed() -> None:
    told = child("3", "udp,quiet,tcp")
    assert (told["found"], told["taken"]) == (1, [False, False, True])


def test_only_as_many_as_are_told() -> None:
    assert child("1", "tcp,tcp")["taken"] == [True, False]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"LISTEN_FDS": "1"},
        {"LISTEN_PID": "1", "LISTEN_FDS": "1"},
        {"LISTEN_PID": str(os.getpid())},
        {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "0"},
        {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "-1"},
        {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "one", "LISTEN_FDNAMES": "::::"},
    ],
)
def test_what_is_not_meant_for_this_process_is_nothing_and_goes_to_no_child(told: dict[str, str]) -> None:
    environ = {"PATH": "/bin", **told}
    assert len(inherited(environ)) == 0
    assert not environ.keys() & set(VARIABLES)
    assert environ == {"PATH": "/bin"}


def listening(host: str, *, both: bool = False) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    if family == socket.AF_INET6 and not IPV6:
        pytest.skip("this machine has no IPv6")
    return socket.create_server((host, 0), family=family, dualstack_ipv6=both)


@pytest.mark.parametrize(
    ("there", "both", "wanted", "fits"),
    [
        ("127.0.0.1", False, "127.0.0.1", True),
        ("127.0.0.1", False, "127.0.0.2", False),
        ("127.0.0.1", False, "0.0.0.0", False),
        ("0.0.0.0", False, "127.0.0.1", False),  # it would be open to more than was wanted
        ("0.0.0.0", False, "0.0.0.0", True),
        ("0.0.0.0", False, "::", False),
        ("127.0.0.1", False, "localhost", False),
        ("::", True, "0.0.0.0", True),
        ("::", True, "::", True),
        ("::", True, "0:0::0", True),
        ("::", False, "0.0.0.0", False),
        ("::", True, "::1", False),
    ],
)
def test_an_address_takes_what_serves_it_and_no_more(there: str, both: bool, wanted: str, fits: bool) -> None:
    with listening(there, both=both) as one:
        port = one.getsockname()[1]
        found = Inherited([("smpp", one)])
        assert found.take(wanted, port + 1 if port < 65_535 else 1) is None
        assert (found.take(wanted, port) is one) is fits
        assert len(found) == (not fits)


@pytest.mark.skipif(not IPV6, reason="this machine has no IPv6")
def test_the_exact_address_goes_before_one_that_serves_too() -> None:
    with listening("0.0.0.0") as exact, socket.socket(socket.AF_INET6) as other:
        port = exact.getsockname()[1]
        other.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        other.bind(("::", port))
        found = Inherited([("other", other), ("exact", exact)])
        assert found.take("0.0.0.0", port) is exact
        assert found.take("::", port) is other


def test_what_nobody_wants_is_closed() -> None:
    one = listening("127.0.0.1")
    found = Inherited([("smpp", one)])
    found.close_rest()
    assert len(found) == 0
    assert one.fileno() == -1
