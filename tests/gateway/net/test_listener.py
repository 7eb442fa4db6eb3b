"""Addresses that are opened, and told as they are."""

import asyncio
import socket
from ipaddress import ip_network

import pytest

from gateway.clock import monotonic
from gateway.net.listener import BACKLOG, FILES_OF_OUR_OWN, Crowd, Listener, most_connections
from gateway.net.turn import Turn
from tests.gateway.net.house import House, rest_of


def listener() -> Listener:
    def no_link(*_: object) -> None:
        raise AssertionError("nobody connects")

    turn = Turn(asyncio.get_running_loop(), lambda: None)
    return Listener(turn, monotonic, no_link, Crowd(1))  # type: ignore[arg-type]


async def test_the_kernels_port_is_told() -> None:
    one = listener()
    host, port = (await one.listen("127.0.0.1", 0)).split(":")
    assert host == "127.0.0.1"
    assert int(port) > 0
    one.stop_accepting()


async def test_a_port_in_use_is_an_error() -> None:
    one = listener()
    port = int((await one.listen("127.0.0.1", 0)).split(":")[1])
    with pytest.raises(OSError, match="in use"):
        await listener().listen("127.0.0.1", port)
    one.stop_accepting()


async def test_nobody_connects_after_it_stopped() -> None:
    one = listener()
    port = int((await one.listen("127.0.0.1", 0)).split(":")[1])
    one.stop_accepting()
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await asyncio.open_connection("127.0.0.1", port)


async def test_an_inherited_socket_goes_on_taking_who_connects_after_it_stopped() -> None:
    with socket.create_server(("127.0.0.1", 0)) as kept:
        port = kept.getsockname()[1]
        house = House(Crowd(10))
        handed_over = kept.dup()
        handed_over.setblocking(False)
        assert await house.listener.listen("127.0.0.1", 1, inherited=handed_over) == f"127.0.0.1:{port}"
        house.port = port
        await house.bound()
        await house.close()
        assert handed_over.fileno() == -1
        _, waiting = await asyncio.open_connection("127.0.0.1", port)  # not refused: the kernel's queue has it
        kept.setblocking(False)
        accepted, _ = await asyncio.get_running_loop().sock_accept(kept)
        accepted.close()
        waiting.close()


@pytest.mark.parametrize(
    ("wanted", "open_files", "most"),
    [
        (10_000, 65_536, 10_000),
        (10_000, 10_000 + FILES_OF_OUR_OWN + BACKLOG, 10_000),
        (10_000, 9_999 + FILES_OF_OUR_OWN + BACKLOG, 9_999),
        (10_000, 1_024, 640),
        (100, 1_024, 100),
        (100, 64, 1),
    ],
)
def test_connections_are_fewer_than_open_files(wanted: int, open_files: int, most: int) -> None:
    assert most_connections(wanted, open_files) == most


async def test_when_it_is_full_who_has_not_bound_makes_room() -> None:
    house = House(Crowd(3))
    await house.open()
    bound = [await house.bound() for _ in range(2)]
    idle_reader, idle_writer = await house.connect()
    await house.made.wait()
    newcomer = await house.bound()
    assert await rest_of(idle_reader) == b""
    assert house.listener.turned_away == 1
    reader, writer = await house.connect()  # all are bound now
    assert await rest_of(reader) == b""
    assert house.listener.turned_away == 2
    for _, one in (*bound, newcomer, (reader, writer), (idle_reader, idle_writer)):
        one.close()
    await house.close()


async def test_no_more_from_one_address_than_it_may_have() -> None:
    house = House(Crowd(10, 2))
    await house.open()
    bound = [await house.bound("127.0.0.2") for _ in range(2)]
    reader, writer = await house.connect("127.0.0.2")
    assert await rest_of(reader) == b""
    bound.append(await house.bound("127.0.0.3"))
    (gone, *_) = house.links
    bound[0][1].close()
    await gone.ended
    bound.append(await house.bound("127.0.0.2"))
    assert house.listener.turned_away == 1
    for _, one in (*bound, (reader, writer)):
        one.close()
    for link in house.links:
        if not link.ended.done():
            await link.ended
    assert not house.listener._of_address
    assert not house.listener._unbound
    await house.close()


async def test_every_connection_is_in_one_part_of_a_tick() -> None:
    house = House(Crowd(30))
    await house.open()
    peers = [await house.bound(f"127.0.0.{number}") for number in range(1, 14)]
    ticked: list[float] = []
    for part in range(5):
        house.listener.tick(float(part), part, 5)
        ticked.append(len(house.listener._snapshot[part::5]))
    assert sum(ticked) == len(peers)
    assert max(ticked) - min(ticked) <= 1
    for _, one in peers:
        one.close()
    await house.close()


async def test_who_is_not_allowed_is_closed_before_a_session_begins() -> None:
    house = House(Crowd(10))
    address = await house.listener.listen("127.0.0.1", 0, allow_from=(ip_network("127.0.0.2"), ip_network("::1")))
    house.port = int(address.rsplit(":", 1)[1])
    reader, _ = await house.connect("127.0.0.3")
    assert await rest_of(reader) == b""
    assert (house.links, house.listener.refused, house.listener.turned_away) == ([], 1, 0)
    await house.bound("127.0.0.2")
    assert len(house.links) == 1
    await house.close()


async def test_an_empty_list_allows_nobody() -> None:
    house = House(Crowd(10))
    address = await house.listener.listen("127.0.0.1", 0, allow_from=())
    house.port = int(address.rsplit(":", 1)[1])
    reader, _ = await house.connect()
    assert await rest_of(reader) == b""
    assert house.listener.refused == 1
    await house.close()
