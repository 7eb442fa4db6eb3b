"""Opt-out lists as operators change them: verbs of the socket, and `smpp-gateway opt-out`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from gateway.flow.opt_out import ListFull
from gateway.model.errors import Refusal
from gateway.ops.steering import Asked, RefusedVerb, Result, Verb
from gateway.steer_cli import DIRECTORY, JSON, answer_of, change, changes, say, who

if TYPE_CHECKING:  # the command line needs none of it, and is quicker without
    from gateway.assemble import Flow


AT_ONCE = 500  # numbers of one request


def opt_out_verbs(flow: "Flow") -> dict[str, Verb]:
    """By name."""

    def listed(asked: Asked) -> Result:
        customer = _customer(flow, asked)
        return {"customer": customer, "numbers": flow.opt_outs.numbers(customer)}

    def changed(asked: Asked) -> Result:
        customer, number, out = _customer(flow, asked), asked.word("number"), asked.verb == "opt-out-add"
        if asked.dry_run:
            return {"dry_run": True, "customer": customer, "number": number}
        try:
            done = flow.opt_outs.change(customer, number, out=out)
        except (Refusal, ListFull) as refusal:
            raise RefusedVerb(str(refusal)) from None
        return {"dry_run": False, "customer": customer, "number": number, "changed": done}

    def several(asked: Asked) -> Result:
        customer, numbers = _customer(flow, asked), asked.arguments.get("numbers")
        if not isinstance(numbers, list) or not 0 < len(numbers) <= AT_ONCE:
            raise RefusedVerb(f"numbers must be a list of 1 to {AT_ONCE}")
        added, wrong = 0, []
        for number in map(str, numbers):
            try:
                added += not asked.dry_run and flow.opt_outs.change(customer, number, out=True)
            except (Refusal, ListFull) as refusal:
                wrong.append(f"{number}: {refusal}")
        return {"dry_run": asked.dry_run, "customer": customer, "numbers": len(numbers), "added": added, "wrong": wrong}

    return {
        "opt-out-import": Verb(several, changes=True, traffic=True),
        "opt-out-list": Verb(listed),
        "opt-out-add": Verb(changed, changes=True, traffic=True),
        "opt-out-remove": Verb(changed, changes=True, traffic=True),
    }


def _customer(flow: "Flow", asked: Asked) -> str:
    customer = asked.word("customer")
    account = flow.accounts.get(customer)
    if account is None:
        raise RefusedVerb(f"there is no customer {customer}; there are {', '.join(flow.accounts)}")
    if account.opt_out is None:
        raise RefusedVerb(f"{customer} has no opt-out list: `opt_out` of the account makes one")
    return customer


@click.group("opt-out")
def opt_out() -> None:
    """Numbers that want nothing more from a customer. Phones opt out by themselves; this is for letters and calls."""


@opt_out.command("list")
@click.argument("customer")
@DIRECTORY
@JSON
def list_command(customer: str, directory: Path, as_json: bool) -> None:
    """Tell who is on a customer's list."""
    result = answer_of(directory, {"verb": "opt-out-list", "arguments": {"customer": customer}})
    if as_json:
        say("opt-out-list", result, as_json)
    else:
        for number in result["numbers"]:
            click.echo(number)


def _one(name: str, words: str) -> None:
    @opt_out.command(name, help=words)
    @click.argument("customer")
    @click.argument("number")
    @changes
    def command(customer: str, number: str, **options: Any) -> None:
        change(f"opt-out-{name}", {"customer": customer, "number": number}, options)


@opt_out.command("import")
@click.argument("customer")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@changes
def import_command(customer: str, file: TextIO, **options: Any) -> None:
    """Put every number of FILE, one a line, on a CUSTOMER's list. What is on it already, or no number, is told."""
    numbers = [line.strip() for line in file if line.strip()]
    if not (options["dry_run"] or options["yes"]):
        click.confirm(f"opt-out import: put {len(numbers)} numbers on the list of {customer}?", abort=True, err=True)
    whole: dict[str, Any] = {"customer": customer, "numbers": 0, "added": 0, "wrong": []}
    for first in range(0, len(numbers), AT_ONCE):
        arguments = {"customer": customer, "numbers": numbers[first : first + AT_ONCE]}
        request = {"verb": "opt-out-import", "arguments": arguments, "dry_run": options["dry_run"]}
        result = answer_of(options["directory"], request | {"who": options["who"] or who(), "why": options["why"]})
        whole = {name: value if name == "customer" else value + result[name] for name, value in whole.items()}
    say("opt-out-import", whole, options["as_json"])


_one("add", "Put a NUMBER on a CUSTOMER's list: messages to it are refused from now on.")
_one("remove", "Take a NUMBER off a CUSTOMER's list.")
