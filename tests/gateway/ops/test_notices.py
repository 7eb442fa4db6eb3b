"""Who is told what, on which way, in which language; and letters that outlive the process."""

import orjson

from gateway.flow.announcements import Announcement, Occasion
from gateway.ops.fault_kinds import KINDS, Severity
from gateway.ops.faults import Change, Told
from gateway.ops.notices import Audience, CustomerContact, Letters, Recipient, letters_of
from gateway.store.contract import Kept

NOW = 1_795_478_400_000
NIGHT = Recipient("mail", "night@example.jp", "ja", Severity.PAGE)
DAY = Recipient("mail", "day@example.jp", "en", Severity.TICKET)
CHAT = Recipient("webhook chat", "chat", "both", Severity.TICKET)
ONE = CustomerContact("it@insurer.example.jp", "ja", frozenset({"one"}))
ALL = CustomerContact("it@bank.example.jp", "en", None)
LETTERS = Letters(Audience("gw", 3, (NIGHT, DAY, DAY, CHAT), (ONE, ALL), {"one": "One Mobile"}, "r/"))


def told(name: str, change: Change = Change.RAISED, number: int = 1, subject: str = "one") -> Told:
    return Told(change, KINDS[name], subject, number, NOW - 45_000, NOW, 0, NOW, 1, {"count": 2})


def test_severity_decides_who_is_told_and_nobody_twice() -> None:
    assert [one.to for one in LETTERS.of_fault(told("CarrierDown"), NOW)] == [NIGHT.to, DAY.to, "chat"]
    assert [one.to for one in LETTERS.of_fault(told("CarrierFlaps"), NOW)] == [DAY.to, "chat"]


def test_languages_and_names_that_people_know() -> None:
    ja, en, _ = LETTERS.of_fault(told("CarrierDown"), NOW)
    assert ja.subject == "【障害】One Mobile (one) 接続断（CarrierDown）"
    assert en.subject == "[Fault] outage of One Mobile (one) (CarrierDown)"


def test_a_matter_is_one_thread_and_each_notice_has_its_own_key() -> None:
    first, *_ = LETTERS.of_fault(told("CarrierDown"), NOW)
    last, *_ = LETTERS.of_fault(told("CarrierDown", Change.RECOVERED, 2), NOW + 5)
    assert first.key == first.thread == last.thread == f"CarrierDown.one.{NOW}.1"
    assert last.key == f"CarrierDown.one.{NOW}.2"
    odd, *_ = LETTERS.of_fault(told("CertificateEndsSoon", subject="[::]:3550 <x>\r\n"), NOW)
    assert odd.key == f"CertificateEndsSoon.-----3550--x---.{NOW}.1"
    store, *_ = LETTERS.of_fault(told("StoreStuck", subject=""), NOW)
    assert ".." not in store.key


def test_a_webhook_gets_facts_and_words() -> None:
    document = orjson.loads(LETTERS.of_fault(told("CarrierDown"), NOW)[2].body)
    assert document["notice"] == "fault"
    assert (document["fault"], document["subject"], document["severity"]) == ("CarrierDown", "one", "page")
    assert (document["gateway"], document["node"], document["facts"]) == ("gw", 3, {"count": 2})
    assert (document["began_ms"], document["detected_ms"], document["ended_ms"]) == (NOW - 45_000, NOW, None)
    assert document["text"].startswith("【障害】")
    assert document["words"]["en"]["subject"].startswith("[Fault]")


def test_announcements_go_to_the_customers_whom_they_concern() -> None:
    shown = Announcement("7", "maintenance", NOW, NOW + 60_000, "作業", "Work", "two")
    assert [one.to for one in LETTERS.of_announcement(shown, Occasion.ADDED, NOW)] == [
        NIGHT.to,
        DAY.to,
        "chat",
        ALL.to,
    ]
    (first,) = (one for one in LETTERS.of_announcement(shown, Occasion.ADDED, NOW) if one.to == ALL.to)
    for about in ("one", ""):
        told = LETTERS.of_announcement(shown._replace(about=about), Occasion.REMINDER, NOW, operators=False)
        assert [one.to for one in told] == [ONE.to, ALL.to]
        assert {one.thread for one in told} == {first.key}
        assert first.key not in {one.key for one in told}


def test_a_test_goes_to_all_of_the_operators_and_to_no_customer() -> None:
    assert [one.to for one in LETTERS.of_test("kim", NOW)] == [NIGHT.to, DAY.to, "chat"]


def test_letters_come_back_from_the_store_as_they_were() -> None:
    sent = LETTERS.of_fault(told("CarrierDown"), NOW) + LETTERS.of_test("kim", NOW - 5)
    kept = [one.kept(NOW + 1) for one in sent]
    assert len({row[:3] for row in kept}) == len(sent)
    assert sorted(letters_of(kept)) == sorted(sent)
    assert next(one.at_ms for one in letters_of(kept)) == NOW - 5
    assert [one.dropped()[:3] for one in sent] == [row[:3] for row in kept]
    assert letters_of([Kept("notice", "mail", b"x y", b"garbage", 0), Kept("quota", "shop", b"", b"", 0)]) == []
