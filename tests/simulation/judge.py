"""The verdict over a seed when everything has come to rest."""

from gateway.assemble import Flow
from gateway.store.contract import BillingRecord
from tests.simulation.disk import WatchedDisk
from tests.simulation.ledger import Ledger, Promise, Text, Tries, Wrong
from tests.simulation.process import Process
from tests.simulation.setting import YEN_A_UNIT

SEN = 100  # of a yen
STATE_OF = {
    "DELIVERED": 2,
    "EXPIRED": 3,
    "DELETED": 4,
    "UNDELIVERABLE": 5,
    "UNKNOWN": 7,
    "REJECTED": 8,
}
WANTS = {0: (False, False), 1: (True, True), 2: (True, False), 3: (False, True)}  # by failure, by success


def judge(disk: WatchedDisk, ledger: Ledger, process: Process, *, resends: bool) -> None:
    """Raise Wrong for the first promise that was not kept. `resends`: the in-doubt policy of all carriers."""
    whole(disk)
    records = Records(disk)
    for promise in ledger.promises.values():
        found = records.of(promise)
        for record in found:
            receipts(ledger, promise, record)
            charge(ledger, promise.text, record, resends=resends)
            doubled(ledger, promise.text, record, disk.doubts[record.message_id])
        seen = promise.states_seen - {1}
        if len(found) == 1 and seen - {STATE_OF[found[0].outcome]}:
            raise Wrong(f"query_sm of {promise.told:x} told {seen}, and its record says {found[0].outcome}")
    strangers(ledger)
    if ledger.doubled > ledger.in_doubt:
        raise Wrong(f"{ledger.doubled} segments were doubled, and only {ledger.in_doubt} were in doubt")
    for token, owner in ledger.mo_promised.items():
        if token not in ledger.mo_got[owner]:
            raise Wrong(f"the message [{token:06d}] was acknowledged to the carrier, and {owner} never got it")
    leaks(process)


def left_over(disk: WatchedDisk) -> dict[str, int]:
    """Tables that must be empty at rest, and are not."""
    names = ("messages", "parts", "owed", "early", "mo_parts", "parked")
    return {name: len(table) for name in names if (table := getattr(disk, name, {}))}


def whole(disk: WatchedDisk) -> None:
    """Every message that ever was durable has its record, and nothing else is left."""
    without = disk.accepted - disk.records.keys()
    if without:
        raise Wrong(f"{len(without)} messages have no billing record: {min(without):x}")
    if left_over(disk):
        raise Wrong(f"left on the disk: {left_over(disk)}")


class Records:
    """Billing records by the ids that customers were told."""

    def __init__(self, disk: WatchedDisk) -> None:
        self._records: dict[tuple[str, int], list[BillingRecord]] = {}
        own = [(one.customer, one.message_id, one.message_id) for one in disk.records.values()]
        for customer, told, message_id in sorted({*own, *disk.told}):
            if message_id in disk.records:
                self._records.setdefault((customer, told), []).append(disk.records[message_id])

    def of(self, promise: Promise) -> list[BillingRecord]:
        """One for each destination. Wrong."""
        found = self._records.get((promise.text.customer, promise.told), [])
        got = sorted(record.destination_addr.encode() for record in found)
        if got != sorted(promise.destinations):
            raise Wrong(f"{promise.told:x} ({promise.text.token:06d}) to {promise.destinations} has records for {got}")
        return found


def receipts(ledger: Ledger, promise: Promise, record: BillingRecord) -> None:
    """The customer has the receipt that it asked for, and it says what the record says."""
    got = ledger.got.get((promise.text.customer, promise.told, record.destination_addr.encode()), [])
    wanted = WANTS[promise.text.registered][record.outcome == "DELIVERED"]
    what = f"{promise.told:x} ({promise.text.token:06d}) {record.outcome}"
    if wanted and not got:
        raise Wrong(f"no receipt for {what}")
    if got and not wanted:
        raise Wrong(f"a receipt that nobody asked for: {what}")
    if set(got) - {STATE_OF[record.outcome]}:
        raise Wrong(f"a receipt says {got}: {what}")


