"""`smpp-gateway billing ...` and `usage`: what finance types."""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import click
import orjson

from gateway import clock
from gateway.finance.accounts import Books, books
from gateway.finance.closing import Closed, close, invoice
from gateway.finance.export import MESSAGE_COLUMNS, SEGMENT_COLUMNS, WRITERS, message_rows, segment_rows
from gateway.finance.html import html
from gateway.finance.invoice import Invoice, to_json
from gateway.finance.months import FinanceError, judged
from gateway.finance.payments import correct, pay, top_up
from gateway.finance.reconcile import Columns, Reconciliation, reconcile
from gateway.finance.source import records_after, segments_after
from gateway.finance.usage import Usage, usage
from gateway.flow.carrier_ids import IdForm, canonical
from gateway.model.errors import GatewayError
from gateway.model.money import Sen, yen
from gateway.settings.load import SettingsError, load
from gateway.settings.models import Settings
from gateway.store.ledger import Ledger

REFUSED, BAD_CONFIG = 1, 2
DOES_NOT_BALANCE = 1


def _pdf(invoice: Invoice) -> bytes:
    from gateway.finance.pdf import pdf  # noqa: PLC0415 - heavy, and the daemon comes through this module too

    return pdf(invoice)


RENDER = {"pdf": _pdf, "html": html, "json": to_json}

CONFIG = click.option(
    "--config",
    default=Path("config/gateway.yaml"),
    show_default=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The gateway's YAML file.",
)
STATE = click.option(
    "--state-directory",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Where the store lives, in place of store.directory.",
)
MONTH = click.option("--month", required=True, help="A month in Japan, e.g. 2026-11.")
CUSTOMER = click.option("--customer", required=True, help="The account's key in `customers`.")
OUT = click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file in place of stdout.")
WHO = click.option("--who", required=True, help="Who enters this.")
WHY = click.option("--why", required=True, help="The reason, or the bank's text.")
YEN = click.option("--yen", "amount", required=True, type=int, help="Whole yen.")


class Desk(NamedTuple):
    """What every command works with."""

    settings: Settings
    books: Books
    directory: Path
    ledger: Ledger
    now_ms: int


@contextmanager
def _desk(config: Path, state_directory: Path | None) -> Iterator[Desk]:
    """The ledger, opened; ends with exit code 1 for what cannot be done and 2 for a configuration with mistakes."""
    try:
        settings = load(config)
    except SettingsError as error:
        for mistake in error.mistakes:
            click.echo(str(mistake), err=True)
        sys.exit(BAD_CONFIG)
    directory = state_directory or Path(settings.store.directory)
    if not directory.is_dir():
        click.echo(f"there is no store in {directory}", err=True)
        sys.exit(REFUSED)
    try:
        with closing(Ledger(directory)) as ledger:
            yield Desk(settings, books(settings), directory, ledger, clock.wall_ms())
    except GatewayError as error:
        click.echo(str(error), err=True)
        sys.exit(REFUSED)


@contextmanager
def _output(out: Path | None) -> Iterator[IO[bytes]]:
    """Where to write. A file is there when it is whole, or not at all; a device or a pipe is written as it is."""
    if out is None:
        yield sys.stdout.buffer
        return
    plain = out.is_file() or not out.exists()
    place = out.with_name(f".{out.name}.part") if plain else out
    try:
        with place.open("wb") as file:
            yield file
        if plain:
            place.replace(out)
    finally:
        if plain:
            place.unlink(missing_ok=True)


def _customer(desk: Desk, customer: str) -> None:
    if customer not in desk.settings.customers:
        raise FinanceError(f"there is no customer {customer}")


@click.group()
def billing() -> None:
    """Months, invoices, records and payments."""


@billing.command("close")
@CONFIG
@STATE
@MONTH
def close_month(config: Path, state_directory: Path | None, month: str) -> None:
    """Close a month: price it, tax it, issue its invoices. Again changes nothing. Lists the messages still open."""
    with _desk(config, state_directory) as desk:
        _print_closed(close(desk.ledger, desk.directory, desk.books, month, desk.now_ms))


