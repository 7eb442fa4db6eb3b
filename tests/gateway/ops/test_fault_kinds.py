"""The catalogue: names that the alert rules have, words in both languages, pages that exist."""

import re
from string import Formatter
from typing import get_args

import yaml

from gateway.ops.fault_kinds import CALLED, FACTS, KINDS, About, Severity
from gateway.settings.notices import FaultName
from tests.house.tree import ROOT

# Faults that no alert rule has: what they look at is told by other means, or only here.
OF_THEIR_OWN = {"QuotaUsedUp", "DiskNearlyFull", "LookupSourceDown", "ImportedNumbersNotTaken"}
JAPANESE = re.compile(r"[぀-ヿ一-鿿]")


def alerts() -> dict[str, dict[str, str]]:
    """Severity and runbook, by name."""
    groups = yaml.safe_load((ROOT / "ops" / "prometheus" / "alerts.yaml").read_text("utf-8"))["groups"]
    return {
        rule["alert"]: {"severity": rule["labels"]["severity"], "runbook": rule["annotations"]["runbook_url"]}
        for group in groups
        for rule in group["rules"]
        if "alert" in rule
    }


def test_names_severities_and_runbooks_are_those_of_the_alerts() -> None:
    known = alerts()
    assert {name for name in KINDS if name not in known} == OF_THEIR_OWN
    for name, kind in KINDS.items():
        if name in known:
            assert kind.severity.value == known[name]["severity"], name
            assert f"docs/runbooks/{kind.runbook}.md" == known[name]["runbook"], name
        elif kind.runbook:
            assert (ROOT / "docs" / "runbooks" / f"{kind.runbook}.md").is_file(), name


def test_every_kind_has_words_in_both_languages_for_its_subject_and_nothing_else() -> None:
    assert set(CALLED) == set(KINDS)
    for name, kind in KINDS.items():
        ja = [kind.ja, kind.effect_ja, CALLED[name][0]]
        en = [kind.en, kind.effect_en, CALLED[name][1]]
        assert bool(kind.customer_ja) == bool(kind.customer_en), name
        for text in [*ja, kind.customer_ja] if kind.customer_ja else ja:
            assert JAPANESE.search(text), name
        for text in [*en, kind.customer_en] if kind.customer_en else en:
            assert text.isascii(), name
        fields = {field for text in (*ja, *en) for _, field, _, _ in Formatter().parse(text) if field}
        assert fields <= {"subject"}, name
        if kind.about is not About.GATEWAY:
            assert "{subject}" in kind.ja
            assert "{subject}" in kind.en
        else:
            assert fields == set(), name


def test_the_configuration_knows_the_same_names() -> None:
    assert set(get_args(FaultName)) == set(KINDS)


def test_what_pages_is_told_within_the_minute_or_the_alerts_own_time() -> None:
    slow = {name for name, kind in KINDS.items() if kind.severity is Severity.PAGE and kind.raise_seconds > 60}
    assert slow == {"OutboxGrowing"}, "ten minutes old already"
    assert all(kind.clear_seconds >= 30 for kind in KINDS.values())


def test_facts_have_names_in_both_languages() -> None:
    assert all(JAPANESE.search(ja) and en.isascii() for ja, en in FACTS.values())


def test_the_page_lists_them_as_they_are() -> None:
    page = (ROOT / "docs" / "notices.md").read_text("utf-8")
    told = re.findall(r"^\| `(\w+)` \| (\w+) \| (\w+) \| (\d+) \| (\d+) \| (yes|-) \| (.+) \|$", page, re.MULTILINE)
    assert told == [
        (
            kind.name,
            kind.about.value,
            kind.severity.value,
            f"{kind.raise_seconds:g}",
            f"{kind.clear_seconds:g}",
            "yes" if kind.customer_ja else "-",
            kind.en.format(subject="it"),
        )
        for kind in KINDS.values()
    ]
