"""Sources of the Listen panel: microphones that are missing, files that end, silence, noise and hold-to-talk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from explorer.engine.audio.source import SourceState
from explorer.engine.kws.clips import load_part
from tests.panels.listen.bench import Bench


def test_a_state_from_a_stranger_does_not_open_the_microphone(bench: Bench) -> None:
    panel = bench.panel
    panel.start()
    bench.context.workbench.update(source_kind="microphone", source_detail="Their device | ALSA")
    bench.until(lambda: panel.session.sources.kind == "talker")
    assert not bench.microphones
    panel.press_space()
    assert len(bench.microphones) == 1


@pytest.mark.parametrize(
    "state", [SourceState.NO_DEVICE, SourceState.NO_PORTAUDIO, SourceState.LOST, SourceState.BUSY, SourceState.REFUSED]
)
def test_a_missing_microphone_is_a_sentence_and_the_tiles_still_speak(bench: Bench, state: SourceState) -> None:
    panel = bench.panel
    bench.microphone_state = state
    panel.start()
    bench.until(lambda: panel.session.sources.talker is not None and panel.session.network is not None)
    panel.press_space()
    status = bench.microphones[0].status()
    assert panel.stage.headline.text() == status.sentence
    assert panel.stage.answer.text() == status.action
    panel.say("stop")
    bench.until(lambda: any(span.word == "stop (recorded)" for span in panel.session.truth))
    assert panel.session.sources.kind == "microphone"


def test_a_file_is_played_and_its_end_is_said(bench: Bench, tmp_path: Path) -> None:
    panel = bench.panel
    path = tmp_path / "spoken.wav"
    clips = load_part("calibrate")
    sound = clips.samples[clips.words.index("right")].astype(np.float32) / 32768
    soundfile.write(path, np.concatenate([np.zeros(16_000, np.float32), sound, np.zeros(16_000, np.float32)]), 16_000)
    panel.start()
    bench.until(lambda: panel.session.sources.kind == "talker" and panel.session.network is not None)
    bench.context.workbench.update(source_kind="file", source_detail=str(path))
    bench.until(lambda: panel.stage.headline.text() == "spoken.wav: played to its end.")
    assert panel.status.source.text() == "file spoken.wav, real network"
    assert panel.controls.source.picker.currentText() == "File: spoken.wav"
    bench.until(lambda: panel.session.pipeline.finished)
    bench.pause()
    heard_s = panel.session.now_s - panel.session.seams[-1].time_s
    assert heard_s == pytest.approx(3.5, abs=0.051)  # the file, and half a second in which its last word is decided


def test_a_file_that_ended_is_played_again_on_request(bench: Bench, tmp_path: Path) -> None:
    panel = bench.panel
    path = tmp_path / "quiet.wav"
    soundfile.write(path, np.zeros(16_000, np.float32), 16_000)
    panel.start()
    bench.until(lambda: panel.session.sources.kind == "talker" and panel.session.network is not None)
    bench.context.workbench.update(source_kind="file", source_detail=str(path))
    bench.until(lambda: "P plays it again" in panel.stage.answer.text())
    seams = len(panel.session.seams)
    again = next(command for command in panel.commands() if command.key == "again")
    again.run()
    bench.until(lambda: len(panel.session.seams) > seams)
    assert panel.session.seams[-1].source == "quiet.wav"


def test_after_the_end_of_a_file_a_tile_still_says_its_word(bench: Bench, tmp_path: Path) -> None:
    panel = bench.panel
    path = tmp_path / "spoken.wav"
    soundfile.write(path, np.zeros(16_000, np.float32), 16_000)
    panel.start()
    bench.until(lambda: panel.session.sources.kind == "talker")
    bench.context.workbench.update(source_kind="file", source_detail=str(path))
    bench.until(lambda: panel.stage.headline.text() == "spoken.wav: played to its end.")
    pressed_s = panel.session.now_s
    panel.say("left")
    bench.until(lambda: any(span.word == "left" and span.start_s >= pressed_s for span in panel.session.truth))
    assert panel.session.sources.kind == "talker"


def test_the_file_that_was_chosen_in_the_list_is_named_there(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "spoken.wav"
    soundfile.write(path, np.zeros(16_000, np.float32), 16_000)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    bench.panel.start()
    picker = bench.panel.controls.source.picker
    bench.until(lambda: bench.panel.session.sources.kind == "talker")
    picker.setCurrentText("Sound file …")
    picker.activated.emit(picker.currentIndex())
    assert picker.currentText() == "File: spoken.wav"
    bench.until(lambda: bench.panel.session.sources.kind == "file")


def test_a_file_that_is_none_is_a_sentence_and_the_talker_goes_on(bench: Bench, tmp_path: Path) -> None:
    panel = bench.panel
    path = tmp_path / "text.wav"
    path.write_text("this is no sound")
    panel.start()
    bench.until(lambda: panel.session.sources.kind == "talker")
    bench.context.workbench.update(source_kind="file", source_detail=str(path))
    bench.until(lambda: "is not a sound file" in panel.stage.headline.text())
    assert panel.session.sources.kind == "talker"
    bench.context.workbench.update(source_kind="talker", source_detail="")
    assert panel.stage.headline.text() == "Now you. Press Space and say left."


def test_four_silent_seconds_name_the_device_and_ask(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.panels.listen.prompts.MUTED_AFTER_S", 0.5)
    bench.microphone_level = 1e-5
    panel = bench.panel
    panel.start()
    bench.until(lambda: panel.session.sources.talker is not None and panel.session.network is not None)
    panel.press_space()
    bench.until(lambda: "Muted?" in panel.stage.headline.text())
    assert panel.stage.headline.text().startswith("Desk microphone")


def test_a_quiet_voice_is_told_why_it_was_no_word(bench: Bench) -> None:
    panel = bench.panel
    panel.start()
    bench.until(lambda: panel.session.sources.talker is not None and panel.session.network is not None)
    panel.controls.decision.set_knob("threshold", 0.99)
    panel.press_space()
    bench.until(lambda: any(seam.kind == "microphone" for seam in panel.session.seams))
    bench.until(lambda: panel.session.now_s > panel.session.seams[-1].time_s + 1.0)
    panel.say("up")
    bench.until(lambda: "needs 0.99" in panel.stage.headline.text())


def test_hold_to_talk_lets_sound_through_only_while_t_is_held(bench: Bench) -> None:
    panel = bench.panel
    panel.start()
    bench.until(lambda: panel.session.sources.talker is not None)
    panel.press_space()
    panel.toggle_hold_to_talk()
    sources = panel.session.sources
    assert panel.controls.source.hold_to_talk.isChecked()
    bench.until(lambda: panel.session.last_hop is not None and panel.session.last_hop.level_dbfs < -100)
    QTest.keyPress(panel, Qt.Key.Key_T)
    assert not sources.shut
    bench.until(lambda: panel.session.last_hop is not None and panel.session.last_hop.level_dbfs > -60)
    QTest.keyRelease(panel, Qt.Key.Key_T)
    bench.until(lambda: sources.shut)
    panel.toggle_hold_to_talk()
    assert not sources.shut


def test_noise_and_network_follow_the_inspector(bench: Bench) -> None:
    panel = bench.panel
    panel.start()
    bench.until(lambda: panel.session.network is not None)
    panel.controls.noise.kind.chosen.emit("white")
    bench.until(lambda: panel.session.noise.kind == "white")
    panel.controls.noise.kind.chosen.emit("none")
    assert panel.session.noise.kind == "off"
    panel.controls.network.choice.chosen.emit("large")
    bench.until(lambda: panel.session.network is not None and panel.session.network.name == "large")
    panel.on_slow_tick()
    network = panel.session.network
    assert network is not None
    assert f"{network.parameters:,} parameters" in panel.controls.network.facts.text()


def test_a_network_that_cannot_be_read_is_said_and_listening_goes_on(bench: Bench) -> None:
    panel = bench.panel
    panel.start()
    bench.until(lambda: panel.session.network is not None)
    bench.context.workbench.update(network="missing")
    bench.until(lambda: "There is no network 'missing'" in panel.stage.headline.text())
    seen_s = panel.session.now_s
    bench.until(lambda: panel.session.now_s > seen_s)
