"""Whose number it is and which way a message would go, by the production code, with all that is known of it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import phonenumbers

from gateway import clock
from gateway.flow.inquiry import serving_by
from gateway.flow.lookups import Act, Verdict
from gateway.flow.router import Router, every
from gateway.model.errors import Reason
from gateway.model.values import Serving
from gateway.route_asked import NotDecided, Told, verdict
from gateway.routing.imported import BY_IMPORTED
from gateway.routing.learned import Learned
from gateway.routing.lookup_answers import Said
from gateway.routing.portability import (
    BLOCKS,
    BY_BLOCK,
    BY_CUSTOMER,
    BY_LEARNED,
    BY_PORTED_NUMBERS,
    CUSTOMER,
    FILES,
    LEARNED,
    NETWORK,
    SAYS_NOBODY,
    Answered,
    Portability,
    Unanswered,
)
from gateway.routing.routes import Choice
from gateway.routing.rules import Query
from gateway.settings.models import Settings

# What a source is called in `portability.order`, by what an answer of it is known by.
SOURCE_OF = {
    BY_CUSTOMER: CUSTOMER,
    BY_LEARNED: LEARNED,
    BY_PORTED_NUMBERS: FILES,
    BY_IMPORTED: FILES,
    BY_BLOCK: BLOCKS,
}


UNKNOWN = "the network does not know it (lookups.when_unknown"


class Routed(NamedTuple):
    """The whole answer. `serving` None, or no routes: the message would be refused for `reason`, or end later."""

    e164: str
    answers: tuple[Answered, ...]
    network: tuple[tuple[str, Told | None], ...]  # its sources in order; None: not asked
    serving: Serving | None
    why: str  # this one, and not another
    query: Query
    choice: Choice
    asks_network: bool  # before the answer here holds
    later: bool  # the message is accepted, and what becomes of it follows when the network has answered
    trouble: str  # why the file of imported numbers is not used
    learned_trouble: str = ""  # why what was learned is not known
    library: str = ""  # whose table of blocks is asked, when no file has one

    @property
    def reason(self) -> Reason | None:
        """Why it would be refused, or end; None when it would go."""
        if self.choice.routes:
            return None
        return Reason.INVALID_SOURCE if self.choice.barred else Reason.NO_ROUTE

    def decides(self, answer: Answered) -> bool:
        """Whether this one won."""
        if self.serving is None:
            return answer is next((one for one in self.answers if one.says == SAYS_NOBODY), None) and not self.later
        return answer.source == SOURCE_OF.get(self.serving.source, NETWORK)


class Known(NamedTuple):
    """What is known beside the files."""

    fact: Learned | None = None
    learned_trouble: str = ""
    told: Mapping[str, Told] = MappingProxyType({})


def route(
    settings: Settings,
    number: str,
    minute: int,
    *,
    customer: str = "",
    sender: str = "",
    priority: int = 0,
    kind: str = "",
    forced: str = "",
    known: Callable[[bytes], Known] = lambda _: Known(),
) -> Routed:
    """Ask the production code. Refusal for what is no mobile number. `minute` of the day in Japan."""
    e164 = settings.numbers.rules().normalise(number.encode("utf-8", "replace"), 0, 1)
    portability = settings.build_portability()
    beside = known(e164)
    if portability.learned is not None and beside.fact is not None:
        portability.learned.load([beside.fact], clock.wall_ms())
    router = Router(portability, settings.build_routes(), every)
    found = router.ask(e164, forced)
    names = found.sources if isinstance(found, Unanswered) else settings.lookups.order
    later = isinstance(found, Unanswered)
    asks_network = False
    why = "the first in order that knows it"
    if isinstance(found, Unanswered):
        try:
            said = verdict(settings.lookups, e164, found.sources, beside.told)
        except NotDecided as undecided:
            asks_network = True
            serving = router.look_up(e164)
            why = _until(settings.lookups.wait_seconds) if undecided.waits else "unless the network says otherwise"
        else:
            serving = serving_by(portability, e164, said, forced)
            why = _reason(said, serving)
    else:
        serving = found
    if not kind and customer:
        kind = settings.customers[customer].message_kind or ""
    query = Query(
        customer, sender.encode("latin-1", "replace"), e164, serving.carrier if serving else "", minute, priority, kind
    )
    imported = portability.imported
    return Routed(
        e164.decode("ascii"),
        tuple(_dated(settings, portability, one) for one in portability.sources(e164, forced)),
        tuple((name, beside.told.get(name)) for name in names),
        serving,
        why,
        query,
        router.choose(query),
        asks_network,
        later,
        "" if imported is None else imported.trouble,
        beside.learned_trouble if portability.learned is not None else "",
        "" if settings.portability.block_files else f"phonenumbers {phonenumbers.__version__}",
    )


def _until(seconds: float) -> str:
    return f"for now: the network is silent, and is asked again every {seconds:g} seconds (lookups.when_silent: wait)"


def _reason(said: Verdict, serving: Serving | None) -> str:
    """Why the network's verdict leads there."""
    if serving is not None and serving.source == said.answer.source:
        return "the first in order that decides"
    if said.act is Act.ROUTE:
        return f"{said.answer.source} names {said.answer.carrier}, which said that the number is not its own"
    if said.answer.said is Said.AT_HOME:
        return "not ported, and the block is nobody's whom we serve"
    network = "the network is silent (lookups.when_silent" if said.answer.said is Said.SILENT else UNKNOWN
    return f"{network}: {said.act.name.lower()})"


def _dated(settings: Settings, portability: Portability, answer: Answered) -> Answered:
    """With the age of the files where a row has none of its own."""
    if answer.as_of:
        return answer
    files: tuple[Path, ...] = ()
    if answer.source == FILES:
        if answer.serving is None and portability.imported is not None and portability.imported.there:
            return answer._replace(as_of=portability.imported.made_at)
        files = settings.portability.ported_files
    elif answer.source == BLOCKS:
        files = settings.portability.block_files
    return answer._replace(as_of=max((int(1000 * one.stat().st_mtime) for one in map(Path, files)), default=0))
