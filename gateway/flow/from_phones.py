"""Messages from phones: to the customer that owns the number, durable before the carrier is answered, joined if asked.

A carrier that did not hear our answer sends the message again, and nothing in SMPP tells that it is the same one; so a
customer may rarely get a message twice, and never not at all.
"""

from collections.abc import Callable, Mapping

from gateway.flow.account import Account
from gateway.flow.acknowledgement import acknowledge, answer, owed_for
from gateway.flow.carrier import Carrier
from gateway.flow.clock import Clock
from gateway.flow.unwrap import unwrap
from gateway.model.errors import Refusal
from gateway.model.ids import IdSource
from gateway.routing.owners import Owners
from gateway.segmenter.reassembly import Part, Reassembler, Repeated, Whole
from gateway.segmenter.udh import PartOf
from gateway.smpp.constants import ESM_UDH_INDICATOR
from gateway.smpp.pdu import DataSm, DeliverSm
from gateway.smpp.session import Session
from gateway.smpp.status import CommandStatus
from gateway.smpp.tlv import Tag
from gateway.smpp.walker import read_tlvs, write_tlvs
from gateway.store.contract import Owed, Store
from gateway.store.from_phones import MoOwed, MoPartAccepted, MoPartsJoined

MAX_SHORT_MESSAGE_OCTETS = 254  # 3.4, section 5.2.22

_OF_A_PART = frozenset({Tag.MESSAGE_PAYLOAD, Tag.SAR_MSG_REF_NUM, Tag.SAR_TOTAL_SEGMENTS, Tag.SAR_SEGMENT_SEQNUM})


