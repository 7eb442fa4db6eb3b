"""What a refusal means: each status is in one table at most."""

import pytest

from gateway.flow.bind_refusals import OURS_TO_MEND, PASSING, UNKNOWN, advice, passes
from gateway.smpp.status import CommandStatus


def test_no_status_has_two_meanings() -> None:
    assert not OURS_TO_MEND.keys() & PASSING.keys()
    assert len({*OURS_TO_MEND.values(), *PASSING.values(), UNKNOWN}) >= len(PASSING) + len(OURS_TO_MEND)


@pytest.mark.parametrize("status", [0x0E, 0x0F, 0x53, 0x03])
def test_what_a_person_must_mend(status: int) -> None:
    assert not passes(status)
    assert advice(status) == OURS_TO_MEND[status]


@pytest.mark.parametrize("status", [0x05, 0x08, 0x0D, 0x58, 0x400, 0])
def test_what_passes(status: int) -> None:
    assert passes(status)


def test_a_vendors_status_is_owned_to_be_unknown() -> None:
    assert advice(0x0400) == UNKNOWN
    assert advice(CommandStatus.ESME_RALYBND) != UNKNOWN
