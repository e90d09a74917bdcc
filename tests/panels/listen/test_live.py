"""The live part of the Listen panel, used as a person would use it."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from explorer.engine.audio.files import read_sound
from explorer.engine.audio.source import SourceState
from explorer.engine.errors import ExplorerError
from explorer.engine.kws.decision import DecisionSettings
from explorer.engine.kws.scoring import StreamScore
from explorer.engine.nn.cost import flash_bytes
from explorer.panels.listen.prompts import kilobytes
from tests.panels.listen.bench import Bench, heard_something, listen_for_a_while
from tests.widgets.helpers import spoken


def test_the_talker_speaks_and_the_panel_shows_what_was_heard(bench: Bench) -> None:
    panel = bench.panel
    panel.start()
    bench.until(lambda: heard_something(bench) and bool(panel.stage.answer.text()))
    assert panel.stage.headline.text() == "Now you. Press Space and say left."
    assert panel.status.source.text() == "recorded voice, real network"
    assert panel.stage.word.word() in panel.tiles.words()
    assert panel.live.heat.view().max() > 200  # the network was sure of something
    assert panel.live.mel.view().any()
    assert panel.live.wave.view().any()
    assert bench.pulses
    assert panel.stage.word.word() in panel.describe()
    glyphs = panel.glyphs()
    assert glyphs.word == panel.stage.word.word()
    assert glyphs.recipe is not None
    assert glyphs.recipe.network == "tiny"


def test_the_answer_names_measured_times_and_the_bytes_of_the_network(bench: Bench) -> None:
    panel = bench.panel
    panel.start()
    bench.until(lambda: panel.stage.answer.text().startswith("The network took"))
    network = panel.session.network
    assert network is not None
    assert kilobytes(flash_bytes(network.graph, 32)) in panel.stage.answer.text()
    assert panel.stage.answer.text().endswith("no sound was stored or sent.")


def test_a_pressed_tile_is_said_heard_and_lit(bench: Bench) -> None:
    panel = bench.panel
    panel.start()
    bench.until(lambda: panel.session.sources.talker is not None)
    tile = panel.tiles.tile("go")
    before = sum(span.word == "go" for span in panel.session.truth)
    for _ in range(10):  # no network hears every voice
        QTest.keyClick(tile, Qt.Key.Key_Return)
        said = before
        bench.until(lambda said=said: sum(s.word == "go" for s in panel.session.truth) > said)  # type: ignore[misc]
        until_s = panel.session.now_s + 3.0
        bench.until(lambda until_s=until_s: tile.is_heard() or panel.session.now_s > until_s)  # type: ignore[misc]
        if tile.is_heard():
            break
    assert tile.is_heard()
    assert spoken(tile)[1].startswith("heard ")  # the count is there in the moment the light is


def test_the_word_is_painted_and_its_time_noted(bench: Bench) -> None:
    session = bench.panel.session
    bench.panel.start()
    bench.until(lambda: any(session.painted_s(event) for event in session.events))
    event = next(event for event in session.events if session.painted_s(event))
    assert event.waterfall is not None
    assert (session.painted_s(event) or 0.0) > event.waterfall.decided_s


def test_from_the_arrival_of_sound_to_the_end_of_painting_is_measured(bench: Bench) -> None:
    session = bench.panel.session
    bench.panel.start()
    bench.until(lambda: len(session.paint_delays_ms()) >= 10)
    assert all(0.0 < delay_ms < 5000.0 for delay_ms in session.paint_delays_ms())
    bench.panel.live.freeze(session.now_s)
    bench.frame()
    count, hops = len(session.paint_delays_ms()), len(session.pipeline.hops)
    bench.until(lambda: len(session.pipeline.hops) >= hops + 10)
    assert len(session.paint_delays_ms()) == count  # nobody waits for a picture that stands still


def test_the_threshold_is_dragged_along_its_line_and_the_flags_follow(bench: Bench) -> None:
    panel, workbench = bench.panel, bench.context.workbench
    listen_for_a_while(bench)
    before = list(panel.session.events)
    viewport = panel.live.plot.viewport()
    y = round(panel.live.plot.y_of(workbench.state.decision.threshold))
    top = round(panel.live.plot.y_of(0.99))
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(300, y))
    for at in range(y - 1, top - 1, -1):
        QTest.mouseMove(viewport, QPoint(300, at))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(300, top))
    bench.frame()
    assert workbench.state.decision.threshold > 0.95
    assert len(panel.session.events) < len(before)
    assert panel.controls.decision.threshold.value() == workbench.state.decision.threshold
    assert panel.live.overlay.content.ghost_y is not None
    assert f"was 0.70: {len(before)} words" in panel.live.overlay.content.ghost_text
    workbench.undo()  # the whole drag is one step
    bench.frame()
    assert workbench.state.decision == DecisionSettings()
    assert [(e.label, e.time_s) for e in panel.session.events] == [(e.label, e.time_s) for e in before]


def test_the_threshold_moves_by_keyboard(bench: Bench) -> None:
    panel = bench.panel
    panel.start()
    QTest.keyClick(panel.live.plot.threshold, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert bench.context.workbench.state.decision.threshold == pytest.approx(0.60)
    assert panel.live.plot.threshold.accessible_value() == "0.60"


def test_knobs_moved_on_a_recording_are_marked(bench: Bench) -> None:
    panel = bench.panel
    listen_for_a_while(bench)
    panel.session.pipeline.set_source(panel.session.sources.talker)
    panel.controls.decision.set_knob("average_ms", 500.0)
    assert panel.session.tuned_on
    assert not panel.controls.decision.tuned.isHidden()
    panel.controls.decision.defaults.click()
    assert panel.session.tuned_on == ""
    assert panel.controls.decision.tuned.isHidden()


def test_space_opens_the_microphone_then_freezes_and_goes_on(bench: Bench) -> None:
    panel, settings = bench.panel, bench.context.settings
    panel.start()
    bench.until(lambda: panel.session.sources.kind == "talker")
    assert not bench.microphones
    panel.press_space()
    bench.until(lambda: any(seam.kind == "microphone" for seam in panel.session.seams))
    assert settings.values.microphone_allowed
    assert panel.status.source.text() == "you, at Desk microphone"
    panel.press_space()
    frozen_s = panel.live.end_s
    bench.until(lambda: panel.session.now_s > frozen_s + 0.3)
    assert panel.live.end_s == frozen_s
    assert "Frozen" in panel.stage.headline.text()
    picture = panel.live.mel.view()
    bench.frame()
    np.testing.assert_array_equal(panel.live.mel.view(), picture)
    panel.press_space()
    bench.frame()
    assert panel.live.end_s == panel.session.now_s


def test_a_frozen_picture_is_looked_back_through(bench: Bench) -> None:
    panel = bench.panel
    listen_for_a_while(bench)
    panel.look_back()
    panel.look_back()
    assert panel.live.end_s == pytest.approx(panel.session.now_s - 2.0, abs=0.06)
    assert not panel.live.bar.isHidden()
    panel.look_forward()
    assert panel.live.end_s == pytest.approx(panel.session.now_s - 1.0, abs=0.06)


def test_m_closes_the_microphone_and_the_talker_comes_back(bench: Bench) -> None:
    panel = bench.panel
    panel.start()
    bench.until(lambda: panel.session.sources.kind == "talker")
    panel.press_space()
    assert bench.microphones[0].status().state is SourceState.LISTENING
    panel.close_microphone()
    assert bench.microphones[0].status().state is SourceState.CLOSED
    bench.until(lambda: panel.session.sources.kind == "talker")
    assert panel.stage.headline.text() == "Now you. Press Space and say left."


def test_pressing_the_picture_takes_that_second_apart(bench: Bench) -> None:
    panel = bench.panel
    listen_for_a_while(bench)
    place = QPoint(panel.live.mel.width() - 100, 10)
    QTest.mousePress(panel.live.mel, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    moment_s = panel.live.overlay.content.moment_s
    assert moment_s is not None
    assert panel.session.now_s - 2.0 < moment_s < panel.session.now_s
    assert panel.analysis.key() == "inside"


def test_a_moment_is_chosen_by_keyboard(bench: Bench) -> None:
    panel = bench.panel
    listen_for_a_while(bench)
    panel.look_back()
    QTest.keyClick(panel.live, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert panel.live.overlay.content.moment_s == pytest.approx(panel.live.end_s - 1.0)
    QTest.keyClick(panel.live, Qt.Key.Key_Right)
    assert panel.live.overlay.content.moment_s == pytest.approx(panel.live.end_s - 0.95)
    QTest.keyClick(panel.live, Qt.Key.Key_Escape)
    assert panel.live.overlay.content.moment_s is None


def test_values_under_the_pointer(bench: Bench) -> None:
    panel = bench.panel
    listen_for_a_while(bench)
    event = panel.session.events[-1]
    lines = panel.live.values_at(event.time_s)
    assert f"averaged: {event.label} {event.score:.2f}" in lines


def test_clear_forgets_and_a_recording_is_made_and_deleted_on_request(bench: Bench, tmp_path: Path) -> None:
    panel = bench.panel
    panel.start()
    bench.until(lambda: heard_something(bench))
    path = tmp_path / "kept.wav"
    panel.controls.memory.start_recording(path)
    bench.until(lambda: panel.session.recorder.seconds > 5.0)
    assert "Recording to kept.wav" in panel.foot_notes().privacy
    bench.pause()
    panel.controls.memory.record.click()
    samples, rate_hz = read_sound(path)
    assert rate_hz == 16_000
    assert np.abs(samples).max() > 0.01
    panel.controls.memory.delete.click()
    assert not path.exists()
    panel.controls.memory.clear.click()
    bench.frame()
    assert panel.session.events == []
    assert panel.session.truth == []
    assert not panel.live.mel.view().any()


def test_rows_for_export_hold_what_was_reported(bench: Bench) -> None:
    panel = bench.panel
    assert panel.csv_rows() == []
    listen_for_a_while(bench)
    event = panel.session.events[-1]
    panel.live.freeze(event.time_s + 1.0)
    header, *rows = panel.csv_rows()
    reported = header.index("reported")
    assert [row for row in rows if row[reported] == event.label and row[0] == pytest.approx(event.time_s)]


def test_the_state_is_saved_and_a_damaged_one_refused(bench: Bench) -> None:
    panel = bench.panel
    panel.toggle_hold_to_talk()
    panel.choose_view("tradeoff")
    saved = panel.save_state()
    panel.restore_state({})
    assert panel.save_state() == {"view": "", "aloud": False, "hold_to_talk": False}
    panel.restore_state(saved)
    assert panel.save_state() == {"view": "tradeoff", "aloud": False, "hold_to_talk": True}
    with pytest.raises(ExplorerError, match="no view"):
        panel.restore_state({"view": 3})
    with pytest.raises(ExplorerError, match="true or false"):
        panel.restore_state({"aloud": "yes"})


def test_the_next_start_opens_the_microphone_only_if_so_chosen(bench: Bench) -> None:
    bench.context.settings.update(microphone_allowed=True, microphone_at_start=True, device="Desk | ALSA")
    bench.panel.start()
    assert [microphone.label for microphone in bench.microphones] == ["Desk"]


def test_words_stand_beside_the_picture_in_a_low_window(bench: Bench) -> None:
    panel = bench.panel
    assert panel.stage.geometry().top() > panel.live.geometry().bottom()
    bench.area.resize(860, 300)
    QApplication.processEvents()
    assert panel.page.height() <= bench.area.viewport().height()
    assert panel.stage.geometry().left() >= panel.live.geometry().right()
    assert panel.stage.geometry().bottom() < panel.tiles.geometry().top()


def test_every_element_is_explained_with_present_values(bench: Bench) -> None:
    bench.context.workbench.update(decision=DecisionSettings(threshold=0.55))
    entries = bench.panel.help_entries()
    assert len(entries) >= 12
    texts = [entry.formula() for entry in entries if entry.formula is not None]
    assert any("averaged ≥ 0.55" in text for text in texts)
    assert all(entry.widget.accessibleName() or entry.title for entry in entries)


def test_a_frame_while_nothing_is_new_draws_nothing(bench: Bench) -> None:
    listen_for_a_while(bench)
    drawn = bench.panel.live.overlay.content.end_s
    bench.panel.on_frame(time.perf_counter())
    assert bench.panel.live.overlay.content.end_s == drawn


def test_what_the_talker_said_is_not_taken_for_yours(bench: Bench) -> None:
    panel = bench.panel
    panel.start()
    bench.until(lambda: bool(panel.stage.word.word()))
    assert panel.describe().startswith("Recorded voice, ")
    panel.press_space()
    bench.until(lambda: panel.session.seams[-1].kind == "microphone")
    assert panel.stage.word.word() == ""
    assert panel.describe() == "You: no word was recognised yet."
    bench.until(lambda: panel.glyphs().word == "")
    panel.say("left")  # a recorded voice, put into the microphone's sound
    bench.until(lambda: panel.stage.word.word() == "left")
    assert panel.describe().startswith("Recorded voice, ")
    assert panel.stage.headline.text() == "You are on. Say left."


def test_counts_come_before_rates(bench: Bench) -> None:
    row = bench.panel.status
    short = StreamScore(words=2, hits=1, false_alarms=0, wrong_words=0, exposure_s=14.0, responses_ms=(66.0,))
    row.show_score(short)
    assert row.hits.accessible_value() == "1 of 2 words heard"
    assert row.false_alarms.accessible_value() == "none false yet"
    assert row.response.accessible_value() == "66 ms response"
    row.show_score(replace(short, words=20, hits=18, false_alarms=1, exposure_s=120.0))
    assert row.hits.accessible_value().startswith("90 % [")
    assert row.false_alarms.accessible_value().startswith("30 /h [")
    assert row.false_alarms.accessible_value().endswith("false of this stream")


def test_the_waveform_begins_where_the_sound_began(bench: Bench) -> None:
    panel = bench.panel
    panel.start()
    bench.until(lambda: panel.session.now_s > 1.0)
    bench.pause()
    panel.live.draw(anew=True)
    wave, mel = (np.flatnonzero(strip.view().any(1)) for strip in (panel.live.wave, panel.live.mel))
    assert wave[0] > 10
    assert abs(int(wave[0]) - int(mel[0])) <= 3


def test_lit_rows_are_named_apart_where_not_all_words_fit(bench: Bench) -> None:
    gutter = bench.panel.live.gutter
    rows = QRectF(0, 0, 80, 60)
    gutter.set_names([], rows)
    gutter.set_lit([4, 5, 0])
    named = dict(gutter.labelled())
    assert set(named) == {4, 5, 0}
    places = sorted(named.values())
    assert min(b - a for a, b in itertools.pairwise(places)) >= 10
    assert all(rows.top() < y < rows.bottom() for y in places)
    assert named[5] < named[4] < named[0]  # row 0 is the lowest
    gutter.set_names([], QRectF(0, 0, 80, gutter.wanted_height()))
    assert len(gutter.labelled()) == 12
