"""The verbs as pages: fill in, see what would happen, say who and why, do it; and the last lines of the audit log."""

from typing import Any, Protocol

from aiohttp import web

from gateway.page.asking import Desk, NoAnswer, ask
from gateway.page.doorway import Doorway
from gateway.page.forms import FORMS, FormError, arguments
from gateway.page.view import View

AUDIT_LINES = 20


class Audited(Protocol):
    """The audit log."""

    def last(self, most: int) -> list[dict[str, Any]]:
        """Its last lines, the newest first."""


class Operate:
    """Of one gateway."""

    def __init__(self, doorway: Doorway, view: View, desk: Desk, audit: Audited) -> None:
        self._doorway = doorway
        self._view = view
        self._desk = desk
        self._audit = audit

    def routes(self) -> list[web.RouteDef]:
        """What it answers."""
        return [
            web.get("/operate", self.verbs),
            web.get("/operate/{verb}", self.form),
            web.post("/operate/{verb}", self.asked),
        ]

    async def verbs(self, request: web.Request) -> web.Response:
        """Which there are, and what was done lately."""
        if self._doorway.visitor(request) is None:
            return self._doorway.ask_for_token(request)
        verbs = [name for name in FORMS if self._desk.verb(name) is not None]
        return self._doorway.show(request, "operate", verbs=verbs, audit=self._audit.last(AUDIT_LINES))

    async def form(self, request: web.Request) -> web.Response:
        """One verb, filled in with what the link says."""
        verb = request.match_info["verb"]
        if verb not in FORMS or self._desk.verb(verb) is None:
            return self._doorway.show(request, "missing", status=404)
        if self._doorway.visitor(request) is None:
            return self._doorway.ask_for_token(request)
        return self._verb(request, verb, dict(request.query))

    async def asked(self, request: web.Request) -> web.Response:
        """A form was sent: first what would happen, then, with who and why, it is done."""
        typed = await self._doorway.typed(request)
        if isinstance(typed, web.Response):
            return typed
        verb = request.match_info["verb"]
        visitor = self._doorway.visitor(request)
        if verb not in FORMS or self._desk.verb(verb) is None or visitor is None:
            return self._doorway.show(request, "missing", status=404)
        do = typed.get("step") == "do"
        try:
            wanted = arguments(FORMS[verb], typed)
        except FormError as error:
            return self._verb(request, verb, typed, status=422, wrong=str(error))
        asking = {
            "verb": verb,
            "arguments": wanted,
            "dry_run": not do,
            "who": typed.get("who", "").strip() or visitor.name,
            "why": typed.get("why", "").strip(),
        }
        try:
            answer = await ask(self._desk, asking, {"signed_in": visitor.name, "peer": request.remote})
        except NoAnswer:
            return self._verb(request, verb, typed, status=504, late=True)
        if not answer["ok"]:
            return self._verb(request, verb, typed, status=422, refusal=str(answer["error"]))
        self._view.forget()
        result = {name: one for name, one in answer["result"].items() if name != "dry_run"}
        return self._verb(request, verb, typed, result=result, done=do, unwritten=str(answer.get("audit", "")))

    def _verb(
        self, request: web.Request, verb: str, typed: dict[str, str], *, status: int = 200, **said: Any
    ) -> web.Response:
        usual: dict[str, Any] = {
            "wrong": "",
            "refusal": "",
            "late": False,
            "result": None,
            "done": False,
            "unwritten": "",
        }
        return self._doorway.show(
            request,
            "verb",
            status=status,
            verb=verb,
            fields=FORMS[verb],
            typed=typed,
            names=self._view.names(),
            audit=self._audit.last(AUDIT_LINES) if said.get("done") else [],
            **(usual | said),
        )
