"""What every page has: a language, a visitor or nobody, forms that only our own pages can send; and signing in."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from gateway.page.render import Renderer, moment
from gateway.page.visitors import MustWait, Visitor, Visitors, same
from gateway.page.words import LANGUAGES, preferred

log = structlog.get_logger(room="page")

SESSION, LANGUAGE = "smpp_gateway_session", "smpp_gateway_language"
YEAR_SECONDS = 31_536_000
FORM = "application/x-www-form-urlencoded"
NOT_RETURNED_TO = ("/sign-in", "/sign-out", "/language")


class Doorway:
    """Between requests and pages."""

    def __init__(
        self, renderer: Renderer, visitors: Visitors, now: Callable[[], float], wall_ms: Callable[[], int]
    ) -> None:
        self._renderer = renderer
        self._visitors = visitors
        self._now = now
        self._wall_ms = wall_ms

    def routes(self) -> list[web.RouteDef]:
        """What it answers itself."""
        return [
            web.get("/sign-in", self.sign_in),
            web.post("/sign-in", self.signed_in),
            web.post("/sign-out", self.sign_out),
            web.get("/language/{language}", self.choose),
        ]

    def visitor(self, request: web.Request) -> Visitor | None:
        """Who was let in, or None."""
        return self._visitors.visitor(request.cookies.get(SESSION, ""), self._now())

    def show(
        self, request: web.Request, template: str, *, status: int = 200, fresh: bool = False, **values: Any
    ) -> web.Response:
        """A page. `fresh`: browsers look at it again after some seconds."""
        language = request.cookies.get(LANGUAGE, "")
        if language not in LANGUAGES:
            language = preferred(request.headers.get("Accept-Language", ""))
        body = self._renderer.page(
            template,
            language,
            visitor=self.visitor(request),
            can_sign_in=self._visitors.any,
            path=request.path if request.method == "GET" else _parent(request.path),
            fresh=fresh,
            time=moment(self._wall_ms())[:19],
            **values,
        )
        return web.Response(
            status=status,
            body=body,
            content_type="text/html",
            charset="utf-8",
            headers={"Content-Language": language, "Vary": "Accept-Language, Cookie"},
        )

    async def typed(self, request: web.Request) -> dict[str, str] | web.Response:
        """What a form of a visitor's says; or the page to show instead, when it is no form of ours, or of nobody's."""
        visitor = self.visitor(request)
        if visitor is None:
            return self.ask_for_token(request, status=401)
        fields = await _fields(request)
        if fields is None or not same(fields.get("form_key", ""), visitor.form_key):
            return self.show(request, "missing", status=403, why="form_old")
        return fields

    def ask_for_token(self, request: web.Request, *, status: int = 200, why: str = "") -> web.Response:
        """The page to sign in, which leads back."""
        to = _ours(request.query.get("to", ""), request.path)
        return self.show(request, "sign_in", status=status, why=why, seconds=0, to=to)

    async def sign_in(self, request: web.Request) -> web.Response:
        """The form."""
        return self.ask_for_token(request)

    async def signed_in(self, request: web.Request) -> web.Response:
        """A token was typed."""
        fields = await _fields(request) or {}
        peer, now = request.remote or "", self._now()
        try:
            name = self._visitors.name_of(fields.get("token", "").strip(), peer, now)
        except MustWait as wait:
            answer = self.show(request, "sign_in", status=429, why="token_wait", seconds=int(wait.seconds), to="/")
            answer.headers["Retry-After"] = f"{wait.seconds:.0f}"
            return answer
        if name is None:
            log.warning("page_token_wrong", peer=peer)
            return self.ask_for_token(request, status=401, why="token_wrong")
        log.info("page_signed_in", name=name, peer=peer)
        answer = _elsewhere(_ours(fields.get("to", ""), "/"))
        cookie = self._visitors.let_in(name, now)
        secure = request.headers.get("X-Forwarded-Proto") == "https"
        answer.set_cookie(SESSION, cookie, httponly=True, samesite="Strict", path="/", secure=secure)
        return answer

    async def sign_out(self, request: web.Request) -> web.Response:
        """The browser is forgotten."""
        typed = await self.typed(request)
        if isinstance(typed, web.Response):
            return typed
        self._visitors.leave(request.cookies.get(SESSION, ""))
        answer = _elsewhere("/")
        answer.del_cookie(SESSION, path="/")
        return answer

    async def choose(self, request: web.Request) -> web.Response:
        """A language, kept by the browser."""
        language = request.match_info["language"]
        answer = _elsewhere(_ours(request.query.get("to", ""), "/"))
        if language in LANGUAGES:
            answer.set_cookie(LANGUAGE, language, max_age=YEAR_SECONDS, httponly=True, samesite="Lax", path="/")
        return answer


async def _fields(request: web.Request) -> dict[str, str] | None:
    """A form's fields; None: the body is no form."""
    if request.content_type != FORM:
        return None
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


def _ours(to: str, otherwise: str) -> str:
    """A path of ours to go to, or the other one."""
    parts = urlsplit(to)
    sound = to.startswith("/") and not to.startswith(("//", "/\\", *NOT_RETURNED_TO)) and not parts.netloc
    path = to if sound and to.isprintable() else otherwise
    return "/" if path.startswith(NOT_RETURNED_TO) else path


def _parent(path: str) -> str:
    """Where a form is asked for that was sent to this path."""
    return "/" if path.startswith(NOT_RETURNED_TO) else path


def _elsewhere(path: str) -> web.Response:
    return web.Response(status=303, headers={"Location": path})
