"""The voices of the bundled clips, and how flite and festival are asked to speak.

A *speaker* is the person whose recordings a synthesizer voice was built from; a *virtual voice* is
that speaker with a fixed pitch and vocal-tract length. Parts of the data never share a speaker:
kal (flite kal16, festival kal_diphone), ked, rms, awb, slt (flite slt, festival slt HTS).

Pitch and tempo are set in the synthesizer wherever it has a knob for them, because that costs no
sound quality; the two voices without a pitch knob are shifted afterwards (``clip_sound``).
"""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Engine:
    """One synthesizer voice: the program, its name there, its speaker and its natural pitch.

    Attributes
    ----------
    pitch_hz : float
        Mean pitch the program is asked for when the factor is 1; 0 when it has no such knob.
    pitch_range_hz : float
        Standard deviation of that pitch over an utterance.
    slowness : float
        Length asked for when the tempo factor is 1: these voices rush single words.
    tilt_db : float
        Treble added per octave: voices averaged by a statistical model sound muffled.
    """

    program: str
    name: str
    speaker: str
    pitch_hz: float
    pitch_range_hz: float
    slowness: float
    tilt_db: float = 0.0


KAL_FLITE = Engine("flite", "kal16", "kal", 95.0, 11.0, 1.35)
KAL_FESTIVAL = Engine("festival", "kal_diphone", "kal", 105.0, 14.0, 1.15)
KED_FESTIVAL = Engine("festival", "ked_diphone", "ked", 105.0, 14.0, 1.1)
RMS_FLITE = Engine("flite", "rms", "rms", 0.0, 0.0, 1.0)
AWB_FLITE = Engine("flite", "awb", "awb", 130.0, 14.0, 1.25, tilt_db=1.0)
SLT_FLITE = Engine("flite", "slt", "slt", 172.0, 20.0, 1.05, tilt_db=2.0)
SLT_FESTIVAL = Engine("festival", "cmu_us_slt_arctic_hts", "slt", 0.0, 0.0, 1.2, tilt_db=4.0)

#: Which synthesizer voices, and how many virtual voices of each, make up each part.
PART_VOICES: dict[str, tuple[tuple[Engine, int], ...]] = {
    "train": ((KAL_FLITE, 7), (KAL_FESTIVAL, 13), (RMS_FLITE, 15)),
    "calibrate": ((KED_FESTIVAL, 10),),
    "evaluate": ((AWB_FLITE, 16), (SLT_FLITE, 12), (SLT_FESTIVAL, 12)),
}


@dataclass(frozen=True, slots=True)
class VirtualVoice:
    """A speaker with a pitch factor and a vocal-tract length of its own.

    Attributes
    ----------
    pitch : float
        Factor on the fundamental frequency.
    formants : float
        Factor on every resonance of the vocal tract: above 1 is a shorter, younger one.
    """

    name: str
    engine: Engine
    pitch: float
    formants: float

    @property
    def resample_factor(self) -> float:
        """How much faster the synthesized sound is played to get the wanted voice."""
        return self.formants if self.engine.pitch_hz else self.pitch


@dataclass(frozen=True, slots=True)
class Utterance:
    """One request to a synthesizer: who says what, how slowly, how lively, into which file."""

    voice: VirtualVoice
    text: str
    stretch: float
    liveliness: float
    path: Path

    @property
    def asked_stretch(self) -> float:
        """Length factor for the synthesizer; playing the result faster shortens it again."""
        return self.stretch * self.voice.engine.slowness * self.voice.resample_factor


def virtual_voices(part: str, rng: np.random.Generator) -> list[VirtualVoice]:
    """Draw the virtual voices of a part, spread evenly over pitch (0.8-1.3) and tract (0.88-1.14).

    Voices shifted after synthesis stay within 0.86-1.2, where the shift leaves no artefact.
    """
    voices = []
    for engine, count in PART_VOICES[part]:
        low, high = (0.8, 1.3) if engine.pitch_hz else (0.86, 1.2)
        pitches = rng.permutation(np.geomspace(low, high, count))
        formants = rng.permutation(np.geomspace(0.88, 1.14, count))
        for number, (pitch, tract) in enumerate(zip(pitches, formants, strict=True), start=1):
            name = f"{engine.program}-{engine.name}-{number:02d}"
            voices.append(VirtualVoice(name, engine, float(pitch), float(tract)))
    return voices


