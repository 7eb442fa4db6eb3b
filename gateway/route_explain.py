"""`smpp-gateway route explain`: what every source says of a number, the rule that decides, the routes in order."""

import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import orjson

from gateway import clock
from gateway.flow.inquiry import ENDED_BY, ERROR
from gateway.flow.router import minute_of
from gateway.flow.statuses import STATUS_OF
from gateway.model.errors import Refusal
from gateway.model.money import yen
from gateway.model.values import Ported, Serving
from gateway.route_asked import Told, ask_all, kept_fact, remembered
from gateway.route_found import Known, Routed, route
from gateway.routing.portability import BLOCKS, BY_BLOCK, LEARNED, NETWORK, Answered
from gateway.settings.load import SettingsError, load
from gateway.settings.models import Settings

DEFAULT_CONFIG = Path("config/gateway.yaml")
REFUSED, BAD_CONFIG = 1, 2
MS_A_DAY = 86_400_000


def as_lines(routed: Routed, now_ms: int) -> Iterator[str]:
    """For people."""
    yield f"number   {routed.e164}"
    yield "sources  in the order in which they are asked; > decides"
    for place, answer in enumerate(routed.answers, 1):
        mark = ">" if routed.decides(answer) else " "
        if answer.source == NETWORK:
            for name, told in routed.network:
                won = routed.serving is not None and routed.serving.source == name
                yield f"{'>' if won else ' '} {place} {name:9} {_network_says(told, now_ms)}"
            continue
        if answer.source == LEARNED and routed.learned_trouble:
            yield f"  {place} {answer.source:9} not known: {routed.learned_trouble}"
            continue
        says = f"{answer.says}{_ported(answer.serving)}{_barred(answer)}"
        yield f"{mark} {place} {answer.source:9} {says}{_age(answer.as_of, now_ms)}{_library(routed, answer)}"
    if routed.trouble:
        yield f"  imported file: {routed.trouble}"
    if routed.serving is None:
        yield f"carrier  nobody whom we serve: {routed.why}"
    else:
        yield f"carrier  {routed.serving.carrier}, by {routed.serving.source}: {routed.why}"
    yield f"rule     {routed.choice.rule or 'none: the routes of the carrier'}"
    for place, one in enumerate(routed.choice.routes, 1):
        sender = _sender(routed, place - 1)
        yield f"route {place}  {one.carrier_key}, sender {sender}, {yen(one.cost)} yen a unit"
    if routed.reason is not None:
        yield f"{'ends' if routed.later else 'refused':8} {_end(routed)}"


def _end(routed: Routed) -> str | None:
    """How a message to it would end; None when it would go."""
    if routed.reason is None:
        return None
    if routed.later:
        ended = ENDED_BY[routed.reason]
        return f"REJECTED after it was accepted: err {ERROR[ended].decode('ascii')}, {ended.value}"
    return f"{STATUS_OF[routed.reason].name}: {routed.reason.value}"


def as_json(routed: Routed, now_ms: int) -> bytes:
    """One object."""
    end = _end(routed)
    return orjson.dumps(
        {
            "to": routed.e164,
            "sources": [_source(routed, one, now_ms) for one in routed.answers],
            "network": [_network(routed, name, told, now_ms) for name, told in routed.network],
            "imported_trouble": routed.trouble or None,
            "library": routed.library or None,
            "learned_trouble": routed.learned_trouble or None,
            "carrier": None if routed.serving is None else routed.serving.carrier,
            "known_by": None if routed.serving is None else routed.serving.source,
            "why": routed.why,
            "asks_network": routed.asks_network,
            "rule": routed.choice.rule or None,
            "routes": [
                {
                    "carrier": one.carrier_key,
                    "sender": _sender(routed, place),
                    "yen_a_unit": orjson.Fragment(yen(one.cost).encode("ascii")),
                }
                for place, one in enumerate(routed.choice.routes)
            ],
            "refused": None if routed.later else end,
            "ends": end if routed.later else None,
        }
    )


def _source(routed: Routed, answer: Answered, now_ms: int) -> dict[str, Any]:
    return {
        "source": answer.source,
        "says": answer.says,
        "carrier": None if answer.serving is None else answer.serving.carrier,
        "ported": None if answer.serving is None else answer.serving.ported.value,
        "as_of_ms": answer.as_of or None,
        "age_ms": max(0, now_ms - answer.as_of) if answer.as_of else None,
        "barred": answer.barred,
        "decides": routed.decides(answer),
    }


def _network(routed: Routed, name: str, told: Told | None, now_ms: int) -> dict[str, Any]:
    if told is None:
        return {"source": name, "asked": False}
    answer = told.answer
    return {
        "source": name,
        "asked": True,
        "said": answer.said.name,
        "carrier": answer.carrier or None,
        "called": answer.brand or None,
        "ported": answer.ported.value,
        "as_of_ms": answer.as_of or None,
        "age_ms": max(0, now_ms - answer.as_of) if answer.as_of else None,
        "remembered": told.remembered,
        "answer_ms": None if told.remembered else round(told.ms, 1),
        "decides": routed.serving is not None and routed.serving.source == name,
    }


