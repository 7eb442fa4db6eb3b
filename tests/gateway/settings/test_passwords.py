"""Passwords from every source, and no source that tells them."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.settings.passwords import MAX_FILE_OCTETS, Password


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
