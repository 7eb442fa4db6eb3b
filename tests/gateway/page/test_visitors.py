"""Tokens and browsers, in a for loop: who is let in, for how long, and who has to wait."""

import pytest

from gateway.page.visitors import FREE_ATTEMPTS, MOST_SESSIONS, MustWait, Visitors, same

TOKENS = {"noc": "a" * 20, "day": "b" * 20}


def test_a_token_is_whose_it_is_and_no_other_is_anybodys() -> None:
    one = Visitors(TOKENS, 60.0)
    assert [one.name_of(token, "peer", 0.0) for token in TOKENS.values()] == ["noc", "day"]
    for wrong in ("", "a" * 19, "a" * 21, "A" * 20, "ü" * 20, "\ud800"):
        assert one.name_of(wrong, wrong, 0.0) is None
    assert one.any
    assert not Visitors({}, 60.0).any


def test_who_guesses_waits_longer_and_longer_also_with_the_right_one() -> None:
    one = Visitors(TOKENS, 60.0)
    for _ in range(FREE_ATTEMPTS):
        assert one.name_of("x", "10.0.0.1", 0.0) is None
    waits = []
    now = 0.0
    for _ in range(8):
        with pytest.raises(MustWait) as wait:
            one.name_of(TOKENS["noc"], "10.0.0.1", now)
        waits.append(wait.value.seconds)
        now += wait.value.seconds
        assert one.name_of("x", "10.0.0.1", now) is None
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    assert one.name_of(TOKENS["noc"], "10.0.0.2", now) == "noc"
    assert one.name_of(TOKENS["noc"], "10.0.0.1", now + 60.0) == "noc"
    assert one.name_of("x", "10.0.0.1", now + 60.0) is None  # and all is forgiven


def test_a_browser_stays_in_for_its_time_or_until_it_leaves() -> None:
    one = Visitors(TOKENS, 60.0)
    first, second = one.let_in("noc", 0.0), one.let_in("day", 0.0)
    found = one.visitor(first, 59.9)
    assert found is not None
    assert found.name == "noc"
    assert len({first, second, found.form_key}) == 3
    one.leave(first)
    assert one.visitor(first, 1.0) is None
    assert one.visitor(second, 60.0) is None
    assert one.visitor(second, 0.0) is None
    assert one.visitor("", 0.0) is None


def test_no_more_than_some_browsers_are_in() -> None:
    one = Visitors(TOKENS, 60.0)
    cookies = [one.let_in("noc", 0.0) for _ in range(MOST_SESSIONS + 1)]
    assert [one.visitor(cookie, 0.0) is None for cookie in cookies] == [True] + [False] * MOST_SESSIONS


def test_secrets_are_compared_whole() -> None:
    assert same("a", "a")
    assert not same("a", "")
    assert not same("", "a")
