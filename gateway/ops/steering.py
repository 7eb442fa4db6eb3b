"""The operator's door: a unix socket in the state directory that only the gateway's own user (and root) can open.

JSON lines: a request, then its reply, one at a time on a connection. What a verb does is told by whoever opens this.
Request: {"verb", "arguments", "dry_run", "who", "why"}. Reply: {"ok": true, "result"} or {"ok": false, "error"}.
"""

import asyncio
import os
import socket
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, cast

import orjson
import structlog

from gateway.ops.audit_log import AuditLog

log = structlog.get_logger(room="steering")

SOCKET_NAME = "steering.sock"
MOST_CONNECTIONS = 16
MOST_REQUEST_OCTETS = 16_384
IDLE_SECONDS = 120.0  # from connecting to the end, whatever was asked
MOST_WHO, MOST_WHY = 64, 500  # characters
NOBODY = -1  # the uid of who comes over HTTP
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid

Result: TypeAlias = dict[str, Any]


class RefusedVerb(Exception):
    """What was asked cannot be done; the sentence is for who asked."""


class Asked:
    """One request of an operator; it is answered once."""

    def __init__(self, request: Mapping[str, Any], uid: int, reply: Callable[[Result], None]) -> None:
        arguments = request.get("arguments") or {}
        self.verb = str(request.get("verb"))
        self.arguments: dict[str, Any] = arguments if isinstance(arguments, dict) else {}
        self.dry_run = request.get("dry_run") is True
        self.who = str(request.get("who") or "")[:MOST_WHO]
        self.why = str(request.get("why") or "")[:MOST_WHY]
        self.uid = uid
        self._reply = reply

    def word(self, name: str) -> str:
        """An argument. RefusedVerb when it is not given."""
        value = self.optional(name)
        if value is None:
            raise RefusedVerb(f"{self.verb} needs {name}")
        return value

    def optional(self, name: str) -> str | None:
        """An argument, or None. RefusedVerb when it is no word."""
        value = self.arguments.get(name)
        if value is not None and not (isinstance(value, str) and value):
            raise RefusedVerb(f"{name} must be a word")
        return value

    def number(self, name: str, least: int, most: int) -> int:
        """An argument. RefusedVerb when it is not within."""
        value = self.arguments.get(name)
        if not isinstance(value, int) or not least <= value <= most:
            raise RefusedVerb(f"{name} must be {least} to {most}")
        return value

    def answer(self, result: Result) -> None:
        """It was done, or is known."""
        self._reply({"ok": True, "result": result})

    def refuse(self, why: str) -> None:
        """It was not."""
        self._reply({"ok": False, "error": why})

    def judge(self, work: Callable[[], Result | None]) -> None:
        """Do it now and answer; None: the answer comes later. Whatever it raises stays here."""
        try:
            result = work()
        except RefusedVerb as refused:
            self.refuse(str(refused))
        except Exception:
            log.exception("verb_failed", verb=self.verb)
            self.refuse("a bug of ours; the log says more")
        else:
            if result is not None:
                self.answer(result)


class Verb(NamedTuple):
    """`run` returns the result, or None and answers later. What `changes` something is audited.

    What touches `traffic` must say why.
    """

    run: Callable[[Asked], Result | None]
    changes: bool = False
    traffic: bool = False


