"""Every test of this room runs once for each engine."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.store.contract import Store
from tests.store_contract.engine import Engine


@pytest.fixture(params=["memory", "sqlite"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    return Engine(tmp_path / "store" if request.param == "sqlite" else None)


@pytest.fixture
async def store(engine: Engine) -> AsyncIterator[Store]:
    opened = await engine.open()
    yield opened
    await opened.close()
