"""A small configuration that is sound, as text, for tests to spoil."""

from pathlib import Path

CARRIER = """\
carriers:
  one:
    title: One
    text:
      first: 70
      following: 66
      concatenation: udh16
      max_characters: 132
      units: [70, 132]
    binds:
      - host: 127.0.0.1
        port: 2776
        system_id: gateway
        password: hush-1
    session:
      window: 10
    pace:
      segments_per_second: 100
      burst_segments: 10
    receipts:
      id_in_response: hex
      id_in_receipt: decimal
    errors:
      temporary: [0x14, 0x58]
    in_doubt: fail
"""

CUSTOMER = """\
customers:
  shop:
    system_id: shop
    password: hush-2
    tariff: standard
"""

TOP = """\
listen:
  - {host: 127.0.0.1, port: 0}
store:
  directory: var
numbers:
  country_code: "81"
  trunk_prefix: "0"
  mobile_digits: 10
  mobile: ["60[1-9]", "70[1-9]", "80[1-9]", "90[1-9]"]
portability:
  library_names:
    NTT Docomo: one
tariffs:
  standard:
    version: "1"
    unit_price_yen:
      - {up_to: null, yen: "10"}
"""

SOUND = TOP + CARRIER + CUSTOMER


def write(path: Path, text: str) -> Path:
    """Put a file where it belongs, with the directories above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def spoilt(old: str, new: str, text: str = SOUND) -> str:
    """The text with one passage replaced; the passage must be there."""
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    return text.replace(old, new)
