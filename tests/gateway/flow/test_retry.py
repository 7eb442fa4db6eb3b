"""The error table, the steps between tries, and the end of waiting for a receipt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.flow.retry import MOST_RETRIES, ErrorTable, Judged, Meaning, Retries, Steps, receipt_due
from gateway.smpp.status import CommandStatus


def test_every_status_means_something() -> None:
    table = ErrorTable({})
    for status in (*CommandStatus, 0x400, 0xFFFF_FFFF):
        assert table.judge(status).reason
    assert table.judge(CommandStatus.ESME_RTHROTTLED).meaning is Meaning.SLOWER
    assert table.judge(CommandStatus.ESME_RSYSERR).meaning is Meaning.HERE
    assert table.judge(0x4FF).meaning is Meaning.PERMANENT


def test_the_profile_has_the_last_word() -> None:
    own = Judged(Meaning.ELSEWHERE, "the phone roams")
    table = ErrorTable({0x4FF: own, CommandStatus.ESME_RSYSERR: Judged(Meaning.IN_DOUBT, "it answers so and delivers")})
    assert table.judge(0x4FF) is own
    assert table.judge(CommandStatus.ESME_RSYSERR).meaning is Meaning.IN_DOUBT
    assert ErrorTable({}).judge(0x4FF).meaning is Meaning.PERMANENT  # of another profile


def test_steps_grow_to_the_longest() -> None:
    steps = Steps(first=1.0, factor=3.0, longest=20.0, jitter=0.0)
    assert [steps.wait(tries, 0.5) for tries in (1, 2, 3, 4, 5)] == [1.0, 3.0, 9.0, 20.0, 20.0]
    assert steps.wait(10**9, 0.0) == 20.0


@given(st.integers(-1, 10**6), st.floats(0, 1, exclude_max=True))
def test_jitter_shortens_a_wait_by_its_share_at_most(tries: int, chance: float) -> None:
    plain, jittered = Steps(jitter=0.0).wait(tries, chance), Steps(jitter=0.3).wait(tries, chance)
    assert 0.7 * plain <= jittered <= plain


def test_the_end_of_the_validity_ends_the_tries() -> None:
    steps = Steps(first=10.0, jitter=0.0)
    assert steps.next_try(1, 100.0, 110.5, lambda: 0.0) == 110.0
    assert steps.next_try(1, 100.0, 110.0, lambda: 0.0) is None


@given(st.floats(0.1, 1e6))
def test_tries_are_few_however_long_the_validity(validity: float) -> None:
    now, tries, steps = 0.0, 0, Steps()
    while (again := steps.next_try(tries + 1, now, validity, lambda: 0.99)) is not None:
        assert again > now
        now, tries = again, tries + 1
    assert tries <= 20 + validity / (0.7 * steps.longest)


@pytest.mark.parametrize(
    ("expires", "carrier", "due"),
    [
        (72 * 3600.0, 3600.0, 3600.0 + 60.0),  # the carrier gives up long before the message does
        (600.0, 72 * 3600.0, 600.0 + 60.0),  # it was told a shorter validity
        (-5.0, 3600.0, 60.0),  # accepted after its end
    ],
)
def test_a_receipt_is_waited_for_as_long_as_it_can_come(expires: float, carrier: float, due: float) -> None:
    assert receipt_due(0.0, expires, carrier, 60.0) == due


def test_a_profile_names_what_means_later() -> None:
    table = ErrorTable.of(
        [0x14, 0x45], [(0x08, "in_doubt", "it answers so and delivers"), (0x45, "elsewhere", "roams")]
    )
    assert table.judge(0x14).meaning is Meaning.SLOWER
    assert table.judge(0x58).meaning is Meaning.PERMANENT  # usually slower, but not named
    assert table.judge(0x08) == (Meaning.IN_DOUBT, "it answers so and delivers")
    assert table.judge(0x45).meaning is Meaning.ELSEWHERE  # a row goes before the lists
    assert ErrorTable.of([0x45], []).judge(0x45).meaning is Meaning.HERE
    assert ErrorTable.of([0x0B], []).judge(0x0B).meaning is Meaning.HERE  # usually for good, but the profile says later


def test_what_waits_is_due_in_its_order() -> None:
    retries: Retries[str] = Retries(Steps(first=1.0, factor=2.0, jitter=0.0))
    assert not retries
    assert retries.seconds_until(0.0) is None
    for item, tries in (("late", 2), ("first", 1), ("second", 1)):
        retries.wait(item, tries, 10.0, 100.0)
    retries.wait("never", 1, 10.0, 11.0)
    assert len(retries) == 3
    assert retries.seconds_until(10.5) == 0.5
    assert list(retries.due(10.9)) == []
    assert list(retries.due(11.0)) == ["first", "second"]
    assert list(retries.due(99.0)) == ["late"]
    assert not retries


def test_so_many_wait_and_no_more() -> None:
    retries: Retries[int] = Retries(Steps())
    for item in range(MOST_RETRIES):
        assert not retries.full
        retries.wait(item, 1, 0.0, 1e9)
    assert retries.full
