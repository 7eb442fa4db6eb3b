"""What routing tells of itself: names, sources and states of our own, figures of real parts that have worked."""

from pathlib import Path
from typing import Any

from gateway.ops.routing_metrics import RoutingFigures, families
from gateway.routing.ported_build import write_differences
from tests.gateway.flow.world import World, message, profile, refuse, settings

SERVICE = {"url": "https://x.example/{number}", "format": "plain", "carriers": {"44010": "two"}, "price_yen": "0.8"}
NAMES = {"NTT Docomo": "one", "KDDI": "two"}


def figures(world: World) -> dict[str, dict[tuple[str, ...], float]]:
    flow = world.flow
    whole = RoutingFigures(flow.network, flow.reroute.counts, flow.lessons.learned, flow.lessons.imported)
    return {one.name.removeprefix("smpp_gateway_"): dict(one.rows) for one in families(whole)}


def world(**changes: Any) -> World:
    lookups = {"order": ["service"], "http": {"service": SERVICE}}
    return World(settings(lookups=lookups, recycling={"services": {"first": {"root": "https://y.example"}}}, **changes))


def test_without_sources_there_is_little_to_tell() -> None:
    told = figures(World())
    assert told["messages_rerouted"] == told["lookups"] == told["imported_numbers"] == told["learned_numbers"] == {}
    assert told["lookup_messages_waiting"] == {(): 0}


def test_lookups_by_source_and_result() -> None:
    one = world()
    desk = one.flow.network.desks["service"]
    desk.counts.results["KNOWN"] = 3
    desk.counts.refused = 2
    one.submit(one.customer(), message())
    told = figures(one)
    assert told["lookups"] == {("service", "known"): 3}
    assert told["lookups_refused"] == {("service",): 2, ("recycling",): 0}
    assert told["lookups_waiting"] == {("service",): 1, ("recycling",): 0}
    assert told["lookup_messages_waiting"] == {(): 1}
    assert told["lookup_cost_sen"] == {("service",): 0, ("recycling first",): 0}
    assert told["lookup_cache_misses"][()] >= 1
    assert (told["lookup_cache_hits"], told["lookup_cache_answers"]) == ({(): 0}, {(): 0})
    assert told["lookup_verdicts"] == {("route",): 0, ("blocks",): 0, ("fail",): 0}


def test_times_of_answers_by_source() -> None:
    one = world()
    one.flow.network.desks["service"].counts.answer_ms.observe(1500)
    flow = one.flow
    whole = RoutingFigures(flow.network, flow.reroute.counts, flow.lessons.learned, flow.lessons.imported)
    (found,) = [family for family in families(whole) if family.type == "histogram"]
    assert found.name == "smpp_gateway_lookup_seconds"
    assert {source: histogram.total for (source,), histogram in found.histograms} == {"service": 1500, "recycling": 0}


def test_breakers() -> None:
    one = world()
    breaker = one.flow.network.breakers()["service"]
    for _ in range(10):
        breaker.failed(one.now)
    told = figures(one)
    assert [state for (name, state), on in told["lookup_breaker_state"].items() if name == "service" and on] == ["open"]
    assert told["lookup_breaker_opened"] == {("service",): 1, ("recycling first",): 0}


def test_what_is_imported_learned_and_led_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "imported.numbers"
    write_differences(file, {819030000009: "two"}, 1_795_478_400_000)
    errors = {"temporary": [0x58], "not_mine": [0x45], "elsewhere": [0x0B]}
    one = World(
        settings(
            carriers={"one": profile(errors=errors), "two": profile()},
            portability={"library_names": NAMES, "learned": {}, "imported_file": str(file)},
            routing={
                "routes": {"two": {"serves": ["one"]}},
                "rules": [{"name": "both", "routes": [{"to": "one"}, {"to": "two"}]}],
            },
        )
    )
    carrier = one.carrier("one")
    one.carrier("two")
    carrier.answer = refuse(0x0B)
    one.submit(one.customer(), message())
    carrier.answer = refuse(0x45)
    one.submit(one.customer(), message(b"09030000002"))
    told = figures(one)
    assert told["messages_rerouted"] == {("one", "two"): 1}
    assert told["learned_numbers"] == {(): 1}
    assert told["imported_numbers"] == {(): 1}
    assert told["imported_timestamp_seconds"] == {(): 1_795_478_400}
    assert (told["imported_trouble"], told["imported_files_taken"]) == ({(): 0}, {(): 1})
    file.unlink()
    one.advance(1.0)
    assert figures(one)["imported_trouble"] == {(): 1}
