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

SOURCES = ("file", "env", "credential")
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
        sources = [
            {
                "type": "object",
                "properties": {source: {"type": "string"}},
                "required": [source],
                "additionalProperties": False,
            }
            for source in SOURCES
        ]
        return {"anyOf": [{"type": "string", "minLength": 1, "maxLength": MAX_PASSWORD_OCTETS}, *sources]}


def _fetch(written: object) -> str:
    """The secret that a mapping points to. What is wrong is said without a word of what was written."""
    if not isinstance(written, dict) or len(written) != 1:
        raise ValueError(f"must be text in quotes, or a mapping with one of: {', '.join(SOURCES)}")
    (source, where), *_ = written.items()
    if source not in SOURCES or not isinstance(where, str):
        raise ValueError(f"must be text in quotes, or a mapping with one of: {', '.join(SOURCES)}")
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
