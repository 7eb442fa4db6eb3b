"""The page in a real browser (Debian's chromium), of a gateway that runs: looked at, searched, steered by clicks."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from gateway.ops.audit_log import AuditLog
from tests.end_to_end.rig import Centre, Customer, Gateway, write_config

CHROMIUM = shutil.which("chromium")
NUMBER = b"09030000001"
TEXT = "満期のお知らせ"
TOKEN = "the-token-of-the-night"
PATHS = ("/", "/carriers/one", "/customers", "/customers/shop", "/search", "/operate", "/operate/announce-add")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (Debian: chromium)")


class Watch:
    """A browser before a gateway; everything that it complains of, and everywhere that it goes."""

    def __init__(self, browser: Browser, base: str, customer: Customer, state: Path) -> None:
        self.base = base
        self.customer = customer
        self.state = state
        self.complaints: list[str] = []
        self.asked: set[str] = set()
        self._browser = browser

    async def context(self, **options: Any) -> BrowserContext:
        """A browser of its own, that knows nothing yet."""
        return await self._browser.new_context(base_url=self.base, **options)

    async def page(self, context: BrowserContext) -> Page:
        """An empty page, listened to."""
        page = await context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: self.complaints.append(said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.asked.add(request.url))
        return page

    async def signed_in(self, context: BrowserContext) -> Page:
        """By keyboard alone: the token, Enter."""
        page = await self.page(context)
        await page.goto("/sign-in")
        await page.wait_for_function("document.activeElement.id == 'token'")
        await page.keyboard.type(TOKEN)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/")
        return page


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[Watch]:
    centre = Centre()
    await centre.open()
    page = {"port": 0, "tokens": {"noc": TOKEN}}
    config, port = write_config(tmp_path, centre.port, page=page)
    gateway = await Gateway.start(config)
    customer = Customer(port)
    await customer.connect()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield Watch(browser, f"http://{gateway.ready['page']}", customer, tmp_path / "state")
        await browser.close()
    customer.close()
    code, _ = await gateway.stop()
    assert code == 0
    centre.close()


async def test_a_night_in_the_browser(watch: Watch) -> None:
    watch.customer.send(NUMBER, TEXT)
    await watch.customer.until(lambda: watch.customer.receipts)
    japanese = await watch.context(locale="ja-JP", viewport={"width": 360, "height": 740})
    page = await watch.signed_in(japanese)
    for path in PATHS:
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{path} is too wide"
        assert await page.evaluate(UNNAMED) == [], f"{path} has fields without a name for people"
    await page.goto("/")
    assert await page.get_by_role("heading", level=1).inner_text() == "正常に稼働しています"
    light = await page.evaluate(GROUND)
    await page.emulate_media(color_scheme="dark")
    assert await page.evaluate(GROUND) != light

    english = await watch.context(locale="en-US", java_script_enabled=True)
    page = await watch.signed_in(english)
    await page.get_by_role("link", name="Find a message").click()
    await page.get_by_label("Message id, number").fill(NUMBER.decode())
    await page.get_by_role("button", name="Find").click()
    assert "delivered" in await page.locator("details summary").inner_text()
    assert NUMBER.decode() not in page.url
    assert TEXT not in await page.content()

    await page.goto("/carriers/one")
    await page.get_by_role("link", name="Hold").click()
    await page.get_by_role("button", name="Show what would happen").click()
    await page.get_by_text("Nothing has changed yet").wait_for()
    assert AuditLog(watch.state, lambda: 0).last(1) == []
    await page.get_by_label("Who").fill("kim")
    await page.get_by_label("Why").fill("the centre loses receipts")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Done.").wait_for()
    (entry,) = AuditLog(watch.state, lambda: 0).last(9)
    assert (entry["verb"], entry["who"], entry["signed_in"], entry["ok"]) == ("hold", "kim", "noc", True)
    await page.goto("/")
    assert "held by an operator" in await page.locator(".state").inner_text()

    assert watch.complaints == []
    assert {url for url in watch.asked if not url.startswith(watch.base)} == set()


UNNAMED = """() => [...document.querySelectorAll("input:not([type=hidden]):not([hidden]), select, textarea")]
  .filter(one => !one.labels.length).map(one => one.name)"""
GROUND = "getComputedStyle(document.body).backgroundColor"
