"""The configuration read anew: the verb `reload`, and `smpp-gateway reload`."""

from typing import TYPE_CHECKING, Any

import click

from gateway.ops.steering import Asked, RefusedVerb, Result, Verb
from gateway.steer_cli import change, changes

if TYPE_CHECKING:  # the command line needs none of it, and is quicker without
    from gateway.reload import Reload


def reload_verbs(reload: "Reload") -> dict[str, Verb]:
    """By name."""
    from gateway.reload import ReloadRefused, told  # noqa: PLC0415 - as above

    def run(asked: Asked) -> Result | None:
        def done(found: Any) -> None:
            if isinstance(found, ReloadRefused):
                asked.refuse("nothing was changed:\n" + "\n".join(found.mistakes))
            else:
                asked.answer(dict(told(found, asked.dry_run)))

        try:
            reload.begin(asked.dry_run, done)
        except ReloadRefused as refused:
            raise RefusedVerb(str(refused)) from None
        return None

    return {"reload": Verb(run, changes=True, traffic=True)}


@click.command("reload")
@changes
def reload_command(**options: Any) -> None:
    """Read the configuration anew and take over what changed; tell what needs a restart. SIGHUP does the same."""
    change("reload", {}, options)
