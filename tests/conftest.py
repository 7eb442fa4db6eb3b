"""What all tests share: Hypothesis without deadlines (machines differ, a slow moment is no failure), and clean logs."""

import os
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

settings.register_profile("push", deadline=None)
settings.register_profile("deep", deadline=None, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "push"))


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """What a test configures of the logs holds for no other."""
    yield
    if structlog.is_configured():
        structlog.reset_defaults()
