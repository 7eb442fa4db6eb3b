"""Octets that may hurt: sound frames mutated, nonsense, and sequences of them, all from one random source."""

from random import Random

from tests.wire_vectors.load import load

HEADER_OCTETS = 16
INTERESTING = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)
LENGTHS = (0, 4, 15, 16, 17, 69_999, 70_001, 0x7FFF_FFFF, 0xFFFF_FFFF)

SEEDS = tuple(
    frame
    for file in ("sound.txt", "sloppy.txt", "broken.txt")
    for frame in load(file).values()
    if len(frame) >= HEADER_OCTETS
)


def mutated(lot: Random, frame: bytes) -> bytes:
    """A frame that was changed in one to four places. Its length usually agrees again, so that more of it is read."""
    octets = bytearray(frame)
    for _ in range(lot.randint(1, 4)):
        at = lot.randrange(len(octets)) if octets else 0
        match lot.randrange(6):
            case 0 if octets:
                octets[at] = lot.choice(INTERESTING)
            case 1 if octets:
                octets[at] ^= 1 << lot.randrange(8)
            case 2:
                octets[at:at] = lot.randbytes(lot.randint(1, 8))
            case 3:
                del octets[at : at + lot.randint(1, 8)]
            case 4:
                octets += lot.choice(SEEDS)[HEADER_OCTETS:]
            case _:
                octets[at : at + 4] = lot.randbytes(4)
    if lot.random() < 0.9 and len(octets) >= HEADER_OCTETS:
        octets[:4] = len(octets).to_bytes(4, "big")
        if lot.random() < 0.7:
            octets[4:8] = lot.choice(SEEDS)[4:8]
    return bytes(octets)


def frame(lot: Random) -> bytes:
    """One frame, sound or not."""
    chance = lot.random()
    if chance < 0.2:
        return lot.choice(SEEDS)
    if chance < 0.95:
        return mutated(lot, lot.choice(SEEDS))
    if chance < 0.98:
        return lot.randbytes(lot.randint(0, 64))
    return lot.choice(LENGTHS).to_bytes(4, "big") + lot.randbytes(lot.randint(0, 64))


def stream(lot: Random, most: int = 20) -> bytes:
    """Frames one behind another."""
    return b"".join(frame(lot) for _ in range(lot.randint(1, most)))


def cut(lot: Random, octets: bytes) -> list[bytes]:
    """The same octets in pieces of any size."""
    pieces = []
    while octets:
        size = lot.choice((1, 3, 16, 100, len(octets)))
        pieces.append(octets[:size])
        octets = octets[size:]
    return pieces
