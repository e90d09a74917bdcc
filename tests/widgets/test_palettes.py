from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from tests.widgets.colour_vision import DEFICIENCIES, contrast, distance
from widgets import palettes, ramps
from widgets.tokens import Tokens

THEMES = [palettes.DARK, palettes.LIGHT, palettes.PROJECTOR]
BACKGROUNDS = ("surface", "raised")


def test_contrast_agrees_with_the_published_values() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)  # WCAG's own example of "just enough"


@pytest.mark.parametrize("theme", THEMES, ids=lambda t: t.name)
@pytest.mark.parametrize("background", BACKGROUNDS)
def test_text_can_be_read(theme: Tokens, background: str) -> None:
    needed = 7.0 if theme.name == "projector" else 4.5
    under = getattr(theme, background)
    for role in ("ink", "quiet_ink", "accent", "good", "warn", "bad"):
        assert contrast(getattr(theme, role), under) >= needed, role
    for color in theme.data_text:
        assert contrast(color, under) >= needed, color
    assert contrast(theme.on_accent, theme.accent) >= needed


@pytest.mark.parametrize("theme", THEMES, ids=lambda t: t.name)
@pytest.mark.parametrize("background", BACKGROUNDS)
def test_marks_and_outlines_of_controls_can_be_seen(theme: Tokens, background: str) -> None:
    under = getattr(theme, background)
    for color in (*theme.data, theme.edge, theme.accent, theme.good, theme.warn, theme.bad):
        assert contrast(color, under) >= 3.0, color


@pytest.mark.parametrize("theme", THEMES, ids=lambda t: t.name)
def test_the_glyph_of_a_number_is_a_visible_mark_at_60_percent_ink(theme: Tokens) -> None:
    ink, under = ([int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in (theme.ink, theme.surface))
    mixed = [round(0.6 * a + 0.4 * b) for a, b in zip(ink, under, strict=True)]  # as Qt mixes: in sRGB
    assert contrast("#{:02x}{:02x}{:02x}".format(*mixed), theme.surface) >= 3.0


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("theme", THEMES, ids=lambda t: t.name)
def test_curves_can_be_told_apart_by_every_eye(theme: Tokens, deficiency: str) -> None:
    for one, other in combinations(theme.data, 2):
        assert distance(one, other, deficiency) >= 15.0, (one, other)


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("theme", THEMES, ids=lambda t: t.name)
def test_what_the_user_controls_is_not_mistaken_for_data(theme: Tokens, deficiency: str) -> None:
    for color in theme.data:
        # twice the just noticeable 2.3: violet and sky blue are neighbours without red; dash and flag help there
        assert distance(theme.accent, color, deficiency) >= 5.0, color


def test_the_same_position_has_the_same_hue_in_every_theme() -> None:
    for dark, light in zip(palettes.DARK.data, palettes.LIGHT.data, strict=False):
        a, b = (ramps.to_oklab(_srgb(color))[0, 1:] for color in (dark, light))
        cosine = float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
        assert cosine > 0.7, (dark, light)


@pytest.mark.parametrize(("height", "scale"), [(480, 1.6), (720, 1.6), (1080, 2.25), (2160, 4.5)])
def test_the_projector_theme_grows_with_the_window(height: int, scale: float) -> None:
    tokens = palettes.tokens_for("projector", height)
    assert tokens.scale == scale
    assert tokens.font(44).pixelSize() == round(44 * scale)
    assert tokens.line_width >= 2
    assert palettes.tokens_for("dark", height).scale == 1.0


def test_an_unknown_theme_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"'sepia'.*dark, light, projector"):
        palettes.tokens_for("sepia")


def test_kiosk_targets_are_at_least_44_pixels() -> None:
    assert palettes.tokens_for("dark", touch=True).target_px >= 44


@pytest.mark.parametrize("anchors", [ramps.MAGMA_LIKE, ramps.INK, ramps.HEAT_DARK, ramps.HEAT_LIGHT])
def test_a_ramp_has_evenly_changing_lightness(anchors: tuple[str, ...]) -> None:
    table = ramps.ramp(anchors)
    assert table.shape == (256, 4)
    assert (table[:, 3] == 255).all()
    lightness = ramps.to_oklab(table[:, :3] / 255)[:, 0]
    steps = np.diff(lightness) * np.sign(lightness[-1] - lightness[0])
    assert steps.min() > -0.004  # rounding to bytes
    smooth = np.convolve(steps, np.ones(16) / 16, "valid")
    assert smooth.max() < 1.35 * smooth.mean()
    assert smooth.min() > 0.65 * smooth.mean()


def test_a_ramp_begins_and_ends_with_its_anchors() -> None:
    table = ramps.ramp(("#102030", "#ffffff"), 16)
    assert table.shape == (16, 4)
    assert table[0, :3].tolist() == [0x10, 0x20, 0x30]
    assert table[-1, :3].tolist() == [255, 255, 255]


@pytest.mark.parametrize("theme", THEMES, ids=lambda t: t.name)
def test_silence_has_the_colour_of_paper_and_sound_stands_out(theme: Tokens) -> None:
    for table in (theme.log_mel_lut, theme.heat_lut):
        quiet, loud = ("#{:02x}{:02x}{:02x}".format(*row[:3]) for row in (table[0], table[-1]))
        assert contrast(quiet, theme.surface) < 1.1
        assert contrast(loud, theme.surface) > 10


def _srgb(color: str) -> npt.NDArray[np.float64]:
    return np.array([[int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]])
