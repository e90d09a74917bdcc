"""Squeeze by voice: the real program hears a word with four bits, and with the naive four another one."""

from __future__ import annotations

from pathlib import Path

from tests.app.desktop import Program, display, until
from tests.app.spoken import say
from tests.virtual_microphone import VirtualMicrophone, virtual_microphone

__all__ = ["display", "virtual_microphone"]

WORD = "right"
"""Float and w4 with a scale per channel are sure of it; with one scale per layer the network says “go”."""


def squeeze(program: Program, key: str, precision: str) -> None:
    """Choose a step of the story by its key, and wait until all clips are done and the thread says the precision."""
    program.click_on("Squeeze")
    until(lambda: program.reads("How few bits can it lose"), "the panel")
    until(lambda: "complete" in program.said("Accuracy and bytes"), "float on all clips")
    program.press(key)
    until(lambda: f"{precision} · " in network(program), f"{precision} in the thread, not {network(program)}")
    until(lambda: "complete" in program.said("Accuracy and bytes"), "all clips")


def network(program: Program) -> str:
    """Return what the thread says of the network."""
    texts = (str(seen.get("text", "")) for seen in program.look())
    return next(text for text in texts if text.startswith("tiny v1 "))


def test_four_bits_hear_a_word_and_the_naive_four_say_another(
    display: str, virtual_microphone: VirtualMicrophone, tmp_path: Path
) -> None:
    spoken = say(tmp_path / "word.wav", WORD)
    with Program(display, tmp_path, environment=virtual_microphone.environment, witnessed=True) as program:
        program.window()
        squeeze(program, "3", "w4a32 per channel")
        program.click_on("Listen runs this network")
        program.click_on("Listen")
        until(lambda: program.reads("w4a32 per channel · reports"), "the squeezed network in Listen")
        program.press("space")
        until(lambda: program.source() == "microphone", "the microphone")
        virtual_microphone.play(spoken)
        until(lambda: program.words() == [WORD], f"{WORD!r} with four bits, not {program.words()}")
        assert "w4a32 per channel · 10.9 KB · 80." in network(program)
        until(lambda: program.reads("fits in 10.9 KB"), "the bytes of the network that heard it")

        squeeze(program, "2", "w4a32 per tensor")
        program.click_on("Listen")
        until(lambda: program.reads("w4a32 per tensor · reports"), "the naive network in Listen")
        virtual_microphone.play(spoken)
        until(lambda: len(program.words()) == 2, "another word")
        assert program.words()[1] != WORD
        until(lambda: program.reads(f"{WORD} | {program.words()[1]}"), "the disagreement with float")
        assert program.close() == 0
        assert program.errors == ""
