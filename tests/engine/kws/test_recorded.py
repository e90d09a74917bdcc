from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.audio.talker import TalkerSource
from explorer.engine.errors import ExplorerError
from explorer.engine.kws.clips import load_part
from explorer.engine.kws.folders import read_label_folder
from explorer.engine.kws.pipeline import Pipeline
from explorer.engine.kws.recorded import clip_set, word_in
from tests.engine.kws.tones import ToneNetwork, stream, tone


@given(start_s=st.floats(0.05, 0.5), length_s=st.floats(0.15, 0.4), level=st.floats(0.01, 0.9))
@settings(deadline=None, max_examples=30)
def test_the_word_is_found_in_its_clip(start_s: float, length_s: float, level: float) -> None:
    sound = np.random.default_rng(0).normal(0, level / 300, 16_000)
    word = tone("stop", length_s, level)
    at = round(start_s * 16_000)
    sound[at : at + len(word)] += word
    first_s, last_s = word_in(np.rint(sound * 32767).clip(-32768, 32767).astype(np.int16))
    assert first_s == pytest.approx(start_s, abs=0.03)
    assert last_s == pytest.approx(start_s + length_s, abs=0.03)


def test_edges_agree_with_those_of_the_bundled_voices() -> None:
    clips = load_part("calibrate")
    spoken = [i for i, voice in enumerate(clips.voices) if voice != "-" and clips.snr_db[i] > 15]
    found = np.array([word_in(clips.samples[i]) for i in spoken])
    known = np.stack([clips.start_s[spoken], clips.end_s[spoken]], 1)
    assert np.median(np.abs(found - known), axis=0).max() < 0.05


def test_a_folder_of_recordings_can_talk(tmp_path: Path) -> None:
    for number, word in enumerate(("go", "left", "stop")):
        folder = tmp_path / word
        folder.mkdir()
        soundfile.write(folder / f"{number:08x}_nohash_0.flac", stream({0.3: word}, 1.0), 16_000)
    clips = clip_set(read_label_folder(tmp_path))
    assert clips.labels == ("go", "left", "stop")
    assert clips.voices == ("00000000", "00000001", "00000002")
    source = TalkerSource(clips, paced=False, repeat=False)
    source.open()
    pipeline = Pipeline(source, ToneNetwork())
    while not pipeline.finished:
        pipeline.step()
    assert sorted(event.label for event in pipeline.events.since(0)[0]) == ["go", "left", "stop"]
    score = pipeline.score()
    assert score is not None
    assert (score.hits, score.words) == (3, 3)


def test_recordings_may_be_chosen_and_too_many_are_drawn_from(tmp_path: Path) -> None:
    (tmp_path / "go").mkdir()
    for number in range(8):
        soundfile.write(tmp_path / "go" / f"{number}.wav", stream({0.3: "go"}, 1.0), 16_000)
    folder = read_label_folder(tmp_path)
    assert len(clip_set(folder, most=5)) == 5
    assert len(clip_set(folder, chosen=lambda recording: int(recording.path.stem) < 3)) == 3
    with pytest.raises(ExplorerError, match="no recording to use"):
        clip_set(folder, chosen=lambda recording: False)
