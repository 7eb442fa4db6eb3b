"""The dry run says what the production code would do: same carrier, same cut, same price, same refusals."""

import json
import shutil
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from gateway.explain import DRY_REFERENCE, as_json, as_lines, explain, explain_message
from gateway.model.errors import Reason, Refusal
from gateway.segmenter.cut import cut, plan
from gateway.settings.load import load
from gateway.settings.models import Settings

CONFIG = Path(__file__).parents[2] / "config"
DOCOMO, AU, SOFTBANK, RAKUTEN = "09010005678", "090-1100-5678", "+81 90 1300 5678", "07083005678"
PORTED_TO_AU = "09030000099"
OKINAWA = "09019405678"
EMOJI = "\U0001f600"


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load(CONFIG / "gateway.yaml")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A copy of the configuration with two more customers and price lists, and nobody for Rakuten's numbers."""
    shutil.copytree(CONFIG, tmp_path / "config")
    path = tmp_path / "config" / "gateway.yaml"
    written = path.read_text(encoding="utf-8")
    written = "\n".join(line for line in written.splitlines() if "Rakuten Communications:" not in line)
    written += '\n  special:\n    version: "9"\n    unit_price_yen: [{up_to: null, yen: "7.25"}]\n'
    path.write_text(written, encoding="utf-8")
    (tmp_path / "config" / "customers" / "own.yaml").write_text(
        "customers:\n  insurer:\n    system_id: insurer\n    password: secret-1\n    tariff: special\n"
        '    sources: ["0312345678"]\n',
        encoding="utf-8",
    )
    docomo = tmp_path / "config" / "carriers" / "docomo.yaml"
    docomo.write_text(
        docomo.read_text(encoding="utf-8").replace(
            "    text:\n", "    text:\n      unfit: refuse\n      carried: bmp\n"
        ),
        encoding="utf-8",
    )
    return path


def run(*arguments: str, config: Path = CONFIG / "gateway.yaml") -> Result:
    return CliRunner().invoke(explain, ["--config", str(config), *arguments])


def answer(*arguments: str, config: Path = CONFIG / "gateway.yaml", exit_code: int = 0) -> dict[str, Any]:
    result = run("--json", *arguments, config=config)
    assert result.exit_code == exit_code, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_command_can_be_added_to_a_group() -> None:
    group = click.Group()
    group.add_command(explain)
    assert "explain" in group.commands
    assert CliRunner().invoke(group, ["explain", "--help"]).exit_code == 0


@pytest.mark.parametrize(
    ("number", "chosen"),
    [
        (DOCOMO, "docomo"),
        (AU, "au"),
        (SOFTBANK, "softbank"),
        (RAKUTEN, "rakuten"),
        (PORTED_TO_AU, "au"),
        (OKINAWA, "au"),
    ],
)
def test_the_carrier_that_serves_the_number_is_chosen(number: str, chosen: str) -> None:
    found = answer("--to", number, "--from", "0312345678", "--text", "漢" * 133)
    assert found["chosen"] == chosen
    assert found["carriers"][0]["carrier"] == chosen
    assert {one["carrier"]: (one["units"], one["yen"]) for one in found["carriers"]} == {
        "docomo": (3, 30),
        "au": (2, 20),
        "rakuten": (2, 20),
        "softbank": (1, 10),
    }
    assert len(found["carriers"]) == 4


def test_why_that_carrier() -> None:
    ported = answer("--to", PORTED_TO_AU, "--from", "1", "--text", "x")
    assert (ported["known_by"], ported["ported"], ported["serving"]) == ("ported numbers", "ported", "au")
    routed = answer("--to", OKINAWA, "--from", "1", "--text", "x")
    assert (routed["known_by"], routed["ported"], routed["serving"]) == ("number block", "not ported", "okinawa")
    assert "a route of okinawa" in run("--to", OKINAWA, "--from", "1", "--text", "x").output


