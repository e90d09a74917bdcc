"""What a number in a format is called: its value, what was lost, how far the format reaches, in words."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from explorer.engine.quantization.bitfields import Reading

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number_words(value: float, digits: int = 6) -> str:
    """Return a number as it is read: a true minus, an infinity sign, powers of ten raised."""
    if math.isnan(value):
        return _tr("not a number")
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == round(value) and abs(value) < 10**6:
        return f"{value:,.0f}".replace("-", "−")
    mantissa, _, power = f"{value:.{digits}g}".partition("e")
    told = f"{mantissa} · 10{str(int(power)).translate(_SUPERSCRIPTS)}" if power else mantissa
    return told.replace("-", "−")


def value_words(reading: Reading) -> str:
    """Return the value of a reading with as many digits as its format can tell apart."""
    if reading.code is None:
        return "–"
    return number_words(reading.value, 8 if reading.number.bits == 32 else 6)


def outcome_words(reading: Reading) -> str:
    """Say what the format made of the number."""
    if reading.code is None:
        return _tr("no code for it")
    if reading.outcome == "overflow":
        return _tr("overflow: beyond the range")
    if reading.outcome == "underflow":
        return _tr("underflow: becomes 0") if reading.value == 0 else _tr("underflow: loses bits near 0")
    if reading.outcome == "exact":
        return _tr("exact")
    return _tr("off by {error}").format(error=number_words(abs(reading.error), 2))


def range_words(reading: Reading, *, long: bool) -> str:
    """Say how far it is to the next value, and (`long`) from where to where the format reaches."""
    gap = reading.gap
    told_gap = (
        _tr("next value {gap} away").format(gap=number_words(gap, 2)) if math.isfinite(gap) else _tr("at the end")
    )
    if not long:
        return told_gap
    low, high = number_words(reading.number.lowest, 4), number_words(reading.number.largest, 4)
    ends = f"±{high}" if reading.number.lowest == -reading.number.largest else f"{low} … {high}"
    return _tr("{gap}, range {ends}").format(gap=told_gap, ends=ends)


def told(reading: Reading) -> str:
    """Return a row in words."""
    return f"{reading.number.name}: {value_words(reading)}, {outcome_words(reading)}, {range_words(reading, long=True)}"


def field_words(name: str) -> str:
    """Return the name of a field."""
    return {
        "sign": _tr("sign"),
        "exponent": _tr("exponent"),
        "mantissa": _tr("mantissa"),
        "integer": _tr("integer"),
    }[name]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Squeeze", text)
