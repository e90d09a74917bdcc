from __future__ import annotations

import itertools
import struct
import time
from typing import TYPE_CHECKING

import librosa
import numpy as np
import pytest
import soundfile

from explorer.engine.audio.files import FileSource, read_sound, resample
from explorer.engine.audio.source import RATE_HZ, SourceState
from explorer.engine.errors import ExplorerError

if TYPE_CHECKING:
    from pathlib import Path

STEP = {"PCM_U8": 2**-7, "PCM_16": 2**-15, "PCM_24": 2**-23, "PCM_32": 2**-23, "FLOAT": 2**-23, "DOUBLE": 2**-23}


def tone(rate_hz: int, seconds: float = 0.5, frequency_hz: float = 1000.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * frequency_hz * np.arange(round(rate_hz * seconds)) / rate_hz)


def loudest_hz(samples: np.ndarray, rate_hz: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate_hz / len(samples))


@pytest.mark.parametrize("subtype", STEP)
@pytest.mark.parametrize("rate_hz", [8_000, 44_100])
def test_every_depth_of_wav_is_read_as_it_was_written(tmp_path: Path, subtype: str, rate_hz: int) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(rate_hz), rate_hz, subtype=subtype)
    samples, rate = read_sound(path)
    assert rate == rate_hz
    assert samples.dtype == np.float32
    np.testing.assert_allclose(samples, tone(rate_hz), atol=STEP[subtype])


@pytest.mark.parametrize("subtype", ["PCM_S8", "PCM_16", "PCM_24"])
def test_every_depth_of_flac_is_read_as_it_was_written(tmp_path: Path, subtype: str) -> None:
    path = tmp_path / "tone.flac"
    soundfile.write(path, tone(16_000), 16_000, subtype=subtype)
    np.testing.assert_allclose(read_sound(path)[0], tone(16_000), atol=2**-7)


@pytest.mark.parametrize("channels", [2, 6])
def test_channels_are_averaged(tmp_path: Path, channels: int) -> None:
    path = tmp_path / "surround.wav"
    gains = np.arange(1, channels + 1) / channels
    soundfile.write(path, tone(48_000)[:, None] * gains, 48_000, subtype="FLOAT")
    np.testing.assert_allclose(read_sound(path)[0], tone(48_000) * gains.mean(), atol=1e-6)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 16_000, 44_100, 48_000, 96_000, 192_000])
def test_a_source_plays_any_rate_at_16_khz_with_the_same_pitch_and_length(tmp_path: Path, rate_hz: int) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(rate_hz, 1.0), rate_hz, subtype="FLOAT")
    source = FileSource(path, paced=False)
    assert source.duration_s == pytest.approx(1.0, abs=1e-3)
    source.open()
    block = source.read(RATE_HZ // 2, 0.0)
    assert block is not None
    assert loudest_hz(block.samples, RATE_HZ) == pytest.approx(1000.0, abs=2.0)
    # not only the pitch: in phase with what was recorded, too
    np.testing.assert_allclose(block.samples[2000:6000], tone(RATE_HZ)[2000:6000], atol=2e-3)


def test_resampling_agrees_with_librosa_and_keeps_what_cannot_be_heard_out() -> None:
    sound = np.random.default_rng(0).normal(0, 0.1, 44_100).astype(np.float32)
    ours = resample(sound, 44_100)
    theirs = librosa.resample(sound, orig_sr=44_100, target_sr=RATE_HZ, res_type="soxr_hq")
    np.testing.assert_allclose(ours, theirs[: len(ours)], atol=1e-5)
    assert np.abs(resample(tone(48_000, 1.0, 11_000.0).astype(np.float32), 48_000)[2000:-2000]).max() < 1e-3
    assert resample(ours, RATE_HZ) is ours


def write_wav(path: Path, rate_hz: int = 16_000, declared: int | None = None) -> None:
    data = (tone(16_000, 0.1) * 32767).astype("<i2").tobytes()
    length = len(data) if declared is None else declared
    header = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", min(36 + length, 2**32 - 1), b"WAVE", b"fmt ", 16, 1, 1,
                         rate_hz, min(rate_hz * 2, 2**32 - 1), 2, 16, b"data", length)  # fmt: skip
    path.write_bytes(header + data)


def bad_file(kind: str, folder: Path) -> Path:
    path = folder / "sound.wav"
    if kind == "folder":
        path.mkdir()
    elif kind == "empty":
        path.touch()
    elif kind == "text":
        path.write_text("To be or not to be, that is the question. " * 50)
    elif kind == "text named .raw":
        path = folder / "sound.raw"
        path.write_text("To be or not to be")
    elif kind == "no samples":
        soundfile.write(path, np.zeros(0), 16_000)
    elif kind == "cut short":
        soundfile.write(path, tone(16_000), 16_000)
        path.write_bytes(path.read_bytes()[:-4000])
    elif kind == "header only":
        soundfile.write(path, tone(16_000), 16_000)
        path.write_bytes(path.read_bytes()[:44])
    elif kind == "half a header":
        soundfile.write(path, tone(16_000), 16_000)
        path.write_bytes(path.read_bytes()[:20])
    elif kind == "FLAC cut short":
        path = folder / "sound.flac"
        soundfile.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, 100_000), 16_000)
        path.write_bytes(path.read_bytes()[:120_000])
    elif kind == "not a number":
        soundfile.write(path, np.where(np.arange(8000) == 4000, np.nan, tone(16_000)), 16_000, subtype="FLOAT")
    elif kind == "infinite":
        soundfile.write(path, np.where(np.arange(8000) == 4000, np.inf, tone(16_000)), 16_000, subtype="FLOAT")
    elif kind == "one sample per second":
        write_wav(path, rate_hz=1)
    elif kind == "2 billion samples per second":
        write_wav(path, rate_hz=2_000_000_000)
    elif kind == "no rate":
        write_wav(path, rate_hz=0)
    elif kind == "more than an hour":
        soundfile.write(path, np.zeros(4000 * 3601, np.uint8).astype(np.int16), 4000, subtype="PCM_U8")
    return path