class FromPhones:
    """Takes what a carrier sends that is no receipt. `hand_out` gets what is owed once it is durable.

    `look_at` sees each before: what it writes is durable before the carrier is answered.
    """

    def __init__(
        self,
        store: Store,
        ids: IdSource,
        clock: Clock,
        owners: Owners,
        accounts: Mapping[str, Account],
        reassembler: Reassembler[MoPartAccepted],
        hand_out: Callable[[tuple[Owed, ...]], None],
        look_at: Callable[[Account, DeliverSm], None] = lambda _account, _pdu: None,
    ) -> None:
        self._store = store
        self._ids = ids
        self._clock = clock
        self.owners = owners  # whose numbers phones write to; another one takes its place when the accounts change
        self._accounts = accounts
        self._reassembler = reassembler
        self._hand_out = hand_out
        self._look_at = look_at

    def __len__(self) -> int:
        """Messages of which parts are missing."""
        return len(self._reassembler)

    def owner(self, addr: bytes) -> Account | None:
        """The customer that this address of ours belongs to."""
        name = self.owners.owner(addr)
        return None if name is None else self._accounts[name]

    def take(self, carrier: Carrier, session: Session, pdu: DeliverSm | DataSm) -> None:
        """One message, or a part of one. It is refused when the number is nobody's, or nothing becomes durable now."""
        owed = owed_for(session, pdu)
        if isinstance(pdu, DataSm):
            pdu = _as_deliver_sm(pdu)
        account = self.owner(pdu.destination_addr)
        if account is None:
            carrier.counts.mo_unowned += 1
            answer(owed, CommandStatus.ESME_RX_R_APPN)
            return
        if self._store.stuck:
            answer(owed, CommandStatus.ESME_RX_T_APPN)
            return
        carrier.counts.mo += 1
        self._look_at(account, pdu)
        mo = self._message(carrier, account, pdu)
        part_of = _part_of(pdu) if account.joins_parts else None
        if part_of is None:
            self._owe(account, (mo,))
        else:
            self._part(account, mo, part_of)
        self._store.follow(acknowledge, owed)

    def _message(self, carrier: Carrier, account: Account, pdu: DeliverSm) -> MoOwed:
        now = self._clock.wall_ms()
        return MoOwed(
            account.name,
            self._ids.next(now),
            carrier.key,
            pdu.source_addr_ton,
            pdu.source_addr_npi,
            pdu.source_addr,
            pdu.dest_addr_ton,
            pdu.dest_addr_npi,
            pdu.destination_addr,
            pdu.esm_class,
            pdu.protocol_id,
            pdu.priority_flag,
            pdu.data_coding,
            pdu.short_message,
            write_tlvs(pdu.tlvs),
            now,
        )

    def _owe(self, account: Account, messages: tuple[MoOwed, ...]) -> None:
        account.counts.mo_accepted += len(messages)
        for mo in messages[:-1]:
            self._store.write(mo)
        self._store.write(messages[-1], self._hand_out, messages)

    def _part(self, account: Account, mo: MoOwed, part_of: PartOf) -> None:
        part = MoPartAccepted(*mo, part_of.reference, part_of.wide, part_of.total, part_of.number)
        key, machine_part = _key(part), _machine_part(part)
        if self._reassembler.full and not self._reassembler.knows(key, machine_part):
            self._owe(account, (mo,))  # no room to wait in: it goes as the part that it is
            return
        result = self._reassembler.add(key, part.total, machine_part, self._clock.monotonic())
        if isinstance(result, Whole):
            parts = [one.extra for one in result.parts]
            self._store.write(MoPartsJoined(tuple(one.part_id for one in parts if one is not part)))
            self._owe(account, self._joined(parts))
        elif not isinstance(result, Repeated):
            self._store.write(part)

    def _joined(self, parts: list[MoPartAccepted]) -> tuple[MoOwed, ...]:
        """One message of all parts; the parts as they are where their octets do not make one text together."""
        first = parts[0]
        contents = [unwrap(_pdu(part)) for part in parts]
        if any(part.data_coding != first.data_coding for part in parts) or any(others for _, _, others in contents):
            return tuple(self._owed(part) for part in parts)
        octets = b"".join(piece for piece, _, _ in contents)
        tlvs = [one for one in read_tlvs(first.tlvs, 0) if one[0] not in _OF_A_PART]
        if len(octets) > MAX_SHORT_MESSAGE_OCTETS:
            tlvs.append((int(Tag.MESSAGE_PAYLOAD), octets))
            octets = b""
        whole = self._owed(first)._replace(
            esm_class=first.esm_class & ~ESM_UDH_INDICATOR,
            short_message=octets,
            tlvs=write_tlvs(tuple(tlvs)),
        )
        return (whole,)

    def expire(self) -> None:
        """What has waited long enough for its missing parts goes as it is."""
        for _, waiting in self._reassembler.expire(self._clock.monotonic()):
            parts = [one.extra for one in waiting]
            self._store.write(MoPartsJoined(tuple(one.part_id for one in parts)))
            self._owe(self._accounts[parts[0].customer], tuple(self._owed(part) for part in parts))

    def _owed(self, part: MoPartAccepted) -> MoOwed:
        """Owed from now on: its own id is older than what the outbox has read already."""
        owed = MoOwed._make(part[: len(MoOwed._fields)])
        return owed._replace(owed_id=self._ids.next(self._clock.wall_ms()))

    def restore(self, part: MoPartAccepted) -> None:
        """After a restart."""
        self._reassembler.restore(_key(part), part.total, _machine_part(part), self._clock.monotonic())


def _as_deliver_sm(pdu: DataSm) -> DeliverSm:
    return DeliverSm(
        source_addr_ton=pdu.source_addr_ton,
        source_addr_npi=pdu.source_addr_npi,
        source_addr=pdu.source_addr,
        dest_addr_ton=pdu.dest_addr_ton,
        dest_addr_npi=pdu.dest_addr_npi,
        destination_addr=pdu.destination_addr,
        esm_class=pdu.esm_class,
        data_coding=pdu.data_coding,
        tlvs=pdu.tlvs,
    )


def _part_of(pdu: DeliverSm) -> PartOf | None:
    """Which part it is; what cannot be told is no part."""
    try:
        _, part_of, _ = unwrap(pdu)
    except Refusal:
        return None
    return part_of


def _key(part: MoPartAccepted) -> tuple[object, ...]:
    return (part.carrier, part.source_addr, part.destination_addr, part.reference, part.total, part.wide)


def _machine_part(part: MoPartAccepted) -> Part[MoPartAccepted]:
    return Part(part.part_id, part.number, part.short_message or part.tlvs, part.data_coding, part)


def _pdu(part: MoPartAccepted) -> DeliverSm:
    return DeliverSm(esm_class=part.esm_class, short_message=part.short_message, tlvs=read_tlvs(part.tlvs, 0))
