"""Passwords from every source, and no source that tells them."""

from pathlib import Path

import pytest
from argon2 import PasswordHasher, Type
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.settings.passwords import MAX_FILE_OCTETS, Password, PasswordOrHash, Secret


def refused(written: object) -> str:
    with pytest.raises(ValidationError) as caught:
        Password.model_validate(written)
    return "".join(error["msg"] for error in caught.value.errors(include_input=False))


def test_in_place() -> None:
    assert Password.model_validate("demo-pw").reveal() == "demo-pw"
    assert Password.model_validate("12345678").reveal() == "12345678"


@pytest.mark.parametrize("written", ["", "123456789", "a b", "a\x00", "日本語", "a\n", " ", "\x7f"])
def test_what_smpp_cannot_carry_is_refused(written: str) -> None:
    assert "1 to 8" in refused(written)


@pytest.mark.parametrize(
    "written",
    [
        5,
        None,
        True,
        1.5,
        (),
        ("a",),
        {},
        {"file": "a", "env": "b"},
        {"vault": "a"},
        {"file": 5},
        {"file": None},
        {5: "a"},
    ],
)
def test_other_forms_are_refused(written: object) -> None:
    assert "in quotes" in refused(written)


def test_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "pw"
    for octets in (b"secret", b"secret\n", b"secret\r\n"):
        file.write_bytes(octets)
        assert Password.model_validate({"file": str(file)}).reveal() == "secret"


@pytest.mark.parametrize("octets", [b"", b"\n", b"two\nlines", b"\xffsecret", b"secret " + b"x" * MAX_FILE_OCTETS])
def test_a_file_that_holds_no_password(tmp_path: Path, octets: bytes) -> None:
    file = tmp_path / "pw"
    file.write_bytes(octets)
    assert "secret" not in refused({"file": str(file)})


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert "No such file" in refused({"file": str(tmp_path / "absent")})
    assert "cannot be read" in refused({"file": str(tmp_path)})


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "secret")
    assert Password.model_validate({"env": "SHOP_PASSWORD"}).reveal() == "secret"
    monkeypatch.setenv("SHOP_PASSWORD", "secret-that-is-long")
    assert "secret" not in refused({"env": "SHOP_PASSWORD"})
    monkeypatch.delenv("SHOP_PASSWORD")
    assert "not set" in refused({"env": "SHOP_PASSWORD"})


def test_from_systemd(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert "CREDENTIALS_DIRECTORY" in refused({"credential": "shop"})
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "shop").write_text("secret\n")
    (tmp_path / "outside").write_text("secret\n")
    assert Password.model_validate({"credential": "shop"}).reveal() == "secret"
    for name in ("../outside", "..", ".", "", "a/b", f"{tmp_path}/outside"):
        assert "plain file name" in refused({"credential": name})


def test_nothing_prints_it() -> None:
    password = Password.model_validate("secret")
    assert "secret" not in f"{password!r} {password} {password.model_dump()} {password.model_dump_json()}"


def test_its_schema_knows_the_sources() -> None:
    schema = Password.model_json_schema()
    assert [list(one.get("properties", {})) for one in schema["anyOf"]] == [[], ["file"], ["env"], ["credential"]]


# A customer's, which may be hashed ------------------------------------------------------------------------------------

HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("secret")


def refused_hash(written: object) -> str:
    with pytest.raises(ValidationError) as caught:
        PasswordOrHash.model_validate(written)
    return "".join(error["msg"] for error in caught.value.errors(include_input=False))


def test_a_hash_from_every_source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pw").write_text(f"{HASH}\n")
    monkeypatch.setenv("SHOP_PASSWORD", HASH)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    for written in (HASH, {"argon2": HASH}, {"file": f"{tmp_path}/pw"}, {"env": "SHOP_PASSWORD"}, {"credential": "pw"}):
        one = PasswordOrHash.model_validate(written)
        assert one.hashed
        assert one.reveal() == HASH
        assert HASH not in f"{one!r} {one} {one.model_dump()} {one.model_dump_json()}"


def test_a_password_itself_is_taken_too(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("secret\n")
    for written in ("secret", {"file": f"{tmp_path}/pw"}):
        one = PasswordOrHash.model_validate(written)
        assert not one.hashed
        assert one.reveal() == "secret"


@pytest.mark.parametrize("written", ["", "123456789", "a b", {"argon2": "secret"}, {"argon2": ""}, {"file": "/absent"}])
def test_what_is_neither_is_refused(written: object) -> None:
    assert "secret" not in refused_hash(written)


@pytest.mark.parametrize(
    "written",
    [
        "$argon2id$",
        "$argon2id$v=19$m=8,t=1,p=1$c2FsdA",
        HASH.replace("m=8", "m=x"),
        HASH.replace("v=19", "v=18"),
        f"{HASH} ",
        PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, type=Type.I).hash("x"),
    ],
    ids=["nothing behind it", "no hash", "no number", "another version", "a space", "another kind"],
)
def test_hashes_that_cannot_be_checked(written: str) -> None:
    told = refused_hash({"argon2": written})
    assert "hash-password" in told
    assert HASH[-20:] not in told


@pytest.mark.parametrize(("old", "new"), [("m=8", "m=65537"), ("t=1", "t=11"), ("p=1", "p=5")])
def test_hashes_that_cost_too_much(old: str, new: str) -> None:
    assert "costs too much" in refused_hash(HASH.replace(old, new))


@given(st.text(max_size=60).map(lambda tail: "$argon2id$" + tail))
def test_any_text_that_begins_like_a_hash(written: str) -> None:
    refused_hash(written)


@pytest.mark.parametrize("written", [5, None, (), {}, {"argon2": 5}, {"argon2": HASH, "file": "x"}, {"vault": "a"}])
def test_other_forms_of_a_customers_password_are_refused(written: object) -> None:
    assert "argon2" in refused_hash(written)


def test_the_schema_of_a_customers_knows_hashes() -> None:
    sources = [list(one.get("properties", {})) for one in PasswordOrHash.model_json_schema()["anyOf"]]
    assert sources == [[], ["file"], ["env"], ["credential"], ["argon2"]]


def test_a_secret_is_longer_than_a_password_and_no_less_quiet(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("a.long-token_of/many+characters==\n", encoding="ascii")
    one = Secret.model_validate({"file": str(file)})
    assert one.reveal() == "a.long-token_of/many+characters=="
    assert "token" not in repr(one)
    for wrong in ("", "a b", "x" * (MAX_FILE_OCTETS + 1), "é", 5, {"argon2": "x"}):
        with pytest.raises(ValidationError) as caught:
            Secret.model_validate(wrong)
        assert "a b" not in str(caught.value.errors(include_input=False))
