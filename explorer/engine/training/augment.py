"""Augmentation on log-mel pictures: shift, stretch, other voices, noise, level, masks.

A picture holds band energies, and energies of independent sounds add, so noise can be mixed into pictures as well as
into waveforms.  Everything is drawn from one generator: same seed, same pictures.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.engine.kws.frontend import GREY_OFFSET, GREY_PER_NEPER, POWER_FLOOR

NEPER_PER_DB = 0.2302585  # ln(10) / 10: decibels of power to nepers of power


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How strongly each kind of change is applied.

    Parameters
    ----------
    shift_frames
        Largest move earlier or later, in 10 ms frames.
    stretch, band_warp
        Largest relative change of speed, and of the vocal tract (band axis).
    neighbour
        Share of clips whose vacated edge is filled with part of another word, as in running speech.
    fragment
        Share of clips shifted so far that about half the word is lost; they are labelled unknown.
    noise
        Share of clips into which noise is mixed, at `snr_db` (low, high).
    level
        Standard deviation of the level in grey steps (10 grey = 4.3 dB).
    time_masks, band_masks
        Number and largest width of masked stripes (SpecAugment, Park et al. 2019).
    """

    shift_frames: int = 15
    stretch: float = 0.12
    band_warp: float = 0.08
    neighbour: float = 0.15
    fragment: float = 0.02
    noise: float = 0.7
    snr_db: tuple[float, float] = (0.0, 35.0)
    level: float = 10.0
    time_masks: tuple[int, int] = (2, 15)
    band_masks: tuple[int, int] = (2, 3)


def energies(grey: Tensor) -> Tensor:
    """Return band energies of grey pictures (the inverse of the front end's logarithm)."""
    return ((grey - GREY_OFFSET) / GREY_PER_NEPER).exp() - POWER_FLOOR


def loudness(power: Tensor) -> Tensor:
    """Return the energy of the loudest tenth of frames, (B,): the level of the word, not of the pauses."""
    return power.sum(2).topk(10, dim=1).values.mean(1)


def augment(
    grey: Tensor, label: Tensor, noise_bank: Tensor, settings: Augmentation, unknown: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return changed pictures (B, T, F) as float grey levels, and their labels.

    Parameters
    ----------
    grey
        uint8 pictures (B, T, F).
    label
        Class index (B,); a fragment of a keyword becomes `unknown`.
    noise_bank
        uint8 pictures of noise (N, T, F).
    settings
        How strongly each change is applied.
    unknown
        Index of the class unknown; keywords have higher indices.
    generator
        Source of all randomness.
    """
    count, frames, bands = grey.shape

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator) * (high - low) + low

    picture = grey.float()
    # One gather moves and stretches in time: output frame t shows input frame centre + (t - centre - shift) * rate.
    shift = uniform(-settings.shift_frames, settings.shift_frames, count, 1)
    is_fragment = (uniform(0, 1, count) < settings.fragment) & (label > unknown)
    far = uniform(45, 65, count, 1) * (uniform(0, 1, count, 1) < 0.5).float().mul(2).sub(1)
    shift = torch.where(is_fragment[:, None], far, shift)
    label = torch.where(is_fragment, torch.full_like(label, unknown), label)
    rate = 1 + uniform(-settings.stretch, settings.stretch, count, 1)
    centre = (frames - 1) / 2
    at = centre + (torch.arange(frames)[None] - centre - shift) * rate
    outside = (at < 0) | (at > frames - 1)
    rows = at.round().long().clamp(0, frames - 1)
    moved = picture.gather(1, rows[:, :, None].expand(-1, -1, bands))
    # What moved in from outside is the quiet of this clip, or the middle of another word.
    quiet = picture.kthvalue(8, dim=1).values[:, None, :].expand(-1, frames, -1)
    other = picture[torch.randperm(count, generator=generator)]
    deep = (rows + frames // 2).remainder(frames)  # frames around the other word's middle
    other = other.gather(1, deep[:, :, None].expand(-1, -1, bands))
    has_neighbour = (uniform(0, 1, count) < settings.neighbour)[:, None, None]
    picture = torch.where(outside[:, :, None], torch.where(has_neighbour, other, quiet), moved)

    warp = 1 + uniform(-settings.band_warp, settings.band_warp, count, 1)
    column = (torch.arange(bands)[None] * warp).clamp(0, bands - 1)
    left = column.floor().long().clamp(max=bands - 2)
    part = (column - left)[:, None, :]
    lower = picture.gather(2, left[:, None, :].expand(-1, frames, -1))
    upper = picture.gather(2, (left + 1)[:, None, :].expand(-1, frames, -1))
    picture = lower * (1 - part) + upper * part

    chosen = noise_bank[torch.randint(len(noise_bank), (count,), generator=generator)].float()
    clean, noise = energies(picture), energies(chosen)
    snr = uniform(*settings.snr_db, count) * NEPER_PER_DB
    gain = loudness(clean) / (loudness(noise) + POWER_FLOOR) * (-snr).exp()
    gain = gain * (uniform(0, 1, count) < settings.noise)
    mixed = clean + gain[:, None, None] * noise
    change = torch.randn(count, generator=generator)[:, None, None] * settings.level
    picture = GREY_PER_NEPER * (mixed.clamp(min=0) * (change / GREY_PER_NEPER).exp() + POWER_FLOOR).log() + GREY_OFFSET
    picture = picture.clamp(0, 255)
    for axis, (masks, widest), size in ((1, settings.time_masks, frames), (2, settings.band_masks, bands)):
        for _ in range(masks):
            width = torch.randint(0, widest + 1, (count, 1), generator=generator)
            start = torch.randint(0, size - widest, (count, 1), generator=generator)
            index = torch.arange(size)[None]
            hidden = (index >= start) & (index < start + width)
            hidden = hidden[:, :, None] if axis == 1 else hidden[:, None, :]
            picture = torch.where(hidden, picture.mean((1, 2), keepdim=True), picture)
    return picture, label
