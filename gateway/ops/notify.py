"""Tells systemd how the gateway is (sd_notify). Does nothing where nobody asked: without NOTIFY_SOCKET."""

import contextlib
import os
import socket
from collections.abc import Mapping

from gateway import clock

# systemd reads at once or is in trouble of its own. The loop waits so long for the words that are said once, and not at
# all for the watchdog's, which is said again.
WAIT_SECONDS = 0.5


def ready() -> None:
    """The sockets are open; also the end of what `reloading` began."""
    _tell("READY=1")


def stopping(needs_seconds: float = 0.0) -> None:
    """The drain has begun, and may need so long: systemd waits for that where its own limit is shorter."""
    _tell(f"STOPPING=1\n{_extension(needs_seconds)}" if needs_seconds else "STOPPING=1")


def loading(needs_seconds: float) -> None:
    """Not ready yet, and not stuck either: the next word comes within so many seconds."""
    _tell(_extension(needs_seconds), wait_seconds=0.0)


def reloading() -> None:
    """The configuration is being read again."""
    _tell(f"RELOADING=1\nMONOTONIC_USEC={int(clock.monotonic() * 1_000_000)}")


def status(words: str) -> None:
    """One line for `systemctl status`."""
    _tell(f"STATUS={words}", wait_seconds=0.0)


def watchdog() -> None:
    """The loop turns."""
    _tell("WATCHDOG=1", wait_seconds=0.0)


def watchdog_seconds(environ: Mapping[str, str] = os.environ) -> float | None:
    """How long systemd waits for `watchdog` before it kills this process; None: it does not wait for this one's."""
    told, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not told.isdecimal() or int(told) == 0 or (pid and pid != str(os.getpid())):
        return None
    return int(told) / 1_000_000


def _extension(seconds: float) -> str:
    return f"EXTEND_TIMEOUT_USEC={int(seconds * 1_000_000)}"


def _tell(state: str, wait_seconds: float = WAIT_SECONDS) -> None:
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # the abstract namespace
        address = "\0" + address[1:]
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagrams:
        datagrams.settimeout(wait_seconds)
        datagrams.sendto(state.encode("ascii"), address)
