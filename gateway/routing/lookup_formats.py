"""HTTP look-up services as data: how the number is asked for, and where in the answer the carrier stands.

A path leads through an answer: names with dots between them, `*` for the first entry, digits for a place in a list.
Services that are not here are described by the operator in the same words.
"""

import re
from collections.abc import Iterable, Iterator
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
    kind: tuple[str, ...] = ()  # what sort of number it is; without a path, or a word there, a mobile one
    mobile: tuple[str, ...] = ()  # values of `kind` that are mobile numbers; others are nobody's whom we know
    original: bool = False  # `names` are whose block it is: they count only of numbers that are not ported


class Format(NamedTuple):
    """How one service is asked. In `body` and the operator's URL `{number}` and `{plus}` stand for the number.

    The names in `body` are paths too: `requests.0.telephone_number` is an entry of the first in a list.
    """

    reading: Reading
    method: str = "GET"
    body: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


_HLR = Reading(
    names=("extra", "current_network_name", "ported_network_name", "original_network_name"),  # extra: LRN:DIGITS
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
    "hlr-lookups-nt": Format(
        Reading(
            names=("original_network_name",),
            mccmnc=("mccmnc",),
            mcc=("mcc",),
            mnc=("mnc",),
            ported=("is_possibly_ported",),
            as_of=("timestamp",),
            status=("query_status",),
            done=("ok",),
            kind=("number_type",),
            mobile=("mobile", "mobile_or_landline"),
            original=True,
        ),
        "POST",
        (("number", "{plus}"),),
    ),
    "hlrlookup": Format(
        Reading(
            names=("body.results.0.current_network_details.name",),
            mccmnc=("body.results.0.current_network_details.mccmnc",),
            ported=("body.results.0.is_ported",),
            as_of=("body.results.0.timestamp",),
            status=("body.results.0.error",),
            done=("none",),
            kind=("body.results.0.telephone_number_type",),
            mobile=("mobile",),
        ),
        "POST",
        (("api_key", "{key}"), ("api_secret", "{secret}"), ("requests.0.telephone_number", "{number}")),
    ),
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
        ),
        headers=(("x-acs-action", "DescribeNumberMccMnc"), ("x-acs-version", "2023-01-01")),
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
    """What goes out. `body` is JSON; empty: none. `headers` are those of this request alone."""

    method: str
    url: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


def fill(url: str, word: str, value: str) -> str:
    """Put a value into a URL in the place of `{word}`, percent-encoded."""
    return url.replace(f"{{{word}}}", quote(value, safe=""))


def request(
    method: str,
    url: str,
    body: tuple[tuple[str, str], ...],
    e164: bytes,
    headers: tuple[tuple[str, str], ...] = (),
) -> Request:
    """The request for one number; the secrets of URL and body stand in them already."""
    digits = e164.decode("ascii")
    content = tree((path, text.replace("{number}", digits).replace("{plus}", f"+{digits}")) for path, text in body)
    url = fill(fill(url, "number", digits), "plus", f"+{digits}")
    return Request(method, url, orjson.dumps(content) if content else b"", headers)


def tree(entries: Iterable[tuple[str, str]]) -> dict[str, object]:
    """What paths lead to, as JSON has it; lists where all steps are digits. ValueError when two do not go together."""
    root: dict[str, object] = {}
    for path, text in entries:
        *steps, last = path.split(".")
        at = root
        for step in steps:
            inner = at.setdefault(step, {})
            if not isinstance(inner, dict):
                raise ValueError(f"{path}: another path ends on its way")  # noqa: TRY004 - it is what was written
            at = inner
        if last in at:
            raise ValueError(f"{path}: another path goes through it")
        at[last] = text
    return {name: _with_lists(inner) for name, inner in root.items()}


def _with_lists(node: object) -> object:
    if not isinstance(node, dict):
        return node
    inner = {step: _with_lists(one) for step, one in node.items()}
    return [inner[step] for step in sorted(inner, key=int)] if all(map(str.isdecimal, inner)) else inner


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
    kind = _first(content, reading.kind).lower()
    if kind and kind not in reading.mobile:
        return Answer(Said.UNKNOWN, source)
    ported = _ported(_first(content, reading.ported))
    key, brand = names.find(_names(reading, content))
    as_of = _moment(_first(content, reading.as_of))
    if reading.original and ported is not Ported.NO:
        return Answer(Said.UNKNOWN, source)
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
