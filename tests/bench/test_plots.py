"""One picture a series, the same octets each time; those in the repository are of the figures in the repository."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench import growth, plots

ROOT = Path(__file__).parents[2]


def test_each_series_is_drawn_the_same_again(tmp_path: Path) -> None:
    points = [{"at": at, "msgs_per_s": 10_000 - at, "cpu_us_per_msg": 90 + at / 100} for at in (1, 10, 100)]
    file = tmp_path / "growth.json"
    file.write_text(json.dumps({"binds": {"label": "binds & more", "points": points}}), encoding="utf-8")
    assert plots.main(["--file", str(file)]) == 0
    first = (tmp_path / "binds.svg").read_bytes()
    assert ET.fromstring(first).tag.endswith("svg")
    assert plots.main(["--file", str(file)]) == 0
    assert (tmp_path / "binds.svg").read_bytes() == first


def test_every_figure_has_a_name_for_people() -> None:
    assert {name for series in growth.SERIES.values() for name in series.figures} <= plots.LABELS.keys()


@pytest.mark.parametrize("name", growth.SERIES)
def test_the_pictures_of_the_repository_are_of_its_figures(name: str) -> None:
    kept = ROOT / growth.FILE
    series = json.loads(kept.read_text("utf-8"))[name]
    drawn = kept.with_name(f"{name}.svg").read_text("utf-8")
    assert {f">{point['at']:,}<" in drawn for point in series["points"]} == {True}
    assert series["label"] in drawn
