"""What the gateway answers an operator, as tables on a terminal."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

Told = Mapping[str, Any]


def show(console: Console, verb: str, result: Told) -> None:
    """The answer to a verb; what has no table of its own is told line by line."""
    _TABLES.get(verb, _lines)(console, result)


def _table(console: Console, rows: Iterable[Told], *columns: str) -> None:
    table = Table(*(one.replace("_", " ") for one in columns), box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*(_word(row[one]) for one in columns))
    console.print(table if table.row_count else "none")


def _word(value: object) -> str:
    if value is None or value is False or value == "":
        return ""
    if value is True:
        return "yes"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {one}" for name, one in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_word(one) for one in value)
    return str(value)


def _lines(console: Console, result: Told) -> None:
    for name, value in result.items():
        if name == "dry_run":
            if value:
                console.print("This would happen; nothing was done.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            _table(console, value, *value[0])
        else:
            console.print(f"{name.replace('_', ' ')}: {_word(value) or '-'}")


def _status(console: Console, result: Told) -> None:
    store = result["store"]
    state = "draining" if result["draining"] else "up"
    console.print(f"smpp-gateway {result['version']}, {state} for {_span(result['up_seconds'])}")
    console.print("messages: " + ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in result["messages"].items()))
    troubles = [f"stuck: {store['stuck']}"] if store["stuck"] else []
    troubles += [f"archive stuck: {store['archive_stuck']}"] if store["archive_stuck"] else []
    troubles += ["behind: intake waits"] if store["behind"] else []
    console.print(f"store: {'; '.join(troubles) or 'well'} ({store['batches']} batches, {store['changes']} changes)")
    if result["configuration_refused"]:
        console.print("configuration: the one that was read last was refused; `reload --dry-run` says why")
    owed = result["receipts_owed_in_memory"]
    console.print(f"customers: {result['customers_bound']} bound, {owed} receipts owed to them in memory")
    for name in ("held_customers", "drained_customers", "log_levels", "pdu_traces", "reroutes"):
        if result.get(name):
            console.print(f"{name.replace('_', ' ')}: {_word(result[name])}")
    rows = [
        {
            "carrier": row["carrier"],
            "limit": row["limit"],
            "binds": f"{row['binds_up']}/{row['binds']}",
            "window": f"{row['in_flight']}/{row['window']}",
            "waiting": row["waiting"],
            "disk": row["on_disk"],
            "receipts": row["awaiting_receipt"],
            "rate": row["segments_per_second"],
            "sent": row["sent"],
        }
        for row in result["carriers"]
    ]
    _table(console, rows, "carrier", "limit", "binds", "window", "waiting", "disk", "receipts", "rate", "sent")
    for row in result["carriers"]:
        if row["refused"]:
            console.print(f"{row['carrier']} refused: {_word(row['refused'])}")
        for hint in row.get("hints", ()):
            console.print(f"{row['carrier']}: {hint}")


def _binds(console: Console, result: Told) -> None:
    _table(console, result["carriers"], "bind", "state", "service", "in_flight", "window", "refused")
    rows = [
        row | {"under_way": row["requests_under_way"], "receipts": row["receipts_in_flight"]}
        for row in result["customers"]
    ]
    _table(console, rows, "bind", "state", "under_way", "window", "receipts")


def _queues(console: Console, result: Told) -> None:
    _table(console, result["queues"], "carrier", "priority", "customer", "waiting", "on_disk", "held")


def _customers(console: Console, result: Told) -> None:
    rows = [
        {
            "customer": row["customer"],
            "limit": row["limit"],
            "steered": "drained" if row["drained"] else "held" if row["held"] else "",
            "binds": len(row["binds"]),
            "waiting": row["waiting"],
            "owed": row["receipts_owed_in_memory"],
            "accepted": row["accepted"],
            "refused": sum(row["refused"].values()),
        }
        for row in result["customers"]
    ]
    _table(console, rows, "customer", "limit", "steered", "binds", "waiting", "owed", "accepted", "refused")


def _attempts(console: Console, result: Told) -> None:
    rows = [row | {"last": _moment(row["last_at"])} for row in result["attempts"]]
    _table(console, rows, "last", "system_id", "peer", "why", "count")


def _span(seconds: int) -> str:
    days, rest = divmod(seconds, 86_400)
    return f"{f'{days} d ' if days else ''}{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"


def _moment(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%d %H:%M:%S}Z"


_TABLES: dict[str, Callable[[Console, Told], None]] = {
    "status": _status,
    "binds": _binds,
    "queues": _queues,
    "customers": _customers,
    "attempts": _attempts,
}
