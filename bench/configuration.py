"""The gateway's configuration for a run: the example's, with our addresses, and limits that let the load through.

Everything stays on as the example has it; all carriers bind to the sink, and one of them gets the numbers of the run.
"""

from bisect import bisect_left
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from bench.limits import MOST_BINDS
from bench.messages import BLOCK_DIGITS, FIRST_NUMBER, SHARED_BLOCK_DIGITS

HOST = "127.0.0.1"
PASSWORD = "bench-pw"  # loopback only, for the time of a run
NO_PACE = {"segments_per_second": 1_000_000.0, "burst_segments": 1_000_000}
SPREAD = ("carriers", "customers", "routes", "tariffs")
SEN_A_YEN = 100
MOST_RECEIPT_WINDOW = 1_000
ALL = "all"  # in the place of a carrier: they take turns


class Wanted(NamedTuple):
    """What the run needs of the gateway. Each carrier under test has its share of `carrier_binds`; 0: as `binds`."""

    carrier: str
    binds: int
    window: int
    messages: int
    length: int
    listen_port: int
    sink_port: int
    customers: int = 1
    carrier_binds: int = 0


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
    if wanted.carrier not in {ALL, *carriers}:
        raise ValueError(f"no carrier {wanted.carrier!r} in {example}; there are {', '.join(sorted(carriers))}")
    tested = list(carriers) if wanted.carrier == ALL else [wanted.carrier]
    carrier, customer = carriers[tested[0]], next(iter(top["customers"].values()))
    top["listen"] = [{"host": HOST, "port": wanted.listen_port}]
    top["metrics"] = {"host": HOST, "port": 0}
    if top.get("page"):
        top["page"] |= {"host": HOST, "port": 0}
    sessions = top.setdefault("sessions", {})
    sessions["window"] = max(sessions.get("window", 1_000), wanted.window)
    doors = top.setdefault("doors", {})
    for key in ("max_binds_of_address", "max_connections_of_address"):  # all come from this machine
        doors[key] = max(doors.get(key, 0), MOST_BINDS + wanted.binds)
    _numbers(top, example, directory, tested, wanted)
    top["customers"] |= _customers(top["customers"].values(), customer, wanted)
    _carriers(carriers, tested, wanted)
    price = top["tariffs"][customer["tariff"]]
    expectations = {expected(carriers[one]["text"], price, wanted.length) for one in tested}
    if len(expectations) > 1:
        raise ValueError(f"{wanted.length} characters are not the same to all carriers")
    path = directory / "gateway.yaml"
    path.write_text(yaml.safe_dump(top, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return Configured(
        path,
        customer["system_id"],
        sum(bind.get("count", 1) for one in carriers.values() for bind in one["binds"]),
        carrier["receipts"]["id_in_response"],
        carrier["receipts"]["id_in_receipt"],
        *expectations,
    )


def _numbers(top: dict[str, Any], example: Path, directory: Path, tested: list[str], wanted: Wanted) -> None:
    portability = top.setdefault("portability", {})
    for key in ("ported_files", "block_files"):
        portability[key] = [str((example.parent / name).resolve()) for name in portability.get(key, ())]
    blocks = directory / "blocks.csv"
    digits = BLOCK_DIGITS if len(tested) == 1 else SHARED_BLOCK_DIGITS
    first, last = (int(str(number)[:digits]) for number in (FIRST_NUMBER, FIRST_NUMBER + wanted.messages - 1))
    rows = [f"{prefix},{tested[prefix % len(tested)]}\n" for prefix in range(first, last + 1)]
    blocks.write_text("prefix,carrier\n" + "".join(rows), encoding="ascii")
    portability["block_files"].append(str(blocks))


def system_ids(first: str, customers: int) -> list[str]:
    """Who binds: the example's own customer, and more like it."""
    return [first, *(f"bench-{number:04d}" for number in range(1, customers))]


def _customers(
    everybody: Iterable[dict[str, Any]], customer: dict[str, Any], wanted: Wanted
) -> dict[str, dict[str, Any]]:
    """The first one is the run's; return the others like it, by name."""
    for one in everybody:
        one["password"] = PASSWORD
    customer["max_binds"] = max(customer.get("max_binds", 10), wanted.binds)
    customer["window"] = max(customer.get("window", 100), wanted.window)
    customer["receipt_window"] = max(customer.get("receipt_window", 50), min(wanted.window, MOST_RECEIPT_WINDOW))
    customer["throttle"] = customer["sources"] = None
    return {name: customer | {"system_id": name} for name in system_ids(customer["system_id"], wanted.customers)[1:]}


def _carriers(carriers: dict[str, dict[str, Any]], tested: list[str], wanted: Wanted) -> None:
    for one in carriers.values():
        for bind in one["binds"]:
            bind |= {"host": HOST, "port": wanted.sink_port, "password": PASSWORD}
    written = carriers[tested[0]]["receipts"]
    shares = (wanted.carrier_binds or wanted.binds), len(tested)
    for place, one in enumerate(carriers[name] for name in tested):
        binds = shares[0] // shares[1] + (place < shares[0] % shares[1])
        one["binds"] = [one["binds"][0] | {"mode": "transceiver", "count": max(1, binds)}]
        one["session"]["window"] = wanted.window
        one["pace"] = NO_PACE
        one["receipts"] |= {key: written[key] for key in ("id_in_response", "id_in_receipt")}


def expected(text: dict[str, Any], tariff: dict[str, Any], length: int) -> Expected:
    """Segments, units and charge of a text in UCS-2 without surrogate pairs."""
    cut = length > text["first"] and text["concatenation"] != "payload"
    units = bisect_left(text["units"], length) + 1
    yen = Decimal(tariff["unit_price_yen"][0]["yen"])
    return Expected(-(-length // text["following"]) if cut else 1, units, int(yen * SEN_A_YEN) * units)
