"""A simulator's file: every mistake at once, with its place."""

from pathlib import Path

import pytest

from simulators.config import BadConfig, IdLook, read_config

GOOD = """
smscs:
  docomo:
    port: 0
    system_id: gateway
    password: pw
    outcomes:
      - destination: 0013$
        stat: UNDELIV
        err: "001"
      - text: 拒否
        status: 0x58
"""


def written(directory: Path, text: str) -> Path:
    path = directory / "simulators.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sound_file_is_read(tmp_path: Path) -> None:
    smsc = read_config(written(tmp_path, GOOD)).smscs["docomo"]
    assert (smsc.host, smsc.port, smsc.takes) == ("127.0.0.1", 0, "anything")
    undeliverable, refused = smsc.outcomes
    assert undeliverable.destination is not None
    assert undeliverable.destination.search("819030000013")
    assert (undeliverable.stat, undeliverable.err, undeliverable.status) == ("UNDELIV", "001", 0)
    assert refused.text is not None
    assert refused.status == 0x58


def test_every_mistake_is_told(tmp_path: Path) -> None:
    bad = GOOD.replace("port: 0", "port: 70000\n    colour: red").replace("0013$", '"("').replace("UNDELIV", "GONE")
    path = written(tmp_path, bad)
    with pytest.raises(BadConfig) as told:
        read_config(path)
    assert [mistake.removeprefix(f"{path}: ").split(":")[0] for mistake in told.value.mistakes] == [
        "smscs.docomo.port",
        "smscs.docomo.outcomes.0.destination",
        "smscs.docomo.outcomes.0.stat",
        "smscs.docomo.colour",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file: "),
        ("smscs: {}", "smscs: "),
        ("smscs: [", "while parsing"),
        (GOOD.replace("docomo", "DOCOMO"), "smscs.DOCOMO"),
        (GOOD.replace("password: pw", "password: ninechars"), "password"),
        (GOOD.replace("status: 0x58", "status: 0x58\n        err: '002'"), "has no receipt"),
        (GOOD.replace("- text: 拒否\n        status", "- status"), "needs `destination` or `text`"),
        (GOOD.replace("0013$", "1" * 201), "regular expression"),
        (GOOD.replace("0013$", "13"), "regular expression"),
    ],
)
def test_a_mistake_has_a_sentence(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadConfig, match=told):
        read_config(written(tmp_path, text))


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="No such file"):
        read_config(tmp_path / "none.yaml")
    (tmp_path / "latin").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(BadConfig, match="UTF-8"):
        read_config(tmp_path / "latin")


@pytest.mark.parametrize(
    ("look", "id_"),
    [
        (IdLook(), b"3054"),
        (IdLook(radix="hex"), b"bee"),
        (IdLook(radix="hex", upper=True), b"BEE"),
        (IdLook(radix="hex", upper=True, width=8), b"00000BEE"),
        (IdLook(width=6), b"003054"),
    ],
)
def test_ids_look_as_the_carrier_writes_them(look: IdLook, id_: bytes) -> None:
    assert look.write(0xBEE) == id_
