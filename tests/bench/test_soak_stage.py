"""The soak's files are sound for those who read them, at any length of the run."""

from pathlib import Path

import pytest

from bench.soak_stage import CUSTOMERS, write_gateway, write_simulators
from gateway.settings.load import load
from simulators.config import read_config


@pytest.mark.parametrize("minutes", [0.1, 1.0, 60.0, 10_080.0])
def test_both_files_load(tmp_path: Path, minutes: float) -> None:
    written = write_simulators(tmp_path, minutes, 7)
    simulated = read_config(written.simulators)
    assert simulated.seed == 7
    assert all(one.characters and one.phones for one in simulated.smscs.values())
    kinds = {one.kind for smsc in simulated.smscs.values() for one in smsc.characters}
    assert len(kinds) >= 12
    addresses = {name: f"127.0.0.1:{40_000 + place}" for place, name in enumerate(simulated.smscs)}
    settings = load(write_gateway(tmp_path, addresses))
    assert set(CUSTOMERS) <= set(settings.customers)
    for name, carrier in settings.carriers.items():
        assert {f"{bind.host}:{bind.port}" for bind in carrier.binds} == {addresses[name]}
        assert carrier.in_doubt == "resend"
    numbers = {script.destination for smsc in simulated.smscs.values() for script in smsc.phones}
    assert numbers == {number for name in CUSTOMERS for number in settings.customers[name].numbers}
