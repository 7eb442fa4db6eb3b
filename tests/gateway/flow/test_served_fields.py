"""Each claim about a field is true: it is sent with another value, and all that the gateway says is compared."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import pytest

from gateway.calls import is_named
from gateway.flow.served import How, Use
from gateway.flow.served_fields import RECEIVED, SENT, TLVS_SENT, Peer
from gateway.model.values import Address
from gateway.settings.outbind import OutbindSettings
from gateway.smpp import pdu as p
from gateway.smpp.codec import encode
from gateway.smpp.pdu import Pdu, fields_of
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import Tag
from tests.gateway.flow.test_served import OTHER_VALUES
from tests.gateway.flow.world import DOCOMO_NUMBER, Centre, World, message, receipt, settings
from tests.gateway.flow.world import Peer as End

SOURCE = b"0312345678"
OWN = b"05012345678"
OTHERS_OWN = b"05012345679"
ACCOUNT = {"system_id": "shop", "password": "secret", "tariff": "standard", "numbers": [OWN.decode()]}
OTHER_ACCOUNT = {"system_id": "other", "password": "secret", "tariff": "standard", "numbers": [OTHERS_OWN.decode()]}

Key = tuple[Peer, type[Pdu]]


class Seen(NamedTuple):
    """The status of the answer, and everything that the gateway said, to each peer in order."""

    status: int
    said: tuple[bytes, ...]


class Stage:
    """A world with a customer, whose peers remember each PDU that the gateway sent them."""

    def __init__(self, *, centre: Centre | None = None, carrier: bool = True) -> None:
        self.world = World(settings(customers={"shop": ACCOUNT, "other": OTHER_ACCOUNT}))
        self.heard: list[tuple[Peer, Pdu]] = []
        self.carrier = self.opened(centre) if carrier else None
        self.customer = self.world.customer()

    def opened(self, centre: Centre | None = None) -> End:
        self.carrier = self.world.carrier(centre=centre or Centre(receipts=True))
        return self.carrier

    def ask(self, end: End, request: Pdu) -> None:
        if request.command_id & 0x8000_0000:
            raise AssertionError("a response is no request")
        if type(request) in p.RESPONSE_OF:
            end.session.request(request, None, self.world.now)
        else:
            end.session.tell(request)
        self.world.pump()

    def all(self) -> list[tuple[Peer, Pdu]]:
        """Requests and answers that the gateway sent, by peer."""
        found: list[tuple[Peer, Pdu]] = []
        for peer, end in ((Peer.CUSTOMER, self.customer), (Peer.CARRIER, self.carrier)):
            if end is not None:
                found += [(peer, pdu) for pdu in (*end.answers(), *(one for one in end.events if isinstance(one, Pdu)))]
        return found

    def seen(self, end: End | None = None) -> Seen:
        said = self.all()
        answers = (end or self.customer).answers()
        KEPT.extend(said)
        return Seen(answers[-1].command_status if answers else -1, tuple(encode(pdu) for _, pdu in said))


KEPT: list[tuple[Peer, Pdu]] = []  # all that was ever said, for the claims on what we fill in


def submit(**fields: Any) -> Seen:
    stage = Stage()
    stage.ask(stage.customer, message(**fields))
    return stage.seen()


def submit_multi(**fields: Any) -> Seen:
    stage = Stage()
    whole: dict[str, Any] = {
        "dest_addresses": (Address(1, 1, DOCOMO_NUMBER),),
        "source_addr": SOURCE,
        "registered_delivery": 1,
        "data_coding": 8,
        "short_message": "あ".encode("utf_16_be"),
    }
    stage.ask(stage.customer, p.SubmitMulti(**(whole | fields)))
    return stage.seen()


def data_sm(**fields: Any) -> Seen:
    stage = Stage()
    whole: dict[str, Any] = {
        "source_addr": SOURCE,
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "destination_addr": DOCOMO_NUMBER,
        "registered_delivery": 1,
        "data_coding": 8,
        "tlvs": ((Tag.MESSAGE_PAYLOAD, "あ".encode("utf_16_be")),),
    }
    stage.ask(stage.customer, p.DataSm(**(whole | fields)))
    return stage.seen()


def about(request: Callable[..., Pdu], **usual: Any) -> Callable[..., Seen]:
    """A request about a message that waits; then the carrier comes, and what it gets tells what became of it."""

    def run(**fields: Any) -> Seen:
        stage = Stage(carrier=False)
        waits = stage.world.submit(stage.customer, message()).message_id
        stage.ask(stage.customer, request(**({"message_id": waits, "source_addr": SOURCE} | usual | fields)))
        status = stage.customer.answers()[-1].command_status
        stage.opened()
        return stage.seen()._replace(status=status)

    return run


def bind(cls: Any) -> Callable[..., Seen]:
    def run(**fields: Any) -> Seen:
        stage = Stage()
        whole = {"system_id": b"shop", "password": b"secret", "interface_version": 0x34} | fields
        before = dict(stage.world.flow.customers.attempts.counts)
        end = stage.world.customer(bind=cls(**whole))
        bound = [account.name for account in stage.world.flow.accounts.values() for _ in account.binds]
        said = (
            str(bound),
            str(end.session.peer_takes_tlvs),
            str(stage.world.flow.customers.attempts.counts),
            str(before),
        )
        return Seen(0, tuple(one.encode() for one in said))

    return run


def deliver_sm_resp(**fields: Any) -> Seen:
    stage = Stage()

    def answer(peer: End, pdu: Pdu) -> None:
        if isinstance(pdu, p.DeliverSm):
            peer.session.respond(p.DeliverSmResp(sequence_number=pdu.sequence_number, **fields))

    stage.customer.answer = answer
    stage.ask(stage.customer, message())
    return stage.seen()


def bind_resp(cls: Any) -> Callable[..., Seen]:
    def run(**fields: Any) -> Seen:
        class Named(Centre):
            def answer(self, peer: End, pdu: Pdu) -> None:
                if isinstance(pdu, p.BindTransceiver):
                    peer.session.accept_bind(pdu, fields.get("system_id", b"centre"))
                else:
                    super().answer(peer, pdu)

        assert issubclass(cls, Pdu)
        stage = Stage(centre=Named(receipts=True))
        stage.ask(stage.customer, message())
        return stage.seen()

    return run


def submit_sm_resp(**fields: Any) -> Seen:
    class Other(Centre):
        def answer(self, peer: End, pdu: Pdu) -> None:
            if isinstance(pdu, p.SubmitSm):
                peer.session.submit_sm_resp(pdu.sequence_number, 0, fields.get("message_id", b"1"))
                peer.session.request(receipt(b"1"), 1, 0.0)
            else:
                super().answer(peer, pdu)

    stage = Stage(centre=Other())
    stage.ask(stage.customer, message())
    return stage.seen()


def from_a_phone(cls: type[Pdu]) -> Callable[..., Seen]:
    """Once in a receipt, and once in a message from a phone."""

    def run(**fields: Any) -> Seen:
        stage = Stage(centre=Centre())
        stage.ask(stage.customer, message())
        assert stage.carrier is not None
        told, text = receipt(b"1"), "あ".encode("utf_16_be")
        payload: dict[str, Any] = {"short_message": text}
        told_in: dict[str, Any] = {"short_message": told.short_message}
        if cls is p.DataSm:
            payload = {"tlvs": ((Tag.MESSAGE_PAYLOAD, text),)}
            told_in = {"tlvs": ((Tag.RECEIPTED_MESSAGE_ID, b"1\0"), (Tag.MESSAGE_STATE, b"\2"))}
        make: Any = cls
        mo = {"source_addr": DOCOMO_NUMBER, "destination_addr": OWN, "data_coding": 8} | payload | fields
        whole = {"source_addr": DOCOMO_NUMBER, "destination_addr": SOURCE, "esm_class": 4} | told_in | fields
        stage.ask(stage.carrier, make(**mo))
        stage.ask(stage.carrier, make(**whole))
        return stage.seen(stage.carrier)

    return run


def alert(**fields: Any) -> Seen:
    stage = Stage()
    assert stage.carrier is not None
    stage.ask(stage.carrier, p.AlertNotification(**({"source_addr": DOCOMO_NUMBER, "esme_addr": OWN} | fields)))
    return stage.seen()


def outbind(**fields: Any) -> Seen:
    called = OutbindSettings.model_validate(
        {"host": "::", "port": 0, "allow_from": ("::/0",), "system_id": "centre", "password": "knock"}
    )
    named = is_named(called, p.Outbind(**({"system_id": b"centre", "password": b"knock"} | fields)))
    return Seen(int(named), ())


RUNS: dict[Key, Callable[..., Seen]] = {
    **{(Peer.CUSTOMER, cls): bind(cls) for cls in (p.BindTransmitter, p.BindReceiver, p.BindTransceiver)},
    (Peer.CUSTOMER, p.SubmitSm): submit,
    (Peer.CUSTOMER, p.SubmitMulti): submit_multi,
    (Peer.CUSTOMER, p.DataSm): data_sm,
    (Peer.CUSTOMER, p.QuerySm): about(p.QuerySm),
    (Peer.CUSTOMER, p.CancelSm): about(p.CancelSm, dest_addr_ton=1, dest_addr_npi=1, destination_addr=DOCOMO_NUMBER),
    (Peer.CUSTOMER, p.ReplaceSm): about(p.ReplaceSm, registered_delivery=1, short_message=b"\x30\x44"),
    (Peer.CUSTOMER, p.DeliverSmResp): deliver_sm_resp,
    **{
        (Peer.CARRIER, cls): bind_resp(cls)
        for cls in (p.BindTransmitterResp, p.BindReceiverResp, p.BindTransceiverResp)
    },
    (Peer.CARRIER, p.Outbind): outbind,
    (Peer.CARRIER, p.SubmitSmResp): submit_sm_resp,
    (Peer.CARRIER, p.DeliverSm): from_a_phone(p.DeliverSm),
    (Peer.CARRIER, p.DataSm): from_a_phone(p.DataSm),
    (Peer.CARRIER, p.AlertNotification): alert,
}

OTHERS: dict[str, Any] = OTHER_VALUES | {
    "dest_addresses": (Address(1, 1, b"09030000002"),),
    "password": b"wrong",
    "system_id": b"nobody",
    "system_type": b"OTHER",
    "interface_version": 0x33,
    "addr_ton": 1,
    "addr_npi": 1,
    "address_range": b"^81",
    "message_id": b"9999",
    "esme_addr_ton": 3,
    "esme_addr_npi": 3,
    "esme_addr": OTHERS_OWN,
}
# Where another value than the usual one shows more: of whose number it is, and in a receipt that was not asked for.
OTHERS_OF: dict[tuple[Key, str], Any] = {
    ((Peer.CARRIER, p.DeliverSm), "destination_addr"): OTHERS_OWN,
    ((Peer.CARRIER, p.DataSm), "destination_addr"): OTHERS_OWN,
    ((Peer.CUSTOMER, p.CancelSm), "dest_addr_ton"): 5,
    ((Peer.CUSTOMER, p.CancelSm), "dest_addr_npi"): 8,
}
# Alone it changes nothing; test_served tries it on a message that waits.
ELSEWHERE = {((Peer.CUSTOMER, p.SubmitSm), "replace_if_present_flag")}

CLAIMS = [(key, name) for key, uses in RECEIVED.items() for name in uses if (key, name) not in ELSEWHERE]


@cache
def plain(key: Key) -> Seen:
    return RUNS[key]()


def test_every_field_of_every_pdu_that_is_taken_or_sent_is_classified() -> None:
    assert set(RUNS) == set(RECEIVED)
    for (_, cls), claims in (*RECEIVED.items(), *SENT.items()):
        assert set(claims) == {name for name, _ in fields_of(cls)}, cls.__name__


@pytest.mark.parametrize(
    ("key", "name"), CLAIMS, ids=lambda one: one if isinstance(one, str) else f"{one[0].name}-{one[1].__name__}"
)
def test_what_is_done_with_a_field(key: Key, name: str) -> None:
    use: Use = RECEIVED[key][name]
    seen = RUNS[key](**{name: OTHERS_OF.get((key, name), OTHERS[name])})
    match use.how:
        case How.SUPPORTED:
            assert seen != plain(key)
        case How.IGNORED:
            assert seen == plain(key)
        case How.REFUSED:
            assert seen.status == use.status != CommandStatus.ESME_ROK


def a_failure_is_queried() -> None:
    stage = Stage(centre=Centre())
    waits = stage.world.submit(stage.customer, message()).message_id
    assert stage.carrier is not None
    stage.ask(stage.carrier, receipt(b"1", b"UNDELIV", b"005"))
    stage.ask(stage.customer, p.QuerySm(message_id=waits, source_addr=SOURCE))
    stage.seen()


# Not seen here: tests/gateway/test_carrier_binds.py, test_customer_calls.py and smpp/test_binding.py have them.
BEFORE_THE_BIND = (
    p.Outbind,
    p.BindTransmitter, p.BindReceiver, p.BindTransceiver,
    p.BindTransmitterResp, p.BindReceiverResp, p.BindTransceiverResp,
)  # fmt: skip


def test_what_is_filled_in() -> None:
    """Over all that was said in these runs: constants are constant, and what is filled in is not always the default."""
    KEPT.clear()
    for key, name in CLAIMS:
        RUNS[key](**{name: OTHERS_OF.get((key, name), OTHERS[name])})
    submit_multi(dest_addresses=(Address(1, 1, DOCOMO_NUMBER), Address(1, 1, b"12")))
    submit(short_message="あ".encode("utf_16_be") * 100)
    a_failure_is_queried()
    seen: dict[tuple[Key, str], set[Any]] = {}
    for peer, pdu in KEPT:
        for name, _ in fields_of(type(pdu)):
            seen.setdefault(((peer, type(pdu)), name), set()).add(getattr(pdu, name))
    missing = set()
    for key, fillings in SENT.items():
        for name, filling in fillings.items():
            values = seen.get((key, name), set())
            if filling.constant is not None:
                assert values <= {filling.constant}, (key, name)
            elif not any(values) and key[1] not in BEFORE_THE_BIND:
                missing.add((key[1].__name__, name))
    assert missing == set()


def test_tags_that_are_sent() -> None:
    """What was seen in these runs is listed; of a message from a phone, the carrier's own tags go on."""
    if not KEPT:
        test_what_is_filled_in()
    for peer, pdu in KEPT:
        assert {tag for tag, _ in pdu.tlvs} <= set(TLVS_SENT.get((peer, type(pdu)), {})), (peer, pdu)
