"""Passwords in place, hashed, remembered, doubled; a verifier that a test answers for; and floods of wrong ones."""

from collections.abc import Callable

from argon2 import PasswordHasher

from gateway.flow.access import Access
from gateway.flow.credentials import MOST_OF_ADDRESS, Credentials, Verdict, decoy_of

PLAIN = Access(passwords=(b"secret",))
HASHED = Access(hashes=("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$b25l",))
ROTATED = Access(hashes=("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$b2xk", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$bmV3"))
RIGHT = {HASHED.hashes[0]: b"one", ROTATED.hashes[0]: b"old", ROTATED.hashes[1]: b"new"}


class Desk:
    """Credentials over a verifier that answers when the test says so."""

    def __init__(self, *accesses: Access, most: int = 64) -> None:
        self.asked: list[tuple[str, bytes, Callable[[bool], None]]] = []
        self.full = False
        self.checks = 0
        self.credentials = Credentials(accesses, self._verify, b"k" * 32, most)

    def _verify(self, hashed: str, password: bytes, then: Callable[[bool], None]) -> bool:
        if not self.full:
            self.asked.append((hashed, password, then))
            self.checks += 1
        return not self.full

    def judge(
        self, access: Access | None, password: bytes, name: bytes = b"shop", where: str = "a", stranger: bool = True
    ) -> list[Verdict]:
        said: list[Verdict] = []
        self.credentials.judge(access, name, password, where, stranger, said.append)
        return said

    def work(self) -> None:
        while self.asked:
            hashed, password, then = self.asked.pop(0)
            then(RIGHT.get(hashed) == password)


def test_in_place_is_judged_at_once() -> None:
    desk = Desk(PLAIN)
    assert desk.judge(PLAIN, b"secret") == [Verdict.RIGHT]
    for wrong in (b"", b"Secret", b"secret1"):
        assert desk.judge(PLAIN, wrong) == [Verdict.WRONG]
    assert desk.judge(None, b"secret") == [Verdict.WRONG]
    assert desk.checks == 0


def test_two_in_place_are_both_right() -> None:
    both = Access(passwords=(b"old", b"new"))
    desk = Desk(both)
    assert desk.judge(both, b"old") == desk.judge(both, b"new") == [Verdict.RIGHT]


def test_a_hash_is_judged_later_and_remembered() -> None:
    desk = Desk(HASHED)
    said = desk.judge(HASHED, b"one")
    assert said == []
    desk.work()
    assert said == [Verdict.RIGHT]
    assert desk.judge(HASHED, b"one") == [Verdict.RIGHT]
    assert desk.checks == 1
    assert len(desk.credentials) == 0


def test_what_was_wrong_is_not_remembered() -> None:
    desk = Desk(HASHED)
    for count in (1, 2):
        said = desk.judge(HASHED, b"two")
        desk.work()
        assert said == [Verdict.WRONG]
        assert desk.checks == count


def test_what_is_remembered_is_of_one_account() -> None:
    same = Access(hashes=("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$c2FtZQ",))
    desk = Desk(HASHED, same)
    desk.judge(HASHED, b"one")
    desk.work()
    said = desk.judge(same, b"one", b"mall")
    desk.work()
    assert said == [Verdict.WRONG]


def test_both_of_two_hashes_are_right() -> None:
    desk = Desk(ROTATED)
    for password in (b"old", b"new"):
        said = desk.judge(ROTATED, password)
        desk.work()
        assert said == [Verdict.RIGHT]
    checks = desk.checks
    assert desk.judge(ROTATED, b"old") == desk.judge(ROTATED, b"new") == [Verdict.RIGHT]
    assert desk.checks == checks


def test_everybody_who_fails_costs_the_same() -> None:
    spent = []
    for access in (PLAIN, HASHED, ROTATED, None):
        desk = Desk(PLAIN, HASHED, ROTATED)
        said = desk.judge(access, b"wrong")
        assert said == []
        desk.work()
        assert said == [Verdict.WRONG]
        spent.append(desk.checks)
    assert spent == [2, 2, 2, 2]


def test_ten_binds_at_once_are_one_check_and_one_mistake() -> None:
    desk = Desk(HASHED)
    right = [desk.judge(HASHED, b"one") for _ in range(10)]
    wrong = [desk.judge(HASHED, b"two") for _ in range(3)]
    desk.work()
    assert right == [[Verdict.RIGHT]] * 10
    assert wrong == [[Verdict.WRONG], [Verdict.REPEATED], [Verdict.REPEATED]]
    assert desk.checks == 2


def test_guesses_of_one_address_are_bounded_and_its_own_fault() -> None:
    desk = Desk(HASHED)
    said = [desk.judge(HASHED, b"%d" % number) for number in range(MOST_OF_ADDRESS + 5)]
    assert said[MOST_OF_ADDRESS:] == [[Verdict.BUSY]] * 5
    assert desk.judge(HASHED, b"one", where="b") == []
    assert desk.judge(HASHED, b"x", where="a", stranger=False) == []
    desk.work()
    assert said[0] == [Verdict.WRONG]
    assert desk.judge(HASHED, b"again") == []


def test_strangers_leave_half_of_the_room() -> None:
    desk = Desk(HASHED, most=10)
    for number in range(5):
        assert desk.judge(HASHED, b"%d" % number, where=f"{number}") == []
    assert desk.judge(HASHED, b"x", where="new") == [Verdict.BUSY]
    for number in range(5):
        assert desk.judge(HASHED, b"y%d" % number, where="known", stranger=False) == []
    assert desk.judge(HASHED, b"z", where="known", stranger=False) == [Verdict.BUSY]
    assert len(desk.credentials) == 10
    desk.work()
    assert len(desk.credentials) == 0


def test_a_verifier_that_is_full_is_busy_at_any_round() -> None:
    desk = Desk(ROTATED)
    desk.full = True
    assert desk.judge(ROTATED, b"old") == [Verdict.BUSY]
    desk.full = False
    said = desk.judge(ROTATED, b"old")
    desk.full = True
    desk.work()
    assert said == [Verdict.BUSY]
    assert len(desk.credentials) == 0


def test_a_decoy_costs_what_the_dearest_hash_costs_and_is_nobodys() -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("x")
    dear = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("x")
    decoy = decoy_of([cheap, dear])
    assert decoy.split("$")[:5] == dear.split("$")[:5]
    assert decoy != dear
    assert len(decoy) == len(dear)
    assert decoy_of([]) == ""


def test_a_decoy_that_verifies_lets_nobody_in() -> None:
    desk = Desk(HASHED)
    said = desk.judge(None, b"x")
    hashed, _, then = desk.asked.pop()
    assert hashed not in HASHED.hashes
    then(True)
    assert said == [Verdict.WRONG]