def test_segments_are_the_octets_that_would_be_sent(settings: Settings) -> None:
    text = "漢" * 65 + EMOJI + "字" * 20
    found = answer("--to", DOCOMO, "--from", "0312345678", "--text", text)
    assert found["characters"] == 87
    for one in found["carriers"]:
        rule = settings.carriers[one["carrier"]].text.rule()
        segments = cut(text.encode("utf_16_be"), rule, DRY_REFERENCE)
        assert [bytes.fromhex(segment["hex"]) for segment in one["segments"]] == [sent.octets for sent in segments]
        assert one["units"] == plan(text.encode("utf_16_be"), rule).units
        assert "".join(segment["text"] for segment in one["segments"]) == text
        for segment in one["segments"]:
            assert segment["hex"].startswith(segment["udh"])
            body = bytes.fromhex(segment["hex"][len(segment["udh"]) :])
            assert body.decode("utf_16_be") == segment["text"]
    udhs = {one["carrier"]: [segment["udh"] for segment in one["segments"]] for one in found["carriers"]}
    assert udhs["docomo"] == ["06080400010201", "06080400010202"]
    assert udhs["au"] == udhs["rakuten"] == ["050003010201", "050003010202"]
    assert udhs["softbank"] == [""]


def test_crlf_is_one_character() -> None:
    assert answer("--to", AU, "--from", "1", "--text", "a\r\nb")["characters"] == 3


def test_a_customer_s_own_price_and_sender(own: Path) -> None:
    found = answer("--to", AU, "--from", "0312345678", "--text", "漢" * 71, "--customer", "insurer", config=own)
    assert found["tariff"] == "special/9"
    assert found["yen_a_unit"] == 7.25
    assert found["carriers"][0]["yen"] == 14.5
    other = run("--to", AU, "--from", "0399999999", "--text", "x", "--customer", "insurer", config=own)
    assert other.exit_code == 1
    assert "ESME_RINVSRCADR" in other.stderr
    assert other.stdout == ""
    assert answer("--to", AU, "--from", "0399999999", "--text", "x", config=own)["tariff"] == "standard/2026-04"


def test_yen_is_written_exactly(own: Path) -> None:
    result = run("--json", "--to", AU, "--from", "0312345678", "--text", "漢" * 71, "--customer", "insurer", config=own)
    assert '"yen":14.5,' in result.stdout
    assert '"yen_a_unit":7.25,' in result.stdout


def test_a_carrier_that_refuses_says_why_beside_those_that_do_not(own: Path) -> None:
    found = answer("--to", AU, "--from", "1", "--text", EMOJI, config=own)
    refused = next(one for one in found["carriers"] if one["carrier"] == "docomo")
    assert refused["refused"].startswith("ESME_RINVDCS")
    assert (refused["units"], refused["yen"], refused["segments"]) == (0, 0, [])
    assert found["refused"] is None
    assert all(one["refused"] is None for one in found["carriers"] if one is not refused)


def test_a_chosen_carrier_that_refuses_is_a_refusal(own: Path) -> None:
    found = answer("--to", DOCOMO, "--from", "1", "--text", EMOJI, config=own, exit_code=1)
    assert found["refused"] == found["carriers"][0]["refused"]
    assert found["refused"].endswith("U+1F600")
    lines = run("--to", DOCOMO, "--from", "1", "--text", EMOJI, config=own)
    assert lines.exit_code == 1
    assert "* docomo" in lines.stdout
    assert "refused, ESME_RINVDCS" in lines.stdout


@pytest.mark.parametrize(
    ("to", "text", "reason"),
    [
        ("0312345678", "x", Reason.NOT_MOBILE),
        ("hello", "x", Reason.INVALID_DESTINATION),
        ("０９０１２３４５６７８", "x", Reason.INVALID_DESTINATION),
        ("", "x", Reason.INVALID_DESTINATION),
        (AU, "", Reason.EMPTY_TEXT),
        (AU, "a\ud800", Reason.UNDECODABLE_TEXT),
        (AU, "a\0", Reason.UNDECODABLE_TEXT),
    ],
)
def test_what_no_carrier_could_help_is_refused(settings: Settings, to: str, text: str, reason: Reason) -> None:
    with pytest.raises(Refusal) as caught:
        explain_message(settings, to, "0312345678", text)
    assert caught.value.reason is reason


@pytest.mark.parametrize("source", ["東京", "1" * 21])
def test_a_sender_that_cannot_be_is_refused(settings: Settings, source: str) -> None:
    with pytest.raises(Refusal) as caught:
        explain_message(settings, AU, source, "x")
    assert caught.value.reason is Reason.INVALID_SOURCE


