"""Place by voice: a word said into the microphone starts the race, and the tiles show what `estimate` says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.app.desktop import ROOT, Program, display, until
from tests.app.spoken import say
from tests.virtual_microphone import VirtualMicrophone, virtual_microphone

__all__ = ["display", "virtual_microphone"]

WORD = "yes"
NUMBER = r"([\d,]+(?:\.\d+)?)"
MILLI = {"µJ": 1.0, "mJ": 1e3, "J": 1e6}


def lanes(program: Program) -> dict[str, dict[str, Any]]:
    """Return what each of the four lanes says, by tier."""
    return {seen["name"]: seen for seen in program.look() if seen["class"] == "Lane"}


def gauges(program: Program, tier: str) -> dict[str, str]:
    """Return what the gauges of one tile say, by their first word."""
    seen = program.look()
    top = next(each["place"][1] for each in seen if each["class"] == "Lane" and each["name"] == tier)
    height = lanes(program)[tier]["place"][3]
    inside = [each for each in seen if each["class"] == "Gauge" and 0 <= each["place"][1] - top < height]
    return {each["name"]: each["description"] for each in inside}


def first(text: str) -> float:
    """Return the first number in a text."""
    found = re.search(NUMBER, text)
    assert found, text
    return float(found[1].replace(",", ""))


def estimate(program: Program, *words: str) -> dict[str, Any]:
    """Return what the subcommand says."""
    command = [sys.executable, "-m", "explorer", "estimate", *words, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_spoken_word_starts_the_race_and_the_numbers_are_those_of_estimate(
    display: str, virtual_microphone: VirtualMicrophone, tmp_path: Path
) -> None:
    spoken = say(tmp_path / "word.wav", WORD)
    with Program(display, tmp_path, environment=virtual_microphone.environment, witnessed=True) as program:
        program.window()
        program.press("space")
        until(lambda: program.source() == "microphone", "the microphone")
        program.click_on("Place")
        until(lambda: all(lane.get("value") for lane in lanes(program).values()) and lanes(program), "the four places")
        program.click_on("Network of each place: same everywhere")
        program.click_on("Bits of the weights: 8")
        until(lambda: any(seen.get("name") == "tiny, int8" for seen in program.look()), "eight bits in the tiles")
        until(lambda: "predicted from" in lanes(program)["Tiny"]["description"], "the prediction for int8")

        found = estimate(program, "--network", "tiny", "--profile", "nucleo-l4r5zi")
        assert found["basis"] in lanes(program)["Tiny"]["description"]
        shown = gauges(program, "Tiny")
        assert first(shown["RAM"]) == pytest.approx(100 * found["ram_over"], rel=0.01)
        assert first(shown["Flash"]) == pytest.approx(100 * found["flash_over"], abs=0.06)
        energy = re.search(rf"{NUMBER} (µJ|mJ|J)", shown["Energy"])
        assert energy
        assert float(energy[1]) * MILLI[energy[2]] == pytest.approx(found["energy_uj"], rel=0.01)
        busy = re.search(rf"{NUMBER} % busy", " ".join(shown.values()))
        assert busy
        assert float(busy[1]) == pytest.approx(100 * found["real_time_factor"], rel=0.01)

        times = {tier: first(lane["value"]) for tier, lane in lanes(program).items()}
        fastest = min(times, key=lambda tier: times[tier]).lower()
        virtual_microphone.play(spoken)
        until(lambda: program.reads(f"“{WORD}”: {fastest} answered first"), "who answered first")
        assert program.reads("What left the room, for cloud: one second of sound")
        assert program.close() == 0
        assert program.errors == ""
