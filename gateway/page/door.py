"""The page of one gateway, wired: what it reads, who is let in, and the server it is behind."""

from pathlib import Path

import structlog

from gateway.assemble import Flow
from gateway.page.api import Api
from gateway.page.asking import Desk
from gateway.page.doorway import Doorway
from gateway.page.operate import Audited, Operate
from gateway.page.render import Renderer
from gateway.page.server import Server
from gateway.page.site import Find, Site
from gateway.page.throughput import Throughput
from gateway.page.view import Announced, View
from gateway.page.visitors import Visitors
from gateway.settings.models import Settings
from gateway.steer_status import SteerStatus
from gateway.trace import MOST, Story, Trace
from gateway.trace_asked import understood

log = structlog.get_logger(room="page")

HOUR_SECONDS = 3_600


class PageDoor:
    """Opens nothing until `open`."""

    def __init__(
        self,
        settings: Settings,
        directory: Path,
        flow: Flow,
        status: SteerStatus,
        desk: Desk,
        audit: Audited,
        announced: Announced | None = None,
    ) -> None:
        self._settings = settings.page
        self._now = flow.clock.monotonic
        self._throughput = Throughput(flow.accounts, flow.carriers)
        self._server: Server | None = None
        if settings.page is None:
            return
        tokens = {name: one.reveal() for name, one in settings.page.tokens.items()}
        visitors = Visitors(tokens, settings.page.session_hours * HOUR_SECONDS)
        titles = {key: one.title for key, one in settings.carriers.items()}
        view = View(flow, status, self._throughput, titles, announced)
        doorway = Doorway(Renderer(settings.system_id), visitors, self._now, flow.clock.wall_ms)
        parts = (
            doorway,
            Site(doorway, view, self._throughput, finder(directory, settings.numbers.country_code)),
            Operate(doorway, view, desk, audit),
            Api(desk, visitors, self._now),
        )
        routes = [route for part in parts for route in part.routes()]
        self._server = Server(routes, settings.page.hosts, lambda failure: log.error("page_failed", exc_info=failure))

    async def open(self) -> str | None:
        """Listen. Return the address as host:port; None: there is no page. OSError: it is taken."""
        if self._server is None or self._settings is None:
            return None
        return await self._server.listen(self._settings.host, self._settings.port)

    def tick(self) -> None:
        """About once a second."""
        if self._server is not None:
            self._throughput.look(self._now())

    async def close(self) -> None:
        """Nobody is answered any more."""
        if self._server is not None:
            await self._server.close()


def finder(directory: Path, country_code: str) -> Find:
    """Searches the store's files as `smpp-gateway trace` does, without texts."""

    def find(what: str, kind: str | None) -> list[Story]:
        return Trace(directory).find(understood(what, country_code, kind), MOST)

    return find