def test_a_number_without_a_route_is_refused(own: Path) -> None:
    result = run("--to", RAKUTEN, "--from", "1", "--text", "x", "--json", config=own)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "no carrier serves the destination" in result.stderr


def test_over_long_text_is_refused_by_all() -> None:
    found = answer("--to", AU, "--from", "1", "--text", "漢" * 661, exit_code=1)
    assert all(one["refused"].startswith("ESME_RINVMSGLEN") for one in found["carriers"])
    assert found["characters"] == 661


def test_lines_for_people(settings: Settings) -> None:
    lines = list(as_lines(explain_message(settings, AU, "0312345678", "漢\n" + "字" * 70)))
    assert "carrier     au (by number block; not ported)" in lines
    assert "characters  72" in lines
    assert any(line.split() == ["*", "au", "72", "2", "20", "2"] for line in lines)
    assert any(line.split() == ["softbank", "72", "1", "10", "1"] for line in lines)
    assert "au, segment 2 of 2: short_message, data_coding 0x08" in lines
    assert "softbank, segment 1 of 1: message_payload, data_coding 0x08" in lines
    assert '  text  "漢\\n' + "字" * 65 + '"' in lines
    assert "  udh   050003010201" in lines
    assert not any("\n" in line for line in lines)


def test_nothing_in_a_text_reaches_the_terminal_as_a_command(settings: Settings) -> None:
    explanation = explain_message(settings, AU, "\x1b[31m", "a\x1b[2Jb\x9b1m\u202egnp\x7f")
    shown = "".join(as_lines(explanation))
    assert not {"\x1b", "\x9b", "\u202e", "\x7f"} & set(shown)
    assert json.loads(as_json(explanation))["carriers"][0]["segments"][0]["text"].startswith("a\x1b[2Jb")


def test_sar_is_shown(own: Path) -> None:
    au = own.parent / "carriers" / "au.yaml"
    au.write_text(au.read_text(encoding="utf-8").replace("udh8", "sar"), encoding="utf-8")
    found = answer("--to", AU, "--from", "1", "--text", "漢" * 71, config=own)
    assert [one["sar"] for one in found["carriers"][0]["segments"]] == [[1, 2, 1], [1, 2, 2]]
    assert (
        "sar   reference 1, total 2, number 2" in run("--to", AU, "--from", "1", "--text", "漢" * 71, config=own).output
    )


def test_an_unknown_customer_and_a_bad_configuration_exit_2(own: Path) -> None:
    unknown = run("--to", AU, "--from", "1", "--text", "x", "--customer", "nobody")
    assert unknown.exit_code == 2
    assert "no such customer" in unknown.stderr
    own.write_text("node: x\n", encoding="utf-8")
    bad = run("--to", AU, "--from", "1", "--text", "x", config=own)
    assert bad.exit_code == 2
    assert "node" in bad.stderr


def test_the_configuration_is_found_where_it_usually_is(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(own.parents[1])
    arguments = ["--to", AU, "--from", "0312345678", "--text", "x", "--customer", "insurer"]
    assert CliRunner().invoke(explain, arguments).exit_code == 0
    monkeypatch.chdir(own.parent)
    nowhere = CliRunner().invoke(explain, arguments)
    assert nowhere.exit_code == 2
    assert "--config" in nowhere.stderr


ROUTING = """
routing:
  routes:
    au: {serves: [docomo], sender: "0005123456"}
    softbank: {senders: {demo: {allowed: ["05*"]}}}
  rules:
    - {name: own, customers: [demo], carriers: [docomo], routes: [{to: au}, {to: docomo}]}
"""


def test_rules_and_senders_count_as_they_do_for_a_message(own: Path) -> None:
    own.write_text(own.read_text(encoding="utf-8") + ROUTING, encoding="utf-8")
    settings = load(own)
    told = explain_message(settings, DOCOMO, "0312345678", "text", "demo")
    assert (told.serving.carrier, told.chosen, told.source) == ("docomo", "au", "0005123456")
    assert explain_message(settings, DOCOMO, "0312345678", "text").chosen == "docomo"
    with pytest.raises(Refusal) as refused:
        explain_message(settings, SOFTBANK, "0312345678", "text", "demo")
    assert refused.value.reason is Reason.INVALID_SOURCE
