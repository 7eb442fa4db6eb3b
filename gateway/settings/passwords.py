"""Passwords: written in place, or better, read from a file, the environment or systemd's credentials. Never shown."""

import os
import re
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, GetJsonSchemaHandler, RootModel, SecretStr, model_validator
from pydantic_core import CoreSchema

# C-octet string of SMPP 3.4, section 4.1.1, without the closing NUL.
MAX_PASSWORD_OCTETS = 8
PASSWORD = re.compile(rf"[!-~]{{1,{MAX_PASSWORD_OCTETS}}}")

# A password file that is longer holds something else.
MAX_FILE_OCTETS = 1_024
SECRET = re.compile(rf"[!-~]{{1,{MAX_FILE_OCTETS}}}")

SOURCES = ("file", "env", "credential")

# A hash is known by how it begins; no password of SMPP is as long as this.
HASH_BEGINS = "$argon2id$"
WHOLE_HASH = re.compile(
    r"\$argon2id\$v=19\$m=([1-9]\d{0,8}),t=([1-9]\d{0,3}),p=([1-9]\d{0,2})\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{16,86}"
)
HASH = "argon2"
# What a hash may cost to check, so that one line of a configuration cannot stop the house.
MOST_MEMORY_KIB, MOST_PASSES, MOST_LANES = 65_536, 10, 4
CREDENTIAL_NAME = re.compile(r"[0-9A-Za-z._-]{1,255}")


class Password(RootModel[SecretStr]):
    """A password, whatever its source. `reveal` gives it out; nothing prints it."""

    model_config = ConfigDict(frozen=True, strict=False)

    @model_validator(mode="before")
    @classmethod
    def _resolve(cls, written: object) -> object:
        secret = written if isinstance(written, str) else _fetch(written)
        if not PASSWORD.fullmatch(secret):
            raise ValueError(f"a password has 1 to {MAX_PASSWORD_OCTETS} printable ASCII characters and no space")
        return SecretStr(secret)

    def reveal(self) -> str:
        """The password itself: for a bind, and for comparing with one."""
        return self.root.get_secret_value()

    @classmethod
    def __get_pydantic_json_schema__(cls, _: CoreSchema, __: GetJsonSchemaHandler) -> dict[str, Any]:
        return _schema(SOURCES, MAX_PASSWORD_OCTETS)


class PasswordOrHash(RootModel[SecretStr]):
    """What a customer's password is judged by: the password itself, or better, its argon2id hash. Nothing prints it."""

    model_config = ConfigDict(frozen=True, strict=False)

    @model_validator(mode="before")
    @classmethod
    def _resolve(cls, written: object) -> object:
        if isinstance(written, dict) and len(written) == 1 and isinstance(written.get(HASH), str):
            secret = str(written[HASH])
            if not secret.startswith(HASH_BEGINS):
                raise ValueError(f"a hash begins with {HASH_BEGINS}: `smpp-gateway hash-password` makes one")
        else:
            secret = written if isinstance(written, str) else _fetch(written, (*SOURCES, HASH))
        if secret.startswith(HASH_BEGINS):
            _judge_hash(secret)
        elif not PASSWORD.fullmatch(secret):
            raise ValueError(f"a password has 1 to {MAX_PASSWORD_OCTETS} printable ASCII characters and no space")
        return SecretStr(secret)

    @property
    def hashed(self) -> bool:
        """Whether `reveal` gives out a hash."""
        return self.reveal().startswith(HASH_BEGINS)

    def reveal(self) -> str:
        """The password or the hash."""
        return self.root.get_secret_value()

    @classmethod
    def __get_pydantic_json_schema__(cls, _: CoreSchema, __: GetJsonSchemaHandler) -> dict[str, Any]:
        return _schema((*SOURCES, HASH), MAX_FILE_OCTETS)


class Secret(RootModel[SecretStr]):
    """A token, or the password of a service over HTTP, whatever its source. `reveal` gives it out."""

    model_config = ConfigDict(frozen=True, strict=False)

    @model_validator(mode="before")
    @classmethod
    def _resolve(cls, written: object) -> object:
        secret = written if isinstance(written, str) else _fetch(written)
        if not SECRET.fullmatch(secret):
            raise ValueError(f"a secret has 1 to {MAX_FILE_OCTETS} printable ASCII characters and no space")
        return SecretStr(secret)

    def reveal(self) -> str:
        """The secret itself."""
        return self.root.get_secret_value()

    @classmethod
    def __get_pydantic_json_schema__(cls, _: CoreSchema, __: GetJsonSchemaHandler) -> dict[str, Any]:
        return _schema(SOURCES, MAX_FILE_OCTETS)


def _schema(sources: tuple[str, ...], longest: int) -> dict[str, Any]:
    mappings = [
        {"type": "object", "properties": {one: {"type": "string"}}, "required": [one], "additionalProperties": False}
        for one in sources
    ]
    return {"anyOf": [{"type": "string", "minLength": 1, "maxLength": longest}, *mappings]}


def _judge_hash(written: str) -> None:
    """ValueError, without a word of the hash, for one that cannot be checked or costs too much to check."""
    match = WHOLE_HASH.fullmatch(written)
    if match is None:
        raise ValueError("this is no argon2id hash: `smpp-gateway hash-password` makes one")
    memory, passes, lanes = map(int, match.groups())
    if memory > MOST_MEMORY_KIB or passes > MOST_PASSES or lanes > MOST_LANES:
        most = f"{MOST_MEMORY_KIB} KiB, {MOST_PASSES} passes and {MOST_LANES} lanes"
        raise ValueError(f"this hash costs too much to check: at most {most}")


def _fetch(written: object, known: tuple[str, ...] = SOURCES) -> str:
    """The secret that a mapping points to. What is wrong is said without a word of what was written."""
    if not isinstance(written, dict) or len(written) != 1:
        raise ValueError(f"must be text in quotes, or a mapping with one of: {', '.join(known)}")
    (source, where), *_ = written.items()
    if source not in SOURCES or not isinstance(where, str):
        raise ValueError(f"must be text in quotes, or a mapping with one of: {', '.join(known)}")
    if source == "env":
        return _from_environment(where)
    return _from_file(Path(where) if source == "file" else _credential(where))


def _from_environment(name: str) -> str:
    secret = os.environ.get(name)
    if secret is None:
        raise ValueError("this environment variable is not set")
    return secret


def _credential(name: str) -> Path:
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    if directory is None:
        raise ValueError("no credentials are there: $CREDENTIALS_DIRECTORY is not set (systemd sets it)")
    if not CREDENTIAL_NAME.fullmatch(name) or name in {".", ".."}:
        raise ValueError("a credential's name is a plain file name")
    return Path(directory, name)


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            octets = file.read(MAX_FILE_OCTETS + 1)
    except OSError as error:
        raise ValueError(f"the file {path} cannot be read: {error.strerror}") from None
    if len(octets) > MAX_FILE_OCTETS:
        raise ValueError(f"the file {path} is longer than {MAX_FILE_OCTETS} octets: that is no password")
    return octets.decode("ascii", "replace").rstrip("\r\n")
