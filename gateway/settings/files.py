"""All files of a configuration as one tree: the first one, and those that it and they include."""

from pathlib import Path

from gateway.settings.tree import Mistake, Position, Tree, Where, read_tree, shown

MOST_FILES = 10_000

# Sections whose entries may stand in several files; every other key stands in one.
SPREAD = frozenset({"carriers", "customers", "routes", "tariffs"})

# Names of files within the configuration are relative to the file that names them.
FILE_NAMES: tuple[tuple[str, ...], ...] = (
    ("portability", "ported_files", "*"),
    ("portability", "block_files", "*"),
    ("portability", "imported_file"),
    ("customers", "*", "password", "file"),
    ("customers", "*", "passwords", "*", "file"),
    ("customers", "*", "outbind", "password", "file"),
    ("listen", "*", "tls", "certificate"),
    ("listen", "*", "tls", "key"),
    ("listen", "*", "tls", "client_ca"),
    ("lookups", "http", "*", "ca"),
    ("lookups", "http", "*", "login", "secret", "file"),
    ("lookups", "http", "*", "secrets", "*", "file"),
    ("notices", "mail", "servers", "*", "ca"),
    ("notices", "mail", "servers", "*", "password", "file"),
    ("notices", "webhooks", "*", "ca"),
    ("notices", "webhooks", "*", "secret", "file"),
    ("recycling", "services", "*", "ca"),
    ("recycling", "services", "*", "login", "secret", "file"),
    ("carriers", "*", "binds", "*", "password", "file"),
    ("carriers", "*", "binds", "*", "outbind", "password", "file"),
    ("carriers", "*", "binds", "*", "tls", "ca"),
    ("carriers", "*", "binds", "*", "tls", "certificate"),
    ("carriers", "*", "binds", "*", "tls", "key"),
)


class Written:
    """What all files say together, where each key stands, and what is wrong so far.

    `incomplete`: a file could not be read to the end, so what seems to be missing may be in it.
    """

    def __init__(self, path: Path) -> None:
        self.top: dict[str, object] = {}
        self.files = [path]
        self.mistakes: list[Mistake] = []
        self.incomplete = False
        self._positions: dict[Where, Position] = {}
        self._seen = {path.resolve()}
        for file in self.files:  # it grows meanwhile
            self._read(file)

    def position(self, where: Where) -> Position:
        """Where a key stands, or the nearest key above it."""
        for length in range(len(where), 0, -1):
            position = self._positions.get(where[:length])
            if position is not None:
                return position
        return Position(self.files[0], 1, 1)

    def mistake(self, where: Where, message: str) -> None:
        """Something is wrong with a key."""
        self.mistakes.append(Mistake(self.position(where), shown(where), message))

    def _read(self, file: Path) -> None:
        tree = read_tree(file)
        self.mistakes += tree.mistakes
        self.incomplete |= tree.broken
        value = {} if tree.value is None else tree.value
        if not isinstance(value, dict):
            self.incomplete = True
            self.mistakes.append(Mistake(Position(file, 1, 1), "", "a file must be a mapping of keys to values"))
            return
        for names in FILE_NAMES:
            value = {
                key: _anchored(one, file.parent, names[1:]) if key == names[0] else one for key, one in value.items()
            }
        self._include(value.get("include", ()), tree)
        self._merge(value, tree)

    def _merge(self, value: dict[str, object], tree: Tree) -> None:
        for key, one in value.items():
            there = self.top.get(key)
            if key == "include":
                self.top.setdefault(key, one)
            elif key not in self.top:
                self.top[key] = dict(one) if isinstance(one, dict) else one
            elif key in SPREAD and isinstance(there, dict) and isinstance(one, dict):
                self._spread(key, there, one, tree)
            else:
                self._twice((key,), tree)
        self._positions = tree.positions | self._positions

    def _spread(self, section: str, there: dict[str, object], more: dict[str, object], tree: Tree) -> None:
        for name, one in more.items():
            if name in there:
                self._twice((section, name), tree)
            else:
                there[name] = one

    def _twice(self, where: Where, tree: Tree) -> None:
        first = self.position(where)
        self.mistakes.append(
            Mistake(tree.positions[where], shown(where), f"is here for the second time; the first is {first}")
        )

    def _include(self, patterns: object, tree: Tree) -> None:
        if not isinstance(patterns, tuple):
            self.mistakes.append(Mistake(tree.positions["include",], "include", "must be a list"))
            return
        for index, pattern in enumerate(patterns):
            position = tree.positions.get(("include", index), tree.positions["include",])
            key = shown(("include", index))
            if not isinstance(pattern, str) or not pattern:
                self.mistakes.append(Mistake(position, key, "must be the name of a file, or a pattern"))
                continue
            try:
                found = _matching(tree.file.parent, pattern)
            except (OSError, ValueError) as error:
                self.mistakes.append(Mistake(position, key, f"cannot be looked for: {error}"))
                continue
            if not found and not _is_pattern(pattern):
                self.mistakes.append(Mistake(position, key, "there is no such file"))
                self.incomplete = True
            self._take_in(found, position, key)

    def _take_in(self, found: list[Path], position: Position, key: str) -> None:
        for file in found:
            if file.resolve() in self._seen:
                continue
            if len(self.files) == MOST_FILES:
                self.mistakes.append(Mistake(position, key, f"more than {MOST_FILES} files"))
                return
            self._seen.add(file.resolve())
            self.files.append(file)


def _is_pattern(name: str) -> bool:
    return any(sign in name for sign in "*?[")


def _matching(directory: Path, name: str) -> list[Path]:
    """The files that a name or a pattern means, in order."""
    path = directory / name
    if not _is_pattern(name):
        return [path] if path.is_file() else []
    anchor = Path(name).anchor
    found = Path(anchor).glob(name[len(anchor) :]) if anchor else directory.glob(name)
    return sorted(file for file in found if file.is_file())


def _anchored(value: object, directory: Path, names: tuple[str, ...]) -> object:
    """The value with every file's name at `names` made relative to what `directory` is relative to."""
    if not names:
        return str(directory / value) if isinstance(value, str) else value
    step, rest = names[0], names[1:]
    if isinstance(value, dict):
        return {key: _anchored(one, directory, rest) if step in (key, "*") else one for key, one in value.items()}
    if isinstance(value, tuple) and step == "*":
        return tuple(_anchored(one, directory, rest) for one in value)
    return value
