"""The page wired: off unless it is configured, an address that is taken, and the end."""

from pathlib import Path

import pytest
from aiohttp import ClientConnectionError

from tests.gateway.page.paged import PAGE, Paged


async def test_there_is_none_unless_it_is_configured(tmp_path: Path) -> None:
    one = await Paged(tmp_path, page=None).open()
    assert one.address == ""
    one.door.tick()
    await one.close()


async def test_an_address_that_is_taken_is_an_error(tmp_path: Path) -> None:
    one = await Paged(tmp_path).open()
    port = int(one.address.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        await Paged(tmp_path, page=PAGE | {"port": port}).open()
    await one.close()


async def test_after_close_nobody_answers(tmp_path: Path) -> None:
    one = await Paged(tmp_path).open()
    assert (await one.get("/"))[0] == 200
    await one.door.close()
    with pytest.raises(ClientConnectionError):
        await one.get("/")
    await one.close()


async def test_a_bug_in_a_page_is_a_500_and_the_gateway_goes_on(tmp_path: Path) -> None:
    one = await Paged(tmp_path).open()
    del one.flow.accounts["shop"].counts.accepted
    status, text = await one.get("/customers/shop")
    assert (status, text) == (500, "a bug of ours; the log says more\n")
    assert (await one.get("/carriers/one"))[0] == 200
    await one.close()
