"""requirements.lock is whole: exact versions with hashes, no index, all that is asked for and all that it needs."""

import importlib.metadata
import re
import tomllib
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.house.tree import ROOT

LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


class Pin(NamedTuple):
    """One package of the lock."""

    name: str
    version: Version
    hashes: int
    applies: bool


def pins(lock: str) -> dict[str, Pin]:
    """By canonical name. ValueError for a line that is no exact pin with hashes."""
    found: dict[str, Pin] = {}
    without_comments = "\n".join(line for line in lock.splitlines() if not line.lstrip().startswith("#"))
    for entry in without_comments.replace("\\\n", " ").splitlines():
        if not entry.strip():
            continue
        spec, *options = entry.split(" --")
        requirement = Requirement(spec.strip())
        (only,) = requirement.specifier
        if only.operator != "==" or "*" in only.version or requirement.url:
            raise ValueError(f"{spec} is no exact version")
        if not options or not all(HASH.fullmatch(f"--{option.strip()}") for option in options):
            raise ValueError(f"{requirement.name} has no hashes, or options that are none")
        name = canonicalize_name(requirement.name)
        applies = requirement.marker is None or requirement.marker.evaluate()
        found[name] = Pin(name, Version(only.version), len(options), applies)
    return found


PINS = pins(LOCK)
ASKED = [
    Requirement(one)
    for one in [
        *PROJECT["project"]["dependencies"],
        *PROJECT["dependency-groups"]["dev"],
        *PROJECT["build-system"]["requires"],
    ]
]


def test_every_package_has_an_exact_version_and_hashes() -> None:
    assert len(PINS) > 20
    assert all(pin.hashes >= 1 for pin in PINS.values())


def test_no_index_and_no_address_is_named() -> None:
    assert not re.search(r"https?:|index-url|find-links|trusted-host|file:|@ ", LOCK)


@pytest.mark.parametrize("requirement", ASKED, ids=str)
def test_what_the_project_asks_for_is_pinned_within_its_bounds(requirement: Requirement) -> None:
    pin = PINS[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(pin.version)


@pytest.mark.parametrize("name", [pin.name for pin in PINS.values() if pin.applies])
def test_what_a_package_needs_is_pinned_too(name: str) -> None:
    for line in importlib.metadata.requires(name) or []:
        needed = Requirement(line)
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            pin = PINS.get(canonicalize_name(needed.name))
            assert pin is not None, f"{name} needs {needed.name}"
            assert needed.specifier.contains(pin.version)


def test_what_is_installed_is_what_the_lock_says() -> None:
    installed = {pin.name: Version(importlib.metadata.version(pin.name)) for pin in PINS.values() if pin.applies}
    assert installed == {pin.name: pin.version for pin in PINS.values() if pin.applies}


@pytest.mark.parametrize(
    "lock",
    [
        "click>=8.1 \\\n    --hash=sha256:" + "0" * 64,
        "click==8.1",
        "click==8.* \\\n    --hash=sha256:" + "0" * 64,
        "click==8.1 \\\n    --hash=md5:" + "0" * 32,
        "click==8.1 \\\n    --hash=sha256:" + "0" * 64 + " --index-url=x",
    ],
)
def test_the_judge_sees_what_is_wrong(lock: str) -> None:
    with pytest.raises(ValueError, match=r"exact version|hashes|Invalid"):
        pins(lock)
