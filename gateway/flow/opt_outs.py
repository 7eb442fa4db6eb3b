"""The opt-out lists of all accounts: changed by phones, files and people, kept in the store before anybody is told."""

from collections.abc import Iterable, Mapping

import structlog

from gateway.flow.account import Account
from gateway.flow.clock import Clock
from gateway.flow.opt_out import ListFull, OptOutChanged, Source
from gateway.flow.unwrap import unwrap
from gateway.model.errors import Refusal
from gateway.routing.numbers import NumberRules
from gateway.segmenter.parts import Piece, read_message
from gateway.smpp.pdu import DeliverSm
from gateway.store.contract import Kept, Store

log = structlog.get_logger(room="opt_outs")

KIND = "optout"
OUT, BACK = b"1", b"0"


class OptOuts:
    """`from_phone` for what phones write, `change` and `numbers` for people."""

    def __init__(self, store: Store, clock: Clock, numbers: NumberRules, accounts: Mapping[str, Account]) -> None:
        self._store = store
        self._clock = clock
        self._numbers = numbers
        self._accounts = accounts

    def restore(self, facts: Iterable[Kept]) -> None:
        """After a start, over what the files hold: the store has the last word."""
        for fact in facts:
            account = self._accounts.get(fact.owner) if fact.kind == KIND else None
            if account is not None and account.opt_out is not None:
                account.opt_out.restore([(fact.key, fact.value.startswith(OUT))])

    def from_phone(self, account: Account, pdu: DeliverSm) -> None:
        """A message from a phone to a number of the account, which gets it all the same: maybe it is a keyword."""
        if account.opt_out is None:
            return
        try:
            octets, part_of, other_elements = unwrap(pdu)
            if part_of is not None:
                return  # no keyword is so long
            content = read_message((Piece(octets, pdu.data_coding, other_elements),), account.reading)
            if content.binary:
                return
            e164 = self._numbers.normalise(pdu.source_addr, pdu.source_addr_ton, pdu.source_addr_npi)
            text = content.text.decode("utf-16-be", "replace")
            self._keep(account.opt_out.from_phone(e164, text, self._clock.wall_ms()))
        except (Refusal, ValueError):
            return  # no text, or no number
        except ListFull as full:
            log.error("opt_out_list_full", customer=account.name, why=str(full))  # noqa: TRY400 - nothing is broken

    def change(self, customer: str, number: str, *, out: bool) -> bool:
        """Put a number on the customer's list, or take it off. False: it was so already.

        KeyError: no such customer, or it has no list. Refusal: no mobile number. ListFull: no room. It is durable when
        the store's next batch is.
        """
        account = self._accounts[customer]
        if account.opt_out is None:
            raise KeyError(customer)
        e164 = self._numbers.normalise(number.encode("ascii", "replace"), 0, 0)
        changed = account.opt_out.change(e164, self._clock.wall_ms(), Source.API, out=out)
        self._keep(changed)
        return changed is not None

    def numbers(self, customer: str) -> list[str]:
        """Who is on the customer's list. KeyError as for `change`."""
        opt_out = self._accounts[customer].opt_out
        if opt_out is None:
            raise KeyError(customer)
        return [str(number) for number in opt_out]

    def _keep(self, changed: OptOutChanged | None) -> None:
        if changed is not None:
            value = b"%b %d %b" % (OUT if changed.out else BACK, changed.at_ms, changed.source.encode("ascii"))
            self._store.write(Kept(KIND, changed.customer, changed.e164, value, 0))
