"""Measuring what probes cost: the figures it gives, on a short run."""

from __future__ import annotations

import json

import pytest

from explorer import cli
from explorer.benchmarks import training


def test_the_promised_figures_are_measured(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(training, "KEYWORDS", training.POINTS)  # the same course, in seconds
    assert cli.main(["bench", "training", "--seconds", "0.6", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"probe_overhead", "probes_off_overhead", "probe_look_ms", "points", "live", "machine"} <= set(found)
    assert 0.5 < found["probe_overhead"] < 2
    assert found["points"]["rounds"] >= 1
    assert found["live"]["steps_per_s"] > 0
    assert found["live"]["pause_seen_after_ms"] <= found["live"]["pause_seen_after_ms_worst"]
