"""Augmentation changes what it says it changes, and nothing when it is switched off."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import torch

from explorer.engine.kws.frontend import mel_power
from explorer.engine.training.augment import Augmentation, augment
from explorer.engine.training.pictures import coloured_noise, official_split

OFF = Augmentation(
    shift_frames=0,
    stretch=0,
    band_warp=0,
    neighbour=0,
    fragment=0,
    noise=0,
    level=0,
    time_masks=(0, 0),
    band_masks=(0, 0),
)
UNKNOWN = 1


def pictures(count: int = 6) -> torch.Tensor:
    generator = torch.Generator().manual_seed(4)
    base = torch.rand(count, 98, 40, generator=generator) * 40 + 60
    base[:, 40:60] += 80  # a word in the middle
    return base.round().to(torch.uint8)


def change(settings: Augmentation, x: torch.Tensor, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    bank = torch.full((3, 98, 40), 100, dtype=torch.uint8)
    labels = torch.arange(len(x)) % 10 + 2
    return augment(x, labels, bank, settings, UNKNOWN, torch.Generator().manual_seed(seed))


def test_switched_off_it_changes_nothing() -> None:
    x = pictures()
    out, labels = change(OFF, x)
    assert torch.allclose(out, x.float(), atol=0.02)  # the logarithm and its inverse
    assert labels.tolist() == [2, 3, 4, 5, 6, 7]


def test_a_shift_moves_the_word_and_keeps_it() -> None:
    x = pictures(50)
    out, _ = change(replace(OFF, shift_frames=15), x)
    bright = (out.mean(2) > 125).float()
    middle = (bright * torch.arange(98)).sum(1) / bright.sum(1)
    assert bright.sum(1).min() == 20
    assert middle.std() > 4
    assert (middle - 49.5).abs().max() <= 15.5


def test_fragments_become_unknown() -> None:
    x = pictures(40)
    out, labels = change(replace(OFF, fragment=1.0), x)
    assert set(labels.tolist()) == {UNKNOWN}
    assert out.mean() < x.float().mean() - 5


def test_noise_stands_at_the_chosen_ratio() -> None:
    x = torch.full((4, 98, 40), 150, dtype=torch.uint8)
    out, _ = change(replace(OFF, noise=1.0, snr_db=(0.0, 0.0)), x)
    # Equal powers add to twice the power: 10 ln 2 grey levels more.
    assert torch.allclose(out, x.float() + 10 * np.log(2), atol=0.05)


def test_the_same_generator_gives_the_same_pictures() -> None:
    x = pictures()
    one, two, other = change(Augmentation(), x, 1)[0], change(Augmentation(), x, 1)[0], change(Augmentation(), x, 2)[0]
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


def test_powers_of_independent_sounds_add_in_pictures_as_in_sound() -> None:
    rng = np.random.default_rng(0)
    a, b = coloured_noise(rng, 16_000, 0.0), coloured_noise(rng, 16_000, 1.0)
    together = mel_power(a + b).mean(0)
    added = (mel_power(a) + mel_power(b)).mean(0)
    assert np.abs(np.log(together / added)).max() < 0.2  # the cross term vanishes on average, 98 frames here


def test_the_official_split_by_hand() -> None:
    # sha1("0a2b400e") and sha1("bb05582b") modulo 2^27, as the data set's own function gives them.
    for speaker in ("0a2b400e", "bb05582b", "c50f55b8"):
        share = int(hashlib.sha1(speaker.encode()).hexdigest(), 16) % (2**27) / (2**27 - 1)
        wanted = "val" if share < 0.1 else "test" if share < 0.2 else "train"
        assert official_split(f"yes/{speaker}_nohash_0.wav") == wanted
        assert official_split(f"{speaker}_nohash_4.wav") == wanted
