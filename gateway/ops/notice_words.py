"""The words of notices, from the templates in gateway/ops/notice_texts: the first line of each is the subject.

Times are those of Japan, whatever the language: that is where the service is.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from string import Template
from typing import Literal, NamedTuple, TypeAlias

from gateway.flow.announcements import Announcement, Occasion
from gateway.ops.fault_kinds import CALLED, FACTS, Kind, Severity
from gateway.ops.faults import Facts, Told

Tongue: TypeAlias = Literal["ja", "en"]
TONGUES: tuple[Tongue, Tongue] = ("ja", "en")
JST = timezone(timedelta(hours=9), "JST")
TEXTS = Path(__file__).with_name("notice_texts")
WEEKDAYS = "月火水木金土日"
BETWEEN = "\n" + "=" * 60 + "\n\n"
MOST_TITLE = 60
SEVERITIES = {
    Severity.PAGE: ("緊急（至急対応）", "page: act now"),
    Severity.TICKET: ("通常（日中対応）", "ticket: act today"),
}


class Words(NamedTuple):
    """One notice in one language, or in both."""

    subject: str
    body: str


def of_fault(told: Told, tongue: Tongue, now_ms: int, gateway: str, title: str, runbooks: str) -> Words:
    """For the operator. `title` is the subject as people call it."""
    kind, place = told.kind, TONGUES.index(tongue)
    what, effect = ((kind.ja, kind.effect_ja), (kind.en, kind.effect_en))[place]
    end = told.ended or now_ms
    return _filled(
        f"{told.change.value}.{tongue}",
        {
            "gateway": gateway,
            "kind": kind.name,
            "called": CALLED[kind.name][place].format(subject=title),
            "what": what.format(subject=title),
            "effect": effect.format(subject=title),
            "since": moment(told.since, tongue),
            "raised": moment(told.raised, tongue),
            "now": moment(now_ms, tongue),
            "ended": moment(end, tongue),
            "lasted": span(end - told.since, tongue),
            "severity": SEVERITIES[kind.severity][place],
            "facts": facts(told.facts, tongue),
            "runbook": f"{runbooks}{kind.runbook}.md" if kind.runbook else "-",
            "times": str(told.times),
            "state": (("障害中", "正常") if tongue == "ja" else ("faulty", "well"))[bool(told.ended)],
        },
    )


def of_announcement(shown: Announcement, occasion: Occasion, tongue: Tongue, gateway: str) -> Words:
    """For customers."""
    text = shown.ja if tongue == "ja" else shown.en
    unknown = "未定" if tongue == "ja" else "not known yet"
    when = {Occasion.ADDED: "announced", Occasion.REMINDER: "reminder"}.get(occasion, occasion.value)
    return _filled(
        f"{'announced' if shown.kind == 'recovered' else when}_{shown.kind}.{tongue}",
        {
            "gateway": gateway,
            "title": title_of(text),
            "text": text,
            "begins": moment(shown.begins_ms, tongue),
            "ends": unknown if shown.ends_ms is None else moment(shown.ends_ms, tongue),
        },
    )


def of_test(tongue: Tongue, now_ms: int, gateway: str, who: str) -> Words:
    """To try the ways."""
    return _filled(f"test.{tongue}", {"gateway": gateway, "now": moment(now_ms, tongue), "who": who})


def for_customers(kind: Kind, title: str) -> tuple[str, str]:
    """What a fault is announced with, in Japanese and English; empty when it is no matter of theirs."""
    return kind.customer_ja.format(subject=title), kind.customer_en.format(subject=title)


def in_language(words: Mapping[Tongue, Words], language: Literal["ja", "en", "both"]) -> Words:
    """One of them, or both, Japanese first."""
    if language != "both":
        return words[language]
    ja, en = words["ja"], words["en"]
    return Words(f"{ja.subject} / {en.subject}", f"{ja.body}{BETWEEN}{en.body}")


def moment(ms: int, tongue: Tongue) -> str:
    """In Japan's time."""
    at = datetime.fromtimestamp(ms // 1000, UTC).astimezone(JST)
    if tongue == "en":
        return f"{at:%Y-%m-%d %H:%M:%S} JST"
    return f"{at.year}年{at.month}月{at.day}日（{WEEKDAYS[at.weekday()]}）{at:%H:%M:%S}"


def span(ms: int, tongue: Tongue) -> str:
    """How long something lasted."""
    minutes, seconds = divmod(max(0, ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    units = ("時間", "分", "秒") if tongue == "ja" else (" h", " min", " s")
    parts = [f"{count}{unit}" for count, unit in zip((hours, minutes, seconds), units, strict=True) if count]
    return ("" if tongue == "ja" else " ").join(parts[:2]) or f"0{units[2]}"


def facts(known: Facts, tongue: Tongue) -> str:
    """What is known of a fault, in one line."""
    told = (f"{FACTS[name][TONGUES.index(tongue)]}: {value}" for name, value in known.items())
    return ("、" if tongue == "ja" else ", ").join(" ".join(one.split()) for one in told) or "-"


def title_of(text: str) -> str:
    """The first sentence or line of an announcement, for the subject."""
    line = text.strip().splitlines()[0]
    for stop in ("。", ". "):
        line = line.split(stop)[0]
    return line if len(line) <= MOST_TITLE else f"{line[: MOST_TITLE - 1]}…"


@cache
def _template(name: str) -> tuple[Template, Template]:
    subject, _, body = (TEXTS / f"{name}.txt").read_text("utf-8").partition("\n\n")
    return Template(subject), Template(body)


def _filled(name: str, values: Mapping[str, str]) -> Words:
    subject, body = _template(name)
    return Words(" ".join(subject.substitute(values).split()), body.substitute(values))


def read_templates() -> None:
    """Before the first is needed: then the disk may be what is at fault."""
    for path in TEXTS.glob("*.txt"):
        _template(path.stem)
