"""The pages as they are read: with and without a token, of what there is and what there is not."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.page.site import STATIC
from gateway.store.schema import FILE_NAME
from tests.gateway.page.paged import Paged


@pytest.fixture
async def paged(tmp_path: Path) -> AsyncIterator[Paged]:
    one = await Paged(tmp_path).open()
    yield one
    await one.close()


async def test_the_overview_says_what_is_wrong_and_what_is_announced(paged: Paged) -> None:
    now = paged.flow.clock.wall_ms()
    paged.announcements.add("fault", now, None, "障害の<b>お知らせ", "A <b>fault", about="one")
    paged.announcements.add("maintenance", now, now + 3_600_000, "保守", "Works")
    status, text = await paged.get("/")
    assert status == 200
    assert "One: no bind is up; 0 wait." in text
    assert "A &lt;b&gt;fault" in text
    assert "2026-11-24 09:16 to 2026-11-24 10:16" in text
    status, text = await paged.get("/", Accept_Language="ja")
    assert "障害の&lt;b&gt;お知らせ" in text
    assert "One: 接続がありません。0 件が待っています。" in text


async def test_the_curve_is_drawn_of_what_went_through(paged: Paged) -> None:
    paged.door.tick()
    paged.now += 1.0
    paged.flow.accounts["shop"].counts.accepted += 1_234
    paged.door.tick()
    text = (await paged.get("/"))[1]
    assert "<strong>1,234</strong>" in text
    assert '<polyline class="curve" points="240.0,' in text


async def test_carriers_and_customers_have_pages_and_others_have_not(paged: Paged) -> None:
    assert "one-0-0" in (await paged.get("/carriers/one"))[1]
    assert "system_id shop" in (await paged.get("/customers/shop"))[1]
    assert "shop" in (await paged.get("/customers?q=sho&page=7"))[1]
    status, text = await paged.get("/customers?q=%3Cscript%3E&page=x")
    assert (status, "&lt;script&gt;" in text, "<script>" in text) == (200, True, False)
    for path in ("/carriers/three", "/customers/nobody", "/static/..%2Fpage.css", "/static/page.py", "/operate/format"):
        assert (await paged.get(path))[0] == 404


async def test_nothing_that_steers_or_searches_is_shown_without_the_token(paged: Paged) -> None:
    for path in ("/", "/carriers/one", "/customers", "/customers/shop"):
        text = (await paged.get(path))[1]
        assert "/operate/" not in text
        assert "form_key" not in text
    for path in ("/search", "/operate", "/operate/hold"):
        assert 'name="token"' in (await paged.get(path))[1]
    status, text = await paged.post("/search", {"what": "09030000001"})
    assert (status, "09030000001" in text) == (401, False)


async def test_a_search_says_what_it_did_not_find_and_what_nobody_could(paged: Paged) -> None:
    key = await paged.sign_in()
    status, text = await paged.post("/search", {"form_key": key, "what": "09030000001", "kind": "number"})
    assert (status, "Nothing is found" in text) == (200, True)
    assert "is no id" in (await paged.post("/search", {"form_key": key, "what": "<x>", "kind": "id"}))[1]
    assert "Nothing is found" in (await paged.post("/search", {"form_key": key, "what": "1", "kind": "bad"}))[1]
    assert (await paged.post("/search", {"form_key": key, "what": " "}))[0] == 200
    (paged.directory / FILE_NAME).write_bytes(b"no database at all" * 100)
    assert "It could not be searched" in (await paged.post("/search", {"form_key": key, "what": "1"}))[1]
    assert (await paged.post("/search", {"form_key": "", "what": "1"}))[0] == 403


async def test_style_script_and_icon_are_ours(paged: Paged) -> None:
    for name, kind in STATIC.items():
        async with paged.client.get(f"/static/{name}") as answer:
            assert (answer.status, answer.content_type) == (200, kind)
            assert "http:" not in (await answer.text()).replace("http://www.w3.org/2000/svg", "")
