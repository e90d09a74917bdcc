"""A squeezed network as a file: ONNX with quantize and dequantize nodes, safetensors with its recipe, a table.

ONNX knows integers of 4, 8 and 16 bits.  Other widths go to the next wider type with their values on the coarse grid:
the same answers, but no smaller file, and the file says so.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from explorer.engine.errors import ExplorerError
from explorer.engine.nn.graph import Add, AveragePool, Conv, Dense, ReLU, to_json
from explorer.engine.quantization.packing import flash_image, image_bytes
from explorer.engine.quantization.quantized import Grid, QuantizedNetwork
from explorer.engine.quantization.quantizer import Codes
from explorer.engine.quantization.recipe import Width
from explorer.engine.quantization.recipe import to_json as recipe_to_json
from explorer.engine.quantization.sensitivity import error_of
from explorer.engine.quantization.steps import INPUT, Step

OPSET, IR_VERSION = 21, 10  # the first that know 4-bit integers
_ONNX_BITS = (4, 8, 16)
_COLUMNS = ("layer", "weight_bits", "activation_bits", "weights", "bytes", "weight_mse", "weight_sqnr_db", "levels")


def size_note(quantized: QuantizedNetwork) -> str:
    """Return in a sentence whether an ONNX file of this network is as small as its widths promise."""
    wider = sorted({_name(width) for width in quantized.formats.values() if _bits(width) not in (*_ONNX_BITS, 32)})
    image = len(flash_image(quantized))
    if not wider:
        return f"Packed for a device, this network takes {image} bytes; the rest of this file describes its nodes."
    return (
        f"ONNX has no weights of {', '.join(wider)} bits: they are stored in the next wider type, so this file is not "
        f"reduced to their width. Packed for a device, this network takes {image} bytes."
    )


def to_onnx(quantized: QuantizedNetwork) -> bytes:
    """Return the serialized ONNX model; its input is (grey level - 128) / 64 [n, 1, time, frequency]."""
    from onnx import checker, helper

    build = _Model()
    at: dict[str, str] = {INPUT: build.on_grid(INPUT, INPUT, quantized.grids[INPUT])}
    for step in quantized.steps.order:
        result = _compute(build, quantized, step, [at[source] for source in step.sources])
        if step.relu:
            result = build.node("Relu", [result], f"{step.name}.relu")
        at[step.name] = build.on_grid(step.name, result, quantized.grids[step.name])
    network, steps = quantized.network, quantized.steps
    last = build.node("Identity", [at[steps.last]], "logits_out")
    shape: list[str | int | None] = ["n", *steps.graph.input_shape]
    model = helper.make_model(
        helper.make_graph(
            build.nodes,
            network.name,
            [helper.make_tensor_value_info(INPUT, 1, shape)],
            [helper.make_tensor_value_info(last, 1, ["n", steps.graph.classes])],
            build.initializers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="mlsys-explorer",
    )
    helper.set_model_props(
        model,
        {
            "recipe": json.dumps(recipe_to_json(quantized.recipe)),
            "labels": json.dumps(network.labels),
            "network": network.fingerprint,
            "input": "log-mel grey levels, (grey - 128) / 64",
            "size": size_note(quantized),
        },
    )
    checker.check_model(model)
    return bytes(model.SerializeToString())


def to_safetensors(quantized: QuantizedNetwork) -> bytes:
    """Return a weights file that this program reads: batch norm folded, values on their grid, recipe in the header."""
    from safetensors.numpy import save

    network, steps = quantized.network, quantized.steps
    arrays = {f"{name}.weight": quantized.weight_values(name) for name in steps.weights}
    for name in steps.biases:
        bias = quantized.bias_values(name)
        assert bias is not None
        arrays[f"{name}.bias"] = bias
    header = {
        "graph": json.dumps(to_json(steps.graph)),
        "labels": json.dumps(network.labels),
        "lineage": json.dumps([*network.lineage, f"squeezed: {quantized.recipe}"]),
        "name": network.name,
        "front_end": network.front_end,
        "recipe": json.dumps(recipe_to_json(quantized.recipe)),
        "size": f"Values in float32, on their grid. Packed for a device: {len(flash_image(quantized))} bytes.",
    }
    return save({name: np.array(array, np.float32, order="C") for name, array in arrays.items()}, header)


def to_csv(quantized: QuantizedNetwork) -> bytes:
    """Return the table of layers: widths, bytes, and the error of the weights."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_COLUMNS)
    sizes = image_bytes(quantized.steps, quantized.recipe)
    for name in quantized.steps.names:
        grid = quantized.grids[name]
        stored = grid.bits if isinstance(grid, Grid) else grid
        if name not in quantized.weights:
            table.writerow([name, "", stored, 0, sizes[name], "", "", ""])
            continue
        exact = quantized.steps.weights[name]
        error = error_of(exact, quantized.weight_values(name))
        width = quantized.formats[name]
        row = [name, width, stored, exact.size, sizes[name], f"{error.mse:.6g}", f"{error.sqnr_db:.2f}", error.levels]
        table.writerow(row)
    return text.getvalue().encode()


WRITERS: dict[str, Callable[[QuantizedNetwork], bytes]] = {
    ".onnx": to_onnx,
    ".safetensors": to_safetensors,
    ".csv": to_csv,
}


def write(quantized: QuantizedNetwork, path: Path) -> int:
    """Write a file of the kind its name says and return its bytes; a failure leaves what was there.

    Raises
    ------
    ExplorerError
        When the ending is unknown or the file cannot be written.
    """
    if path.suffix not in WRITERS:
        raise ExplorerError(f"{path.name} must end in {', '.join(WRITERS)}: the ending says what is written.")
    content = WRITERS[path.suffix](quantized)
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ExplorerError(f"{path} cannot be written ({error.strerror}); choose another place.") from error
    return len(content)