@billing.command("invoice")
@CONFIG
@STATE
@CUSTOMER
@MONTH
@click.option("--format", "form", type=click.Choice(list(RENDER)), default="pdf", show_default=True)
@OUT
def show_invoice(
    config: Path, state_directory: Path | None, customer: str, month: str, form: str, out: Path | None
) -> None:
    """A customer's invoice as it was issued; of an open month as it would be now, without a number."""
    with _desk(config, state_directory) as desk, _output(out) as file:
        file.write(RENDER[form](invoice(desk.ledger, desk.books, customer, month, desk.now_ms)))


@billing.command("export")
@CONFIG
@STATE
@MONTH
@click.option("--format", "form", type=click.Choice(list(WRITERS)), default="csv", show_default=True)
@click.option("--segments", is_flag=True, help="A row a segment in place of a row a message.")
@OUT
def export_month(
    config: Path, state_directory: Path | None, month: str, form: str, segments: bool, out: Path | None
) -> None:
    """A month's records, field by field as in docs/records.md."""
    with _desk(config, state_directory) as desk, _output(out) as file:
        visible = desk.settings.billing.visible_digits
        if segments:
            count = WRITERS[form](
                SEGMENT_COLUMNS, segment_rows(segments_after(desk.directory, judged(month)), visible), file
            )
        else:
            records = (one.record for one in records_after(desk.directory, judged(month)))
            count = WRITERS[form](MESSAGE_COLUMNS, message_rows(records, visible), file)
    click.echo(f"{month}: {count} {'segments' if segments else 'records'}", err=True)


