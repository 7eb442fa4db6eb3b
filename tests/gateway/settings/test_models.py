"""The whole configuration as values, and what it builds."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.model.values import Ported, Serving
from gateway.routing.numbers import NumberRules
from gateway.routing.portability import Unanswered
from gateway.routing.ported_build import write_differences
from gateway.routing.rules import Query
from gateway.routing.tables import BadRows
from gateway.settings.models import NumberSettings, PortabilitySettings, SessionSettings, build_portability
from gateway.smpp.limits import SessionLimits
from tests.gateway.flow import world

NUMBERS = NumberSettings(country_code="81", trunk_prefix="0", mobile_digits=10, mobile=("90[1-9]", "80[1-9]"))
NAMES = {"NTT Docomo": "docomo", "KDDI": "au"}


def test_number_rules() -> None:
    assert NUMBERS.rules() == NumberRules("81", "0", ("90[1-9]", "80[1-9]"), 10)
    with pytest.raises(ValidationError, match="longer than mobile_digits"):
        NumberSettings(country_code="81", trunk_prefix="0", mobile_digits=4, mobile=("90123",))
    with pytest.raises(ValidationError, match="digits and sets"):
        NumberSettings(country_code="81", trunk_prefix="0", mobile_digits=10, mobile=("9.",))


def test_limits_of_customers_sessions_are_the_sessions_own_by_default() -> None:
    limits = SessionSettings().limits()
    assert limits == SessionLimits(send_window=limits.send_window)
    assert SessionSettings(window=5, pdu_seconds=1.0).limits().receive_window == 5


def test_files_are_laid_over_the_library(tmp_path: Path) -> None:
    blocks, ported = tmp_path / "blocks.csv", tmp_path / "ported.csv"
    blocks.write_text("prefix,carrier\n0903,au\n09031,\n0903000,au\n")
    ported.write_text("number,carrier\n09032000001,au\n")
    settings = PortabilitySettings(library_names=NAMES, block_files=(blocks,), ported_files=(ported,))
    portability = build_portability(NUMBERS, settings, {"docomo", "au"})
    assert portability.look_up(b"819030000001") == Serving("au", Ported.NO, "number block")
    assert portability.look_up(b"819030010001") == Serving("docomo", Ported.NO, "number block")  # the library is longer
    assert portability.look_up(b"819031000001") is None
    assert portability.look_up(b"819032000001") == Serving("au", Ported.YES, "ported numbers")


def test_bad_rows_of_all_files_come_together(tmp_path: Path) -> None:
    blocks, ported = tmp_path / "blocks.csv", tmp_path / "ported.csv"
    blocks.write_text("prefix,carrier\n03,au\n")
    ported.write_text("number,carrier\n09032000001,nobody\n")
    settings = PortabilitySettings(library_names=NAMES, block_files=(blocks,), ported_files=(ported,))
    with pytest.raises(BadRows) as caught:
        build_portability(NUMBERS, settings, {"docomo", "au"})
    assert [(row.file, row.line) for row in caught.value.rows] == [(blocks, 2), (ported, 2)]


def test_sources_are_asked_in_the_order_of_the_configuration(tmp_path: Path) -> None:
    write_differences(tmp_path / "n", {819032000001: "au"}, 7)
    written = {
        "library_names": NAMES,
        "imported_file": tmp_path / "n",
        "learned": {"hours": 1.0},
        "order": ("learned", "files", "network", "blocks"),
    }
    settings = PortabilitySettings.model_validate(written)
    portability = build_portability(NUMBERS, settings, {"docomo", "au"}, ("tree",))
    assert portability.order == settings.order
    assert portability.ask(b"819032000001") == Serving("au", Ported.YES, "imported numbers", 7)
    assert portability.ask(b"819032000002") == Unanswered(("tree",))
    assert portability.learned is not None
    portability.learned.denied(b"819032000001", "au", 1)
    assert portability.ask(b"819032000001") == Unanswered(("tree",))
    assert "network" not in build_portability(NUMBERS, settings, {"docomo", "au"}).order


@pytest.mark.parametrize("order", [(), ("files", "dns")])
def test_an_order_names_sources(order: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError):
        PortabilitySettings.model_validate({"order": order})


def test_whom_an_aggregator_serves_is_reached() -> None:
    settings = world.settings(
        routing={
            "routes": {"two": {"serves": ["one", "far"]}},
            "rules": [{"name": "urgent", "priorities": [3], "routes": [{"to": "two"}]}],
        },
        routes={"brand": "one"},
    )
    assert settings.reached() == {"one", "two", "brand", "far"}
    routes = settings.build_routes()
    query = Query("shop", b"", b"819030000001", "brand", priority=3)
    assert [one.carrier_key for one in routes.choose(query).routes] == ["two"]
    assert [one.carrier_key for one in routes.choose(query._replace(priority=0)).routes] == ["one", "two"]
    assert routes.carrier("far") == "two"
