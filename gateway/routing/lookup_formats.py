"""HTTP look-up services as data: how the number is asked for, and where in the answer the carrier stands.

A path leads through an answer: names with dots between them, `*` for the first entry, digits for a place in a list.
Services that are not here are described by the operator in the same words.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

import orjson

from gateway.model.values import Ported
from gateway.routing.lookup_answers import Answer, Names, Said

LONGEST_VALUE = 200  # characters; what is longer names nobody

YES = frozenset({"true", "yes", "y", "1", "ported"})
NO = frozenset({"false", "no", "n", "0", "not_ported", "notported", "not ported"})

HTTP_OK, HTTP_NOT_FOUND = 200, 404
MILLISECONDS_FROM = 10**11  # a greater number of a date counts milliseconds
MOST_MS = 253_402_300_799_000  # the end of the year 9999


class Reading(NamedTuple):
    """Paths to what an answer may say; each is optional, the first of several that leads somewhere counts."""

    names: tuple[str, ...] = ()  # of the carrier or brand, or a provider's id, the most exact first
    mccmnc: tuple[str, ...] = ()
    mcc: tuple[str, ...] = ()
    mnc: tuple[str, ...] = ()
    ported: tuple[str, ...] = ()
    as_of: tuple[str, ...] = ()  # since when it is so: ISO 8601, or seconds or milliseconds since 1970
    status: tuple[str, ...] = ()  # how the look-up went; without a path every answer is one
    done: tuple[str, ...] = ()  # values of `status` that are answers
    line: re.Pattern[str] | None = None  # the answer is one line of text, whose groups are the entries


class Format(NamedTuple):
    """How one service is asked. In `body` and the operator's URL `{number}` and `{plus}` stand for the number."""

    reading: Reading
    method: str = "GET"
    body: tuple[tuple[str, str], ...] = ()


_HLR = Reading(
    names=("current_network_name", "ported_network_name", "original_network_name"),
    mccmnc=("mccmnc",),
    mcc=("mcc",),
    mnc=("mnc",),
    ported=("is_ported",),
    as_of=("timestamp",),
    status=("processing_status", "query_status"),
    done=("completed", "ok"),
)

FORMATS: dict[str, Format] = {
    "plain": Format(
        Reading(
            names=("brand", "carrier"),
            mccmnc=("mccmnc",),
            mcc=("mcc",),
            mnc=("mnc",),
            ported=("ported",),
            as_of=("as_of",),
        )
    ),
    "hlr-lookups": Format(_HLR, "POST", (("msisdn", "{plus}"),)),
    "telnyx": Format(
        Reading(
            names=("data.portability.spid", "data.portability.spid_carrier_name", "data.carrier.name"),
            mcc=("data.carrier.mobile_country_code",),
            mnc=("data.carrier.mobile_network_code",),
            ported=("data.portability.ported_status",),
            as_of=("data.portability.ported_date",),
        )
    ),
    "twilio": Format(
        Reading(
            names=("line_type_intelligence.carrier_name",),
            mcc=("line_type_intelligence.mobile_country_code",),
            mnc=("line_type_intelligence.mobile_network_code",),
        )
    ),
    "sinch": Format(
        Reading(
            names=("line.carrier",),
            mcc=("line.mobileCountryCode",),
            mnc=("line.mobileNetworkCode",),
            ported=("line.ported",),
            as_of=("line.portingDate",),
        ),
        "POST",
        (("number", "{plus}"),),
    ),
    "alibaba": Format(
        Reading(
            mcc=("Data.Mcc",),
            mnc=("Data.Mnc",),
            ported=("Data.Ported",),
            status=("Code",),
            done=("ok",),
        )
    ),
    "tmt-live": Format(
        Reading(
            names=("ocn", "*.ocn", "network", "*.network"),
            mcc=("mcc", "*.mcc"),
            mnc=("mnc", "*.mnc"),
            ported=("ported", "*.ported"),
            status=("error", "*.error"),
            done=("0",),
        )
    ),
    "tmt-velocity": Format(
        Reading(
            names=(
                "current_carrier.spid",
                "*.current_carrier.spid",
                "current_carrier.ocn",
                "*.current_carrier.ocn",
                "current_carrier.name",
                "*.current_carrier.name",
            ),
            mcc=("current_carrier.mcc", "*.current_carrier.mcc"),
            mnc=("current_carrier.mnc", "*.current_carrier.mnc"),
            ported=("ported", "*.ported"),
            status=("status", "*.status"),
            done=("0",),
        )
    ),
    "seven-mnp": Format(
        Reading(names=("mnp.network", "network"), mccmnc=("mnp.mccmnc", "mccmnc"), ported=("mnp.isPorted", "isPorted"))
    ),
    "seven-hlr": Format(
        Reading(
            names=("current_carrier.name",),
            mccmnc=("current_carrier.network_code",),
            ported=("ported",),
        )
    ),
    "ovh": Format(Reading(mccmnc=("operatorCode",), ported=("ported",), as_of=("datetime",))),
    "budgetsms": Format(
        Reading(
            mcc=("mcc",),
            mnc=("mnc",),
            status=("word",),
            done=("ok",),
            line=re.compile(r"(?P<word>OK) (?P<mcc>[0-9]{3}) (?P<mnc>[0-9]{2,3})(?: [0-9.]+)?|(?P<bad>ERR) [0-9]+"),
        )
    ),
}


