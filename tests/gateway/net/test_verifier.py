"""Checks beside the loop: answers in it, a bounded queue, an end."""

import asyncio
import threading
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher

from gateway.net import verifier
from gateway.net.verifier import HASHER, Verifier, is_right, verify_at_once

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("secret")


def test_the_profile_is_the_one_of_19_mebibytes() -> None:
    assert (HASHER.memory_cost, HASHER.time_cost, HASHER.parallelism) == (19 * 1024, 2, 1)


def test_one_check() -> None:
    assert is_right(CHEAP, b"secret")
    assert not is_right(CHEAP, b"Secret")
    assert not is_right(CHEAP, b"")
    assert not is_right("$argon2id$garbage", b"secret")
    assert not is_right("", b"")
    said: list[bool] = []
    assert verify_at_once(CHEAP, b"secret", said.append)
    assert said == [True]


async def test_answers_come_in_the_loop() -> None:
    loop = asyncio.get_running_loop()
    one = Verifier(loop, 2, 10)
    answers: asyncio.Queue[tuple[bool, int]] = asyncio.Queue()

    def then(right: bool) -> None:
        answers.put_nowait((right, threading.get_ident()))

    for password in (b"secret", b"wrong"):
        assert one.verify(CHEAP, password, then)
    assert one.waiting == 2
    told = sorted([await answers.get(), await answers.get()])
    assert told == [(False, threading.get_ident()), (True, threading.get_ident())]
    assert one.waiting == 0
    one.close()


async def test_above_the_bound_nothing_is_taken_and_the_end_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    began, go = threading.Event(), threading.Event()

    def slow(_: str, __: bytes) -> bool:
        began.set()
        go.wait(10)
        return True

    monkeypatch.setattr(verifier, "is_right", slow)
    one = Verifier(asyncio.get_running_loop(), 1, 3)
    answers: asyncio.Queue[bool] = asyncio.Queue()
    then: Callable[[bool], None] = answers.put_nowait
    assert [one.verify(CHEAP, b"x", then) for _ in range(5)] == [True, True, True, False, False]
    assert began.wait(10)
    go.set()
    one.close()
    assert await answers.get()
    assert one.waiting <= 2
