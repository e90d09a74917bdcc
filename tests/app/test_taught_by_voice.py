"""A word is taught by saying it into a microphone, by nothing but voice activity, and is recognised afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from explorer.engine.kws.teaching.synthetic import synthetic_takes
from explorer.engine.kws.teaching.takes import Take
from tests.virtual_microphone import VirtualMicrophone, virtual_microphone

__all__ = ["virtual_microphone"]

RATE = 16_000
TAUGHT = 8
UNSEEN = 4


def spoken(path: Path, takes: list[Take], gap_s: float) -> Path:
    """Write a file in which the word is said, with pauses, in a room that is never quite silent."""
    gap = np.zeros(round(gap_s * RATE), np.float32)
    sound = np.concatenate([gap, *(part for take in takes for part in (take.trimmed(), gap))])
    sound = sound + np.random.default_rng(0).normal(0.0, 10 ** (-62 / 20), len(sound))
    soundfile.write(path, np.clip(sound, -1.0, 1.0), RATE)
    return path


def test_a_word_said_eight_times_is_learned_and_recognised_as_floats_and_at_eight_bits(
    virtual_microphone: VirtualMicrophone, tmp_path: Path
) -> None:
    takes = synthetic_takes()
    lesson = spoken(tmp_path / "lesson.wav", takes[:TAUGHT], 0.9)
    unseen = spoken(tmp_path / "unseen.wav", takes[TAUGHT:], 1.6)
    command = [sys.executable, "-m", "tests.app.pupil", "marvin"]
    environment = {**virtual_microphone.environment, "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)}
    root = Path(__file__).resolve().parents[2]
    pupil = subprocess.Popen(
        command, cwd=root, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert pupil.stdin is not None
    assert pupil.stdout is not None
    try:
        told: dict[str, dict[str, Any]] = {}
        heard: list[list[str]] = []
        for line in pupil.stdout:
            event = json.loads(line)
            told[event["what"]] = event
            if event["what"] == "say it":
                virtual_microphone.play(lesson)
            elif event["what"] in ("listening", "squeezed"):
                virtual_microphone.play(unseen)
                pupil.stdin.write("played\n")
                pupil.stdin.flush()
            elif event["what"] == "heard":
                heard.append(event["words"])
        assert pupil.wait(60) == 0, told
    finally:
        pupil.kill()
        pupil.wait()
        pupil.stdin.close()
        pupil.stdout.close()
    learned = told["learned"]
    assert learned["takes"] == TAUGHT
    assert learned["left_out"] >= TAUGHT - 1
    assert learned["after"] > 0.97 * learned["before"]
    assert told["labels"]["labels"][-1] == "marvin"
    assert told["labels"]["badge"].startswith("learned here")
    for words in heard:  # as floats, then at eight bits
        assert words.count("marvin") >= UNSEEN - 1
        assert set(words) == {"marvin"}
    assert len(heard) == 2
    sounds = [path for path in tmp_path.rglob("*") if path.suffix in (".wav", ".flac") and path not in (lesson, unseen)]
    assert sounds == []  # nothing was written: nobody asked for it
