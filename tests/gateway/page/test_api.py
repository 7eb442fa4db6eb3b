"""The verbs over HTTP: the socket's answers, audit and refusals; tokens right, wrong, and guessed at."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.page.visitors import FREE_ATTEMPTS
from tests.gateway.page.paged import OTHER, TOKEN, Paged

HOLD = {"arguments": {"what": "carrier", "name": "one"}, "why": "night"}


@pytest.fixture
async def paged(tmp_path: Path) -> AsyncIterator[Paged]:
    one = await Paged(tmp_path).open()
    yield one
    await one.close()


async def test_a_verb_is_done_and_audited_as_on_the_socket(paged: Paged) -> None:
    status, answer = await paged.verb("hold", HOLD | {"dry_run": True})
    assert (status, answer["result"]["of"]) == (200, ["carrier one"])
    assert not paged.held("one")
    assert paged.audit.last(9) == []
    status, answer = await paged.verb("hold", HOLD, OTHER)
    assert (status, answer["ok"]) == (200, True)
    assert paged.held("one")
    status, _ = await paged.verb("release", HOLD | {"who": "kim"})
    assert status == 200
    last, first = paged.audit.last(9)
    assert (first["verb"], first["who"], first["signed_in"], first["why"], first["ok"]) == (
        "hold",
        "day",
        "day",
        "night",
        True,
    )
    assert (last["who"], last["signed_in"], last["peer"]) == ("kim", "noc", "127.0.0.1")
    assert "uid" not in first


async def test_a_verb_that_is_refused_says_why(paged: Paged) -> None:
    status, answer = await paged.verb("hold", {"arguments": {"what": "carrier", "name": "nobody"}, "why": "x"})
    assert (status, answer["ok"]) == (422, False)
    assert "there is no carrier nobody" in answer["error"]
    status, answer = await paged.verb("hold", {"arguments": HOLD["arguments"]})
    assert (status, answer["error"]) == (422, "hold changes traffic: say who asks and why")
    assert (await paged.verb("nothing", {}))[0] == 404


async def test_status_is_read_with_a_token_and_what_changes_is_not_got(paged: Paged) -> None:
    assert (await paged.get("/api/status"))[0] == 401
    status, text = await paged.get("/api/status", Authorization=f"bearer {TOKEN}")
    assert status == 200
    assert '"carrier":"one"' in text
    assert (await paged.get("/api/hold?what=all", Authorization=f"Bearer {TOKEN}"))[0] == 405
    await paged.sign_in()
    assert (await paged.get("/api/status"))[0] == 401  # a browser's cookie opens no API


@pytest.mark.parametrize("body", [[], "hold", {"verb": "status"}, {"arguments": {}, "more": 1}, 7])
async def test_a_body_that_is_no_request(paged: Paged, body: object) -> None:
    assert (await paged.verb("hold", body))[0] == 400


async def test_a_body_that_a_form_could_send_is_not_taken(paged: Paged) -> None:
    assert (await paged.post("/api/hold", {"why": "x"}, Authorization=f"Bearer {TOKEN}"))[0] == 415
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    async with paged.client.post("/api/hold", data=b"{", headers=headers) as answer:
        assert answer.status == 400


async def test_who_guesses_must_wait_even_with_the_right_token(paged: Paged) -> None:
    for _ in range(FREE_ATTEMPTS):
        assert (await paged.verb("status", {}, TOKEN[:-1]))[0] == 401
    status, answer = await paged.verb("status", {})
    assert status == 429
    assert "try again in 1 seconds" in answer["error"]
    paged.now += 1.0
    assert (await paged.verb("status", {}))[0] == 200


async def test_without_tokens_nobody_gets_in(tmp_path: Path) -> None:
    one = await Paged(tmp_path, page={"port": 0}).open()
    assert (await one.verb("status", {}, ""))[0] == 401
    assert "No tokens are configured" in (await one.get("/sign-in"))[1]
    assert (await one.get("/"))[0] == 200
    await one.close()
