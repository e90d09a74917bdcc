"""The layer graph as an ONNX model, built directly: no tracing, no torch.

Batch norm is folded first, as on a device.  The input is a batch of network inputs (n, 1, time, frequency); the
outputs are the logits and, where asked for, activations by layer name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from explorer.engine.nn.folding import fold_batch_norm
from explorer.engine.nn.graph import Add, AveragePool, BatchNorm, Conv, Dense, ReLU
from explorer.engine.nn.network import Network

OPSET, IR_VERSION = 17, 8
_AXIS = {"time": 2, "frequency": 3}


def to_onnx(network: Network, also: Sequence[str] = ()) -> bytes:
    """Return the serialized ONNX model of a network.

    Parameters
    ----------
    network
        What to write.
    also
        Names of layers whose activations become outputs too, beside the logits.
    """
    from onnx import TensorProto, checker, helper, numpy_helper

    graph, arrays = fold_batch_norm(network.graph, network.arrays)
    weights = [numpy_helper.from_array(np.asarray(a), name) for name, a in arrays.items()]
    nodes: list[Any] = []
    for layer in graph.layers:
        source, name = layer.source, layer.name
        match layer:
            case Conv():
                (t, f) = layer.padding
                bias = [f"{name}.bias"] if layer.bias else []
                nodes.append(
                    helper.make_node(
                        "Conv",
                        [source, f"{name}.weight", *bias],
                        [name],
                        strides=layer.stride,
                        pads=[t, f, t, f],
                        dilations=layer.dilation,
                        group=layer.groups,
                        kernel_shape=layer.kernel,
                    )
                )
            case BatchNorm():
                roles = [f"{name}.{role}" for role in ("gamma", "beta", "mean", "variance")]
                nodes.append(helper.make_node("BatchNormalization", [source, *roles], [name]))
            case ReLU():
                nodes.append(helper.make_node("Relu", [source], [name]))
            case Add():
                nodes.append(helper.make_node("Add", [source, layer.other], [name]))
            case AveragePool():
                axes = sorted(_AXIS[a] for a in layer.axes)
                nodes.append(helper.make_node("ReduceMean", [source], [name], axes=axes, keepdims=1))
            case Dense():
                nodes.append(helper.make_node("Flatten", [source], [f"{name}.flat"], axis=1))
                gemm = [f"{name}.flat", f"{name}.weight", f"{name}.bias"]
                nodes.append(helper.make_node("Gemm", gemm, [name], transB=1))
    shape: list[str | int | None] = ["n", *graph.input_shape]
    outputs = [helper.make_tensor_value_info(graph.output, TensorProto.FLOAT, ["n", graph.classes])]
    outputs += [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *graph.shapes[name]])
        for name in also
        if name in graph.shapes and name != graph.output
    ]
    entry = helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)
    model = helper.make_model(
        helper.make_graph(nodes, graph.name, [entry], outputs, weights),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="mlsys-explorer",
    )
    checker.check_model(model)
    return bytes(model.SerializeToString())
