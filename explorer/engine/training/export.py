"""A run and a small network as files: rows as CSV, weights as safetensors, the network as ONNX.

Keyword networks have their own files; see `nn.weights` and `nn.onnx_graph`.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from explorer.engine.training.activations import LEAK
from explorer.engine.training.small_nets import BatchNorm, Dense, Dropout, Nonlinearity, SmallNet
from explorer.engine.training.trainer import Row

OPSET, IR_VERSION = 17, 8


def rows_csv(rows: Iterable[Row]) -> str:
    """Return rows as a table with a heading; what was not measured at a step is empty."""
    text = io.StringIO()
    table = csv.DictWriter(text, [f.name for f in fields(Row)], lineterminator="\n")
    table.writeheader()
    for row in rows:
        table.writerow({name: "" if value is None else repr(value) for name, value in asdict(row).items()})
    return text.getvalue()


def safetensors_bytes(net: SmallNet) -> bytes:
    """Return the parameters and batch norm averages of a small network by "layer.role"; its topology in the header."""
    from safetensors.numpy import save

    activations = {layer.name: layer.activation.name for layer in net.layers if isinstance(layer, Nonlinearity)}
    header = {"spec": json.dumps(asdict(net.spec)), "activations": json.dumps(activations)}
    tensors = {**net.parameters, **net.buffers()}
    return bytes(save({name: np.array(t.numpy(), np.float32) for name, t in tensors.items()}, header))


def onnx_bytes(net: SmallNet) -> bytes:
    """Return a small network in evaluation mode as an ONNX model, "input" [n, inputs] to "output" [n, outputs]."""
    from onnx import TensorProto, checker, helper, numpy_helper

    nodes: list[Any] = []
    arrays: dict[str, np.ndarray] = {}
    at = "input"
    for layer in net.layers:
        name = layer.name
        match layer:
            case Dense():
                roles = ["weight"] if layer.bias is None else ["weight", "bias"]
                arrays |= {f"{name}.{role}": net.parameters[f"{name}.{role}"].numpy() for role in roles}
                nodes.append(helper.make_node("Gemm", [at, *(f"{name}.{role}" for role in roles)], [name], transB=1))
            case BatchNorm():
                roles = ["gamma", "beta", "mean", "variance"]
                arrays |= {f"{name}.{role}": getattr(layer, role).numpy() for role in roles}
                inputs = [at, *(f"{name}.{role}" for role in roles)]
                nodes.append(helper.make_node("BatchNormalization", inputs, [name], epsilon=BatchNorm.EPS))
            case Nonlinearity():
                nodes += _activation_nodes(layer.activation.name, at, name)
                if layer.activation.name == "gelu":
                    arrays |= {f"{name}.{k}": np.array(v) for k, v in _GELU.items()}
            case Dropout():
                continue
        at = name
    nodes.append(helper.make_node("Identity", [at], ["output"]))
    widths = net.spec.widths
    graph = helper.make_graph(
        nodes,
        "small-net",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["n", widths[0]])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["n", widths[-1]])],
        [numpy_helper.from_array(np.array(a, np.float32), name) for name, a in arrays.items()],
    )
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION, producer_name="mlsys-explorer")
    checker.check_model(model)
    return bytes(model.SerializeToString())


_GELU = {"root": 1 / math.sqrt(2), "one": 1.0, "half": 0.5}


def _activation_nodes(kind: str, at: str, name: str) -> list[Any]:
    """Return the nodes of one activation; GELU = z / 2 (1 + erf(z / sqrt 2)), which this opset has no node for."""
    from onnx import helper

    if kind == "gelu":
        return [
            helper.make_node("Mul", [at, f"{name}.root"], [f"{name}.scaled"]),
            helper.make_node("Erf", [f"{name}.scaled"], [f"{name}.erf"]),
            helper.make_node("Add", [f"{name}.erf", f"{name}.one"], [f"{name}.share"]),
            helper.make_node("Mul", [at, f"{name}.share"], [f"{name}.twice"]),
            helper.make_node("Mul", [f"{name}.twice", f"{name}.half"], [name]),
        ]
    operators = {"linear": "Identity", "sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "Relu", "leaky_relu": "LeakyRelu"}
    slope: dict[str, Any] = {"alpha": LEAK} if kind == "leaky_relu" else {}
    return [helper.make_node(operators[kind], [at], [name], **slope)]
