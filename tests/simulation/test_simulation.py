"""The simulation keeps its own promises: one seed is one history, sound code passes, and known bugs are found."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

import gateway.assemble
from gateway.billing.tariff import Tariff
from gateway.flow.carrier import Carrier, CarrierBind
from gateway.flow.claims import Claim
from gateway.flow.dispatch import Dispatcher
from gateway.flow.intake import Intake
from gateway.flow.message import Message
from gateway.flow.receipts_out import Handed, ReceiptsOut
from gateway.flow.settle import Settler
from gateway.model.lifecycle import SegmentState
from gateway.smpp.pdu import Pdu
from gateway.store.contract import SegmentsMoved
from tests.house.tree import ROOT
from tests.simulation import __main__ as command
from tests.simulation.disk import SlowStore, WatchedDisk
from tests.simulation.run import Verdict, play

ENOUGH_SEEDS = 60


def nothing(_: object) -> None:
    """In the place of what was done too early."""


def first_failure(make_store: Callable[[WatchedDisk], SlowStore] = SlowStore) -> Verdict:
    """Of the first seeds."""
    for seed in range(1, ENOUGH_SEEDS + 1):
        verdict = play(seed, make_store=make_store)
        if verdict.failure:
            return verdict
    raise AssertionError(f"{ENOUGH_SEEDS} seeds found nothing")


@pytest.mark.parametrize("seed", range(1, 13))
def test_every_promise_is_kept(seed: int) -> None:
    assert play(seed).failure == ""


def test_one_seed_is_one_history() -> None:
    first, again, other = play(7), play(7), play(8)
    assert first.lines == again.lines
    assert first.digest == again.digest != other.digest
    assert len(first.lines) > 300


def test_a_history_does_not_depend_on_the_hashes_of_a_process() -> None:
    ask = "from tests.simulation.run import play; print(play(7).digest)"
    digests = {
        subprocess.run(
            [sys.executable, "-c", ask],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed in ("1", "2")
    }
    assert digests == {play(7).digest}


def test_what_can_go_wrong_does() -> None:
    whole = "\n".join(line for seed in range(1, 13) for line in play(seed).lines)
    for word in (
        "gateway      dies",
        "fault        stick",
        "fault        silence",
        "fault        set_clock",
        "gateway      reloads",
        "log          warning answer_lost",
        "MessageParked",
        "MessagesUnparked",
        "ReceiptEarly",
        "PartsJoined",
        "MessageReplaced",
        "MoPartsJoined",
        " DELETED ",
        " EXPIRED ",
        "gets multi",
        "gets cancel",
    ):
        assert word in whole, word


# Known bugs, each found


class EarlyStore(SlowStore):
    """Says durable when the batch is closed, before the disk has it."""

    def flush(self) -> None:
        before = self.in_flight
        super().flush()
        if self.in_flight > before:
            _, batch = self._flushed[-1]
            consequences, batch.consequences = batch.consequences, []
            for then, argument in consequences:
                then(argument)


class TornStore(SlowStore):
    """A batch reaches the disk without its end, now and then when there is a crash."""

    def crash(self, durable: int) -> None:
        super().crash(0)
        for changes, _ in self._flushed[:1]:
            for change in changes[: len(changes) // 2]:
                self.disk.apply(change)


class ForgetfulStore(SlowStore):
    """Tells that a batch is durable, and loses it in a crash."""

    def __init__(self, disk: WatchedDisk) -> None:
        super().__init__(disk)
        self._lost = 0

    def sync(self) -> int:
        self._lost += 1
        if self._flushed and self._lost % 20 == 0:
            changes, batch = self._flushed[0]
            self._flushed[0] = (changes[:0], batch)
        return super().sync()


@pytest.mark.parametrize("store", [EarlyStore, ForgetfulStore, TornStore])
def test_a_store_that_lies_is_found(store: type[SlowStore]) -> None:
    assert first_failure(store).failure


def test_an_acknowledgement_before_the_disk_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Eager(Intake):
        def accept(self, message: Message, then: Callable[[Any], None], argument: object) -> None:
            super().accept(message, nothing, None)
            then(argument)

    monkeypatch.setattr(gateway.assemble, "Intake", Eager)
    assert "before it is durable" in first_failure().failure


def test_a_receipt_acknowledged_to_the_carrier_before_the_disk_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Eager(Settler):
        def record(
            self,
            carrier: Carrier | None,
            message: Message,
            then: Callable[[Any], None] | None = None,
            argument: object = None,
        ) -> None:
            super().record(carrier, message)
            if then is not None:
                then(argument)

    monkeypatch.setattr(gateway.assemble, "Settler", Eager)
    assert first_failure().failure


def test_a_segment_that_is_sent_before_its_claim_is_durable_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Eager(Dispatcher):
        def _write(self, carrier: Carrier, claims: list[tuple[CarrierBind, Message, int]]) -> None:
            for _, message, _ in claims:
                self._store.write(SegmentsMoved(message.row.message_id, message.life()))
            self._transmit((carrier, claims))

    monkeypatch.setattr(gateway.assemble, "Dispatcher", Eager)
    assert first_failure().failure


def test_a_receipt_that_is_handed_out_twice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Twice(ReceiptsOut):
        def lost(self, contexts: list[Handed]) -> None:
            super().lost(contexts)
            for handed in contexts[:1]:
                self._outboxes[handed.owed.customer].head.append(handed.owed)

    monkeypatch.setattr(gateway.assemble, "ReceiptsOut", Twice)
    assert "handed out" in first_failure().failure


def test_a_receipt_that_stays_on_the_disk_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Careless(ReceiptsOut):
        def answered(self, handed: Handed, pdu: Pdu) -> None:
            handed.bind.receipts_in_flight -= 1

    monkeypatch.setattr(gateway.assemble, "ReceiptsOut", Careless)
    assert "rest" in first_failure().failure


def test_a_place_in_a_window_that_is_never_free_again_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Leaking(Settler):
        def lost(self, carrier: Carrier, claims: list[Claim]) -> None:
            for claim in claims[:1]:
                claim.bind.in_flight += 1
            super().lost(carrier, claims)

    monkeypatch.setattr(gateway.assemble, "Settler", Leaking)
    assert first_failure().failure


def test_a_message_that_is_billed_though_it_failed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tariff, "charge", _always(Tariff.charge))
    assert "is charged" in first_failure().failure


def _always(charge: Callable[..., Any]) -> Callable[..., Any]:
    return lambda tariff, units, *_: charge(tariff, units, SegmentState.DELIVERED)


# The command


def test_the_command_tells_how_many_seeds_passed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["simulation", "--first", "3", "--seeds", "2"])
    assert command.main() == 0
    assert capsys.readouterr().out.startswith("2 seeds, ")


def test_the_command_prints_all_of_a_history(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["simulation", "--seed", "3", "--trace"])
    assert command.main() == 0
    assert capsys.readouterr().out.count("\n") > 300


def test_the_command_tells_the_seed_that_failed_and_the_end_of_its_history(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = Verdict(5, "Wrong: lost", [f"line {number}" for number in range(1_000)], "")
    monkeypatch.setattr(command, "play", lambda _: failed)
    monkeypatch.setattr(sys, "argv", ["simulation"])
    assert command.main() == 1
    told = capsys.readouterr().out
    assert "line 999" in told
    assert "line 100\n" not in told
    assert "seed 5 failed: Wrong: lost" in told
    assert "--seed 5 --trace" in told
