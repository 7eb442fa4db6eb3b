"""From files to settings, or to every mistake at once, each with file, line, column and key."""

import shutil
from pathlib import Path

import pytest

from gateway.model.values import Ported, Serving
from gateway.settings.load import SettingsError, load
from tests.gateway.settings.examples import CARRIER, CUSTOMER, SOUND, TOP, spoilt, write

CONFIG = Path(__file__).parents[3] / "config"


def told(path: Path) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(path)
    lines = [str(mistake).replace(f"{path.parent}/", "") for mistake in caught.value.mistakes]
    assert str(caught.value).count("\n") == len(lines) - 1
    assert "hush" not in str(caught.value)
    return lines


def test_a_sound_configuration_is_loaded(tmp_path: Path) -> None:
    settings = load(write(tmp_path / "a.yaml", SOUND))
    assert settings.carriers["one"].binds[0].password.reveal() == "hush-1"
    assert settings.carriers["one"].errors.temporary == (0x14, 0x58)
    assert settings.customers["shop"].system_id == "shop"
    serving = settings.build_portability().look_up(b"819030000001")
    assert serving == Serving("one", Ported.UNKNOWN, "number block")
    assert settings.build_routes().carrier("one") == "one"


def test_every_kind_of_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = spoilt("port: 0", "port: 70000")
    text = spoilt("window: 10", "windw: 10", text)
    text = spoilt("tariff: standard", "tariff: standart", text)
    text = spoilt('yen: "10"', "yen: 10", text)
    text = spoilt("NTT Docomo: one", "NTT Docomo: two", text)
    text = spoilt("password: hush-2", "password: hush-is-far-too-long", text)
    text += "  mall:\n    system_id: shop\n    password: hush-2\n    password: hush-3\n    tariff: standard\n"
    assert told(write(tmp_path / "a.yaml", text)) == [
        "a.yaml:2:23: listen.0.port: must be 65535 or below",
        "a.yaml:12:5: portability.library_names.NTT Docomo: there is no profile and no route of this name",
        'a.yaml:17:23: tariffs.standard.unit_price_yen.0.yen: must be yen in quotes, at most two decimals: "9.5"',
        "a.yaml:32:5: carriers.one.session.window: must be given",
        "a.yaml:33:7: carriers.one.session.windw: there is no such key; did you mean 'window'?",
        "a.yaml:46:5: customers.shop.password: a password has 1 to 8 printable ASCII characters and no space",
        "a.yaml:47:5: customers.shop.tariff: there is no tariff of this name; did you mean 'standard'?",
        "a.yaml:49:5: customers.mall.system_id: is customer shop's already",
        "a.yaml:51:5: customers.mall.password: is here twice; the first is in line 50",
    ]


def test_mistakes_stand_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    root = write(tmp_path / "root.yaml", "include: [z.yaml, a.yaml]\nzzz: 1\n" + spoilt("var", "5", TOP))
    write(tmp_path / "z.yaml", spoilt("port: 2776", "port: 0", CARRIER))
    write(tmp_path / "a.yaml", spoilt("system_id: shop", "system_id: 'a b'", CUSTOMER))
    assert told(root) == [
        "root.yaml:2:1: zzz: there is no such key",
        "root.yaml:6:3: store.directory: must be text, in quotes if it looks like something else",
        "z.yaml:12:9: carriers.one.binds.0.port: must be 1 or above",
        "a.yaml:3:5: customers.shop.system_id: must match ^[!-~]{1,15}$",
    ]


def test_yaml_1_1_does_not_bend_values(tmp_path: Path) -> None:
    text = spoilt("system_id: shop", "system_id: 0123")
    text = spoilt("  one:\n    title: One", "  no:\n    title: on", text)
    text = spoilt("NTT Docomo: one", "NTT Docomo: no", text)
    settings = load(write(tmp_path / "a.yaml", text))
    assert settings.customers["shop"].system_id == "0123"
    assert settings.carriers["no"].title == "on"


@pytest.mark.parametrize("written", ["5", "true", "[x]", "1.5", "null"])
def test_no_value_is_bent_into_text(tmp_path: Path, written: str) -> None:
    text = spoilt("system_id: shop", f"system_id: {written}")
    (mistake,) = told(write(tmp_path / "a.yaml", text))
    assert mistake.startswith("a.yaml:45:5: customers.shop.system_id: must be text")


def test_what_is_missing_is_told_unless_it_may_be_in_a_file_that_was_not_read(tmp_path: Path) -> None:
    assert told(write(tmp_path / "a.yaml", TOP)) == [
        "a.yaml:1:1: carriers: must be given",
        "a.yaml:1:1: customers: must be given",
        "a.yaml:12:5: portability.library_names.NTT Docomo: there is no profile and no route of this name",
    ]
    root = write(tmp_path / "root.yaml", f"include: [b.yaml]\n{spoilt('port: 0', 'port: no', TOP)}{CUSTOMER}")
    write(tmp_path / "b.yaml", f"{CARRIER}\n  [")
    root_mistake, b_mistake = told(root)
    assert root_mistake == "root.yaml:3:23: listen.0.port: must be a whole number"
    assert b_mistake.startswith("b.yaml:")
    assert "not YAML" in b_mistake