@billing.command("reconcile")
@CONFIG
@STATE
@MONTH
@click.option("--carrier", required=True, help="The profile's key in `carriers`.")
@click.option("--file", "theirs", required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--id-column", default="id", show_default=True)
@click.option("--outcome-column", default="outcome", show_default=True)
@click.option("--day-column", default="day", show_default=True)
@click.option("--encoding", default="utf-8-sig", show_default=True, help="cp932 for a file from a Japanese Excel.")
def reconcile_month(
    config: Path,
    state_directory: Path | None,
    month: str,
    carrier: str,
    theirs: Path,
    id_column: str,
    outcome_column: str,
    day_column: str,
    encoding: str,
) -> None:
    """Compare a carrier's CSV with our segments, day by day. Exit code 1 when the two do not balance."""
    with _desk(config, state_directory) as desk:
        profile = desk.settings.carriers.get(carrier)
        if profile is None:
            raise FinanceError(f"there is no carrier {carrier}")
        found = reconcile(
            carrier,
            segments_after(desk.directory, judged(month)),
            theirs,
            canonical(IdForm(profile.receipts.id_in_receipt)),
            Columns(id_column, outcome_column, day_column, encoding),
        )
        _print_reconciliation(found)
    sys.exit(0 if found.balances else DOES_NOT_BALANCE)


def _entry(function: Callable[..., None]) -> Callable[..., None]:
    """The options of money that came in."""
    reference = click.option("--reference", help="The bank's number, so that the same payment cannot be entered twice.")
    for option in (reference, WHY, WHO, YEN, CUSTOMER, STATE, CONFIG):
        function = option(function)
    return function


@billing.command("credit")
@_entry
def credit(
    config: Path,
    state_directory: Path | None,
    customer: str,
    amount: int,
    who: str,
    why: str,
    reference: str | None,
) -> None:
    """Enter a prepayment, tax included."""
    with _desk(config, state_directory) as desk:
        _customer(desk, customer)
        number = top_up(desk.ledger, customer, amount, who, why, desk.now_ms, reference)
        click.echo(f"transfer {number}: {customer} has {yen(desk.ledger.prepaid_balance(customer))} yen prepaid")


@billing.command("payment")
@_entry
def payment(
    config: Path,
    state_directory: Path | None,
    customer: str,
    amount: int,
    who: str,
    why: str,
    reference: str | None,
) -> None:
    """Enter the payment of an invoice."""
    with _desk(config, state_directory) as desk:
        _customer(desk, customer)
        number = pay(desk.ledger, customer, amount, who, why, desk.now_ms, reference)
        click.echo(f"transfer {number}")


@billing.command("correct")
@CONFIG
@STATE
@CUSTOMER
@click.option("--yen", "amount", required=True, help="Tax excluded; below zero lowers the bill: -9.5")
@WHO
@WHY
@click.option("--record", help="The message_id, hexadecimal, whose charge this corrects.")
@click.option("--transfer", "number", type=int, help="Or the number of the transfer.")
def correct_posting(
    config: Path,
    state_directory: Path | None,
    customer: str,
    amount: str,
    who: str,
    why: str,
    record: str | None,
    number: int | None,
) -> None:
    """Correct a posting by another one, in the month that is open."""
    with _desk(config, state_directory) as desk:
        _customer(desk, customer)
        if (record is None) == (number is None):
            raise FinanceError("name either --record or --transfer")
        try:
            corrects = f"record {int(record, 16):016x}" if record is not None else f"transfer {number}"
        except ValueError:
            raise FinanceError(f"{record!r} is no message_id") from None
        done = correct(desk.ledger, customer, amount, corrects, who, why, desk.now_ms)
        click.echo(f"transfer {done}")


@click.command("usage")
@CONFIG
@STATE
@CUSTOMER
@MONTH
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show_usage(config: Path, state_directory: Path | None, customer: str, month: str, as_json: bool) -> None:
    """What a customer's month comes to so far."""
    with _desk(config, state_directory) as desk:
        _customer(desk, customer)
        found = usage(desk.ledger, desk.directory, desk.books, customer, judged(month), desk.now_ms)
        click.echo(_usage_json(found) if as_json else "\n".join(_usage_lines(found)))


def _print_closed(closed: Closed) -> None:
    click.echo(
        f"{closed.month}: {'was closed before' if closed.again else 'closed'}, {closed.posted} records posted now"
    )
    for one in closed.invoices:
        click.echo(f"  {one.number:30} {one.units:>12,} units {one.total_yen:>15,} yen with tax")
    if closed.alive:
        click.echo(
            f"  {closed.alive} messages of the month are still open; they are billed in the month in which they end:"
        )
        for message in closed.first_alive:
            click.echo(f"    {message.message_id:016x}  {message.customer}  {message.carrier}")


def _print_reconciliation(found: Reconciliation) -> None:
    click.echo(f"{'day':10} {'matched':>10} {'theirs only':>12} {'ours only':>10} {'different':>10}")
    for day in found.days:
        click.echo(
            f"{day.day or '-':10} {day.matched:>10} {day.theirs_only:>12} {day.ours_only:>10} {day.different:>10}"
        )
    for one in found.differences:
        click.echo(
            f"{one.what:18} {one.carrier_id} {one.message or '-'} ours: {one.ours or '-'} theirs: {one.theirs or '-'}"
        )
    if found.repeated:
        click.echo(f"{found.repeated} lines of theirs name a segment again")
    click.echo(f"{found.carrier}: {'balances' if found.balances else 'does not balance'}")


def _usage_lines(found: Usage) -> Iterator[str]:
    yield f"{found.customer} {found.month}: {found.messages:,} messages ended, {found.units:,} units charged"
    for total in found.lines:
        line = total.line
        what = f"{line.carrier} {line.kind or '-'} {line.result}"
        yield f"  {what:40} {total.messages:>12,} messages {total.units:>12,} units  {line.tariff}"
    if found.so_far is None:
        yield found.why_not
        return
    for item in found.so_far.items:
        price = yen(Sen(item.unit_price_sen))
        yield f"  {item.title}: {item.quantity:,} x {price} = {yen(Sen(item.amount_sen))} yen"
    net, tax, whole = found.so_far.net_yen, found.so_far.tax_yen, found.so_far.total_yen
    yield f"  so far {net:,} yen, tax {tax:,}, together {whole:,} yen"


def _usage_json(found: Usage) -> bytes:
    return orjson.dumps(
        {
            "customer": found.customer,
            "month": found.month,
            "messages": found.messages,
            "units": found.units,
            "lines": [one.line._asdict() | {"messages": one.messages, "units": one.units} for one in found.lines],
            "net_yen": found.so_far and found.so_far.net_yen,
            "tax_yen": found.so_far and found.so_far.tax_yen,
            "total_yen": found.so_far and found.so_far.total_yen,
            "why_not": found.why_not,
        }
    )