class Request(NamedTuple):
    """What goes out. `body` is JSON; empty: none."""

    method: str
    url: str
    body: bytes


def fill(url: str, word: str, value: str) -> str:
    """Put a value into a URL in the place of `{word}`, percent-encoded."""
    return url.replace(f"{{{word}}}", quote(value, safe=""))


def request(method: str, url: str, body: tuple[tuple[str, str], ...], e164: bytes) -> Request:
    """The request for one number, from a URL whose secrets stand in it already."""
    digits = e164.decode("ascii")
    content = {name: text.replace("{number}", digits).replace("{plus}", f"+{digits}") for name, text in body}
    url = fill(fill(url, "number", digits), "plus", f"+{digits}")
    return Request(method, url, orjson.dumps(content) if content else b"")


def read(reading: Reading, status: int, octets: bytes, names: Names, source: str) -> Answer | None:
    """What a service's response says; None when it is no answer at all: garbage, or an HTTP status that says so.

    A number that is not ported, at a carrier that nobody named, is AT_HOME: the block decides.
    """
    if status == HTTP_NOT_FOUND:
        return Answer(Said.UNKNOWN, source)
    if status != HTTP_OK:
        return None
    content = _content(reading, octets)
    if content is None:
        return None
    if reading.status and _first(content, reading.status).lower() not in reading.done:
        return Answer(Said.UNKNOWN, source)
    ported = _ported(_first(content, reading.ported))
    key, brand = names.find(_names(reading, content))
    as_of = _moment(_first(content, reading.as_of))
    if key:
        return Answer(Said.KNOWN, source, key, ported, as_of, brand)
    said = Said.AT_HOME if ported is Ported.NO else Said.UNKNOWN
    return Answer(said, source, "", ported, as_of, brand)


def _content(reading: Reading, octets: bytes) -> dict[str, object] | None:
    if reading.line is not None:
        match = reading.line.fullmatch(octets[:LONGEST_VALUE].decode("latin-1").strip())
        return None if match is None else {name: value for name, value in match.groupdict().items() if value}
    try:
        content = orjson.loads(octets)
    except orjson.JSONDecodeError:
        return None
    if isinstance(content, list) and content:  # some answer a list of one
        content = content[0]
    return content if isinstance(content, dict) else None


def _names(reading: Reading, content: object) -> Iterator[str]:
    for path in reading.names:
        if name := _at(content, path):
            yield name
    if code := _first(content, reading.mccmnc):
        yield code
    mcc, mnc = _first(content, reading.mcc), _first(content, reading.mnc)
    if mcc and mnc:
        yield mcc + mnc.zfill(2)


def _first(content: object, paths: tuple[str, ...]) -> str:
    return next((found for path in paths if (found := _at(content, path))), "")


def _at(content: object, path: str) -> str:
    """The value at the end of a path, as text; empty when the path leads nowhere, or to null or a longer thing."""
    for step in path.split("."):
        if isinstance(content, dict):
            content = next(iter(content.values()), None) if step == "*" else content.get(step)
        elif isinstance(content, list):
            place = 0 if step == "*" else int(step) if step.isdecimal() else len(content)
            content = content[place] if place < len(content) else None
        else:
            return ""
    if isinstance(content, bool):
        return str(content).lower()
    if isinstance(content, str | int | float):
        text = str(content).strip()
        return text if len(text) <= LONGEST_VALUE else ""
    return ""


def _ported(written: str) -> Ported:
    value = written.lower()
    return Ported.YES if value in YES else Ported.NO if value in NO else Ported.UNKNOWN


def _moment(written: str) -> int:
    """Milliseconds since 1970; 0 for what is no moment."""
    try:
        number = int(written)
    except ValueError:
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            return 0
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0, int(moment.timestamp()) * 1000)
    milliseconds = number if number >= MILLISECONDS_FROM else number * 1000
    return milliseconds if 0 <= milliseconds <= MOST_MS else 0
