"""Teach from the window: a person trains, breaks and mends a network, and teaches a word that all panels know."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.app.desktop import Program, display, until

__all__ = ["display"]

HEAT = "Size of the gradient by depth and time"
LEARNED = "learned from synthetic voices"


def first_row(program: Program, path: Path) -> np.ndarray:
    """Return the brightness along the first layer's row of the heat map as it is on the screen, left to right."""
    x, y, width, height = next(seen["place"] for seen in program.look() if seen.get("name") == HEAT)
    picture = program.picture(path).astype(float).sum(axis=2)
    high = picture[y + 2 : y + height // 14, x + width // 5 : x + width - 4]  # seven rows: the upper half of the first
    return np.asarray(high.mean(axis=0))


def test_spirals_are_learned_and_relu_lights_up_the_first_row_that_sigmoids_left_dark(
    display: str, tmp_path: Path
) -> None:
    with Program(display, tmp_path, witnessed=True) as program:
        program.window()
        program.click_on("Teach")
        until(lambda: program.reads("How much of the error reaches the first layer?"), "the panel")
        program.press("bracketright")
        until(lambda: program.reads("Spirals: nothing learned yet"), "the trainer")
        program.press("space")
        until(lambda: program.reads("validation accuracy 9"), "the spirals")

        program.click_on("Deep sigmoid")
        until(lambda: program.reads("Vanishing gradients – rule of thumb: "), "the diagnosis")
        dark = first_row(program, tmp_path / "dark.png")
        program.press("m")
        until(lambda: program.reads("No rule of thumb fires."), "the mended run")
        until(lambda: program.reads("validation accuracy 100 %"), "what it learns then")
        program.press("space")
        bright = first_row(program, tmp_path / "bright.png")
        end = np.flatnonzero(bright > dark.max() + 100)
        assert len(end) > len(bright) / 10  # the part of the axis that was trained with ReLU
        assert np.median(bright[end]) > 2 * np.median(bright[bright < dark.max()])
        assert program.close() == 0
        assert program.errors == ""


def test_a_word_taught_without_a_microphone_is_published_to_listen_and_squeeze(display: str, tmp_path: Path) -> None:
    with Program(display, tmp_path, ["--panel", "listen"], witnessed=True) as program:
        program.window()
        program.click_on("Teach")
        until(lambda: program.reads("How much of the error reaches the first layer?"), "the panel")
        program.click_on("Your word")
        program.click_on("Synthetic word")
        until(lambda: program.reads("“marvin” learned in"), "the lesson", 120.0)
        assert program.reads("8 of 8 left out: 68–100 %, one synthetic voice, no person")
        program.click_on("Publish")
        until(lambda: program.reads("tiny v2 · float32"), "the new version in the thread")
        assert program.reads(LEARNED)
        program.click_on("Listen")
        until(lambda: any("marvin" in str(seen.get("name", "")) for seen in program.look()), "the word in Listen")
        program.click_on("Squeeze")
        until(lambda: program.reads("How few bits can it lose"), "Squeeze")
        until(lambda: program.reads("tiny v2 · ") and program.reads("86.6 %"), "its accuracy in Squeeze", 120.0)
        program.press("n")
        until(lambda: program.reads("tiny v1 · "), "the shipped network")
        assert program.close() == 0
        assert program.errors == ""
