"""Rates second by second, and the curve that is drawn of them."""

from gateway.page.throughput import HEIGHT, POINTS, SECONDS, WIDTH, Ring, Throughput, line
from tests.gateway.flow.world import World


def test_a_ring_tells_rates_between_looks_and_forgets_the_oldest() -> None:
    ring = Ring()
    ring.look(100, 0.0)
    assert (ring.rates(), ring.recent()) == ((), 0.0)
    ring.look(110, 1.0)
    ring.look(130, 3.0)
    ring.look(130, 3.0)  # a clock that stands still says nothing
    assert ring.rates() == (10.0, 10.0)
    ring.look(90, 4.0)  # a counter that steps back is no negative rate
    assert ring.rates()[-1] == 0.0
    for second in range(SECONDS + 50):
        ring.look(90 + 5 * second, 5.0 + second)
    assert len(ring.rates()) == SECONDS
    assert ring.recent() == 5.0


def points(rates: list[float]) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, _, y in (one.partition(",") for one in line(rates).points.split())]


def test_a_curve_ends_at_the_right_and_stays_in_its_box() -> None:
    assert line([]).points == ""
    whole = points([float(one % 50) for one in range(SECONDS)])
    assert len(whole) == POINTS
    assert (whole[0][0], whole[-1][0]) == (0.0, WIDTH)
    assert all(0.0 <= y <= HEIGHT for _, y in whole)
    short = points([1.0] * 7)
    assert len(short) == 2
    assert short[-1][0] == WIDTH
    assert line([0.0] * 10).most == 0.0
    assert line([1.0] * 5 + [3.0] * 5).most == 3.0


def test_it_counts_the_whole_and_each_carrier() -> None:
    flow = World().flow
    one = Throughput(flow.accounts, flow.carriers)
    one.look(0.0)
    flow.accounts["shop"].counts.accepted += 30
    flow.accounts["shop"].counts.receipts_handed_over += 10
    flow.carriers["two"].counts.segments_sent += 20
    one.look(1.0)
    assert (one.accepted.recent(), one.sent.recent(), one.handed_over.recent()) == (30.0, 20.0, 10.0)
    assert (one.carrier("one").recent(), one.carrier("two").recent()) == (0.0, 20.0)


def test_a_carrier_that_is_no_more_is_forgotten() -> None:
    flow = World().flow
    one = Throughput(flow.accounts, flow.carriers)
    one.look(0.0)
    flow.carriers["two"].counts.segments_sent += 20
    one.look(1.0)
    gone = flow.carriers.pop("two")
    one.look(2.0)
    flow.carriers["two"] = gone
    assert one.carrier("two").rates() == ()
