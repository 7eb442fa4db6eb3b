"""A port to listen on that nobody takes meanwhile.

Below the range from which the kernel takes ports for outgoing connections: a port of that range may be taken between
two lives of a server, even by a client that dials it (it then connects to itself).
"""

import secrets
import socket

FIRST, LAST = 20_000, 31_999
HOST = "127.0.0.1"


def free_port() -> int:
    """One that nobody has at the moment. OSError when it finds none."""
    for _ in range(1_000):
        port = FIRST + secrets.randbelow(LAST - FIRST + 1)
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind((HOST, port))
            except OSError:
                continue
            return port
    raise OSError("no port is free")
