"""The server over real sockets: other hosts and sites, too much, too many, and what fails."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from gateway.page import server
from gateway.page.server import MOST_BODY_OCTETS, Server


class Served:
    """An echo, and a page that is broken."""

    def __init__(self) -> None:
        self.failures: list[Exception] = []
        routes = [web.get("/", self.hello), web.post("/", self.hello), web.get("/broken", self.broken)]
        self.server = Server(routes, ("noc.example",), self.failures.append)
        self.port = 0

    async def hello(self, request: web.Request) -> web.Response:
        return web.Response(text=f"{len(await request.read())}\n")

    async def broken(self, request: web.Request) -> web.Response:
        raise LookupError("a secret of ours")

    async def ask(self, head: str, body: bytes = b"") -> tuple[int, str]:
        """Status, and everything that was answered."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(head.replace("\n", "\r\n").encode() + b"Connection: close\r\n\r\n" + body)
        answer = (await reader.read()).decode()
        writer.close()
        return int(answer.split(" ", 2)[1]) if answer else 0, answer


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    one = Served()
    address = await one.server.listen("127.0.0.1", 0)
    one.port = int(address.rpartition(":")[2])
    yield one
    await one.server.close()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:9276", "localhost", "LOCALHOST:1", "[::1]:9276", "10.1.2.3", "noc.example:443"]
)
async def test_hosts_of_ours_are_answered(served: Served, host: str) -> None:
    assert (await served.ask(f"GET / HTTP/1.1\nHost: {host}\n"))[0] == 200


@pytest.mark.parametrize("host", ["evil.example", "noc.example.evil.example", "127.0.0.1.evil.example", "a b", "[x]"])
async def test_other_hosts_are_not(served: Served, host: str) -> None:
    assert (await served.ask(f"GET / HTTP/1.1\nHost: {host}\n"))[0] in {400, 421}


async def test_a_request_without_a_host_is_not(served: Served) -> None:
    assert (await served.ask("GET / HTTP/1.0\n"))[0] == 421


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Origin: http://localhost:1", 200),
        ("Origin: https://localhost:1", 200),
        ("Origin: http://localhost:2", 403),
        ("Origin: http://evil.example", 403),
        ("Origin: null", 403),
        ("Sec-Fetch-Site: same-origin", 200),
        ("Sec-Fetch-Site: none", 200),
        ("Sec-Fetch-Site: same-site", 403),
        ("Sec-Fetch-Site: cross-site", 403),
        ("X-Nothing: said", 200),
    ],
)
async def test_what_changes_something_comes_from_us_or_from_a_program(served: Served, header: str, status: int) -> None:
    assert (await served.ask(f"POST / HTTP/1.1\nHost: localhost:1\nContent-Length: 0\n{header}\n"))[0] == status


async def test_every_answer_keeps_browsers_from_loading_anything_elsewhere(served: Served) -> None:
    for path in ("/", "/broken", "/nowhere"):
        _, answer = await served.ask(f"GET {path} HTTP/1.1\nHost: localhost\n")
        assert "default-src 'none'" in answer
        assert "unsafe-inline" not in answer
        assert "\r\nX-Content-Type-Options: nosniff\r\n" in answer
        assert "\r\nCache-Control: no-store\r\n" in answer
        assert "access-control-allow" not in answer.lower()
        assert "aiohttp" not in answer


async def test_a_bug_is_told_to_us_and_not_to_the_peer(served: Served) -> None:
    status, answer = await served.ask("GET /broken HTTP/1.1\nHost: localhost\n")
    assert (status, "secret" in answer) == (500, False)
    assert [str(one) for one in served.failures] == ["a secret of ours"]


async def test_methods_paths_and_sizes_that_are_not_taken(served: Served) -> None:
    status, answer = await served.ask("DELETE / HTTP/1.1\nHost: localhost\n")
    assert (status, "\r\nAllow: " in answer) == (405, True)
    assert (await served.ask("GET /nowhere HTTP/1.1\nHost: localhost\n"))[0] == 404
    assert (await served.ask(f"GET /{'x' * 5_000} HTTP/1.1\nHost: localhost\n"))[0] == 400
    assert (await served.ask("nonsense\n"))[0] == 400
    for octets, expected in ((MOST_BODY_OCTETS, 200), (MOST_BODY_OCTETS + 1, 413)):
        head = f"POST / HTTP/1.1\nHost: localhost\nContent-Length: {octets}\n"
        assert (await served.ask(head, bytes(octets)))[0] == expected


async def test_one_connection_too_many_is_closed(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 1)
    _, writer = await asyncio.open_connection("127.0.0.1", served.port)
    reader, second = await asyncio.open_connection("127.0.0.1", served.port)
    assert await reader.read() == b""
    second.close()
    writer.close()


async def test_who_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "CONNECTION_SECONDS", 0.01)
    one = Served()
    one.port = int((await one.server.listen("127.0.0.1", 0)).rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", one.port)
    writer.write(b"GET / HT")
    assert await reader.read() == b""
    writer.close()
    await one.server.close()


async def test_after_close_nobody_answers(served: Served) -> None:
    await served.server.close()
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await served.ask("GET / HTTP/1.1\nHost: localhost\n")
