"""How the gateway and its store process talk: length-prefixed marshal over a socketpair of one program.

marshal reads values only (it runs nothing), and both ends are the same interpreter.
"""

import marshal
import struct
from typing import Any

LENGTH = struct.Struct(">I")

# Requests: ("write", rows) | ("query", name, arguments). Replies, in the order of the requests:
# ("durable", repeated records) | ("rows", rows); at any moment ("stuck", why) or ("archive", why, empty when all is
# well again), and as its last word ("failed", why).
WRITE, QUERY, DURABLE, ROWS, STUCK, ARCHIVE, FAILED = "write", "query", "durable", "rows", "stuck", "archive", "failed"


def pack(message: tuple[Any, ...]) -> bytes:
    """One framed message."""
    body = marshal.dumps(message)
    return LENGTH.pack(len(body)) + body


def unpack(buffer: bytearray) -> list[tuple[Any, ...]]:
    """Take all complete messages off the front of the buffer."""
    messages = []
    start = 0
    end = len(buffer)
    while end - start >= LENGTH.size:
        (length,) = LENGTH.unpack_from(buffer, start)
        if end - start - LENGTH.size < length:
            break
        start += LENGTH.size
        messages.append(marshal.loads(memoryview(buffer)[start : start + length]))  # noqa: S302 - our own child wrote it
        start += length
    del buffer[:start]
    return messages
