"""Whose number it is today: the sources in the operator's order, until one answers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from gateway.model.values import Ported, Serving
from gateway.routing.blocks import NumberBlocks
from gateway.routing.imported import ImportedNumbers
from gateway.routing.learned import Learned, LearnedNumbers
from gateway.routing.ported import PortedNumbers
from gateway.routing.tables import NOBODY

BY_CUSTOMER = "customer"
BY_LEARNED = "learned"
BY_PORTED_NUMBERS = "ported numbers"
BY_BLOCK = "number block"

# What the operator puts in order. `files` are the small files of ported numbers, then the imported one.
CUSTOMER: Final = "customer"
LEARNED: Final = "learned"
FILES: Final = "files"
NETWORK: Final = "network"
BLOCKS: Final = "blocks"
SourceName = Literal["customer", "learned", "files", "network", "blocks"]
SOURCES: tuple[SourceName, ...] = (CUSTOMER, LEARNED, FILES, NETWORK, BLOCKS)


class Unanswered(NamedTuple):
    """No source before these knew the number: they are to be asked over the network, in this order.

    If they don't know it either, `ask` goes on `after=NETWORK`.
    """

    sources: tuple[str, ...]


class Answered(NamedTuple):
    """What one source says, for people. `serving` None: it does not know the number, or says that nobody serves it.

    `as_of`: ms since 1970, 0: not told. `barred`: the carrier itself said that the number is not its own.
    """

    source: str
    says: str
    serving: Serving | None
    as_of: int = 0
    barred: bool = False


class Portability:
    """The look-up of every message. Answers are made beforehand, one for each carrier and way of knowing.

    Sources that are not there (None), or not in `order`, are not asked. `network` are the names of those that are asked
    over the network, all in the one place of `order`. Without files nobody knows whether a number was ported.
    """

    __slots__ = (
        "_at_home", "_away", "_blocks", "_imported", "_learned", "_order", "_perhaps_at_home", "_plain", "_ported",
        "_returned", "_unanswered",
    )  # fmt: skip

    def __init__(
        self,
        blocks: NumberBlocks,
        ported: PortedNumbers | None,
        imported: ImportedNumbers | None = None,
        learned: LearnedNumbers | None = None,
        order: Sequence[str] = SOURCES,
        network: Sequence[str] = (),
    ) -> None:
        self._blocks = blocks
        self._ported = ported
        self._imported = imported
        self._learned = learned
        self._unanswered = Unanswered(tuple(network))
        there = {CUSTOMER, BLOCKS} | ({NETWORK} if network else set())
        there |= {LEARNED} if learned is not None else set()
        there |= {FILES} if ported is not None or imported is not None else set()
        self._order = tuple(one for one in order if one in there)
        local = [one for one in self._order if one != CUSTOMER]
        self._plain = imported is None and local in ([FILES, BLOCKS], [BLOCKS])
        carriers = blocks.carriers() | (frozenset() if ported is None else ported.carriers()) | {NOBODY}

        def answers(known: Ported, source: str) -> Mapping[str, Serving | None]:
            return {one: None if one == NOBODY else Serving(one, known, source) for one in carriers}

        self._perhaps_at_home = answers(Ported.UNKNOWN, BY_BLOCK)
        self._at_home = answers(Ported.NO, BY_BLOCK) if FILES in self._order else self._perhaps_at_home
        self._away = answers(Ported.YES, BY_PORTED_NUMBERS)
        self._returned = answers(Ported.NO, BY_PORTED_NUMBERS)

    def take_tables(self, other: "Portability") -> None:
        """Blocks and files as another one has them, whose other sources are the same. What was learned stays."""
        for name in set(self.__slots__) - {"_imported", "_learned"}:
            setattr(self, name, getattr(other, name))

    @classmethod
    def over(cls, blocks: NumberBlocks, ported: PortedNumbers | None) -> "Portability":
        """Look up in both tables and nowhere else."""
        return cls(blocks, ported)

    @property
    def imported(self) -> ImportedNumbers | None:
        """The file of imported numbers, to be refreshed about once a second."""
        return self._imported

    @property
    def learned(self) -> LearnedNumbers | None:
        """What carriers' answers taught us, to be expired about once a second."""
        return self._learned

    @property
    def order(self) -> tuple[str, ...]:
        """The sources that are there, in the order in which they are asked."""
        return self._order

    def look_up(self, e164: bytes) -> Serving | None:
        """Whose number it is by what is known here, from E.164 digits without `+`; None when no carrier is known."""
        if self._plain:
            home = self._blocks.carrier(e164)
            now = None if self._ported is None else self._ported.carrier(e164)
            if now is None:
                return self._at_home[home]
            return self._returned[now] if now == home else self._away[now]
        found = self.ask(e164)
        while isinstance(found, Unanswered):
            found = self.ask(e164, after=NETWORK)
        return found

    def ask(self, e164: bytes, forced: str = "", after: str = "") -> Serving | Unanswered | None:
        """The same, or who is to be asked over the network first. `forced`: the carrier that the customer names.

        `after`: only the sources behind this one. None when no carrier is known to serve the number.
        """
        if self._plain and not forced and not after:
            return self.look_up(e164)
        denied: tuple[str, ...] = ()
        fact = self._learned.facts.get(int(e164)) if self._learned is not None and self._learned.facts else None
        order = self._order[self._order.index(after) + 1 :] if after else self._order
        if after and fact is not None and LEARNED not in order:
            denied = fact.not_carriers
        for source in order:
            if source == NETWORK:
                return self._unanswered
            if source == LEARNED and fact is not None:
                denied = fact.not_carriers
            answer = self._answer(source, e164, forced, fact)
            if answer is NO_ANSWER or (answer is not None and answer.carrier in denied):
                continue
            return answer
        return None

    def found(self, e164: bytes, carrier: str, source: str, as_of: int) -> Serving | None:
        """What a source beyond the network says of a number. None: that nobody serves it, or it is denied there."""
        fact = self._learned.facts.get(int(e164)) if self._learned is not None else None
        if carrier == NOBODY or (fact is not None and carrier in fact.not_carriers):
            return None
        return self._judged(e164, carrier, source, as_of)

    def at_home(self, e164: bytes, source: str, as_of: int) -> Serving | None:
        """What follows when a source says that the number was not ported. None: its block is nobody's, or denied."""
        return self.found(e164, self._blocks.carrier(e164), source, as_of)

    def sources(self, e164: bytes, forced: str = "") -> Iterator[Answered]:
        """What every source says, in their order, for people; nobody beyond the network is asked."""
        fact = self._learned.facts.get(int(e164)) if self._learned is not None else None
        denied: tuple[str, ...] = ()
        for place, source in enumerate(self._order):
            if fact is not None and (source == LEARNED or (source == NETWORK and LEARNED not in self._order[place:])):
                denied = fact.not_carriers
            if source == NETWORK:
                names = ", ".join(self._unanswered.sources)
                yield Answered(source, f"not asked here; the gateway asks {names}", None)
            elif source == LEARNED and fact is not None:
                yield self._learned_says(e164, fact)
            else:
                answer = self._answer(source, e164, forced, fact)
                if answer is NO_ANSWER:
                    yield Answered(source, "names none" if source == CUSTOMER else "does not know it", None)
                elif answer is None:
                    yield Answered(source, SAYS_NOBODY, None)
                else:
                    yield Answered(source, answer.carrier, answer, answer.as_of, answer.carrier in denied)

    def _learned_says(self, e164: bytes, fact: Learned) -> Answered:
        if fact.disputed:
            return Answered(LEARNED, "carriers contradict each other", None, fact.learned_at)
        if not fact.carrier:
            return Answered(LEARNED, f"not {', '.join(fact.not_carriers)}", None, fact.learned_at)
        serving = self._judged(e164, fact.carrier, BY_LEARNED, fact.learned_at)
        return Answered(LEARNED, fact.carrier, serving, fact.learned_at, fact.carrier in fact.not_carriers)

    def _answer(self, source: str, e164: bytes, forced: str, fact: Learned | None) -> Serving | None:
        """NO_ANSWER when the source does not know the number; None when nobody serves it."""
        if source == FILES:
            return self._from_files(e164)
        if source == BLOCKS:
            home = self._blocks.carrier(e164)
            unread = self._ported is None and self._imported is not None and not self._imported.there
            return NO_ANSWER if home == NOBODY else (self._perhaps_at_home if unread else self._at_home)[home]
        if source == LEARNED and fact is not None and fact.carrier:
            return self._judged(e164, fact.carrier, BY_LEARNED, fact.learned_at)
        if source == CUSTOMER and forced:
            return self._judged(e164, forced, BY_CUSTOMER, 0)
        return NO_ANSWER

    def _from_files(self, e164: bytes) -> Serving | None:
        if self._ported is not None:
            now = self._ported.carrier(e164)
            if now is not None:
                return (self._returned if now == self._blocks.carrier(e164) else self._away)[now]
        imported = self._imported
        if imported is not None:
            now = imported.carrier(e164)
            if now is not None:
                return (imported.returned if now == self._blocks.carrier(e164) else imported.away)[now]
        return NO_ANSWER

    def _judged(self, e164: bytes, carrier: str, source: str, as_of: int) -> Serving:
        home = self._blocks.carrier(e164)
        ported = Ported.UNKNOWN if home == NOBODY else Ported.NO if home == carrier else Ported.YES
        return Serving(carrier, ported, source, as_of)


SAYS_NOBODY = "nobody whom we serve"
NO_ANSWER = Serving("", Ported.UNKNOWN, "no answer")