def _network_says(told: Told | None, now_ms: int) -> str:
    if told is None:
        return "not asked: --ask asks it"
    answer = told.answer
    words = answer.carrier or answer.said.value
    words += f" ({answer.ported.value})" if answer.ported is not Ported.UNKNOWN else ""
    words += f", as it calls {answer.brand}" if answer.brand else ""
    if told.remembered:
        return f"{words}{_age(answer.as_of, now_ms)}, remembered for {answer.ttl or 0:.0f} s more"
    return f"{words}{_age(answer.as_of, now_ms)}, answered in {told.ms:.0f} ms"


def _sender(routed: Routed, place: int) -> str:
    replaced = routed.choice.routes[place].sender
    return (routed.query.sender if replaced is None else replaced.addr).decode("latin-1") or "as written"


def _ported(serving: Serving | None) -> str:
    return "" if serving is None or serving.source == BY_BLOCK else f" ({serving.ported.value})"


def _library(routed: Routed, answer: Answered) -> str:
    return f", by the library {routed.library}" if answer.source == BLOCKS and routed.library else ""


def _barred(answer: Answered) -> str:
    return ", which said that it is not" if answer.barred else ""


def _age(as_of: int, now_ms: int) -> str:
    if not as_of:
        return ""
    at = datetime.fromtimestamp(as_of / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    age = max(0, now_ms - as_of)
    return f", as of {at}, {_span(age)} ago"


def _span(milliseconds: int) -> str:
    for size, word in ((MS_A_DAY, "days"), (3_600_000, "hours"), (60_000, "minutes")):
        if milliseconds >= size:
            return f"{milliseconds / size:.1f} {word}"
    return f"{milliseconds / 1000:.0f} seconds"


def _minute(at: str | None, now_ms: int) -> int:
    if at is None:
        return minute_of(now_ms)
    try:
        time = datetime.strptime(at, "%H:%M")  # noqa: DTZ007 - a time of the day, in Japan
    except ValueError:
        raise click.BadParameter("a time of the day in Japan is written as 21:30", param_hint="--at") from None
    return time.hour * 60 + time.minute


def _known(settings: Settings, directory: Path, e164: bytes, *, ask: bool) -> Known:
    fact, trouble = None, ""
    try:
        fact = kept_fact(directory, e164) if settings.portability.learned is not None else None
    except (sqlite3.Error, OSError, ValueError) as error:
        trouble = f"the store in {directory}: {error}"
    if not settings.lookups.order:
        return Known(fact, trouble)
    return Known(fact, trouble, ask_all(settings.lookups, e164) if ask else remembered(directory, e164))


@click.group("route")
def route_group() -> None:
    """Where messages go, and why."""


@route_group.command("explain")
@click.argument("number")
@click.option("--customer", default="", metavar="NAME", help="The account that would send.")
@click.option("--from", "sender", default="", metavar="SENDER", help="The sender address.")
@click.option("--priority", default=0, type=click.IntRange(0, 3), help="priority_flag.")
@click.option("--kind", default="", help="The kind of message. Default: that of the account.")
@click.option("--at", metavar="HH:MM", help="Time of the day in Japan. Default: now.")
@click.option("--carrier", "forced", default="", metavar="NAME", help="The carrier that the customer would name.")
@click.option("--ask", "ask", is_flag=True, help="Ask the sources of `lookups` now; their answers may cost something.")
@click.option(
    "--state-directory",
    "directory",
    envvar="SMPP_GATEWAY_STATE",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the gateway's store is, for what it learned and remembers. Default: store.directory.",
)
@click.option("--json", "json", is_flag=True, help="One JSON object in place of lines for people.")
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), default=DEFAULT_CONFIG, show_default=True)
def explain(
    number: str,
    customer: str,
    sender: str,
    priority: int,
    kind: str,
    at: str | None,
    forced: str,
    ask: bool,
    directory: Path | None,
    json: bool,
    config: Path,
) -> None:
    """Say what every source knows of NUMBER, which rule decides, and which routes are tried in which order.

    The gateway need not run: what carriers taught it is in its store. What it remembers of look-ups over the network
    is told while it runs; --ask asks them. Exit 1 when a message would not go, 2 when the configuration or the command
    is wrong.
    """
    try:
        settings = load(config)
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(BAD_CONFIG)
    if customer and customer not in settings.customers:
        raise click.BadParameter("no such customer in the configuration", param_hint="--customer")
    if forced and forced not in settings.reached():
        raise click.BadParameter("no such carrier in the configuration", param_hint="--carrier")
    now_ms = clock.wall_ms()
    minute = _minute(at, now_ms)
    try:
        routed = route(
            settings,
            number,
            minute,
            customer=customer,
            sender=sender,
            priority=priority,
            kind=kind,
            forced=forced,
            known=lambda e164: _known(settings, directory or Path(settings.store.directory), e164, ask=ask),
        )
    except Refusal as refusal:
        click.echo(f"refused, {STATUS_OF[refusal.reason].name}: {refusal}", err=True)
        sys.exit(REFUSED)
    if json:
        click.echo(as_json(routed, now_ms))
    else:
        for line in as_lines(routed, now_ms):
            click.echo(line)
    if routed.reason is not None:
        sys.exit(REFUSED)
