"""Running a network where speed counts: onnxruntime, one thread, not spinning.

torch runs the same graph for training and probing; a test says how closely the two agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.engine.kws.frontend import network_input
from explorer.engine.nn.network import Network
from explorer.engine.nn.onnx_graph import to_onnx


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return probabilities along the last axis."""
    e = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(e / e.sum(-1, keepdims=True))


class Executor:
    """A network ready to run.

    Parameters
    ----------
    network
        The snapshot to run; it never changes under an executor.
    activations
        Names of layers whose activations `run` returns beside the logits.
    """

    def __init__(self, network: Network, activations: Sequence[str] = ()) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self.network = network
        self.labels = network.labels
        self._session: Any = onnxruntime.InferenceSession(
            to_onnx(network, activations), options, providers=["CPUExecutionProvider"]
        )
        self._outputs = [o.name for o in self._session.get_outputs()]

    def logits(self, pictures: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Return logits [n, classes] of log-mel pictures [n, 98, 40] in grey levels."""
        return np.asarray(self._session.run(self._outputs[:1], {"input": network_input(pictures)[:, None]})[0])

    def scores(self, pictures: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Return probabilities [n, classes] of log-mel pictures [n, 98, 40] in grey levels."""
        return softmax(self.logits(pictures))

    def run(self, pictures: NDArray[np.floating[Any]]) -> dict[str, NDArray[np.float32]]:
        """Return all outputs by layer name: the logits and the activations asked for."""
        values = self._session.run(self._outputs, {"input": network_input(pictures)[:, None]})
        return dict(zip(self._outputs, values, strict=True))
