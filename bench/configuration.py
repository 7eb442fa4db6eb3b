"""The gateway's configuration for a run: the example's, with our addresses, and limits that let the load through.

Everything stays on as the example has it; all carriers bind to the sink, and one of them gets the numbers of the run.
"""

from bisect import bisect_left
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from bench.messages import BLOCK_DIGITS, FIRST_NUMBER

HOST = "127.0.0.1"
PASSWORD = "bench-pw"  # loopback only, for the time of a run
NO_PACE = {"segments_per_second": 1_000_000.0, "burst_segments": 1_000_000}
SPREAD = ("carriers", "customers", "routes", "tariffs")
SEN_A_YEN = 100
MOST_RECEIPT_WINDOW = 1_000


class Wanted(NamedTuple):
    """What the run needs of the gateway."""

    carrier: str
    binds: int
    window: int
    messages: int
    length: int
    listen_port: int
    sink_port: int


class Expected(NamedTuple):
    """What the carrier's profile and the tariff make of one message of the run."""

    segments: int
    units: int
    charge_sen: int


class Configured(NamedTuple):
    """A written configuration, and what the load client, the sink and the audit have to know of it."""

    path: Path
    system_id: str
    sink_binds: int
    id_in_response: str
    id_in_receipt: str
    expected: Expected


def read(path: Path) -> dict[str, Any]:
    """The example and the files that it includes, as one. ValueError when it has no such shape."""
    top = _mapping(path)
    for pattern in top.pop("include", ()):
        for file in sorted(path.parent.glob(pattern)):
            for key, one in _mapping(file).items():
                if key not in SPREAD:
                    raise ValueError(f"{file}: {key} is not expected in an included file")
                top.setdefault(key, {}).update(one)
    return top


def _mapping(path: Path) -> dict[str, Any]:
    value = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(value, dict):
        raise ValueError(f"{path}: not a mapping")  # noqa: TRY004 - the file's fault, not a caller's
    return value


def configure(example: Path, directory: Path, wanted: Wanted) -> Configured:
    """Write `gateway.yaml` and its files into `directory`. ValueError when the example has no such carrier."""
    top = read(example)
    carriers = top["carriers"]
    if wanted.carrier not in carriers:
        raise ValueError(f"no carrier {wanted.carrier!r} in {example}; there are {', '.join(sorted(carriers))}")
    carrier, customer = carriers[wanted.carrier], next(iter(top["customers"].values()))
    top["listen"] = [{"host": HOST, "port": wanted.listen_port}]
    top["metrics"] = {"host": HOST, "port": 0}
    sessions = top.setdefault("sessions", {})
    sessions["window"] = max(sessions.get("window", 1_000), wanted.window)
    _numbers(top, example, directory, wanted)
    _customers(top["customers"].values(), customer, wanted)
    _carriers(carriers.values(), carrier, wanted)
    path = directory / "gateway.yaml"
    path.write_text(yaml.safe_dump(top, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return Configured(
        path,
        customer["system_id"],
        sum(bind.get("count", 1) for one in carriers.values() for bind in one["binds"]),
        carrier["receipts"]["id_in_response"],
        carrier["receipts"]["id_in_receipt"],
        expected(carrier["text"], top["tariffs"][customer["tariff"]], wanted.length),
    )


def _numbers(top: dict[str, Any], example: Path, directory: Path, wanted: Wanted) -> None:
    portability = top.setdefault("portability", {})
    for key in ("ported_files", "block_files"):
        portability[key] = [str((example.parent / name).resolve()) for name in portability.get(key, ())]
    blocks = directory / "blocks.csv"
    first, last = (int(str(number)[:BLOCK_DIGITS]) for number in (FIRST_NUMBER, FIRST_NUMBER + wanted.messages - 1))
    rows = [f"{prefix},{wanted.carrier}\n" for prefix in range(first, last + 1)]
    blocks.write_text("prefix,carrier\n" + "".join(rows), encoding="ascii")
    portability["block_files"].append(str(blocks))


def _customers(everybody: Iterable[dict[str, Any]], customer: dict[str, Any], wanted: Wanted) -> None:
    for one in everybody:
        one["password"] = PASSWORD
    customer["max_binds"] = max(customer.get("max_binds", 10), wanted.binds)
    customer["window"] = max(customer.get("window", 100), wanted.window)
    customer["receipt_window"] = max(customer.get("receipt_window", 50), min(wanted.window, MOST_RECEIPT_WINDOW))
    customer["throttle"] = customer["sources"] = None


def _carriers(everybody: Iterable[dict[str, Any]], carrier: dict[str, Any], wanted: Wanted) -> None:
    for one in everybody:
        for bind in one["binds"]:
            bind |= {"host": HOST, "port": wanted.sink_port, "password": PASSWORD}
    carrier["binds"] = [carrier["binds"][0] | {"mode": "transceiver", "count": wanted.binds}]
    carrier["session"]["window"] = wanted.window
    carrier["pace"] = NO_PACE


def expected(text: dict[str, Any], tariff: dict[str, Any], length: int) -> Expected:
    """Segments, units and charge of a text in UCS-2 without surrogate pairs."""
    cut = length > text["first"] and text["concatenation"] != "payload"
    units = bisect_left(text["units"], length) + 1
    yen = Decimal(tariff["unit_price_yen"][0]["yen"])
    return Expected(-(-length // text["following"]) if cut else 1, units, int(yen * SEN_A_YEN) * units)
