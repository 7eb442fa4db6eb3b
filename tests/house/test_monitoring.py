"""Dashboards, alert rules and runbooks: every name in them is one that the gateway exports; they know each other."""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from gateway import cli
from gateway.ops.families import Family
from gateway.ops.metrics import FlowCollector
from tests.gateway.flow.world import World
from tests.gateway.ops.test_metrics import watched
from tests.house.tree import ROOT, name_of

OPS = ROOT / "ops"
DASHBOARDS = sorted((OPS / "grafana" / "dashboards").glob("*.json"))
RULES = OPS / "prometheus" / "alerts.yaml"
RULE_TESTS = OPS / "prometheus" / "alerts_test.yaml"
RUNBOOKS = ROOT / "docs" / "runbooks"
NAME = re.compile(r"\bsmpp_gateway_\w+\b")
RECORDED = re.compile(r"\bsmpp_gateway:[\w:]+")
SELECTOR = re.compile(r"\b(smpp_gateway_\w+)\{([^}]*)\}")
FROM_PROMETHEUS = {"instance", "job"}


def families() -> dict[str, Family]:
    """By the name that a query has."""
    told: dict[str, Family] = {}
    for family in FlowCollector(watched(World())).families():
        if family.type == "histogram":
            family = family._replace(histograms=list(family.histograms))
            told |= {f"{family.name}_{end}": family for end in ("bucket", "sum", "count")}
        else:
            told[f"{family.name}_total" if family.type == "counter" else family.name] = family
    return told


FAMILIES = families()


def dashboards() -> list[tuple[Path, dict[str, Any]]]:
    return [(path, json.loads(path.read_text("utf-8"))) for path in DASHBOARDS]