class _Model:
    """The parts of an ONNX graph as they are added."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, name: str, value: Any, bits: int | None = None) -> str:
        """Add an array: float32 as it is, integers in a type of `bits` (4, 8, 16 or 32)."""
        from onnx import TensorProto, helper, numpy_helper

        if bits == 4:
            tensor = helper.make_tensor(name, TensorProto.INT4, np.shape(value), np.asarray(value).ravel().tolist())
        else:
            dtype = {None: np.float32, 8: np.int8, 16: np.int16, 32: np.int32}[bits]
            tensor = numpy_helper.from_array(np.asarray(value, dtype), name)
        self.initializers.append(tensor)
        return name

    def unsigned(self, name: str, value: int) -> str:
        """Add a code of 0 to 255: the same grid counted from its lowest end, which x86 kernels ask for."""
        from onnx import numpy_helper

        self.initializers.append(numpy_helper.from_array(np.asarray(value, np.uint8), name))
        return name

    def on_grid(self, name: str, source: str, grid: Grid | str) -> str:
        """Round an activation: clipped to a grid coarser than its type, quantized, dequantized."""
        from onnx import TensorProto

        if isinstance(grid, str):
            if grid == "float32":
                return source
            short = TensorProto.FLOAT16 if grid == "float16" else TensorProto.BFLOAT16
            return self.node(
                "Cast", [self.node("Cast", [source], f"{name}.short", to=short)], f"{name}.stored", to=TensorProto.FLOAT
            )
        bits = 8 if grid.bits <= 8 else 16
        if (grid.lowest, grid.highest) != (-(1 << bits - 1), (1 << bits - 1) - 1):
            ends = [self.constant(f"{name}.low", grid.low), self.constant(f"{name}.high", grid.high)]
            source = self.node("Clip", [source, *ends], f"{name}.clipped")
        scale = self.constant(f"{name}.step", grid.scale)
        if bits == 8:
            zero = self.unsigned(f"{name}.zero", grid.zero_point + 128)
        else:
            zero = self.constant(f"{name}.zero", grid.zero_point, bits)
        codes = self.node("QuantizeLinear", [source, scale, zero], f"{name}.codes")
        return self.node("DequantizeLinear", [codes, scale, zero], f"{name}.stored")

    def weight(self, name: str, weight: Codes | np.ndarray, width: Width) -> str:
        """Add a layer's weights: codes with their scales, or floats."""
        from onnx import TensorProto, helper

        if isinstance(weight, Codes):
            bits = next(b for b in _ONNX_BITS if _bits(width) <= b)
            per_axis = len(weight.scale) > 1
            parts = [
                self.constant(f"{name}.codes", weight.codes, bits),
                self.constant(f"{name}.scale", weight.scale if per_axis else weight.scale[0]),
                self.constant(f"{name}.zero", weight.zero_point if per_axis else weight.zero_point[0], bits),
            ]
            return self.node("DequantizeLinear", parts, name, **({"axis": 0} if per_axis else {}))
        if width == "float32":
            return self.constant(name, weight)
        short = TensorProto.FLOAT16 if width == "float16" else TensorProto.BFLOAT16
        self.initializers.append(helper.make_tensor(f"{name}.short", short, weight.shape, weight.ravel().tolist()))
        return self.node("Cast", [f"{name}.short"], name, to=TensorProto.FLOAT)


def _compute(build: _Model, quantized: QuantizedNetwork, step: Step, inputs: list[str]) -> str:
    """Add the node of one step and return the name of its result."""
    name, layer = step.name, step.layer
    if isinstance(layer, Conv | Dense):
        if isinstance(layer, Dense):
            inputs = [build.node("Flatten", inputs, f"{name}.flat", axis=1)]
        inputs = [*inputs, build.weight(f"{name}.weight", quantized.weights[name], quantized.formats[name])]
        if name in quantized.biases:
            inputs.append(_bias(build, quantized, name))
    match layer:
        case Conv():
            (t, f) = layer.padding
            return build.node(
                "Conv",
                inputs,
                name,
                strides=layer.stride,
                pads=[t, f, t, f],
                dilations=layer.dilation,
                group=layer.groups,
                kernel_shape=layer.kernel,
            )
        case Dense():
            return build.node("Gemm", inputs, name, transB=1)
        case Add():
            return build.node("Add", inputs, name)
        case AveragePool():
            shape = quantized.steps.stored_shape(step.sources[0])
            window = [shape[1] if "time" in layer.axes else 1, shape[2] if "frequency" in layer.axes else 1]
            return build.node("AveragePool", inputs, name, kernel_shape=window)
        case ReLU():
            return inputs[0]


def _bias(build: _Model, quantized: QuantizedNetwork, name: str) -> str:
    scale = quantized.bias_scale(name)
    if scale is None:
        return build.constant(f"{name}.bias", quantized.biases[name])
    parts = [
        build.constant(f"{name}.bias.codes", quantized.bias_codes(name)[0], 32),
        build.constant(f"{name}.bias.scale", scale),
    ]
    return build.node("DequantizeLinear", parts, f"{name}.bias", axis=0)


def _bits(width: Width) -> int:
    names = {"binary": 1, "ternary": 2, "float32": 32, "float16": 16, "bfloat16": 16}
    return names[width] if isinstance(width, str) else width


def _name(width: Width) -> str:
    return width if isinstance(width, str) else str(width)