# A word said alone is stressed; both programs mumble "on", "up", "no" as the function words of a
# sentence. festival is told otherwise; flite gets a spelling it reads as the same phones, stressed.
_SAY_AS_CONTENT = (
    "(set! guess_pos nil)",
    '(lex.add.entry \'("on" nil (((aa n) 1))))',
    '(lex.add.entry \'("up" nil (((ah p) 1))))',
)
_FLITE_SPELLING = {"on": "onn", "up": "upp", "no": "know", "down": "doune"}


def _flite_command(request: Utterance) -> list[str]:
    engine, voice = request.voice.engine, request.voice
    command = [
        "flite",
        "-voice",
        engine.name,
        "-t",
        _FLITE_SPELLING.get(request.text, request.text),
        "-o",
        str(request.path),
    ]
    command += ["--setf", f"duration_stretch={request.asked_stretch:.4f}", "-psdur"]
    if engine.pitch_hz:
        mean_hz = engine.pitch_hz * voice.pitch / voice.resample_factor
        range_hz = engine.pitch_range_hz * request.liveliness * mean_hz / engine.pitch_hz
        command += ["--setf", f"int_f0_target_mean={mean_hz:.2f}"]
        command += ["--setf", f"int_f0_target_stddev={range_hz:.2f}"]
    return command


def _festival_lines(request: Utterance) -> str:
    engine, voice = request.voice.engine, request.voice
    lines = [f"(voice_{engine.name})"]
    if " " not in request.text:
        lines += _SAY_AS_CONTENT
    if engine.pitch_hz:
        # A livelier low voice drives festival's pitch targets below zero, where it crashes.
        mean_hz = max(85.0, engine.pitch_hz * voice.pitch / voice.resample_factor)
        range_hz = engine.pitch_range_hz * min(request.liveliness, 1.0) * mean_hz / engine.pitch_hz
        lines.append(
            f"(set! int_lr_params '((target_f0_mean {mean_hz:.2f}) (target_f0_std {range_hz:.2f})"
            " (model_f0_mean 170) (model_f0_std 34)))"
        )
        lines.append(f"(Parameter.set 'Duration_Stretch {request.asked_stretch:.4f})")
    else:
        lines.append(
            f'(set! hts_engine_params (append hts_engine_params (list \'("-r" {1.0 / request.asked_stretch:.4f}))))'
        )
    lines.append(f'(set! spoken (utt.synth (Utterance Text "{request.text}")))')
    lines.append(f'(utt.save.wave spoken "{request.path}")')
    lines.append(f'(utt.save.segs spoken "{request.path.with_suffix(".lab")}")')
    return "\n".join(lines)


def _span(phones: Sequence[tuple[str, float]]) -> tuple[float, float]:
    """Start of the first and end of the last phone that is no pause, in seconds."""
    ends = [0.0] + [end_s for _, end_s in phones]
    spoken = [index for index, (phone, _) in enumerate(phones) if phone != "pau"]
    return ends[spoken[0]], ends[spoken[-1] + 1]


def _flite(request: Utterance) -> tuple[float, float]:
    done = subprocess.run(_flite_command(request), check=True, capture_output=True, text=True)
    pairs = (entry.split(":") for entry in done.stdout.split())
    return _span([(phone, float(end_s)) for phone, end_s in pairs])


def _festival_span(request: Utterance) -> tuple[float, float]:
    lines = request.path.with_suffix(".lab").read_text(encoding="utf-8").splitlines()
    fields = [line.split() for line in lines if line != "#"]
    return _span([(phone, float(end_s)) for end_s, _, phone in fields])


def _spoken(request: Utterance) -> tuple[float, float]:
    return _flite(request) if request.voice.engine.program == "flite" else _festival_span(request)


def speak(requests: Sequence[Utterance]) -> list[tuple[float, float]]:
    """Write the sound file of every request; tell where in it the speech starts and ends, in s.

    Raises
    ------
    subprocess.CalledProcessError
        A synthesizer failed; flite and festival have to be installed.
    """
    festival = [request for request in requests if request.voice.engine.program == "festival"]
    if festival:
        # One process for all: starting festival costs ten times what speaking a word does.
        script = festival[0].path.with_suffix(".scm")
        script.write_text("\n".join(map(_festival_lines, festival)), encoding="utf-8")
        subprocess.run(["festival", "-b", str(script)], check=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(_spoken, requests))


def phones_of(text: str) -> list[str]:
    """Return the phones flite speaks for a text."""
    command = ["flite", "-voice", "rms", "-ps", "-t", text, "none"]
    spoken = subprocess.run(command, check=True, capture_output=True, text=True)
    return spoken.stdout.split()
