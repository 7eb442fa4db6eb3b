"""PDUs are counted by kind, and no peer can make the tally grow."""

import timeit

from gateway.smpp.codec import encode
from gateway.smpp.limits import SessionLimits
from gateway.smpp.pdu import BindTransceiver, SubmitSm, SubmitSmResp
from gateway.smpp.session import Session
from gateway.smpp.states import Side
from gateway.smpp.status import CommandStatus
from gateway.smpp.tally import MOST_KINDS, OTHER_KIND, Tally, add, add_all, count, names_of


def told(tally: Tally) -> dict[tuple[str, str], int]:
    return {names_of(kind): times for kind, times in tally.items()}


def frame(command_id: int, status: int = 0) -> bytes:
    return b"\0\0\0\x10" + command_id.to_bytes(4, "big") + status.to_bytes(4, "big") + b"\0\0\0\1"


def test_kinds_have_smpps_names() -> None:
    tally: Tally = {}
    for one in (SubmitSm(), SubmitSm(), SubmitSmResp(command_status=0x58)):
        count(tally, encode(one, 1))
    assert told(tally) == {("submit_sm", "ESME_ROK"): 2, ("submit_sm_resp", "ESME_RTHROTTLED"): 1}


def test_made_up_statuses_are_one_kind_of_their_command() -> None:
    tally: Tally = {}
    for status in range(0x10_000, 0x10_000 + 5_000):
        count(tally, frame(0x8000_0004, status))
    count(tally, frame(0x8000_0004, 0x58))
    assert told(tally) == {("submit_sm_resp", "other"): 5_000, ("submit_sm_resp", "ESME_RTHROTTLED"): 1}


def test_made_up_commands_are_one_kind() -> None:
    tally: Tally = {}
    for command in range(0x5000, 0x6000):
        count(tally, frame(command))
    assert told(tally) == {("other", "other"): 0x1000}


def test_real_names_in_every_combination_fill_it_and_no_more() -> None:
    tally: Tally = {}
    for status in CommandStatus:
        for command in (4, 5, 0x15, 0x8000_0004, 0x8000_0005):
            count(tally, frame(command, status))
    assert len(tally) == MOST_KINDS + 1
    assert sum(tally.values()) == 5 * len(CommandStatus)
    assert tally[OTHER_KIND] > 1
    assert names_of(OTHER_KIND) == ("other", "other")


def test_tallies_add_up_and_stay_bounded() -> None:
    whole: Tally = {}
    add(whole, frame(4)[4:12], 3)
    for _ in range(3):
        add_all(whole, {frame(4)[4:12]: 2, frame(5)[4:12]: 1})
    assert told(whole) == {("submit_sm", "ESME_ROK"): 9, ("deliver_sm", "ESME_ROK"): 3}


def test_a_session_counts_what_it_reads_and_what_it_writes() -> None:
    ours = Session(Side.MC, SessionLimits(), 0.0, lambda: None)
    ours.receive(encode(BindTransceiver(system_id=b"shop"), 1), 0.0)
    ours.receive(frame(0x15)[:5], 0.0)
    ours.receive(frame(0x15)[5:] + frame(0x7777), 0.0)
    assert told(ours.read) == {
        ("bind_transceiver", "ESME_ROK"): 1,
        ("enquire_link", "ESME_ROK"): 1,
        ("other", "other"): 1,
    }
    assert told(ours.written) == {("enquire_link_resp", "ESME_ROK"): 1, ("generic_nack", "ESME_RINVCMDID"): 1}


def test_it_costs_less_than_a_microsecond() -> None:
    tally: Tally = {}
    one = encode(SubmitSm(short_message=b"x" * 140), 1)
    assert min(timeit.repeat(lambda: count(tally, one), number=5_000, repeat=5)) / 5_000 < 1e-6
