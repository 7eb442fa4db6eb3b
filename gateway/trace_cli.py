"""`smpp-gateway trace`: a message's whole life on a terminal, or as JSON."""

import re
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table

from gateway import clock
from gateway.steer_cli import GatewayUnreachable, ask, installed
from gateway.store.seal import SealBrokenError
from gateway.trace import MOST, Story, Trace
from gateway.trace_asked import KINDS, understood
from gateway.trace_limit import limit_of

NOT_FOUND, BAD_USE = 1, 2
SEN = 100
JST = timedelta(hours=9)


@click.command()
@click.argument("what")
@click.option(
    "--state-directory",
    "directory",
    default=installed,
    envvar="SMPP_GATEWAY_STATE",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where the store is. Else $SMPP_GATEWAY_STATE says it.",
)
@click.option("--as", "kind", type=click.Choice(KINDS), help="What WHAT is; without it, all that it may be.")
@click.option("--most", default=MOST, show_default=True, type=click.IntRange(1, 1_000), help="Messages, the newest.")
@click.option("--country-code", default="81", show_default=True, help="Of numbers that are written as 090...")
@click.option("--text", "texts", is_flag=True, help="Show texts too.")
@click.option(
    "--key-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The store's key, where texts are sealed: 64 hexadecimal digits.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document in place of tables.")
def trace(
    what: str,
    directory: Path,
    kind: str | None,
    most: int,
    country_code: str,
    texts: bool,
    key_file: Path | None,
    as_json: bool,
) -> None:
    """Tell the whole life of the messages that WHAT means: our id, a number, a carrier's id, a reference.

    Beside a gateway that runs, or on a copy of its state directory. Exit 1 when nothing is found.
    """
    try:
        mentions = understood(what, country_code, kind)
        key = _key(key_file)
        stories = Trace(directory, texts=texts, key=key).find(mentions, most)
        _limit(directory, stories)
    except (ValueError, OSError, sqlite3.Error, SealBrokenError) as error:
        click.echo(f"trace: {error}", err=True)
        sys.exit(BAD_USE)
    if as_json:
        click.echo(orjson.dumps({"messages": stories}).decode())
    else:
        console = Console(highlight=False, markup=False)
        for story in stories:
            show(console, story)
    if not stories:
        click.echo(f"trace: nothing is known of {what}", err=True)
        sys.exit(NOT_FOUND)


def _limit(directory: Path, stories: list[Story]) -> None:
    """What keeps those that are alive, by the word of the gateway that runs, if one does."""
    living = [story for story in stories if story["outcome"] is None]
    for story in living:
        story["limit"] = None
    if not living:
        return
    try:
        answer = ask(directory, {"verb": "status"})
    except GatewayUnreachable:
        return
    if answer["ok"]:
        for story in living:
            story["limit"] = limit_of(story, answer["result"], clock.wall_ms())


def _key(path: Path | None) -> bytes:
    """ValueError when the file holds no key."""
    if path is None:
        return b""
    digits = path.read_text("ascii", errors="replace").strip()
    if not re.fullmatch("[0-9A-Fa-f]{64}", digits):
        raise ValueError(f"{path}: a key is 64 hexadecimal digits")
    return bytes.fromhex(digits)


def show(console: Console, story: Story) -> None:
    """One message."""
    console.print(f"{story['id']}  {story['state']}", style="bold")
    facts = Table(show_header=False, box=None, pad_edge=False)
    for name, value in _facts(story):
        facts.add_row(name, value)
    console.print(facts)
    for number, one in enumerate(story["segments"], 1):
        console.print(f"segment {number}: {_segment(one)}")
        for answer in one["not_taken"]:
            console.print(f"  not taken {moment(answer['at'])}: {answer['status']}")
    for one in story["receipts_from_carrier"]:
        console.print(
            f"receipt {one['when']}: {one['state']} {one['error']} for {one['carrier_id']}, {moment(one['arrived_at'])}"
        )
    for one in story["receipts_to_customer"]:
        console.print(f"receipt to the customer for {one['told_id']}: {one['state']}")
    if "text" in story:
        console.print("text: sealed; --key-file opens it" if story["text"] is None else f"text: {story['text']}")
    console.print()


def _segment(one: Story) -> str:
    words = [one["state"]]
    words += [f"carrier's id {one['carrier_id']}"] if one["carrier_id"] else []
    if one["carrier_id_in_answer"] != one["carrier_id"]:
        words.append(f"{one['carrier_id_in_answer']} in its answer")
    words += [f"{one['carrier_id_in_receipt']} in its receipt"] if one["carrier_id_in_receipt"] else []
    words += [f"error {one['error']}"] if one["error"] else []
    words += [f"{one['attempts']} tries"] if one["attempts"] != 1 else []
    words += [f"{one['doubts']} times in doubt"] if one["doubts"] else []
    for word, name in (("sent", "first_sent_at"), ("answered", "answered_at"), ("ended", "ended_at")):
        words += [f"{word} {moment(one[name])}"] if one[name] else []
    return ", ".join(words)


def _facts(story: Story) -> list[tuple[str, str]]:
    decided, outcome, charge = story["decided"], story["outcome"], story["charge"]
    facts = [
        ("customer", story["customer"]),
        ("told ids", ", ".join(story["told_ids"])),
        ("references", ", ".join(story["references"])),
        ("from", _changed(story["from"], decided.get("sender"))),
        ("to", _changed(story["to_as_written"], story["to"])),
        ("submitted", moment(story["submitted_at"])),
    ]
    if story["state"] == "part":
        facts.append(("part", f"{decided['part']} of {decided['of']}, waits for its siblings"))
    else:
        facts += [
            ("carrier", f"{decided['carrier']}, by {_why(decided)}" if decided["carrier"] else "not known yet"),
            ("whose number", f"{decided['serving']} ({decided['known_by']}; ported: {decided['ported'] or 'unknown'})"),
            ("kind", f"{decided['kind']} priority {decided['priority']}".strip()),
            ("due", moment(decided["due_at"])),
            ("valid until", moment(decided["expires_at"])),
            ("size", f"{decided['characters']} characters, {decided['segments']} segments, {decided['units']} units"),
        ]
    if story.get("limit"):
        facts.append(("waits for", story["limit"].replace("_", " ")))
    if outcome is not None:
        why = ", ".join(one for one in (outcome["error"], outcome["reason"]) if one)
        facts.append(("outcome", f"{outcome['state']}{f' ({why})' if why else ''}, {moment(outcome['ended_at'])}"))
        facts.append(("charge", _charge(charge)))
    return [(name, value) for name, value in facts if value]


def _why(decided: Story) -> str:
    rule = f"rule {decided['rule']}" if decided["rule"] else "whose number it is"
    return f"{rule}, after {', '.join(decided['left'])}" if decided["left"] else rule


def _changed(before: str, after: str | None) -> str:
    return f"{before} -> {after}" if after and after != before else before


def _charge(charge: Story) -> str:
    words = f"{_yen(charge['charge_sen'])} yen: {charge['units']} units at {_yen(charge['unit_price_sen'])}"
    words += f" ({charge['tariff']})"
    if charge["check_sen"]:
        words += f", and {_yen(charge['check_sen'])} yen for checks of the recipient"
    return words + (", a test message" if charge["test"] else "")


def _yen(sen: int) -> str:
    return f"{sen // SEN}.{sen % SEN:02d}"


def moment(ms: Any) -> str:
    """A time in Japan, or nothing."""
    if not ms:
        return ""
    return f"{datetime.fromtimestamp(ms // 1000, UTC) + JST:%Y-%m-%d %H:%M:%S}.{ms % 1000:03d}"
