"""Roofline dots: where each layer of a network stands under a roof, predicted for a device or measured here."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from explorer.engine.deployment.cost import LayerKind, work_of
from explorer.engine.deployment.network_time import NetworkTime
from explorer.engine.deployment.precision import precisions_of, runs_as
from explorer.engine.deployment.predictor import Prediction, predict_load
from explorer.engine.deployment.profile import Profile, Support
from explorer.engine.deployment.roofline import Bound, Roof, roof_of
from explorer.engine.deployment.workload import workload
from explorer.engine.errors import ExplorerError
from explorer.engine.nn.graph import Graph
from explorer.engine.quantization.recipe import Recipe
from explorer.panels.place.log_axis import number, with_prefix


@dataclass(frozen=True, slots=True)
class LayerDot:
    """One layer.

    Parameters
    ----------
    name, kind
        Of the layer.
    intensity
        Operations per byte moved.
    rate_per_s
        Operations a second that it runs at, predicted or measured.
    time_ms
        For the whole batch.
    bound
        What would limit it at best; empty where there is no roof.
    measured
        Whether it ran here.
    """

    name: str
    kind: LayerKind
    intensity: float
    rate_per_s: float
    time_ms: float
    bound: Bound | None
    measured: bool


@dataclass(frozen=True, slots=True, eq=False)
class RooflinePicture:
    """A device, a network and a precision.

    Parameters
    ----------
    roof
        None where there is none, and `words` say why.
    dots
        The layers in execution order; empty where the device cannot run it.
    prediction
        Time of the whole batch, and what it rests on.
    words
        How the device runs this precision, or why it does not.
    """

    roof: Roof | None
    dots: tuple[LayerDot, ...]
    prediction: Prediction
    words: str


def picture_of(graph: Graph, recipe: Recipe, profile: Profile, batch: int) -> RooflinePicture:
    """Return roof and dots of a network on a device."""
    prediction = predict_load(workload(graph, recipe), profile, batch)
    precision = precisions_of(recipe)[0]
    roof, words = _roof(profile, precision)
    if not prediction.supported:
        told = _tr("{device}, {precision}: {reason}. Choose another device or precision.")
        words = told.format(device=profile.title, precision=precision, reason=prediction.reason)
        return RooflinePicture(None, (), prediction, words)
    times_ms = {layer.name: layer.total_ms for layer in prediction.layers}
    found = []
    for layer in work_of(graph, recipe).layers:
        time_ms = times_ms.get(layer.name, 0.0)
        if time_ms > 0 and layer.operations:
            x = layer.intensity(batch)
            rate = 1e3 * batch * layer.operations / time_ms
            bound = None if roof is None else roof.bound(x)
            found.append(LayerDot(layer.name, layer.kind, x, rate, time_ms, bound, measured=False))
    return RooflinePicture(roof, tuple(found), prediction, words)


def measured_dots(time: NetworkTime, roof: Roof) -> tuple[LayerDot, ...]:
    """Return the layers of a network as they ran on this machine."""
    return tuple(
        LayerDot(
            layer.name,
            layer.kind,
            layer.intensity,
            layer.rate_per_s.value,
            1e3 * layer.seconds.value,
            roof.bound(layer.intensity),
            measured=True,
        )
        for layer in time.layers
    )


def dot_words(dot: LayerDot, total_ms: float) -> str:
    """Return one layer in words."""
    waits = {"memory": _tr("waits for memory"), "compute": _tr("waits for arithmetic"), None: _tr("no roof above it")}
    told = _tr(
        "{layer} ({kind}), {how}: {time} ms, {share:.0f} % of all; {rate}OP/s at {x} operations per byte, {waits}"
    )
    return told.format(
        layer=dot.name,
        kind=dot.kind,
        how=_tr("measured here") if dot.measured else _tr("predicted"),
        time=number(dot.time_ms),
        share=100 * dot.time_ms / total_ms,
        rate=with_prefix(dot.rate_per_s),
        x=number(dot.intensity),
        waits=waits[dot.bound],
    )


def _roof(profile: Profile, precision: str) -> tuple[Roof | None, str]:
    """Return the roof of the arithmetic that carries a precision out, and how that is, in words."""
    support, why = profile.support(precision)
    carrier = runs_as(profile, precision)
    if carrier is None or support is Support.NOT_SUPPORTED:
        return None, _tr("{device} does not run {precision}: {why}.").format(
            device=profile.title, precision=precision, why=why
        )
    words = ""
    if support is Support.EMULATED:
        told = _tr("{device} has no units for {precision}, it is emulated: {why}. The roof is that of {carrier}.")
        by = _tr("floats computed by a library") if carrier == "library" else carrier
        words = told.format(device=profile.title, precision=precision, why=why, carrier=by)
    try:
        return roof_of(profile, carrier), words
    except ExplorerError as error:
        return None, f"{words} {error}".strip()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
