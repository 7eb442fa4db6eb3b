"""Each character as it is met on the wire, driven by hand; and several at once."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from simulators import wire
from simulators.chaos import Trouble
from simulators.characters import Character
from simulators.config import SmscConfig
from simulators.smsc import Session, Smsc

TEXT = "保険料".encode("utf_16_be")


def smsc(*characters: dict[str, Any], seed: int = 1, **settings: Any) -> Smsc:
    whole = {"port": 0, "system_id": "gateway", "password": "pw", "receipts": {"delay_seconds": 1.0}}
    config = SmscConfig.model_validate(whole | {"characters": characters} | settings)
    one = Smsc("one", config, seed, lambda: datetime(2026, 11, 24, 20, 15, tzinfo=UTC))
    one.tick(0.0)
    return one


def bound(one: Smsc, now: float = 0.0) -> Session:
    session = one.connect()
    one.receive(session, wire.bind(wire.BIND_TRANSCEIVER, 1, b"gateway", b"pw"), now)
    run(one, now)
    session.out.clear()
    return session


def run(one: Smsc, until: float) -> None:
    while (due := one.due) is not None and due <= until:
        one.tick(due)


def pdus(session: Session) -> list[bytes]:
    found, sound = wire.frames(session.out)
    assert sound
    return found


def submit(one: Smsc, session: Session, now: float = 0.0, to: bytes = b"8190", sequence: int = 2) -> None:
    one.receive(session, wire.submit_sm(sequence, b"INSURER", to, TEXT), now)


def told(session: Session) -> list[str]:
    """What came: `resp` with its status, or what a receipt says; receipts are acknowledged by nobody."""
    names = []
    for pdu in pdus(session):
        head = wire.header(pdu)
        if head.command == wire.DELIVER_SM:
            sm = wire.parse_sm(pdu)
            names.append(f"receipt {sm.short_message.split(b'stat:')[1].split()[0].decode()}")
        else:
            names.append(f"resp {head.status:x}" if head.command == wire.SUBMIT_SM_RESP else f"{head.command:x}")
    return names


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        ({"kind": "slow", "seconds": [3, 3]}, [(1.0, "receipt DELIVRD"), (3.0, "resp 0")]),
        ({"kind": "early", "seconds": [2, 2]}, [(0.0, "receipt DELIVRD"), (2.0, "resp 0")]),
        ({"kind": "refusing", "status": 0x64}, [(0.0, "resp 64")]),
        ({"kind": "silent", "about": "response"}, [(1.0, "receipt DELIVRD")]),
        ({"kind": "silent", "about": "receipt"}, [(0.0, "resp 0")]),
        ({"kind": "silent", "about": "message"}, []),
        (
            {"kind": "repeating", "times": 3, "gap_seconds": 2.0},
            [(0.0, "resp 0"), (1.0, "receipt DELIVRD"), (3.0, "receipt DELIVRD"), (5.0, "receipt DELIVRD")],
        ),
        (
            {"kind": "contradicting", "after_seconds": 4.0},
            [(0.0, "resp 0"), (1.0, "receipt DELIVRD"), (5.0, "receipt UNDELIV")],
        ),
        (
            {"kind": "intermediate", "stats": ["ACCEPTD", "ENROUTE", "ENROUTE"]},
            [(0.0, "resp 0"), (0.25, "receipt ACCEPTD"), (0.5, "receipt ENROUTE"), (0.75, "receipt ENROUTE"),
             (1.0, "receipt DELIVRD")],
        ),
    ],
)  # fmt: skip
def test_a_message_meets_it(character: dict[str, Any], expected: list[tuple[float, str]]) -> None:
    one = smsc(character)
    session = bound(one)
    submit(one, session)
    heard = [(0.0, name) for name in told(session)]
    while (due := one.due) is not None:
        one.tick(due)
        heard += [(due, name) for name in told(session)]
    assert heard == expected


def test_several_play_at_once_and_only_for_whom_they_are_meant() -> None:
    one = smsc(
        {"kind": "early", "seconds": [1, 1], "destination": "1$"},
        {"kind": "repeating", "destination": "1$", "gap_seconds": 0.5},
        {"kind": "contradicting", "text": "保険"},
        {"kind": "slow", "seconds": [9, 9], "text": "nobody writes this"},
    )
    session = bound(one)
    submit(one, session, to=b"811")
    run(one, 20.0)
    assert told(session) == ["receipt DELIVRD", "receipt UNDELIV", "receipt DELIVRD", "resp 0"]
    submit(one, session, 30.0, to=b"812")
    run(one, 40.0)
    assert told(session) == ["resp 0", "receipt DELIVRD", "receipt UNDELIV"]


@pytest.mark.parametrize("status", [0x58, 0x14])
def test_a_hidden_limit_refuses_and_congestion_is_told(status: int) -> None:
    one = smsc({"kind": "throttling", "most_per_second": 2, "status": status, "congestion": True})
    session = bound(one)
    for now in (0.0, 0.1, 0.2, 1.0):
        submit(one, session, now)
    answers = pdus(session)
    assert [wire.header(pdu).status for pdu in answers] == [0, 0, status, 0]
    tlvs = [wire.parse_tlvs(pdu[pdu.index(0, 16) + 1 :]) for pdu in answers]
    assert [one[wire.CONGESTION_STATE] for one in tlvs] == [b"\x32", b"\x63", b"\x63", b"\x32"]


@pytest.mark.parametrize(
    ("character", "same"),
    [
        ({"in_response": {"radix": "hex"}, "in_receipt": {"radix": "decimal", "width": 25}, "bits": 64}, "hex decimal"),
        ({"in_response": {"radix": "hex", "upper": True}, "in_receipt": {"radix": "hex"}, "bits": 100}, "hex hex"),
        ({"in_response": {"radix": "uuid"}, "in_receipt": {"radix": "uuid", "upper": True}}, "text text"),
        ({"in_response": {"radix": "base36"}, "in_receipt": {"radix": "base36", "upper": True}}, "text text"),
    ],
)
def test_ids_differ_and_mean_the_same(character: dict[str, Any], same: str) -> None:
    one = smsc({"kind": "lying_ids"} | character)
    session = bound(one)
    submit(one, session)
    run(one, 1.0)
    resp, receipt = pdus(session)
    in_response = wire.parse_id(resp).decode()
    in_receipt = wire.parse_sm(receipt).short_message.split()[0].removeprefix(b"id:").decode()
    assert in_response != in_receipt
    read: dict[str, Callable[[str], Any]] = {"hex": lambda text: int(text, 16), "decimal": int, "text": str.lower}
    values = [read[how](text) for how, text in zip(same.split(), (in_response, in_receipt), strict=True)]
    assert values[0] == values[1]
    if "bits" in character:
        assert values[0].bit_length() == character["bits"]


def test_ids_are_used_again() -> None:
    one = smsc({"kind": "lying_ids", "again_after": 3})
    session = bound(one)
    for _ in range(6):
        submit(one, session)
    ids = [wire.parse_id(pdu) for pdu in pdus(session)]
    assert len(set(ids)) == 3
    assert ids[:3] == ids[3:]


def test_receipts_come_elsewhere_or_here_when_there_is_no_other() -> None:
    one = smsc({"kind": "elsewhere"})
    first = bound(one)
    submit(one, first)
    run(one, 1.0)
    assert told(first) == ["resp 0", "receipt DELIVRD"]
    second = bound(one, 2.0)
    submit(one, first, 2.0)
    run(one, 3.0)
    assert (told(first), told(second)) == (["resp 0"], ["receipt DELIVRD"])


def test_split_writes_leave_few_octets_at_a_time_and_end_after_the_last() -> None:
    one = smsc({"kind": "split_writes", "octets": 7, "pause_seconds": 0.5})
    session = bound(one)
    run(one, 100.0)
    session.out.clear()
    one.receive(session, wire.enquire_link(5) + wire.unbind(6), 200.0)
    assert not session.out
    pieces = []
    while (due := one.due) is not None:
        assert not session.closing
        one.tick(due)
        pieces.append(bytes(session.out))
        session.out.clear()
    assert b"".join(pieces) == wire.enquire_link_resp(5) + wire.unbind_resp(6)
    assert [len(one) for one in pieces] == [7, 7, 7, 7, 4]
    assert session.closing


def test_lumps_leave_when_there_are_enough_or_when_it_is_time() -> None:
    one = smsc({"kind": "lumped_writes", "pdus": 3, "most_seconds": 2.0})
    session = bound(one, 0.0)
    run(one, 10.0)
    session.out.clear()
    for sequence, expected in ((1, 0), (2, 0), (3, 48), (4, 48)):
        one.receive(session, wire.enquire_link(sequence), 20.0)
        assert len(session.out) == expected
    run(one, 22.0)
    assert len(session.out) == 64


@pytest.mark.parametrize(("by", "within"), [("reset", False), ("reset", True), ("close", False), ("unbind", False)])
def test_it_hangs_up_after_so_many_pdus(by: str, within: bool) -> None:
    one = smsc({"kind": "hanging_up", "by": by, "after_pdus": [3, 3], "within_pdu": within})
    session = bound(one)  # the first
    one.receive(session, wire.enquire_link(5), 1.0)
    assert (session.abort, session.closing) == (False, False)
    session.out.clear()
    one.receive(session, wire.enquire_link(6) + wire.enquire_link(7), 1.0)
    answer = wire.enquire_link_resp(6)
    if by == "unbind":
        assert session.out == answer + wire.unbind(1) + wire.enquire_link_resp(7)
        one.receive(session, wire.unbind_resp(1), 1.0)
        assert session.closing
    else:
        assert session.out == (answer[:8] if within else answer)
        assert (session.abort, session.closing) == (by == "reset", True)


def test_it_hangs_up_in_time_when_its_time_has_come() -> None:
    one = smsc({"kind": "hanging_up", "by": "close", "after_seconds": [2, 2], "from_seconds": 5, "to_seconds": 8})
    session = bound(one)
    seen = []
    for now in (4.9, 8.0):
        run(one, now)
        seen.append(session.closing)
    assert seen == [False, True]
    later = bound(one, 20.0)
    run(one, 60.0)
    assert not later.closing


def test_a_half_open_link_reads_nothing_and_says_nothing_until_it_goes_on() -> None:
    one = smsc({"kind": "half_open", "after_seconds": [1, 1], "for_seconds": 50})
    session = bound(one)
    submit(one, session, 0.5)
    assert told(session) == ["resp 0"]
    run(one, 2.0)
    seen = [session.frozen]
    one.receive(session, wire.enquire_link(5), 3.0)
    run(one, 50.0)
    assert not session.out
    run(one, 51.0)
    assert [*seen, session.frozen] == [True, False]
    assert told(session) == [f"{wire.ENQUIRE_LINK_RESP:x}", "receipt DELIVRD"]


def test_receipts_of_a_half_open_link_go_to_another() -> None:
    one = smsc({"kind": "half_open", "after_pdus": [2, 2], "share": 0.5})
    session, other = bound(one), bound(one)
    if not any(session.links):
        session, other = other, session
    assert session.links
    assert not other.links
    submit(one, session)
    assert session.frozen
    run(one, 2.0)
    assert told(other) == ["receipt DELIVRD"]


def test_mute_after_so_many() -> None:
    one = smsc({"kind": "mute", "after": 2})
    session = bound(one)
    for _ in range(4):
        one.receive(session, wire.enquire_link(5), 0.0)
    assert len(pdus(session)) == 2


@pytest.mark.parametrize(
    ("character", "statuses"),
    [
        ({"first": 2}, [0x0D, 0x0D, 0, 0]),
        ({"status": 0x05, "to_seconds": 25}, [5, 5, 5, 0]),
        ({"status": 0x8F0, "from_seconds": 15, "to_seconds": 25}, [0, 0, 0x8F0, 0]),
    ],
)
def test_binds_are_refused(character: dict[str, Any], statuses: list[int]) -> None:
    one = smsc({"kind": "refusing_binds"} | character)
    heard = []
    for now in (0.0, 10.0, 20.0, 30.0):
        session = one.connect()
        one.receive(session, wire.bind(wire.BIND_TRANSCEIVER, 1, b"gateway", b"pw"), now)
        heard += [wire.header(pdu).status for pdu in pdus(session)]
    assert heard == statuses


@pytest.mark.parametrize("forgets", [False, True])
def test_a_restart_ends_everything_and_comes_back(forgets: bool) -> None:
    one = smsc({"kind": "restarting", "every_seconds": 10, "down_seconds": 2, "forgets": forgets, "to_seconds": 15})
    session = bound(one)
    submit(one, session, 9.5)
    run(one, 10.0)
    assert session.abort
    one.disconnect(session)
    assert one.connect().abort
    run(one, 12.0)
    again = bound(one, 12.5)
    run(one, 30.0)
    assert (one.owing, again.abort) == (0 if forgets else 1, False)


def test_a_share_is_by_lot_and_one_seed_is_one_history() -> None:
    characters = ({"kind": "refusing", "status": 8, "share": 0.3}, {"kind": "slow", "seconds": [0, 5], "share": 0.5})

    def history(seed: int, more: tuple[dict[str, Any], ...] = ()) -> list[bytes]:
        one = smsc(*characters, *more, seed=seed)
        session = bound(one)
        for sequence in range(200):
            submit(one, session, float(sequence), sequence=sequence)
            run(one, float(sequence))
        return pdus(session)

    assert history(1) == history(1)
    assert history(1) != history(2)
    refused = sum(wire.header(pdu).status == 8 for pdu in history(1))
    assert 40 < refused < 80
    another = history(1, ({"kind": "mute", "share": 0.1},))
    assert another == history(1)  # one more character changes the lots of no other


@pytest.mark.parametrize(
    ("character", "message"),
    [
        ({"kind": "rude"}, "does not match any of the expected tags"),
        ({"kind": "slow"}, "slow.seconds"),
        ({"kind": "slow", "seconds": [2, 1]}, "least, most"),
        ({"kind": "silent", "about": "everything"}, "'response', 'receipt' or 'message'"),
        ({"kind": "hanging_up"}, "needs `after_pdus` or `after_seconds`"),
        ({"kind": "mute", "from_seconds": 5, "to_seconds": 5}, "must be after"),
        ({"kind": "mute", "destination": "1"}, "Extra inputs"),
        ({"kind": "elsewhere", "share": 0}, "greater than 0"),
        ({"kind": "contradicting", "stat": "LOST"}, "must be one of"),
        ({"kind": "elsewhere", "destination": "("}, "regular expression"),
    ],
)
def test_a_mistake_has_a_sentence(character: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        smsc(character)


def test_the_documentation_tells_each_with_its_keys() -> None:
    document = (Path(__file__).parents[2] / "docs" / "simulators.md").read_text("utf-8")
    for union in (Character, Trouble):
        for kind in union.__args__[0].__args__:
            name = kind.model_fields["kind"].annotation.__args__[0]
            (row,) = (line for line in document.splitlines() if line.startswith(f"| `{name}` |"))
            assert f"| {' '.join(kind.__doc__.split())} |" in row
            own = [key for key in kind.__annotations__ if key != "kind"]
            assert [key for key in own if f"`{key}`" not in row] == []
