"""The verbs for programs: `POST /api/VERB` with a token, and `GET /api/VERB` of those that only tell."""

from collections.abc import Callable
from typing import Any

import orjson
from aiohttp import web

from gateway.ops.steering import Result
from gateway.page.asking import Desk, NoAnswer, ask
from gateway.page.visitors import MustWait, Visitors

SCHEME = "bearer "
KEYS = frozenset({"arguments", "dry_run", "who", "why"})


class Api:
    """Over one desk."""

    def __init__(self, desk: Desk, visitors: Visitors, now: Callable[[], float]) -> None:
        self._desk = desk
        self._visitors = visitors
        self._now = now

    def routes(self) -> list[web.RouteDef]:
        """What it answers."""
        return [web.get("/api/{verb}", self.tell), web.post("/api/{verb}", self.do)]

    async def tell(self, request: web.Request) -> web.Response:
        """A verb that changes nothing; its arguments are the query's."""
        return await self._answer(request, dict(request.query), read_only=True)

    async def do(self, request: web.Request) -> web.Response:
        """Any verb. The body is JSON as on the operator's socket, without the verb."""
        return await self._answer(request, None, read_only=False)

    async def _answer(self, request: web.Request, arguments: dict[str, Any] | None, *, read_only: bool) -> web.Response:
        try:
            name = self._visitors.name_of(_token(request), request.remote or "", self._now())
        except MustWait as wait:
            return _said(429, refused(str(wait)), {"Retry-After": f"{wait.seconds:.0f}"})
        if name is None:
            return _said(401, refused("a token is needed: Authorization: Bearer ..."), {"WWW-Authenticate": "Bearer"})
        word = request.match_info["verb"]
        verb = self._desk.verb(word)
        if verb is None:
            return _said(404, refused(f"there is no verb {word}"))
        if read_only and verb.changes:
            return _said(405, refused(f"{word} changes something: POST it"), {"Allow": "POST"})
        asked: Any = {"arguments": arguments}
        if arguments is None:
            if request.content_type != "application/json":
                return _said(415, refused("the body is JSON: Content-Type: application/json"))
            try:
                asked = orjson.loads(await request.read())
            except orjson.JSONDecodeError:
                asked = None
            if not isinstance(asked, dict) or not KEYS.issuperset(asked):
                return _said(400, refused(f"the body is one JSON object of {', '.join(sorted(KEYS))}"))
        asker = {"signed_in": name, "peer": request.remote}
        try:
            answer = await ask(self._desk, {"who": name, **asked, "verb": word}, asker)
        except NoAnswer:
            return _said(504, refused("no answer yet; it may be done all the same"))
        return _said(200 if answer["ok"] else 422, answer)


def refused(why: str) -> Result:
    """The same shape as on the socket."""
    return {"ok": False, "error": why}


def _token(request: web.Request) -> str:
    written = request.headers.get("Authorization", "")
    return written[len(SCHEME) :].strip() if written.lower().startswith(SCHEME) else ""


def _said(status: int, answer: Result, headers: dict[str, str] | None = None) -> web.Response:
    body = orjson.dumps(answer, default=str) + b"\n"
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)
