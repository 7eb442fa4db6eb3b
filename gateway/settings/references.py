"""What one part of the configuration says of another: names that must lead somewhere, and names that only one may have.

It looks at the values as they are written, so that dangling names are told beside every other mistake, in one run.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from gateway.routing.blocks import library_names
from gateway.settings.lookup_references import lookup_references
from gateway.settings.routing_references import routing_references
from gateway.settings.tree import Where
from gateway.settings.wording import meant


class Dangling(NamedTuple):
    """A reference that is wrong, at the path of its key."""

    where: Where
    message: str


def references(top: Mapping[str, object]) -> Iterator[Dangling]:
    """Every wrong reference in a configuration, which may be wrong in any other way as well."""
    profiles = _mapping(top.get("carriers"))
    routes = _mapping(top.get("routes"))
    tariffs = _mapping(top.get("tariffs"))
    portability = _mapping(top.get("portability"))
    customers = _mapping(top.get("customers"))
    for name, customer in customers.items():
        tariff = _mapping(customer).get("tariff")
        if isinstance(tariff, str) and tariff not in tariffs:
            yield Dangling(("customers", name, "tariff"), _no_such("tariff", tariff, tariffs))
        yield from _later_tariffs(name, customer, tariffs)
        yield from _notices(name, customer, profiles, mailed=bool(_mapping(top.get("notices")).get("mail")))
    for name, profile in routes.items():
        if isinstance(profile, str) and profile not in profiles:
            yield Dangling(("routes", name), _no_such("profile in `carriers`", profile, profiles))
    names = _mapping(portability.get("library_names"))
    for name, carrier in names.items():
        if isinstance(carrier, str) and carrier not in profiles and carrier not in routes:
            where = ("portability", "library_names", name)
            yield Dangling(where, _no_such("profile and no route", carrier, (*profiles, *routes)))
    yield from _library(names, _mapping(top.get("numbers")).get("country_code"))
    yield from _shared_system_ids(customers)
    yield from _shared_numbers(customers)
    yield from (Dangling(where, message) for where, message in lookup_references(top))
    yield from (Dangling(where, message) for where, message in routing_references(top))


def _later_tariffs(name: str, customer: object, tariffs: Mapping[str, object]) -> Iterator[Dangling]:
    later = _mapping(_mapping(customer).get("billing")).get("tariffs")
    for place, one in enumerate(later if isinstance(later, list | tuple) else ()):
        tariff = _mapping(one).get("tariff")
        if isinstance(tariff, str) and tariff not in tariffs:
            where = ("customers", name, "billing", "tariffs", place, "tariff")
            yield Dangling(where, _no_such("tariff", tariff, tariffs))


def _notices(name: str, customer: object, profiles: Mapping[str, object], *, mailed: bool) -> Iterator[Dangling]:
    notices = _mapping(customer).get("notices")
    if notices is not None and not mailed:
        yield Dangling(("customers", name, "notices"), "nobody is mailed: there is no `notices.mail`")
    carriers = _mapping(notices).get("carriers")
    for place, one in enumerate(carriers if isinstance(carriers, list | tuple) else ()):
        if isinstance(one, str) and one not in profiles:
            where = ("customers", name, "notices", "carriers", place)
            yield Dangling(where, _no_such("profile in `carriers`", one, profiles))


def _library(names: Mapping[str, object], country_code: object) -> Iterator[Dangling]:
    if not isinstance(country_code, str) or not names:
        return
    known = library_names(country_code)
    for name in names:
        if name not in known:
            message = f"the library's table has no such name in this country{meant(name, known)}"
            yield Dangling(("portability", "library_names", name), message)


def _shared_system_ids(customers: Mapping[str, object]) -> Iterator[Dangling]:
    owners: dict[str, str] = {}
    for name, customer in customers.items():
        system_id = _mapping(customer).get("system_id")
        if not isinstance(system_id, str):
            continue
        owner = owners.setdefault(system_id, name)
        if owner != name:
            yield Dangling(("customers", name, "system_id"), f"is customer {owner}'s already")


def _no_such(kind: str, written: str, known: Iterable[str]) -> str:
    return f"there is no {kind} of this name{meant(written, known)}"


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _shared_numbers(customers: Mapping[str, object]) -> Iterator[Dangling]:
    owners: dict[str, str] = {}
    for name, customer in customers.items():
        numbers = _mapping(customer).get("numbers")
        for place, number in enumerate(numbers if isinstance(numbers, list | tuple) else ()):
            if isinstance(number, str) and owners.setdefault(number, name) != name:
                yield Dangling(("customers", name, "numbers", place), f"is customer {owners[number]!r}'s already")
