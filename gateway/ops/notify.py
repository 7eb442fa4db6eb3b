"""Tells systemd how the gateway is (sd_notify). Does nothing where nobody asked: without NOTIFY_SOCKET."""

import contextlib
import os
import socket

from gateway import clock

# systemd reads at once or is in trouble of its own. The loop waits so long for the words that are said once, and not at
# all for the watchdog's, which is said again.
WAIT_SECONDS = 0.5


def ready() -> None:
    """The sockets are open; also the end of what `reloading` began."""
    _tell("READY=1")


def stopping() -> None:
    """The drain has begun."""
    _tell("STOPPING=1")


def reloading() -> None:
    """The configuration is being read again."""
    _tell(f"RELOADING=1\nMONOTONIC_USEC={int(clock.monotonic() * 1_000_000)}")


def watchdog() -> None:
    """The loop turns."""
    _tell("WATCHDOG=1", wait_seconds=0.0)


def _tell(state: str, wait_seconds: float = WAIT_SECONDS) -> None:
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # the abstract namespace
        address = "\0" + address[1:]
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagrams:
        datagrams.settimeout(wait_seconds)
        datagrams.sendto(state.encode("ascii"), address)
