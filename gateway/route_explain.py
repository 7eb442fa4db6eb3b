"""`smpp-gateway route explain`: what every source says of a number, the rule that decides, the routes in order."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import click
import orjson

from gateway import clock
from gateway.flow.router import Router, every, minute_of
from gateway.flow.statuses import STATUS_OF
from gateway.model.errors import Reason, Refusal
from gateway.model.money import yen
from gateway.model.values import Serving
from gateway.routing.portability import BY_BLOCK, Answered
from gateway.routing.routes import Choice
from gateway.routing.rules import Query
from gateway.settings.load import SettingsError, load
from gateway.settings.models import Settings

DEFAULT_CONFIG = Path("config/gateway.yaml")
REFUSED, BAD_CONFIG = 1, 2
MS_A_DAY = 86_400_000


class Routed(NamedTuple):
    """The whole answer. `serving` None, or no routes: the message would be refused for `reason`."""

    e164: str
    answers: tuple[Answered, ...]
    serving: Serving | None
    query: Query
    choice: Choice
    asks_network: bool  # before the answer here holds
    trouble: str  # why the file of imported numbers is not used

    @property
    def reason(self) -> Reason | None:
        """Why it would be refused; None when it would be accepted."""
        if self.choice.routes:
            return None
        return Reason.INVALID_SOURCE if self.choice.barred else Reason.NO_ROUTE


def route(
    settings: Settings,
    number: str,
    minute: int,
    *,
    customer: str = "",
    sender: str = "",
    priority: int = 0,
    kind: str = "",
    forced: str = "",
) -> Routed:
    """Ask the production code. Refusal for what is no mobile number. `minute` of the day in Japan."""
    e164 = settings.numbers.rules().normalise(number.encode("utf-8", "replace"), 0, 1)
    portability = settings.build_portability()
    router = Router(portability, settings.build_routes(), every)
    found = router.ask(e164, forced)
    asks_network = not (found is None or isinstance(found, Serving))
    serving = found if isinstance(found, Serving) else router.look_up(e164)
    if not kind and customer:
        kind = settings.customers[customer].message_kind or ""
    query = Query(
        customer, sender.encode("latin-1", "replace"), e164, serving.carrier if serving else "", minute, priority, kind
    )
    imported = portability.imported
    return Routed(
        e164.decode("ascii"),
        tuple(portability.sources(e164, forced)),
        serving,
        query,
        router.choose(query),
        asks_network,
        "" if imported is None else imported.trouble,
    )


def as_lines(routed: Routed, now_ms: int) -> Iterator[str]:
    """For people."""
    yield f"number   {routed.e164}"
    for answer in routed.answers:
        yield f"  {answer.source:9} {answer.says}{_ported(answer.serving)}{_age(answer.serving, now_ms)}"
    if routed.trouble:
        yield f"  imported file: {routed.trouble}"
    if routed.serving is None:
        yield "carrier  nobody whom we serve"
    else:
        so_far = "; unless the network says otherwise" if routed.asks_network else ""
        yield f"carrier  {routed.serving.carrier}, by {routed.serving.source}{so_far}"
    yield f"rule     {routed.choice.rule or 'none: the routes of the carrier'}"
    for place, one in enumerate(routed.choice.routes, 1):
        sender = _sender(routed, place - 1)
        yield f"route {place}  {one.carrier_key}, sender {sender}, {yen(one.cost)} yen a unit"
    if routed.reason is not None:
        yield f"refused  {STATUS_OF[routed.reason].name}: {routed.reason.value}"


def as_json(routed: Routed) -> bytes:
    """One object."""
    return orjson.dumps(
        {
            "to": routed.e164,
            "sources": [{"source": one.source, "says": one.says, **_serving(one.serving)} for one in routed.answers],
            "imported_trouble": routed.trouble or None,
            "carrier": None if routed.serving is None else routed.serving.carrier,
            "known_by": None if routed.serving is None else routed.serving.source,
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
            "refused": None if routed.reason is None else f"{STATUS_OF[routed.reason].name}: {routed.reason.value}",
        }
    )


def _serving(serving: Serving | None) -> dict[str, Any]:
    if serving is None:
        return {"carrier": None, "ported": None, "as_of_ms": None}
    return {"carrier": serving.carrier, "ported": serving.ported.value, "as_of_ms": serving.as_of or None}


def _sender(routed: Routed, place: int) -> str:
    replaced = routed.choice.routes[place].sender
    return (routed.query.sender if replaced is None else replaced.addr).decode("latin-1") or "as written"


def _ported(serving: Serving | None) -> str:
    return "" if serving is None or serving.source == BY_BLOCK else f" ({serving.ported.value})"


def _age(serving: Serving | None, now_ms: int) -> str:
    if serving is None or not serving.as_of:
        return ""
    at = datetime.fromtimestamp(serving.as_of / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f", as of {at}, {max(0, now_ms - serving.as_of) / MS_A_DAY:.1f} days ago"


def _minute(at: str | None, now_ms: int) -> int:
    if at is None:
        return minute_of(now_ms)
    try:
        time = datetime.strptime(at, "%H:%M")  # noqa: DTZ007 - a time of the day, in Japan
    except ValueError:
        raise click.BadParameter("a time of the day in Japan is written as 21:30", param_hint="--at") from None
    return time.hour * 60 + time.minute


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
    json: bool,
    config: Path,
) -> None:
    """Say what every source knows of NUMBER, which rule decides, and which routes are tried in which order.

    The gateway need not run; what it has learned, and what the network would say, is known only to it. Exit 1 when a
    message would be refused, 2 when the configuration or the command is wrong.
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
            settings, number, minute, customer=customer, sender=sender, priority=priority, kind=kind, forced=forced
        )
    except Refusal as refusal:
        click.echo(f"refused, {STATUS_OF[refusal.reason].name}: {refusal}", err=True)
        sys.exit(REFUSED)
    if json:
        click.echo(as_json(routed))
    else:
        for line in as_lines(routed, now_ms):
            click.echo(line)
    if routed.reason is not None:
        sys.exit(REFUSED)
