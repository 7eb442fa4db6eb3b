"""One scene from its beginning to the auditor's verdict: broke, metric, alert, page, verb, mended."""

from dataclasses import dataclass
from pathlib import Path

from simulators.auditor import Verdict
from tests.gameday.scenes import MEND_SECONDS, Scene, holds, rests
from tests.gameday.stage import Stage, first_match, told

HEADS = ("", "")
FLOW_SECONDS = 20.0  # until traffic flows and has been seen
ALERT_SECONDS = 60.0
PAGE_SECONDS = 10.0
FLOWS = "min(sum by (carrier) (rate(smpp_gateway_carrier_receipts_total[5s]))) > bool 1"


@dataclass
class Row:
    """What came of it. `failure` is empty when all was as it should."""

    scene: Scene
    before: float = 0.0
    after: float = 0.0
    fired: float = 0.0
    page: str = ""
    typed: str = ""
    mended: float = 0.0
    verdict: str = ""
    failure: str = ""

    @classmethod
    def failed(cls, scene: Scene, why: str) -> "Row":
        """Nothing else is known."""
        return cls(scene, failure=why)

    def cells(self) -> list[tuple[str, str]]:
        """For people."""
        cells = [
            ("scene", self.scene.name),
            ("broke", self.scene.broke),
            ("metric", f"{self.scene.metric}: {self.before:g} -> {self.after:g}"),
            ("alert", f"{self.scene.alert} fired after {self.fired:.1f} s"),
            ("page", f"{self.scene.page[0]}: {self.page}"),
            ("verb", self.typed),
            ("mended", f"after {self.mended:.1f} s"),
            ("auditor", self.verdict),
        ]
        return [*cells, ("FAILED", self.failure)] if self.failure else cells


async def play(scene: Scene, directory: Path, seed: str) -> Row:
    """In an empty directory."""
    row = Row(scene)
    stage = Stage(directory, seed)
    doing = "it did not begin"
    try:
        await stage.open(small_disk=scene.small_disk)
        await scene.begins(stage)
        doing = "no traffic flowed before anything was broken"
        await stage.until(lambda: holds(stage, FLOWS), FLOW_SECONDS)
        row.before = round(await stage.prometheus.value(scene.metric), 1)
        await scene.breaks(stage)
        doing = f"{scene.alert} did not fire"
        row.fired = await stage.until(lambda: stage.prometheus.firing(scene.alert), ALERT_SECONDS)
        row.after = round(await stage.prometheus.value(scene.metric), 1)
        doing = "the page did not show it"
        await stage.until(lambda: _shown(stage, row), PAGE_SECONDS)
        doing = "it was not mended"
        row.mended = await _mended(stage, scene)
        row.typed = "; ".join(stage.typed)
        doing = "what was promised did not end"
        await stage.drained()
        verdict = await stage.judged()
        row.verdict = told(verdict)
        row.failure = _wrong(row, verdict)
    except TimeoutError:
        row.failure = doing
    except (AssertionError, OSError) as error:
        row.failure = f"{doing}: {error}"
    finally:
        row.typed = row.typed or "; ".join(stage.typed)
        await stage.close()
    return row


async def _shown(stage: Stage, row: Row) -> bool:
    path, words = row.scene.page
    row.page = first_match(words, await stage.page(path))
    return bool(row.page)


async def _mended(stage: Stage, scene: Scene) -> float:
    """From the first hand to the moment when the alert rests and all is well."""

    async def well() -> bool:
        return await rests(stage, scene.alert) and await holds(stage, scene.well)

    seconds = 0.0

    async def hand() -> bool:
        await scene.mends(stage)
        return True

    seconds += await stage.until(hand, 2 * MEND_SECONDS)
    return seconds + await stage.until(well, MEND_SECONDS)


def _wrong(row: Row, verdict: Verdict) -> str:
    if row.before == row.after:
        return "the metric did not move"
    return "" if verdict.good else "the auditor found something"
