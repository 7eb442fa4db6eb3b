"""What is broken on a game day, how it is seen, and how it is mended: a function for each hand that is lifted."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NamedTuple

from simulators import wire
from tests.faults.crowd import SHOP
from tests.gameday.stage import FLOOD, Stage

MEND_SECONDS = 40.0
CAMPAIGN = 1_000  # messages; at the pace of `tests.gameday.stage` they wait for a while
GUESSER = "127.0.0.2"  # another address than the customers', on loopback too
GUESSES_AT_A_TIME = 4
GUESS_SECONDS = 0.15

Hand = Callable[[Stage], Awaitable[None]]


class Scene(NamedTuple):
    """`metric` is a query; `page` a path and what its words have to match; `well` a query that is 1 when it is mended.

    `mends` types verbs, and does what people elsewhere do.
    """

    name: str
    broke: str
    metric: str
    alert: str
    page: tuple[str, str]
    begins: Hand
    breaks: Hand
    mends: Hand
    well: str
    small_disk: bool = False


def sends(shop: float, flood: float = 0.0) -> Hand:
    """Customers send so many a second."""

    async def hand(stage: Stage) -> None:
        stage.rate(SHOP, shop)
        stage.rate(FLOOD, flood)

    return hand


async def goes_down(stage: Stage) -> None:
    """A campaign waits in the carrier's lane; the carrier hangs up, and nobody listens there."""
    stage.burst(SHOP, CAMPAIGN)
    waits = f'sum(smpp_gateway_segments_waiting{{carrier="one"}}) > bool {CAMPAIGN // 2}'
    await stage.until(lambda: holds(stage, waits), MEND_SECONDS)
    stage.close_centre("one")


async def goes_round(stage: Stage) -> None:
    """What waits goes by the other carrier; then the carrier comes back."""
    await stage.type("reroute one --to two")
    moved = 'sum(smpp_gateway_messages_rerouted_total{carrier="one",to="two"}) > bool 0'
    await stage.until(lambda: holds(stage, moved), MEND_SECONDS)
    await stage.open_centre("one")


async def goes_silent(stage: Stage) -> None:
    """Every segment is taken, and no receipt comes."""
    stage.recast("one", {"kind": "silent", "about": "receipt"})


async def waits_for_the_carrier(stage: Stage) -> None:
    """Nothing more is sent to it until its desk says that receipts come again."""
    await stage.type("hold carrier one")
    await stage.until(lambda: rests(stage, "CarrierSilent"), MEND_SECONDS)
    stage.recast("one")
    await stage.type("release carrier one")


async def throttles(stage: Stage) -> None:
    """It takes a few segments a second, and nobody was told."""
    stage.recast("one", {"kind": "throttling", "most_per_second": 5})


async def campaign_waits(stage: Stage) -> None:
    """The customer that may wait waits, until the carrier takes more again."""
    await stage.type("hold customer flood")
    await stage.until(lambda: rests(stage, "CarrierThrottles"), MEND_SECONDS)
    stage.recast("one")
    await stage.type("release customer flood")


async def disk_fills(stage: Stage) -> None:
    """Nothing more can be written where the store is."""
    stage.fill_disk()


async def room_is_made(stage: Stage) -> None:
    """And it goes on by itself; nothing was harmed."""
    stage.typed.append(stage.make_room())
    await stage.until(lambda: rests(stage, "StoreStuck"), MEND_SECONDS)
    stage.typed.append("store check")
    await stage.check_store()


async def floods(stage: Stage) -> None:
    """A customer sends eight times what it may, and repeats what was refused."""
    stage.rate(FLOOD, 400.0)


async def door_is_closed(stage: Stage) -> None:
    """Its binds go until it has mended its program."""
    await stage.type("drain customer flood")
    await stage.until(lambda: rests(stage, "CustomerFloods"), MEND_SECONDS)
    stage.rate(FLOOD, 20.0)
    await stage.type("resume customer flood")


async def guesses(stage: Stage) -> None:
    """Somebody guesses a customer's password, from another address, as fast as it gets answers."""
    stage.also(*(_guess(stage.port) for _ in range(GUESSES_AT_A_TIME)))


