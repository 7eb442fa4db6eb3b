"""What the faster pair is asked, and how its results are read."""

from pathlib import Path

from bench.messages import text
from bench.options import parse
from bench.smppload import load_command, load_figures, sink_command

TOLD = {
    "mode": "client",
    "reason": "done",
    "resp_ok": 990,
    "resp_err": 7,
    "unanswered": 3,
    "receipts": 980,
    "receipts_missing": 10,
    "receipts_duplicate": 2,
    "resp_ms": {"n": 990, "p50": 0.5, "p99": 1.5},
    "receipt_ms": {"n": 980, "p50": 2.5, "p99": 3.5},
    "elapsed_s": 1.25,
    "receipts_elapsed_s": 2.5,
    "cpu_user_s": 0.25,
    "cpu_sys_s": 0.5,
}


def words(command: list[str]) -> dict[str, str]:
    assert command[0] == "./smppload"
    return dict(zip(command[2::2], command[3::2], strict=True))


def test_the_load_that_is_asked_for() -> None:
    options = parse(["--smppload", "./smppload", "--count", "7", "--rate", "5", "--length", "71", "--seconds", "1.5"])
    command = load_command(options, 2775, "demo", "secret", Path("acknowledged"))
    asked = words(command)
    assert command[1] == "client"
    assert (asked["--port"], asked["--count"], asked["--rate"], asked["--registered"]) == ("2775", "7", "5", "1")
    assert (asked["--system-id"], asked["--password"]) == ("demo", "secret")
    assert bytes.fromhex(asked["--payload-hex"]).decode("utf_16_be") == text(0, 71)
    assert (asked["--dest-base"], asked["--data-coding"], asked["--max-seconds"]) == ("819010000000", "8", "2")
    assert asked["--ack-log"] == "acknowledged"
    quiet = parse(["--smppload", "./smppload", "--no-receipts"])
    assert words(load_command(quiet, 1, "a", "b", Path("c")))["--registered"] == "0"


def test_the_sink_that_is_asked_for() -> None:
    command = sink_command("./smppload", 2776, 400, ("hex", "decimal"), Path("record"), 60.2)
    asked = words(command)
    assert command[1] == "smsc"
    assert (asked["--id-format"], asked["--dlr-id-format"]) == ("hex", "dec")
    assert (asked["--port"], asked["--expect"], asked["--record"]) == ("2776", "400", "record")
    assert asked["--max-seconds"] == "61"
    text_ids = words(sink_command("./smppload", 1, 1, ("text", "text"), Path("r"), 1))
    assert (text_ids["--id-format"], text_ids["--dlr-id-format"]) == ("hex", "hex")


def test_its_result() -> None:
    figures = load_figures(TOLD)
    assert (figures.reason, figures.acknowledged, figures.refused, figures.unanswered) == ("done", 990, 7, 3)
    assert (figures.receipts_missing, figures.receipts_doubled) == (10, 2)
    assert (figures.resp_ms_p50, figures.resp_ms_p99) == (0.5, 1.5)
    assert (figures.receipt_ms_p50, figures.receipt_ms_p99) == (2.5, 3.5)
    assert (figures.seconds, figures.cpu_s) == (2.5, 0.75)


def test_without_receipts_time_ends_with_the_last_response() -> None:
    figures = load_figures({**TOLD, "receipts": 0, "receipt_ms": {"n": 0, "p50": 0.0, "p99": 0.0}})
    assert (figures.seconds, figures.receipt_ms_p50) == (1.25, None)
