"""What the gateway tells whoever asks over HTTP: /metrics for Prometheus, /healthz (it turns), /ready (it takes)."""

import structlog
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from gateway import clock
from gateway.assemble import Flow
from gateway.model.histogram import Histogram
from gateway.net.listener import Listener
from gateway.ops.http import Answer, Pages
from gateway.ops.metrics import FlowCollector
from gateway.ops.notice_metrics import NO_NOTICES, NoticeFigures
from gateway.ops.routing_metrics import RoutingFigures
from gateway.ops.watched import NO_RELOADS, BindFigures, ReloadFigures, StoreFigures, Watched
from gateway.settings.models import AddressSettings

log = structlog.get_logger(room="report")


class Report:
    """The pages of one gateway. Opens nothing until `serve`."""

    def __init__(
        self,
        flow: Flow,
        store: StoreFigures,
        listener: Listener,
        binds: BindFigures,
        lag_ms: Histogram,
        notices: NoticeFigures = NO_NOTICES,
        reloads: ReloadFigures = NO_RELOADS,
    ) -> None:
        self._store = store
        self._accept = flow.accept
        self.watched = Watched(
            accounts=flow.accounts,
            carriers=flow.carriers,
            live=flow.live,
            parked=flow.parking,
            unfinished=flow.reassemble,
            customers=flow.customers,
            receipts_out=flow.receipts_out,
            store=store,
            listener=listener,
            binds=binds,
            routing=RoutingFigures(flow.network, flow.reroute.counts, flow.lessons.learned, flow.lessons.imported),
            lag_ms=lag_ms,
            draining=lambda: flow.accept.draining,
            now=clock.monotonic,
            wall_ms=clock.wall_ms,
            started=clock.monotonic(),
            started_ms=clock.wall_ms(),
            notices=notices,
            reloads=reloads,
        )
        self._metrics = FlowCollector(self.watched)
        pages = {"/metrics": self.metrics, "/healthz": self.healthz, "/ready": self.ready}
        self._pages = Pages(pages, lambda failure: log.error("page_failed", exc_info=failure))

    async def serve(self, address: AddressSettings | None) -> str | None:
        """Open the address and return it as host:port; None when there is none. OSError when it is taken."""
        return None if address is None else await self._pages.listen(address.host, address.port)

    def close(self) -> None:
        """Nobody is answered any more."""
        self._pages.close()

    def metrics(self) -> Answer:
        """All metrics, in Prometheus' text format."""
        return Answer(200, self._metrics.text(), CONTENT_TYPE_PLAIN_0_0_4)

    @staticmethod
    def healthz() -> Answer:
        """200 as long as the loop turns: to be restarted when this is not answered."""
        return Answer(200, b"alive\n")

    def ready(self) -> Answer:
        """200 when a message would be taken now, else 503 and why: to be left out while it lasts."""
        causes = []
        if self._accept.draining:
            causes.append("draining")
        if self._store.stuck:
            causes.append(f"the store is stuck: {self._store.stuck}")
        if causes:
            return Answer(503, "".join(f"{cause}\n" for cause in causes).encode())
        return Answer(200, b"ready\n")
