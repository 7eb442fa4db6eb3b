"""What would become of one message, without sending it: the production code for numbers, routes and text, run dry."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import orjson

from gateway import clock
from gateway.billing.tariff import Tariff
from gateway.flow.router import Router, every
from gateway.flow.statuses import STATUS_OF
from gateway.model.errors import Reason, Refusal
from gateway.model.lifecycle import SegmentState
from gateway.model.money import Sen, yen
from gateway.model.values import Serving
from gateway.segmenter.alphabets import UCS2, Reading, read_text
from gateway.segmenter.cut import plan
from gateway.segmenter.describe import Described, describe
from gateway.segmenter.rules import TextRule
from gateway.settings.load import SettingsError, load
from gateway.settings.models import Settings

DEFAULT_CONFIG = Path("config/gateway.yaml")
BAD_CONFIG = 2
REFUSED = 1

# A real reference is the next one that no message to the destination has in flight.
DRY_REFERENCE = 1

MAX_SOURCE = 20  # SMPP 3.4, section 4.4.1: source_addr, without its closing NUL

# Nothing is known of a number that a person types (SMPP 3.4, section 5.2.5), but that it is a telephone number.
TON_UNKNOWN, NPI_ISDN = 0, 1


class OnCarrier(NamedTuple):
    """The message on one carrier. `refusal` says why that carrier cannot have it; there is nothing else then."""

    carrier: str
    refusal: Refusal | None
    characters: int  # as the carrier gets the text
    units: int
    amount: Sen
    segments: list[Described]


class Explanation(NamedTuple):
    """The whole answer. `carriers` has the chosen one first, then the others in the order of the configuration."""

    e164: str
    source: str
    serving: Serving
    chosen: str
    characters: int  # as the customer wrote it
    tariff: str
    unit_price: Sen
    carriers: list[OnCarrier]

    @property
    def refusal(self) -> Refusal | None:
        """Why the message is refused; None when it is accepted."""
        return self.carriers[0].refusal


def explain_message(settings: Settings, to: str, source: str, text: str, customer: str | None = None) -> Explanation:
    """Say what would become of a message. Without `customer` the first price list holds.

    Refusal for what no carrier could help: number, route, sender, text. KeyError for an unknown customer.
    """
    account = None if customer is None else settings.customers[customer]
    if (
        not source.isascii()
        or len(source) > MAX_SOURCE
        or (account and account.sources is not None and source not in account.sources)
    ):
        raise Refusal(Reason.INVALID_SOURCE)
    e164 = settings.numbers.rules().normalise(to.encode("utf-8", "replace"), TON_UNKNOWN, NPI_ISDN)
    router = Router(settings.build_portability(), settings.build_routes(), every)
    kind = "" if account is None else account.message_kind or ""
    sender = source.encode("ascii")
    serving, way = router.taker(router.look_up(e164), customer or "", sender, e164, clock.wall_ms(), kind=kind)
    chosen = way.carrier_key
    octets = read_text(text.encode("utf_16_be", "surrogatepass"), UCS2, Reading())
    tariff = _tariff(settings, next(iter(settings.tariffs)) if account is None else account.tariff)
    return Explanation(
        e164.decode("ascii"),
        source if way.sender is None else way.sender.addr.decode("latin-1"),
        serving,
        chosen,
        len(octets) // 2,
        tariff.label,
        tariff.tiers[0].unit_price,
        [
            _on_carrier(key, settings.carriers[key].text.rule(), octets, tariff)
            for key in (chosen, *(key for key in settings.carriers if key != chosen))
        ],
    )


def _tariff(settings: Settings, name: str) -> Tariff:
    return settings.tariffs[name].tariff(name)


def _on_carrier(key: str, rule: TextRule, text: bytes, tariff: Tariff) -> OnCarrier:
    try:
        units, _, characters = plan(text, rule)
        segments = describe(text, rule, DRY_REFERENCE)
    except Refusal as refusal:
        return OnCarrier(key, refusal, 0, 0, Sen(0), [])
    amount = tariff.charge(units, SegmentState.DELIVERED, key).amount
    return OnCarrier(key, None, characters, units, amount, segments)


def as_json(explanation: Explanation) -> bytes:
    """One object. `yen` is a number, exact as it is written."""
    return orjson.dumps(
        {
            "to": explanation.e164,
            "from": explanation.source,
            "chosen": explanation.chosen,
            "serving": explanation.serving.carrier,
            "known_by": explanation.serving.source,
            "ported": explanation.serving.ported.value,
            "characters": explanation.characters,
            "tariff": explanation.tariff,
            "yen_a_unit": _number(explanation.unit_price),
            "refused": _refused(explanation.refusal),
            "carriers": [_carrier_object(one) for one in explanation.carriers],
        }
    )


def _carrier_object(one: OnCarrier) -> dict[str, Any]:
    return {
        "carrier": one.carrier,
        "refused": _refused(one.refusal),
        "characters": one.characters,
        "units": one.units,
        "yen": _number(one.amount),
        "segments": [
            {
                "text": segment.text,
                "hex": segment.octets_hex,
                "udh": segment.udh_hex,
                "data_coding": segment.data_coding,
                "message_payload": segment.payload,
                "sar": segment.sar,
            }
            for segment in one.segments
        ],
    }


def _number(amount: Sen) -> orjson.Fragment:
    return orjson.Fragment(yen(amount).encode("ascii"))


def _refused(refusal: Refusal | None) -> str | None:
    return None if refusal is None else f"{STATUS_OF[refusal.reason].name}: {refusal}"


def as_lines(explanation: Explanation) -> Iterator[str]:
    """For people: whose number, what it costs, every carrier side by side, then every segment of each."""
    serving = explanation.serving
    yield f"to          {explanation.e164}"
    yield f"from        {_shown(explanation.source)}"
    through = "" if serving.carrier == explanation.chosen else f", a route of {serving.carrier}"
    yield f"carrier     {explanation.chosen}{through} (by {serving.source}; {_ported(serving)})"
    yield f"characters  {explanation.characters}"
    yield f"price       {yen(explanation.unit_price)} yen a unit, tax excluded, if delivered ({explanation.tariff})"
    yield ""
    width = max(len(one.carrier) for one in explanation.carriers)
    yield f"  {'carrier':{max(width, 7)}}  characters  units     yen  segments"
    for one in explanation.carriers:
        mark = "*" if one.carrier == explanation.chosen else " "
        name = f"{mark} {one.carrier:{max(width, 7)}}"
        if one.refusal is not None:
            yield f"{name}  refused, {_refused(one.refusal)}"
        else:
            yield f"{name}  {one.characters:>10}  {one.units:>5}  {yen(one.amount):>6}  {len(one.segments):>8}"
    for one in explanation.carriers:
        for segment in one.segments:
            yield ""
            yield from _segment_lines(one.carrier, segment)


def _ported(serving: Serving) -> str:
    return "not known whether it was ported" if serving.ported.name == "UNKNOWN" else serving.ported.value


def _segment_lines(carrier: str, segment: Described) -> Iterator[str]:
    where = "message_payload" if segment.payload else "short_message"
    yield f"{carrier}, segment {segment.number} of {segment.total}: {where}, data_coding {segment.data_coding:#04x}"
    yield f"  text  {_shown(segment.text)}"
    if segment.sar is not None:
        reference, total, number = segment.sar
        yield f"  sar   reference {reference}, total {total}, number {number}"
    if segment.udh_hex:
        yield f"  udh   {segment.udh_hex}"
    yield f"  hex   {segment.octets_hex}"


def _shown(text: str) -> str:
    """In quotes, on one line, and harmless to a terminal."""
    quoted = orjson.dumps(text).decode()
    return "".join(character if ord(character) not in _CONTROLS else "\ufffd" for character in quoted)


_CONTROLS = frozenset({*range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)})


@click.command("explain")
@click.option("--to", required=True, metavar="NUMBER", help="The destination, as a customer writes it.")
@click.option("--from", "source", required=True, metavar="SENDER", help="The sender address.")
@click.option("--text", required=True, help="The text.")
@click.option("--customer", metavar="NAME", help="Whose sender addresses and prices hold. Else: the first price list.")
@click.option("--json", "json", is_flag=True, help="One JSON object in place of lines for people.")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"The gateway's YAML file. Default: {DEFAULT_CONFIG}, if there is one.",
)
def explain(to: str, source: str, text: str, customer: str | None, json: bool, config: Path | None) -> None:
    """Say which carrier a message would go to and why, how it would be cut on every carrier, and what it would cost.

    Nothing is sent. Exit 1 when the message would be refused, 2 when the configuration or the command is wrong.
    """
    if config is None and not DEFAULT_CONFIG.exists():
        raise click.UsageError(f"there is no {DEFAULT_CONFIG} here: say --config FILE")
    try:
        settings = load(config or DEFAULT_CONFIG)
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(BAD_CONFIG)
    if customer is not None and customer not in settings.customers:
        raise click.BadParameter("no such customer in the configuration", param_hint="--customer")
    try:
        explanation = explain_message(settings, to, source, text, customer)
    except Refusal as refusal:
        click.echo(f"refused, {_refused(refusal)}", err=True)
        sys.exit(REFUSED)
    if json:
        click.echo(as_json(explanation))
    else:
        for line in as_lines(explanation):
            click.echo(line)
    if explanation.refusal is not None:
        sys.exit(REFUSED)
