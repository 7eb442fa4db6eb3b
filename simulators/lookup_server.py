"""A look-up service and a check for recycled numbers over HTTP: scripted tables, several styles, faults by number."""

import asyncio
import json
import re
from collections import Counter
from typing import Annotated, Literal, TypeAlias
from urllib.parse import unquote_plus

from aiohttp import BasicAuth, web
from pydantic import Field

from simulators.lookup_signatures import Signing, sound
from simulators.lookup_styles import STYLES, Entry
from simulators.sections import Section

Fault: TypeAlias = Literal[
    "slow", "down", "wrong", "malformed", "list", "throttled", "broken", "endless", "elsewhere", "redirect"
]
ENDLESS_OCTETS = 1_000_000
MOST_NUMBERS = 80  # in one request to hlrlookup.com


class LookupFault(Section):
    """What goes wrong for numbers that match."""

    number: str = Field(max_length=200, description="A regular expression, searched in the digits.")
    fault: Fault
    seconds: float = Field(default=1.0, ge=0.0, le=600.0, description="How long `slow` takes, and Retry-After.")


class LookupConfig(Section):
    """One service."""

    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65_535)
    authorization: str = Field(default="", description="The Authorization header that is asked for; empty: none.")
    client: str = Field(
        default="", description="`id:secret` that gets tokens at `/token`; then each request needs one."
    )
    token_seconds: int = Field(default=3600, ge=1, le=86_400)
    body_key: str = Field(default="", description="`key:secret` that a body to `/hlrlookup` must have; empty: any.")
    signing: Signing | None = Field(default=None, description="How each request must be signed; null: it need not be.")
    numbers: dict[Annotated[str, Field(pattern=r"^[0-9]{1,15}$")], Entry] = Field(default_factory=dict)
    faults: tuple[LookupFault, ...] = Field(default=(), strict=False)


