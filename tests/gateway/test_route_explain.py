"""What `smpp-gateway route explain` says is what the production code decides."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway import clock
from gateway.cli import main
from gateway.flow.lessons import KIND
from gateway.route_explain import as_lines
from gateway.route_found import route
from gateway.routing.learned import Learned
from gateway.routing.ported_build import write_differences
from gateway.settings.load import load
from gateway.store.contract import Kept
from gateway.store.sqlite import SqliteEngine
from tests.gateway.store.test_archiver import commit

CONFIG = Path(__file__).parents[2] / "config"
AT = 1_795_478_400_000
ROUTING = """
routing:
  routes:
    au:
      serves: [docomo]
      unit_yen: "2.5"
    docomo:
      unit_yen: "3"
      senders:
        demo: {allowed: ["03*"]}
  rules:
    - name: night-campaigns
      kinds: [campaign]
      hours: ["21:00-08:00"]
      routes: [{to: au}, {to: docomo}]
    - name: urgent
      priorities: [3]
      order: cheapest
      routes: [{to: docomo}, {to: au}]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The example's configuration with rules, and one imported number."""
    shutil.copytree(CONFIG, tmp_path / "config")
    path = tmp_path / "config" / "gateway.yaml"
    written = path.read_text(encoding="utf-8")
    imports = "portability:\n  imported_file: ../imported.numbers\n"
    path.write_text(written.replace("portability:\n", imports) + ROUTING, encoding="utf-8")
    write_differences(tmp_path / "imported.numbers", {819010005678: "softbank"}, AT)
    return path


def run(*arguments: str, config: Path = CONFIG / "gateway.yaml") -> Result:
    return CliRunner().invoke(main, ["route", "explain", "--config", str(config), *arguments])


def answer(*arguments: str, config: Path, exit_code: int = 0) -> dict[str, Any]:
    result = run("--json", *arguments, config=config)
    assert result.exit_code == exit_code, result.output
    found: dict[str, Any] = json.loads(result.output)
    return found


def test_every_source_and_the_way_without_rules() -> None:
    said = answer("09030000099", config=CONFIG / "gateway.yaml")
    assert [(one["source"], one["says"]) for one in said["sources"]] == [
        ("customer", "names none"),
        ("files", "au"),
        ("blocks", "docomo"),
    ]
    assert (said["to"], said["carrier"], said["known_by"], said["rule"]) == (
        "819030000099",
        "au",
        "ported numbers",
        None,
    )
    assert said["routes"] == [{"carrier": "au", "sender": "as written", "yen_a_unit": 0}]


def test_an_imported_number_has_an_age(config: Path) -> None:
    said = answer("09010005678", config=config)
    assert (said["carrier"], said["sources"][1]["as_of_ms"]) == ("softbank", AT)
    lines = list(as_lines(route(load(config), "09010005678", 0), AT + 86_400_000 * 3))
    assert "> 2 files     softbank (ported), as of 2026-11-24 00:00 UTC, 3.0 days ago" in lines
    assert "carrier  softbank, by imported numbers: the first in order that knows it" in lines
    assert said["sources"][1]["age_ms"] > 0
    unknown = answer("09010005679", config=config)["sources"]
    assert [(one["as_of_ms"], one["decides"]) for one in unknown[1:]] == [(AT, False), (None, True)]


@pytest.mark.parametrize(
    ("arguments", "rule", "routes"),
    [
        (["--kind", "campaign", "--at", "21:00"], "night-campaigns", ["au", "docomo"]),
        (["--kind", "campaign", "--at", "07:59"], "night-campaigns", ["au", "docomo"]),
        (["--kind", "campaign", "--at", "08:00"], None, ["docomo", "au"]),
        (["--priority", "3", "--at", "12:00"], "urgent", ["au", "docomo"]),
        (["--customer", "demo", "--from", "041", "--at", "12:00"], None, ["au"]),
        (["--customer", "demo", "--from", "031", "--at", "12:00"], None, ["docomo", "au"]),
    ],
)
def test_the_rule_that_decides_and_its_routes(
    arguments: list[str], rule: str | None, routes: list[str], config: Path
) -> None:
    said = answer("09010005679", *arguments, config=config)
    assert (said["rule"], [one["carrier"] for one in said["routes"]]) == (rule, routes)
    assert {one["carrier"]: one["yen_a_unit"] for one in said["routes"]}["au"] == 2.5


def test_a_carrier_that_the_customer_names(config: Path) -> None:
    said = answer("09010005678", "--carrier", "mvno-au", config=config)
    assert (said["carrier"], said["known_by"], said["routes"][0]["carrier"]) == ("mvno-au", "customer", "au")
    assert run("09010005678", "--carrier", "nobody", config=config).exit_code == 2


def test_a_sender_that_may_be_used_nowhere(config: Path) -> None:
    config.write_text(config.read_text(encoding="utf-8").replace("serves: [docomo]", "serves: []"), encoding="utf-8")
    said = answer("09010005679", "--customer", "demo", "--from", "041", "--at", "12:00", config=config, exit_code=1)
    assert said["routes"] == []
    assert said["refused"].startswith("ESME_RINVSRCADR")


def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, config: Path) -> None:
    (tmp_path / "imported.numbers").write_bytes(b"garbage")
    result = run("09010005678", config=config)
    assert result.exit_code == 0
    assert "imported file: this is no file of imported numbers" in result.output
    assert "carrier  docomo, by number block" in result.output


