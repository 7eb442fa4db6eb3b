"""What a gateway remembers of look-ups is told by source; nobody is asked for it."""

from collections.abc import Iterator

import pytest

from gateway.model.values import Ported
from gateway.routing.lookup_answers import Answer, Said
from gateway.steer_lookups import LOOKED_UP, lookup_verbs
from tests.gateway.flow.world import World, settings
from tests.gateway.steered import Steered

SERVICE = {"url": "https://x.example/{number}", "format": "plain", "carriers": {}}
NUMBER = b"819030000001"


@pytest.fixture
def steered() -> Iterator[Steered]:
    lookups = {"order": ("a", "b"), "http": {"a": SERVICE, "b": SERVICE}}
    one = Steered(World(settings(lookups=lookups)))
    one.verbs |= lookup_verbs(one.world.flow)
    yield one
    one.close()


def test_what_is_remembered(steered: Steered) -> None:
    network = steered.world.flow.network
    nothing = {"number": NUMBER.decode(), "under_way": False, "answers": []}
    assert steered.do(LOOKED_UP, number=NUMBER.decode()) == nothing
    now = steered.world.flow.clock.monotonic()
    network.cache.put(NUMBER, Answer(Said.UNKNOWN, "a"), now)
    network.cache.put(NUMBER, Answer(Said.KNOWN, "b", "one", Ported.YES, 7, "Brand X", 100.0), now)
    hits = network.cache.hits
    first, second = steered.do(LOOKED_UP, number=NUMBER.decode())["answers"]
    assert (first["source"], first["said"], first["carrier"]) == ("a", "UNKNOWN", None)
    assert second == {
        "source": "b",
        "said": "KNOWN",
        "carrier": "one",
        "ported": "ported",
        "as_of": 7,
        "called": "Brand X",
        "seconds_left": 100,
    }
    assert network.cache.hits == hits


@pytest.mark.parametrize("number", ["+819030000001", "0" * 16, "x", "\u0661"])
def test_what_is_no_number_is_refused(steered: Steered, number: str) -> None:
    assert "E.164" in steered.refused(LOOKED_UP, number=number)
