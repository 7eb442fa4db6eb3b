"""Vendors' TLVs: what the operator writes becomes names and types; what has a meaning already is a mistake."""

from pathlib import Path

import pytest

from gateway.settings.load import SettingsError, load
from gateway.settings.tlvs import tag_of
from gateway.smpp.tlv import Kind, Tag, TlvType
from tests.gateway.settings.examples import SOUND, write

NAMED = """\
tlvs:
  acme_price: {tag: 0x1401, type: integer, most_octets: 2}
  acme_note: {tag: 0x1402, type: text}
  acme_blob: {tag: 0x1403, type: octets, least_octets: 0, most_octets: 4}
"""


def test_names_and_types(tmp_path: Path) -> None:
    words = load(write(tmp_path / "gateway.yaml", SOUND + NAMED)).vocabulary()
    assert words.name(0x1401) == "acme_price"
    assert words.tag("acme_note") == 0x1402
    assert words.type_of(0x1402) == TlvType(Kind.C_OCTETS, 1, 0xFFFF)
    assert words.write_value(0x1401, 300) == b"\x01\x2c"
    assert words.read_value(0x1401, b"\x01\x2c") == 300
    assert words.read_value(0x1402, b"hi\0") == b"hi"
    assert words.write_value(0x1403, b"") == b""
    with pytest.raises(ValueError, match="acme_price"):
        words.write_value(0x1401, 70_000)
    with pytest.raises(ValueError, match="acme_blob"):
        words.write_value(0x1403, b"12345")


def test_the_standard_stays_and_the_unknown_is_octets(tmp_path: Path) -> None:
    words = load(write(tmp_path / "gateway.yaml", SOUND + NAMED)).vocabulary()
    assert words.tag("message_state") == Tag.MESSAGE_STATE
    assert words.name(0x1404) == "0x1404"
    assert words.read_value(0x1404, b"\0any\xff\0") == b"\0any\xff\0"


def test_without_the_section_there_is_the_standard(tmp_path: Path) -> None:
    assert load(write(tmp_path / "gateway.yaml", SOUND)).vocabulary().name(0x1401) == "0x1401"


@pytest.mark.parametrize(
    ("entry", "key", "said"),
    [
        ("a: {tag: 0x0427, type: integer}", "tlvs.a", "tag 0x0427 is the standard's message_state"),
        ("message_state: {tag: 0x1401, type: integer}", "tlvs", "message_state .0x1401. has a meaning already"),
        ("a: {tag: 0x1401, type: text}, b: {tag: 0x1401, type: text}", "tlvs", "b .0x1401. has a meaning already"),
        ("a: {tag: 0x10000, type: text}", "tlvs.a.tag", "65535 or below"),
        ("a: {tag: -1, type: text}", "tlvs.a.tag", "0 or above"),
        ("a: {tag: 0x1401, type: string}", "tlvs.a.type", "integer.*text.*octets"),
        ("a: {tag: 0x1401}", "tlvs.a.type", "must be given"),
        ("a: {tag: 0x1401, type: octets, least_octets: 5, most_octets: 4}", "tlvs.a", "5..4 octets cannot be"),
        ("a: {tag: 0x1401, type: integer, most_octets: 9}", "tlvs.a", "at most 8 octets"),
        ("a: {tag: 0x1401, type: text, least_octets: 0}", "tlvs.a", "its NUL"),
        ("Ab: {tag: 0x1401, type: text}", "tlvs.Ab", "must match"),
        ("a: {tag: 0x1401, typ: text, type: text}", "tlvs.a.typ", "did you mean 'type'"),
    ],
)
def test_mistakes(entry: str, key: str, said: str, tmp_path: Path) -> None:
    path = write(tmp_path / "gateway.yaml", f"{SOUND}tlvs: {{{entry}}}\n")
    with pytest.raises(SettingsError, match=said) as found:
        load(path)
    assert [mistake.key for mistake in found.value.mistakes] == [key]


def test_a_name_stands_for_a_tag_and_an_unknown_one_is_named(tmp_path: Path) -> None:
    named = load(write(tmp_path / "gateway.yaml", SOUND + NAMED)).tlvs
    assert tag_of("acme_price", named) == 0x1401
    assert tag_of("user_message_reference", named) == Tag.USER_MESSAGE_REFERENCE
    for name, said in (
        ("acme_prize", "named 'acme_prize' in `tlvs`; did you mean 'acme_price'"),
        ("", "named '' in `tlvs`"),
        ("0x1401", "named '0x1401' in `tlvs`"),
        ("ACME_PRICE", "named 'ACME_PRICE' in `tlvs`"),
    ):
        with pytest.raises(ValueError, match=said):
            tag_of(name, named)
