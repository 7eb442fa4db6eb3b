"""Binds to scripted centres over real sockets: refusing, silent, dying, moving; drained and resumed."""

import asyncio
from pathlib import Path

import pytest
import trustme

from gateway.clock import monotonic
from simulators import wire
from tests.gateway.kept_binds import Centre, Gateway, pdu, until
from tests.gateway.settings.issued import FAR, issue


async def test_every_bind_comes_up_and_comes_back() -> None:
    centre = await Centre().open()
    gateway = await Gateway(centre, count=3).open()
    await until(lambda: gateway.up() == [True] * 3)
    centre.die()
    await until(lambda: centre.binds == 6)
    await until(lambda: gateway.up() == [True] * 3)
    await gateway.close()
    await centre.close()


@pytest.mark.parametrize("status", [0x0E, 0x0F, 0x53])
async def test_a_wrong_password_is_not_hammered(status: int) -> None:
    centre = await Centre(status, 0).open()
    gateway = await Gateway(centre).open()
    await until(lambda: gateway.carrier.counts.binds_refused[status] == 1 and not gateway.connections)
    for _ in range(100):
        await asyncio.sleep(0)
    assert (centre.binds, gateway.up()) == (1, [False])
    gateway.binds.resume("one", "one-0-0")
    await until(lambda: gateway.up() == [True])
    assert gateway.carrier.binds[0].refused == 0
    await gateway.close()
    await centre.close()


@pytest.mark.parametrize("status", [0x05, 0x08, 0x0D, 0x58])
async def test_what_passes_is_tried_again_by_itself(status: int) -> None:
    centre = await Centre(status, status, 0).open()
    gateway = await Gateway(centre).open()
    await until(lambda: gateway.up() == [True])
    assert centre.binds == 3
    assert gateway.carrier.counts.binds_refused == {status: 2}
    await gateway.close()
    await centre.close()


async def test_a_silent_centre_is_left_for_the_next_host() -> None:
    silent, good = await Centre(None).open(), await Centre().open()
    gateway = await Gateway(silent, good).open()
    await until(lambda: silent.binds == 1)
    (connection,) = gateway.connections
    connection.tick(monotonic() + 29.0)
    assert gateway.up() == [False]
    connection.tick(monotonic() + 31.0)
    await until(lambda: gateway.up() == [True])
    assert good.binds == 1
    await gateway.close()
    await silent.close()
    await good.close()


async def test_after_a_good_time_the_first_host_is_tried_first() -> None:
    first, second = await Centre(0x08, 0).open(), await Centre().open()
    gateway = await Gateway(first, second).open()
    await until(lambda: second.binds == 1 and gateway.up() == [True])
    second.die()
    await until(lambda: first.binds == 2 and gateway.up() == [True])
    assert second.binds == 1
    await gateway.close()
    await first.close()
    await second.close()


async def test_a_drained_bind_waits_for_answers_unbinds_and_stays_away() -> None:
    centre = await Centre().open()
    gateway = await Gateway(centre, count=2).open()
    await until(lambda: gateway.up() == [True, True])
    first, second = gateway.carrier.binds
    first.in_flight = 1
    assert gateway.binds.drain("one", "one-0-0") == ["one-0-0"]
    gateway.binds.tick(monotonic())
    gateway.turn.wake()
    assert (first.room, second.room) == (0, 10)
    assert gateway.up() == [True, True]
    first.in_flight = 0
    gateway.binds.tick(monotonic())
    await until(lambda: gateway.up() == [False, True])
    assert centre.seen.count(wire.UNBIND) == 1
    for _ in range(100):
        await asyncio.sleep(0)
    assert centre.binds == 2
    assert gateway.binds.resume("one") == ["one-0-0", "one-0-1"]
    await until(lambda: gateway.up() == [True, True])
    assert first.room == 10
    await gateway.close()
    await centre.close()


async def test_a_carrier_or_bind_that_is_not_there() -> None:
    centre = await Centre().open()
    gateway = await Gateway(centre).open()
    for carrier, bind in (("none", None), ("one", "one-9-9")):
        with pytest.raises(KeyError):
            gateway.binds.drain(carrier, bind)
    assert not gateway.carrier.binds[0].drained
    await gateway.close()
    await centre.close()


async def test_an_enquire_link_is_answered_and_silence_asked_about() -> None:
    centre = await Centre().open()
    gateway = await Gateway(centre).open()
    await until(lambda: gateway.up() == [True])
    centre.writers[0].write(pdu(wire.ENQUIRE_LINK, 0, 77))
    await until(lambda: wire.ENQUIRE_LINK_RESP in centre.seen)
    (connection,) = gateway.connections
    connection.tick(monotonic() + 31.0)
    await until(lambda: wire.ENQUIRE_LINK in centre.seen)
    assert gateway.up() == [True]
    await gateway.close()
    await centre.close()


async def test_what_we_bind_with() -> None:
    """Each field is the bind's own, or always the same (docs/smpp-conformance.md)."""
    centre = await Centre().open()
    gateway = await Gateway(centre, mode="transceiver", system_type="VMA", interface_version=0x50).open()
    await until(lambda: gateway.up() == [True])
    (asked,) = centre.asked
    assert asked[wire.HEADER_OCTETS :] == b"gw\0secret\0VMA\0\x50\0\0\0"
    await gateway.close()
    await centre.close()


async def test_the_certificates_that_we_show_can_be_looked_at(tmp_path: Path) -> None:
    centre = await Centre().open()
    files = issue(tmp_path, trustme.CA())
    plain = await Gateway(centre).open()
    assert plain.binds.certificates() == {}
    await plain.close()
    gateway = await Gateway(centre, tls={key: str(one) for key, one in files._asdict().items()}).open()
    assert {name: tls.build().ends_ms for name, tls in gateway.binds.certificates().items()} == {
        "one-0-0": int(FAR.timestamp()) * 1000
    }
    assert gateway.binds.certificate_files() == {"one-0-0": files.certificate}
    assert gateway.binds.connections_failed() == {("one", "one-0-0"): 0}
    await gateway.close()
    await centre.close()
