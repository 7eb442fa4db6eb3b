"""What is told of the doors: attempts, locks, certificates."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trustme

from gateway.ops import door_metrics
from gateway.ops.door_metrics import READ_AGAIN_SECONDS, CarrierCertificates
from tests.gateway.flow.world import World
from tests.gateway.ops.test_metrics import Binds, Listener, of, scrape


def certificate(directory: Path, name: str) -> Path:
    file = directory / f"{name}.pem"
    trustme.CA().issue_cert(name).cert_chain_pems[0].write_to_path(file)
    return file


def test_attempts_are_told_by_outcome_and_locks_by_what_is_locked() -> None:
    world = World()
    world.customer()
    for _ in range(4):
        world.customer(password=b"wrong")
    series = scrape(world)
    assert of(series, "customer_bind_attempts_total", outcome="bound") == 1
    assert of(series, "customer_bind_attempts_total", outcome="wrong_password") == 3
    assert of(series, "customer_bind_attempts_total", outcome="locked_out") == 1
    assert of(series, "doors_locked", what="pair") == 1
    assert of(series, "doors_locked", what="address") == 0
    world.now += 10_000
    assert of(scrape(world), "doors_locked", what="pair") == 0


def test_a_listeners_certificate_is_told_by_its_address() -> None:
    ends: Any = SimpleNamespace(ends_ms=1_800_000_000_500)
    series = scrape(World(), listener=Listener(certificates={"0.0.0.0:3550": ends}))
    assert of(series, "listener_certificate_ends_timestamp_seconds", listener="0.0.0.0:3550") == 1_800_000_000.5


def test_a_binds_certificate_is_told_and_one_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    binds = Binds(files={"one-0-0": tmp_path / "not there", "two-0-0": certificate(tmp_path, "two")})
    world = World()
    certificates = CarrierCertificates()
    assert certificates.ends(binds.files, world.now) == {}
    assert list(certificates.ends(binds.files, world.now)) == ["two-0-0"]
    assert (
        scrape(world, binds=Binds(files={"two-0-0": binds.files["two-0-0"]}))[
            "carrier_certificate_ends_timestamp_seconds", (("bind", "two-0-0"),)
        ]
        > 1_700_000_000
    )


def test_one_file_is_read_a_scrape_and_each_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []

    def end_of(file: Path) -> int:
        read.append(file)
        return 1

    monkeypatch.setattr(door_metrics, "end_of", end_of)
    files = {f"one-0-{number}": Path(str(number)) for number in range(5)}
    certificates = CarrierCertificates()
    for _ in range(20):
        certificates.ends(files, 0.0)
    assert sorted(map(str, read)) == list("01234")
    certificates.ends(files, READ_AGAIN_SECONDS + 1)
    assert len(read) == 6
    assert certificates.ends({}, 0.0) == {}
