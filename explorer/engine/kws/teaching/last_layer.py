"""The last layer: a softmax regression on features that stay as they are, fitted anew with more words.

Everything before the last dense layer is frozen, so what is left to learn is small and convex: one minimum, whatever
the start, found in a fraction of a second.  The loss is cross-entropy, plus a pull back to the old weights:

    L(W) = sum_i w_i CE(softmax(W f_i), t_i) + lambda / 2 |W - W0|^2

Old words keep the answers they had: their targets are what the network said before, not the true labels (Li and Hoiem,
"Learning without forgetting", ECCV 2016).  Steps use Boehning's bound on the curvature, H <= 1/2 F'wF + lambda, which
never overshoots (D. Boehning, "Multinomial logistic regression algorithm", Ann. Inst. Stat. Math. 44, 1992), with
Nesterov's momentum, restarted where the loss rises.
"""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.labels import UNKNOWN
from explorer.engine.nn.graph import Dense, Graph
from explorer.engine.nn.network import Network

PULL = 5e-4
STEPS = 300
SMALL_GRADIENT = 5e-5
_NEW_WORD_BIAS = -2.0  # a new word begins as a rarer "unknown"

Floats = NDArray[np.float64]


def last_dense(graph: Graph) -> Dense:
    """Return the layer that gives the logits.

    Raises
    ------
    ExplorerError
        When the network does not end in a dense layer.
    """
    last = graph.layers[-1]
    if not isinstance(last, Dense):
        raise ExplorerError(f"The network {graph.name} does not end in a dense layer: it cannot be taught words here.")
    return last


def weights_of(network: Network) -> Floats:
    """Return the last layer as one matrix [classes, features + 1], the bias in the last column."""
    name = last_dense(network.graph).name
    weight = network.arrays[f"{name}.weight"].reshape(len(network.labels), -1)
    return np.column_stack([weight, network.arrays[f"{name}.bias"]]).astype(np.float64)


def start_weights(network: Network, labels: tuple[str, ...]) -> Floats:
    """Return the last layer with a row for each of `labels`, which begin with the network's own."""
    old = weights_of(network)
    row = old[network.labels.index(UNKNOWN)].copy() if UNKNOWN in network.labels else old.mean(0)
    row[-1] += _NEW_WORD_BIAS
    return np.concatenate([old, np.tile(row, (len(labels) - len(old), 1))])


def with_weights(network: Network, weights: Floats, labels: tuple[str, ...], step: str) -> Network:
    """Return the network with another last layer.

    Parameters
    ----------
    network
        Everything before the last layer.
    weights
        The last layer [classes, features + 1].
    labels
        Its classes.
    step
        What is added to the lineage; begins with a badge of `explorer.engine.nn.network`.
    """
    last = last_dense(network.graph)
    layers = (*network.graph.layers[:-1], replace(last, units=len(labels)))
    graph = Graph(network.graph.name, network.graph.input_shape, layers)
    shape = graph.parameter_shapes()[f"{last.name}.weight"]
    arrays = dict(network.arrays) | {
        f"{last.name}.weight": weights[:, :-1].reshape(shape).astype(np.float32),
        f"{last.name}.bias": weights[:, -1].astype(np.float32),
    }
    lineage = (*network.lineage, step)
    return replace(network, graph=graph, arrays=arrays, labels=labels, lineage=lineage, card={})


def probabilities(weights: Floats, features: NDArray[np.floating]) -> Floats:
    """Return softmax(W f), [n, classes], of features [n, d]."""
    z = features @ weights[:, :-1].T + weights[:, -1]
    e = np.exp(z - z.max(1, keepdims=True))
    return np.asarray(e / e.sum(1, keepdims=True))


class Fit:
    """A fit of the last layer to features with targets; warm starts make leaving one out cheap.

    Parameters
    ----------
    features
        [n, d].
    targets
        Probabilities [n, classes].
    anchor
        W0, the weights that are pulled to, [classes, d + 1].
    pull
        lambda.
    """

    def __init__(self, features: NDArray[np.floating], targets: Floats, anchor: Floats, pull: float = PULL) -> None:
        self._f = np.column_stack([features, np.ones(len(features))]).astype(np.float64)
        self._t = targets
        self._anchor = anchor
        self._pull = pull

    def loss(self, weights: Floats, importance: Floats) -> float:
        """Return L(W) for importances w [n]."""
        z = self._f @ weights.T
        z -= z.max(1, keepdims=True)
        logs = z - np.log(np.exp(z).sum(1, keepdims=True))
        away = weights - self._anchor
        return float(-(importance[:, None] * self._t * logs).sum() + 0.5 * self._pull * (away**2).sum())

    def gradients(self, weights: Floats, importance: Floats) -> Floats:
        """Return dL/dW of k fits at once: weights [k, classes, d + 1], importances [k, n]."""
        fits, classes, _ = weights.shape
        z = (self._f @ weights.reshape(fits * classes, -1).T).reshape(-1, fits, classes)
        z -= z.max(2, keepdims=True)
        np.exp(z, out=z)
        z /= z.sum(2, keepdims=True)
        z -= self._t[:, None]
        z *= importance.T[:, :, None]
        slope = (z.reshape(len(z), -1).T @ self._f).reshape(weights.shape)
        return np.asarray(slope + self._pull * (weights - self._anchor))

    def solve(
        self,
        importance: Floats,
        start: Floats | None = None,
        stop: threading.Event | None = None,
    ) -> Floats:
        """Return the weights of least loss of k fits, which differ in their importances, [k, classes, d + 1].

        All are fitted side by side: a few large products in place of many small ones.

        Parameters
        ----------
        importance
            w of each fit, [k, n].
        start
            Where all begin, [classes, d + 1]: anything gives the same end, a near one sooner.
        stop
            Looked at in every step.

        Raises
        ------
        ExplorerError
            When it was stopped.
        """
        curvature = np.stack([0.5 * (self._f * w[:, None]).T @ self._f for w in importance])
        curvature += self._pull * np.eye(self._f.shape[1])
        inverse = np.linalg.inv(curvature)
        now = np.repeat((self._anchor if start is None else start)[None], len(importance), axis=0)
        ahead, pace = now, np.ones(len(importance))
        for _ in range(STEPS):
            if stop is not None and stop.is_set():
                raise ExplorerError("Teaching was stopped.")
            gradient = self.gradients(ahead, importance)
            if np.abs(gradient).max() < SMALL_GRADIENT:
                return ahead
            following = ahead - gradient @ inverse
            # where the momentum leads uphill the fit goes on without it
            uphill = (gradient * (following - now)).sum((1, 2)) > 0.0
            quicker = np.where(uphill, 1.0, (1.0 + np.sqrt(1.0 + 4.0 * pace**2)) / 2.0)
            share = np.where(uphill, 0.0, (pace - 1.0) / quicker)
            ahead = following + share[:, None, None] * (following - now)
            now, pace = following, quicker
        return now
