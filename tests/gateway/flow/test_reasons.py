"""Our words for carriers' codes."""

import pytest

from gateway.flow.reasons import Reasons, network_of, status_of
from gateway.flow.retry import USUAL
from gateway.smpp.status import CommandStatus

TABLE = Reasons(
    err={"001": "absent", "21B": "barred", "255": "redirected"},
    network={"030022": "memory_full"},
    status={0x0B: "unknown_number", 0x400: "vendor_says_no"},
)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (b"001", "absent"),
        (b"1", "absent"),
        (b"0001", "absent"),
        (b"21b", "barred"),
        (b"255", "redirected"),
        (b"030022", "memory_full"),
        (b"0000000b", "unknown_number"),
        (b"00000400", "vendor_says_no"),
        (b"000", ""),
        (b"", ""),
        (b"999", ""),
        (b"\xff\x00", ""),
        (b"030023", ""),
    ],
)
def test_the_profile_decides(error: bytes, reason: str) -> None:
    assert TABLE.of(error) == reason


def test_a_refusal_of_which_the_profile_says_nothing_has_the_usual_words() -> None:
    assert TABLE.of(b"0000000a") == USUAL[CommandStatus.ESME_RINVSRCADR].reason


def test_kinds_of_errors_are_told_apart_by_their_length() -> None:
    assert status_of(b"0000000b") == 0x0B
    assert status_of(b"00b") is None
    assert status_of(b"zzzzzzzz") is None
    assert network_of(b"030022") == b"\x03\x00\x22"
    assert network_of(b"0300") == network_of(b"zzzzzz") == b""


def test_a_code_of_six_digits_that_is_in_no_network_table_is_an_err() -> None:
    assert Reasons(err={"100001": "own"}).of(b"100001") == "own"
