"""The file of imported numbers while the gateway runs: asked by messages, exchanged when another takes its name."""

import os
from collections.abc import Mapping
from pathlib import Path

from gateway.model.values import Ported, Serving
from gateway.routing.ported_file import NotAPortedFile, PortedFile
from gateway.routing.tables import NOBODY

BY_IMPORTED = "imported numbers"

_Stamp = tuple[int, int, int, int]


class ImportedNumbers:
    """`refresh` is called about once a second and costs one stat. `trouble` says why a file is not taken."""

    __slots__ = ("_file", "_stamp", "away", "changes", "path", "returned", "trouble")

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: PortedFile | None = None
        self._stamp: _Stamp | None = None
        self.away: Mapping[str, Serving | None] = {}
        self.returned: Mapping[str, Serving | None] = {}
        self.trouble = "there is no file"
        self.changes = 0
        self.refresh()

    def __len__(self) -> int:
        return 0 if self._file is None else len(self._file)

    @property
    def made_at(self) -> int:
        """When the file that is asked was imported, ms since 1970; 0: there is none."""
        return 0 if self._file is None else self._file.made_at

    @property
    def there(self) -> bool:
        """Whether there is a file that can be asked."""
        return self._file is not None

    def refresh(self) -> bool:
        """Take the file that bears the name now. Whether it is another one than before.

        One that cannot be used is not taken: the one before goes on, and `trouble` says why.
        """
        stamp = self._read_stamp()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        if stamp is None:
            self.trouble = "the file is gone; what was read before is used on" if self.there else "there is no file"
            return False
        try:
            file = PortedFile(self.path)
        except NotAPortedFile as error:
            self.trouble = str(error)
            return False
        except OSError as error:
            self.trouble = f"the file cannot be read: {error.strerror}"
            return False
        self.trouble = ""
        self.changes += 1
        self._file = file
        self.away, self.returned = (
            {one: None if one == NOBODY else Serving(one, ported, BY_IMPORTED, file.made_at) for one in file.carriers()}
            for ported in (Ported.YES, Ported.NO)
        )
        return True

    def carrier(self, e164: bytes) -> str | None:
        """Who serves the number now, or NOBODY; None when it is not in the file."""
        return None if self._file is None else self._file.carrier(e164)

    def _read_stamp(self) -> _Stamp | None:
        try:
            found = os.stat(self.path)  # noqa: PTH116 - a third of the time of Path's, once a tick
        except OSError:
            return None
        return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size
