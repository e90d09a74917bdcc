"""The real program, started as a user starts it, on a virtual display with a virtual microphone: the first half minute.

What is said is seen twice: in the event log of the untouched program, and in the window as a screen reader finds it.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from tests.app.desktop import Program, display, until
from tests.app.spoken import WORDS, say
from tests.virtual_microphone import VirtualMicrophone, virtual_microphone

__all__ = ["display", "virtual_microphone"]

FIRST_WORD_S = 8.0
METER_S = 0.5
LOADED_MACHINE = 2.0
"""The program's promises are about a machine of its own; a test machine does other things as well."""
QUESTION_S = 0.25  # what asking the window costs here


@pytest.fixture
def three_words(tmp_path: Path) -> Path:
    return say(tmp_path / "three.wav", *WORDS)


def test_a_word_is_recognised_within_seconds_of_the_start(
    display: str, virtual_microphone: VirtualMicrophone, tmp_path: Path
) -> None:
    left = say(tmp_path / "left.wav", "left")
    with Program(display, tmp_path, environment=virtual_microphone.environment) as program:
        program.press("space")
        until(lambda: program.source() == "microphone", "the microphone")
        virtual_microphone.play(left)
        until(lambda: program.words() == ["left"], "the word")
        first_word_s = time.monotonic() - program.started_s
        (word,) = program.lines("word")
        assert word["shown_ms"] is not None
        assert word["score"] >= 0.7
        assert first_word_s <= FIRST_WORD_S * LOADED_MACHINE
        assert program.close() == 0
        assert program.errors == ""


def test_the_window_shows_what_was_said(
    display: str, virtual_microphone: VirtualMicrophone, three_words: Path, tmp_path: Path
) -> None:
    with Program(display, tmp_path, environment=virtual_microphone.environment, witnessed=True) as program:
        program.window()
        until(lambda: program.reads("Now you. Press Space and say left."), "the invitation")
        assert program.reads("recorded voice, real network")
        first, second = program.picture(tmp_path / "1.png"), program.picture(tmp_path / "2.png")
        assert (first != second).mean() > 0.003, "the picture stands still"  # the seconds before the start are empty
        program.press("space")
        until(lambda: program.reads("you, at"), "the microphone")
        virtual_microphone.play(three_words)
        until(lambda: program.words() == list(WORDS), f"{WORDS}, not {program.words()}")
        until(lambda: program.said("Recognised word") == WORDS[-1], "the word in large type")
        assert program.reads("The network took ")
        assert program.reads("no sound was stored or sent")
        for word in WORDS:
            assert program.said(word).startswith("heard "), word
        assert seam_columns(program, tmp_path / "3.png")
        assert program.close() == 0
        assert program.errors == ""


def seam_columns(program: Program, path: Path) -> list[int]:
    """Return the columns of the live picture that hold a dashed line from top to bottom."""
    name = "The last seconds of sound, and what the network made of them"
    x, y, width, height = next(seen["place"] for seen in program.look() if seen.get("name") == name)
    bright = program.picture(path)[y : y + height, x : x + width].min(axis=2) > 150
    dashes = (bright[1:] & ~bright[:-1]).sum(axis=0)
    return [int(column) for column in np.flatnonzero(dashes > height / 20)]


def test_the_meter_moves_as_soon_as_the_microphone_is_opened(
    display: str,
    virtual_microphone: VirtualMicrophone,
    three_words: Path,
    tmp_path: Path,
) -> None:
    with Program(display, tmp_path, environment=virtual_microphone.environment, witnessed=True) as program:
        program.window()
        until(lambda: program.source() == "talker", "the talker")
        with virtual_microphone.playing(three_words):
            time.sleep(0.5)
            program.press("space")
            pressed_s = time.monotonic()
            until(lambda: program.reads("you, at"), "the microphone")
            until(lambda: "below" not in program.said("Level of the sound"), "a level")
            moved_s = time.monotonic() - pressed_s
        assert moved_s <= METER_S * LOADED_MACHINE + QUESTION_S
        assert program.close() == 0


