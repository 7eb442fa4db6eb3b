"""Two kinds of HTTP services: whose number it is, and whether it changed hands."""

from collections.abc import Callable
from typing import NamedTuple

from gateway.net.http_service import HttpService
from gateway.routing import lookup_formats, recycling
from gateway.routing.lookup_answers import Answer, Names, Said
from gateway.routing.lookup_formats import Reading, Request
from gateway.routing.recycling import NO_ANSWER, Check, Checked


class Question(NamedTuple):
    """How a number is asked for: secrets stand in URL and body already."""

    method: str
    url: str
    body: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...] = ()


class HttpLookups:
    """Asks one look-up service."""

    def __init__(
        self,
        name: str,
        service: HttpService,
        question: Question,
        reading: Reading,
        names: Names,
        wall_ms: Callable[[], int],
    ) -> None:
        self.name = name
        self.service = service
        self._question = question
        self._reading = reading
        self._names = names
        self._wall_ms = wall_ms
        self._silent = Answer(Said.SILENT, name)

    async def look_up(self, e164: bytes) -> Answer:
        """Ask for one number. An answer that does not say since when it holds is as of now."""
        method, url, body, headers = self._question
        reply = await self.service.send(lookup_formats.request(method, url, body, e164, headers))
        if reply is None:
            return self._silent
        answer = lookup_formats.read(self._reading, reply.status, reply.octets, self._names, self.name)
        if answer is None:
            self.service.reject()
            return self._silent
        self.service.accept(paid=reply.status == lookup_formats.HTTP_OK)
        return answer if answer.as_of else answer._replace(as_of=self._wall_ms())

    async def close(self) -> None:
        """End the connections."""
        await self.service.close()


class RecyclingService(NamedTuple):
    """One operator's check. `carriers` whose numbers it knows, by key; None: everybody's."""

    name: str
    root: str  # URL without `/check`
    service: HttpService
    carriers: frozenset[str] | None


class RecyclingChecks:
    """Asks the service of the number's carrier; where a number is another operator's, the next one that may know."""

    def __init__(self, services: tuple[RecyclingService, ...]) -> None:
        self.services = services

    def serves(self, carrier: str) -> bool:
        """Whether anybody can be asked for a number of this carrier."""
        return any(_knows(one, carrier) for one in self.services)

    async def check(self, question: tuple[str, Check]) -> Checked:
        """The first outcome that is one. `question`: the carrier's key, number and date."""
        carrier, check = question
        octets = recycling.body(check)
        last = NO_ANSWER
        for one in self.services:
            if not _knows(one, carrier):
                continue
            reply = await one.service.send(Request("POST", one.root + recycling.PATH, octets))
            checked = None if reply is None else recycling.read(reply.status, reply.octets)
            if checked is None:
                if reply is not None:
                    one.service.reject()
                continue
            one.service.accept(paid=True)
            last = checked
            if not checked.elsewhere:
                return checked
        return last

    async def close(self) -> None:
        """End the connections."""
        for one in self.services:
            await one.service.close()


def _knows(service: RecyclingService, carrier: str) -> bool:
    return service.carriers is None or carrier in service.carriers
