"""A run and a network as files: read back by their own readers, the network run by onnxruntime."""

from __future__ import annotations

import csv
import io

import numpy as np
import onnxruntime
import pytest
import torch
from safetensors.numpy import load

from explorer.engine.training.activations import ACTIVATIONS
from explorer.engine.training.export import onnx_bytes, rows_csv, safetensors_bytes
from explorer.engine.training.settings import Blueprint, Settings
from explorer.engine.training.small_nets import BOOK_NET, NetSpec, SmallNet
from explorer.engine.training.trainer import Trainer


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_onnxruntime_gives_the_same_outputs(activation: str, batch_norm: bool) -> None:
    net = SmallNet(NetSpec((2, 9, 7, 3), activation, batch_norm=batch_norm), 3)
    x = torch.randn(50, 2, generator=torch.Generator().manual_seed(0))
    net.forward(x, training=True)  # so that the averages of batch norm are no longer 0 and 1
    run = onnxruntime.InferenceSession(onnx_bytes(net), providers=["CPUExecutionProvider"])
    (theirs,) = run.run(None, {"input": x.numpy()})
    np.testing.assert_allclose(theirs, net.forward(x).numpy(), rtol=1e-4, atol=1e-5)


def test_the_books_network_as_onnx() -> None:
    net = SmallNet(BOOK_NET, 3)
    x = torch.randn(5, 100)
    run = onnxruntime.InferenceSession(onnx_bytes(net), providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(run.run(None, {"input": x.numpy()})[0], net.forward(x).numpy(), rtol=1e-4, atol=1e-5)


def test_safetensors_hold_every_parameter_and_average() -> None:
    net = SmallNet(NetSpec((2, 4, 3), "relu", batch_norm=True), 3)
    arrays = load(safetensors_bytes(net))
    assert set(arrays) == {
        "dense1.weight", "norm1.gamma", "norm1.beta", "norm1.mean", "norm1.variance", "dense2.weight", "dense2.bias",
    }  # fmt: skip
    np.testing.assert_array_equal(arrays["dense2.weight"], net.parameters["dense2.weight"].numpy())


def test_rows_as_a_table_read_back_exactly() -> None:
    trainer = Trainer(Blueprint(), Settings(validate_every=2))
    rows = [trainer.step() for _ in range(4)]
    read = list(csv.DictReader(io.StringIO(rows_csv(rows))))
    assert [float(row["loss"]) for row in read] == [row.loss for row in rows]
    assert [row["validation_loss"] for row in read] == [
        "",
        repr(rows[1].validation_loss),
        "",
        repr(rows[3].validation_loss),
    ]
