"""Listening sockets that a supervisor opened for us and keeps (systemd's socket units): sd_listen_fds(3).

While no gateway runs, the kernel queues who connects there; the next one answers them. Closing ours is no harm to that,
shutting it down would be.
"""

import os
import socket
from collections.abc import MutableMapping
from ipaddress import ip_address

import structlog

log = structlog.get_logger(room="listener")

FIRST = 3  # the first descriptor after stdin, stdout and stderr
MOST = 64
VARIABLES = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")


class Inherited:
    """Sockets that wait for a listener to take them, by their names in the socket unit."""

    def __init__(self, sockets: list[tuple[str, socket.socket]] | None = None) -> None:
        self._sockets = sockets or []

    def __len__(self) -> int:
        return len(self._sockets)

    def take(self, host: str, port: int) -> socket.socket | None:
        """The socket that listens at exactly this address, once; None: there is none.

        `[::]` serves for 0.0.0.0 too, where it takes IPv4. A host must be an address; names match nothing.
        """
        fits = [one for one in self._sockets if _serves(one[1], host, port)]
        if not fits:
            return None
        name, found = min(fits, key=lambda one: one[1].getsockname()[0] != host)
        self._sockets.remove((name, found))
        log.info("socket_inherited", name=name, listen=f"{host}:{port}")
        return found

    def close_rest(self) -> None:
        """Nobody wants them: the supervisor and the configuration do not agree, and who connects there would wait."""
        for name, one in self._sockets:
            log.warning("inherited_socket_unused", name=name, listen=_told(one))
            one.close()
        self._sockets.clear()


def inherited(environ: MutableMapping[str, str] = os.environ) -> Inherited:
    """What was handed to this process. Removes the variables, so that no child takes them for its own.

    Call it once. What is not handed to this very process, or no number, counts as nothing.
    """
    told_pid, told_count, told_names = (environ.pop(name, "") for name in VARIABLES)
    if told_pid != str(os.getpid()) or not told_count.isdecimal():
        return Inherited()
    names = told_names.split(":")
    found = []
    for place in range(min(int(told_count), MOST)):
        name = names[place] if place < len(names) and names[place] else "unknown"
        one = _socket(FIRST + place, name)
        if one is not None:
            found.append((name, one))
    return Inherited(found)


def _socket(descriptor: int, name: str) -> socket.socket | None:
    """None, told, and closed, when it is nothing that customers could connect to."""
    try:
        os.set_inheritable(descriptor, False)
        one = socket.socket(fileno=descriptor)
    except OSError as error:
        log.warning("inherited_socket_unusable", name=name, why=str(error))
        return None
    internet = one.family in {socket.AF_INET, socket.AF_INET6} and one.type == socket.SOCK_STREAM
    if not internet or not one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        log.warning("inherited_socket_unusable", name=name, why="it is no listening TCP socket")
        one.close()
        return None
    one.setblocking(False)
    return one


def _serves(one: socket.socket, host: str, port: int) -> bool:
    """Whether who connects to host:port connects to this socket, and nobody else does."""
    there, its_port = one.getsockname()[:2]
    if its_port != port:
        return False
    try:
        wanted, found = ip_address(host), ip_address(there)
    except ValueError:
        return False
    if wanted == found:
        return True
    both = one.family == socket.AF_INET6 and not one.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
    return both and wanted.is_unspecified and found.is_unspecified


def _told(one: socket.socket) -> str:
    host, port = one.getsockname()[:2]
    return f"{host}:{port}"
