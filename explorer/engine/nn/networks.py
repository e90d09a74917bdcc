"""The family of keyword networks, as layer graphs: tiny, small, large, and the four MLPerf Tiny references.

`tiny` follows BC-ResNet (Kim et al., "Broadcasted Residual Learning for Efficient Keyword Spotting", Interspeech 2021):
two-dimensional convolutions over frequency, cheap one-dimensional ones over time, joined by a broadcast add.
`small` and `large` follow MatchboxNet (Majumdar and Ginsburg, Interspeech 2020): separable convolutions over time with
residual connections, all bands being channels.  Plain batch norm and ReLU replace what a microcontroller lacks.

The MLPerf Tiny networks (Banbury et al., "MLPerf Tiny Benchmark", NeurIPS Datasets and Benchmarks 2021) have no weights
here: they are there for their cost, since their latencies on real boards are published.  In those that look at pictures
time and frequency stand for rows and columns.
"""

from __future__ import annotations

from typing import Protocol

from explorer.engine.errors import ExplorerError
from explorer.engine.nn.graph import Add, AveragePool, BatchNorm, Conv, Dense, Graph, Layer, ReLU

FRAMES, BANDS = 98, 40


class _Builder:
    """Append layers one after the other; `at` is the name of the last one."""

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self.at = "input"

    def add(self, layer: Layer) -> str:
        self.layers.append(layer)
        self.at = layer.name
        return self.at

    def conv(
        self,
        name: str,
        channels: int,
        kernel: tuple[int, int],
        stride: tuple[int, int] = (1, 1),
        dilation: int = 1,
        *,
        depthwise: bool = False,
        norm: bool = True,
        relu: bool = True,
        valid: bool = False,
    ) -> str:
        """Add convolution, batch norm and ReLU; padding keeps the size unless `valid`."""
        padding = (kernel[0] // 2 * dilation, 0 if valid else kernel[1] // 2)
        self.add(Conv(name, self.at, channels, kernel, stride, padding, (dilation, 1), channels if depthwise else 1))
        if norm:
            self.add(BatchNorm(f"{name}_norm", self.at))
        if relu:
            self.add(ReLU(f"{name}_relu", self.at))
        return self.at


def _broadcast_block(b: _Builder, name: str, channels: int, stride: int, dilation: int, *, residual: bool) -> None:
    """One BC-ResNet block: frequency path, then time path on the frequency mean, added back to every band."""
    entry = b.at
    if not residual:
        b.conv(f"{name}_in", channels, (1, 1))
    bands = b.conv(f"{name}_frequency", channels, (1, 3), (1, stride), depthwise=True, relu=False)
    b.add(AveragePool(f"{name}_mean", bands, ("frequency",)))
    b.conv(f"{name}_time", channels, (3, 1), dilation=dilation, depthwise=True)
    time = b.conv(f"{name}_mix", channels, (1, 1), relu=False)
    b.add(Add(f"{name}_broadcast", bands, time))
    if residual:
        b.add(Add(f"{name}_residual", b.at, entry))
    b.add(ReLU(f"{name}_out", b.at))


def tiny(classes: int = 12) -> Graph:
    """Microcontroller tier: fits 16,384 bytes as 8-bit codes with scales and int32 biases."""
    b = _Builder()
    b.conv("stem", 16, (5, 5), (2, 2))
    stages = [(2, 10, 1, 1), (2, 14, 2, 2), (4, 20, 2, 4), (4, 24, 1, 8)]  # blocks, channels, band stride, dilation
    for stage, (blocks, channels, stride, dilation) in enumerate(stages, start=1):
        for block in range(blocks):
            first = block == 0
            _broadcast_block(b, f"s{stage}b{block + 1}", channels, stride if first else 1, dilation, residual=not first)
    b.conv("head_frequency", 24, (1, 5), depthwise=True, norm=False, relu=False)
    b.conv("head", 48, (1, 1))
    b.add(AveragePool("pool", b.at, ("time", "frequency")))
    b.add(Dense("logits", b.at, classes))
    return Graph("tiny", (1, FRAMES, BANDS), tuple(b.layers))


def _separable(name: str, classes: int, channels: int, blocks: tuple[int, ...], last: int) -> Graph:
    """Separable convolutions over time: the first layer turns 5 frames x 40 bands into channels."""
    b = _Builder()
    b.conv("stem", channels, (5, BANDS), (2, 1), valid=True)
    for index, kernel in enumerate(blocks, start=1):
        entry = b.at
        b.conv(f"b{index}_time", channels, (kernel, 1), depthwise=True, norm=False, relu=False)
        b.conv(f"b{index}_mix", channels, (1, 1), relu=False)
        b.add(Add(f"b{index}_residual", b.at, entry))
        b.add(ReLU(f"b{index}_out", b.at))
    b.conv("wide_time", channels, (15, 1), dilation=2, depthwise=True, norm=False, relu=False)
    b.conv("wide", last, (1, 1))
    b.add(AveragePool("pool", b.at, ("time", "frequency")))
    b.add(Dense("logits", b.at, classes))
    return Graph(name, (1, FRAMES, BANDS), tuple(b.layers))


def small(classes: int = 12) -> Graph:
    """Mobile and edge tier: about 60,000 parameters."""
    return _separable("small", classes, 64, (9, 9, 11, 11, 13, 13, 15), 96)


def large(classes: int = 12) -> Graph:
    """Cloud tier and teacher for distillation: the most accurate that still runs live on one core."""
    return _separable("large", classes, 128, (9, 9, 11, 11, 13, 13, 15, 15), 192)


def mlperf_tiny_kws(classes: int = 12) -> Graph:
    """MLPerf Tiny's DS-CNN (Banbury et al. 2021), 49 x 10 MFCC input: for predictions against published results."""
    b = _Builder()
    b.add(Conv("stem", "input", 64, (10, 4), (2, 2), (5, 1)))
    b.add(BatchNorm("stem_norm", b.at))
    b.add(ReLU("stem_relu", b.at))
    for block in range(1, 5):
        b.conv(f"b{block}_depthwise", 64, (3, 3), depthwise=True)
        b.conv(f"b{block}_pointwise", 64, (1, 1))
    b.add(AveragePool("pool", b.at, ("time", "frequency")))
    b.add(Dense("logits", b.at, classes))
    return Graph("mlperf-tiny-kws", (1, 49, 10), tuple(b.layers))


def mlperf_tiny_ic(classes: int = 10) -> Graph:
    """MLPerf Tiny's ResNet-8 (after He et al. 2016) for 32 x 32 colour pictures: 16, 32 and 64 channels."""
    b = _Builder()
    b.conv("stem", 16, (3, 3))
    for stack, (channels, stride) in enumerate([(16, 1), (32, 2), (64, 2)], start=1):
        entry = b.at
        b.conv(f"s{stack}_first", channels, (3, 3), (stride, stride))
        main = b.conv(f"s{stack}_second", channels, (3, 3), relu=False)
        if stride > 1:  # the shortcut must shrink too
            entry = b.add(Conv(f"s{stack}_shortcut", entry, channels, (1, 1), (stride, stride), bias=True))
        b.add(Add(f"s{stack}_residual", main, entry))
        b.add(ReLU(f"s{stack}_out", b.at))
    b.add(AveragePool("pool", b.at, ("time", "frequency")))
    b.add(Dense("logits", b.at, classes))
    return Graph("mlperf-tiny-ic", (3, 32, 32), tuple(b.layers))


def mlperf_tiny_vww(classes: int = 2) -> Graph:
    """MLPerf Tiny's MobileNetV1 x 0.25 (Howard et al. 2017) for 96 x 96 colour pictures: person or none."""
    b = _Builder()
    b.conv("stem", 8, (3, 3), (2, 2))
    blocks = [(16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2), *[(128, 1)] * 5, (256, 2), (256, 1)]
    channels = 8
    for block, (wider, stride) in enumerate(blocks, start=1):
        b.conv(f"b{block}_depthwise", channels, (3, 3), (stride, stride), depthwise=True)
        b.conv(f"b{block}_pointwise", wider, (1, 1))
        channels = wider
    b.add(AveragePool("pool", b.at, ("time", "frequency")))
    b.add(Dense("logits", b.at, classes))
    return Graph("mlperf-tiny-vww", (3, 96, 96), tuple(b.layers))


def mlperf_tiny_ad(outputs: int = 640) -> Graph:
    """MLPerf Tiny's autoencoder for machine sounds: 5 frames x 128 bands through 8 numbers and back.

    Its batch norms follow dense layers and are folded into them already, as deployed.
    """
    b = _Builder()
    for index, units in enumerate([128, 128, 128, 128, 8, 128, 128, 128, 128], start=1):
        b.add(Dense(f"d{index}", b.at, units))
        b.add(ReLU(f"d{index}_relu", b.at))
    b.add(Dense("logits", b.at, outputs))
    return Graph("mlperf-tiny-ad", (1, 5, 128), tuple(b.layers))


class Topology(Protocol):
    """What builds a graph for a number of outputs; without one, for as many as the network was published with."""

    def __call__(self, classes: int = ..., /) -> Graph:
        """Return the graph."""


TOPOLOGIES: dict[str, Topology] = {
    "tiny": tiny,
    "small": small,
    "large": large,
    "mlperf-tiny-kws": mlperf_tiny_kws,
    "mlperf-tiny-ic": mlperf_tiny_ic,
    "mlperf-tiny-vww": mlperf_tiny_vww,
    "mlperf-tiny-ad": mlperf_tiny_ad,
}


def topology(name: str) -> Graph:
    """Return a network's graph with the outputs it was published with.

    Raises
    ------
    ExplorerError
        When there is no topology of this name; the sentence lists those there are.
    """
    if name not in TOPOLOGIES:
        raise ExplorerError(f"There is no network {name!r}; choose one of {', '.join(TOPOLOGIES)}.")
    return TOPOLOGIES[name]()
