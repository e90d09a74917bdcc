"""Weights files: what is written is read back, and what is hostile is refused in one sentence."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.labels import LABELS
from explorer.engine.nn.graph import to_json
from explorer.engine.nn.network import Network
from explorer.engine.nn.networks import small
from explorer.engine.nn.registry import shipped
from explorer.engine.nn.weights import load, save


@pytest.fixture
def network() -> Network:
    rng = np.random.default_rng(0)
    graph = small()
    arrays = {k: rng.uniform(0.1, 1, s).astype(np.float32) for k, s in graph.parameter_shapes().items()}
    return Network("small", graph, arrays, LABELS, lineage=("trained, seed 1",), card={"licence": "CC BY 4.0"})


def test_weights_and_card_survive(network: Network, tmp_path: Path) -> None:
    path = tmp_path / "small.safetensors"
    save(network, path)
    again = load(path)
    assert again.fingerprint == network.fingerprint
    assert again.lineage == network.lineage
    assert again.card == {"licence": "CC BY 4.0"}
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["small.json", "small.safetensors"]


def test_a_pickle_is_refused_unread(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (str(tmp_path / "exploded"),))

    path = tmp_path / "weights.safetensors"
    path.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(ExplorerError, match="refused unread"):
        load(path)
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("kept", [0, 7, 100, 5000, -1])
def test_a_truncated_file_is_named(network: Network, tmp_path: Path, kept: int) -> None:
    path = tmp_path / "w.safetensors"
    save(network, path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ExplorerError, match=r"w\.safetensors is truncated"):
        load(path)


def test_a_wrong_shape_is_named(network: Network) -> None:
    arrays = dict(network.arrays) | {"logits.bias": np.zeros(7, np.float32)}
    with pytest.raises(ExplorerError, match=r"logits\.bias has shape \(7,\), but \(12,\) is needed"):
        Network("small", network.graph, arrays, LABELS)


def test_numbers_that_are_not_finite_are_refused(network: Network) -> None:
    arrays = dict(network.arrays) | {"logits.bias": np.full(12, np.nan, np.float32)}
    with pytest.raises(ExplorerError, match="not finite"):
        Network("small", network.graph, arrays, LABELS)


def test_a_safetensors_file_of_others_is_told_apart(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    path = tmp_path / "other.safetensors"
    save_file({"x": np.zeros(3, np.float32)}, path)
    with pytest.raises(ExplorerError, match="holds no topology"):
        load(path)


def test_an_unwritable_place_is_a_sentence(network: Network, tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="cannot be written"):
        save(network, tmp_path / "missing" / "w.safetensors")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ExplorerError, match="tiny, small, large"):
        shipped("huge")


def test_a_topology_nested_too_deep_is_refused(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    path = tmp_path / "deep.safetensors"
    save_file({"x": np.zeros(3, np.float32)}, path, {"graph": "[" * 100_000 + "]" * 100_000, "labels": "[]"})
    with pytest.raises(ExplorerError, match="holds no topology"):
        load(path)


@pytest.mark.parametrize("labels", ["null", "3", '"yes"', '{"yes": 1}', '[1, 2]', '["\\ud800"]'])
def test_labels_that_are_no_list_of_words_are_refused(network: Network, tmp_path: Path, labels: str) -> None:
    from safetensors.numpy import save_file

    path = tmp_path / "odd.safetensors"
    header = {"graph": json.dumps(to_json(network.graph)), "labels": labels}
    save_file({name: array.copy() for name, array in network.arrays.items()}, path, header)
    with pytest.raises(ExplorerError, match="holds no topology"):
        load(path)


def test_a_negative_variance_is_refused(network: Network) -> None:
    arrays = dict(network.arrays)
    arrays["stem_norm.variance"] = -arrays["stem_norm.variance"]
    with pytest.raises(ExplorerError, match="variance below zero"):
        Network("small", network.graph, arrays, LABELS)
