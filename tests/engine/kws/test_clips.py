"""The bundled clips are what their table says, and no part serves a purpose it is not kept for."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from explorer.engine.assets import asset_path
from explorer.engine.errors import ExplorerError
from explorer.engine.kws import clips as clips_module
from explorer.engine.kws.clips import CLIP_RATE_HZ, CLIP_SAMPLES, ClipSet, load_background, load_part, require_purpose
from explorer.engine.kws.labels import KEYWORDS, LABELS, SILENCE, UNKNOWN

if TYPE_CHECKING:
    from explorer.engine.kws.clips import Purpose

# keywords each, unknown, silence
COUNTS: dict[Purpose, tuple[int, int, int]] = {
    "train": (70, 180, 120),
    "calibrate": (10, 10, 10),
    "evaluate": (80, 100, 100),
}
PARTS = tuple(COUNTS)


@pytest.fixture(params=PARTS)
def part(request: pytest.FixtureRequest) -> ClipSet:
    purpose: Purpose = request.param
    return load_part(purpose)


def _keyword_clips(part: ClipSet) -> list[int]:
    return [index for index, label in enumerate(part.labels) if label in KEYWORDS]


def test_every_part_holds_the_stated_number_of_each_class(part: ClipSet) -> None:
    keyword, unknown, silence = COUNTS[part.purpose]
    expected = dict.fromkeys(KEYWORDS, keyword) | {UNKNOWN: unknown, SILENCE: silence}
    assert Counter(part.labels) == expected
    assert part.samples.shape == (sum(expected.values()), CLIP_SAMPLES)
    assert part.samples.dtype == np.int16
    assert set(part.labels) == set(LABELS)


def test_no_speaker_and_no_voice_is_in_two_parts() -> None:
    for kind in ("speakers", "voices"):
        seen = [set(getattr(load_part(part), kind)) - {"-"} for part in PARTS]
        assert all(seen)
        assert sum(map(len, seen)) == len(set().union(*seen)), kind


def test_no_running_speech_of_one_part_is_spoken_in_another() -> None:
    spoken = [{word for word in load_part(part).words if " " in word} for part in PARTS]
    assert all(spoken)
    assert sum(map(len, spoken)) == len(set().union(*spoken))


def test_each_voice_says_each_keyword_equally_often(part: ClipSet) -> None:
    said = Counter((part.voices[i], part.labels[i]) for i in _keyword_clips(part))
    assert len(said) == part.voice_count * len(KEYWORDS)
    assert len(set(said.values())) == 1


def test_a_keyword_clip_says_its_label_and_an_unknown_one_never_a_keyword(part: ClipSet) -> None:
    # to the ear these are keywords, whatever they are called on paper
    heard_as_keyword = {*KEYWORDS, "know", "write", "rite", "wright", "awn"}
    for label, text in zip(part.labels, part.words, strict=True):
        if label in KEYWORDS:
            assert text == label
        elif label == UNKNOWN:
            assert not heard_as_keyword & set(text.lower().split())


def test_words_lie_inside_their_clip_and_are_not_cut(part: ClipSet) -> None:
    words = [i for i in range(len(part)) if part.labels[i] != SILENCE and " " not in part.words[i]]
    start_s, end_s = part.start_s[words], part.end_s[words]
    assert (start_s >= 0.01 - 1e-9).all()
    assert (end_s <= 0.99 + 1e-9).all()
    assert (end_s - start_s >= 0.15).all()
    assert (end_s - start_s <= 0.95).all()
    middle_s = (start_s + end_s) / 2
    assert np.abs(middle_s - 0.5).max() <= 0.121
    assert middle_s.std() > 0.03  # moved in the second, not all in the same place


def test_a_word_is_louder_than_the_rest_of_its_clip(part: ClipSet) -> None:
    for index in _keyword_clips(part):
        clip = part.samples[index].astype(np.float64)
        first, last = (int(t * CLIP_RATE_HZ) for t in (part.start_s[index], part.end_s[index]))
        inside = np.sqrt((clip[first:last] ** 2).mean())
        outside = np.sqrt((np.concatenate([clip[:first], clip[last:]]) ** 2).mean())
        assert inside > 2.0 * outside, (part.name, index)


def test_no_spoken_clip_is_overdriven_or_empty(part: ClipSet) -> None:
    for index in (i for i in range(len(part)) if part.labels[i] != SILENCE):
        clip = part.samples[index].astype(np.float64)
        assert np.abs(clip).max() < 32_000, (part.name, index)
        assert np.sqrt((clip**2).mean()) > 60, (part.name, index)


def test_noise_in_the_pause_before_a_word_is_as_strong_as_the_table_says() -> None:
    clips = load_part("evaluate")
    errors_db = []
    for index in _keyword_clips(clips):
        if not np.isfinite(clips.snr_db[index]) or clips.start_s[index] < 0.2:
            continue
        clip = clips.samples[index].astype(np.float64)
        first, last = (int(t * CLIP_RATE_HZ) for t in (clips.start_s[index], clips.end_s[index]))
        word, pause = (clip[first:last] ** 2).mean(), (clip[: first - 400] ** 2).mean()
        errors_db.append(10 * np.log10(word / pause) - clips.snr_db[index])
    assert len(errors_db) > 300
    assert abs(np.median(errors_db)) < 1.0


def test_silence_covers_digital_zero_and_audible_noise(part: ClipSet) -> None:
    silent = [i for i, label in enumerate(part.labels) if label == SILENCE]
    peaks = np.abs(part.samples[silent].astype(np.int32)).max(axis=1)
    assert (peaks == 0).any()
    assert (peaks > 500).any()
    assert {part.speakers[i] for i in silent} == {"-"}
    assert len({part.words[i] for i in silent}) >= 10


def test_the_bundled_sound_stays_within_40_mb() -> None:
    files = list(Path(asset_path("clips")).iterdir())
    assert sum(file.stat().st_size for file in files) <= 40_000_000
    assert {"README.md", "LICENSE-flite.txt"} <= {file.name for file in files}


def test_background_is_loud_speech_and_a_babble_without_pauses() -> None:
    background = load_background()
    assert {name: len(sound) / CLIP_RATE_HZ for name, sound in background.items()} == {"speech": 60.0, "babble": 30.0}
    levels = {}
    for name, sound in background.items():
        assert sound.dtype == np.float32
        assert np.abs(sound).max() <= 1.0
        frames = sound[: len(sound) // 1600 * 1600].reshape(-1, 1600)
        levels[name] = np.sqrt((frames**2).mean(axis=1))
    assert levels["speech"].min() < 1e-3 < 0.01 < np.median(levels["speech"])
    assert levels["babble"].min() > 0.005


def test_clips_made_for_measuring_serve_neither_training_nor_tuning() -> None:
    evaluate = load_part("evaluate")
    for purpose in ("train", "calibrate"):
        with pytest.raises(ExplorerError, match="evaluate"):
            require_purpose(evaluate, purpose)
    with pytest.raises(ExplorerError, match="calibrate"):
        require_purpose(load_part("calibrate"), "train")


def test_training_refuses_the_clips_made_for_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    from explorer.engine.training.pictures import bundled_pictures

    assert len(bundled_pictures()) == len(load_part("train"))
    for part in ("calibrate", "evaluate"):
        handed = load_part(part)
        monkeypatch.setattr(clips_module, "load_part", lambda _, handed=handed: handed)
        with pytest.raises(ExplorerError, match="must not be used to train"):
            bundled_pictures()


@pytest.mark.parametrize(
    ("purpose", "wanted"),
    [("train", "train"), ("train", "calibrate"), ("calibrate", "calibrate"), ("evaluate", "evaluate")],
)
def test_clips_serve_the_purpose_they_were_made_for(purpose: Purpose, wanted: Purpose) -> None:
    clips = load_part(purpose)
    assert require_purpose(clips, wanted) is clips


def test_a_part_is_read_once_and_cannot_be_overwritten() -> None:
    clips = load_part("calibrate")
    assert load_part("calibrate") is clips
    with pytest.raises(ValueError, match="read-only"):
        clips.samples[0, 0] = 1
    with pytest.raises(AttributeError):
        clips.purpose = "train"  # type: ignore[misc]


def test_the_figures_name_the_set_and_how_few_people_it_rests_on() -> None:
    clips = load_part("evaluate")
    assert clips.name == "bundled synthetic voices, evaluate"
    assert (clips.voice_count, clips.speaker_count) == (40, 2)


def test_a_damaged_installation_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def elsewhere(relative: str) -> Path:
        return tmp_path / Path(relative).name

    (tmp_path / "calibrate.tsv").write_bytes(asset_path("clips/calibrate.tsv").read_bytes())
    (tmp_path / "calibrate.flac").write_bytes(b"fLaC and then nothing")
    monkeypatch.setattr(clips_module, "asset_path", elsewhere)
    load_part.cache_clear()
    with pytest.raises(ExplorerError, match="install the program again"):
        load_part("calibrate")


def test_a_table_longer_than_its_sound_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def elsewhere(relative: str) -> Path:
        own = tmp_path / Path(relative).name
        return own if own.exists() else asset_path(relative)

    table = asset_path("clips/calibrate.tsv").read_text(encoding="utf-8")
    last = table.splitlines()[-1]
    (tmp_path / "calibrate.tsv").write_text(f"{table}{last}\n", encoding="utf-8")
    monkeypatch.setattr(clips_module, "asset_path", elsewhere)
    load_part.cache_clear()
    with pytest.raises(ExplorerError, match="calibrate"):
        load_part("calibrate")


def test_a_taught_word_counts_as_itself_and_not_as_unknown() -> None:
    clips = load_part("evaluate")
    place = clips.words.index("silver")
    word = clips.words[place]
    assert clips.labels[place] == "unknown"
    assert clips.labels_for(LABELS) == clips.labels
    assert clips.labels_for((*LABELS, word))[place] == word
    # what is called "note" in the class of silence is a sound, not a word
    silence = clips.labels.index("silence")
    assert clips.labels_for((*LABELS, clips.words[silence]))[silence] == "silence"
