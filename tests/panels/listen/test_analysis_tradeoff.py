"""The trade-off: a curve over the threshold, the present knobs a dot that moves at once, its ghost where it was."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.engine.audio.source import Span
from explorer.engine.errors import ExplorerError
from explorer.engine.kws.clips import load_part, require_purpose
from explorer.engine.kws.decision import DecisionSettings
from explorer.engine.kws.labels import LABELS
from explorer.panels.listen import tradeoff_sweep, tradeoff_view
from explorer.panels.listen.log_plot import LogPlot
from explorer.panels.listen.tradeoff_sweep import Recorded
from explorer.panels.listen.tradeoff_view import TradeoffView
from tests.panels.listen.analysis_lab import Lab, random_network

LEFT, GO = LABELS.index("left"), LABELS.index("go")


def scripted() -> Recorded:
    """Give 200 s with ten words, half of them scored 0.65 and half 0.95, and two false alarms scored 0.8."""
    times = np.asarray(1.0 + 0.05 * np.arange(3980), np.float64)
    scores = np.zeros((len(times), len(LABELS)), np.float32)
    scores[:, 0] = 0.04
    spans = []
    for word in range(10):
        end_s = 10.0 + 15.0 * word
        spans.append(Span("left", end_s - 0.5, end_s, "left"))
        heard = (times > end_s - 0.25) & (times <= end_s + 0.4)
        scores[heard, LEFT] = 0.65 if word % 2 else 0.95
    for at_s in (17.0, 47.0):
        scores[(times > at_s) & (times <= at_s + 0.6), GO] = 0.8
    return Recorded(times, scores, tuple(spans), LABELS, 50.0)


@pytest.fixture
def view(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> TradeoffView:
    """Give the view on the scripted stream."""
    monkeypatch.setattr(tradeoff_view, "record", lambda network, seconds, hop_ms, stop: scripted())
    made = TradeoffView(lab.context, lab.session)
    lab.show(made)
    lab.finish(made)
    return made


def test_the_dot_stands_where_the_present_knobs_are(view: TradeoffView) -> None:
    # threshold 0.7: five of ten words, two false alarms in 200 s
    assert view.hits.text() == "50.0"
    assert view.alarms.text() == "36"
    assert view.hits.kind() == view.alarms.kind() == "measured"
    dot = view.dots.dots()[-1]
    assert dot.x == pytest.approx(np.log10(36.0), abs=0.01)
    assert dot.y == 50.0
    assert "50.0 %" in view.describe()
    assert "a word every 2 s" in view.note.text()


def test_moving_the_threshold_moves_dot_and_numbers_at_once_and_leaves_a_ghost(lab: Lab, view: TradeoffView) -> None:
    lab.context.workbench.update(decision=DecisionSettings(threshold=0.6))
    assert view.hits.text() == "100.0"
    before = next(dot for dot in view.dots.dots() if dot.words == "before")
    assert before.y == 50.0
    assert before.hollow
    lab.context.workbench.update(decision=DecisionSettings(threshold=0.9))
    assert (view.hits.text(), view.alarms.text()) == ("50.0", "0")
    lab.finish(view)
    assert [p.settings.threshold for p in view.points() if p.present] == [0.9]


def test_another_knob_moves_the_whole_curve(lab: Lab, view: TradeoffView) -> None:
    before = view.curve.data()[1].copy()
    lab.context.workbench.update(decision=DecisionSettings(average_ms=1500.0))
    lab.finish(view)
    after = view.curve.data()[1]
    assert after.shape == before.shape
    assert not np.array_equal(after, before)


def test_zero_false_alarms_stand_at_the_left_edge(lab: Lab) -> None:
    plot = LogPlot("false alarms", "hits", 3.0, 2000.0, zero=True)
    lab.qtbot.addWidget(plot)
    assert plot.value(float(plot.place(0.0))) == 0.0
    assert plot.value(float(plot.place(40.0))) == pytest.approx(40.0)
    plot.curve("c").set_data(plot.place([0.0, 100.0]), [1.0, 2.0])
    assert plot.table()[0][1].tolist() == [0.0, pytest.approx(100.0)]
    assert plot.values_at(2.0).startswith("100")


def test_the_table_is_that_of_the_curve(view: TradeoffView) -> None:
    rows = view.csv_rows()
    assert rows[0][0] == "threshold"
    at = next(row for row in rows[1:] if row[0] == 0.7)
    assert at[1:4] == (5, 10, 2)


def test_without_labelled_sound_it_says_what_to_do(lab: Lab, view: TradeoffView) -> None:
    view.choice.set_key("here")
    view._on_choice()
    lab.finish(view)
    lab.finish(view)
    assert not view.plot.isVisible()
    assert "let the talker speak" in view.box.text()


def test_the_session_sound_is_judged_by_the_pipeline(lab: Lab, view: TradeoffView) -> None:
    lab.session.hear(20.0)
    view.choice.set_key("here")
    view._on_choice()
    lab.finish(view)
    present = next(p for p in view.points() if p.present)
    assert present.score == lab.session.pipeline.score()


def test_a_failed_measurement_is_a_sentence_and_can_be_tried_again(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(network: object, seconds: float, hop_ms: float, stop: object) -> Recorded:
        raise ExplorerError("The bundled clips are missing: install the program again.")

    monkeypatch.setattr(tradeoff_view, "record", fail)
    view = TradeoffView(lab.context, lab.session)
    lab.show(view)
    lab.finish(view)
    assert view.box.state() == "failed"
    assert "missing" in view.box.text()
    monkeypatch.setattr(tradeoff_view, "record", lambda network, seconds, hop_ms, stop: scripted())
    view.box.actionRequested.emit()
    lab.finish(view)
    assert view.plot.isVisible()


def test_the_stream_is_made_from_clips_that_may_be_tuned_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def load(part: str) -> object:
        asked.append(part)
        return load_part("calibrate")

    monkeypatch.setattr(tradeoff_sweep, "load_part", load)
    made = tradeoff_sweep.record(random_network(), 20.0, 50.0)
    assert asked == ["calibrate"]
    assert require_purpose(load_part("calibrate"), "calibrate").purpose == "calibrate"
    assert made.scores.shape == (len(made.times), 12)
    assert any(span.label in LABELS[2:] for span in made.spans)
