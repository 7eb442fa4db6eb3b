"""Characters that a carrier does not carry: refused, sent, or said in others without another meaning."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.errors import Reason, Refusal
from gateway.segmenter.fit import NARROW, SAME_MEANING, fit
from gateway.segmenter.gsm import encode_gsm
from gateway.segmenter.rules import Repertoire, TextRule, Unfit

REPLACES = TextRule(unfit=Unfit.REPLACE, carried=Repertoire.JIS)
REFUSES = TextRule(unfit=Unfit.REFUSE, carried=Repertoire.JIS)
TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


def fitted(text: str, rule: TextRule) -> str:
    return fit(text.encode("utf_16_be"), rule).decode("utf_16_be")


def refused(text: str, rule: TextRule) -> Refusal:
    with pytest.raises(Refusal) as caught:
        fitted(text, rule)
    return caught.value


@pytest.mark.parametrize("carried", Repertoire)
def test_send_touches_nothing(carried: Repertoire) -> None:
    octets = "①～😀𠮷".encode("utf_16_be")
    assert fit(octets, TextRule(unfit=Unfit.SEND, carried=carried)) is octets


def test_refuse_passes_what_is_carried_without_a_copy() -> None:
    octets = "〜漢字ｶﾞＡabc\n¥".encode("utf_16_be")
    assert fit(octets, REFUSES) is octets


@pytest.mark.parametrize(
    ("text", "named"),
    [("漢字①", "U+2460"), ("～", "U+FF5E"), ("ab😀～", "U+1F600"), ("𠮷野家", "U+20BB7"), ("é", "U+00E9")],
)
def test_refuse_names_the_first_misfit(text: str, named: str) -> None:
    refusal = refused(text, REFUSES)
    assert refusal.reason is Reason.UNDECODABLE_TEXT
    assert str(refusal).endswith(named)


def test_beyond_the_basic_plane_nothing_is_carried_by_a_bmp_carrier() -> None:
    rule = TextRule(unfit=Unfit.REFUSE, carried=Repertoire.BMP)
    assert fitted("①～é\uffff", rule) == "①～é\uffff"
    assert "U+10000" in str(refused("a\U00010000", rule))
    replaces = TextRule(unfit=Unfit.REPLACE, carried=Repertoire.BMP)
    assert fitted("葛\U000e0100①", replaces) == "葛①"
    assert "U+1F600" in str(refused("😀", replaces))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10時～11時", "10時〜11時"),
        ("①②⑳", "(1)(2)(20)"),
        ("第Ⅳ章ⅻ", "第IV章xii"),
        ("㈱テスト", "(株)テスト"),
        ("５㎏㎡", "５kgm2"),
        ("㍻３０年", "平成３０年"),
        ("か\u3099き\u3099", "がぎ"),
        ("ハ\u309a", "パ"),
        ("葛\U000e0100飾", "葛飾"),
        ("☆\ufe0e", "☆"),
        ("a\u00a0b\u2003c", "a b c"),
        ("a\u200bb", "ab"),
        ("－￠￡￢∥—", "−¢£¬‖―"),
        ("神", "神"),
        ("\u2126", "Ω"),
    ],
)
def test_replacements_say_the_same(text: str, expected: str) -> None:
    assert fitted(text, REPLACES) == expected


@pytest.mark.parametrize("text", ["😀", "𠮷", "髙", "é", "²", "½", "☎", "①😀", "か\u309a", "👍🏽"])
def test_what_has_no_equal_is_refused(text: str) -> None:
    assert refused(text, REPLACES).reason is Reason.UNDECODABLE_TEXT


def test_what_is_carried_stays_although_a_replacement_is_known() -> None:
    assert fitted("①～", TextRule(unfit=Unfit.REPLACE)) == "①～"
    assert fitted("\u212b①", REPLACES) == "\u212b(1)"  # JIS X 0208 has the angstrom sign, not its composition


def test_the_operator_s_replacements_come_first() -> None:
    rule = TextRule(
        unfit=Unfit.REPLACE, carried=Repertoire.JIS, replacements={"髙": "高", "①": "1.", "漢": "カン", "〜": "～"}
    )
    assert fitted("髙①②漢", rule) == "高1.(2)カン"
    assert fitted("〜", rule) == "〜"  # a replacement that misfits is replaced in its turn
    assert fitted("〜", TextRule(unfit=Unfit.REPLACE, replacements={"〜": "～"})) == "～"


def test_a_replacement_that_is_not_carried_is_refused() -> None:
    rule = TextRule(unfit=Unfit.REPLACE, carried=Repertoire.JIS, replacements={"a": "😀"})
    assert "U+1F600" in str(refused("a", rule))


def test_a_text_of_nothing_seen_is_empty() -> None:
    assert refused("\u200b\ufe0f", REPLACES).reason is Reason.EMPTY_TEXT


def test_every_built_in_replacement_is_for_a_misfit_and_fits() -> None:
    for misfit, same in SAME_MEANING.items():
        assert refused(misfit, REFUSES).reason is Reason.UNDECODABLE_TEXT
        if same:
            assert fitted(same, REFUSES) == same


def test_the_built_in_table_agrees_with_unicode_about_compatibility() -> None:
    different = {misfit for misfit, same in SAME_MEANING.items() if unicodedata.normalize("NFKC", misfit) != same}
    # Unicode makes a circled digit a bare one and full-width forms ASCII; neither is what these tables may do.
    assert not any(misfit in different for misfit in "ⅠⅫⅰⅻ㎏㎜㏄㍉㌔℡㍻㍾")
    assert {unicodedata.normalize("NFKC", misfit) for misfit in "①⑳"} == {"1", "20"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ｙｏｕｒ　ｃｏｄｅ：１２３", "Your code:123"),
        ("10時".replace("時", "") + "～〜", "10~~"),
        ("￥1,000－", "¥1,000-"),
        ("“a” ‘b’ – c…", "\"a\" 'b' - c..."),
        ("①②", "(1)(2)"),
        ("e\u0301", "é"),
        ("［｛｝］＼｜＾", "[{}]\\|^"),
    ],
)
def test_a_carrier_of_gsm_gets_narrow_forms(text: str, expected: str) -> None:
    assert fitted(text, TextRule(unfit=Unfit.REPLACE, carried=Repertoire.GSM)) == expected


@pytest.mark.parametrize("text", ["日", "ｶ", "㈱", "`", "ａあ", "😀", "\u0301"])
def test_what_gsm_has_no_word_for_is_refused(text: str) -> None:
    assert refused(text, TextRule(unfit=Unfit.REPLACE, carried=Repertoire.GSM)).reason is Reason.UNDECODABLE_TEXT
    assert refused(text, TextRule(unfit=Unfit.REFUSE, carried=Repertoire.GSM)).reason is Reason.UNDECODABLE_TEXT


def test_narrow_forms_mean_the_same_and_jis_keeps_the_wide_ones() -> None:
    for wide, narrow in NARROW.items():
        compatible = unicodedata.normalize("NFKC", wide)
        if wide not in "〜“”„‟‘’‚‛‐‑‒–—―−":
            assert compatible == narrow, f"U+{ord(wide):04X}"
        assert encode_gsm(narrow) is not None or narrow == "`"
    wide_text = "ＡＢＣ　１２３！〜“”…"
    assert fitted(wide_text, REPLACES) == wide_text


@given(TEXT, st.sampled_from([Repertoire.BMP, Repertoire.JIS, Repertoire.GSM]))
def test_what_comes_out_is_carried_and_stays_as_it_is(text: str, carried: Repertoire) -> None:
    replaces, refuses = TextRule(unfit=Unfit.REPLACE, carried=carried), TextRule(unfit=Unfit.REFUSE, carried=carried)
    try:
        out = fitted(text, replaces)
    except Refusal:
        return
    assert fitted(out, refuses) == out
    assert fitted(out, replaces) == out


@given(TEXT)
def test_a_text_that_is_carried_is_never_changed(text: str) -> None:
    try:
        fitted(text, REFUSES)
    except Refusal:
        return
    assert fitted(text, REPLACES) == text
