"""The measuring command: what it refuses, and that it ends when it is told to."""

from __future__ import annotations

import threading
import time

import pytest

from explorer import cli


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
