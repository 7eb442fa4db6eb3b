"""What the game day looks at is there: its alerts, its metrics, its verbs, and a runbook that says what it does."""

import re

import click
import pytest

from gateway import cli
from tests.gameday.scenes import SCENES, Scene
from tests.house.test_monitoring import ALERTS, FAMILIES, NAME
from tests.house.tree import ROOT

VERBS = re.compile(r'stage\.type\("([a-z-]+)')
SCRIPT = (ROOT / "tests" / "gameday" / "scenes.py").read_text("utf-8")


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_a_scene_names_an_alert_and_metrics_that_there_are(scene: Scene) -> None:
    assert scene.alert in ALERTS
    names = NAME.findall(scene.metric) + NAME.findall(scene.well)
    assert len(names) >= 2
    assert [name for name in names if name not in FAMILIES] == []


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_its_runbook_tells_of_the_verb_that_it_types(scene: Scene) -> None:
    page = (ROOT / ALERTS[scene.alert]["annotations"]["runbook_url"]).read_text("utf-8")
    source = re.search(rf"async def {scene.mends.__name__}\(.*?(?=\nasync def|\nSCENES)", SCRIPT, re.DOTALL)
    assert source is not None
    for verb in VERBS.findall(source[0]):
        assert isinstance(cli.main.commands[verb], click.Command)
        assert verb in {"release", "resume"} or re.search(rf"\b{verb}\b", page), f"{verb} is not in the runbook"


def test_each_scene_breaks_something_else() -> None:
    assert len({scene.name for scene in SCENES}) == len({scene.alert for scene in SCENES}) == len(SCENES)
