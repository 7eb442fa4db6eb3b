"""How long it takes to find one message of millions in the months' files, by each thing that it mentions.

Run as `python -m bench.trace --messages 10000000`; one JSON line last. It builds the files by itself, with the tables
and hashes that the archiver writes: some fifteen seconds and 450 MB a million.
"""

import argparse
import json
import sqlite3
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from gateway.store import months
from gateway.store.sqlite import SqliteEngine
from gateway.trace import Trace
from gateway.trace_asked import understood

FIRST_MONTHS = tuple(f"2026-{month:02d}" for month in range(1, 13))
CHUNK = 1 << months.CHUNK_SHIFT
FIRST_ID = 1 << 56
TEXT = "保険料お払込みのご案内です。口座振替日は今月二十七日です。前日までにご入金をお願いいたします。"
TIMES = 5  # of each search; the first is the cold one
SUBSCRIBERS = 10**8  # numbers repeat only by chance

# `?1` is the first seq of a chunk, `?2` the last, `?3` the moment of the chunk.
_NUMBERS = "WITH RECURSIVE n (seq) AS (SELECT ?1 UNION ALL SELECT seq + 1 FROM n WHERE seq < ?2)"
_RECORD = (
    f"{_NUMBERS} INSERT INTO month.record (seq, message_id, customer, carrier, known_by, ported, source_addr,"
    " destination_addr, characters, segments, units, outcome, error, submitted_at, done_at, tariff, unit_price_sen,"
    " charge_sen, route, kind, delivered, attempts, sent_at, reason, check_sen, test)"
    " SELECT seq, {id}, printf('customer-%d', seq % 500), 'one', 'number block', 'unknown', '81501234567', {number},"
    " 47, 1, 1, 'DELIVERED', '000', ?3, ?3 + 5000, 'standard/1', 1000, 1000, 'one', '', 1, 1, ?3, '', 0, 0 FROM n"
)
_HISTORY = (
    f"{_NUMBERS} INSERT INTO month.history (seq, life, source_ton, source_npi, sender, dest_ton, dest_npi, destination,"
    " data_coding, binary, text, other_elements, reference, priority, registered_delivery, user_message_reference,"
    " part_ids, due_at, expires_at, sealed)"
    ' SELECT seq, CAST(printf(\'[[4,"%x","000",1,0,%d,%d,%d]]\', {carrier_id}, ?3, ?3, ?3) AS BLOB),'
    " 1, 1, x'', 1, 1, CAST({number} AS BLOB), 8, 0, ?4, x'', 0, 0, 1, {reference}, x'', 0, ?3, 0 FROM n"
)
_MENTION = (
    f"{_NUMBERS} INSERT INTO month.mention (chunk, hash, seq) SELECT ?1 >> {months.CHUNK_SHIFT}, crc32(key), seq FROM ("
    " SELECT 'i' || printf('%x', {id}) AS key, seq FROM n UNION ALL SELECT 'n' || {number}, seq FROM n"
    " UNION ALL SELECT 'c' || printf('%x', {carrier_id}), seq FROM n"
    " UNION ALL SELECT CAST(x'72' || {reference} AS BLOB), seq FROM n) ORDER BY 2"
)
_KEYS = {
    "id": f"({FIRST_ID} + seq * 2097152)",
    "number": f"printf('8190%08d', (seq * 48271) % {SUBSCRIBERS})",
    "carrier_id": "(1000000000 + seq * 7)",
    "reference": "CAST(char(48 + seq % 64, 48 + seq / 64 % 64) AS BLOB)",
}


