"""A customer with a library that others wrote: smpplib binds, sends and takes receipts, as an integrator would."""

import re
import select
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Self

from smpplib import consts, gsm
from smpplib.client import Client
from smpplib.exceptions import ConnectionError as NotConnected
from smpplib.exceptions import PDUError

How = Literal["short_message", "message_payload", "parts"]

ESM_RECEIPT = 0x04  # SMPP 3.4, section 5.2.12; smpplib has no name for it
PATIENCE_SECONDS = 5.0  # for the rest of a PDU that began, and for the answer to bind and unbind
_RECEIPT = re.compile(r"id:(\S+) .*?stat:(\S+) err:(\S+)", re.DOTALL)


class NotBound(ConnectionError):
    """The gateway isn't there, or refused the bind."""


class Submission(NamedTuple):
    """What the customer wants to send."""

    source: str  # letters or digits
    destination: str
    text: str
    how: How = "short_message"


class Receipt(NamedTuple):
    """A receipt as smpplib read it: the id in its text, and what its TLVs say beside it."""

    message_id: str
    stat: str
    err: str
    tlv_message_id: str
    tlv_message_state: int | None


@dataclass(slots=True)
class Sent:
    """What came back for one submission: for each of its PDUs (one, or as many as it has parts) status and id."""

    submission: Submission
    statuses: list[int] = field(default_factory=list)
    message_ids: list[str] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    pdus: int = 0

    @property
    def answered(self) -> bool:
        """Whether every PDU has its response."""
        return len(self.statuses) == self.pdus

    @property
    def complete(self) -> bool:
        """Whether every PDU has its response, and every accepted one its receipt."""
        return self.answered and {one.message_id for one in self.receipts} >= set(self.message_ids)


class Customer:
    """One transceiver bind. Use it as a context manager: leaving unbinds."""

    def __init__(self, host: str, port: int, system_id: str, password: str, now: Callable[[], float]) -> None:
        self._now = now
        self._client = Client(host, port, timeout=PATIENCE_SECONDS, allow_unknown_opt_params=True)
        self._client.set_message_sent_handler(self._answered)
        self._client.set_message_received_handler(self._received)
        self._client.set_error_pdu_handler(lambda pdu: None)  # noqa: ARG005 - smpplib calls it by keyword or place
        self._by_sequence: dict[int, Sent] = {}
        self._by_id: dict[str, Sent] = {}
        self.unknown: list[Receipt] = []  # receipts for nothing that was sent here
        self._bind(host, port, system_id, password)

    def _bind(self, host: str, port: int, system_id: str, password: str) -> None:
        try:
            self._client.connect()
            self._client.bind_transceiver(system_id=system_id, password=password)
        except (NotConnected, PDUError, OSError) as error:
            self._client.disconnect()
            raise NotBound(f"{host}:{port}: {error.args[0] if error.args else 'no answer'}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Unbind, if there still is somebody to tell, and disconnect."""
        client = self._client
        with suppress(NotConnected, PDUError, OSError):  # the gateway may have been quicker
            client.unbind()
        client.disconnect()

    def send(self, submission: Submission) -> Sent:
        """Write the submission's PDUs; what comes back is found in the result after `wait`."""
        sent = Sent(submission)
        octets = submission.text.encode("utf_16_be")
        if submission.how == "parts":
            bodies, coding, esm_class = gsm.make_parts(submission.text, consts.SMPP_ENCODING_ISO10646)
        else:
            bodies, coding, esm_class = [octets], consts.SMPP_ENCODING_ISO10646, consts.SMPP_MSGMODE_DEFAULT
        for body in bodies:
            self._submit(sent, body, coding, esm_class)
        return sent

    def _submit(self, sent: Sent, body: bytes, coding: int, esm_class: int) -> None:
        submission = sent.submission
        where = "message_payload" if submission.how == "message_payload" else "short_message"
        letters = not submission.source.isdigit()
        pdu = self._client.send_message(
            source_addr_ton=consts.SMPP_TON_ALNUM if letters else consts.SMPP_TON_INTL,
            source_addr_npi=consts.SMPP_NPI_UNK if letters else consts.SMPP_NPI_ISDN,
            source_addr=submission.source,
            dest_addr_ton=consts.SMPP_TON_UNK,
            dest_addr_npi=consts.SMPP_NPI_ISDN,
            destination_addr=submission.destination,
            data_coding=coding,
            esm_class=esm_class,
            registered_delivery=True,
            **{where: body},
        )
        sent.pdus += 1
        self._by_sequence[pdu.sequence] = sent

    def wait(self, wanted: Sequence[Sent], seconds: float) -> bool:
        """Read until all of them are complete. False: the time was over before, or the gateway went away."""
        deadline = self._now() + seconds
        while not all(one.complete for one in wanted):
            left = deadline - self._now()
            connection = self._client._socket  # noqa: SLF001 - smpplib has no call that waits for so long and no longer
            if left <= 0 or not select.select([connection], [], [], left)[0]:
                return False
            try:
                self._client.read_once(auto_send_enquire_link=False)
            except (NotConnected, TimeoutError):
                return False
        return True

    def _answered(self, pdu: Any) -> None:
        sent = self._by_sequence.pop(pdu.sequence)
        sent.statuses.append(int(pdu.status))
        if not pdu.is_error():
            message_id = _text(pdu.message_id)
            sent.message_ids.append(message_id)
            self._by_id[message_id] = sent

    def _received(self, pdu: Any) -> int:
        receipt = read_receipt(pdu)
        if receipt is None:
            return int(consts.SMPP_ESME_RX_P_APPN)
        sent = self._by_id.get(receipt.message_id)
        if sent is None:
            self.unknown.append(receipt)
        else:
            sent.receipts.append(receipt)
        return int(consts.SMPP_ESME_ROK)


def read_receipt(pdu: Any) -> Receipt | None:
    """The receipt that a deliver_sm of smpplib's is, or None when it is something else."""
    if not pdu.esm_class & ESM_RECEIPT:
        return None
    tlv_message_id = _text(getattr(pdu, "receipted_message_id", None))
    state = getattr(pdu, "message_state", None)
    said = _RECEIPT.search(_text(pdu.short_message))
    message_id, stat, err = said.groups() if said else (tlv_message_id, "", "")
    return Receipt(message_id, stat, err, tlv_message_id, state)


def _text(octets: bytes | None) -> str:
    return (octets or b"").rstrip(b"\0").decode("latin-1")
