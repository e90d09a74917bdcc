"""Make the bundled word that is taught without a microphone: one word, said often by two virtual voices.

The voices are speakers of the train part of the clips, so that nothing taught with it is judged by the same voices::

    python -m scripts.make_word --out assets/words --word marvin --seed 2025
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from scripts.clip_noise import BACKDROPS, noise
from scripts.clip_sound import RATE_HZ, fade, level, microphone, place, reverberate, room, to_int16
from scripts.clip_voices import KAL_FESTIVAL, RMS_FLITE, Utterance, VirtualVoice
from scripts.make_clips import LICENCES, Clip, Plan, spoken_sounds

TAKES = 12
VOICES = (VirtualVoice("kal-word", KAL_FESTIVAL, 1.05, 1.0), VirtualVoice("rms-word", RMS_FLITE, 1.0, 1.0))
SNR_DB, LEVEL_DBFS = 32.0, -26.0


def said(word: str, seed: int, folder: Path) -> list[Clip]:
    """Say the word `TAKES` times by each voice, at changing tempo, each voice at one microphone in one room."""
    clips = []
    for number, voice in enumerate(VOICES):
        rng = np.random.default_rng([seed, number])
        plans = [
            Plan(
                Utterance(
                    voice,
                    word,
                    float(rng.uniform(0.9, 1.15)),
                    float(rng.uniform(0.7, 1.4)),
                    folder / f"{number}-{i:02d}.wav",
                ),
                word,
                rng,
            )
            for i in range(TAKES)
        ]
        heard_in, kind = room(rng), str(rng.choice(BACKDROPS))
        for sound in spoken_sounds(plans):
            dry, start = place(fade(sound), int(rng.uniform(-0.05, 0.05) * RATE_HZ))
            clip = reverberate(microphone(dry, np.random.default_rng([seed, number]), 0.0), heard_in)
            loudness = 10 ** ((LEVEL_DBFS + rng.uniform(-3.0, 3.0)) / 20)
            clip *= loudness / level(clip[start : start + len(sound)])
            clip += noise(kind, rng) * loudness * 10 ** (-SNR_DB / 20)
            end_s = (start + len(sound)) / RATE_HZ
            clips.append(Clip(clip, word, word, voice.name, voice.engine.speaker, start / RATE_HZ, end_s, SNR_DB))
    return clips


def main() -> None:
    """Write WORD.flac, all takes one after another, WORD.tsv, a row per take, and the licence texts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("assets/words"), help="folder to write to")
    parser.add_argument("--word", default="marvin", help="what is said")
    parser.add_argument("--seed", type=int, default=2025, help="decides every random choice")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        clips = said(options.word, options.seed, Path(folder))
    samples = np.concatenate([to_int16(clip.samples) for clip in clips])
    soundfile.write(options.out / f"{options.word}.flac", samples, RATE_HZ, "PCM_16", compression_level=1.0)
    rows = ["index\tword\tvoice\tspeaker\tstart_s\tend_s"]
    rows += [
        f"{i}\t{clip.word}\t{clip.voice}\t{clip.speaker}\t{clip.start_s:.4f}\t{clip.end_s:.4f}"
        for i, clip in enumerate(clips)
    ]
    (options.out / f"{options.word}.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    for name in ("LICENSE-flite.txt", "LICENSE-festvox-kallpc16k.txt"):
        shutil.copyfile(LICENCES[name], options.out / name)


if __name__ == "__main__":
    main()
