"""The verbs as pages: first what would happen, then it is done, by whom and why; and what is refused."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.page.forms import FORMS
from tests.gateway.page.paged import Paged

CARRIER = {"what": "carrier", "name": "one"}


@pytest.fixture
async def paged(tmp_path: Path) -> AsyncIterator[Paged]:
    one = await Paged(tmp_path).open()
    yield one
    await one.close()


async def test_a_verb_is_shown_first_and_done_with_a_reason(paged: Paged) -> None:
    key = await paged.sign_in()
    form = CARRIER | {"form_key": key}
    status, text = await paged.post("/operate/hold", form | {"step": "try"})
    assert (status, "Nothing has changed yet" in text, "carrier one" in text) == (200, True, True)
    assert not paged.held("one")
    status, text = await paged.post("/operate/hold", form | {"step": "do", "who": "kim", "why": " "})
    assert (status, "say who asks and why" in text) == (422, True)
    assert not paged.held("one")
    status, text = await paged.post("/operate/hold", form | {"step": "do", "who": "", "why": "<b>night"})
    assert (status, "Done." in text, "&lt;b&gt;night" in text) == (200, True, True)
    assert paged.held("one")
    (last,) = paged.audit.last(9)
    assert (last["verb"], last["who"], last["signed_in"], last["why"]) == ("hold", "noc", "noc", "<b>night")
    assert "&lt;b&gt;night" in (await paged.get("/operate"))[1]


async def test_who_did_something_sees_it_at_once(paged: Paged) -> None:
    form = CARRIER | {"form_key": await paged.sign_in(), "step": "do", "why": "night"}
    assert "held by an operator" not in (await paged.get("/"))[1]
    await paged.post("/operate/hold", form)
    assert "held by an operator" in (await paged.get("/"))[1]


async def test_without_the_forms_key_nothing_is_done(paged: Paged) -> None:
    await paged.sign_in()
    for key in ({}, {"form_key": ""}, {"form_key": "x" * 43}):
        assert (await paged.post("/operate/hold", CARRIER | {"step": "do", "why": "x"} | key))[0] == 403
    paged.client.cookie_jar.clear()
    assert (await paged.post("/operate/hold", CARRIER | {"step": "do", "why": "x"}))[0] == 401
    assert not paged.held("one")


async def test_what_cannot_be_done_says_why_and_keeps_what_was_typed(paged: Paged) -> None:
    form = {"form_key": await paged.sign_in(), "step": "try"}
    status, text = await paged.post("/operate/hold", form | {"what": "carrier", "name": "<nobody>"})
    assert (status, 'value="&lt;nobody&gt;"' in text) == (422, True)
    assert "there is no carrier &lt;nobody&gt;" in text
    status, text = await paged.post("/operate/pdu-trace", form | {"bind": "one-0-0", "minutes": "soon"})
    assert (status, "Minutes (0: end it)" in text) == (422, True)
    assert (await paged.post("/operate/format", form))[0] == 404


async def test_a_link_fills_the_form_in(paged: Paged) -> None:
    await paged.sign_in()
    text = (await paged.get("/operate/drain?what=carrier&name=two"))[1]
    assert '<option value="carrier" selected>' in text
    assert 'value="two"' in text
    assert '<option value="two-0-0">' in text


async def test_every_form_of_a_verb_that_there_is_can_be_shown(paged: Paged) -> None:
    await paged.sign_in()
    there = [verb for verb in FORMS if paged.steering.verb(verb) is not None]
    assert len(there) > 8
    for verb in there:
        status, text = await paged.get(f"/operate/{verb}", Accept_Language="ja")
        assert status == 200
        assert all(f'name="{field.name}"' in text for field in FORMS[verb])
    _, text = await paged.get("/operate")
    assert all(f'href="/operate/{verb}"' in text for verb in there)


async def test_an_audit_log_that_cannot_be_written_is_told(paged: Paged) -> None:
    form = CARRIER | {"form_key": await paged.sign_in(), "step": "do", "why": "night"}
    (paged.directory / "audit.jsonl").mkdir()
    text = (await paged.post("/operate/hold", form))[1]
    assert "The audit log could not be written" in text
    assert paged.held("one")
