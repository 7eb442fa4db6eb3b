"""`smpp-gateway demo`: an insurer's day through the gateway to four simulated carriers, and a table of how it ended."""

import logging
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from simulators import clock
from simulators.children import ChildFailed
from simulators.customer import Customer, NotBound
from simulators.samples import SAMPLES
from simulators.serve import read_record
from simulators.stage import Ports, PortTaken, Stage, set_up
from simulators.table import lines
from simulators.verdict import Result, judge, read_records

SYSTEM_ID = "demo"
PASSWORD = "demo-pw"  # noqa: S105 - the example's, in config/customers/
RECEIPT_SECONDS = 60.0
HEADS = ("message", "number", "carrier", "known by", "characters", "segments", "units", "state", "yen")
NUMBERS = (4, 5, 6, 8)

GOOD, BAD = 0, 1
PORT = click.IntRange(0, 65_535)


@click.command()
@click.option("--once", is_flag=True, help="End after the table: exit 0 if every message ended as expected, else 1.")
@click.option("--port", type=PORT, help="For customers; 0 is any free one. Default: 2775; with --once 0.")
@click.option(
    "--carrier-port",
    type=click.IntRange(0, 65_500),
    help="For the carriers: this one and the next three; 0 are any free ones. Default: 27761; with --once 0.",
)
@click.option(
    "--metrics-port", type=PORT, help="For Prometheus; 0 is any free one. Default: 9275; with --once nowhere."
)
@click.option(
    "--page-port", type=PORT, help="For the status page; 0 is any free one. Default: 9276; with --once nowhere."
)
def main(
    once: bool, port: int | None, carrier_port: int | None, metrics_port: int | None, page_port: int | None
) -> None:
    """Run the gateway with four simulated carriers and send an insurer's day through it.

    Prints what became of each message, and stays up for anybody to bind to until Ctrl-C. The store is a fresh one in a
    temporary directory, which goes when all is well.
    """
    told = {"customers": port, "first_carrier": carrier_port, "metrics": metrics_port, "page": page_port}
    usual = Ports() if once else Ports(2_775, 27_761, 9_275, 9_276)
    ports = usual._replace(**{name: one for name, one in told.items() if one is not None})
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    logging.getLogger("smpp").setLevel(logging.ERROR)  # smpplib warns of a gateway that is quicker to leave
    directory = Path(tempfile.mkdtemp(prefix="smpp-gateway-demo-"))
    code, keep = BAD, False
    try:
        code = _play(directory, ports, once)
        keep = code == BAD
    except PortTaken as error:
        click.echo(f"{error}\nIs another demo running? Choose other ports with the options in brackets.", err=True)
    except (ChildFailed, NotBound) as error:
        click.echo(str(error), err=True)
        keep = True
    except KeyboardInterrupt:
        click.echo("ended before it was done", err=True)
    if keep:
        click.echo(f"logs and store are kept in {directory}", err=True)
    else:
        shutil.rmtree(directory, ignore_errors=True)
    sys.exit(code)


def _end(number: int, _: object) -> None:
    raise KeyboardInterrupt(signal.Signals(number).name)


def _play(directory: Path, ports: Ports, once: bool) -> int:
    with set_up(directory, ports) as stage:
        results, others = _send(stage)
        click.echo("\n".join(lines(HEADS, [_cells(result) for result in results], NUMBERS)))
        click.echo(_sum(results))
        wrong = [f"{result.sample.number}: {one}" for result in results for one in result.complaints] + others
        for one in wrong:
            click.echo(f"WRONG {one}", err=True)
        if not once:
            _stay(stage)
    return BAD if wrong else GOOD


def _send(stage: Stage) -> tuple[list[Result], list[str]]:
    """Send all samples as one customer, wait for the last receipt, judge. Complaints of no single message beside."""
    with Customer(stage.host, stage.port, SYSTEM_ID, PASSWORD, clock.monotonic) as customer:
        sent = [customer.send(sample.submission) for sample in SAMPLES]
        whole = customer.wait(sent, RECEIPT_SECONDS)
    others = [] if whole else [f"not everything was answered within {RECEIPT_SECONDS:g} s, or the gateway hung up"]
    others += [f"a receipt for {receipt.message_id}, which wasn't sent" for receipt in customer.unknown]
    results = judge(sent, SAMPLES, read_records(stage.store), read_record(stage.seen))
    return results, others


def _cells(result: Result) -> tuple[str, ...]:
    sen = result.charge_sen
    return (
        result.sample.what,
        result.sample.number,
        result.carrier or "-",
        result.known_by or "-",
        str(result.characters),
        str(result.segments),
        str(result.units),
        result.state,
        f"{sen // 100}.{sen % 100:02d}",
    )


def _sum(results: Sequence[Result]) -> str:
    good = sum(not result.complaints for result in results)
    sen = sum(result.charge_sen for result in results)
    verdict = "all as expected" if good == len(results) else f"{good} as expected"
    return f"{len(results)} messages, {verdict}; {sen // 100}.{sen % 100:02d} yen, tax excluded"


def _stay(stage: Stage) -> None:
    """Wait for Ctrl-C, or for a child to end by itself."""
    carriers = ", ".join(f"{name} {address}" for name, address in stage.carriers.items())
    click.echo(
        f"""
The gateway is up. Bind with any SMPP 3.4 client:
    host {stage.host}, port {stage.port}, system_id {SYSTEM_ID}, password {PASSWORD}
Numbers to try: {_numbers()}; an end of 0013 is undeliverable, 0014 expires.
Carriers: {carriers}
Status page: {f"http://{stage.page}/ (its token: {stage.token})" if stage.page else "nowhere"}
Metrics: {f"http://{stage.metrics}/metrics" if stage.metrics else "nowhere"}
Log: {stage.gateway.log}
Ctrl-C ends it."""
    )
    sys.stdout.flush()
    try:
        name = stage.ended.get()
    except KeyboardInterrupt:
        click.echo("\nending")
        return
    log = stage.gateway if name == stage.gateway.name else stage.simulator
    raise ChildFailed(f"{name} ended by itself; it said:\n{log.last_lines()}")


def _numbers() -> str:
    first = {sample.carrier: sample.number for sample in reversed(SAMPLES) if sample.carrier}
    return ", ".join(f"{number} ({carrier})" for carrier, number in first.items())


if __name__ == "__main__":
    main()
