"""The samples are what they say: lengths by construction, units by the oracle, and each case of the demo is there."""

import csv
from pathlib import Path

import pytest

from simulators.samples import BLOCK, DELIVERED, PORTED, REFUSED, SAMPLES, STORM, UNDELIVERABLE, Sample

with (Path(__file__).parents[1] / "data" / "segments_1_660.csv").open(encoding="utf-8") as file:
    ORACLE = {int(row["units"]): row for row in csv.DictReader(file)}

MOST_SHORT_MESSAGE = 254


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.number}-{sample.characters}")
def test_a_sample_is_what_it_says(sample: Sample) -> None:
    octets = sample.text.encode("utf_16_be")
    assert len(octets) // 2 == sample.characters
    assert sample.how != "short_message" or len(octets) <= MOST_SHORT_MESSAGE
    if sample.state == REFUSED:
        assert (sample.carrier, sample.segments, sample.units, sample.yen) == ("", 0, 0, 0)
        return
    assert sample.units == int(ORACLE[sample.characters][sample.carrier])
    assert sample.segments == sample.units + (sample.text == STORM)
    assert sample.yen == (10 * sample.units if sample.state == DELIVERED else 0)


def test_every_case_is_there() -> None:
    assert {sample.characters for sample in SAMPLES} == {70, 71, 132, 133, 134, 135, 660}
    assert {sample.how for sample in SAMPLES} == {"short_message", "message_payload", "parts"}
    assert {sample.state for sample in SAMPLES} == {DELIVERED, UNDELIVERABLE, REFUSED}
    assert {sample.carrier for sample in SAMPLES} == {"docomo", "au", "softbank", "rakuten", ""}
    assert {sample.known_by for sample in SAMPLES} == {BLOCK, PORTED, ""}


def test_numbers_tell_the_samples_apart() -> None:
    assert len({sample.number for sample in SAMPLES}) == len(SAMPLES)


def test_the_emoji_lies_across_the_border() -> None:
    before, _, _ = STORM.partition("📷")
    assert len(before) == 66
    assert max(before) < "\U00010000"
