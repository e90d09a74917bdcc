"""The headless commands as processes: JSON alone on standard output, one sentence for a file that is no good."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile

from explorer.engine.kws.clips import load_part
from tests.app.spoken import WORDS, say

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
RATE_HZ = 16_000


def explorer(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "explorer", *map(str, words)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )


def answer(*words: str | Path) -> dict[str, Any]:
    done = explorer(*words, "--json")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    read: dict[str, Any] = json.loads(done.stdout)
    return read


@pytest.mark.parametrize(
    ("rate_hz", "channels", "subtype"),
    [
        (16_000, 1, "PCM_16"),
        (16_000, 1, "PCM_U8"),
        (8_000, 1, "PCM_16"),
        (44_100, 2, "PCM_24"),
        (48_000, 6, "FLOAT"),
        (192_000, 1, "PCM_32"),
    ],
)
def test_the_words_of_a_file_of_any_kind_are_listed(tmp_path: Path, rate_hz: int, channels: int, subtype: str) -> None:
    import soxr

    said = WORDS[:2]  # the noise of 8 bits is too much for the soft end of the third
    sound, _ = soundfile.read(say(tmp_path / "plain.wav", *said), dtype="float32")
    other = soxr.resample(sound, RATE_HZ, rate_hz)
    path = tmp_path / "other.wav"
    soundfile.write(path, np.tile(0.95 * other[:, None], (1, channels)), rate_hz, subtype)
    events = answer("listen", path)["events"]
    assert [event["label"] for event in events] == list(said)
    times = [event["time_s"] for event in events]
    assert times == sorted(times)
    assert 0 < times[0] < times[-1] < len(sound) / RATE_HZ + 0.6
    for event in events:
        assert list(event) == ["label", "time_s", "start_s", "score"]
        assert 0.7 <= event["score"] <= 1
        assert 0 <= event["start_s"] < event["time_s"]


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("left right left right\n" * 50)


def no_samples(path: Path) -> None:
    soundfile.write(path, np.zeros(0, np.float32), RATE_HZ)


def header_only(path: Path) -> None:
    soundfile.write(path, np.zeros(RATE_HZ, np.float32), RATE_HZ)
    path.write_bytes(path.read_bytes()[:20])


def cut_short(path: Path) -> None:
    content = say(path, *WORDS).read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])


def folder(path: Path) -> None:
    path.mkdir()


def missing(path: Path) -> None:
    assert not path.exists()


@pytest.mark.parametrize("make", [empty, text, no_samples, header_only, cut_short, folder, missing])
def test_a_file_that_is_no_sound_is_one_sentence(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "words.wav"
    make(path)
    done = explorer("listen", path, "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "words.wav" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_of_label_folders_is_evaluated(tmp_path: Path) -> None:
    clips = load_part("calibrate")
    wanted = ("yes", "left", "silence")
    count = 0
    for label in wanted:
        directory = tmp_path / (f"_{label}_" if label == "silence" else label)
        directory.mkdir()
        for i in [i for i, one in enumerate(clips.labels) if one == label][:5]:
            soundfile.write(directory / f"{i}.wav", clips.samples[i], RATE_HZ)
            count += 1
    (tmp_path / "marvin").mkdir()  # any other word counts as unknown
    other = next(i for i, one in enumerate(clips.labels) if one == "unknown")
    soundfile.write(tmp_path / "marvin" / "a.flac", clips.samples[other], RATE_HZ)
    result = answer("evaluate", tmp_path)
    assert {"accuracy", "low", "high", "clips", "per_class", "confusion", "mean_recall", "labels"} <= set(result)
    assert result["clips"] == count + 1
    assert 0 <= result["low"] <= result["accuracy"] <= result["high"] <= 1
    assert np.trace(np.array(result["confusion"])) == round(result["accuracy"] * result["clips"])
    assert {label: one["clips"] for label, one in result["per_class"].items() if one["clips"]} == {
        "yes": 5,
        "left": 5,
        "silence": 5,
        "unknown": 1,
    }


def test_a_folder_without_labels_is_one_sentence(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "loose.wav", np.zeros(RATE_HZ, np.float32), RATE_HZ)
    done = explorer("evaluate", tmp_path, "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1


def test_a_network_that_does_not_exist_is_one_sentence(tmp_path: Path) -> None:
    done = explorer("listen", say(tmp_path / "words.wav", "yes"), "--network", "enormous", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "enormous" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_event_log_that_cannot_be_written_is_one_sentence(tmp_path: Path, explorer_home: Path) -> None:
    done = explorer("--log-events", tmp_path / "nowhere" / "events.jsonl", "--quit-after", "5")
    assert done.returncode == 2
    assert "events.jsonl cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
