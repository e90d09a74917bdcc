"""Palettes: the values of the tokens in the three themes.

Data colours start from the palette of Okabe and Ito ("Color Universal Design", 2008), made for eyes that see
red and green alike.  On white its yellow, orange and sky blue are too pale (1.3 to 2.3 : 1), so the light
themes carry darker relatives of the same hues.  The tests compute every contrast and every distance.
"""

from __future__ import annotations

from dataclasses import replace

from widgets import ramps
from widgets.tokens import Tokens

THEMES = ("dark", "light", "projector")
"""The names of the themes, in the order of a menu."""

DARK = Tokens(
    name="dark",
    surface="#0F1318",
    raised="#171D24",
    hairline="#2C353F",
    edge="#6F7C89",
    grid="#222A33",
    ink="#E8EDF2",
    quiet_ink="#9AA6B2",
    accent="#B9A3FF",
    on_accent="#14101F",
    data=("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#D55E00"),
    data_text=("#56B4E9", "#E69F00", "#00A67A", "#CC79A7", "#F0E442", "#E8701A"),
    good="#4CC38A",
    warn="#F0B429",
    bad="#FF8A7A",
    log_mel_lut=ramps.ramp(ramps.MAGMA_LIKE),
    heat_lut=ramps.ramp(ramps.HEAT_DARK),
)

LIGHT = Tokens(
    name="light",
    surface="#FFFFFF",
    raised="#F4F6F8",
    hairline="#D3DAE1",
    edge="#76828E",
    grid="#E6EAEE",
    ink="#14181D",
    quiet_ink="#55606B",
    accent="#5A3FD0",
    on_accent="#FFFFFF",
    # from #0072B2, #B35900, #007A5A, #A3487A: at one lightness green and purple, or blue and green, look alike to
    # some eyes (Delta E 11); a darker green and a stronger purple keep all pairs apart for all of them
    data=("#0072B2", "#A85400", "#005241", "#BF2270"),
    data_text=("#0068A3", "#A85400", "#005241", "#BF2270"),
    good="#006B4A",
    warn="#8A5300",
    bad="#B3261E",
    log_mel_lut=ramps.ramp(ramps.INK),
    heat_lut=ramps.ramp(ramps.HEAT_LIGHT),
)

# A lit room washes colours out: text needs 7:1, lines grow with the type.
PROJECTOR = replace(
    LIGHT,
    name="projector",
    hairline="#B4BEC8",
    edge="#5C6772",
    grid="#D9DFE5",
    quiet_ink="#414B55",
    accent="#4A2FB8",
    good="#00573C",
    warn="#6B4000",
    bad="#951A13",
    data_text=("#005889", "#834200", "#004739", "#9C1C5C"),
    scale=1.6,
)

_PALETTES = {tokens.name: tokens for tokens in (DARK, LIGHT, PROJECTOR)}


def tokens_for(
    name: str,
    window_height: int = 720,
    *,
    touch: bool = False,
    reduced_motion: bool = False,
    family: str = "Inter",
) -> Tokens:
    """Give the tokens of a theme for a window.

    Parameters
    ----------
    name
        One of `THEMES`.
    window_height
        Height of the window in pixels.  The projector theme grows with it: scale max(1.6, height / 480).
    touch, reduced_motion, family
        As in `Tokens`.

    Raises
    ------
    ValueError
        If there is no such theme.
    """
    if name not in _PALETTES:
        raise ValueError(f"There is no theme {name!r}: take one of {', '.join(THEMES)}.")
    palette = _PALETTES[name]
    scale = max(1.6, window_height / 480) if name == "projector" else 1.0
    return replace(
        palette,
        scale=scale,
        line_width=1.0 if scale == 1.0 else max(2.0, round(1.5 * scale)),
        touch=touch,
        reduced_motion=reduced_motion,
        family=family,
    )
