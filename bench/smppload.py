"""The faster pair: how `smppload` is asked for a load and a sink, and how its results are read."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bench.messages import FIRST_NUMBER, SOURCE, text
from simulators import wire

PATIENCE_SECONDS = 10
ID_FORMATS = {"hex": "hex", "decimal": "dec", "text": "hex"}


class LoadFigures(NamedTuple):
    """What a load client tells, whichever it was. `seconds` end with the last receipt."""

    reason: str
    acknowledged: int
    refused: int
    unanswered: int
    receipts_missing: int
    receipts_doubled: int
    seconds: float
    resp_ms_p50: float | None
    resp_ms_p99: float | None
    receipt_ms_p50: float | None
    receipt_ms_p99: float | None
    cpu_s: float
    first_100k_per_s: float | None = None  # messages, by their receipts
    last_100k_per_s: float | None = None


def load_command(
    options: argparse.Namespace, port: int, system_id: str, password: str, acknowledged: Path
) -> list[str]:
    """The load client. All texts are the same: it cannot write a number into them."""
    asked = {
        "port": port,
        "system-id": system_id,
        "password": password,
        "binds": options.binds,
        "window": options.window,
        "count": options.count,
        "rate": options.rate,
        "registered": int(options.receipts),
        "payload-hex": text(0, options.length).encode("utf_16_be").hex(),
        "data-coding": wire.DCS_UCS2,
        "source": SOURCE.decode(),
        "source-ton": 2,
        "dest-base": FIRST_NUMBER,
        "wait-dlr": PATIENCE_SECONDS,
        "ack-log": acknowledged,
        "max-seconds": int(options.seconds) + 1,
    }
    return [options.smppload, "client", *(word for name, value in asked.items() for word in (f"--{name}", str(value)))]


def sink_command(
    binary: str, port: int, expect: int, id_formats: tuple[str, str], record: Path, seconds: float
) -> list[str]:
    """The sink. `id_formats` are those in the response and in the receipt."""
    asked = {
        "port": port,
        "expect": expect,
        "id-format": ID_FORMATS[id_formats[0]],
        "dlr-id-format": ID_FORMATS[id_formats[1]],
        "record": record,
        "max-seconds": int(seconds) + 1,
    }
    return [binary, "smsc", *(word for name, value in asked.items() for word in (f"--{name}", str(value)))]


def load_figures(told: Mapping[str, Any]) -> LoadFigures:
    """Read the load client's result."""
    receipts = told["receipts"] > 0
    return LoadFigures(
        told["reason"],
        told["resp_ok"],
        told["resp_err"],
        told["unanswered"],
        told["receipts_missing"],
        told["receipts_duplicate"],
        told["receipts_elapsed_s" if receipts else "elapsed_s"],
        *_percentiles(told["resp_ms"]),
        *_percentiles(told["receipt_ms"]),
        told["cpu_user_s"] + told["cpu_sys_s"],
    )


def _percentiles(latencies: Mapping[str, Any]) -> tuple[float | None, float | None]:
    return (latencies["p50"], latencies["p99"]) if latencies["n"] else (None, None)
