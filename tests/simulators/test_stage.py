"""The stage's files: the example on other ports, whatever else it says untouched; and a port that is taken."""

import shutil
import socket
from pathlib import Path

import pytest
import yaml

from simulators import stage
from simulators.config import read_config
from simulators.stage import HOST, Ports, PortTaken, check_free, example_directory, gateway_config, simulator_config

EXAMPLE = example_directory()


def test_the_example_is_found_in_a_clone_and_in_a_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (EXAMPLE / "gateway.yaml").is_file()
    installed = tmp_path / "simulators"
    shutil.copytree(EXAMPLE, installed / "config")
    monkeypatch.setattr(stage, "__file__", str(installed / "stage.py"))
    assert example_directory() == installed / "config"


@pytest.mark.parametrize(("first", "ports"), [(0, [0, 0, 0, 0]), (30_001, [30_001, 30_002, 30_003, 30_004])])
def test_carriers_get_their_ports(tmp_path: Path, first: int, ports: list[int]) -> None:
    to = tmp_path / "simulators.yaml"
    before = simulator_config(EXAMPLE / "simulators.yaml", to, first)
    assert before == {"docomo": 27761, "au": 27762, "softbank": 27763, "rakuten": 27764}
    written, example = read_config(to), read_config(EXAMPLE / "simulators.yaml")
    assert [one.port for one in written.smscs.values()] == ports
    for name, one in example.smscs.items():
        assert written.smscs[name] == one.model_copy(update={"port": written.smscs[name].port})


@pytest.mark.parametrize("metrics", [None, 40_005])
def test_the_gateway_gets_its_ports_and_keeps_the_rest(tmp_path: Path, metrics: int | None) -> None:
    moved = {27761: 40_001, 27762: 40_002, 27763: 40_003, 27764: 40_004}
    main = gateway_config(EXAMPLE, tmp_path / "config", Ports(40_000, 0, metrics), moved)
    content, before = yaml.safe_load(main.read_text()), yaml.safe_load((EXAMPLE / "gateway.yaml").read_text())
    assert content["listen"] == [{"host": HOST, "port": 40_000}]
    assert content["metrics"] == (None if metrics is None else {"host": HOST, "port": metrics})
    nowhere = {"listen": 0, "metrics": 0, "page": 0}
    assert content | nowhere == before | nowhere
    assert content["page"] is None
    assert (tmp_path / "config" / "ported.csv").read_bytes() == (EXAMPLE / "ported.csv").read_bytes()
    for place, name in enumerate(("docomo", "au", "softbank", "rakuten"), 40_001):
        profile = f"carriers/{name}.yaml"
        (bind,) = yaml.safe_load((tmp_path / "config" / profile).read_text())["carriers"][name]["binds"]
        (example,) = yaml.safe_load((EXAMPLE / profile).read_text())["carriers"][name]["binds"]
        assert bind == example | {"host": HOST, "port": place}


def test_every_port_that_is_taken_is_told() -> None:
    with socket.create_server((HOST, 0)) as one, socket.create_server((HOST, 0)) as other:
        ports = {"gateway": one.getsockname()[1], "docomo": other.getsockname()[1], "free": 0}
        with pytest.raises(PortTaken) as told:
            check_free(ports)
    lines = str(told.value).splitlines()
    assert [line.split(":")[0] for line in lines] == ["gateway", "docomo"]
    assert all(f"port {port} can't be had" in line for port, line in zip(ports.values(), lines, strict=False))
    check_free(ports)