class LookupServer:
    """Answers on one address. `asked` counts requests by number, `seen` keeps the last hundred as they came."""

    def __init__(self, config: LookupConfig) -> None:
        self.config = config
        self.numbers = dict(config.numbers)
        self.faults: tuple[LookupFault, ...] = config.faults
        self.asked: Counter[str] = Counter()
        self.seen: list[dict[str, object]] = []
        self.under_way = 0
        self.most_under_way = 0
        self.arrived = asyncio.Event()
        self.tokens: list[str] = []  # that are good
        self.tokens_given = 0
        self.open = asyncio.Event()  # while it is not set, answers wait
        self.open.set()
        self.address = ""
        self._runner: web.AppRunner | None = None

    async def listen(self) -> str:
        """Open the address; return it as `host:port`."""
        app = web.Application()
        app.router.add_route("*", "/budgetsms", self._budgetsms)
        app.router.add_post("/recycling/check", self._check)
        app.router.add_post("/token", self._token)
        app.router.add_post("/hlrlookup", self._hlrlookup)
        app.router.add_route("*", "/api/v2/{style}", self._look_up)
        app.router.add_route("*", "/{style}/{number}", self._look_up)
        app.router.add_route("*", "/{style}", self._look_up)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.config.host, self.config.port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"{host}:{port}"
        return self.address

    async def close(self) -> None:
        """Answer nothing more."""
        self.open.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _look_up(self, request: web.Request) -> web.StreamResponse:
        content = await self._content(request)
        written = (request.match_info.get("number"), content.get("number"), content.get("msisdn"))
        number = str(next(filter(None, (*written, request.query.get("PhoneNumber"))), "")).removeprefix("+")
        style = STYLES.get(request.match_info["style"])
        if style is None:
            return web.json_response({"error": "no such style"}, status=404)
        refused = await self._before(request, number, content)
        if refused is not None:
            return refused
        one = self.numbers.get(number)
        if one is None:
            return web.json_response({"error": "unknown number"}, status=404)
        return web.json_response(style(number, one))

    async def _hlrlookup(self, request: web.Request) -> web.StreamResponse:
        content = await self._content(request)
        asked = content.get("requests")
        numbers = [str(one.get("telephone_number")) for one in asked] if isinstance(asked, list) else []
        refused = await self._before(request, numbers[0] if numbers else "", content)
        if refused is not None:
            return refused
        if self.config.body_key and f"{content.get('api_key')}:{content.get('api_secret')}" != self.config.body_key:
            return _problem(401, "UNAUTHENTICATED")
        if not 0 < len(numbers) <= MOST_NUMBERS:
            return _problem(400, "INVALID_ARGUMENT")
        results = [STYLES["hlrlookup"](one, self.numbers.get(one, Entry())) for one in numbers]
        return web.json_response({"body": {"results": results}})

    async def _budgetsms(self, request: web.Request) -> web.StreamResponse:
        number = request.query.get("to", "")
        refused = await self._before(request, number, dict(request.query))
        if refused is not None:
            return refused
        one = self.numbers.get(number)
        return web.Response(text="ERR 2001" if one is None else f"OK {one.mcc} {one.mnc} 0.012")

    async def _check(self, request: web.Request) -> web.StreamResponse:
        content = await self._content(request)
        number = str(content.get("phoneNumber", "")).removeprefix("+")
        since = str(content.get("specifiedDate", ""))
        refused = await self._before(request, number, content)
        if refused is not None:
            return refused
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", since) or set(content) != {"phoneNumber", "specifiedDate"}:
            return _problem(400, "INVALID_ARGUMENT")
        one = self.numbers.get(number)
        if one is None:
            return _problem(404, "IDENTIFIER_NOT_FOUND")
        if one.recycled is None:
            return _problem(422, "SERVICE_NOT_APPLICABLE")
        return web.json_response({"phoneNumberRecycled": one.recycled and (not one.since or since < one.since)})

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        client = BasicAuth.decode(request.headers.get("Authorization", "Basic Og=="))
        if (
            unquote_plus(f"{client.login}:{client.password}") != self.config.client
            or form.get("grant_type") != "client_credentials"
        ):
            return web.json_response({"error": "invalid_client"}, status=401)
        self.tokens_given += 1
        self.tokens.append(f"token-{self.tokens_given}")
        told = {"access_token": self.tokens[-1], "token_type": "Bearer", "expires_in": self.config.token_seconds}
        return web.json_response(told)

    @staticmethod
    async def _content(request: web.Request) -> dict[str, object]:
        octets = await request.read()
        content = json.loads(octets) if octets else {}
        return content if isinstance(content, dict) else {}

    async def _before(self, request: web.Request, number: str, content: dict[str, object]) -> web.StreamResponse | None:
        """Take note of a request; what is wrong with it, or with us."""
        self.asked[number] += 1
        self.seen = [*self.seen[-99:], {"path": request.path_qs, "headers": dict(request.headers), "content": content}]
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        self.arrived.set()
        try:
            await self.open.wait()
            fault = next((one for one in self.faults if re.search(one.number, number)), None)
            if fault is not None and fault.fault == "slow":
                await asyncio.sleep(fault.seconds)
        finally:
            self.under_way -= 1
        if self.config.authorization and request.headers.get("Authorization") != self.config.authorization:
            return _problem(401, "UNAUTHENTICATED")
        if self.config.client and request.headers.get("Authorization") not in {f"Bearer {one}" for one in self.tokens}:
            return _problem(401, "UNAUTHENTICATED")
        if self.config.signing is not None:
            headers = {name.lower(): value for name, value in request.headers.items()}
            if not sound(self.config.signing, request.method, request.raw_path, headers, await request.read()):
                return _problem(401, "UNAUTHENTICATED")
        return None if fault is None else self._wrong(request, fault)

    @staticmethod
    def _wrong(request: web.Request, fault: LookupFault) -> web.StreamResponse | None:
        if fault.fault == "down" and request.transport is not None:
            request.transport.abort()
        after = str(int(fault.seconds))
        answers: dict[str, web.StreamResponse] = {
            "down": web.Response(status=503),
            "wrong": web.json_response({"unexpected": ["things"], "line": 7, "mnp": None}),
            "malformed": web.Response(body=b'{"brand": "half an ans', content_type="application/json"),
            "list": web.json_response([]),
            "throttled": web.Response(status=429, headers={"Retry-After": after}),
            "broken": web.Response(status=500, text="Traceback"),
            "endless": web.Response(body=b" " * ENDLESS_OCTETS, content_type="application/json"),
            "elsewhere": _problem(404, "IDENTIFIER_NOT_FOUND"),
            "redirect": web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}),
        }
        return answers.get(fault.fault)


def _problem(status: int, code: str) -> web.Response:
    return web.json_response({"status": status, "code": code, "message": "as told"}, status=status)