def build(directory: Path, messages: int, report: Callable[[int], None] = lambda _: None) -> None:
    """A store with so many messages in the files of a year, none in the hot one."""
    SqliteEngine(directory).close()
    (directory / months.DIRECTORY).mkdir(exist_ok=True)
    share = -(-messages // len(FIRST_MONTHS))
    seq = 1
    for month in FIRST_MONTHS:
        last = min(messages, seq + share - 1)
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.create_function("crc32", 1, _crc32, deterministic=True)
        connection.execute("ATTACH ? AS month", (str(months.path_of(directory, month)),))
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-65536"):
            connection.execute(f"PRAGMA month.{pragma}")
        months.migrate(connection)
        while seq <= last:
            end = min(last, ((seq >> months.CHUNK_SHIFT) + 1) * CHUNK - 1)
            _chunk(connection, seq, end, months.bounds(month)[0] + seq)
            report(end)
            seq = end + 1
        connection.execute("PRAGMA month.journal_mode=WAL")
        connection.close()


def _chunk(connection: sqlite3.Connection, first: int, last: int, moment: int) -> None:
    connection.execute("BEGIN")
    text = TEXT.encode("utf-16-be")
    connection.execute(_filled(_RECORD), (first, last, moment))
    connection.execute(_filled(_HISTORY), (first, last, moment, text))
    connection.execute(_filled(_MENTION), (first, last))
    connection.execute("UPDATE month.state SET value = ? WHERE name = 'last_seq'", (last,))
    connection.execute("COMMIT")


def _filled(statement: str) -> str:
    for name, key in _KEYS.items():
        statement = statement.replace("{" + name + "}", key)
    return statement


def _crc32(key: str | bytes) -> int:
    return zlib.crc32(key.encode() if isinstance(key, str) else key)


def words_of(connection: sqlite3.Connection, seq: int) -> dict[str, str]:
    """What one message can be searched for by, by kind."""
    columns = f"printf('%016x', {_KEYS['id']}), {_KEYS['number']}, {_KEYS['carrier_id']}"
    query = f"WITH n (seq) AS (SELECT ?) SELECT {columns} FROM n"
    told, number, carrier_id = connection.execute(query, (seq,)).fetchone()
    return {"id": told, "number": f"0{number[2:]}", "carrier-id": f"{carrier_id:x}"}


def measure(directory: Path, messages: int) -> dict[str, Any]:
    """Seconds of the slowest and the median search by each kind, over messages from first to last."""
    figures: dict[str, Any] = {}
    places = sorted({1, messages, *(messages * step // TIMES for step in range(1, TIMES))})
    with sqlite3.connect(":memory:") as connection:
        wanted = [words_of(connection, max(1, seq)) for seq in places]
    connection.close()
    for kind in ("id", "number", "carrier-id", None):
        words = [one["number" if kind is None else kind] for one in wanted]
        figures[kind or "anything"] = _timed(directory, words, kind)
    figures["reference"] = _timed(directory, ["0A", "o9"], "reference")
    figures["nothing"] = _timed(directory, ["ffffffff"], "carrier-id", found=False)
    return figures


def _timed(directory: Path, words: Iterable[str], kind: str | None, *, found: bool = True) -> dict[str, float]:
    seconds = []
    for word in words:
        began = time.perf_counter()
        stories = Trace(directory).find(understood(word, "81", kind))
        seconds.append(time.perf_counter() - began)
        if bool(stories) != found:
            raise SystemExit(f"{kind} {word}: {len(stories)} messages were found")
    seconds.sort()
    return {"median_s": round(seconds[len(seconds) // 2], 4), "worst_s": round(seconds[-1], 4)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, search, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.trace", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument(
        "--directory", type=Path, default=None, help="Build here and leave it; default: a temporary one."
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="smpp-bench-") as name:
        directory = options.directory or Path(name)
        began = time.perf_counter()
        if not (directory / months.DIRECTORY).exists():
            directory.mkdir(parents=True, exist_ok=True)
            build(directory, options.messages, lambda done: print(f"{done} built", end="\r", file=sys.stderr))
        built = time.perf_counter() - began
        size = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
        figures = {"bench": "trace", "messages": options.messages, "built_s": round(built, 1), "mb": round(size / 1e6)}
        print(json.dumps(figures | measure(directory, options.messages)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
