from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from explorer.engine.errors import ExplorerError
from explorer.engine.intervals import wilson
from explorer.engine.kws.evaluate import accuracy_of, evaluate, evaluate_folder, scores_of
from explorer.engine.kws.folders import centred, read_label_folder
from explorer.engine.kws.labels import LABELS
from tests.engine.kws.tones import ToneNetwork, tone

GO, STOP, SILENCE = LABELS.index("go"), LABELS.index("stop"), LABELS.index("silence")


def second(word: str | None, room: float = 1e-4) -> np.ndarray:
    samples = np.random.default_rng(1).normal(0, room, 16_000).astype(np.float32)
    if word is not None:
        samples[4000:10_400] += tone(word)
    return samples


def write(path: Path, samples: np.ndarray, rate_hz: int = 16_000, subtype: str = "PCM_16") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate_hz, subtype=subtype)


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """Three of go, one of them wrong; one stop; another word; silence in two ways."""
    root = tmp_path / "words"
    write(root / "go" / "a.wav", second("go"))
    write(root / "go" / "b.flac", second("go"))
    write(root / "go" / "c.WAV", second("stop"))
    write(root / "stop" / "a.wav", second("stop"), subtype="PCM_24")
    write(root / "house" / "a.wav", second("yes"))
    write(root / "_silence_" / "a.wav", second(None))
    write(root / "_unknown_" / "a.wav", second("no"))
    write(root / "_background_noise_" / "hall.wav", np.tile(second(None), 3)[: 16_000 * 3 - 100])
    (root / "_background_noise_" / "README.md").write_text("about the noises")
    (root / "empty").mkdir()
    (root / "testing_list.txt").write_text("go/a.wav\n")
    return root


def test_a_folder_is_sorted_into_the_labels(recordings: Path) -> None:
    folder = read_label_folder(recordings)
    sorted_in = [(r.word, r.label) for r in folder.recordings]
    assert sorted_in == [
        ("_background_noise_", "silence"),
        ("_background_noise_", "silence"),
        ("_silence_", "silence"),
        ("_unknown_", "unknown"),
        ("go", "go"),
        ("go", "go"),
        ("go", "go"),
        ("house", "unknown"),
        ("stop", "stop"),
    ]


def test_accuracy_counted_by_hand(recordings: Path) -> None:
    result = evaluate_folder(ToneNetwork(), read_label_folder(recordings))
    # right: silence 3 of 3, go 2 of 3, stop 1 of 1; the network knows no unknown word: 0 of 2
    assert result.clips == 9
    assert result.accuracy == pytest.approx(6 / 9)
    assert (result.low, result.high) == wilson(6, 9)
    assert result.mean_recall == pytest.approx((3 / 3 + 0 / 2 + 2 / 3 + 1 / 1) / 4)
    assert result.per_class["go"].recall == pytest.approx(2 / 3)
    assert result.per_class["go"].precision == 1.0
    assert result.per_class["stop"].precision == 0.5
    assert (result.per_class["left"].clips, result.per_class["left"].recall) == (0, None)
    assert result.confusion[GO][STOP] == 1
    assert sum(map(sum, result.confusion)) == 9
    assert result.set_name == "recordings in words"


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 44_100, 192_000])
def test_recordings_of_any_rate_are_heard_alike(tmp_path: Path, rate_hz: int) -> None:
    import soxr

    sound = soxr.resample(second("left"), 16_000, rate_hz)
    write(tmp_path / "left" / "a.wav", np.stack([sound, sound], 1), rate_hz, "FLOAT")
    assert evaluate_folder(ToneNetwork(), read_label_folder(tmp_path)).accuracy == 1.0


def test_a_short_clip_stands_amid_zeros_and_of_a_long_one_the_loudest_second_counts() -> None:
    short = centred(np.ones(10, np.float32))
    assert np.flatnonzero(short).tolist() == list(range(7995, 8005))
    long = np.zeros(40_000, np.float32)
    long[30_000:31_000] = 0.5
    assert centred(long).sum() == pytest.approx(500.0)
    assert len(centred(long)) == 16_000


def test_a_file_that_cannot_be_read_is_skipped_and_told(recordings: Path) -> None:
    (recordings / "go" / "d.wav").write_text("this is text")
    (recordings / "go" / "e.wav").write_bytes(b"")
    folder = read_label_folder(recordings)
    assert evaluate_folder(ToneNetwork(), folder).clips == 9
    assert len(folder.skipped) == 2
    assert "d.wav" in folder.skipped[0]