class Steering:
    """The socket. Opens nothing until `listen`."""

    def __init__(self, directory: Path, verbs: Mapping[str, Verb], audit: AuditLog) -> None:
        self._path = directory / SOCKET_NAME
        self._verbs = verbs
        self._audit = audit
        self._server: asyncio.Server | None = None
        self._exchanges: set[_Exchange] = set()

    async def listen(self) -> None:
        """Open it. OSError. What an earlier process left is removed: the state directory is ours alone."""
        self._path.unlink(missing_ok=True)
        one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            with opened(self._path.parent) as directory:
                one.bind(f"/proc/self/fd/{directory}/{SOCKET_NAME}")
            self._path.chmod(0o600)  # before it listens
            self._server = await asyncio.get_running_loop().create_unix_server(lambda: _Exchange(self), sock=one)
        except BaseException:
            one.close()
            raise

    def close(self) -> None:
        """Nobody is heard any more."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)
        for exchange in tuple(self._exchanges):
            exchange.abort()

    def enter(self, exchange: "_Exchange") -> bool:
        """A connection came. False when it is one too many."""
        if len(self._exchanges) >= MOST_CONNECTIONS:
            return False
        self._exchanges.add(exchange)
        return True

    def leave(self, exchange: "_Exchange") -> None:
        """It is gone."""
        self._exchanges.discard(exchange)

    def ask(self, line: bytes, uid: int, reply: Callable[[Result], None]) -> None:
        """One request. `reply` is called once, now or later."""
        try:
            request = orjson.loads(line)
        except orjson.JSONDecodeError:
            request = None
        if not isinstance(request, dict):
            reply({"ok": False, "error": "a request is one JSON object in a line"})
            return
        self.take(request, {"uid": uid}, reply)

    def verb(self, name: str) -> Verb | None:
        """The verb of this name."""
        return self._verbs.get(name)

    def take(self, request: Mapping[str, Any], asker: Mapping[str, Any], reply: Callable[[Result], None]) -> None:
        """One request, through whichever door. `asker` is who was let in, for the audit log; `uid` where it is known.

        `reply` is called once, now or later.
        """
        verb = self._verbs.get(str(request.get("verb")))
        if verb is None:
            reply({"ok": False, "error": f"there is no such verb; there are {', '.join(self._verbs)}"})
            return
        uid = int(asker.get("uid", NOBODY))
        asked = Asked(request, uid, self._audited(request, asker, reply) if verb.changes else reply)
        if verb.traffic and not asked.dry_run and not (asked.why.strip() and asked.who.strip()):
            reply({"ok": False, "error": f"{asked.verb} changes traffic: say who asks and why"})
            return
        asked.judge(lambda: verb.run(asked))

    def _audited(
        self, request: Mapping[str, Any], asker: Mapping[str, Any], reply: Callable[[Result], None]
    ) -> Callable[[Result], None]:
        """The same reply, noted first. Dry runs change nothing and are not noted."""
        asked = Asked(request, int(asker.get("uid", NOBODY)), reply)

        def note(answer: Result) -> None:
            if not asked.dry_run:
                said = {"ok": answer["ok"], "result": answer.get("result", answer.get("error"))}
                entry = {**asker, "who": asked.who, "why": asked.why, "verb": asked.verb}
                failure = self._audit.write(entry | {"arguments": asked.arguments} | said)
                if failure:
                    answer["audit"] = f"not written: {failure}"
            reply(answer)

        return note


class opened:  # noqa: N801 - it reads as a word
    """A directory's descriptor for a while: names of sockets are short, paths may be long."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def __enter__(self) -> int:
        self._descriptor = os.open(self._path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        return self._descriptor

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


class _Exchange(asyncio.Protocol):
    """One connection."""

    def __init__(self, steering: Steering) -> None:
        self._steering = steering
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._busy = False  # the answer to a request is not here yet
        self._asking = False
        self._uid = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls it."""
        self._transport = cast("asyncio.Transport", transport)
        if not self._steering.enter(self):
            self._transport.abort()
            return
        self._uid = _uid_of(transport.get_extra_info("socket").fileno())
        self._timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, self.abort)

    def data_received(self, data: bytes) -> None:
        """asyncio calls it."""
        self._buffer += data
        self._next()

    def _next(self) -> None:
        """The next request, if it is whole and the last one was answered."""
        while not self._busy and self._transport is not None:
            line, found, rest = self._buffer.partition(b"\n")
            if len(line) > MOST_REQUEST_OCTETS:
                self._say({"ok": False, "error": f"a request has at most {MOST_REQUEST_OCTETS} octets"})
                self._transport.close()
                return
            if not found:
                return
            self._buffer = rest
            self._busy = self._asking = True
            self._transport.pause_reading()
            self._steering.ask(bytes(line), self._uid, self._answered)
            self._asking = False

    def _answered(self, answer: Result) -> None:
        self._busy = False
        self._say(answer)
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
            if not self._asking:
                self._next()

    def _say(self, answer: Result) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(orjson.dumps(answer, default=str, option=orjson.OPT_NON_STR_KEYS) + b"\n")

    def abort(self) -> None:
        """Close without waiting for anything."""
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - whatever it was, it is over
        """asyncio calls it."""
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
        self._steering.leave(self)


def _uid_of(descriptor: int) -> int:
    """Whose process is at the other end: the kernel's word."""
    with socket.socket(fileno=os.dup(descriptor)) as peer:
        found = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(found)[1])
