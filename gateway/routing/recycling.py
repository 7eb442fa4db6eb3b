"""CAMARA Number Recycling: did a number change hands since a date? The request as octets, and what an answer means."""

import re
from datetime import date
from enum import Enum
from typing import NamedTuple

import orjson

PATH = "/check"
NOT_THIS_OPERATORS = "IDENTIFIER_NOT_FOUND"

_DATE = re.compile(rb"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")


class Outcome(Enum):
    """What is known of the number's owner."""

    SAME = "same"
    CHANGED = "changed"
    CANNOT_TELL = "cannot tell"


class Check(NamedTuple):
    """A number, and the date at which the customer knew its owner."""

    e164: bytes
    since: date


class Checked(NamedTuple):
    """`answered`: the service did its work, so that the check is billed. `elsewhere`: another operator's number."""

    outcome: Outcome
    answered: bool
    elsewhere: bool = False


NO_ANSWER = Checked(Outcome.CANNOT_TELL, answered=False)


def body(check: Check) -> bytes:
    """The JSON of `POST {api root}/check`."""
    return orjson.dumps({"phoneNumber": f"+{check.e164.decode('ascii')}", "specifiedDate": check.since.isoformat()})


def read(status: int, octets: bytes) -> Checked | None:
    """What a response means; None when it is none of the interface's, or says that we may not ask.

    404 IDENTIFIER_NOT_FOUND: the number is another operator's; 422: the service cannot be applied to it. Both are
    answers. What the request is at fault for (400, 401, 403) is no answer to the check.
    """
    try:
        content = orjson.loads(octets)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(content, dict):
        return None
    if status == 200:
        recycled = content.get("phoneNumberRecycled")
        if not isinstance(recycled, bool):
            return None
        return Checked(Outcome.CHANGED if recycled else Outcome.SAME, answered=True)
    if status == 404 and content.get("code") == NOT_THIS_OPERATORS:
        return Checked(Outcome.CANNOT_TELL, answered=True, elsewhere=True)
    if status == 422:
        return Checked(Outcome.CANNOT_TELL, answered=True)
    return None


def read_date(octets: bytes, today: date) -> date:
    """A customer's date out of an optional parameter: `YYYYMMDD` or `YYYY-MM-DD`, a NUL behind it is passed over.

    ValueError for what is no date, or lies ahead.
    """
    match = _DATE.fullmatch(octets.rstrip(b"\0"))
    if match is None:
        raise ValueError("a date is written YYYYMMDD or YYYY-MM-DD")
    since = date(*map(int, match.groups()))
    if since > today:
        raise ValueError("the date lies ahead")
    return since
