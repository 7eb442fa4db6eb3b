"""Requests by number: answered, overdue, late, forgotten, and never more than they may be."""

from gateway.smpp.requests import Requests

RESP, NACK = 0x8000_0004, 0x8000_0000


def test_what_is_over_is_told_once_oldest_first() -> None:
    requests = Requests(30.0, most_overdue=10, overdue_seconds=60.0)
    requests.make(1, "a", RESP, 0.0)
    requests.make(2, "b", RESP, 0.0)
    requests.make(3, "c", RESP, 1.0)
    assert requests.expire(29.9) == []
    assert requests.expire(30.0) == ["a", "b"]
    assert requests.expire(30.5) == []
    assert requests.expire(31.0) == ["c"]


def test_a_late_one_is_found_once_and_only_by_its_own_response() -> None:
    requests = Requests(30.0, most_overdue=10, overdue_seconds=60.0)
    requests.make(1, "a", RESP, 0.0)
    assert requests.late(1, RESP, NACK) is None  # it is not late yet
    requests.expire(30.0)
    assert requests.late(1, RESP + 1, NACK) is None
    assert requests.late(2, RESP, NACK) is None
    found = requests.late(1, RESP, NACK)
    assert found is not None
    assert found.context == "a"
    assert requests.late(1, RESP, NACK) is None


def test_overdue_ones_are_forgotten_by_time() -> None:
    requests = Requests(30.0, most_overdue=10, overdue_seconds=60.0)
    requests.make(1, "a", RESP, 0.0)
    requests.expire(30.0)
    requests.expire(89.9)
    assert requests.overdue == 1
    requests.expire(90.0)
    assert requests.overdue == 0


def test_overdue_ones_are_forgotten_by_number_the_oldest_first() -> None:
    requests = Requests(30.0, most_overdue=2, overdue_seconds=60.0)
    for number in range(1, 6):
        requests.make(number, number, RESP, 0.0)
    assert requests.expire(30.0) == [1, 2, 3, 4, 5]
    assert requests.overdue == 2
    assert requests.late(3, RESP, NACK) is None
    assert requests.late(4, RESP, NACK) is not None


def test_by_default_none_is_kept() -> None:
    requests = Requests(30.0)
    requests.make(1, "a", RESP, 0.0)
    requests.expire(30.0)
    assert requests.overdue == 0


def test_the_end() -> None:
    requests = Requests(30.0, most_overdue=10, overdue_seconds=60.0)
    requests.make(1, "a", RESP, 0.0)
    requests.expire(30.0)
    requests.make(2, "b", RESP, 30.0)
    assert requests.clear() == ["b"]
    assert requests.late(1, RESP, NACK) is None