def targets(dashboard: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each query with its legend."""
    for panel in dashboard["panels"]:
        yield from ((one["expr"], one["legendFormat"]) for one in panel.get("targets", ()))
    yield from ((one["expr"], "") for one in dashboard["annotations"]["list"])


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}
RECORDS = {rule["record"] for rule in rules() if "record" in rule}


def queries() -> list[tuple[str, str]]:
    """Where, and what."""
    every = [(name_of(path), expr) for path, one in dashboards() for expr, _ in targets(one)]
    every += [
        (name_of(path), variable["definition"])
        for path, one in dashboards()
        for variable in one["templating"]["list"]
        if variable["type"] == "query"
    ]
    return every + [(str(rule.get("alert", rule.get("record"))), str(rule["expr"])) for rule in rules()]


def test_there_are_the_four_dashboards() -> None:
    assert [path.stem for path in DASHBOARDS] == ["carrier", "customer", "overview", "process"]
    assert len({one["uid"] for _, one in dashboards()}) == len({one["title"] for _, one in dashboards()}) == 4


def test_every_name_in_a_query_is_exported_or_recorded() -> None:
    unknown = [(where, name) for where, expr in queries() for name in NAME.findall(expr) if name not in FAMILIES]
    unknown += [(where, name) for where, expr in queries() for name in RECORDED.findall(expr) if name not in RECORDS]
    assert unknown == []


def test_every_label_in_a_selector_is_one_of_its_metric() -> None:
    wrong = []
    for where, expr in queries():
        for name, matchers in SELECTOR.findall(expr):
            family = FAMILIES[name]
            known = {*family.labels, *FROM_PROMETHEUS, *({"le"} if name.endswith("_bucket") else ())}
            for label, value in re.findall(r'(\w+)\s*[=!]~?\s*"([^"]*)"', matchers):
                if label not in known:
                    wrong.append(f"{where}: {name} has no {label}")
                if label == "le":
                    bounds = {repr(bound / family.scale) for _, one in family.histograms for bound in one.bounds}
                    assert value in bounds, f"{where}: {name} has no bucket {value}"
    assert wrong == []


def test_every_label_of_a_legend_is_left_over_by_its_query() -> None:
    for path, dashboard in dashboards():
        for expr, legend in targets(dashboard):
            shown = set(re.findall(r"\{\{(\w+)\}\}", legend)) - FROM_PROMETHEUS - {"le"}
            of_metrics = [set(FAMILIES[name].labels) for name in NAME.findall(expr)]
            kept = re.findall(r"\bby \(([^)]*)\)", expr)
            left = {one.strip() for group in kept for one in group.split(",")} if kept else set().union(*of_metrics)
            assert shown <= left, f"{name_of(path)}: {legend} of {expr}"


def test_every_variable_is_defined_and_every_panel_has_its_place() -> None:
    for path, dashboard in dashboards():
        defined = {one["name"] for one in dashboard["templating"]["list"]} | {"__rate_interval"}
        assert set(re.findall(r"\$\{?(\w+)", path.read_text("utf-8"))) <= defined
        panels = dashboard["panels"]
        assert len({one["id"] for one in panels}) == len(panels)
        cells: set[tuple[int, int]] = set()
        for one in panels:
            place = one["gridPos"]
            mine = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
            assert place["x"] + place["w"] <= 24
            assert not cells & mine, f"{name_of(path)}: {one['title']} covers another"
            cells |= mine


def test_provisioning_is_yaml_of_the_version_that_grafana_reads() -> None:
    files = sorted((OPS / "grafana" / "provisioning").rglob("*.yaml"))
    assert [file.parent.name for file in files] == ["dashboards", "datasources"]
    assert all(yaml.safe_load(file.read_text("utf-8"))["apiVersion"] == 1 for file in files)


def test_every_alert_says_how_urgent_it_is_and_has_a_runbook_that_names_it() -> None:
    for name, rule in ALERTS.items():
        assert rule["labels"]["severity"] in {"page", "ticket"}, name
        assert rule["annotations"]["summary"], name
        page = ROOT / rule["annotations"]["runbook_url"]
        assert page.parent == RUNBOOKS
        head = page.read_text("utf-8").split("## ")[0]
        assert f"`{name}`" in head, f"{name_of(page)} does not name {name}"


def test_runbooks_have_their_four_parts_and_no_alert_that_is_gone() -> None:
    for page in RUNBOOKS.glob("*.md"):
        text = page.read_text("utf-8")
        if page.stem != "index":
            assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
                "What it means",
                "Look",
                "Do",
                "When it is over",
            ], name_of(page)
            named = set(re.findall(r"`([A-Z]\w+)`", text.split("## ")[0]))
            assert named <= set(ALERTS), name_of(page)
        unknown = [name for name in NAME.findall(text) if name not in FAMILIES]
        assert unknown == [], name_of(page)
    listed = re.findall(r"^\| `(\w+)` \| \[.+\]\((.+)\) \|$", (RUNBOOKS / "index.md").read_text("utf-8"), re.MULTILINE)
    assert {(name, f"docs/runbooks/{page}") for name, page in listed} == {
        (name, rule["annotations"]["runbook_url"]) for name, rule in ALERTS.items()
    }


@contextmanager
def nowhere() -> Iterator[None]:
    """What is typed may name files of a reader's machine."""
    try:
        yield
    except click.BadParameter as error:
        if "does not exist" not in str(error):
            raise


def test_what_a_runbook_tells_to_type_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMPP_GATEWAY_STATE", str(tmp_path))
    typed = 0
    for page in RUNBOOKS.glob("*.md"):
        for line in re.findall(r"^ *\$ smpp-gateway (.+)$", page.read_text("utf-8"), re.MULTILINE):
            words = shlex.split(line)
            command: click.Command = cli.main.commands[words.pop(0)]
            if isinstance(command, click.Group):
                command = command.commands[words.pop(0)]
            with nowhere():
                command.make_context(line, words)
            typed += 1
    assert typed > 50


def test_every_alert_is_seen_to_fire_and_not_to_fire() -> None:
    tests = yaml.safe_load(RULE_TESTS.read_text("utf-8"))["tests"]
    fires = {one["alertname"] for test in tests for one in test["alert_rule_test"] if one["exp_alerts"]}
    rests = {one["alertname"] for test in tests for one in test["alert_rule_test"] if not one["exp_alerts"]}
    assert fires == set(ALERTS)
    assert rests >= set(ALERTS) - {"CarrierBindDown"}
    for test in tests:
        for one in test["input_series"]:
            found = SELECTOR.match(one["series"])
            if found is not None:
                family = FAMILIES[found[1]]
                labels = set(re.findall(r"(\w+)=", found[2])) - FROM_PROMETHEUS - {"le"}
                assert labels == set(family.labels), one["series"]


PROMTOOL = shutil.which("promtool")


@pytest.mark.skipif(PROMTOOL is None, reason="promtool (Debian: prometheus) is not installed")
def test_prometheus_understands_every_query(tmp_path: Path) -> None:
    assert PROMTOOL is not None
    exprs = [expr for _, one in dashboards() for expr, _ in targets(one)]
    filled = [re.sub(r"\$\w+", ".*", expr.replace("$__rate_interval", "5m")) for expr in exprs]
    recorded = [{"record": f"query:{number}", "expr": expr} for number, expr in enumerate(filled)]
    file = tmp_path / "queries.yaml"
    file.write_text(json.dumps({"groups": [{"name": "queries", "rules": recorded}]}), "utf-8")
    for what, path in (("rules", file), ("rules", RULES), ("config", OPS / "prometheus" / "prometheus.yaml")):
        done = subprocess.run([PROMTOOL, "check", what, path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
