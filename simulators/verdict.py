"""How each message of the demo ended, against how its row says it must: from receipts, billing records and phones."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from simulators import phone, records
from simulators.customer import Sent
from simulators.samples import DELIVERED, ESME_RINVDSTADR, REFUSED, UNDELIVERABLE, Sample

STAT_OF = {DELIVERED: "DELIVRD", UNDELIVERABLE: "UNDELIV"}
SEN = 100  # of a yen


class Record(NamedTuple):
    """What the demo reads of a billing record."""

    destination_addr: str
    carrier: str
    known_by: str
    characters: int
    segments: int
    units: int
    outcome: str
    charge_sen: int


class Result(NamedTuple):
    """A message as it ended; `complaints` say where that isn't as its row expects."""

    sample: Sample
    carrier: str
    known_by: str
    characters: int
    segments: int  # as the carriers saw them
    units: int
    state: str
    charge_sen: int
    complaints: tuple[str, ...]


def read_records(store: Path) -> list[Record]:
    """All billing records of the store in a directory, without writing to it."""
    with closing(records.connect(store)) as connection:
        rows = connection.execute(f"SELECT {', '.join(Record._fields)} FROM billing_record")  # noqa: S608 - our fields
        return [Record(*row) for row in rows]


def judge(
    sent: Sequence[Sent], samples: Sequence[Sample], recorded: Sequence[Record], segments: Sequence[phone.Segment]
) -> list[Result]:
    """One result for each sample, in their order. Numbers tell them apart."""
    screens = phone.read(segments)
    results = []
    for one, sample in zip(sent, samples, strict=True):
        own = [record for record in recorded if _same(record.destination_addr, sample.number)]
        seen = [segment for segment in segments if _same(segment.destination, sample.number) and not segment.status]
        texts = [text for number, texts in screens.items() if _same(number, sample.number) for text in texts]
        results.append(_result(sample, one, own, seen, texts))
    return results


def _same(address: str, number: str) -> bool:
    """Whether an address, national or international, is this national number."""
    return address.lstrip("+").removeprefix("81").removeprefix("0") == number.removeprefix("0")


def _result(
    sample: Sample, sent: Sent, recorded: Sequence[Record], seen: Sequence[phone.Segment], texts: Sequence[str]
) -> Result:
    complaints = [*_answers(sample, sent), *_carried(sample, seen, texts)]
    wanted = 0 if sample.state == REFUSED else 1
    if len(recorded) != wanted:
        complaints.append(f"billing records: {len(recorded)}, not {wanted}")
    if not recorded:
        state = f"{REFUSED} 0x{max(sent.statuses):02X}" if any(sent.statuses) else "no record"
        characters = len(sample.text.encode("utf_16_be")) // 2
        return Result(sample, "", "", characters, len(seen), 0, state, 0, tuple(complaints))
    record = recorded[0]
    told = record[1:]
    expected = (
        sample.carrier,
        sample.known_by,
        sample.characters,
        sample.segments,
        sample.units,
        sample.state,
        sample.yen * SEN,
    )
    names = ("carrier", "known by", "characters", "segments in the record", "units", "state", "sen")
    complaints += [
        f"{name}: {is_}, not {must}" for name, is_, must in zip(names, told, expected, strict=True) if is_ != must
    ]
    return Result(
        sample,
        record.carrier,
        record.known_by,
        record.characters,
        len(seen),
        record.units,
        record.outcome,
        record.charge_sen,
        tuple(complaints),
    )


def _answers(sample: Sample, sent: Sent) -> list[str]:
    """What is wrong with the responses and receipts that the customer got."""
    if sample.state == REFUSED:
        return [] if sent.statuses == [ESME_RINVDSTADR] else [f"answered {_statuses(sent)}, not 0x0B"]
    complaints = []
    if not sent.statuses or any(sent.statuses) or not sent.answered:
        complaints.append(f"answered {_statuses(sent)}, not 0x00")
    told = sorted(receipt.message_id for receipt in sent.receipts)
    if told != sorted(sent.message_ids):
        complaints.append(f"receipts: {len(told)} for {len(sent.message_ids)} message ids")
    for receipt in sent.receipts:
        if receipt.stat != STAT_OF[sample.state]:
            complaints.append(f"the receipt says {receipt.stat}, not {STAT_OF[sample.state]}")
        if receipt.tlv_message_id != receipt.message_id:
            complaints.append("the receipt's TLV and text name different ids")
    return complaints


def _statuses(sent: Sent) -> str:
    return " ".join(f"0x{status:02X}" for status in sent.statuses) or "nothing"


def _carried(sample: Sample, seen: Sequence[phone.Segment], texts: Sequence[str]) -> list[str]:
    """What is wrong with what the carriers saw and what the phone shows."""
    complaints = []
    if len(seen) != sample.segments:
        complaints.append(f"segments that the carrier saw: {len(seen)}, not {sample.segments}")
    if any(segment.smsc != sample.carrier for segment in seen):
        complaints.append(f"segments went to {' '.join(sorted({segment.smsc for segment in seen}))}")
    if list(texts) != ([sample.text] if sample.state == DELIVERED else []):
        complaints.append(
            f"the phone shows {len(texts)} messages, and not what was sent" if texts else "the phone shows nothing"
        )
    return complaints