def test_the_space_bar_freezes_and_goes_on(
    display: str, virtual_microphone: VirtualMicrophone, three_words: Path, tmp_path: Path
) -> None:
    with Program(display, tmp_path, environment=virtual_microphone.environment, witnessed=True) as program:
        program.press("space")
        until(lambda: program.source() == "microphone", "the microphone")
        program.press("space")
        until(lambda: program.reads("Space goes on"), "the frozen picture")
        virtual_microphone.play(three_words)
        until(lambda: len(program.words()) == len(WORDS), "words heard behind the frozen picture")
        assert [word["shown_ms"] for word in program.lines("word")] == [None] * len(WORDS)
        program.press("space")
        until(lambda: not program.reads("Space goes on"), "the moving picture")
        virtual_microphone.play(three_words)
        until(lambda: program.words() == 2 * list(WORDS), "words in the moving picture")
        assert program.lines("word")[-1]["shown_ms"] is not None
        assert program.close() == 0


def test_m_gives_the_microphone_back(display: str, virtual_microphone: VirtualMicrophone, tmp_path: Path) -> None:
    def listeners() -> int:
        return virtual_microphone.run("listeners").count(f'application.process.id = "{program.process.pid}"')

    with Program(display, tmp_path, environment=virtual_microphone.environment, witnessed=True) as program:
        program.window()
        until(lambda: program.source() == "talker", "the talker")
        assert listeners() == 0  # nothing listens before it was asked for
        program.press("space")
        until(lambda: listeners() == 1, "the program among those who listen")
        program.press("m")
        until(lambda: listeners() == 0, "the program to let go")
        until(lambda: program.reads("recorded voice, real network"), "the talker")
        assert program.reads("The microphone is closed")
        assert program.close() == 0


def test_a_microphone_that_is_pulled_out_and_put_back_is_heard_again(
    display: str, virtual_microphone: VirtualMicrophone, three_words: Path, tmp_path: Path
) -> None:
    with Program(display, tmp_path, environment=virtual_microphone.environment, witnessed=True) as program:
        program.press("space")
        until(lambda: program.source() == "microphone", "the microphone")
        virtual_microphone.play(three_words)
        try:
            virtual_microphone.run("unplug")
            until(lambda: program.reads("not connected"), "a sentence about the lost microphone")
        finally:
            virtual_microphone.run("plug")
        until(lambda: not program.reads("not connected"), "the microphone to be back")
        before = len(program.lines("word"))
        virtual_microphone.play(three_words)
        until(lambda: len(program.lines("word")) >= before + 2, "words from the microphone that is back")
        assert program.close() == 0


def test_nothing_but_zeros_is_called_muted(display: str, virtual_microphone: VirtualMicrophone, tmp_path: Path) -> None:
    with Program(display, tmp_path, environment=virtual_microphone.environment, witnessed=True) as program:
        program.press("space")
        until(lambda: program.reads("Muted?"), "the question whether it is muted")
        assert program.words() == []
        assert program.close() == 0


NO_DEVICE = """
class PortAudioError(Exception):
    pass

def query_hostapis():
    return ()

def query_devices(kind=None):
    if kind is not None:
        raise PortAudioError("Error querying device -1")
    return ()

def _initialize():
    pass

_terminate = _initialize
"""
NO_PORTAUDIO = 'raise OSError("PortAudio library not found")\n'


@pytest.mark.parametrize(
    ("sounddevice", "reason", "action"),
    [
        (NO_DEVICE, "No microphone is connected.", "Plug one in"),
        (NO_PORTAUDIO, "PortAudio, the library that reads microphones, is not there", "apt-get install libportaudio2"),
    ],
    ids=["no device", "no PortAudio"],
)
def test_without_a_microphone_the_talker_speaks_and_the_reason_is_told(
    display: str, tmp_path: Path, sounddevice: str, reason: str, action: str
) -> None:
    # what the package sounddevice says there: the computer of the test may well have both
    (tmp_path / "sounddevice.py").write_text(sounddevice)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with Program(display, tmp_path, environment=environment, witnessed=True) as program:
        program.window()
        until(program.words, "a word of the talker")
        program.press("space")
        until(lambda: program.reads(reason), "the reason")
        assert program.reads(action)
        program.press("m")
        until(lambda: program.source() == "talker" and len(program.lines("source")) == 3, "the talker again")
        assert program.close() == 0
        assert program.errors == ""
