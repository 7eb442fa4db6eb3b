"""A submit_sm as a carrier judges it: whether it is cut as this one takes it, and what its text says."""

from typing import Literal

from simulators import phone, wire

MOST_SEGMENT_OCTETS = 140  # TP-User-Data
MOST_PAYLOAD_OCTETS = 1_320  # 660 characters of UCS2

Takes = Literal["udh8", "udh16", "payload", "anything"]


def misfit(takes: Takes, sm: wire.Sm, octets: bytes) -> int:
    """The status for text that isn't cut the way this carrier takes it; else ESME_ROK."""
    if not octets:
        return wire.ESME_RINVMSGLEN
    part = None
    if sm.esm_class & wire.ESM_UDHI:
        try:
            part = phone.split_header(octets)
        except ValueError:
            return wire.ESME_RINVESMCLASS
    if takes == "anything":
        return wire.ESME_ROK
    if part is not None and takes != f"udh{part.width}":
        return wire.ESME_RINVESMCLASS
    longest = MOST_PAYLOAD_OCTETS if takes == "payload" else MOST_SEGMENT_OCTETS
    if len(octets) > longest:
        return wire.ESME_RINVMSGLEN
    if takes != "payload" and octets is not sm.short_message:
        return wire.ESME_ROPTPARNOTALLWD
    return wire.ESME_ROK


class Text:
    """What patterns are searched in, decoded when the first one asks."""

    def __init__(self, sm: wire.Sm, octets: bytes) -> None:
        self.destination = sm.destination.decode("latin-1")
        self._sm = sm
        self._octets = octets
        self._read: str | None = None

    def read(self) -> str:
        """The text behind the header."""
        if self._read is None:
            octets, udhi = self._octets, self._sm.esm_class & wire.ESM_UDHI
            body = octets[octets[0] + 1 :] if udhi and octets else octets
            self._read = phone.decode(body, self._sm.data_coding)
        return self._read
