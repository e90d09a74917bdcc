"""The shipped networks through the whole live path; loose bounds, the figures themselves stand in the model cards."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.engine.audio.synthetic import SyntheticSource
from explorer.engine.audio.talker import TalkerSource
from explorer.engine.kws.clips import load_part
from explorer.engine.kws.decision import decide_all
from explorer.engine.kws.evaluate import scores_of
from explorer.engine.kws.labelled_stream import make_stream, scores_of_stream
from explorer.engine.kws.pipeline import Pipeline
from explorer.engine.nn.inference import Executor
from explorer.engine.nn.registry import shipped


@pytest.fixture(scope="module")
def tiny() -> Executor:
    return Executor(shipped("tiny"))


def test_most_words_of_the_talker_are_recognised_and_placed(tiny: Executor) -> None:
    talker = TalkerSource(paced=False)
    talker.open()
    pipeline = Pipeline(talker, tiny)
    while pipeline.now_s < 120.0:
        pipeline.step()
    talker.close()
    score = pipeline.score()
    assert score is not None
    assert score.words > 30
    assert score.hits > score.words / 2
    assert score.false_alarms < score.hits / 2
    spans = pipeline.spans.since(0)[0]
    placed = [
        abs(event.start_s - span.start_s)
        for event in pipeline.events.since(0)[0]
        for span in spans
        if span.label == event.label and span.start_s <= event.time_s <= span.end_s + 0.5
    ]
    assert len(placed) >= score.hits
    assert np.median(placed) < 0.1


def test_nobody_speaks_in_a_hum(tiny: Executor) -> None:
    hum = SyntheticSource("hum", paced=False, seconds=20.0)
    hum.open()
    pipeline = Pipeline(hum, tiny)
    while not pipeline.finished:
        pipeline.step()
    hum.close()
    assert len(pipeline.events) == 0


def test_the_live_path_scores_a_second_as_the_evaluation_does(tiny: Executor) -> None:
    sound, _ = make_stream(load_part("calibrate"), 20.0, seed=2)
    times, scores = scores_of_stream(tiny, sound)
    seconds = np.stack([sound[round(t * 16_000) - 16_000 : round(t * 16_000)] for t in times[::20]])
    assert scores_of(tiny, seconds) == pytest.approx(scores[::20], abs=1e-3)
    assert decide_all(times, scores, Pipeline(None, tiny).settings, tiny.labels, 50.0)
