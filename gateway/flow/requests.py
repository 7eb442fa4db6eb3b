"""Which part of the flow takes which request of a bound customer."""

from collections.abc import Callable
from typing import Any

from gateway.flow.accept import Accept
from gateway.flow.account import CustomerBind
from gateway.flow.cancel import Cancel
from gateway.flow.query import Query
from gateway.flow.replace import Replace
from gateway.flow.submit_multi import SubmitMultis
from gateway.smpp.pdu import CancelSm, DataSm, Pdu, QuerySm, ReplaceSm, SubmitMulti, SubmitSm


class Requests:
    """`submit_sm` has a way of its own: nearly all of what comes is that."""

    def __init__(
        self, accept: Accept, submit_multis: SubmitMultis, query: Query, cancel: Cancel, replace: Replace
    ) -> None:
        self.submit_sm: Callable[[CustomerBind, SubmitSm], None] = accept.submit_sm
        self._takers: dict[type[Pdu], Callable[[CustomerBind, Any], None]] = {
            DataSm: accept.data_sm,
            SubmitMulti: submit_multis.submit_multi,
            QuerySm: query.query_sm,
            CancelSm: cancel.cancel_sm,
            ReplaceSm: replace.replace_sm,
        }

    def taker(self, request: type[Pdu]) -> Callable[[CustomerBind, Any], None] | None:
        """Who takes requests of this kind; None when that is not offered."""
        return self._takers.get(request)
