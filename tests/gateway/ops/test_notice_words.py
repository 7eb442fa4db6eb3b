"""The words: every template filled in both languages, times of Japan, subjects of one line."""

import re
from typing import Any

import pytest

from gateway.flow.announcements import Announcement, Occasion
from gateway.ops.fault_kinds import KINDS
from gateway.ops.faults import Change, Told
from gateway.ops.notice_words import (
    TEXTS,
    TONGUES,
    Words,
    facts,
    for_customers,
    in_language,
    moment,
    of_announcement,
    of_fault,
    of_test,
    read_templates,
    span,
    title_of,
)

NOW = 1_795_478_400_000  # 2026-11-24 09:00 in Japan, a Tuesday


def told(change: Change = Change.RAISED, name: str = "CarrierDown", **changes: Any) -> Told:
    whole = Told(change, KINDS[name], "one", 1, NOW, NOW + 45_000, 0, NOW + 45_000, 3, {"binds": "0/2", "waiting": 7})
    return whole._replace(**changes)


def words(change: Change, tongue: Any, **changes: Any) -> Words:
    return of_fault(told(change, **changes), tongue, NOW + 60_000, "東京1", "One (one)", "https://wiki/")


def test_a_fault_in_japanese() -> None:
    subject, body = words(Change.RAISED, "ja")
    assert subject == "【障害】One (one) 接続断（CarrierDown）"
    assert "　発生日時：2026年11月24日（火）09:00:00\n　検知日時：2026年11月24日（火）09:00:45" in body
    assert "接続数: 0/2、送信待ちセグメント数: 7" in body
    assert "対応手順：https://wiki/carrier-down.md" in body


def test_a_recovery_in_english() -> None:
    subject, body = words(Change.RECOVERED, "en", ended=NOW + 1_803_000)
    assert subject == "[Recovered] outage of One (one) (CarrierDown)"
    assert "Recovered: 2026-11-24 09:30:03 JST\n  Lasted:    30 min 3 s" in body


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_and_change_has_its_words_and_nothing_is_left_open(name: str) -> None:
    for change in Change:
        for tongue in TONGUES:
            one = of_fault(told(change, name), tongue, NOW, "gw", "x", "")
            assert not re.search(r"[${}]", one.subject + one.body)
            assert "\n" not in one.subject
            assert name in one.subject


@pytest.mark.parametrize("tongue", TONGUES)
def test_announcements_of_every_kind(tongue: Any) -> None:
    shown = Announcement(
        "1", "maintenance", NOW, NOW + 7_200_000, "基盤更改。\n停止は10分です。", "Upgrade. Ten minutes."
    )
    seen = set()
    for occasion in Occasion:
        one = of_announcement(shown, occasion, tongue, "gw")
        assert "停止は10分です。" in one.body or "Ten minutes." in one.body
        seen.add(one.subject)
    fault = shown._replace(kind="fault", ends_ms=None)
    seen.add(of_announcement(fault, Occasion.ADDED, tongue, "gw").subject)
    assert ("未定" in of_announcement(fault, Occasion.ADDED, tongue, "gw").body) == (tongue == "ja")
    seen.add(of_announcement(fault._replace(kind="recovered", ends_ms=NOW), Occasion.ENDED, tongue, "gw").subject)
    assert len(seen) == 6, "each says what it is"


def test_japanese_subjects_begin_with_what_they_are() -> None:
    for path in TEXTS.glob("*.ja.txt"):
        first = path.read_text("utf-8").splitlines()[0]
        assert first.startswith("【"), path.name
        assert path.with_name(path.name.replace(".ja.", ".en.")).read_text("utf-8").isascii(), path.name
    read_templates()


def test_both_languages_in_one_with_japanese_first() -> None:
    both = in_language({"ja": of_test("ja", NOW, "gw", "kim"), "en": of_test("en", NOW, "gw", "kim")}, "both")
    assert both.subject == "【テスト】通知の送信確認 / [Test] Notices reach you"
    assert both.body.index("対応は不要です") < both.body.index("There is nothing to do")


@pytest.mark.parametrize(
    ("ms", "ja", "en"),
    [
        (0, "0秒", "0 s"),
        (61_000, "1分1秒", "1 min 1 s"),
        (7_200_000, "2時間", "2 h"),
        (90_061_000, "25時間1分", "25 h 1 min"),
        (-5, "0秒", "0 s"),
    ],
)
def test_spans(ms: int, ja: str, en: str) -> None:
    assert (span(ms, "ja"), span(ms, "en")) == (ja, en)


def test_small_parts() -> None:
    assert facts({}, "ja") == "-"
    assert facts({"why": "a\nb"}, "en") == "why: a b"
    assert title_of("あ" * 100) == "あ" * 59 + "…"
    assert title_of("First. Second.") == "First"
    assert moment(NOW, "en") == "2026-11-24 09:00:00 JST"
    assert for_customers(KINDS["StoreSlow"], "x") == ("", "")
    assert for_customers(KINDS["CarrierDown"], "ドコモ")[0].startswith("ドコモ 宛てのSMS")
