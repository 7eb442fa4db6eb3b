"""The codec's bench measures the right things and prints what others read."""

import json

import pytest

from bench.codec import RECEIPT, SUBMIT_SM, figures, main
from gateway.smpp.codec import decode, encode
from gateway.smpp.receipt import read_receipt


def test_the_submit_sm_has_140_octets_and_two_tlvs() -> None:
    assert len(SUBMIT_SM.short_message) == 140
    assert len(SUBMIT_SM.tlvs) == 2
    assert decode(encode(SUBMIT_SM)) == SUBMIT_SM


def test_the_receipt_is_one() -> None:
    receipt = read_receipt(RECEIPT)
    assert receipt is not None
    assert receipt.message_id == b"0123456789abcdef"
    assert receipt.done_date is not None


def test_ours_is_faster_than_smpplibs_and_than_the_walker() -> None:
    found = figures(calls=2_000, rounds=3)
    assert found["decode_submit_sm_per_s"] > 2 * found["smpplib_decode_submit_sm_per_s"]
    assert found["encode_submit_sm_per_s"] > 2 * found["smpplib_encode_submit_sm_per_s"]
    assert found["decode_submit_sm_per_s"] > found["walk_submit_sm_per_s"]


def test_the_last_line_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--calls", "20", "--rounds", "1"])
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["bench"] == "codec"
    assert min(last[f"{name}_per_s"] for name in ("decode_submit_sm", "encode_submit_sm", "decode_receipt")) > 0