@pytest.mark.parametrize(
    ("arguments", "exit_code", "says"),
    [
        (["0312345678"], 1, "ESME_RINVDSTADR"),
        (["09012345678", "--at", "25:00"], 2, "21:30"),
        (["09012345678", "--customer", "x"], 2, "no such customer"),
        (["09012345678", "--priority", "4"], 2, "0<=x<=3"),
    ],
)
def test_what_cannot_be_explained(arguments: list[str], exit_code: int, says: str) -> None:
    result = run(*arguments)
    assert result.exit_code == exit_code
    assert says in result.output


def test_the_account_s_kind_and_the_message_s(config: Path) -> None:
    customers = config.parent / "customers" / "demo.yaml"
    written = customers.read_text(encoding="utf-8")
    customers.write_text(written.replace("    tariff:", "    message_kind: campaign\n    tariff:", 1), encoding="utf-8")
    night = ("09010005679", "--customer", "demo", "--from", "0312345678", "--at", "23:00")
    assert answer(*night, config=config)["rule"] == "night-campaigns"
    assert answer(*night, "--kind", "otp", config=config)["rule"] is None


LEARNED = "portability:\n  learned: {}\n"
TREE = """
lookups:
  order: [tree, service]
  enum: {tree: {servers: ["127.0.0.1:9"], carriers: {d1: au}, try_seconds: 0.01, tries: 1}}
  http: {service: {url: "http://127.0.0.1:9/{number}", format: plain, carriers: {}, deadline_seconds: 0.5}}
"""


def taught(directory: Path, *facts: Learned) -> Path:
    """A store that keeps these."""
    engine = SqliteEngine(directory)
    commit(engine, *(Kept(KIND, "", b"%d" % one.number, one.pack(), one.expires_at) for one in facts))
    engine.close()
    return directory


def test_what_carriers_taught_a_gateway(tmp_path: Path, config: Path) -> None:
    written = config.read_text(encoding="utf-8")
    config.write_text(written.replace("portability:\n", LEARNED, 1), encoding="utf-8")
    now = clock.wall_ms()
    hour_ago, later = now - 3_600_000, now + 3_600_000
    taught(
        tmp_path / "state",
        Learned(819010005678, "au", ("docomo",), "docomo", hour_ago, later),
        Learned(819010005679, "", ("docomo",), "docomo", hour_ago, later),
        Learned(819010005670, "", (), "docomo", hour_ago, later),
        Learned(819010005671, "au", (), "docomo", hour_ago, now - 1),
    )
    state = ("--state-directory", str(tmp_path / "state"))
    said = answer("09010005678", *state, config=config)
    assert (said["carrier"], said["known_by"], said["learned_trouble"]) == ("au", "learned", None)
    assert (said["sources"][1]["source"], said["sources"][1]["decides"]) == ("learned", True)
    assert 3_600_000 <= said["sources"][1]["age_ms"] < 3_700_000
    lines = run("09010005678", *state, config=config).output
    assert "> 2 learned   au (ported), as of " in lines
    assert ", 1.0 hours ago" in lines
    barred = run("09010005679", *state, config=config)
    assert "2 learned   not docomo, as of " in barred.output
    assert "4 blocks    docomo, which said that it is not" in barred.output
    assert "carrier  nobody whom we serve" in barred.output
    assert barred.exit_code == 1
    assert answer("09010005670", *state, config=config)["sources"][1]["says"] == "carriers contradict each other"
    assert answer("09010005671", *state, config=config)["sources"][1]["says"] == "does not know it"


def test_a_store_that_is_not_there_is_told(tmp_path: Path, config: Path) -> None:
    written = config.read_text(encoding="utf-8")
    config.write_text(written.replace("portability:\n", LEARNED, 1), encoding="utf-8")
    said = answer("09010005678", "--state-directory", str(tmp_path), config=config)
    assert "unable to open" in said["learned_trouble"]
    assert (
        "2 learned   not known: the store in "
        in run("09010005678", "--state-directory", str(tmp_path), config=config).output
    )
    assert said["carrier"] == "softbank"


def test_the_network_is_asked_on_request(config: Path) -> None:
    config.write_text(config.read_text(encoding="utf-8") + TREE, encoding="utf-8")
    plain = answer("09010005679", config=config)
    assert plain["network"] == [{"source": "tree", "asked": False}, {"source": "service", "asked": False}]
    assert (plain["carrier"], plain["why"], plain["asks_network"]) == (
        "docomo",
        "unless the network says otherwise",
        True,
    )
    assert "3 tree      not asked: --ask asks it" in run("09010005679", config=config).output
    asked = answer("09010005679", "--ask", config=config)
    assert [(one["source"], one["said"]) for one in asked["network"]] == [("tree", "SILENT"), ("service", "SILENT")]
    assert (asked["carrier"], asked["known_by"], asked["asks_network"]) == ("docomo", "number block", False)
    assert asked["why"] == "the network is silent (lookups.when_silent: blocks)"
    config.write_text(config.read_text(encoding="utf-8") + "  when_silent: fail\n", encoding="utf-8")
    ends = run("09010005679", "--ask", config=config)
    assert "ends     REJECTED after it was accepted: err 901, no_carrier" in ends.output
    assert ends.exit_code == 1