def test_an_empty_file_misses_everything(tmp_path: Path) -> None:
    mistakes = told(write(tmp_path / "a.yaml", ""))
    missing = {"carriers", "customers", "listen", "numbers", "store", "tariffs"}
    assert mistakes == [f"a.yaml:1:1: {key}: must be given" for key in sorted(missing)]


def test_a_list_is_not_called_short_for_an_entry_that_is_wrong(tmp_path: Path) -> None:
    assert told(write(tmp_path / "a.yaml", spoilt("port: 2776", "prt: 2776"))) == [
        "a.yaml:29:9: carriers.one.binds.0.prt: there is no such key; did you mean 'port'?",
    ]


def test_a_list_that_is_empty_is_called_short(tmp_path: Path) -> None:
    text = spoilt("  - {host: 127.0.0.1, port: 0}", "  []")
    assert told(write(tmp_path / "a.yaml", text)) == ["a.yaml:1:1: listen: must have more entries: at least 1"]


def test_files_of_numbers_are_judged_too(tmp_path: Path) -> None:
    text = spoilt("portability:\n", "portability:\n  ported_files: [p.csv, no.csv]\n  block_files: [b.csv]\n")
    write(tmp_path / "p.csv", "number,carrier\n09030000001,one\n0312345678,one\n09030000002,two\n")
    write(tmp_path / "b.csv", "number,carrier\n")
    assert told(write(tmp_path / "a.yaml", spoilt("port: 0", "port: -1", text))) == [
        "a.yaml:2:23: listen.0.port: must be 0 or above",
        "a.yaml:11:25: portability.ported_files.1: the file cannot be read: No such file or directory",
        "b.csv:1:1: the first line must be: prefix,carrier",
        "p.csv:3:1: number: this is not a mobile number",
        "p.csv:4:1: carrier: no profile and no route is called 'two'",
    ]


def test_files_of_numbers_are_found_beside_the_file_that_names_them(tmp_path: Path) -> None:
    root = write(tmp_path / "root.yaml", f"include: [sub/a.yaml]\n{CARRIER}{CUSTOMER}")
    write(tmp_path / "sub/a.yaml", spoilt("portability:\n", "portability:\n  ported_files: [p.csv]\n", TOP))
    write(tmp_path / "sub/p.csv", "number,carrier\n07099000001,one\n")
    portability = load(root).build_portability()
    assert portability.look_up(b"817099000001") == Serving("one", Ported.YES, "ported numbers")
    assert portability.look_up(b"819030000001") == Serving("one", Ported.NO, "number block")
    assert portability.look_up(b"817099000002") is None


def test_a_carrier_behind_a_route_may_have_blocks_and_numbers(tmp_path: Path) -> None:
    text = spoilt("NTT Docomo: one", "NTT Docomo: mvno") + "routes: {mvno: one}\n"
    settings = load(write(tmp_path / "a.yaml", text))
    assert settings.build_routes().carrier("mvno") == "one"
    serving = settings.build_portability().look_up(b"819030000001")
    assert serving is not None
    assert serving.carrier == "mvno"


def test_passwords_come_from_files_beside_the_file_that_names_them(tmp_path: Path) -> None:
    root = write(tmp_path / "root.yaml", f"include: [sub/c.yaml]\n{TOP}{CARRIER}")
    write(tmp_path / "sub/c.yaml", spoilt("hush-2", "{file: shop.pw}", CUSTOMER))
    write(tmp_path / "sub/shop.pw", "hush-9\n")
    settings = load(root)
    assert [one.reveal() for one in settings.customers["shop"].secrets()] == ["hush-9"]
    assert "hush" not in repr(settings)


def test_the_example_is_sound_and_finds_each_carrier() -> None:
    settings = load(CONFIG / "gateway.yaml")
    assert set(settings.carriers) == {"docomo", "au", "softbank", "rakuten"}
    assert [settings.carriers[key].binds[0].port for key in ("docomo", "au", "softbank", "rakuten")] == [
        27761, 27762, 27763, 27764,
    ]  # fmt: skip
    portability, routes = settings.build_portability(), settings.build_routes()
    served = {
        b"819030000001": "docomo", b"818050000001": "au", b"818030000001": "softbank", b"817083000001": "rakuten",
        b"819030000099": "au", b"818060000001": "au", b"816010000001": "softbank", b"816014000001": "docomo",
    }  # fmt: skip
    for number, profile in served.items():
        serving = portability.look_up(number)
        assert serving is not None
        assert routes.carrier(serving.carrier) == profile
    assert portability.look_up(b"819030000099") == Serving("au", Ported.YES, "ported numbers")
    assert portability.look_up(b"817099000001") is None


@pytest.mark.parametrize(
    ("carrier", "following", "most"), [("docomo", 66, 70), ("au", 67, 70), ("rakuten", 67, 70), ("softbank", 660, 660)]
)
def test_the_examples_bill_as_the_carriers_do(carrier: str, following: int, most: int) -> None:
    units = load(CONFIG / "gateway.yaml").carriers[carrier].text.rule().units
    for length in range(1, 661):
        expected = 1 if length <= most else -(-length // following)
        assert next(place for place, end in enumerate(units, start=1) if length <= end) == expected


def test_the_example_can_be_moved_as_a_whole(tmp_path: Path) -> None:
    shutil.copytree(CONFIG, tmp_path / "etc")
    assert load(tmp_path / "etc" / "gateway.yaml").build_portability().look_up(b"819030000099")
