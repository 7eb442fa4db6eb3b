"""`smpp-gateway status`, `hold`, `drain`, ...: what an operator types while the gateway runs."""

import getpass
import os
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
import orjson
from rich.console import Console

from gateway.ops.steering import SOCKET_NAME, opened
from gateway.steer_tables import show

REFUSED, UNREACHABLE = 1, 2
ANSWER_SECONDS = 60.0
MOST_ANSWER_OCTETS = 64 << 20

INSTALLED = Path("/var/lib/smpp-gateway")  # where the unit of systemd/ has its state

F = TypeVar("F", bound=Callable[..., None])


def installed() -> Path:
    """The state directory of an installed gateway."""
    return INSTALLED


DIRECTORY = click.option(
    "--state-directory",
    "directory",
    default=installed,
    envvar="SMPP_GATEWAY_STATE",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where the gateway's store is; its socket is there. Or the environment's SMPP_GATEWAY_STATE; without either "
    f"{INSTALLED}.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="The answer as one JSON document.")


class GatewayUnreachable(Exception):
    """Nobody answers at the socket."""


def ask(directory: Path, request: dict[str, Any]) -> dict[str, Any]:
    """One request and its answer. GatewayUnreachable."""
    try:
        with opened(directory) as descriptor, socket.socket(socket.AF_UNIX) as one:
            one.settimeout(ANSWER_SECONDS)
            one.connect(f"/proc/self/fd/{descriptor}/{SOCKET_NAME}")
            one.sendall(orjson.dumps(request) + b"\n")
            answer = bytearray()
            while not answer.endswith(b"\n") and len(answer) < MOST_ANSWER_OCTETS:
                octets = one.recv(1 << 16)
                if not octets:
                    raise GatewayUnreachable("the gateway closed the connection")
                answer += octets
    except FileNotFoundError:
        raise GatewayUnreachable(f"no gateway runs on {directory}") from None
    except ConnectionRefusedError:
        raise GatewayUnreachable(f"the gateway on {directory} has ended") from None
    except TimeoutError:
        raise GatewayUnreachable(f"no answer in {ANSWER_SECONDS:.0f} seconds; is the store stuck?") from None
    except OSError as error:
        raise GatewayUnreachable(str(error)) from None
    found: dict[str, Any] = orjson.loads(answer)
    return found


def answer_of(directory: Path, request: dict[str, Any]) -> dict[str, Any]:
    """The result; the program ends where there is none."""
    try:
        answer = ask(directory, request)
    except GatewayUnreachable as error:
        click.echo(f"{request['verb']}: {error}", err=True)
        sys.exit(UNREACHABLE)
    if not answer["ok"]:
        click.echo(f"{request['verb']}: {answer['error']}", err=True)
        sys.exit(REFUSED)
    if "audit" in answer:
        click.echo(f"{request['verb']}: audit log {answer['audit']}", err=True)
    result: dict[str, Any] = answer["result"]
    return result


def say(verb: str, result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(result).decode())
    else:
        show(Console(highlight=False, markup=False), verb, result)


def _reader(verb: str, words: str) -> click.Command:
    """A verb that only tells."""

    @click.command(verb, help=words)
    @DIRECTORY
    @JSON
    def command(directory: Path, as_json: bool) -> None:
        say(verb, answer_of(directory, {"verb": verb}), as_json)

    return command


def changes(function: F) -> F:
    """The options of a verb that changes traffic."""
    options = (
        click.option("--why", required=True, help="For the audit log."),
        click.option("--who", default=None, help="For the audit log; the user who types this unless given."),
        click.option("--dry-run", is_flag=True, help="Only tell what would happen."),
        click.option("--yes", is_flag=True, help="Do not ask whether to do it."),
        JSON,
        DIRECTORY,
    )
    for option in options:
        function = option(function)
    return function


def change(verb: str, arguments: dict[str, Any], options: dict[str, Any]) -> None:
    """What would happen is shown, and asked about, first."""
    directory, as_json = options["directory"], options["as_json"]
    request = {"verb": verb, "arguments": arguments, "who": options["who"] or who(), "why": options["why"]}
    if options["dry_run"] or not options["yes"]:
        would = answer_of(directory, request | {"dry_run": True})
        if options["dry_run"]:
            say(verb, would, as_json)
            return
        show(Console(stderr=True, highlight=False, markup=False), verb, would)
        click.confirm(f"{verb}: do it?", abort=True, err=True)
    say(verb, answer_of(directory, request), as_json)


def who() -> str:
    """Who types, also behind sudo."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # a uid that has no name
        return f"uid {os.getuid()}"


def _whom(verb: str, words: str, whats: tuple[str, ...]) -> click.Command:
    """A verb over a carrier, a customer, a bind, or all carriers."""

    @click.command(verb, help=words)
    @click.argument("what", type=click.Choice([*whats, "all"]))
    @click.argument("name", required=False)
    @changes
    def command(what: str, name: str | None, **options: Any) -> None:
        if (what == "all") == (name is not None):
            raise click.UsageError("all takes no name" if name else f"which {what}?")
        change(verb, {"what": what} if name is None else {"what": what, "name": name}, options)

    return command


def _one_message(verb: str, words: str) -> click.Command:
    @click.command(verb, help=words)
    @click.argument("message_id", metavar="ID")
    @click.option("--customer", help="Whose it is, if ids are not enough.")
    @changes
    def command(message_id: str, customer: str | None, **options: Any) -> None:
        change(verb, {"id": message_id} | ({} if customer is None else {"customer": customer}), options)

    return command


@click.command("push-receipts")
@click.argument("message_id", metavar="ID", required=False)
@click.option("--customer", help="All that ended of this customer, with --since.")
@click.option("--since", type=click.DateTime(), help="A moment in UTC, e.g. 2026-11-25T03:00:00.")
@changes
def push_receipts(message_id: str | None, customer: str | None, since: datetime | None, **options: Any) -> None:
    """Owe the last receipts of messages that ended to their customers once more."""
    if (message_id is None) == (customer is None) or (customer is None) != (since is None):
        raise click.UsageError("either an ID, or --customer and --since")
    if message_id is not None:
        change("push-receipts", {"id": message_id}, options)
    elif since is not None:
        moment = int(since.replace(tzinfo=UTC).timestamp() * 1000)
        change("push-receipts", {"customer": customer, "since": moment}, options)


@click.command("reroute")
@click.argument("carrier")
@click.option("--to", help="Only to this carrier; without it, to the next of each message's routes.")
@changes
def reroute(carrier: str, to: str | None, **options: Any) -> None:
    """Let what waits for CARRIER leave by other routes, some hundreds a second, until no more can."""
    change("reroute", {"carrier": carrier} | ({} if to is None else {"to": to}), options)


@click.command("log-level")
@click.argument("room")
@click.argument("level", type=click.Choice(["debug", "info", "warning", "error", "usual"]))
@JSON
@DIRECTORY
def log_level(room: str, level: str, directory: Path, as_json: bool) -> None:
    """Log the lines of ROOM from LEVEL on, until the next start. `usual`: as all others."""
    request = {"verb": "log-level", "arguments": {"room": room, "level": level}, "who": who()}
    say("log-level", answer_of(directory, request), as_json)


@click.command("pdu-trace")
@click.argument("bind")
@click.option("--minutes", default=5, show_default=True, type=click.IntRange(0, 60), help="0: end it now.")
@JSON
@DIRECTORY
def pdu_trace(bind: str, minutes: int, directory: Path, as_json: bool) -> None:
    """Log every PDU of BIND (as `binds` names it) for some minutes, texts and passwords hidden."""
    request = {"verb": "pdu-trace", "arguments": {"bind": bind, "minutes": minutes}, "who": who()}
    say("pdu-trace", answer_of(directory, request), as_json)


COMMANDS: tuple[click.Command, ...] = (
    _reader("status", "Tell how the gateway is: carriers, what limits them now, the store, what is held."),
    _reader("binds", "Tell every bind, to carriers and of customers."),
    _reader("queues", "Tell what waits, by carrier, priority and customer, in memory and on disk."),
    _reader("customers", "Tell the customers, their binds, what limits them now, what is owed to them."),
    _reader("attempts", "Tell the last attempts of customers to bind, and why they failed."),
    _whom(
        "hold", "Send nothing of a carrier or a customer until it is released. Intake goes on.", ("carrier", "customer")
    ),
    _whom("release", "The opposite of hold.", ("carrier", "customer")),
    _whom(
        "drain",
        "Take a bind, a carrier's binds or a customer's out of service, when the answers under way are here.",
        ("bind", "carrier", "customer"),
    ),
    _whom("resume", "The opposite of drain.", ("bind", "carrier", "customer")),
    _one_message("cancel", "Take a message back that has not left: it ends DELETED and costs nothing."),
    _one_message("expire", "End what waits of a message now: EXPIRED."),
    reroute,
    push_receipts,
    log_level,
    pdu_trace,
)
