"""Names of numbers, NAPTR records and tel: URIs, sound and not."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.values import Ported
from gateway.routing.enum import Naptr, TelUri, is_suffix, name_of, read_naptrs, read_tel, rewrite

E164 = b"819012345678"
SUBJECT = "+819012345678"


def record(
    regexp: str, order: int = 10, preference: int = 100, flags: str = "u", service: str = "E2U+pstn:tel"
) -> Naptr:
    return Naptr(order, preference, flags, service, regexp)


def test_a_number_backwards() -> None:
    assert name_of(b"442079460148") == "8.4.1.0.6.4.9.7.0.2.4.4.e164.arpa"  # RFC 6116, section 3.2
    assert name_of(b"81", "tree.example") == "1.8.tree.example"


@pytest.mark.parametrize("number", [b"", b"+81", b"81 90", b"8190a", b"1" * 16, "８１".encode()])
def test_no_number_has_no_name(number: bytes) -> None:
    with pytest.raises(ValueError, match=r"E\.164"):
        name_of(number)


@pytest.mark.parametrize(
    ("suffix", "good"),
    [
        ("e164.arpa", True),
        ("a", True),
        ("", False),
        (".arpa", False),
        ("arpa.", False),
        ("a b", False),
        ("x" * 64, False),
    ],
)
def test_suffixes(suffix: str, good: bool) -> None:
    assert is_suffix(suffix) is good
    assert not is_suffix(".".join(["a" * 60] * 4))  # with a number before it, it would be too long for a name


@pytest.mark.parametrize(
    ("regexp", "uri"),
    [
        (r"!^(.*)$!tel:\1;mcc=310;mnc=012!", "tel:+819012345678;mcc=310;mnc=012"),
        (r"!^.*$!tel:+73422461703;npdi;rn=d2701;rn-context=+7!", "tel:+73422461703;npdi;rn=d2701;rn-context=+7"),
        (r"!^\+(.*)$!tel:+\1!", "tel:+819012345678"),
        (r"!^\+81(.*)$!tel:0\1!", "tel:09012345678"),
        (r"!^(\+81.*)$!tel:\1!", "tel:+819012345678"),
        (r"!(.+)!tel:\1!", "tel:+819012345678"),
        (r"!^\+819012345678$!tel:5!", "tel:5"),
        (r"#^.*$#tel:!#i", "tel:!"),
        (r"!^.*$!tel:\\1!", r"tel:\1"),
    ],
)
def test_expressions_that_enum_uses(regexp: str, uri: str) -> None:
    assert rewrite(regexp, SUBJECT) == uri


@pytest.mark.parametrize(
    "regexp",
    [
        "",
        "!",
        "!!",
        "!^.*$!tel:1",
        "!^.*$!tel:1!x",
        "!^.*$!tel:1!i!",
        "a^.*$atel:1a",
        "!^(a+)+$!tel:1!",
        "!^(.*)(.*)$!tel:1!",
        "!^[0-9]*$!tel:1!",
        r"!^\+82.*$!tel:1!",
        r"!^\+81$!tel:1!",
        r"!^.*$!tel:\1!",
        r"!^(.*)$!tel:\2!",
        "!^.*$!tel:\\!",
        r"!^\+819012345678.+$!tel:1!",
        "!^.*$!" + "x" * 2000 + "!",
    ],
)
def test_expressions_that_do_not_fit_or_are_none(regexp: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        rewrite(regexp, SUBJECT)


def test_a_tel_uri_and_what_it_says() -> None:
    uri = read_tel(
        "TEL:+7-342-246.17(03);NPDI;rn=d-27.01;rn-context=%2B7;spn=51589;q_stat=002".replace("q_stat", "q-stat")
    )
    assert uri == TelUri("+73422461703", npdi=True, rn="d2701", rn_context="+7", spn="51589")
    assert list(uri.names()) == ["d2701;+7", "d2701", "51589"]
    assert uri.ported is Ported.YES
    assert read_tel("tel:+81;npdi").ported is Ported.NO
    assert read_tel("tel:+81;spn=1").ported is Ported.UNKNOWN
    assert list(read_tel("tel:+81;mcc=440").names()) == []
    assert list(read_tel("tel:+81;mcc=440;mnc=10").names()) == ["44010"]


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "tel",
        "sip:+81@x",
        "tel:+81;rn=1;RN=2",
        "tel:+81;;",
        "tel:+81;=1",
        "tel:+8 1",
        "tel:" + "1" * 41,
        "tel:\n",
        "mailto:a",
    ],
)
def test_no_tel_uri(uri: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_tel(uri)


def test_order_and_preference_decide_and_what_is_wrong_is_passed_over() -> None:
    records = [
        record("!^.*$!tel:+1;rn=4!", order=20),
        record("!^.*$!tel:+1;rn=3!", preference=101),
        record("!^.*$!tel:+1;rn=2!"),
        record("!^.*$!tel:+1;rn=1", preference=1),
        record("!^.*$!sip:a@b!", order=1),
        record("!^.*$!tel:+1;rn=9!", order=1, flags=""),
        record("!^.*$!sip:x!", order=1, service="E2U+sip"),
        record("!^.*$!tel:+1;rn=9!", order=1, service="E2U+pstn:sip"),
        record("!^.*$!tel:+1;rn=9!", order=1, service="pstn:tel"),
    ]
    found = read_naptrs(records, E164)
    assert found is not None
    assert found.rn == "2"
    assert read_naptrs(records[3:], E164) is None
    assert read_naptrs([], E164) is None


@pytest.mark.parametrize("service", ["E2U+pstn:tel", "e2u+PSTN:TEL", "E2U+pstn", "E2U+sip+pstn:tel"])
def test_services(service: str) -> None:
    assert read_naptrs([record("!^.*$!tel:+1;rn=2!", service=service)], E164) is not None


def test_endless_answers_are_not_read_to_their_end() -> None:
    def endless() -> Iterator[Naptr]:
        while True:
            yield record("nothing")

    assert read_naptrs(endless(), E164) is None


@given(st.text(max_size=60), st.text(max_size=20), st.sampled_from(["u", "U", "", "s"]))
def test_whatever_a_record_says_it_is_read_or_passed_over(regexp: str, service: str, flags: str) -> None:
    read_naptrs([record(regexp, service=service, flags=flags), record(f"!^.*$!tel:{regexp}!")], E164)


@given(st.text(alphabet="!^(.*)+$\\1tel:;=rn0", max_size=30))
def test_nor_with_the_signs_of_expressions(regexp: str) -> None:
    read_naptrs([record(regexp), record(f"!^{regexp}$!tel:+1!"), record(f"!^(.*)$!{regexp}!")], E164)
