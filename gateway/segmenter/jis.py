"""The rows of JIS X 0208 that vendors filled (circled digits, ㈱, 髙), for EUC and ISO-2022-JP, whose codecs lack them.

Code page 932 has the same rows in another arrangement, so what it says about the cell holds here as well.
"""

import codecs

VENDOR_ROWS = "gateway_vendor_rows"  # an error handler of codecs: `octets.decode("euc_jp", VENDOR_ROWS)`

_ESCAPE = b"\x1b"
_JIS_X_0208 = (b"\x1b$B", b"\x1b$@")  # ISO-2022-JP: double octets are this set from here on (RFC 1468)
_CELLS = range(0x21, 0x7F)
_EUC_BIT = 0x80
_LAST_ROW_OF_FIRST_HALF = 62
_FIRST_CELL_BEHIND_DEL = 64


def _vendor_rows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    if error.encoding == "euc_jp":
        pair = bytes(octet ^ _EUC_BIT for octet in pair)
    elif not _in_jis_x_0208(error.object, error.start):
        raise error
    if len(pair) != 2 or any(octet not in _CELLS for octet in pair):
        raise error
    try:
        return _shift(*pair).decode("cp932"), error.start + 2
    except UnicodeDecodeError:
        raise error from None  # the place in the customer's octets


def _in_jis_x_0208(octets: bytes, at: int) -> bool:
    return octets.startswith(_JIS_X_0208, max(octets.rfind(_ESCAPE, 0, at), 0))


def _shift(row: int, cell: int) -> bytes:
    """Row and cell (each with 0x20 added) as Shift_JIS arranges them."""
    row, cell = row - 0x20, cell - 0x20
    lead = (row - 1) // 2 + (0x81 if row <= _LAST_ROW_OF_FIRST_HALF else 0xC1)
    trail = cell + (0x9E if row % 2 == 0 else 0x3F + (cell >= _FIRST_CELL_BEHIND_DEL))
    return bytes((lead, trail))


codecs.register_error(VENDOR_ROWS, _vendor_rows)
