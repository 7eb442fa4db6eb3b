"""Whose number it is: the truth table of block and ported numbers."""

from pathlib import Path

import pytest

from gateway.model.values import Ported, Serving
from gateway.routing.blocks import NumberBlocks
from gateway.routing.imported import BY_IMPORTED, ImportedNumbers
from gateway.routing.learned import LearnedNumbers
from gateway.routing.portability import Portability, Unanswered
from gateway.routing.ported import PortedNumbers
from gateway.routing.ported_build import write_differences

BLOCKS = NumberBlocks({b"8190": "docomo", b"8180": "au"})
PORTED = PortedNumbers({819000000001: "au", 819000000002: "docomo", 819000000003: "", 817000000001: "softbank"})

HOME = "number block"
TABLE = "ported numbers"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (b"819000000000", Serving("docomo", Ported.NO, HOME)),
        (b"818000000000", Serving("au", Ported.NO, HOME)),
        (b"819000000001", Serving("au", Ported.YES, TABLE)),
        (b"819000000002", Serving("docomo", Ported.NO, TABLE)),  # it came back
        (b"819000000003", None),  # to somebody whom we don't serve: its block must not take it
        (b"817000000001", Serving("softbank", Ported.YES, TABLE)),  # of a block that nobody knows
        (b"817000000000", None),
    ],
)
def test_with_ported_numbers(number: bytes, expected: Serving | None) -> None:
    assert Portability.over(BLOCKS, PORTED).look_up(number) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (b"819000000001", Serving("docomo", Ported.UNKNOWN, HOME)),
        (b"818000000000", Serving("au", Ported.UNKNOWN, HOME)),
        (b"817000000001", None),
    ],
)
def test_without_a_table_it_is_not_known_whether_a_number_was_ported(number: bytes, expected: Serving | None) -> None:
    assert Portability.over(BLOCKS, None).look_up(number) == expected


def test_an_empty_table_is_a_table() -> None:
    serving = Portability.over(BLOCKS, PortedNumbers({})).look_up(b"819000000001")
    assert serving == Serving("docomo", Ported.NO, HOME)


def test_no_answer_is_built_for_a_message() -> None:
    portability = Portability.over(BLOCKS, PORTED)
    assert portability.look_up(b"819000000005") is portability.look_up(b"819000000006")


AT = 1_795_478_400_000


def imported(directory: Path, numbers: dict[int, str | None]) -> ImportedNumbers:
    write_differences(directory / "n", numbers, AT)
    return ImportedNumbers(directory / "n")


def test_the_imported_file_is_asked_after_the_small_ones(tmp_path: Path) -> None:
    numbers: dict[int, str | None] = {
        819000000001: "softbank",
        819000000009: "au",
        818000000009: "au",
        819000000008: "",
    }
    portability = Portability(BLOCKS, PORTED, imported(tmp_path, numbers))
    assert portability.look_up(b"819000000001") == Serving("au", Ported.YES, TABLE)
    assert portability.look_up(b"819000000009") == Serving("au", Ported.YES, BY_IMPORTED, AT)
    assert portability.look_up(b"818000000009") == Serving("au", Ported.NO, BY_IMPORTED, AT)
    assert portability.look_up(b"819000000008") is None
    assert portability.look_up(b"819000000007") == Serving("docomo", Ported.NO, HOME)


def test_a_file_that_is_exchanged_is_asked_from_then_on(tmp_path: Path) -> None:
    portability = Portability(BLOCKS, None, imported(tmp_path, {819000000009: "au"}))
    write_differences(tmp_path / "n", {819000000009: "a carrier that was not there before"}, AT)
    assert portability.imported is not None
    portability.imported.refresh()
    serving = portability.look_up(b"819000000009")
    assert serving is not None
    assert serving.carrier == "a carrier that was not there before"


def test_without_the_file_that_there_should_be_it_is_not_known_whether_a_number_was_ported(tmp_path: Path) -> None:
    portability = Portability(BLOCKS, None, ImportedNumbers(tmp_path / "n"))
    assert portability.look_up(b"819000000009") == Serving("docomo", Ported.UNKNOWN, HOME)


def taught() -> LearnedNumbers:
    facts = LearnedNumbers(1_000, 10)
    facts.redirected(b"819000000001", "docomo", "softbank", 5)
    facts.denied(b"819000000005", "docomo", 6)
    facts.redirected(b"819000000006", "docomo", "au", 7)
    facts.redirected(b"819000000006", "au", "docomo", 8)
    return facts


def test_what_was_learned_comes_before_files() -> None:
    portability = Portability(BLOCKS, PORTED, learned=taught())
    assert portability.look_up(b"819000000001") == Serving("softbank", Ported.YES, "learned", 5)
    assert portability.look_up(b"819000000005") is None  # docomo's block, and docomo says no
    assert portability.look_up(b"819000000006") == Serving("docomo", Ported.NO, HOME)  # they contradict each other
    assert portability.look_up(b"819000000000") == Serving("docomo", Ported.NO, HOME)


