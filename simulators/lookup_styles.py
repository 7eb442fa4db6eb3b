"""How several look-up services word what they know of a number, from their documents."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from pydantic import Field

from simulators.sections import Section


class Entry(Section):
    """What a service knows of a number."""

    name: str = ""
    mcc: str = ""
    mnc: str = ""
    ported: bool | None = None
    as_of: str = ""
    kind: str = Field(default="mobile", description="What sort of number it is, for services that tell it.")
    recycled: bool | None = Field(default=None, description="Changed hands since the date; null: cannot be told.")
    since: str = Field(default="", description="With `recycled`: true only for dates before this one.")


Style: TypeAlias = Callable[[str, Entry], object]


def plain(number: str, one: Entry) -> object:
    """`GET /plain/NUMBER`."""
    return {"number": number, "brand": one.name, "mccmnc": one.mcc + one.mnc, "ported": one.ported, "as_of": one.as_of}


def seven(number: str, one: Entry) -> object:
    """As seven.io answers a look-up of ported numbers."""
    mnp = {"number": number, "network": one.name or None, "mccmnc": one.mcc + one.mnc, "isPorted": one.ported}
    return {"success": True, "mnp": mnp}


def seven_hlr(number: str, one: Entry) -> object:
    """As seven.io answers an HLR look-up."""
    carrier = {"network_code": one.mcc + one.mnc, "name": one.name, "network_type": one.kind}
    ported = "unknown" if one.ported is None else "ported" if one.ported else "not_ported"
    return {"status": True, "international_format_number": number, "current_carrier": carrier, "ported": ported}


def sinch(number: str, one: Entry) -> object:
    """As Sinch's second version answers."""
    line = {
        "carrier": one.name,
        "mobileCountryCode": one.mcc,
        "mobileNetworkCode": one.mnc,
        "ported": one.ported,
        "portingDate": one.as_of or None,
    }
    return {"number": f"+{number}", "line": line}


def tmt(number: str, one: Entry) -> object:
    """As TMT's live look-up answers: by number."""
    return {number: {"network": one.name, "mcc": one.mcc, "mnc": one.mnc, "ported": one.ported, "error": 0}}


def tmt_velocity(number: str, one: Entry) -> object:
    """As TMT's velocity look-up answers: by number, both carriers."""
    carrier = {"name": one.name, "mcc": one.mcc, "mnc": one.mnc, "spid": "", "ocn": "", "lrn": ""}
    return {number: {"number": number, "current_carrier": carrier, "ported": one.ported, "status": 0, "type": one.kind}}


def telnyx(number: str, one: Entry) -> object:
    """As Telnyx answers for a carrier look-up; its part about portability is for North America."""
    carrier = {"name": one.name, "mobile_country_code": one.mcc, "mobile_network_code": one.mnc, "type": one.kind}
    status = {None: "", True: "Y", False: "N"}[one.ported]
    portability = {"ported_status": status, "ported_date": one.as_of, "spid": None, "lrn": ""}
    return {"data": {"phone_number": f"+{number}", "carrier": carrier, "portability": portability}}


def twilio(number: str, one: Entry) -> object:
    """As Twilio's second version answers, line type intelligence."""
    line = {
        "carrier_name": one.name,
        "mobile_country_code": one.mcc,
        "mobile_network_code": one.mnc,
        "type": one.kind,
        "error_code": None,
    }
    return {"phone_number": f"+{number}", "valid": True, "line_type_intelligence": line}


def ovh(_: str, one: Entry) -> object:
    """As OVH answers: both codes in one text."""
    return {"operatorCode": f"{one.mcc},{one.mnc}", "ported": one.ported, "valid": True}


def hlr_lookups(number: str, one: Entry) -> object:
    """As HLR-lookups.com answers for portability."""
    return {
        "msisdn": f"+{number}",
        "query_status": "OK",
        "mccmnc": one.mcc + one.mnc,
        "mcc": one.mcc,
        "mnc": one.mnc,
        "is_ported": one.ported,
        "ported_network_name": one.name if one.ported else None,
        "original_network_name": None if one.ported else one.name,
        "error_code": None,
        "timestamp": one.as_of,
    }


def hlr_lookups_nt(number: str, one: Entry) -> object:
    """As HLR-lookups.com answers for the type of a number: the network is that of its block."""
    return {
        "number": f"+{number}",
        "number_type": one.kind.upper(),
        "query_status": "OK",
        "is_valid": True,
        "is_possibly_ported": one.ported is not False,
        "mccmnc": one.mcc + one.mnc or None,
        "mcc": one.mcc or None,
        "mnc": one.mnc or None,
        "original_network_name": one.name or None,
        "timestamp": one.as_of,
    }


def hlrlookup(number: str, one: Entry) -> object:
    """As hlrlookup.com answers for one number of a request."""
    details = {"name": one.name, "mccmnc": one.mcc + one.mnc}
    found = bool(one.mcc or one.name)
    return {
        "error": "NONE",
        "detected_telephone_number": number,
        "live_status": "LIVE",
        "original_network": "NOT_AVAILABLE",
        "current_network": "AVAILABLE" if found else "NOT_AVAILABLE",
        **({"current_network_details": details} if found else {}),
        "is_ported": {None: "UNKNOWN", True: "YES", False: "NO"}[one.ported],
        "timestamp": one.as_of,
        "telephone_number_type": one.kind.upper(),
    }


def alibaba(_: str, one: Entry) -> object:
    """As Alibaba Cloud's DescribeNumberMccMnc answers."""
    data = {"Mcc": one.mcc, "Mnc": one.mnc, "Ported": bool(one.ported), "CountryIso3": "JPN"}
    return {"Code": "OK", "Message": "OK", "RequestId": "0", "Data": data}


STYLES: Mapping[str, Style] = {
    "plain": plain,
    "seven": seven,
    "seven-hlr": seven_hlr,
    "sinch": sinch,
    "tmt": tmt,
    "tmt-velocity": tmt_velocity,
    "telnyx": telnyx,
    "twilio": twilio,
    "ovh": ovh,
    "hlr-lookup": hlr_lookups,
    "nt-lookup": hlr_lookups_nt,
    "hlrlookup": hlrlookup,
    "alibaba": alibaba,
}
