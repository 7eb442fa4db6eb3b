"""Every example in config/ loads, none is left out, and the examples fit each other."""

from pathlib import Path

import pytest
import yaml

from gateway.settings.load import SettingsError, load
from gateway.settings.models import Settings
from simulators.config import SimulatorConfig, read_config
from tests.house.tree import ROOT, name_of

CONFIG = ROOT / "config"
GATEWAY = CONFIG / "gateway.yaml"
SIMULATORS = CONFIG / "simulators.yaml"


def settings() -> Settings:
    return load(GATEWAY)


def simulated() -> SimulatorConfig:
    return read_config(SIMULATORS)


def test_the_gateways_example_loads_with_all_that_it_includes() -> None:
    loaded = settings()
    assert len(loaded.carriers) >= 4
    assert "demo" in loaded.customers


def test_the_simulators_example_loads() -> None:
    assert len(simulated().smscs) >= 4


@pytest.mark.parametrize("path", sorted(CONFIG.rglob("*.yaml")), ids=name_of)
def test_no_example_is_left_out(path: Path) -> None:
    if path in {GATEWAY, SIMULATORS}:
        return
    loaded = settings()
    for section, entries in yaml.safe_load(path.read_text("utf-8")).items():
        assert set(entries) <= set(getattr(loaded, section)), f"{name_of(path)} is included by nobody"


def test_files_of_numbers_are_those_that_are_named() -> None:
    named = {Path(path).resolve() for path in settings().portability.ported_files + settings().portability.block_files}
    assert named == set(CONFIG.rglob("*.csv"))


def test_the_simulated_carriers_are_where_the_profiles_look_for_them() -> None:
    smscs = simulated().smscs
    for key, carrier in settings().carriers.items():
        for bind in carrier.binds:
            smsc = smscs[key]
            told = (bind.host, bind.port, bind.system_id, bind.password.reveal())
            assert told == (smsc.host, smsc.port, smsc.system_id, smsc.password), key


def test_every_carrier_that_a_number_can_have_has_a_way() -> None:
    loaded = settings()
    reachable = set(loaded.carriers) | set(loaded.routes)
    assert set(loaded.portability.library_names.values()) <= reachable
    assert set(loaded.routes.values()) <= set(loaded.carriers)


def test_the_examples_open_nothing_to_the_world() -> None:
    loaded = settings()
    hosts = {one.host for one in loaded.listen} | {loaded.metrics.host if loaded.metrics else "127.0.0.1"}
    hosts |= {smsc.host for smsc in simulated().smscs.values()}
    assert hosts <= {"127.0.0.1", "::1", "localhost"}


def test_a_broken_example_would_be_noticed(tmp_path: Path) -> None:
    broken = tmp_path / "gateway.yaml"
    broken.write_text(GATEWAY.read_text("utf-8").replace("listen:", "listn:"), "utf-8")
    with pytest.raises(SettingsError, match="listn"):
        load(broken)
