"""The load client: submits what is asked over some binds, takes the receipts, prints one JSON line of what happened.

Batched: a read's responses and receipts are handled together, and what follows is one write. Latency is measured from
the write, or, at a given rate, from the moment the message was due, so that a gateway that stalls is not excused.
"""

import argparse
import asyncio
import gc
import json
import resource
import sys
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter_ns
from typing import cast

import uvloop

from bench.configuration import system_ids
from bench.limits import MOST_BINDS, MOST_WINDOW, count_of, positive
from bench.messages import FIRST_NUMBER, MOST_MESSAGES, SubmitTemplate
from bench.percentiles import milliseconds
from simulators import wire

LINGER_SECONDS = 0.3  # bound a little longer at the end, to see what comes twice
PACE_SECONDS = 0.001
PROGRESS_SECONDS = 1.0
NS = 1_000_000_000
MARK = 100_000


class Load:
    """One run. `binds` share what is left to send."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.total = options.count * options.parts  # submissions
        self.template = SubmitTemplate(options.length, options.parts, options.receipts)
        self.system_ids = system_ids(options.system_id, options.customers)
        self.binds: list[LoadBind] = []
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.bound = 0
        self.next = 0  # the first submission that was not sent
        self.due = 0 if options.rate else self.total
        self.started = self.last_response = self.last_receipt = 0
        self.sent_at = array("q", bytes(8 * self.total))
        self.response_ns = array("q", bytes(8 * self.total))
        self.receipt_ns = array("q", bytes(8 * self.total))
        self.answered = 0
        self.acknowledged = 0
        self.refused: Counter[str] = Counter()
        self.receipted = 0
        self._marks: list[int] = []  # when each further MARK of receipts was here
        self.receipts_doubled = 0
        self.states: Counter[int] = Counter()
        self.faults: Counter[str] = Counter()
        self._submissions: dict[bytes, int] = {}  # message_id -> submission
        self._early: dict[bytes, int] = {}  # message_id of a receipt before its response -> when

    def end(self, reason: str) -> None:
        """The first reason stands."""
        if not self.ended.done():
            self.ended.set_result(reason)

    def begin(self) -> None:
        """All are bound."""
        self.started = self.last_response = self.last_receipt = perf_counter_ns()
        if self.options.rate:
            self._pace()
        for bind in self.binds:
            bind.fill()

    def _pace(self) -> None:
        if self.ended.done():
            return
        now = perf_counter_ns()
        due = min(self.total, (now - self.started) * self.options.rate * self.options.parts // NS)
        self.sent_at[self.due : due] = array("q", (now,)) * (due - self.due)
        self.due = due
        room = [bind for bind in self.binds if bind.room]
        for place, bind in enumerate(room):
            bind.fill(-(-(self.due - self.next) // (len(room) - place)))
        self.binds.append(self.binds.pop(0))
        if self.due < self.total:
            asyncio.get_running_loop().call_later(PACE_SECONDS, self._pace)

    def responses(self, answers: list[tuple[int, int, bytes]], now: int) -> None:
        """(submission, command_status, message_id) of each."""
        for submission, status, message_id in answers:
            if self.response_ns[submission]:
                self.faults["second_response"] += 1
                continue
            self.response_ns[submission] = now - self.sent_at[submission] or 1
            self.answered += 1
            if status:
                self.refused[f"0x{status:08x}"] += 1
                continue
            self.acknowledged += 1
            if self._submissions.setdefault(message_id, submission) != submission:
                self.faults["reused_message_id"] += 1
            if self._early and (came := self._early.pop(message_id, 0)):
                self._receipt(submission, came)
        self.last_response = now

    def receipts(self, receipts: list[tuple[bytes, int]], now: int) -> None:
        """(message_id, message_state) of each."""
        for message_id, state in receipts:
            self.states[state] += 1
            submission = self._submissions.get(message_id)
            if submission is not None:
                self._receipt(submission, now)
            elif message_id in self._early:
                self.receipts_doubled += 1
            elif len(self._early) < self.total:
                self._early[message_id] = now
        self.last_receipt = now

    def _receipt(self, submission: int, now: int) -> None:
        if self.receipt_ns[submission]:
            self.receipts_doubled += 1
        else:
            self.receipt_ns[submission] = now - self.sent_at[submission] or 1
            self.receipted += 1
            if not self.receipted % MARK:
                self._marks.append(now)

    def look(self) -> None:
        """End when nothing is owed any more."""
        if self.answered == self.total and (not self.options.receipts or self.receipted >= self.acknowledged):
            self.end("done")

    def progress(self) -> dict[str, object]:
        """Where the run is."""
        return {"sent": self.next, "answered": self.answered, "receipts": self.receipted}

    def lines(self) -> Iterator[str]:
        """`destination message_id receipts` of everything that was acknowledged, in the order of the responses."""
        for message_id, submission in self._submissions.items():
            destination = FIRST_NUMBER + submission // self.options.parts
            receipts = 1 if self.receipt_ns[submission] else 0
            yield f"{destination} {message_id.decode('ascii', 'replace')} {receipts}\n"

    def result(self, reason: str) -> dict[str, object]:
        """What the run was, as the harness reads it."""
        last = max(self.last_response, self.last_receipt if self.options.receipts else 0)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "reason": reason,
            "sent": self.next,
            "acknowledged": self.acknowledged,
            "refused": dict(self.refused),
            "unanswered": self.next - self.answered,
            "receipts": self.receipted,
            "receipts_missing": self.acknowledged - self.receipted if self.options.receipts else 0,
            "receipts_doubled": self.receipts_doubled,
            "receipts_unknown": len(self._early),
            "states": {str(state): times for state, times in sorted(self.states.items())},
            "faults": dict(self.faults),
            "seconds": round((last - self.started) / NS, 3),
            "first_100k_per_s": round(MARK * NS / (self._marks[0] - self.started)) if len(self._marks) > 1 else None,
            "last_100k_per_s": round(MARK * NS / (self._marks[-1] - self._marks[-2])) if len(self._marks) > 1 else None,
            **milliseconds("resp", self.response_ns),
            **milliseconds("receipt", self.receipt_ns),
            "cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
        }


class LoadBind(asyncio.Protocol):
    """One bind of the client."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._transport: asyncio.WriteTransport | None = None
        self._buffer = bytearray()
        self._submissions = array("L", (0,))  # by sequence_number; the bind request has 0's place and 1
        self._submissions.append(0)
        self._answered = 2
        self._bound = False
        self.lost = False

    @property
    def room(self) -> int:
        """Places of the window that are free."""
        if not self._bound or self.lost:
            return 0
        return int(self._load.options.window) - (len(self._submissions) - self._answered)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio calls it."""
        self._transport = cast("asyncio.WriteTransport", transport)
        load = self._load
        system_id = load.system_ids[len(load.binds) % len(load.system_ids)]
        load.binds.append(self)
        self._transport.write(wire.bind(wire.BIND_TRANSCEIVER, 1, system_id.encode(), load.options.password.encode()))

    def connection_lost(self, _: Exception | None) -> None:
        """asyncio calls it."""
        self.lost = True
        self._load.end("disconnected")

    def data_received(self, data: bytes) -> None:
        """asyncio calls it: handle all that came, then write once."""
        now = perf_counter_ns()
        self._buffer += data
        pdus, sound = wire.frames(self._buffer)
        answers: list[tuple[int, int, bytes]] = []
        receipts: list[tuple[bytes, int]] = []
        out: list[bytes] = []
        for pdu in pdus:
            _, command, status, sequence = wire.HEADER.unpack_from(pdu)
            if command == wire.SUBMIT_SM_RESP and 2 <= sequence < len(self._submissions):
                answers.append((self._submissions[sequence], status, wire.parse_id(pdu)))
            elif command == wire.DELIVER_SM:
                out.append(wire.deliver_sm_resp(sequence))
                receipts.append(receipt_of(pdu))
            else:
                self._other(command, status, sequence, out)
        load = self._load
        if answers:
            self._answered += len(answers)
            load.responses(answers, now)
        if receipts:
            load.receipts(receipts, now)
        self.fill(before=out)
        load.look()
        if not sound:
            load.faults["unframed"] += 1
            load.end("fault")

    def _other(self, command: int, status: int, sequence: int, out: list[bytes]) -> None:
        load = self._load
        if command == wire.RESPONSE | wire.BIND_TRANSCEIVER and not status:
            self._bound = True
            load.bound += 1
            if load.bound == load.options.binds:
                load.begin()
        elif command == wire.RESPONSE | wire.BIND_TRANSCEIVER:
            load.end(f"bind refused: 0x{status:08x}")
        elif command == wire.ENQUIRE_LINK:
            out.append(wire.enquire_link_resp(sequence))
        elif command == wire.UNBIND:
            out.append(wire.unbind_resp(sequence))
        elif command != wire.UNBIND_RESP:
            load.faults[f"command 0x{command:08x}"] += 1

    def fill(self, most: int = MOST_MESSAGES, before: Sequence[bytes] = ()) -> None:
        """Submit what the window takes and is due, at most `most`, in one write behind `before`."""
        load = self._load
        count = min(self.room, load.due - load.next, most) if load.started else 0
        out = list(before)
        if count > 0:
            submit_sm, parts = load.template.submit_sm, load.template.parts
            submissions = self._submissions
            if not load.options.rate:
                load.sent_at[load.next : load.next + count] = array("q", (perf_counter_ns(),)) * count
            for submission in range(load.next, load.next + count):
                out.append(submit_sm(submission // parts, submission % parts, len(submissions)))
                submissions.append(submission)
            load.next += count
        if out and self._transport is not None:
            self._transport.write(b"".join(out))

    def close(self) -> None:
        """Unbind and hang up."""
        if self._transport is not None and not self.lost:
            self._transport.write(wire.unbind(len(self._submissions)))
            self._transport.close()


def receipt_of(pdu: bytes) -> tuple[bytes, int]:
    """The message_id and message_state that a deliver_sm tells: TLVs before text. Empty and 0 when it tells none."""
    sm = wire.parse_sm(pdu)
    tlvs = wire.parse_tlvs(sm.tlvs)
    message_id = tlvs.get(wire.RECEIPTED_MESSAGE_ID)
    if message_id is None:
        message_id = sm.short_message.partition(b"id:")[2].partition(b" ")[0]
    state = tlvs.get(wire.MESSAGE_STATE)
    if state is None:
        stat = sm.short_message.partition(b"stat:")[2].partition(b" ")[0]
        return message_id.rstrip(b"\0"), wire.STATE_OF.get(stat.decode("ascii", "replace"), 0)
    return message_id.rstrip(b"\0"), state[0] if state else 0


async def run(options: argparse.Namespace) -> dict[str, object]:
    """Bind, submit, wait for what is owed, at most `options.seconds`."""
    loop = asyncio.get_running_loop()
    load = Load(options)
    for _ in range(options.binds):
        await loop.create_connection(lambda: LoadBind(load), options.host, options.port)
    reason = await _wait(load, options)
    await asyncio.sleep(LINGER_SECONDS)
    for bind in load.binds:
        bind.close()
    if options.acknowledged is not None:
        with options.acknowledged.open("w", encoding="ascii", errors="replace") as file:
            file.writelines(load.lines())
    return load.result(reason)


async def _wait(load: Load, options: argparse.Namespace) -> str:
    """Why the run ended; a progress line a second meanwhile."""
    until = perf_counter_ns() + int(options.seconds * NS)
    look = min(PROGRESS_SECONDS, options.patience, options.seconds)
    before: dict[str, object] = {}
    silent_seconds = 0.0  # by looks and not by the clock: a machine that stood still is not the gateway's silence
    while not load.ended.done():
        await asyncio.wait([load.ended], timeout=look)
        progress = load.progress()
        silent_seconds = silent_seconds + look if progress == before else 0.0
        if not silent_seconds:
            before = progress
            print(json.dumps({"load": progress}), file=sys.stderr, flush=True)
        elif silent_seconds >= options.patience:
            load.end("silence")
        if perf_counter_ns() > until:
            load.end("time is up")
    return load.ended.result()


def parser() -> argparse.ArgumentParser:
    """What can be asked."""
    parse = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__.splitlines()[0] if __doc__ else "")
    parse.add_argument("--host", default="127.0.0.1")
    parse.add_argument("--port", type=int, required=True)
    parse.add_argument("--system-id", default="bench")
    parse.add_argument("--password", default="bench")
    parse.add_argument("--customers", type=count_of(MOST_BINDS), default=1, help="who share the binds in turn")
    parse.add_argument("--binds", type=count_of(MOST_BINDS), default=4)
    parse.add_argument("--window", type=count_of(MOST_WINDOW), default=50, help="unanswered submit_sm a bind")
    parse.add_argument("--count", type=count_of(MOST_MESSAGES), default=20_000, help="messages")
    parse.add_argument(
        "--rate", type=count_of(1_000_000, 0), default=0, help="messages a second; 0: what windows allow"
    )
    parse.add_argument("--length", type=count_of(660), default=70, help="characters")
    parse.add_argument("--parts", type=count_of(10), default=1, help="the customer's own UDH parts a message")
    parse.add_argument("--receipts", action=argparse.BooleanOptionalAction, default=True)
    parse.add_argument("--seconds", type=positive, default=120.0, help="end after this time whatever happens")
    parse.add_argument("--patience", type=positive, default=10.0, help="end after this time without an answer")
    parse.add_argument("--acknowledged", type=Path, help="write `destination message_id receipts` of each at the end")
    return parse


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print. 0 when everything was acknowledged and receipted once."""
    options = parser().parse_args(arguments)
    gc.disable()  # the run's values form no cycles
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        result = runner.run(run(options))
    print(json.dumps(result), flush=True)
    return 0 if result["reason"] == "done" else 1


if __name__ == "__main__":
    sys.exit(main())
