"""What is told of the doors: who tried to bind and what came of it, who must wait, when certificates end."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from gateway.flow.attempts import Outcome
from gateway.ops.families import Family, counter, gauge
from gateway.ops.watched import Watched
from gateway.settings.certificates import CertificateError, end_of

MOST_LOOKED_AT = 1_000  # keys of each kind that failed last; who attacks makes up any number
READ_AGAIN_SECONDS = 600.0


class CarrierCertificates:
    """When the certificates end that we show to carriers. Files are slow: one is read a scrape, each seldom."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[float, int | None]] = {}  # by bind: when it was read, and what it said

    def ends(self, files: Mapping[str, Path], now: float) -> dict[str, int]:
        """By bind, ms since 1970; without those that were not read yet or cannot be."""
        stale = (bind for bind in files if bind not in self._read or now - self._read[bind][0] > READ_AGAIN_SECONDS)
        bind = next(stale, None)
        if bind is not None:
            self._read[bind] = (now, _ends(files[bind]))
        known = ((bind, self._read[bind][1]) for bind in files if bind in self._read)
        return {bind: ends for bind, ends in known if ends is not None}


def _ends(file: Path) -> int | None:
    try:
        return end_of(file)
    except CertificateError:
        return None


def families(watched: Watched, certificates: CarrierCertificates) -> Iterator[Family]:
    """All of them."""
    customers, listener, now = watched.customers, watched.listener, watched.now()
    counts = customers.attempts.counts
    yield counter(
        "customer_bind_attempts",
        "Attempts of customers to bind, by what became of them.",
        ("outcome",),
        (((one.name.lower(),), counts[one.name.lower()]) for one in Outcome),
    )
    yield gauge(
        "doors_locked",
        "Who must wait after wrong passwords: pairs of system_id and address, addresses, system_ids.",
        ("what",),
        (((what,), n) for what, n in customers.doors.locked(now, MOST_LOOKED_AT).items()),
    )
    yield gauge("passwords_verifying", "Passwords that wait to be checked.", (), [((), customers.verifying)])
    yield counter("connections_turned_away", "Connections above a limit.", (), [((), listener.turned_away)])
    yield counter(
        "connections_refused", "Connections without a good PROXY header or TLS.", (), [((), listener.refused)]
    )
    yield gauge("connections", "Connections of customers.", (), [((), len(listener.connections))])
    yield gauge(
        "listener_certificate_ends_timestamp_seconds",
        "When the certificate of a listener ends, Unix time.",
        ("listener",),
        (((address,), one.ends_ms / 1000) for address, one in listener.certificates.items()),
    )
    ends = certificates.ends(watched.binds.certificate_files(), now)
    yield gauge(
        "carrier_certificate_ends_timestamp_seconds",
        "When the certificate ends that a bind shows to its carrier, Unix time.",
        ("bind",),
        (((bind,), ends_at / 1000) for bind, ends_at in ends.items()),
    )
