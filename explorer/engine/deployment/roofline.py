"""The roofline: no layer runs faster than the arithmetic units allow, nor than its bytes arrive.

    attainable = min(peak, intensity x bandwidth)

A layer left of the ridge point, where both are equal, waits for memory; right of it, for arithmetic.  A larger batch
moves dots to the right, since weights are read once for all of it; fewer bits move them to the right and raise the peak
where the device has units for them.  (Williams, Waterman and Patterson, "Roofline", CACM 2009.)

Both axes count operations, as data sheets do: one multiply-accumulate is two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.engine.deployment.cost import LayerKind, Work, WorkColumns
from explorer.engine.deployment.profile import Profile, Support
from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Quantity

Bound = Literal["memory", "compute"]
OPERATIONS_PER_MAC = 2


@dataclass(frozen=True, slots=True)
class Roof:
    """What a device can do at best at one precision.

    Parameters
    ----------
    title
        Of device and precision, as printed.
    peak
        Operations a second.
    bandwidth
        Bytes a second.
    """

    title: str
    peak: Quantity
    bandwidth: Quantity

    @property
    def ridge(self) -> float:
        """Intensity from which on arithmetic is the limit, operations per byte."""
        return self.peak.value / self.bandwidth.value

    def attainable(self, intensity: float) -> float:
        """Return the highest rate at an intensity, operations a second."""
        return min(self.peak.value, intensity * self.bandwidth.value)

    def bound(self, intensity: float) -> Bound:
        """Return what limits a layer of this intensity."""
        return "memory" if intensity < self.ridge else "compute"

    def line(self, lowest: float, highest: float) -> tuple[tuple[float, float], ...]:
        """Return the corners of the roof between two intensities: what a picture on log axes connects."""
        corner = [self.ridge] if lowest < self.ridge < highest else []
        return tuple((x, self.attainable(x)) for x in (lowest, *corner, highest))


@dataclass(frozen=True, slots=True)
class Dot:
    """A layer under a roof.

    Parameters
    ----------
    name, kind
        Of the layer.
    intensity
        Operations per byte moved.
    attainable_per_s
        Operations a second at best.
    bound
        What limits it.
    least_s
        Seconds it takes at best, for the whole batch.
    """

    name: str
    kind: LayerKind
    intensity: float
    attainable_per_s: float
    bound: Bound
    least_s: float


def roof_of(profile: Profile, precision: str) -> Roof:
    """Return the roof of a device at a precision it has units for.

    Parameters
    ----------
    profile
        The device.
    precision
        One of `explorer.engine.deployment.profile.PRECISIONS`.

    Raises
    ------
    ExplorerError
        When the device has no units for it, or nobody published its bandwidth: another's peak is never taken.
    """
    support, why = profile.support(precision)
    if support is not Support.NATIVE:
        raise ExplorerError(f"{profile.title} has no roof at {precision}: {support.value}, {why}. Choose another one.")
    if profile.bandwidth_bytes_per_s is None:
        raise ExplorerError(f"{profile.title} has no roof: its profile lacks the memory bandwidth. Choose another one.")
    peak = operations_of(profile.peak_macs_per_s[precision])
    return Roof(f"{profile.title}, {precision}", peak, profile.bandwidth_bytes_per_s)


def operations_of(macs: Quantity) -> Quantity:
    """Return a rate in operations a second from one in multiply-accumulates."""
    low, high = (None if end is None else OPERATIONS_PER_MAC * end for end in (macs.low, macs.high))
    source = f"two operations a MAC; {macs.source}"
    return Quantity(OPERATIONS_PER_MAC * macs.value, "OP/s", macs.kind, source, low, high, macs.count)


def dots(work: Work, roof: Roof, batch: int = 1) -> tuple[Dot, ...]:
    """Return each layer under the roof.

    Parameters
    ----------
    work
        The network at a precision.
    roof
        Of the device at the same precision.
    batch
        Inputs at a time.
    """
    found = []
    for layer in work.layers:
        intensity = layer.intensity(batch)
        rate = roof.attainable(intensity)
        seconds = batch * layer.operations / rate
        found.append(Dot(layer.name, layer.kind, intensity, rate, roof.bound(intensity), seconds))
    return tuple(found)


def layer_seconds(
    columns: WorkColumns, peaks_macs_per_s: ArrayLike, bandwidths_bytes_per_s: ArrayLike, batch: int = 1
) -> NDArray[np.float64]:
    """Return the least time of every layer on many devices at once, seconds [devices, layers] for the whole batch.

    Parameters
    ----------
    columns
        The layers: `Work.columns`.
    peaks_macs_per_s, bandwidths_bytes_per_s
        Of the devices, [devices].
    batch
        Inputs at a time.
    """
    peaks, bandwidths = (np.asarray(x, np.float64).reshape(-1, 1) for x in (peaks_macs_per_s, bandwidths_bytes_per_s))
    compute = batch * columns.operations / (OPERATIONS_PER_MAC * peaks)
    memory = (columns.flash_bytes + batch * columns.activation_bytes) / bandwidths
    return np.asarray(np.maximum(compute, memory), np.float64)
