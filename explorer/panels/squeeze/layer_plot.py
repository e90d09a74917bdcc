"""Layer plot: how often each value occurs in a layer, and the grid that the values must fall on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from explorer.engine.quantization.calibration import Calibration, Histogram
from explorer.engine.quantization.quantized import Grid, NetworkQuantizer
from explorer.engine.quantization.quantizer import Codes, along_channels
from explorer.engine.quantization.recipe import Recipe, is_float
from explorer.engine.quantization.sensitivity import LayerError, error_of
from explorer.panels.listen.compact_plot import CompactPlot
from explorer.panels.squeeze.widths import words
from widgets.plot_curve import make_pen
from widgets.tokens import Tokens

BINS = 64
MOST_LINES = 256  # lines closer than a few pixels are a grey area, and cost time

EXACT_DB = 130.0  # what is left is the last bit of float32

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LayerPicture:
    """What is drawn of a layer.

    Parameters
    ----------
    edges, counts
        Histogram of the exact values, [BINS + 1] and [BINS]; where there is a grid, in steps of their own ruler.
    levels, level_counts
        Codes after rounding and how often each occurs, [levels]; empty for floats and for activations.
    lines
        Codes that the grid has; empty for floats.
    ends
        First and last code; None for floats.
    steps
        Whether x counts steps of a ruler instead of the values themselves.
    error
        What rounding does; None where it is not known for this picture.
    sentence
        All that in words.
    """

    edges: FloatArray
    counts: FloatArray
    levels: FloatArray
    level_counts: FloatArray
    lines: FloatArray
    ends: tuple[float, float] | None
    steps: bool
    error: LayerError | None
    sentence: str


_NONE = np.zeros(0)


def weight_picture(quantizer: NetworkQuantizer, recipe: Recipe, layer: str) -> LayerPicture:
    """Return the picture of a layer's weights under a recipe; only that layer is quantized.

    Raises
    ------
    ExplorerError
        When the weights do not fit the format.
    """
    exact = quantizer.steps.weights[layer]
    width = recipe.weights_of(layer)
    alone = replace(recipe, weights="float32", activations="float32", layer_weights=(), layer_activations=())
    quantized = quantizer.quantize(alone.with_layer(layer, width))
    rounded = quantized.weight_values(layer)
    error = error_of(exact, rounded)
    stored = quantized.weights[layer]
    if not isinstance(stored, Codes):
        counts, edges = np.histogram(exact, BINS)
        told = _tr("{layer}, weights: {bits}; range {low:.3g} to {high:.3g}.{error}")
        text = told.format(
            layer=layer, bits=words(width), low=exact.min(), high=exact.max(), error=_error_words(width, error)
        )
        return LayerPicture(edges, counts.astype(float), _NONE, _NONE, _NONE, None, False, error, text)
    in_steps = exact / along_channels(stored.scale, exact.ndim) + along_channels(stored.zero_point, exact.ndim)
    counts, edges = np.histogram(in_steps, BINS)
    codes = np.arange(stored.lowest, stored.highest + 1) if width != "binary" else np.array([-1, 1])
    levels, level_counts = np.unique(stored.codes, return_counts=True)
    rulers = len(stored.scale)
    ruler = (
        _tr("one ruler for the layer") if rulers == 1 else _tr("{count} rulers, one per channel").format(count=rulers)
    )
    told = _tr("{layer}, weights: {bits}, {ruler}; {used} of {codes:,} codes in use, {nothing:.0f} % became 0.{error}")
    text = told.format(
        layer=layer,
        bits=words(width),
        ruler=ruler,
        used=len(levels),
        codes=len(codes),
        nothing=100 * float((rounded == 0).mean()),
        error=_error_words(width, error),
    )
    return LayerPicture(
        np.asarray(edges, np.float64),
        counts.astype(float),
        levels.astype(float),
        level_counts.astype(float),
        codes.astype(float),
        (float(codes[0]), float(codes[-1])),
        True,
        error,
        text,
    )


def activation_picture(
    quantizer: NetworkQuantizer, calibration: Calibration, recipe: Recipe, layer: str
) -> LayerPicture:
    """Return the picture of what a layer stores, over the calibration clips, without the exact zeros."""
    histogram = calibration.histograms[layer]
    width = recipe.activations_of(layer, last=layer == quantizer.steps.last)
    edges, counts = _coarse(histogram)
    if is_float(width):
        told = _tr("{layer}, activations: {bits}; range {low:.3g} to {high:.3g} over {name}.")
        text = told.format(
            layer=layer, bits=words(width), low=histogram.low, high=histogram.high, name=calibration.name
        )
        return LayerPicture(edges, counts, _NONE, _NONE, _NONE, None, False, None, text)
    alone = replace(
        recipe, weights="float32", activations="float32", layer_weights=(), layer_activations=(), pruned=0.0
    )
    alone = alone.with_layer(layer, activations=width)
    grid = quantizer.quantize(alone, calibration).grids[layer]
    assert isinstance(grid, Grid)
    beyond = counts[(edges[1:] > grid.high + grid.scale / 2) | (edges[:-1] < grid.low - grid.scale / 2)].sum()
    told = _tr("{layer}, activations: {bits}, grid {low:.3g} to {high:.3g}; about {share:.2g} % of all but 0 clipped.")
    share = 100 * beyond / max(1.0, counts.sum())
    text = told.format(layer=layer, bits=words(width), low=grid.low, high=grid.high, share=share)
    codes = np.arange(grid.lowest, grid.highest + 1, dtype=np.float64)
    ends = (float(codes[0]), float(codes[-1]))
    in_steps = edges / grid.scale + grid.zero_point
    return LayerPicture(in_steps, counts, _NONE, _NONE, codes, ends, True, None, text.replace("-", "−"))


def _coarse(histogram: Histogram) -> tuple[FloatArray, FloatArray]:
    """Return edges and counts of a histogram in BINS bins."""
    counts = histogram.counts.reshape(BINS, -1).sum(1).astype(float)
    high = histogram.high if histogram.high > histogram.low else histogram.low + 1.0
    return np.linspace(histogram.low, high, BINS + 1), counts


def _error_words(width: object, error: LayerError) -> str:
    if width == "float32" or not np.isfinite(error.sqnr_db):
        return ""
    if error.sqnr_db > EXACT_DB:
        return _tr(" All lie on this grid already: rounding changes nothing.")
    told = _tr(" Mean squared error {mse:.2g}, signal to quantization noise {sqnr:.1f} dB.")
    return told.format(mse=error.mse, sqnr=error.sqnr_db).replace("-", "−")


class LayerPlot(CompactPlot):
    """The histogram of a layer with the grid drawn on it, and the rounded values standing on the grid."""

    HEIGHT_PX = 92

    def __init__(self) -> None:
        super().__init__(_tr("value"), _tr("share"), y_unit="%")
        self.setAccessibleName(_tr("The numbers of the layer and their grid"))
        self._lines = pg.PlotCurveItem(connect="pairs")
        self._ends = pg.PlotCurveItem(connect="pairs")
        for item, depth in ((self._lines, -2), (self._ends, -1)):
            item.setZValue(depth)
            self.addItem(item, ignoreBounds=True)
        self.exact = self.curve(_tr("exact"), role="quiet_ink")
        self.rounded = self.curve(_tr("rounded"), index=1)
        self._rounded_bars = pg.PlotCurveItem(connect="pairs")
        self.addItem(self._rounded_bars, ignoreBounds=True)
        self.picture: LayerPicture | None = None
        self.follow_tokens(self._apply_look)

    def show_picture(self, picture: LayerPicture) -> None:
        """Draw a layer."""
        self.picture = picture
        axis = _tr("code: value in steps of its ruler") if picture.steps else _tr("value")
        if axis != self._labels["bottom"]:
            self._labels["bottom"] = axis
            self._apply_tokens(self._tokens)
        per_cent = 100.0 / max(1.0, picture.counts.sum())
        counts, on_levels = per_cent * picture.counts, per_cent * picture.level_counts
        if picture.steps:  # per step of the ruler, so that curve and bars can be compared
            counts = counts / float(picture.edges[1] - picture.edges[0])
        x = np.repeat(picture.edges, 2)
        y = np.concatenate([[0.0], np.repeat(counts, 2), [0.0]])
        self.exact.set_data(x, y)
        self.rounded.set_data(picture.levels, on_levels)
        highest = float(on_levels.max(initial=0.0))
        # values that lie on the grid already are spikes: they may leave the picture, the bars may not
        top = max(1.0, highest, min(float(counts.max(initial=1.0)), 2 * highest or np.inf))
        bars = np.stack([np.zeros_like(on_levels), on_levels], 1).ravel()
        self._rounded_bars.setData(np.repeat(picture.levels, 2), bars)
        lines = picture.lines if len(picture.lines) <= MOST_LINES else np.zeros(0)
        self._lines.setData(np.repeat(lines, 2), np.tile([0.0, top * 1.15], len(lines)))
        ends = np.array(picture.ends or ())
        self._ends.setData(np.repeat(ends, 2), np.tile([0.0, top * 1.15], len(ends)))
        low, high = float(picture.edges[0]), float(picture.edges[-1])
        if picture.ends is not None:
            low, high = min(low, picture.ends[0]), max(high, picture.ends[1])
        self.setXRange(low, high, padding=0.03)
        self.setYRange(0.0, top * 1.15, padding=0)
        self.set_described(picture.sentence)

    def values_at(self, x: float) -> str:
        """Give the values at a place: how many exact ones near it, how many on the nearest level."""
        if self.picture is None:
            return ""
        place = int(np.clip(np.searchsorted(self.picture.edges, x) - 1, 0, BINS - 1))
        parts = [f"{x:.3g}", _tr("exact: {count:.0f}").format(count=self.picture.counts[place])]
        if len(self.picture.levels):
            level = int(np.abs(self.picture.levels - x).argmin())
            told = _tr("on {level:.3g}: {count:.0f}")
            parts.append(told.format(level=self.picture.levels[level], count=self.picture.level_counts[level]))
        return "\n".join(parts).replace("-", "−")

    def _apply_look(self, current: Tokens) -> None:
        ratio = self.devicePixelRatioF()
        self._lines.setPen(make_pen(current.color("accent", 0.35), 1.0, ratio))
        self._ends.setPen(make_pen(current.color("accent"), max(1.5, current.line_width), ratio))
        self._rounded_bars.setPen(make_pen(current.color("data1"), 2 * max(1.0, current.line_width), ratio))
        for item in (self._lines, self._ends, self._rounded_bars):
            item.opts["antialias"] = False
        self.rounded._line.setVisible(False)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Squeeze", text)
