"""What the product needs at run time: distributions, and their files, each as its hash says."""

import base64
import hashlib
import shutil
from collections.abc import Iterator
from importlib.metadata import Distribution, PackagePath, distribution
from pathlib import Path

from packaging.requirements import Requirement

PRODUCT = "smpp-gateway"


class NotAsInstalledError(Exception):
    """A file is not what its distribution brought."""


def closure(name: str) -> dict[str, Distribution]:
    """All distributions that this one needs, by name, without itself."""
    found: dict[str, Distribution] = {}
    asked = {(name, "")}
    queue = [(name, "")]
    for wanted, extra in queue:  # it grows meanwhile
        one = distribution(wanted)
        if wanted != name:
            found[wanted] = one
        for text in one.requires or ():
            requirement = Requirement(text)
            if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
                continue
            for following in ("", *requirement.extras):
                step = (requirement.name.lower().replace("_", "-"), following)
                if step not in asked:
                    asked.add(step)
                    queue.append(step)
    return found


def copy(one: Distribution, to: Path) -> None:
    """Its files, without commands and compiled bytecode. NotAsInstalledError when one was changed."""
    for file in _files(one):
        octets = Path(str(file.locate())).read_bytes()
        if file.hash is not None:
            digest = base64.urlsafe_b64encode(hashlib.new(file.hash.mode, octets).digest()).rstrip(b"=").decode()
            if digest != file.hash.value:
                raise NotAsInstalledError(f"{file} is not as {one.metadata['Name']} {one.version} brought it")
        target = to / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(octets)


def _files(one: Distribution) -> Iterator[PackagePath]:
    for file in one.files or ():
        outside = ".." in file.parts or file.is_absolute()
        if not outside and file.suffix != ".pyc" and file.name not in {"INSTALLER", "REQUESTED", "direct_url.json"}:
            yield file


def licenses(found: dict[str, Distribution]) -> str:
    """Name, version and license of each, a paragraph."""
    lines = []
    for name, one in sorted(found.items()):
        said = _said(one, "License-Expression") or _classified(one) or _said(one, "License") or "see its files"
        lines.append(f" {name} {one.version}: {said.splitlines()[0][:80]}")
    return "\n".join(lines)


def _said(one: Distribution, key: str) -> str:
    return str(one.metadata[key]) if key in one.metadata else ""


def _classified(one: Distribution) -> str:
    known = [line.rsplit(" :: ", 1)[1] for line in one.metadata.get_all("Classifier", ()) if line.startswith("License")]
    return ", ".join(known)


def clear(directory: Path) -> Path:
    """An empty directory in the place of whatever was there."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory
