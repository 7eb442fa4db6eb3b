import json

import pytest

from bench import backlog


@pytest.mark.timeout(60)
def test_what_piles_up_leaves_after_a_restart(capsys: pytest.CaptureFixture[str]) -> None:
    assert backlog.main(["--count", "300", "--window", "20", "--seconds", "30"]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["records"] == figures["messages"] == 300
    assert 0 < figures["ready_s"] <= figures["first_sent_s"]
    assert figures["waiting_peak_mb"] > 10


def test_what_does_not_come_to_its_end_is_no_figure(capsys: pytest.CaptureFixture[str]) -> None:
    assert backlog.main(["--count", "10", "--config", "nowhere.yaml"]) == 2
    assert "nowhere.yaml" in capsys.readouterr().err
