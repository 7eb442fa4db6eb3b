"""The run's configuration is the example's, changed where a run must change it, and the gateway finds it sound."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.configuration import Configured, Expected, Wanted, configure, expected, read, system_ids

EXAMPLE = Path(__file__).parents[2] / "config" / "gateway.yaml"
WANTED = Wanted("docomo", 6, 500, 250_000, 200, 20_001, 20_002)


def written(configured: Configured) -> dict[str, Any]:
    value: dict[str, Any] = yaml.safe_load(configured.path.read_text("utf-8"))
    return value


def test_what_the_run_changes(tmp_path: Path) -> None:
    configured = configure(EXAMPLE, tmp_path, WANTED)
    top = written(configured)
    assert top["listen"] == [{"host": "127.0.0.1", "port": 20_001}]
    assert {bind["port"] for one in top["carriers"].values() for bind in one["binds"]} == {20_002}
    carrier = top["carriers"]["docomo"]
    assert [(bind["mode"], bind["count"]) for bind in carrier["binds"]] == [("transceiver", 6)]
    assert carrier["session"]["window"] == 500
    assert carrier["pace"]["segments_per_second"] >= 100_000
    (customer,) = top["customers"].values()
    assert customer["max_binds"] >= 6
    assert customer["window"] >= 500
    assert customer["throttle"] is customer["sources"] is None
    assert configured.system_id == customer["system_id"]


def test_what_the_run_leaves(tmp_path: Path) -> None:
    top, before = written(configure(EXAMPLE, tmp_path, WANTED)), read(EXAMPLE)
    for key in ("node", "numbers", "tariffs", "routes", "store", "log"):
        assert top[key] == before[key]
    assert top["carriers"].keys() == before["carriers"].keys()
    assert top["metrics"] is not None
    for key in ("text", "receipts", "errors", "in_doubt"):
        assert top["carriers"]["docomo"][key] == before["carriers"]["docomo"][key]
    assert top["carriers"]["au"]["pace"] == before["carriers"]["au"]["pace"]


def test_the_numbers_of_the_run_are_the_carriers(tmp_path: Path) -> None:
    configure(EXAMPLE, tmp_path, WANTED)
    rows = (tmp_path / "blocks.csv").read_text().splitlines()
    assert rows == ["prefix,carrier", "8190100,docomo", "8190101,docomo", "8190102,docomo"]


def test_what_the_load_and_the_sink_must_know(tmp_path: Path) -> None:
    configured = configure(EXAMPLE, tmp_path, WANTED)
    others = sum(
        bind["count"] for key, one in read(EXAMPLE)["carriers"].items() if key != "docomo" for bind in one["binds"]
    )
    assert configured.sink_binds == 6 + others
    assert (configured.id_in_response, configured.id_in_receipt) == ("hex", "decimal")
    assert configured.expected == Expected(segments=4, units=4, charge_sen=4_000)


@pytest.mark.parametrize("carrier", ["docomo", "au", "softbank", "rakuten"])
def test_the_gateway_finds_it_sound(tmp_path: Path, carrier: str) -> None:
    configured = configure(EXAMPLE, tmp_path, WANTED._replace(carrier=carrier))
    command = [sys.executable, "-m", "gateway", "check-config", "--config", str(configured.path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


def test_all_carriers_take_turns_and_many_customers_share_the_load(tmp_path: Path) -> None:
    wanted = WANTED._replace(carrier="all", length=70, customers=3, carrier_binds=6, messages=4_000)
    configured = configure(EXAMPLE, tmp_path, wanted)
    top = written(configured)
    assert [one["system_id"] for one in top["customers"].values()] == system_ids(configured.system_id, 3)
    assert sorted(bind["count"] for one in top["carriers"].values() for bind in one["binds"]) == [1, 1, 2, 2]
    assert configured.sink_binds == 6
    assert len({str(one["receipts"]["id_in_response"]) for one in top["carriers"].values()}) == 1
    rows = (tmp_path / "blocks.csv").read_text().splitlines()[1:]
    assert sorted(row.partition(",")[2] for row in rows) == sorted(top["carriers"])
    command = [sys.executable, "-m", "gateway", "check-config", "--config", str(configured.path)]
    assert subprocess.run(command, capture_output=True, timeout=30, check=False).returncode == 0


def test_a_length_that_carriers_cut_differently_is_no_run_of_all(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="200 characters are not the same to all carriers"):
        configure(EXAMPLE, tmp_path, WANTED._replace(carrier="all"))


def test_a_carrier_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no carrier 'kddi' .* au, docomo, rakuten, softbank"):
        configure(EXAMPLE, tmp_path, WANTED._replace(carrier="kddi"))


@pytest.mark.parametrize("text", ["", "- 1\n", "just words\n"])
def test_a_file_of_another_shape(tmp_path: Path, text: str) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match="not a mapping"):
        read(path)


def test_an_included_file_with_a_section_that_is_not_spread(tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").write_text("include: [more.yaml]\n")
    (tmp_path / "more.yaml").write_text("node: 1\n")
    with pytest.raises(ValueError, match=r"more\.yaml: node"):
        read(tmp_path / "gateway.yaml")


def test_segments_units_and_charges_of_the_carriers() -> None:
    table = (Path(__file__).parents[1] / "data" / "segments_1_660.csv").read_text().splitlines()
    carriers = table[0].split(",")[1:]
    top = read(EXAMPLE)
    tariff = {"unit_price_yen": [{"up_to": 5, "yen": "9.5"}, {"up_to": None, "yen": "1.0"}]}
    for row in table[1:]:
        length, *units = map(int, row.split(","))
        for carrier, unit in zip(carriers, units, strict=True):
            told = expected(top["carriers"][carrier]["text"], tariff, length)
            assert told == Expected(unit, unit, 950 * unit), (carrier, length)
