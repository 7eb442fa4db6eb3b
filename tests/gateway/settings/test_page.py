"""The status page in the configuration: tokens that are long enough and nobody else's."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.settings.page import SHORTEST_TOKEN, PageSettings

LONG = "x" * SHORTEST_TOKEN


def test_it_is_on_loopback_and_only_shows_unless_told_otherwise() -> None:
    settings = PageSettings.model_validate({"port": 9276})
    assert (settings.host, settings.tokens, settings.hosts) == ("127.0.0.1", {}, ())


def test_a_token_is_never_shown() -> None:
    settings = PageSettings.model_validate({"port": 0, "tokens": {"noc": LONG}})
    assert settings.tokens["noc"].reveal() == LONG
    assert LONG not in repr(settings)


@pytest.mark.parametrize(
    ("tokens", "why"),
    [
        ({"noc": LONG[1:]}, "fewer than 16 characters"),
        ({"noc": LONG, "day": LONG}, "the same token"),
        ({"noc": f"{LONG} {LONG}"}, "no space"),
        ({"Not A Name": LONG}, "pattern"),
    ],
)
def test_a_token_that_is_weak_or_shared_is_a_mistake(tokens: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why) as error:
        PageSettings.model_validate({"port": 0, "tokens": tokens})
    assert LONG not in str(error.value.errors(include_input=False, include_context=False))
