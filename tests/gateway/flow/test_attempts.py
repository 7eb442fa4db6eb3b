"""The last attempts: bounded, the newest first, the same thing again counted up."""

from gateway.flow.attempts import MOST_NAMES, STATUS_OF_OUTCOME, Attempts, Outcome
from gateway.model.origin import Origin

OFFICE = Origin.of("192.0.2.1", 5_000)


def test_every_outcome_has_a_status_and_only_one_is_well() -> None:
    assert set(STATUS_OF_OUTCOME) == set(Outcome)
    assert [outcome for outcome, status in STATUS_OF_OUTCOME.items() if status == 0] == [Outcome.BOUND]


def test_the_same_again_counts_up_and_is_the_newest() -> None:
    attempts = Attempts()
    attempts.note(b"shop", OFFICE, Outcome.WRONG_PASSWORD, 1_000)
    attempts.note(b"mall", OFFICE, Outcome.BOUND, 2_000)
    again = attempts.note(b"shop", OFFICE._replace(port=5_001), Outcome.WRONG_PASSWORD, 3_000)
    assert (again.count, again.first_ms, again.last_ms, str(again.origin)) == (2, 1_000, 3_000, "192.0.2.1:5001")
    assert [(one.system_id, one.outcome) for one in attempts.last()] == [
        ("shop", Outcome.WRONG_PASSWORD),
        ("mall", Outcome.BOUND),
    ]
    assert attempts.counts == {"wrong_password": 2, "bound": 1}


def test_other_addresses_and_other_outcomes_are_their_own() -> None:
    attempts = Attempts()
    for host in ("192.0.2.1", "192.0.2.2"):
        for outcome in (Outcome.BOUND, Outcome.GONE):
            attempts.note(b"shop", Origin.of(host), outcome, 0)
    assert [one.count for one in attempts.last()] == [1, 1, 1, 1]


def test_the_oldest_make_room() -> None:
    attempts = Attempts(most=3)
    for number in range(10_000):
        attempts.note(b"shop", Origin.of(f"10.0.{number >> 8}.{number & 255}"), Outcome.WRONG_PASSWORD, number)
    assert [one.first_ms for one in attempts.last()] == [9_999, 9_998, 9_997]
    assert len(attempts) == 3
    assert len(attempts._names) == 3
    assert attempts.counts["wrong_password"] == 10_000


def test_who_makes_up_names_does_not_push_the_others_out() -> None:
    attempts = Attempts(most=100)
    attempts.note(b"shop", Origin.of("192.0.2.2"), Outcome.WRONG_PASSWORD, 0)
    for number in range(10_000):
        household = Origin.of(f"2001:db8::{number:x}")
        attempts.note(b"%d" % number, household, Outcome.UNKNOWN_SYSTEM_ID, number)
    assert len(attempts) == 1 + MOST_NAMES + 1
    newest, *_, oldest = attempts.last()
    assert (newest.system_id, newest.count) == ("9999", 10_000 - MOST_NAMES)
    assert oldest.system_id == "shop"
    assert attempts.note(b"3", Origin.of("2001:db8::3"), Outcome.UNKNOWN_SYSTEM_ID, 0).count == 2


def test_binds_are_never_summed_up() -> None:
    attempts = Attempts()
    for number in range(50):
        attempts.note(b"%d" % number, OFFICE, Outcome.BOUND, number)
    assert len(attempts) == 50


def test_whatever_octets_a_name_has() -> None:
    assert Attempts().note(b"\xff\x01\n", OFFICE, Outcome.BOUND, 0).system_id == "\xff\x01\n"
