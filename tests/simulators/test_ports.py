import socket

from simulators.ports import FIRST, HOST, LAST, free_port


def test_it_is_free_and_none_that_the_kernel_gives_to_clients() -> None:
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:  # noqa: PTH123 - one line of proc
        first, _ = map(int, file.read().split())
    for _ in range(20):
        port = free_port()
        assert FIRST <= port <= LAST < first
        with socket.create_server((HOST, port)):
            pass
