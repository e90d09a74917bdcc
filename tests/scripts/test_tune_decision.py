from __future__ import annotations

import sys

import pytest

from explorer.engine.kws.clips import ClipSet, Purpose, load_part
from scripts import tune_decision
from tests.engine.kws.tones import ToneNetwork


def test_knobs_are_tuned_without_the_clips_kept_for_evaluation(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    parts: list[str] = []

    def note(part: Purpose) -> ClipSet:
        parts.append(part)
        return load_part(part)

    monkeypatch.setattr(tune_decision, "load_part", note)
    monkeypatch.setattr(tune_decision, "Executor", lambda network: ToneNetwork())
    monkeypatch.setattr(sys, "argv", ["tune_decision.py", "--minutes", "0.5"])
    assert tune_decision.main() == 0
    assert parts == ["calibrate"]
    out = capsys.readouterr().out
    assert "bundled synthetic voices, calibrate: 0.5 min" in out
    assert "present" in out
