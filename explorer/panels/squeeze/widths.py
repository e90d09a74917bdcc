"""Widths in the order of a slider, and how they are written."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from explorer.engine.quantization.recipe import Stored, Width, stored_bits

_BITS: tuple[int, ...] = tuple(range(2, 17))
WEIGHT_WIDTHS: tuple[Width, ...] = ("binary", "ternary", *_BITS, "bfloat16", "float16", "float32")
ACTIVATION_WIDTHS: tuple[Stored, ...] = (*_BITS, "bfloat16", "float16", "float32")
_MARKS = {"binary": "1", "ternary": "t", "bfloat16": "b", "float16": "h", "float32": "f"}


def stepped(width: Width, steps: int) -> Width:
    """Return the width some steps wider (or narrower, below 0); the ends are ends."""
    return WEIGHT_WIDTHS[min(max(WEIGHT_WIDTHS.index(width) + steps, 0), len(WEIGHT_WIDTHS) - 1)]


def words(width: Width) -> str:
    """Return a width as a slider prints it."""
    if isinstance(width, int):
        return _tr("{bits} bits").format(bits=width)
    return _tr("1 bit") if width == "binary" else _tr("ternary") if width == "ternary" else width


def mark(width: Width) -> str:
    """Return a width in one or two letters, for a narrow block: f is float32, h float16, b bfloat16, t ternary."""
    return str(width) if isinstance(width, int) else _MARKS[width]


def color_role(width: Width) -> str:
    """Return the token that colours a width: floats, eight bits and more, four and more, fewer."""
    bits = stored_bits(width)
    if isinstance(width, str) and bits >= 16:
        return "data0"
    return "data1" if bits >= 8 else "data2" if bits >= 4 else "data3"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Squeeze", text)
