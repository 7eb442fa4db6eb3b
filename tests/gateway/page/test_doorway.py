"""Signing in and out, languages, forms that are not ours, and ways that lead elsewhere."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.page.doorway import LANGUAGE, SESSION
from gateway.page.visitors import FREE_ATTEMPTS
from tests.gateway.page.paged import TOKEN, Paged


@pytest.fixture
async def paged(tmp_path: Path) -> AsyncIterator[Paged]:
    one = await Paged(tmp_path).open()
    yield one
    await one.close()


async def test_the_token_lets_in_until_one_leaves_or_the_time_is_over(paged: Paged) -> None:
    assert "Show your token" not in (await paged.get("/search"))[1]
    assert 'name="token"' in (await paged.get("/search"))[1]
    key = await paged.sign_in()
    assert "Sign out (noc)" in (await paged.get("/"))[1]
    assert (await paged.post("/sign-out", {"form_key": "x"}))[0] == 403
    assert "Sign out (noc)" in (await paged.get("/"))[1]
    assert (await paged.post("/sign-out", {"form_key": key}))[0] == 200
    assert "Sign out" not in (await paged.get("/"))[1]
    await paged.sign_in()
    paged.now += 12 * 3_600
    assert 'name="token"' in (await paged.get("/search"))[1]


async def test_the_cookie_is_for_this_site_and_no_script(paged: Paged) -> None:
    fields = {"token": TOKEN, "to": "/operate"}
    async with paged.client.post("/sign-in", data=fields, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/operate")
        cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{SESSION}=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert TOKEN not in cookie


async def test_wrong_tokens_are_told_and_then_waited_for(paged: Paged) -> None:
    for _ in range(FREE_ATTEMPTS):
        status, text = await paged.post("/sign-in", {"token": "wrong"})
        assert (status, "That token is nobody" in text) == (401, True)
    status, text = await paged.post("/sign-in", {"token": TOKEN})
    assert (status, "wait 1 seconds" in text) == (429, True)
    assert (await paged.post("/sign-in", {}))[0] == 429


@pytest.mark.parametrize(
    ("to", "path"),
    [
        ("/customers?q=a", "/customers?q=a"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("evil", "/"),
        ("", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
        ("/sign-out", "/"),
        ("/language/ja", "/"),
    ],
)
async def test_a_way_back_stays_here(paged: Paged, to: str, path: str) -> None:
    async with paged.client.get("/language/ja", params={"to": to}, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, path)
        assert answer.headers["Set-Cookie"].startswith(f"{LANGUAGE}=ja")


async def test_the_language_is_the_browsers_until_one_chooses(paged: Paged) -> None:
    assert '<html lang="ja">' in (await paged.get("/", Accept_Language="ja,en;q=0.5"))[1]
    assert '<html lang="en">' in (await paged.get("/"))[1]
    assert '<html lang="ja">' in (await paged.get("/language/ja?to=/"))[1]
    assert '<html lang="ja">' in (await paged.get("/", Accept_Language="en"))[1]
    assert '<html lang="ja">' in (await paged.get("/language/xx?to=/"))[1]


async def test_a_body_that_is_no_form_is_no_form(paged: Paged) -> None:
    key = await paged.sign_in()
    async with paged.client.post("/sign-out", json={"form_key": key}) as answer:
        assert answer.status == 403
    assert "Sign out (noc)" in (await paged.get("/"))[1]