BAD = {
    "missing": "no file",
    "folder": "is a folder",
    "empty": "is empty",
    "text": "not a sound file",
    "text named .raw": "not a sound file",
    "no samples": "no samples",
    "cut short": "cut short, 4,000 bytes",
    "header only": "no samples|cut short",
    "half a header": "not a sound file",
    "FLAC cut short": "cut short|damaged",
    "not a number": "not numbers",
    "infinite": "not numbers",
    "one sample per second": "samples per second",
    "2 billion samples per second": "samples per second|not a sound file",
    "no rate": "samples per second|not a sound file",
    "more than an hour": "longer than an hour",
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("reader", [read_sound, FileSource])
def test_a_bad_file_is_refused_in_one_sentence_that_names_it(tmp_path: Path, kind: str, reader: object) -> None:
    path = bad_file(kind, tmp_path)
    assert callable(reader)
    with pytest.raises(ExplorerError, match=BAD[kind]) as caught:
        reader(path)
    sentence = str(caught.value)
    assert str(path) in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert ": " in sentence  # what to do follows what is wrong


def test_a_wav_of_unknown_length_as_written_into_a_pipe_is_read(tmp_path: Path) -> None:
    path = tmp_path / "piped.wav"
    write_wav(path, declared=0xFFFFFFFF)
    assert len(read_sound(path)[0]) == 1600


def test_a_header_of_nothing_but_empty_chunks_is_soon_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[bytes] = []
    real = struct.unpack

    def unpack(form: str, chunk: bytes) -> tuple[object, ...]:
        looked_at.append(chunk)
        return real(form, chunk)

    monkeypatch.setattr("explorer.engine.audio.files.struct.unpack", unpack)
    path = tmp_path / "zeros.wav"
    path.write_bytes(b"RIFF" + bytes(8_000_000))
    with pytest.raises(ExplorerError, match="not a sound file"):
        read_sound(path)
    assert len(looked_at) < 10_000


def test_samples_beyond_full_scale_are_clipped_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "loud.wav"
    soundfile.write(path, tone(16_000) * 4, 16_000, subtype="FLOAT")
    source = FileSource(path, paced=False)
    source.open()
    block = source.read(8000, 0.0)
    assert block is not None
    assert np.abs(block.samples).max() == 1.0
    assert source.status().clipped == np.count_nonzero(np.abs(tone(16_000) * 4) >= 0.999)
    assert source.status().peak == 1.0


def test_a_file_is_played_once_and_ends(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(16_000), 16_000, subtype="FLOAT")
    source = FileSource(path, paced=False)
    assert source.read(800, 0.0) is None
    source.open()
    blocks = []
    while not source.ended:
        block = source.read(3000, 0.0)
        if block is not None:
            blocks.append(block)
    assert [len(block.samples) for block in blocks] == [3000, 3000, 2000]
    assert [block.end_index for block in blocks] == [3000, 6000, 8000]
    np.testing.assert_allclose(np.concatenate([block.samples for block in blocks]), tone(16_000), atol=1e-6)
    assert source.read(3000, 0.0) is None
    assert source.status().state is SourceState.ENDED
    assert source.truth(0, 10) == ()


def test_a_looped_file_has_no_gap_and_no_end(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(16_000), 16_000, subtype="FLOAT")
    source = FileSource(path, paced=False, loop=True)
    source.open()
    played = [source.read(n, 0.0) for n in (5000, 5000, 20_000)]
    sound = np.concatenate([block.samples for block in played if block is not None])
    np.testing.assert_array_equal(sound, np.resize(read_sound(path)[0], 30_000))
    assert not source.ended


def test_a_paced_file_takes_as_long_as_it_sounds(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(16_000), 16_000)
    source = FileSource(path)
    source.open()
    began_s = time.perf_counter()
    blocks = [block for _ in range(8) if (block := source.read(800, 1.0)) is not None]
    took_s = time.perf_counter() - began_s
    assert len(blocks) == 8
    assert took_s >= 0.39
    # the due times are those of a device: one block of 50 ms after the other, none before it is heard
    steps = [later.arrived_s - earlier.arrived_s for earlier, later in itertools.pairwise(blocks)]
    np.testing.assert_allclose(steps, 0.05, atol=1e-6)
    assert blocks[-1].arrived_s <= time.perf_counter()


def test_what_is_not_due_is_not_there_yet_and_closing_wakes_a_reader(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(16_000, 3.0), 16_000)
    source = FileSource(path)
    source.open()
    assert source.read(16_000, 0.01) is None
    source.close()
    source.close()
    assert source.status().state is SourceState.CLOSED
    assert source.read(800, 0.0) is None
    source.open()  # goes on where it was
    block = source.read(800, 1.0)
    assert block is not None
    assert block.end_index == 800
    source.close()