def test_the_operator_sets_the_order() -> None:
    portability = Portability(BLOCKS, PORTED, learned=taught(), order=("files", "learned", "blocks"))
    assert portability.look_up(b"819000000001") == Serving("au", Ported.YES, TABLE)
    assert portability.order == ("files", "learned", "blocks")
    only = Portability(BLOCKS, PORTED, learned=taught(), order=("files",))
    assert only.look_up(b"819000000000") is None
    assert Portability(BLOCKS, PORTED, order=("blocks", "files")).look_up(b"819000000001") == Serving(
        "docomo", Ported.NO, HOME
    )


def test_who_is_asked_over_the_network_stands_in_the_same_order() -> None:
    portability = Portability(BLOCKS, PORTED, learned=taught(), network=("tree", "service"))
    asked = Unanswered(("tree", "service"))
    assert portability.ask(b"819000000001") == Serving("softbank", Ported.YES, "learned", 5)
    assert portability.ask(b"819000000002") == Serving("docomo", Ported.NO, TABLE)
    assert portability.ask(b"819000000000") == asked
    assert portability.ask(b"819000000000", after="network") == Serving("docomo", Ported.NO, HOME)
    assert portability.ask(b"819000000005") == asked
    assert portability.ask(b"819000000005", after="network") is None  # the denial holds behind the network too
    assert portability.look_up(b"819000000000") == Serving("docomo", Ported.NO, HOME)
    assert portability.ask(b"819000000003") is None  # a file says that nobody serves it
    last = Portability(BLOCKS, PORTED, network=("tree",), order=("files", "blocks", "network"))
    assert last.ask(b"819000000000") == Serving("docomo", Ported.NO, HOME)
    assert last.ask(b"817000000000") == Unanswered(("tree",))
    assert last.ask(b"817000000000", after="network") is None


def test_what_the_network_says_is_judged_against_the_block() -> None:
    portability = Portability(BLOCKS, PORTED, learned=taught(), network=("tree",))
    assert portability.found(b"819000000000", "au", "tree", 9) == Serving("au", Ported.YES, "tree", 9)
    assert portability.found(b"819000000000", "docomo", "tree", 9) == Serving("docomo", Ported.NO, "tree", 9)
    assert portability.found(b"817000000000", "docomo", "tree", 9) == Serving("docomo", Ported.UNKNOWN, "tree", 9)
    assert portability.found(b"819000000000", "", "tree", 9) is None
    assert portability.found(b"819000000005", "docomo", "tree", 9) is None  # it said no itself
    assert portability.at_home(b"819000000000", "tree", 9) == Serving("docomo", Ported.NO, "tree", 9)
    assert portability.at_home(b"819000000005", "tree", 9) is None
    assert portability.at_home(b"817000000000", "tree", 9) is None


def test_the_customer_may_name_the_carrier() -> None:
    portability = Portability(BLOCKS, PORTED, network=("tree",))
    assert portability.ask(b"819000000001", forced="docomo") == Serving("docomo", Ported.NO, "customer")
    deaf = Portability(BLOCKS, PORTED, order=("files", "blocks"))
    assert deaf.ask(b"819000000001", forced="docomo") == Serving("au", Ported.YES, TABLE)
    plain = Portability.over(BLOCKS, PORTED)
    assert plain.ask(b"819000000001", forced="softbank") == Serving("softbank", Ported.YES, "customer")
    assert plain.ask(b"819000000001") == plain.look_up(b"819000000001")


def test_people_hear_what_every_source_says(tmp_path: Path) -> None:
    portability = Portability(BLOCKS, PORTED, imported(tmp_path, {}), taught(), network=("tree",))

    def said(number: bytes, forced: str = "") -> list[str]:
        return [answer.says for answer in portability.sources(number, forced)]

    asked = "not asked here; the gateway asks tree"
    assert said(b"819000000001", "au") == ["au", "softbank", "au", asked, "docomo"]
    assert said(b"819000000003") == ["names none", "does not know it", "nobody whom we serve", asked, "docomo"]
    assert said(b"819000000005") == ["names none", "not docomo", "does not know it", asked, "docomo"]
    assert said(b"819000000006")[1] == "carriers contradict each other"
    assert said(b"817000000000")[-1] == "does not know it"


def test_people_hear_how_old_it_is_and_who_said_that_it_is_not(tmp_path: Path) -> None:
    portability = Portability(BLOCKS, PORTED, imported(tmp_path, {}), taught(), network=("tree",))
    learned, *_, blocks = [one for one in portability.sources(b"819000000005") if one.source != "customer"]
    assert learned.as_of > 0
    assert (learned.barred, blocks.barred) == (False, True)
    first = Portability(BLOCKS, None, None, taught(), order=("blocks", "learned"))
    # Who is asked before does not know of it.
    assert [one.barred for one in first.sources(b"819000000005")] == [False, False]
