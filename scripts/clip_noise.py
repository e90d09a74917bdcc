"""Sounds without speech: what a device hears when nobody talks to it."""

from __future__ import annotations

import numpy as np

from scripts.clip_sound import CLIP_SAMPLES, RATE_HZ, Sound, level, reverberate, room, shape

#: Noise under spoken clips: mostly the soft, dark kinds that real rooms have.
BACKDROPS = ("pink", "pink", "brown", "fan", "hum", "white")

#: Kinds of clips in the class "silence".
SILENCES = (
    "digital_zero",
    "faint",
    "white",
    "pink",
    "brown",
    "hum_50",
    "hum_60",
    "room",
    "fan",
    "tone",
    "sweep",
    "clicks",
    "knocks",
    "wind",
)


def _coloured(rng: np.random.Generator, samples: int, slope: float) -> Sound:
    white = rng.standard_normal(samples)
    return shape(white, lambda f: (np.maximum(f, 40.0) / 1000.0) ** (-slope / 2.0))


def _hum(rng: np.random.Generator, samples: int, mains_hz: float) -> Sound:
    time_s = np.arange(samples) / RATE_HZ
    total = np.zeros(samples)
    for harmonic in range(1, 12):
        strength = rng.uniform(0.2, 1.0) / harmonic
        phase = rng.uniform(0, 2 * np.pi)
        total += strength * np.sin(2 * np.pi * mains_hz * harmonic * time_s + phase)
    return total + 0.02 * _coloured(rng, samples, 1.0)


def _fan(rng: np.random.Generator, samples: int) -> Sound:
    """Rushing air, swelling with every passing blade, and the motor's own note."""
    time_s = np.arange(samples) / RATE_HZ
    blades_hz = rng.uniform(15.0, 90.0)
    air = _coloured(rng, samples, rng.uniform(0.8, 1.6))
    swell = 1.0 + rng.uniform(0.1, 0.5) * np.sin(2 * np.pi * blades_hz * time_s)
    motor = np.sin(2 * np.pi * rng.uniform(90.0, 400.0) * time_s)
    return air * swell + rng.uniform(0.05, 0.5) * level(air) * motor


def _tone(rng: np.random.Generator, samples: int, sweep: bool) -> Sound:
    """One to three sines, or one gliding sine, for the whole second or a beep in it."""
    time_s = np.arange(samples) / RATE_HZ
    total = np.zeros(samples)
    for _ in range(1 if sweep else int(rng.integers(1, 4))):
        start_hz = np.exp(rng.uniform(np.log(120.0), np.log(3500.0)))
        end_hz = np.exp(rng.uniform(np.log(120.0), np.log(3500.0))) if sweep else start_hz
        frequency_hz = np.linspace(start_hz, end_hz, samples)
        total += np.sin(2 * np.pi * np.cumsum(frequency_hz) / RATE_HZ)
    if rng.random() < 0.5:
        start_s, long_s = rng.uniform(0.0, 0.6), rng.uniform(0.1, 0.4)
        edge = 0.01
        rise = np.clip((time_s - start_s) / edge, 0, 1)
        fall = np.clip((start_s + long_s - time_s) / edge, 0, 1)
        total *= rise * fall
    return total


def _impacts(rng: np.random.Generator, samples: int, dull: bool) -> Sound:
    """Clicks of keys (sharp) or knocks on wood (dull, ringing), in a room."""
    total = np.zeros(samples)
    for _ in range(int(rng.integers(1, 7))):
        long_s = rng.uniform(0.03, 0.12) if dull else rng.uniform(0.002, 0.01)
        time_s = np.arange(int(long_s * 3 * RATE_HZ)) / RATE_HZ
        ring_hz = rng.uniform(90.0, 600.0) if dull else rng.uniform(1500.0, 6000.0)
        body = np.sin(2 * np.pi * ring_hz * time_s) + 0.3 * rng.standard_normal(len(time_s))
        hit = body * np.exp(-time_s / long_s * 2.0) * rng.uniform(0.3, 1.0)
        first = int(rng.integers(0, samples - len(hit)))
        total[first : first + len(hit)] += hit
    return reverberate(total, room(rng))


def _wind(rng: np.random.Generator, samples: int) -> Sound:
    """Low rumble in slow gusts."""
    knots = np.abs(rng.standard_normal(6)) + 0.2
    gusts = np.interp(np.linspace(0, 5, samples), np.arange(6), knots)
    return _coloured(rng, samples, 2.0) * gusts


def noise(kind: str, rng: np.random.Generator, samples: int = CLIP_SAMPLES) -> Sound:
    """Draw noise of a kind, root mean square 1 (digital zero: 0)."""
    if kind == "digital_zero":
        return np.zeros(samples)
    if kind == "hum":
        kind = str(rng.choice(("hum_50", "hum_60")))
    if kind in ("white", "faint"):
        sound = rng.standard_normal(samples)
    elif kind == "pink":
        sound = _coloured(rng, samples, 1.0)
    elif kind == "brown":
        sound = _coloured(rng, samples, 2.0)
    elif kind == "room":
        sound = reverberate(_coloured(rng, samples, rng.uniform(1.0, 2.5)), room(rng))
    elif kind.startswith("hum_"):
        sound = _hum(rng, samples, float(kind.removeprefix("hum_")))
    elif kind == "fan":
        sound = _fan(rng, samples)
    elif kind in ("tone", "sweep"):
        sound = _tone(rng, samples, kind == "sweep")
    elif kind in ("clicks", "knocks"):
        sound = _impacts(rng, samples, kind == "knocks")
    else:
        sound = _wind(rng, samples)
    return sound / level(sound)


def silence_clip(kind: str, rng: np.random.Generator) -> Sound:
    """Draw one second of the class "silence": -72 to -22 dB of full scale, "faint" below -66 dB."""
    low_db, high_db = (-84.0, -66.0) if kind == "faint" else (-72.0, -22.0)
    return noise(kind, rng) * 10 ** (rng.uniform(low_db, high_db) / 20)
