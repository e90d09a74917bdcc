"""Claims of chapter 7 about hardware: arithmetic intensity, what bounds which network, units, parallelism."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.engine.deployment.claims import Finding
from explorer.engine.quantity import Kind, Quantity
from explorer.engine.training.claim import Claim, check_agreement, derived, near

RIDGE_FLOP_PER_BYTE = 20.0  # the book's H100: 60 TFLOP/s over 3 TB/s
ADAM_BYTES = 16  # FP32 weight, gradient and two averages of a parameter


@dataclass(frozen=True, slots=True)
class Shape:
    """A layer's work.

    Parameters
    ----------
    name, family
        What it is, and which row of the book's table: "CNN", "MLP" or "transformer".
    macs, elements
        Multiply-accumulates, and numbers read and written once each.
    """

    name: str
    family: str
    macs: int
    elements: int

    def flop_per_byte(self, bytes_per_element: int = 4) -> float:
        """Return operations per byte moved: 2 MAC / (elements * bytes)."""
        return 2 * self.macs / (self.elements * bytes_per_element)


def conv(name: str, side: int, channels: int, kernel: int, depthwise: bool = False) -> Shape:
    """Return a convolution that keeps its size, `channels` in and out."""
    weights = kernel * kernel * channels * (1 if depthwise else channels)
    return Shape(name, "CNN", side * side * weights, 2 * side * side * channels + weights)


def dense(name: str, n_in: int, n_out: int, batch: int) -> Shape:
    """Return a fully connected layer on a batch."""
    return Shape(name, "MLP", n_in * n_out * batch, n_in * n_out + batch * (n_in + n_out))


def attention(name: str, tokens: int, width: int) -> Shape:
    """Return the product of queries and keys of one head."""
    return Shape(name, "transformer", tokens * tokens * width, 2 * tokens * width + tokens * tokens)


SHAPES = (
    conv("3 × 3 convolution, 64 channels, 56 × 56", 56, 64, 3),
    conv("depthwise 3 × 3, 64 channels, 56 × 56", 56, 64, 3, depthwise=True),
    dense("dense 500 → 1000, batch 1", 500, 1000, 1),
    dense("dense 500 → 1000, batch 128", 500, 1000, 128),
    attention("queries × keys, 128 tokens of 64", 128, 64),
)


def printed_intensity(n: int, m: int, batch: int) -> float:
    """Return MAC per element by the book's formula, which leaves the output out: N M B / (N M + M B)."""
    return n * m * batch / (n * m + m * batch)


def check_intensity(n: int = 1000, m: int = 500, at_one: float = 1000 * 500 / 1500, at_128: float = 128.0) -> Finding:
    """Return whether the printed intensities for batches of 1 and 128 follow from the printed formula (F9)."""
    one, many = printed_intensity(n, m, 1), printed_intensity(n, m, 128)
    full = dense("", m, n, 128)
    sentence = (
        f"printed {at_one:.0f} and {at_128:g}; the printed formula gives {one:.2f} and {many:.1f} MAC per element, "
        f"with the outputs written {full.macs / full.elements:.1f}"
    )
    numbers = (
        derived(one, "MAC per element", "printed formula, batch 1"),
        derived(many, "MAC per element", "printed formula, batch 128"),
        derived(full.macs / full.elements, "MAC per element", "outputs counted, batch 128"),
    )
    return Finding(near(one, at_one) and near(many, at_128), sentence, numbers)


def check_bounds(shapes: tuple[Shape, ...] = SHAPES, ridge: float = RIDGE_FLOP_PER_BYTE) -> Finding:
    """Return whether CNN layers lie below the ridge and all others above it, whatever their shape (F11)."""
    wrong, numbers = [], []
    for shape in shapes:
        intensity = shape.flop_per_byte()
        if (shape.family == "CNN") is not (intensity < ridge):
            bound = "memory" if intensity < ridge else "compute"
            wrong.append(f"{shape.name}: {intensity:.3g} FLOP per byte, {bound}-bound")
        numbers.append(derived(intensity, "FLOP per byte", f"{shape.name}, FP32"))
    sentence = "; ".join(wrong) or "every shape is on the printed side"
    return Finding(not wrong, f"ridge {ridge:g}. {sentence}", tuple(numbers))


def check_h100(printed_tflops: float = 60.0, plain_fp64: float = 34.0, tensor_fp64: float = 67.0) -> Finding:
    """Return whether double precision reaches what is printed, without naming tensor cores (F20)."""
    bandwidth = 3.35
    sheet = "NVIDIA H100 SXM data sheet"
    sentence = (
        f"FP64 is {plain_fp64:g} TFLOP/s, on tensor cores {tensor_fp64:g}: "
        f"{plain_fp64 / bandwidth:.0f} or {tensor_fp64 / bandwidth:.0f} FLOP per byte"
    )
    numbers = (
        Quantity(plain_fp64, "TFLOP/s", Kind.CITED, sheet),
        Quantity(tensor_fp64, "TFLOP/s", Kind.CITED, sheet),
        derived(tensor_fp64 / bandwidth, "FLOP per byte", "tensor cores over 3.35 TB/s"),
    )
    return Finding(plain_fp64 >= printed_tflops, sentence, numbers)


def check_data_parallel(parameters: float = 175e9, device_bytes: float = 80e9) -> Finding:
    """Return whether a model the book calls large fits on one device, as a replica must (F14)."""
    needed, largest = parameters * ADAM_BYTES, device_bytes / ADAM_BYTES
    sentence = (
        f"each device holds the whole model: {parameters:,.0f} parameters with Adam take {needed / 1e9:,.0f} GB, "
        f"the device has {device_bytes / 1e9:,.0f}; the largest that fits has {largest:,.0f}"
    )
    numbers = (
        derived(needed, "bytes", "16 bytes a parameter, activations not counted"),
        derived(largest, "parameters", "device memory / 16 bytes"),
    )
    return Finding(needed <= device_bytes, sentence, numbers)


CLAIMS = (
    Claim(
        "F9",
        "7.10.2.2",
        "arithmetic intensity is N M / (N + M) for batch 1 and about 128 for batch 128",
        "arithmetic",
        lambda stop: check_intensity(),
    ),
    Claim(
        "F11",
        "7.10.2",
        "convolutional networks are bound by memory, dense layers and transformers by compute",
        "arithmetic",
        lambda stop: check_bounds(),
    ),
    Claim(
        "F13",
        "7.10.2.1, 8.7.1",
        "FLOPs",
        "the book against itself",
        lambda stop: check_agreement((("FLOPs means", "operations per second", "operations"),)),
    ),
    Claim(
        "F14",
        "7.11.1, Table 7.5",
        "data parallelism is effective when the model is large",
        "arithmetic",
        lambda stop: check_data_parallel(),
    ),
    Claim("F20", "7.10.2.3", "an H100 does 60 TFLOP/s in double precision", "arithmetic", lambda stop: check_h100()),
)
