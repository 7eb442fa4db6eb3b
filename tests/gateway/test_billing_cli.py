"""What finance types: exit codes, what is written where, and nothing that a typo could cost."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway import clock
from gateway.cli import main
from gateway.store.ledger import FILE_NAME
from tests.gateway.finance.desk import AFTER, archive, failed, hot, life, record, volume, waiting
from tests.gateway.settings.examples import SOUND, write

CONFIG = (
    SOUND
    + """\
billing:
  issuer:
    name: 例示通信株式会社
    registration_number: T1234567890123
"""
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path / "gateway.yaml", CONFIG)
    (tmp_path / "var").mkdir()
    monkeypatch.setattr(clock, "wall_ms", lambda: AFTER + 1_000)
    return tmp_path


def typed(desk: Path, *words: str) -> Result:
    options = ["--config", str(desk / "gateway.yaml"), "--state-directory", str(desk / "var")]
    return CliRunner().invoke(main, [*words, *options], catch_exceptions=False)


def test_a_month_is_closed_once_and_what_is_open_is_listed(desk: Path) -> None:
    archive(desk / "var", volume(12))
    hot(desk / "var", alive=[waiting(0x1234)])
    done = typed(desk, "billing", "close", "--month", "2026-11")
    assert done.exit_code == 0, done.output
    assert "2026-11: closed, 2 records posted now" in done.output
    assert "2026-11-shop" in done.output
    assert "132 yen with tax" in done.output
    assert "1 messages of the month are still open" in done.output
    assert "0000000000001234  shop" in done.output
    again = typed(desk, "billing", "close", "--month", "2026-11")
    assert again.exit_code == 0
    assert "was closed before, 0 records" in again.output


@pytest.mark.parametrize(("month", "why"), [("2026-12", "2026-12 is not over"), ("12", "'12' is no month")])
def test_what_cannot_be_closed(desk: Path, month: str, why: str) -> None:
    done = typed(desk, "billing", "close", "--month", month)
    assert (done.exit_code, why in done.output) == (1, True)


@pytest.mark.parametrize(("form", "begins"), [("pdf", b"%PDF-"), ("html", b"<!DOCTYPE html>"), ("json", b"{\n")])
def test_an_invoice_in_each_form(desk: Path, form: str, begins: bytes) -> None:
    archive(desk / "var", volume(12))
    assert typed(desk, "billing", "close", "--month", "2026-11").exit_code == 0
    words = ("billing", "invoice", "--customer", "shop", "--month", "2026-11", "--format", form)
    out = desk / "invoice"
    assert typed(desk, *words, "--out", str(out)).exit_code == 0
    assert out.read_bytes().startswith(begins)
    assert typed(desk, *words).stdout_bytes == out.read_bytes()


def test_an_invoice_that_is_not_there_leaves_no_file(desk: Path) -> None:
    typed(desk, "billing", "close", "--month", "2026-11")
    out = desk / "invoice.pdf"
    done = typed(desk, "billing", "invoice", "--customer", "bank", "--month", "2026-11", "--out", str(out))
    assert done.exit_code == 1
    assert "bank has no invoice" in done.output
    assert not out.exists()


def test_an_export_and_its_count(desk: Path) -> None:
    archive(desk / "var", [record(1, 2), failed(2)], {1: life(["a", "b"]), 2: life([""], 5)})
    out = desk / "november.csv"
    done = typed(desk, "billing", "export", "--month", "2026-11", "--out", str(out))
    assert (done.exit_code, done.output) == (0, "2026-11: 2 records\n")
    assert out.read_text("utf-8").count("\n") == 3
    assert "819012345678" not in out.read_text("utf-8")
    done = typed(desk, "billing", "export", "--month", "2026-11", "--format", "jsonl", "--segments", "--out", str(out))
    assert "3 segments" in done.output
    assert [json.loads(line)["segment"] for line in out.read_text("utf-8").splitlines()] == [1, 2, 1]


def test_a_carriers_count(desk: Path) -> None:
    archive(desk / "var", [record(1, 2)], {1: life(["a", "b"])})
    theirs = write(desk / "theirs.csv", "id,outcome\n10,DELIVRD\n11,DELIVRD\n")
    words = ("billing", "reconcile", "--month", "2026-11", "--file", str(theirs), "--carrier")
    done = typed(desk, *words, "one")
    assert (done.exit_code, "one: balances" in done.output) == (0, True), done.output
    write(theirs, "id,outcome\n10,UNDELIV\n12,DELIVRD\n12,DELIVRD\n")
    done = typed(desk, *words, "one")
    assert done.exit_code == 1
    for line in (
        "one: does not balance",
        "different outcome  a",
        "ours only          b",
        "theirs only        c",
        "1 lines",
    ):
        assert line in done.output
    assert "no carrier nobody" in typed(desk, *words, "nobody").output


def test_money_that_came_in_and_a_correction(desk: Path) -> None:
    archive(desk / "var", [record(0x1F, 10)])
    typed(desk, "billing", "close", "--month", "2026-11")
    who = ("--customer", "shop", "--who", "Sato", "--why", "bank")
    assert (
        "shop has 500 yen prepaid" in typed(desk, "billing", "credit", "--yen", "500", *who, "--reference", "x").output
    )
    done = typed(desk, "billing", "credit", "--yen", "500", *who, "--reference", "x")
    assert (done.exit_code, "credit x" in done.output) == (1, True)
    assert typed(desk, "billing", "payment", "--yen", "110", *who).exit_code == 0
    assert typed(desk, "billing", "correct", "--yen", "-9.5", "--record", "1f", *who).exit_code == 0
    for wrong in (("--record", "20"), ("--record", "zz"), (), ("--record", "1f", "--transfer", "1")):
        assert typed(desk, "billing", "correct", "--yen", "1", *wrong, *who).exit_code == 1
    stranger = typed(desk, "billing", "credit", "--yen", "5", "--customer", "nobody", "--who", "a", "--why", "b")
    assert (stranger.exit_code, "no customer nobody" in stranger.output) == (1, True)


def test_usage_for_people_and_for_machines(desk: Path) -> None:
    archive(desk / "var", [record(1, 2, check_sen=350), failed(2)])
    words = ("usage", "--customer", "shop", "--month", "2026-11")
    shown = typed(desk, *words)
    assert "2 messages ended, 2 units charged" in shown.output
    assert "so far 23 yen, tax 2, together 25 yen" in shown.output
    read = json.loads(typed(desk, *words, "--json").output)
    assert (read["messages"], read["units"], read["total_yen"], len(read["lines"])) == (2, 2, 25, 2)


def test_a_configuration_with_a_mistake_touches_nothing(desk: Path) -> None:
    write(desk / "gateway.yaml", CONFIG.replace("T1234567890123", "1234"))
    done = typed(desk, "billing", "close", "--month", "2026-11")
    assert (done.exit_code, "billing.issuer.registration_number" in done.output) == (2, True)
    assert not (desk / "var" / FILE_NAME).exists()


def test_without_a_store_there_is_nothing_to_do(desk: Path) -> None:
    done = CliRunner().invoke(
        main, ["usage", "--customer", "shop", "--month", "2026-11", "--config", str(desk / "gateway.yaml")]
    )
    assert (done.exit_code, "there is no store in var" in done.output) == (1, True)
