"""What a PDU costs: submit_sm in and out, a receipt's deliver_sm in, and the same through smpplib. One JSON line last.

Run as `python -m bench.codec`. A figure is PDUs a second on one core, the median of several rounds.
"""

import argparse
import json
import statistics
import timeit
from collections.abc import Callable, Sequence

from smpplib.smpp import make_pdu, parse_pdu

from gateway.smpp.codec import decode, encode, encode_submit_sm_resp
from gateway.smpp.constants import ESM_RECEIPT, MessageState
from gateway.smpp.pdu import DeliverSm, EnquireLink, SubmitSm, SubmitSmResp
from gateway.smpp.receipt import read_receipt, write_receipt
from gateway.smpp.tlv import Tag
from gateway.smpp.walker import read_pdu

ROUNDS = 9
CALLS = 30_000
SMPPLIB_SHARE = 20  # it gets one call where we get so many

TEXT = ("本日のご予約を確認しました。" * 5).encode("utf_16_be")

SUBMIT_SM = SubmitSm(
    sequence_number=77,
    source_addr_ton=1,
    source_addr_npi=1,
    source_addr=b"0501234567",
    dest_addr_ton=1,
    dest_addr_npi=1,
    destination_addr=b"819012345678",
    registered_delivery=1,
    data_coding=8,
    short_message=TEXT,
    tlvs=((Tag.USER_MESSAGE_REFERENCE, b"\x12\x34"), (Tag.SOURCE_PORT, b"\x00\x50")),
)
RECEIPT = DeliverSm(
    sequence_number=78,
    source_addr_ton=1,
    source_addr_npi=1,
    source_addr=b"819012345678",
    dest_addr_ton=1,
    dest_addr_npi=1,
    destination_addr=b"0501234567",
    esm_class=ESM_RECEIPT,
    short_message=write_receipt(
        b"0123456789abcdef", MessageState.DELIVERED, b"000", 1, 1, b"2611241530", b"2611241531", b"Your code"
    ),
    tlvs=((Tag.RECEIPTED_MESSAGE_ID, b"0123456789abcdef\0"), (Tag.MESSAGE_STATE, b"\x02")),
)


def per_second(work: Callable[[], object], calls: int, rounds: int) -> int:
    """The median round's calls a second."""
    return round(calls / statistics.median(timeit.repeat(work, number=calls, repeat=rounds)))


def smpplib_submit_sm() -> object:
    """The same submit_sm as smpplib builds and writes it."""
    pdu = make_pdu(
        "submit_sm",
        sequence=77,
        source_addr_ton=1,
        source_addr_npi=1,
        source_addr="0501234567",
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr="819012345678",
        registered_delivery=1,
        data_coding=8,
        short_message=TEXT,
        user_message_reference=0x1234,
        source_port=0x50,
    )
    return pdu.generate()


def figures(calls: int = CALLS, rounds: int = ROUNDS) -> dict[str, int]:
    """Every figure by name."""
    submit_sm, receipt = encode(SUBMIT_SM), encode(RECEIPT)
    submit_sm_resp = encode(SubmitSmResp(sequence_number=77, message_id=b"0123456789abcdef"))
    enquire_link = encode(EnquireLink(sequence_number=79))

    def ours(work: Callable[[], object]) -> int:
        return per_second(work, calls, rounds)

    def theirs(work: Callable[[], object]) -> int:
        return per_second(work, max(1, calls // SMPPLIB_SHARE), rounds)

    return {
        "decode_submit_sm_per_s": ours(lambda: decode(submit_sm)),
        "encode_submit_sm_per_s": ours(lambda: encode(SUBMIT_SM, 77)),
        "decode_receipt_per_s": ours(lambda: read_receipt(decode(receipt))),  # type: ignore[arg-type]  # a DeliverSm
        "build_submit_sm_per_s": ours(
            lambda: SubmitSm(
                source_addr_ton=1,
                source_addr_npi=1,
                source_addr=b"0501234567",
                dest_addr_ton=1,
                dest_addr_npi=1,
                destination_addr=b"819012345678",
                registered_delivery=1,
                data_coding=8,
                short_message=TEXT,
            )
        ),
        "decode_submit_sm_resp_per_s": ours(lambda: decode(submit_sm_resp)),
        "encode_submit_sm_resp_per_s": ours(lambda: encode_submit_sm_resp(0, 77, b"0123456789abcdef")),
        "decode_enquire_link_per_s": ours(lambda: decode(enquire_link)),
        "walk_submit_sm_per_s": ours(lambda: read_pdu(SubmitSm, submit_sm, 0, 77)),
        "smpplib_decode_submit_sm_per_s": theirs(lambda: parse_pdu(submit_sm, need_sequence=False)),
        "smpplib_encode_submit_sm_per_s": theirs(smpplib_submit_sm),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.codec", description="Measure the SMPP codec.")
    parser.add_argument("--calls", type=int, default=CALLS, help="calls in a round")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds, of which the median counts")
    options = parser.parse_args(arguments)
    found = figures(options.calls, options.rounds)
    for name, figure in found.items():
        print(f"{name:34} {figure:>10,}")
    print(json.dumps({"bench": "codec", **found}))


if __name__ == "__main__":
    main()
