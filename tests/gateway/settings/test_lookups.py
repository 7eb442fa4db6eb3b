"""What an operator may write of look-ups and checks; the examples of docs/lookups.md."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml
from pydantic import ValidationError

from gateway.model.money import Sen
from gateway.routing.lookup_formats import FORMATS
from gateway.settings.load import SettingsError, load
from gateway.settings.lookups import (
    BreakerSettings,
    EnumSettings,
    HttpLookupSettings,
    LoginSettings,
    LookupSettings,
    RecipientCheckSettings,
    RecyclingServiceSettings,
    RecyclingSettings,
)
from simulators.enum_server import EnumConfig
from simulators.lookup_server import LookupConfig
from tests.gateway.settings.examples import SOUND, write

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "lookups.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
OURS = [one for one in EXAMPLES if not one.startswith("#")]
TREE: dict[str, Any] = {"servers": ("192.0.2.53",), "carriers": {"d1": "one"}}
SERVICE: dict[str, Any] = {"url": "https://x.example/{number}", "format": "plain", "carriers": {"44010": "one"}}


@pytest.mark.parametrize("text", OURS)
def test_the_pages_examples_load(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKUP_KEY", "hush-hush-hush")
    settings = load(write(tmp_path / "top.yaml", f"include: [{ROOT}/config/gateway.yaml]\n{text}"))
    assert settings.lookups.order or settings.recycling


def test_the_simulators_examples_load() -> None:
    enum, lookup = (yaml.safe_load(one) for one in EXAMPLES if one.startswith("#"))
    assert EnumConfig.model_validate(enum).port == 5353
    assert LookupConfig.model_validate(lookup).port == 8080
    assert len(OURS) == 4


def test_the_page_lists_every_format() -> None:
    rows = re.findall(r"^\| (`[^|]*) \| (?:GET|POST)", PAGE, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`([\w-]+)`", row)} == set(FORMATS)


def test_nothing_is_looked_up_unless_it_is_asked_for(tmp_path: Path) -> None:
    settings = load(write(tmp_path / "gateway.yaml", SOUND))
    assert settings.lookups == LookupSettings()
    assert (settings.lookups.order, settings.recycling) == ((), None)
    assert settings.customers["shop"].recipient_check is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"servers": ()}, "at least 1"),
        ({"servers": ("dns.example",)}, "pattern"),
        ({"servers": ("2001:db8::1",)}, "pattern"),
        ({"suffix": "a b"}, "domain name"),
        ({"suffix": "arpa."}, "domain name"),
        ({"carriers": {"d1": "One"}}, "pattern"),
        ({"absent": "perhaps"}, "not_ported"),
    ],
)
def test_trees_that_cannot_be(changed: dict[str, Any], said: str) -> None:
    EnumSettings.model_validate(TREE)
    with pytest.raises(ValidationError, match=said):
        EnumSettings.model_validate(TREE | changed)


def test_servers_of_every_kind() -> None:
    for server in ("192.0.2.53", "192.0.2.53:5353", "[2001:db8::1]", "[2001:db8::1]:53"):
        EnumSettings.model_validate(TREE | {"servers": (server,)})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"format": None}, "either format or answer"),
        ({"answer": {"names": ("a",)}}, "either format or answer"),
        ({"format": "unheard"}, "must be one of: plain"),
        ({"url": "https://x.example/"}, "neither url nor body"),
        ({"url": "ftp://x.example/{number}"}, "pattern"),
        ({"price_yen": "0.001"}, "yen"),
        ({"requests_per_second": 0.0}, "greater"),
        ({"breaker": {"pause_seconds": 9.0, "longest_pause_seconds": 8.0}}, "must not be below"),
        ({"ca": "missing.pem"}, "cannot be read"),
        ({"login": {"user": "a", "header": "b", "secret": "c"}}, "do not go together"),
        ({"login": {"secret": "with space"}}, "printable"),
        ({"login": {"secret": "c", "token_url": "https://x.example"}}, "needs user"),
        ({"login": {"secret": "c", "user": "a", "scope": "b"}}, "needs token_url"),
        ({"login": {"secret": "c", "signature": "acs3"}}, "signature needs user"),
        ({"login": {"secret": "c", "user": "a", "header": "b", "signature": "acs3"}}, "do not go together"),
        ({"format": "hlrlookup"}, "secrets: key is missing"),
        ({"url": "https://x.example/{number}/{word}"}, "secrets: word is missing"),
        ({"body": {"a": "{number}", "a.b": "x"}}, "another path"),
        ({"format": None, "answer": {"kind": ("a",)}}, "go together"),
        ({"format": None, "answer": {"original": True}}, "original needs ported"),
        ({"headers": {"X-Key": "a\nb"}}, "pattern"),
    ],
)
def test_services_that_cannot_be(changed: dict[str, Any], said: str) -> None:
    HttpLookupSettings.model_validate(SERVICE)
    with pytest.raises(ValidationError, match=said):
        HttpLookupSettings.model_validate(SERVICE | changed)


def test_how_a_service_is_asked() -> None:
    asks = HttpLookupSettings.model_validate(SERVICE | {"format": "sinch", "url": "https://x.example/"}).asks()
    assert (asks.method, asks.body) == ("POST", (("number", "{plus}"),))
    own = {"format": None, "answer": {"names": ("a.b",), "done": ("OK",)}, "body": {"n": "{number}"}}
    asks = HttpLookupSettings.model_validate(SERVICE | own).asks()
    assert (asks.method, asks.body, asks.reading.names, asks.reading.done) == (
        "POST",
        (("n", "{number}"),),
        ("a.b",),
        ("ok",),
    )
    assert HttpLookupSettings.model_validate(SERVICE | {"method": "POST"}).asks().method == "POST"
    signed = HttpLookupSettings.model_validate(SERVICE | {"format": "alibaba"}).asks()
    assert dict(signed.headers)["x-acs-action"] == "DescribeNumberMccMnc"
    assert HttpLookupSettings.model_validate(SERVICE | {"headers": {"A": "b"}}).asks().headers == (("A", "b"),)
    kinds = {"format": None, "answer": {"kind": ("t",), "mobile": ("MOBILE",), "ported": ("p",), "original": True}}
    reading = HttpLookupSettings.model_validate(SERVICE | kinds).asks().reading
    assert (reading.kind, reading.mobile, reading.original) == (("t",), ("mobile",), True)


def test_roots_of_ones_own(tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    ours = HttpLookupSettings.model_validate(SERVICE | {"ca": str(tmp_path / "ca.pem")})
    context = ours.tls()
    assert context is not None
    assert len(context.get_ca_certs()) == 1
    assert HttpLookupSettings.model_validate(SERVICE).tls() is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"order": ("tree", "other")}, "no source is called other"),
        ({"order": ("tree", "tree")}, "stands twice"),
        ({"http": {"tree": SERVICE}}, "both called tree"),
        ({"when_silent": "hope"}, "blocks"),
        ({"when_unknown": "wait"}, "blocks"),
    ],
)
def test_orders_that_cannot_be(changed: dict[str, Any], said: str) -> None:
    sound = {"order": ("tree", "service"), "enum": {"tree": TREE}, "http": {"service": SERVICE}}
    LookupSettings.model_validate(sound)
    with pytest.raises(ValidationError, match=said):
        LookupSettings.model_validate(sound | changed)


def test_secrets_show_themselves_to_nobody() -> None:
    login = LoginSettings.model_validate({"secret": "hush-hush-hush"})
    assert "hush" not in repr(login)
    assert login.secret.reveal() == "hush-hush-hush"


def test_the_check() -> None:
    settings = RecyclingSettings.model_validate({"services": {"a": {"root": "https://x.example/v1/"}}})
    assert settings.price_yen == Sen(350)
    assert settings.services["a"].root == "https://x.example/v1"
    asked = RecipientCheckSettings.model_validate({"since": "2024-02-29"})
    assert asked.date() == date(2024, 2, 29)
    for wrong in ({}, {"since": "2023-02-29"}, {"since": "20240229"}, {"since_tlv": "X"}):
        with pytest.raises(ValidationError):
            RecipientCheckSettings.model_validate(wrong)
    with pytest.raises(ValidationError):
        RecyclingServiceSettings.model_validate({"root": "x.example"})
    assert BreakerSettings().failures == 5


def test_files_of_secrets_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    write(tmp_path / "secrets" / "token", "hush-hush-hush\n")
    text = """
lookups:
  order: [service]
  http:
    service:
      url: "https://x.example/{key}/{number}"
      secrets: {key: {file: secrets/token}}
      login: {secret: {file: secrets/token}}
      format: plain
      carriers: {"44010": one}
"""
    service = load(write(tmp_path / "gateway.yaml", SOUND + text)).lookups.http["service"]
    assert service.secrets["key"].reveal() == "hush-hush-hush"
    with pytest.raises(SettingsError, match="secrets/other cannot be read"):
        load(
            write(
                tmp_path / "gateway.yaml",
                SOUND + text.replace("login: {secret: {file: secrets/token", "login: {secret: {file: secrets/other"),
            )
        )