def charge(ledger: Ledger, text: Text, record: BillingRecord, *, resends: bool) -> None:
    """It costs what it costs exactly when all of it was delivered, as the carrier decided."""
    what = f"{record.message_id:x} ({text.token:06d}) {record.outcome}"
    delivered = record.outcome == "DELIVERED"
    if record.charge_sen != (record.units * YEN_A_UNIT * SEN if delivered else 0):
        raise Wrong(f"{what} of {record.units} units is charged {record.charge_sen} sen")
    tries = tries_of(ledger, text, record)
    if text.cancelled and text.parts == 1 and record.outcome == "DELETED" and any(one.stats for one in tries.values()):
        raise Wrong(f"{what} was cancelled, and yet sent")
    if text.sent_again:
        return
    complete = len(tries) == record.segments and all(one.total == record.segments for one in tries.values())
    if delivered:
        if not complete or not all("DELIVRD" in one.stats for one in tries.values()):
            raise Wrong(f"{what}: the carrier delivered {describe(tries)}")
    elif complete and must_be_delivered(ledger, text, tries, resends=resends):
        raise Wrong(f"{what}: the carrier delivered all of it, {describe(tries)}")


def doubled(ledger: Ledger, text: Text, record: BillingRecord, doubts: list[int]) -> None:
    """A segment is on the phone once, and once more each time that it was in doubt, at most."""
    if text.sent_again:
        return
    for number, one in tries_of(ledger, text, record).items():
        most = 1 + (doubts[number - 1] if number <= len(doubts) else 0)
        if len(one.stats) > most:
            raise Wrong(f"{record.message_id:x} ({text.token:06d}): {len(one.stats)} of segment {number}, not {most}")


def tries_of(ledger: Ledger, text: Text, record: BillingRecord) -> dict[int, Tries]:
    """Of the text, or of one that took its place though nobody was told: of which the carrier took something."""
    found: dict[int, Tries] = {}
    left = [text]
    while left:
        one = left.pop(0)
        left += one.maybe
        tries = ledger.tries.get((one.token, record.destination_addr.encode()), {})
        if any(segment.stats for segment in tries.values()):
            return tries
        found = found or tries
    return found


def must_be_delivered(ledger: Ledger, text: Text, tries: dict[int, Tries], *, resends: bool) -> bool:
    """Nothing contradicts: every try of every segment was taken and delivered."""
    if not resends or ledger.expired_early or ledger.lies or text.meddled or text.limited:
        return False
    return all(not one.refused and set(one.stats) == {"DELIVRD"} for one in tries.values())


def describe(tries: dict[int, Tries]) -> str:
    """For a message."""
    return " ".join(f"{number}/{one.total}:{','.join(one.stats) or '-'}" for number, one in sorted(tries.items()))


def strangers(ledger: Ledger) -> None:
    """A text that was replaced goes nowhere."""
    for text in ledger.texts.values():
        if text.replaced_by is None:
            continue
        taken = [ledger.tries.get((text.token, to), {}) for to in text.destinations]
        if any(one.stats for tries in taken for one in tries.values()):
            raise Wrong(f"({text.token:06d}) was replaced, and yet sent")


def leaks(process: Process) -> None:
    """Nothing is left in memory."""
    flow: Flow = process.flow
    left = {
        "live": len(flow.live),
        "told ids": len(flow.live._told),
        "incomplete": len(flow.reassemble),
        "incomplete from phones": len(flow.from_phones),
        "parked": len(flow.parking),
        "parked lanes": len(flow.parking._lanes),
        "references": len(flow.settler._references),
    }
    for key, carrier in flow.carriers.items():
        left |= {
            f"{key} lanes": len(carrier.lanes),
            f"{key} sent": len(carrier.sent),
            f"{key} early": len(carrier.early),
        }
        left[f"{key} doubtful"] = len(carrier.doubtful)
        left |= {f"{bind.name} in flight": bind.in_flight for bind in carrier.binds}
    for name, account in flow.accounts.items():
        left[f"{name} outbox"] = flow.receipts_out.depth(name)
        left |= {f"{name} bind": bind.receipts_in_flight for bind in account.binds}
    for session in process.sessions:
        left[f"{session.side.name} unanswered"] = left.get(f"{session.side.name} unanswered", 0) + session.unanswered
        left[f"{session.side.name} owed"] = left.get(f"{session.side.name} owed", 0) + abs(session.owed)
    found = {name: count for name, count in left.items() if count}
    if found:
        raise Wrong(f"left in memory: {found}")
