"""Reads the vectors beside it: `[name]`, then lines of hexadecimal octets with comments behind #."""

from pathlib import Path

HERE = Path(__file__).parent


def load(file: str) -> dict[str, bytes]:
    """The frames of a file by name."""
    frames: dict[str, bytes] = {}
    name = ""
    for line in (HERE / file).read_text(encoding="ascii").splitlines():
        octets = line.partition("#")[0].strip()
        if octets.startswith("["):
            name = octets.strip("[]")
            assert name not in frames, name
            frames[name] = b""
        elif octets:
            frames[name] += bytes.fromhex(octets)
    return frames
