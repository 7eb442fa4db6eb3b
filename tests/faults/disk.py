"""A disk under SQLite that fails when a plan says so: each open, read, write, truncate and sync passes here first.

It is a VFS of SQLite's own kind, laid over the one that the system has: the structures are those of sqlite3.h.
"""

import _sqlite3
import ctypes
import os
import signal
from collections.abc import Callable
from typing import Any

from tests.faults.plan import Action, Plan, Point

OK, FULL, CANTOPEN = 0, 13, 14
IOERR = 10
IOERR_READ, IOERR_WRITE, IOERR_FSYNC, IOERR_TRUNCATE = (IOERR | kind << 8 for kind in (1, 3, 4, 6))

_P, _INT, _I64 = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
_OPEN = ctypes.CFUNCTYPE(_INT, _P, _P, _P, _INT, _P)
_MOVE = ctypes.CFUNCTYPE(_INT, _P, _P, _INT, _I64)  # xRead and xWrite
_TRUNCATE = ctypes.CFUNCTYPE(_INT, _P, _I64)
_SYNC = ctypes.CFUNCTYPE(_INT, _P, _INT)


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("iVersion", _INT),
        ("szOsFile", _INT),
        ("mxPathname", _INT),
        ("pNext", _P),
        ("zName", ctypes.c_char_p),
        ("pAppData", _P),
        ("xOpen", _P),
        ("rest", _P * 15),
    )


class _Methods(ctypes.Structure):
    _fields_ = (
        ("iVersion", _INT),
        ("xClose", _P),
        ("xRead", _P),
        ("xWrite", _P),
        ("xTruncate", _P),
        ("xSync", _P),
        ("rest", _P * 13),
    )


_kept: list[Any] = []  # SQLite has their addresses for as long as the process lives


def install(plan: Plan) -> None:
    """From now on every file that SQLite opens in this process is on the disk that fails."""
    library = ctypes.CDLL(_sqlite3.__file__)
    library.sqlite3_vfs_find.restype = _P
    library.sqlite3_vfs_find.argtypes = (_P,)
    library.sqlite3_vfs_register.argtypes = (_P, _INT)
    address = library.sqlite3_vfs_find(None)
    system = _Vfs.from_address(address)
    ours = _Vfs()
    ctypes.memmove(ctypes.addressof(ours), address, ctypes.sizeof(_Vfs))
    ours.zName = b"failing"
    ours.pNext = None
    opens = _OPEN(system.xOpen)
    methods: dict[int, _Methods] = {}

    def x_open(_: int, name: int, file: int, flags: int, out: int) -> int:
        if _reach(plan):
            _P.from_address(file).value = None  # as sqlite3.h asks of an open that failed
            return CANTOPEN
        code = int(opens(address, name, file, flags, out))
        place = _P.from_address(file)
        if code == OK and place.value is not None:
            if place.value not in methods:
                methods[place.value] = _over(_Methods.from_address(place.value), plan)
            place.value = ctypes.addressof(methods[place.value])
        return code

    opens_ours = _OPEN(x_open)
    ours.xOpen = ctypes.cast(opens_ours, _P).value
    _kept.extend((ours, opens_ours, methods))
    library.sqlite3_vfs_register(ctypes.addressof(ours), 1)


def _reach(plan: Plan) -> Action:
    """What is to happen to what is no write, so that nothing of it can be torn."""
    action = plan.reach(Point.DISK)
    if action is Action.TORN:
        os.kill(os.getpid(), signal.SIGKILL)
    return action


def _over(system: _Methods, plan: Plan) -> _Methods:
    """The same methods, with ours before those that touch the disk."""
    ours = _Methods()
    ctypes.memmove(ctypes.addressof(ours), ctypes.addressof(system), ctypes.sizeof(_Methods))
    reads, writes = _MOVE(system.xRead), _MOVE(system.xWrite)
    truncates, syncs = _TRUNCATE(system.xTruncate), _SYNC(system.xSync)

    def judged(code_of_full: int, code_of_broken: int, go_on: Callable[[], int]) -> int:
        action = _reach(plan)
        return {Action.FULL: code_of_full, Action.BROKEN: code_of_broken}.get(action) or int(go_on())

    def x_read(file: int, to: int, amount: int, offset: int) -> int:
        return judged(IOERR_READ, IOERR_READ, lambda: reads(file, to, amount, offset))

    def x_write(file: int, octets: int, amount: int, offset: int) -> int:
        action = plan.reach(Point.DISK)
        if action is Action.TORN:
            writes(file, octets, amount // 2, offset)
            os.kill(os.getpid(), signal.SIGKILL)
        if action is Action.FULL:
            return FULL
        return IOERR_WRITE if action is Action.BROKEN else int(writes(file, octets, amount, offset))

    def x_truncate(file: int, size: int) -> int:
        return judged(IOERR_TRUNCATE, IOERR_TRUNCATE, lambda: truncates(file, size))

    def x_sync(file: int, flags: int) -> int:
        return judged(IOERR_FSYNC, IOERR_FSYNC, lambda: syncs(file, flags))

    own = (_MOVE(x_read), _MOVE(x_write), _TRUNCATE(x_truncate), _SYNC(x_sync))
    ours.xRead, ours.xWrite, ours.xTruncate, ours.xSync = (ctypes.cast(one, _P).value for one in own)
    _kept.append(own)
    return ours
