"""Draws what bench/growth.py measured: an SVG a series beside docs/figures/growth.json."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.growth import FILE

INCHES = (6.4, 3.6)
COLOURS = ("#1f5fa8", "#b3541e")
LABELS = {
    "msgs_per_s": "messages a second",
    "out_msgs_per_s": "messages a second, leaving",
    "cpu_us_per_msg": "processor time a message, µs",
    "resp_ms_p99": "submit_sm to response, p99, ms",
    "waiting_peak_mb": "memory while they wait, MB",
    "lookup_us": "look-up, µs",
    "import_rows_per_s": "import, rows a second",
}


def draw(series: dict[str, Any]) -> Figure:
    """One series: two figures over what was varied, each with a scale of its own that begins at zero."""
    figure = Figure(figsize=INCHES, layout="constrained")
    left = figure.add_subplot()
    points = series["points"]
    at = [point["at"] for point in points]
    names = [name for name in points[0] if name != "at"]
    for axes, name, colour in zip((left, left.twinx()), names, COLOURS, strict=True):
        axes.plot(at, [point[name] for point in points], marker="o", color=colour)
        axes.set_ylabel(LABELS[name], color=colour)
        axes.set_ylim(bottom=0)
        axes.tick_params(axis="y", colors=colour)
        axes.yaxis.set_major_formatter("{x:,.10g}")
    if max(at) > 20 * max(min(at), 1):
        left.set_xscale("log")
    left.set_xticks(at, [f"{value:,}" for value in at], minor=False)
    left.set_xticks([], minor=True)
    left.set_xlabel(series["label"])
    left.grid(alpha=0.3)
    return figure


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw all that was measured. The same figures give the same octets."""
    parser = argparse.ArgumentParser(prog="python -m bench.plots", description=__doc__)
    parser.add_argument("--file", type=Path, default=FILE, help="what was measured")
    options = parser.parse_args(arguments)
    mpl.rcParams |= {"svg.hashsalt": "smpp-gateway", "svg.fonttype": "none"}
    for name, series in json.loads(options.file.read_text(encoding="utf-8")).items():
        path = options.file.with_name(f"{name}.svg")
        draw(series).savefig(path, metadata={"Date": None})
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