async def firewall_closes(stage: Stage) -> None:
    """The operator sees from where, and has the address closed."""
    said = await stage.type("attempts")
    assert GUESSER in said, said
    stage.also()


async def nonsense_is_loaded(stage: Stage) -> None:
    """Somebody edits the file, makes a mistake, and lets it be read."""
    stage.write_nonsense()


async def sense_is_loaded(stage: Stage) -> None:
    """The mistake is mended; what is told would be done is done."""
    stage.write_sense()
    await stage.type("reload")


async def _guess(port: int) -> None:
    number = 0
    while True:
        number += 1
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(2.0):
                reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(GUESSER, 0))
                writer.write(wire.bind(wire.BIND_TRANSCEIVER, 1, b"shop", b"g%d" % number))
                await reader.read(1)
                writer.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(GUESS_SECONDS):
                await asyncio.Event().wait()


async def holds(stage: Stage, query: str) -> bool:
    """Whether a query says so."""
    return await stage.prometheus.value(query) > 0


async def rests(stage: Stage, alert: str) -> bool:
    """Whether an alert does not fire."""
    return not await stage.prometheus.firing(alert)


SCENES: tuple[Scene, ...] = (
    Scene(
        "carrier-down",
        "the carrier hangs up and does not listen",
        'sum(smpp_gateway_carrier_bind_up{carrier="one"})',
        "CarrierDown",
        ("/", r"One: no bind is up; [1-9][\d,]* wait"),
        sends(30),
        goes_down,
        goes_round,
        '(sum(smpp_gateway_carrier_bind_up{carrier="one"}) > bool 1) * (sum(smpp_gateway_segments_waiting) < bool 10)',
    ),
    Scene(
        "carrier-silent",
        "the carrier takes and sends no receipt",
        'sum(smpp_gateway_segments_awaiting_receipt{carrier="one"})',
        "CarrierSilent",
        ("/carriers/one", r"[Aa]waiting (?:a )?receipts? [\d,]+"),
        sends(20),
        goes_silent,
        waits_for_the_carrier,
        'sum(rate(smpp_gateway_carrier_receipts_total{carrier="one"}[5s])) > bool 5',
    ),
    Scene(
        "carrier-throttles",
        "the carrier takes 5 segments a second",
        'sum(smpp_gateway_carrier_limit{carrier="one",limit="carrier_refuses"})',
        "CarrierThrottles",
        ("/", r"One: the carrier asks us to slow down"),
        sends(1, 6),
        throttles,
        campaign_waits,
        "sum(smpp_gateway_segments_waiting) < bool 10",
    ),
    Scene(
        "disk-full",
        "the disk of the store is full",
        "sum(smpp_gateway_store_stuck)",
        "StoreStuck",
        ("/", r"The store cannot be written: [^.]+"),
        sends(20),
        disk_fills,
        room_is_made,
        "sum(rate(smpp_gateway_messages_accepted_total[5s])) > bool 5",
        small_disk=True,
    ),
    Scene(
        "customer-floods",
        "a customer sends 400 a second and may 50",
        'sum(rate(smpp_gateway_messages_refused_total{customer="flood",reason="throttled"}[5s]))',
        "CustomerFloods",
        ("/customers", r"flood flood \d+ the contract's rate"),
        sends(10, 20),
        floods,
        door_is_closed,
        'sum(smpp_gateway_customer_binds{customer="flood"}) > bool 1',
    ),
    Scene(
        "wrong-passwords",
        "somebody guesses a password, again and again",
        'sum(smpp_gateway_customer_bind_attempts_total{outcome=~"wrong_password|locked_out"})',
        "WrongPasswords",
        ("/api/attempts", r"wrong[ _]password"),
        sends(20),
        guesses,
        firewall_closes,
        "sum(rate(smpp_gateway_messages_accepted_total[5s])) > bool 5",
    ),
    Scene(
        "bad-reload",
        "a configuration with a mistake is loaded",
        'sum(smpp_gateway_config_reloads_total{result="refused"})',
        "ConfigurationRefused",
        ("POST /api/reload", r"customers\.flood\.tariff: [^\"]+"),
        sends(10, 10),
        nonsense_is_loaded,
        sense_is_loaded,
        'sum(smpp_gateway_customer_allowed_segments_per_second{customer="flood"}) == bool 60',
    ),
)
