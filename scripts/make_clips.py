"""Make the bundled clips: synthesized words in one second each, with noise and silence.

Run it where flite and festival with festvox-kallpc16k, festvox-kdlpc16k and festvox-us-slt-hts are
installed (all in Debian main)::

    python -m scripts.make_clips --out assets/clips --seed 2024

The same seed and the same synthesizer versions give the same samples.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile
import soxr

from explorer.engine.kws.labels import KEYWORDS
from scripts.clip_noise import BACKDROPS, SILENCES, noise, silence_clip
from scripts.clip_sound import (
    CLIP_SAMPLES,
    RATE_HZ,
    Sound,
    fade,
    level,
    microphone,
    move_formants,
    place,
    play_faster,
    reverberate,
    room,
    to_int16,
    trim,
)
from scripts.clip_voices import PART_VOICES, Utterance, VirtualVoice, phones_of, speak, virtual_voices
from scripts.clip_words import holds_keyword, sentences, unknown_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Per part: takes of each keyword by each voice, other words, cuts of running speech, silences.
COUNTS = {
    "train": (2, 108, 72, 120),
    "calibrate": (1, 6, 4, 10),
    "evaluate": (2, 60, 40, 100),
}
LICENCES = {
    "LICENSE-flite.txt": "/usr/share/doc/flite/copyright",
    "LICENSE-festvox-kallpc16k.txt": "/usr/share/doc/festvox-kallpc16k/copyright",
    "LICENSE-festvox-kdlpc16k.txt": "/usr/share/doc/festvox-kdlpc16k/copyright",
    "LICENSE-festvox-us-slt-hts.txt": "/usr/share/doc/festvox-us-slt-hts/copyright",
}
#: Longest word that still has room to be moved in the second.
LONGEST_WORD_S = 0.86
#: People hardly say a word faster than this when they say it alone.
SHORTEST_WORD_S = 0.27
SPEECH_S, BABBLE_S = 60.0, 30.0


@dataclass(frozen=True, slots=True)
class Clip:
    """One second of sound and what is known about it."""

    samples: Sound
    word: str
    label: str
    voice: str = "-"
    speaker: str = "-"
    start_s: float = 0.0
    end_s: float = 0.0
    snr_db: float = float("inf")


@dataclass(frozen=True, slots=True)
class Plan:
    """A spoken clip to be made: the utterance, its class, its own random numbers."""

    utterance: Utterance
    label: str
    rng: np.random.Generator


def heard(utterances: Sequence[Utterance]) -> list[Sound]:
    """Speak the utterances at 16 kHz, each changed to its virtual voice, silence around them cut."""
    sounds = []
    for utterance, (start_s, end_s) in zip(utterances, speak(utterances), strict=True):
        voice = utterance.voice
        sound, rate_hz = soundfile.read(utterance.path, dtype="float64")
        if rate_hz != RATE_HZ:
            sound = soxr.resample(sound, rate_hz, RATE_HZ, "VHQ")
        faster = voice.resample_factor
        sound = play_faster(np.asarray(sound), faster)
        warp = voice.formants / faster
        if abs(warp - 1.0) > 0.01:
            sound = move_formants(sound, warp)
        sounds.append(trim(sound, start_s / faster, end_s / faster))
    return sounds


def plan_part(part: str, seed: int, folder: Path) -> list[Plan]:
    """Plan everything that is spoken in a part, voices and words balanced."""
    number = list(PART_VOICES).index(part)
    rng = np.random.default_rng([seed, number])
    voices = virtual_voices(part, rng)
    takes, others, cuts, _ = COUNTS[part]
    spoken = [(voice, word, word) for voice in voices for word in KEYWORDS for _ in range(takes)]
    turns = [voices[i % len(voices)] for i in rng.permutation(others + cuts)]
    words = unknown_words(rng, others)
    texts = sentences(rng, number, len(PART_VOICES))
    for voice, word in zip(turns, words, strict=False):
        spoken.append((voice, word, "unknown"))
    for voice in turns[others:]:
        spoken.append((voice, safe_sentence(texts), "unknown"))
    plans = []
    for index, (voice, text, label) in enumerate(spoken):
        own = np.random.default_rng([seed, number, index])
        stretch = float(np.exp(own.uniform(np.log(0.8), np.log(1.25))))
        path = folder / f"{part}-{index:04d}.wav"
        utterance = Utterance(voice, text, stretch, float(own.uniform(0.6, 1.8)), path)
        plans.append(Plan(utterance, label, own))
    return plans


def safe_sentence(texts: Iterator[str]) -> str:
    """Take the next sentence in which no keyword can be heard."""
    return next(text for text in texts if not holds_keyword(phones_of(text)))


def spoken_sounds(plans: Sequence[Plan]) -> list[Sound]:
    """Speak every plan; a word too long for the second, or hurried, is spoken again."""
    sounds = heard([plan.utterance for plan in plans])
    for _ in range(3):
        again: dict[int, Utterance] = {}
        for index, (plan, sound) in enumerate(zip(plans, sounds, strict=True)):
            long_s = len(sound) / RATE_HZ
            wanted_s = min(max(long_s, 1.03 * SHORTEST_WORD_S), 0.97 * LONGEST_WORD_S)
            outside = not SHORTEST_WORD_S <= long_s <= LONGEST_WORD_S
            if outside and " " not in plan.utterance.text:
                stretch = plan.utterance.stretch * wanted_s / long_s
                again[index] = replace(plan.utterance, stretch=stretch)
        for index, sound in zip(again, heard(list(again.values())), strict=True):
            sounds[index] = sound
    return sounds


def spoken_clip(plan: Plan, sound: Sound) -> Clip:
    """Place a word (or cut a second of a sentence), then add microphone, room, noise and level."""
    rng, utterance = plan.rng, plan.utterance
    if " " in utterance.text:
        first = int(rng.integers(0, max(1, len(sound) - CLIP_SAMPLES)))
        dry = np.resize(sound[first : first + CLIP_SAMPLES], CLIP_SAMPLES)
        start, end = 0, CLIP_SAMPLES
    else:
        shift = int(rng.uniform(-0.12, 0.12) * RATE_HZ)
        dry, start = place(fade(sound), shift)
        end = start + len(sound)
    clip = microphone(dry, rng, utterance.voice.engine.tilt_db)
    if rng.random() < 0.6:
        clip = reverberate(clip, room(rng))
    loudness = 10 ** (rng.uniform(-36.0, -16.0) / 20)
    clip *= loudness / level(clip[start:end])
    snr_db = float("inf")
    if rng.random() < 0.85:
        # Squeezed towards the quiet end: most rooms are.
        snr_db = 40.0 - 25.0 * rng.random() ** 1.5
        backdrop = noise(str(rng.choice(BACKDROPS)), rng)
        clip += backdrop * loudness * 10 ** (-snr_db / 20)
    voice = utterance.voice
    return Clip(
        clip, utterance.text, plan.label, voice.name, voice.engine.speaker, start / RATE_HZ, end / RATE_HZ, snr_db
    )


def make_part(part: str, seed: int, folder: Path) -> list[Clip]:
    """Make all clips of a part, in an order that mixes the classes."""
    number = list(PART_VOICES).index(part)
    plans = plan_part(part, seed, folder)
    clips = [spoken_clip(p, s) for p, s in zip(plans, spoken_sounds(plans), strict=True)]
    for index in range(COUNTS[part][3]):
        kind = SILENCES[index % len(SILENCES)]
        rng = np.random.default_rng([seed, number, len(plans) + index])
        clips.append(Clip(silence_clip(kind, rng), kind, "silence"))
    order = np.random.default_rng([seed, number, 0, 1]).permutation(len(clips))
    return [clips[index] for index in order]


def write_part(clips: Sequence[Clip], out: Path, part: str) -> None:
    """Write PART.flac, all clips one after another, and PART.tsv, a row per clip."""
    samples = np.concatenate([to_int16(clip.samples) for clip in clips])
    soundfile.write(out / f"{part}.flac", samples, RATE_HZ, "PCM_16", compression_level=1.0)
    rows = ["index\tword\tlabel\tvoice\tspeaker\tstart_s\tend_s\tsnr_db"]
    rows += [
        f"{index}\t{clip.word}\t{clip.label}\t{clip.voice}\t{clip.speaker}"
        f"\t{clip.start_s:.4f}\t{clip.end_s:.4f}\t{clip.snr_db:.1f}"
        for index, clip in enumerate(clips)
    ]
    (out / f"{part}.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def running_speech(
    voices: Sequence[VirtualVoice], seconds: float, rng: np.random.Generator, folder: Path, name: str
) -> Sound:
    """Speak sentences without keywords by changing voices, at equal level, with short pauses."""
    texts = sentences(rng, list(PART_VOICES).index("train"), len(PART_VOICES))
    total = np.zeros(0)
    while len(total) < seconds * RATE_HZ:
        requests = []
        for turn in range(8):
            voice = voices[int(rng.integers(len(voices)))]
            path = folder / f"{name}-{len(total)}-{turn}.wav"
            requests.append(Utterance(voice, safe_sentence(texts), float(rng.uniform(0.85, 1.15)), 1.0, path))
        for sound in map(fade, heard(requests)):
            pause = np.zeros(int(rng.uniform(0.1, 0.4) * RATE_HZ))
            total = np.concatenate([total, sound / level(sound), pause])
    return total[: int(seconds * RATE_HZ)]


def write_background(seed: int, out: Path, folder: Path) -> None:
    """Write background.flac: running speech, then a babble of eight voices, and its table."""
    rng = np.random.default_rng([seed, len(PART_VOICES)])
    voices = virtual_voices("train", rng)
    speech = running_speech(voices, SPEECH_S, rng, folder, "speech")
    talkers = [running_speech(voices, BABBLE_S, rng, folder, f"babble{i}") for i in range(8)]
    babble = np.sum(talkers, axis=0)
    parts = {"speech": speech, "babble": babble}
    rows, first = ["name\tfirst_sample\tsamples"], 0
    for name, sound in parts.items():
        rows.append(f"{name}\t{first}\t{len(sound)}")
        first += len(sound)
    scaled = np.concatenate([to_int16(0.08 * sound / level(sound)) for sound in parts.values()])
    soundfile.write(out / "background.flac", scaled, RATE_HZ, "PCM_16", compression_level=1.0)
    (out / "background.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def main() -> None:
    """Make all parts, the background and the licence texts in one folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("assets/clips"), help="folder to write to")
    parser.add_argument("--seed", type=int, default=2024, help="decides every random choice")
    options = parser.parse_args()
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for part in PART_VOICES:
            clips = make_part(part, options.seed, Path(folder))
            write_part(clips, out, part)
            size_mb = (out / f"{part}.flac").stat().st_size / 1e6
            print(f"{part}: {len(clips)} clips, {size_mb:.1f} MB")
        write_background(options.seed, out, Path(folder))
    for name, source in LICENCES.items():
        shutil.copyfile(source, out / name)


if __name__ == "__main__":
    main()
