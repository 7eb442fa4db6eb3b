"""What routes, rules and sources say of other parts of the configuration: names that must lead somewhere.

Like `gateway/settings/references.py` it looks at the values as they are written.
"""

from collections.abc import Iterable, Iterator, Mapping

from pydantic import ValidationError

from gateway.settings.models import NumberSettings
from gateway.settings.tree import Where
from gateway.settings.wording import meant

Found = tuple[Where, str]


def routing_references(top: Mapping[str, object]) -> Iterator[Found]:
    """The path and the message of every wrong reference."""
    routing = _mapping(top.get("routing"))
    profiles = _mapping(top.get("carriers"))
    customers = _mapping(top.get("customers"))
    routes = _mapping(routing.get("routes"))
    carriers = [*profiles, *_mapping(top.get("routes")), *served(top)]
    for key, route in routes.items():
        where: Where = ("routing", "routes", key)
        yield from _known((where, key), "profile in `carriers`", profiles)
        for name in _mapping(_mapping(route).get("senders")):
            yield from _known(((*where, "senders", name), name), "customer", customers)
        for name in _mapping(_mapping(route).get("unit_yen_of")):
            yield from _known(((*where, "unit_yen_of", name), name), "carrier", carriers)
    rules = routing.get("rules")
    for at, rule in enumerate(rules if isinstance(rules, list | tuple) else ()):
        yield from _rule(("routing", "rules", at), _mapping(rule), profiles, customers, carriers)
        yield from _prefixes(("routing", "rules", at, "prefixes"), _mapping(rule).get("prefixes"), top)
    yield from _sources(top, carriers)


def served(top: Mapping[str, object]) -> set[str]:
    """The carriers that aggregators serve."""
    routes = _mapping(_mapping(top.get("routing")).get("routes"))
    return {one for route in routes.values() for _, one in _texts(_mapping(route).get("serves"))}


def _rule(
    where: Where,
    rule: Mapping[str, object],
    profiles: Iterable[str],
    customers: Iterable[str],
    carriers: Iterable[str],
) -> Iterator[Found]:
    for at, name in _texts(rule.get("customers")):
        yield from _known(((*where, "customers", at), name), "customer", customers)
    for at, name in _texts(rule.get("carriers")):
        yield from _known(((*where, "carriers", at), name), "carrier", carriers)
    routes = rule.get("routes")
    for at, route in enumerate(routes if isinstance(routes, list | tuple) else ()):
        key = _mapping(route).get("to")
        if isinstance(key, str):
            yield from _known(((*where, "routes", at, "to"), key), "profile in `carriers`", profiles)


def _prefixes(where: Where, written: object, top: Mapping[str, object]) -> Iterator[Found]:
    try:
        rules = NumberSettings.model_validate(top.get("numbers")).rules()
    except ValidationError:
        return  # what is wrong with it is told elsewhere
    for at, prefix in _texts(written):
        try:
            rules.prefix(prefix)
        except ValueError as error:
            yield (*where, at), str(error)


def _sources(top: Mapping[str, object], carriers: Iterable[str]) -> Iterator[Found]:
    portability = _mapping(top.get("portability"))
    for code, carrier in _mapping(portability.get("file_carriers")).items():
        if isinstance(carrier, str):
            yield from _known((("portability", "file_carriers", code), carrier), "carrier", carriers)
    for section, key in (("portability", "customer_tlv"), ("routing", "kind_tlv")):
        tlv = _mapping(top.get(section)).get(key)
        if isinstance(tlv, str):
            yield from _known(((section, key), tlv), "parameter in `tlvs`", _mapping(top.get("tlvs")))


def _known(named: Found, kind: str, known: Iterable[str]) -> Iterator[Found]:
    where, name = named
    if name not in known:
        yield where, f"there is no {kind} of this name{meant(name, known)}"


def _texts(written: object) -> Iterator[tuple[int, str]]:
    for at, one in enumerate(written if isinstance(written, list | tuple) else ()):
        if isinstance(one, str):
            yield at, one


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
