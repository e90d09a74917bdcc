"""The measuring command: what it refuses, and that it ends when it is told to."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time

import pytest

from explorer import cli
from explorer.benchmarks.duel import duel_cost
from explorer.benchmarks.slider import _settings


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["bench", "kws", "--seconds", "nan"], "'nan' is no length of time"),
        (["bench", "kws", "--seconds", "-1"], "'-1' is no length of time"),
        (["bench", "kws", "--window-only", "0x720"], "'0x720' is no size"),
        (["bench", "kws", "--window-only", "big"], "'big' is no size"),
        (["shots", "nowhere", "--seconds", "inf"], "'inf' is no length of time"),
        (["listen", "--source", "synthetic", "--seconds", "1e300"], "'1e300' is no length of time"),
        (["--quit-after", "nan"], "'nan' is no length of time"),
        (["--quit-after", "soon"], "'soon' is no length of time"),
    ],
)
def test_lengths_and_sizes_that_do_not_exist_are_refused(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith(said)
    assert len(output.err.splitlines()) == 1


def test_without_librosa_the_comparison_with_it_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from explorer.benchmarks import listening

    def missing(network: str) -> None:
        raise ModuleNotFoundError("No module named 'librosa'", name="librosa")

    monkeypatch.setattr(listening, "live_share", lambda *given: {"share_of_one_core": 0.02})
    monkeypatch.setattr(listening, "stage_times", lambda network: {})
    monkeypatch.setattr(listening, "decision_cost", missing)
    monkeypatch.setattr("explorer.benchmarks.duel.duel_cost", lambda network: {})
    assert cli.main(["bench", "kws", "--no-window", "--json"]) == 0
    output = capsys.readouterr()
    assert "decision" not in json.loads(output.out)
    assert "librosa is not installed" in output.err


def test_an_interrupted_measurement_leaves_no_thread_behind(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from explorer.benchmarks import listening

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    before = threading.active_count()
    monkeypatch.setattr(listening, "time", type("Clock", (), {"sleep": interrupt, "perf_counter": time.perf_counter}))
    assert cli.main(["bench", "kws", "--no-window"]) == 130
    assert capsys.readouterr().out == ""
    assert threading.active_count() == before


def test_a_second_network_is_measured_beside_the_first() -> None:
    found = duel_cost("tiny", hops=60)
    assert found["both_processor_ms"] > found["alone_processor_ms"]
    assert found["both_ms_p99"] >= found["both_ms"]
    assert found["share_of_a_hop"] == found["both_ms"] / 50.0


def test_no_setting_of_the_drag_comes_twice() -> None:
    layers = tuple("abcdef")
    setting = dict.fromkeys(layers, 8)
    moves, seen = list(_settings(layers)), set()
    for layer, bits in moves:
        setting[layer] = bits
        seen.add(tuple(setting.values()))
    assert len(seen) == len(moves) > 60 * 60  # a minute at sixty a second


def test_a_moving_slider_is_measured_in_a_window() -> None:
    command = [sys.executable, "-m", "explorer", "bench", "quantization", "--window-only", "1280x720", "--seconds", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["event_to_painted_ms"]["count"] >= 25
    assert found["events"] > 10
    assert found["answered_after_last_event_ms"] > 0
    assert 0.5 < found["resident_growth"] < 1.5
