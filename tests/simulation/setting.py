"""How a seed's gateway is configured: two carriers and three customers, with windows and pace drawn by lot."""

from functools import lru_cache
from random import Random
from typing import Any

from gateway.settings.models import Settings
from simulators import wire
from simulators.config import SmscConfig
from tests.gateway.flow.world import profile, settings
from tests.simulation.customer import Manners

VALIDITY_SECONDS = 360.0
MARGIN_SECONDS = 180.0
RESPONSE_SECONDS = 10.0
YEN_A_UNIT = 10
SLOW_PACE = 20
OWNERS = {b"05010000001": "shop", b"05020000001": "bank"}

MANNERS = {
    "shop": Manners(b"shop", b"0312345678", (wire.BIND_TRANSCEIVER, wire.BIND_TRANSCEIVER), repeats=True),
    "bank": Manners(b"bank", b"0612345678", (wire.BIND_TRANSMITTER, wire.BIND_RECEIVER)),
    "old": Manners(b"old", b"0512345678", (wire.BIND_TRANSCEIVER,), version=0x33),
}

# Every message may go through both carriers, also after an answer that says so and while one of them is down or slow.
OTHER_WAYS = {"temporary": [0x14, 0x58], "pause_seconds": 1.0, "elsewhere": [0x14, 0x58, 0x64], "not_mine": [0x45]}
BOTH_WAYS = {
    "routes": {"one": {"serves": ["two"]}, "two": {"serves": ["one"]}},
    "rules": [{"name": "both", "order": "weighted", "routes": [{"to": "one"}, {"to": "two"}]}],
    "down_seconds": 3.0,
    "slow_seconds": 2.0,
}

UDH8 = {
    "first": 70,
    "following": 67,
    "concatenation": "udh8",
    "max_characters": 660,
    "max_segments": 11,
    "units": [70, *range(134, 604, 67), 660],
}


def _bind(mode: str, count: int = 1) -> dict[str, Any]:
    place = {"host": "127.0.0.1", "port": 27761, "system_id": "gw", "password": "secret"}
    return place | {"mode": mode, "count": count}


@lru_cache(maxsize=512)
def _settings(
    window: int, receipt_window: int, in_doubt: str, pace: int, memory: tuple[int, int], decides: str, ways: bool
) -> Settings:
    common: dict[str, Any] = {
        "session": {"window": window, "response_seconds": RESPONSE_SECONDS, "enquire_link_seconds": 8.0},
        "pace": {"segments_per_second": pace, "burst_segments": pace},
        "validity_hours": VALIDITY_SECONDS / 3600,
        "receipt_margin_hours": MARGIN_SECONDS / 3600,
        "in_doubt": in_doubt,
        "in_doubt_wait_seconds": 15.0,
        "without_receipt": "unknown" if pace == SLOW_PACE else "expired",
    }
    if ways:
        common["errors"] = OTHER_WAYS
    decimal = {"id_in_response": "decimal", "id_in_receipt": "decimal"}
    customer = {"password": "secret", "tariff": "standard", "receipt_window": receipt_window}
    return settings(
        carriers={
            "one": profile(**common, binds=[_bind("transceiver", 2)]),
            "two": profile(**common, text=UDH8, receipts=decimal, binds=[_bind("transmitter"), _bind("receiver")]),
        },
        customers={
            "shop": customer | {"system_id": "shop", "numbers": ["05010*"], "repeats": {}},
            "bank": customer
            | {
                "system_id": "bank",
                "numbers": ["05020000001"],
                "join_parts": True,
                "receipts": {"decides": decides},
            },
            "old": customer | {"system_id": "old", "incomplete": "send"},
        },
        store={"directory": "nowhere", "queue_in_memory": memory[0], "messages_in_memory": memory[1]},
        reassembly={"wait_seconds": 30.0},
        portability={"library_names": {"NTT Docomo": "one", "KDDI": "two"}, "learned": {} if ways else None},
        routing=BOTH_WAYS if ways else {},
        receipt_wait={"early_receipt_seconds": 60.0},
        sessions={"response_seconds": RESPONSE_SECONDS, "enquire_link_seconds": 8.0},
    )


def draw(lot: Random, in_doubt: str = "") -> Settings:
    """The gateway's side. `in_doubt` is the policy of all carriers, when it is decided already."""
    policy = lot.choice(("resend", "resend", "wait", "wait", "fail"))
    return _settings(
        window=lot.choice((1, 3, 10)),
        receipt_window=lot.choice((1, 4, 20)),
        in_doubt=in_doubt or policy,
        pace=lot.choice((SLOW_PACE, 1000)),
        memory=lot.choice(((2, 3), (4, 1000), (3, 12), (1000, 1000))),
        decides=lot.choice(("all", "first_failure")),
        ways=lot.random() < 0.4,
    )


# How the simulators' centre may misbehave, none after the healing has begun.
CHARACTERS: tuple[dict[str, Any], ...] = (
    {"kind": "early", "seconds": [0.01, 3.0], "share": 0.3},
    {"kind": "repeating", "times": 3, "gap_seconds": 0.4, "share": 0.3},
    {"kind": "elsewhere", "share": 0.5},
    {"kind": "intermediate", "share": 0.3},
    {"kind": "intermediate", "notification": True, "share": 0.3},
    {"kind": "slow", "seconds": [0.0, 12.0], "share": 0.2},
    {"kind": "silent", "about": "response", "share": 0.1},
    {"kind": "silent", "about": "message", "share": 0.1},
    {"kind": "throttling", "most_per_second": 2},
    {"kind": "throttling", "most_per_second": 3, "status": 0x14},
    {"kind": "split_writes", "octets": 7, "pause_seconds": 0.01, "share": 0.5},
    {"kind": "lumped_writes", "pdus": 4, "most_seconds": 0.5, "share": 0.5},
    {"kind": "hanging_up", "by": "reset", "after_pdus": [2, 20], "within_pdu": True},
    {"kind": "hanging_up", "by": "unbind", "after_seconds": [3.0, 20.0]},
    {"kind": "half_open", "after_pdus": [5, 30], "share": 0.5},
    {"kind": "mute", "after": 1},
    {"kind": "contradicting", "after_seconds": 0.3, "share": 0.3},
    {"kind": "silent", "about": "receipt", "share": 0.1},
)


def lies(cast: tuple[int, ...]) -> bool:
    """Whether its receipts need not say what it decided."""
    return any(
        one["kind"] == "contradicting" or one.get("about") == "receipt" for one in (CHARACTERS[place] for place in cast)
    )


@lru_cache(maxsize=256)
def smsc_config(cast: tuple[int, ...]) -> SmscConfig:
    """What the simulators' centre is like: these of CHARACTERS. It tells segments apart by their tokens."""
    return SmscConfig.model_validate(
        {
            "port": 0,
            "system_id": "gw",
            "password": "secret",
            "takes": "udh8",
            "receipts": {"delay_seconds": 0.2, "jitter_seconds": 3.0, "window": 5},
            "characters": [CHARACTERS[one] | {"to_seconds": 30.0} for one in cast],
            "outcomes": [
                {"text": r"<\d{5}7>", "stat": "UNDELIV", "err": "012"},
                {"text": r"<\d{4}[05]3>", "status": 0x45},
                {"text": r"<\d{4}1[19]>", "stat": "EXPIRED", "err": "034"},
            ],
        }
    )