def test_folders_that_hold_no_labels_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="There is no folder"):
        read_label_folder(tmp_path / "nowhere")
    write(tmp_path / "plain" / "a.wav", second("go"))
    with pytest.raises(ExplorerError, match="has no labels"):
        read_label_folder(tmp_path / "plain")
    with pytest.raises(ExplorerError, match="is a file"):
        read_label_folder(tmp_path / "plain" / "a.wav")
    (tmp_path / "hollow" / "go").mkdir(parents=True)
    with pytest.raises(ExplorerError, match="has no labels"):
        read_label_folder(tmp_path / "hollow")
    write(tmp_path / "broken" / "go" / "a.wav", second("go"))
    (tmp_path / "broken" / "go" / "a.wav").write_text("text")
    with pytest.raises(ExplorerError, match="None of the files"):
        evaluate_folder(ToneNetwork(), read_label_folder(tmp_path / "broken"))


def test_a_folder_whose_only_noise_is_shorter_than_a_second_is_refused_in_a_sentence(tmp_path: Path) -> None:
    write(tmp_path / "_background_noise_" / "click.wav", second(None)[:4000])
    with pytest.raises(ExplorerError, match="no second of sound"):
        evaluate_folder(ToneNetwork(), read_label_folder(tmp_path))


def test_a_name_too_long_for_the_system_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="cannot be read"):
        read_label_folder(tmp_path / ("a" * 5000))


def test_a_noise_that_claims_an_endless_length_is_cut_into_the_seconds_it_has(tmp_path: Path) -> None:
    path = tmp_path / "_background_noise_" / "piped.wav"
    write(path, np.tile(second(None), 3))
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = b"\xff\xff\xff\xff"  # as programs write into a pipe
    path.write_bytes(content)
    assert [r.second for r in read_label_folder(tmp_path).recordings] == [0, 1, 2]
    write(tmp_path / "_background_noise_" / "b.flac", np.tile(second(None), 3))
    flac = bytearray((tmp_path / "_background_noise_" / "b.flac").read_bytes())
    flac[21] |= 0x0F  # the number of samples stands in 36 bits from here on
    flac[22:26] = b"\xff\xff\xff\xff"
    (tmp_path / "_background_noise_" / "b.flac").write_bytes(flac)
    folder = read_label_folder(tmp_path)
    assert len(folder.recordings) <= 4  # not 4 million
    assert evaluate_folder(ToneNetwork(), folder).clips == 3
    assert "b.flac" in folder.skipped[0]


@pytest.mark.parametrize("word", [b"go", b"_background_noise_"])
def test_names_that_are_no_text_are_read_all_the_same(tmp_path: Path, word: bytes) -> None:
    """Archives from other systems bring such names; Python shows the odd byte as a lone surrogate."""
    folder = tmp_path / os.fsdecode(b"w\xf6rter") if sys.platform == "linux" else tmp_path / "w\u00f6rter"
    path = folder / word.decode() / os.fsdecode(b"\xf6.wav" if sys.platform == "linux" else b"o.wav")
    write(tmp_path / "plain.wav", second("go"))
    path.parent.mkdir(parents=True)
    (tmp_path / "plain.wav").rename(path)
    result = evaluate_folder(ToneNetwork(), read_label_folder(folder))
    assert result.clips == 1
    assert result.set_name.encode("utf-8").decode() == result.set_name


def test_a_taught_word_is_a_label_of_its_own(recordings: Path) -> None:
    labels = (*LABELS, "house")
    assert ("house", "house") in [(r.word, r.label) for r in read_label_folder(recordings, labels).recordings]


def test_digital_silence_is_silence_whatever_the_network_says() -> None:
    class Babbler(ToneNetwork):
        def scores(self, pictures: np.ndarray) -> np.ndarray:
            return np.tile(np.eye(len(LABELS), dtype=np.float32)[GO], (len(pictures), 1))

    scores = scores_of(Babbler(), np.stack([np.zeros(16_000, np.float32), second(None)]))
    assert scores.argmax(1).tolist() == [SILENCE, GO]


def test_labels_the_network_lacks_and_empty_sets_are_refused() -> None:
    with pytest.raises(ExplorerError, match="does not know “robot”"):
        evaluate(ToneNetwork(), [(second("go")[None], ["robot"])], "mine")
    with pytest.raises(ExplorerError, match="no clip in “mine”"):
        accuracy_of(np.zeros((12, 12), np.int64), LABELS, "mine")


def test_it_stops_when_asked_and_says_how_far_it_is() -> None:
    import threading

    stop = threading.Event()
    done: list[int] = []

    def progress(count: int) -> None:
        done.append(count)
        if count >= 4:
            stop.set()

    batches = [(np.stack([second("go")] * 2), ["go", "go"])] * 10
    assert evaluate(ToneNetwork(), batches, "mine", progress, stop).clips == 4
    assert done == [2, 4]
