"""What look-ups and checks say of other parts of the configuration: carriers that must have a way, names of parameters.

Like `gateway/settings/references.py` it looks at the values as they are written.
"""

from collections.abc import Iterator, Mapping

from gateway.settings.tree import Where
from gateway.settings.wording import meant


def lookup_references(top: Mapping[str, object]) -> Iterator[tuple[Where, str]]:
    """The path and the message of every wrong reference."""
    carriers = {*_mapping(top.get("carriers")), *_mapping(top.get("routes")), *_served(top)}
    lookups = _mapping(top.get("lookups"))
    for kind in ("enum", "http"):
        for name, source in _mapping(lookups.get(kind)).items():
            for called, carrier in _mapping(_mapping(source).get("carriers")).items():
                if isinstance(carrier, str) and carrier not in carriers:
                    yield ("lookups", kind, name, "carriers", called), _nobody(carrier, carriers)
    yield from _recycling(top, carriers)
    yield from _checks(top)


def _served(top: Mapping[str, object]) -> Iterator[str]:
    """Carriers and brands that an aggregator takes."""
    for route in _mapping(_mapping(top.get("routing")).get("routes")).values():
        serves = _mapping(route).get("serves")
        yield from (one for one in (serves if isinstance(serves, list | tuple) else ()) if isinstance(one, str))


def _recycling(top: Mapping[str, object], carriers: set[str]) -> Iterator[tuple[Where, str]]:
    for name, service in _mapping(_mapping(top.get("recycling")).get("services")).items():
        named = _mapping(service).get("carriers")
        for place, carrier in enumerate(named if isinstance(named, list | tuple) else ()):
            if isinstance(carrier, str) and carrier not in carriers:
                yield ("recycling", "services", name, "carriers", place), _nobody(carrier, carriers)


def _checks(top: Mapping[str, object]) -> Iterator[tuple[Where, str]]:
    tlvs = _mapping(top.get("tlvs"))
    for name, customer in _mapping(top.get("customers")).items():
        written = _mapping(customer).get("recipient_check")
        if not isinstance(written, dict):
            continue
        if not top.get("recycling"):
            yield ("customers", name, "recipient_check"), "nobody can be asked: there is no section `recycling`"
        tlv = written.get("since_tlv")
        if isinstance(tlv, str) and tlv not in tlvs:
            where = ("customers", name, "recipient_check", "since_tlv")
            yield where, f"there is no parameter in `tlvs` of this name{meant(tlv, tlvs)}"


def _nobody(carrier: str, carriers: set[str]) -> str:
    return f"there is no profile and no route of this name{meant(carrier, carriers)}"


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
