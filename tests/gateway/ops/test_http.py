"""Pages over real sockets: asked well, asked badly, asked by too many, asked by somebody who says nothing."""

import asyncio
import contextlib
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable

import pytest

from gateway.ops import http
from gateway.ops.http import Answer, Pages

BROKEN = "a secret of ours"


class Served:
    """Three pages on a port of the kernel's choice."""

    def __init__(self) -> None:
        self.failures: list[Exception] = []
        self.asked = 0
        pages = {"/hello": self.hello, "/away": lambda: Answer(503, b"not now\n"), "/broken": self.broken}
        self.pages = Pages(pages, self.failures.append)
        self.host, self.port = "127.0.0.1", 0

    def hello(self) -> Answer:
        self.asked += 1
        return Answer(200, b"hello\n", "text/x-greeting")

    @staticmethod
    def broken() -> Answer:
        raise LookupError(BROKEN)

    async def raw(self, *pieces: bytes) -> bytes:
        """Send pieces, each on its own, and read to the end."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            return await reader.read()
        finally:
            writer.close()

    async def status(self, *pieces: bytes) -> int:
        return int((await self.raw(*pieces)).split(b" ", 2)[1])


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    one = Served()
    address = await one.pages.listen("127.0.0.1", 0)
    one.port = int(address.rpartition(":")[2])
    assert address == f"127.0.0.1:{one.port}"
    yield one
    one.pages.close()


async def test_a_foreign_client_reads_a_page(served: Served) -> None:
    def ask() -> tuple[int, str | None, bytes]:
        with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/hello?x=1", timeout=10) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()

    assert await asyncio.to_thread(ask) == (200, "text/x-greeting", b"hello\n")


async def test_a_foreign_client_reads_a_refusal(served: Served) -> None:
    def ask() -> tuple[int, bytes]:
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(f"http://127.0.0.1:{served.port}/away", timeout=10)
        with refusal.value:
            return refusal.value.code, refusal.value.read()

    assert await asyncio.to_thread(ask) == (503, b"not now\n")


async def test_an_answer_tells_its_length_and_ends_the_connection(served: Served) -> None:
    head, _, body = (await served.raw(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")).partition(b"\r\n\r\n")
    assert body == b"hello\n"
    assert b"\r\nContent-Length: 6\r\n" in head
    assert head.endswith(b"\r\nConnection: close")


async def test_head_gets_no_body(served: Served) -> None:
    head, _, body = (await served.raw(b"HEAD /hello HTTP/1.1\r\n\r\n")).partition(b"\r\n\r\n")
    assert body == b""
    assert b"\r\nContent-Length: 6" in head


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /nowhere HTTP/1.1\r\n\r\n", 404),
        (b"GET /hello/ HTTP/1.1\r\n\r\n", 404),
        (b"GET /../hello HTTP/1.1\r\n\r\n", 404),
        (b"POST /hello HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", 405),
        (b"get /hello HTTP/1.1\r\n\r\n", 405),
        (b"GET /hello\r\n\r\n", 400),
        (b"GET hello HTTP/1.1\r\n\r\n", 400),
        (b"GET /hello SMPP/3.4\r\n\r\n", 400),
        (b"\r\n\r\n", 400),
        (b"\x00\x00\x00\x10\x00\x00\x00\x15\n\n", 400),
        (b"\xff\xfe\n\n", 400),
        (b"GET /hello HTTP/1.1\nHost: x\n\n", 200),
        (b"GET /broken HTTP/1.1\r\n\r\n", 500),
        (b"GET /hello HTTP/1.1\r\nX: " + b"y" * (http.MOST_HEAD_OCTETS - 27) + b"\r\n\r\n", 431),
        (b"GET /hello HTTP/1.1\r\nX: " + b"y" * (http.MOST_HEAD_OCTETS - 28) + b"\r\n\r\n", 200),
        (b"x" * (http.MOST_HEAD_OCTETS + 1), 431),
    ],
)
async def test_every_request_gets_the_right_status(served: Served, request_: bytes, status: int) -> None:
    assert await served.status(request_) == status


async def test_a_request_may_come_octet_by_octet_and_only_the_first_is_answered(served: Served) -> None:
    request = b"GET /hello HTTP/1.1\r\n\r\n"
    assert await served.status(*(request[at : at + 1] for at in range(len(request)))) == 200
    assert (await served.raw(request * 3)).count(b"HTTP/1.1 200 OK") == 1
    assert served.asked == 2


async def test_what_breaks_a_page_is_told_to_us_and_not_to_the_peer(served: Served) -> None:
    assert BROKEN.encode() not in await served.raw(b"GET /broken HTTP/1.1\r\n\r\n")
    assert [str(failure) for failure in served.failures] == [BROKEN]


async def turns_until(done: Callable[[], bool]) -> None:
    """Let the loop turn until it is so; what the kernel has in hand takes a few turns."""
    for _ in range(100_000):
        if done():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never became so")


async def cut_off(reader: asyncio.StreamReader) -> bool:
    """Whether the other end closes without a word."""
    with contextlib.suppress(ConnectionResetError):
        return await asyncio.wait_for(reader.read(), 10) == b""
    return True


async def test_one_connection_too_many_is_closed_and_a_place_that_is_left_is_free(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MOST_CONNECTIONS", 2)
    held = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(2)]
    await turns_until(lambda: len(served.pages._connections) == 2)
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    assert await cut_off(reader)
    assert len(served.pages._connections) == 2
    for _, one in (*held, (reader, writer)):
        one.close()
    await turns_until(lambda: not served.pages._connections)
    assert await served.status(b"GET /hello HTTP/1.1\r\n\r\n") == 200


async def test_somebody_who_says_nothing_is_let_go(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "CONNECTION_SECONDS", 0.01)
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(b"GET /hello HTT")
    assert await cut_off(reader)
    writer.close()
    assert served.asked == 0


async def test_close_ends_what_is_open(served: Served) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    await turns_until(lambda: len(served.pages._connections) == 1)
    served.pages.close()
    assert await cut_off(reader)
    writer.close()
    with pytest.raises(OSError, match=r"refused|failed"):
        await asyncio.open_connection("127.0.0.1", served.port)


async def test_an_address_that_is_taken_is_said_so(served: Served) -> None:
    with pytest.raises(OSError, match="in use"):
        await Pages({}, served.failures.append).listen("127.0.0.1", served.port)


async def test_an_ipv6_address_is_told_in_brackets(served: Served) -> None:
    try:
        address = await served.pages.listen("::1", 0)
    except OSError:
        pytest.skip("no IPv6 here")
    assert address.startswith("[::1]:")
