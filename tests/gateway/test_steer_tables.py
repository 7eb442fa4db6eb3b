"""Every answer fits a terminal, and what has no table is told line by line."""

from io import StringIO

from rich.console import Console

from gateway.steer_tables import show
from tests.gateway.flow.world import message
from tests.gateway.steered import Steered


def said(verb: str, result: dict[str, object]) -> str:
    out = StringIO()
    show(Console(file=out, width=80, highlight=False, markup=False), verb, result)
    return out.getvalue()


def test_tables_of_a_gateway() -> None:
    night = Steered()
    night.world.carrier("one")
    night.world.submit(night.world.customer(), message())
    night.do("hold", what="customer", name="shop")
    night.world.submit(night.world.customer(), message(priority_flag=2))
    night.figures.stuck = "disk full"
    tables = {verb: said(verb, night.do(verb)) for verb in ("status", "binds", "queues", "customers", "attempts")}
    for words in ("stuck: disk full", "nothing", "held customers: shop", "1/1"):
        assert words in tables["status"]
    assert "one-0-0" in tables["binds"]
    assert "shop@192.0.2.1:5000" in tables["binds"]
    assert "yes" in tables["queues"]
    assert "held" in tables["customers"]
    assert "192.0.2.1:5000" in tables["attempts"]
    assert all("…" not in table for table in tables.values())
    night.close()


def test_nothing_is_none() -> None:
    assert said("queues", {"queues": []}) == "none\n"


def test_a_dry_run_says_so() -> None:
    told = said("cancel", {"dry_run": True, "messages": [{"id": "01", "segments": ["waiting", "sent"]}]})
    assert "nothing was done" in told
    assert "waiting, sent" in told
    assert said("hold", {"dry_run": False, "of": ["carrier one"], "waiting": 0}) == "of: carrier one\nwaiting: 0\n"
