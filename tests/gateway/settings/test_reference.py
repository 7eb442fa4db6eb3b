"""The page of all keys is the one that the models make."""

from pathlib import Path

from gateway.settings.reference import reference

PAGE = Path(__file__).parents[3] / "docs" / "configuration.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8").endswith(f"-->\n\n{reference()}")


def test_it_knows_kinds_limits_and_defaults() -> None:
    page = reference()
    for line in (
        "| `node` | whole number from 0 below 32 | 0 |",
        "| `metrics` | section | null |",
        "| `level` | debug, info, warning, error | info |",
        "| `units` | list: whole number | must be given |",
        "| `gsm7` | true or false | false |",
        "| `yen` | yen | must be given |",
        '| `system_type` | text | "" |',
        "| `replacements` | name -> text | {} |",
        "| `concatenation` | udh8, udh16, sar, payload | must be given |",
    ):
        assert line in page
    for title in ("## `carriers.NAME.binds[]`", "## `customers.NAME.throttle`", "## `tariffs.NAME.unit_price_yen[]`"):
        assert title in page


def test_every_key_has_a_meaning() -> None:
    rows = [line for line in reference().splitlines() if line.startswith("| `")]
    assert len(rows) > 80
    assert all(len(row.split(" | ")[-1]) > len("x |") for row in rows)
