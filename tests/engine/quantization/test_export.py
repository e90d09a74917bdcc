"""Exported files decide as the simulation does, say what they are, and never destroy what was there."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.frontend import network_input
from explorer.engine.nn.inference import Executor
from explorer.engine.nn.onnx_graph import to_onnx as float_onnx
from explorer.engine.nn.weights import load
from explorer.engine.quantization.calibration import calibration_pictures
from explorer.engine.quantization.evaluation_set import EvaluationSet
from explorer.engine.quantization.export import size_note, to_onnx, write
from explorer.engine.quantization.fake import FakeQuantized
from explorer.engine.quantization.packing import flash_image
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import Recipe, from_json
from explorer.engine.quantization.statistics import compare
from explorer.engine.quantization.timing import has_kernel, inference_time

RECIPES = [
    Recipe(),
    Recipe(8, 8),
    Recipe(4, 8),
    Recipe(5, 6, weights_symmetric=False),
    Recipe(3, "float32", per_channel=False),
    Recipe(12, 4, activations_symmetric=True),
    Recipe("ternary", 16),
    Recipe("binary", 8),
    Recipe("float16", "bfloat16"),
]


def run_onnx(model: bytes, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session: Any = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"input": network_input(pictures)[:, None]})[0])


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_onnxruntime_decides_as_the_simulation_does(
    quantizer: NetworkQuantizer, pictures: NDArray[np.float32], recipe: Recipe
) -> None:
    some = pictures if recipe == Recipe(8, 8) else pictures[:100]
    quantized = quantizer.quantize(recipe)
    logits = run_onnx(to_onnx(quantized), some)
    wanted = FakeQuantized(quantized).logits(some)
    assert (logits.argmax(1) == wanted.argmax(1)).mean() >= (0.995 if len(some) > 200 else 0.99)
    assert np.isclose(logits, wanted, atol=1e-3).mean() > 0.95


def test_the_file_says_what_it_is_and_whether_it_is_smaller(quantizer: NetworkQuantizer, tmp_path: Path) -> None:
    quantized = quantizer.quantize(Recipe(5, 8))
    write(quantized, tmp_path / "five.onnx")
    told = {p.key: p.value for p in onnx.load(tmp_path / "five.onnx").metadata_props}
    assert from_json(json.loads(told["recipe"])) == quantized.recipe
    assert told["network"] == quantizer.network.fingerprint
    assert "no weights of 5 bits" in told["size"]
    assert "not reduced" in told["size"]
    assert str(len(flash_image(quantized))) in told["size"]
    assert "not reduced" not in size_note(quantizer.quantize(Recipe(8, 8)))
    assert "ternary" in size_note(quantizer.quantize(Recipe("ternary", 8)))
    types = {i.name: i.data_type for i in onnx.load(tmp_path / "five.onnx").graph.initializer}
    assert types["stem.weight.codes"] == onnx.TensorProto.INT8
    four = onnx.load_from_string(to_onnx(quantizer.quantize(Recipe(4, 8))))
    assert {i.data_type for i in four.graph.initializer if i.name == "stem.weight.codes"} == {onnx.TensorProto.INT4}


def test_safetensors_can_be_loaded_and_decide_as_the_squeezed_weights(
    quantizer: NetworkQuantizer, pictures: NDArray[np.float32], tmp_path: Path
) -> None:
    from safetensors import safe_open

    quantized = quantizer.quantize(Recipe(4))
    path = tmp_path / "four.safetensors"
    write(quantized, path)
    network = load(path)
    assert network.lineage[-1] == "squeezed: w4a32 per channel"
    got = Executor(network).logits(pictures[:50])
    np.testing.assert_allclose(got, FakeQuantized(quantized).logits(pictures[:50]), atol=1e-3)
    with safe_open(path, "np") as file:
        assert from_json(json.loads(file.metadata()["recipe"])) == quantized.recipe
    again = NetworkQuantizer(network).quantize(Recipe(4))
    for name in quantized.weights:  # numbers on a grid stay where they are
        np.testing.assert_allclose(again.weight_values(name), quantized.weight_values(name), rtol=1e-5)


def test_the_table_lists_every_step(quantizer: NetworkQuantizer, tmp_path: Path) -> None:
    quantized = quantizer.quantize(Recipe(4, 8).with_layer("stem", weights=8))
    write(quantized, tmp_path / "layers.csv")
    rows = list(csv.DictReader((tmp_path / "layers.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["layer"] for row in rows] == list(quantizer.steps.names)
    assert sum(int(row["bytes"]) for row in rows) == len(flash_image(quantized))
    by_name = {row["layer"]: row for row in rows}
    assert (by_name["stem"]["weight_bits"], by_name["head"]["weight_bits"]) == ("8", "4")
    assert float(by_name["stem"]["weight_sqnr_db"]) > float(by_name["head"]["weight_sqnr_db"])


def test_a_path_that_cannot_be_written_is_told(quantizer: NetworkQuantizer, tmp_path: Path) -> None:
    quantized = quantizer.quantize(Recipe(8, 8))
    with pytest.raises(ExplorerError, match=r"must end in \.onnx"):
        write(quantized, tmp_path / "tiny.tflite")
    with pytest.raises(ExplorerError, match="cannot be written"):
        write(quantized, tmp_path / "missing" / "tiny.onnx")
    folder = tmp_path / "exports"
    (folder / "taken.onnx").mkdir(parents=True)
    with pytest.raises(ExplorerError, match="cannot be written"):
        write(quantized, folder / "taken.onnx")
    assert [p.name for p in folder.iterdir()] == ["taken.onnx"]


def test_time_is_measured_where_there_is_a_kernel(quantizer: NetworkQuantizer) -> None:
    assert has_kernel(quantizer.quantize(Recipe()))
    assert has_kernel(quantizer.quantize(Recipe(8, 8)))
    assert not has_kernel(quantizer.quantize(Recipe(4, 8)))
    assert not has_kernel(quantizer.quantize(Recipe(8, 8).with_layer("stem", weights=5)))
    found = inference_time(to_onnx(quantizer.quantize(Recipe(8, 8))), runs=20)
    assert 0 < found.low_ms <= found.median_ms <= found.high_ms
    assert found.runs == 20


@pytest.mark.filterwarnings("ignore::DeprecationWarning:onnxruntime")
def test_onnxruntimes_own_static_quantization_is_as_good(
    quantizer: NetworkQuantizer, clips: EvaluationSet, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self.pictures = iter(network_input(calibration_pictures())[:, None])

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            picture = next(self.pictures, None)
            return None if picture is None else {"input": picture[None]}

    (tmp_path / "float.onnx").write_bytes(float_onnx(quantizer.network))
    with caplog.at_level("ERROR"):  # it recommends a preparation that this graph does not need
        quantize_static(
            tmp_path / "float.onnx",
            tmp_path / "theirs.onnx",
            Reader(),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            weight_type=QuantType.QInt8,
            activation_type=QuantType.QInt8,
        )
    theirs = run_onnx((tmp_path / "theirs.onnx").read_bytes(), clips.pictures).argmax(1) == clips.labels
    ours = FakeQuantized(quantizer.quantize(Recipe(8, 8))).logits(clips.pictures).argmax(1) == clips.labels
    found = compare(theirs, ours)
    assert found.p_value > 0.01
    assert abs(found.difference) < 0.03


def test_a_measurement_of_time_can_be_stopped(quantizer: NetworkQuantizer) -> None:
    import threading

    stop = threading.Event()
    stop.set()
    with pytest.raises(ExplorerError, match="stopped"):
        inference_time(to_onnx(quantizer.quantize(Recipe())), stop=stop)
