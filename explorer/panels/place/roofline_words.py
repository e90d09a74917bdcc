"""Roofline words: the formula of a roof with its present values, and what was measured of this machine."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from explorer.engine.deployment.roofline import Roof
from explorer.engine.deployment.this_machine import MachineRoof
from explorer.panels.place.log_axis import number, with_prefix
from explorer.panels.place.roofline_dots import LayerDot


def roof_formula(roof: Roof | None, dot: LayerDot | None) -> str:
    """Return the roof as a formula, and where a layer stands below it; empty where there is no roof."""
    if roof is None:
        return ""
    told = _tr("min({peak}OP/s, intensity × {width}B/s); ridge at {ridge} operations per byte")
    peak, width = with_prefix(roof.peak.value), with_prefix(roof.bandwidth.value)
    text = told.format(peak=peak, width=width, ridge=number(roof.ridge))
    if dot is not None and not dot.measured:
        told = _tr("; {layer}: at {x} operations per byte {best}OP/s at best, {rate}OP/s predicted")
        text += told.format(
            layer=dot.name,
            x=number(dot.intensity),
            best=with_prefix(roof.attainable(dot.intensity)),
            rate=with_prefix(dot.rate_per_s),
        )
    return text


def machine_words(here: MachineRoof | None) -> str:
    """Return what one thread of this machine does at best, in words."""
    if here is None:
        return _tr("not measured yet")
    told = _tr(
        "{machine}, {software}: {floats}MAC/s in float32, {integers}MAC/s in int8; {cache}B/s in the cache, "
        "{memory}B/s in memory"
    )
    return told.format(
        machine=here.machine,
        software=here.software,
        floats=with_prefix(here.peak_macs_per_s["float32"].value),
        integers=with_prefix(here.peak_macs_per_s["int8"].value),
        cache=with_prefix(here.cache_bytes_per_s.value),
        memory=with_prefix(here.memory_bytes_per_s.value),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
