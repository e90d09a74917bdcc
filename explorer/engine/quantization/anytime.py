"""Anytime accuracy: an estimate at once, whose interval narrows as more of the clips are done.

One `Evaluator` serves one network.  It keeps what is dear: activations before the layer that is being changed, so that
only later layers run again, and finished results.  A request that is no longer wanted ends at its next step.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.intervals import wilson
from explorer.engine.kws.evaluate import Accuracy, accuracy_of
from explorer.engine.quantization.calibration import Calibration
from explorer.engine.quantization.evaluation_set import EvaluationSet
from explorer.engine.quantization.quantized import NetworkQuantizer, QuantizedNetwork
from explorer.engine.quantization.recipe import FLOAT, Recipe
from explorer.engine.quantization.statistics import Comparison, compare

if TYPE_CHECKING:
    from explorer.engine.quantization.fake import FakeQuantized, State

KEPT_BYTES = 192 * 2**20  # with those of the sensitivity matrix at most 256 MiB
KEPT_RESULTS = 2048
CHUNKS = (20, 30, 50, 100)  # clips; the last one repeats.  Small at first, so that something is seen at once


class StopSignal(Protocol):
    """What ends a measurement: a `threading.Event`, or something that looks at several."""

    def is_set(self) -> bool:
        """Say whether to end."""


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Accuracy as far as it is known.

    Parameters
    ----------
    recipe
        What was measured.
    answers
        Answers to the first clips of the set, [done].
    evaluation_set
        The set; it names what the figure was measured on.
    """

    recipe: Recipe
    answers: NDArray[np.int16]
    evaluation_set: EvaluationSet

    @property
    def done(self) -> int:
        """Number of clips measured."""
        return len(self.answers)

    @property
    def complete(self) -> bool:
        """Whether all clips are done; before that the interval is no test."""
        return self.done == len(self.evaluation_set)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which of the clips done were recognised, [done]."""
        return np.asarray(self.answers == self.evaluation_set.labels[: self.done], np.bool_)

    @property
    def accuracy(self) -> float:
        """Share of the clips done that were recognised."""
        return float(self.right.mean())

    @property
    def interval(self) -> tuple[float, float]:
        """95 % Wilson interval of the accuracy, over clips."""
        return wilson(int(self.right.sum()), self.done)

    def compared_with(self, other: Estimate) -> Comparison:
        """Compare with another estimate (which comes first) on the clips that both have done."""
        if other.evaluation_set.key != self.evaluation_set.key:
            raise ExplorerError("Two settings can only be compared on the same clips: measure both on one set.")
        n = min(self.done, other.done)
        return compare(other.right[:n], self.right[:n])

    def table(self) -> Accuracy:
        """Return accuracy by class, and what is taken for what."""
        clips = self.evaluation_set
        confusion = np.zeros((len(clips.classes),) * 2, np.int64)
        np.add.at(confusion, (clips.labels[: self.done], self.answers), 1)
        return accuracy_of(confusion, clips.classes, clips.name)


class KeptActivations:
    """States of networks before some layer, within a number of bytes; the ones not used for longest go first.

    Parameters
    ----------
    limit_bytes
        Most that is kept.
    """

    def __init__(self, limit_bytes: int = KEPT_BYTES) -> None:
        self._limit = limit_bytes
        self._states: OrderedDict[tuple[Hashable, Hashable], State] = OrderedDict()
        self.bytes = 0

    def get(self, prefix: Hashable, chunk: Hashable) -> State | None:
        """Return the state after a prefix of the network for a chunk of clips, if it is kept."""
        state = self._states.get((prefix, chunk))
        if state is not None:
            self._states.move_to_end((prefix, chunk))
        return state

    def put(self, prefix: Hashable, chunk: Hashable, state: State) -> None:
        """Keep a state if there is room, or room can be made without giving up others of the same prefix."""
        size = _bytes_of(state)
        while self.bytes + size > self._limit:
            oldest = next((key for key in self._states if key[0] != prefix), None)
            if oldest is None:
                return  # a set too large for the room: part of it kept is better than each chunk pushing out the last
            self.bytes -= _bytes_of(self._states.pop(oldest))
        self._states[prefix, chunk] = state
        self.bytes += size


class Evaluator:
    """Measure one network under recipe after recipe.  For one thread at a time.

    Parameters
    ----------
    quantizer
        The network.
    evaluation_set
        The clips.
    kept_bytes
        Room for kept activations.

    Raises
    ------
    ExplorerError
        When the labels of set and network differ.
    """

    def __init__(
        self, quantizer: NetworkQuantizer, evaluation_set: EvaluationSet, kept_bytes: int = KEPT_BYTES
    ) -> None:
        if evaluation_set.classes != quantizer.network.labels:
            raise ExplorerError("The labels of network and clips differ: choose another set.")
        self.quantizer = quantizer
        self.evaluation_set = evaluation_set
        self.kept = KeptActivations(kept_bytes)
        self._results: OrderedDict[tuple[str, str], Estimate] = OrderedDict()

    def known(self, recipe: Recipe, calibration: Calibration | None = None) -> Estimate | None:
        """Return a finished result for a recipe, if there is one."""
        return self._results.get(self._key(recipe, calibration))

    def measure(
        self,
        recipe: Recipe,
        report: Callable[[Estimate], None] | None = None,
        stop: StopSignal | None = None,
        focus: str | None = None,
        calibration: Calibration | None = None,
        kept: KeptActivations | None = None,
    ) -> Estimate | None:
        """Measure a recipe, reporting every partial result.

        Parameters
        ----------
        recipe
            What is measured.
        report
            Called with each estimate, the first after 20 clips, the last one complete.
        stop
            Ends the measurement at its next step, a few milliseconds later.
        focus
            The step whose width is being changed: what comes before it is kept, and found again next time.
        calibration
            Statistics of the activations; None for the bundled calibration clips.
        kept
            Where activations are kept; None for the evaluator's own room.

        Returns
        -------
        Estimate or None
            The complete result; None when it was stopped.

        Raises
        ------
        ExplorerError
            When the recipe does not fit the network.
        """
        known = self.known(recipe, calibration)
        if known is not None:
            self._results.move_to_end(self._key(recipe, calibration))
            if report is not None:
                report(known)
            return known
        from explorer.engine.quantization.fake import FakeQuantized, Stopped

        quantized = self.quantizer.quantize(recipe, calibration)
        network = FakeQuantized(quantized)
        cut = self._cut(focus)
        answers = np.empty(0, np.int16)
        estimate = Estimate(recipe, answers, self.evaluation_set)
        for first, end in chunks(len(self.evaluation_set)):
            try:
                logits = self._logits(network, quantized, (first, end), cut, stop, kept or self.kept)
            except Stopped:
                return None
            answers = np.concatenate([answers, self.evaluation_set.answers(logits, first).astype(np.int16)])
            estimate = Estimate(recipe, answers, self.evaluation_set)
            if report is not None:
                report(estimate)
        self._results[self._key(recipe, calibration)] = estimate
        while len(self._results) > KEPT_RESULTS:
            self._results.popitem(last=False)
        return estimate

    def float_result(self) -> Estimate:
        """Return the float network's own result, measured once."""
        result = self.measure(FLOAT)
        assert result is not None  # nobody can stop it
        return result

    def _cut(self, focus: str | None) -> int:
        names = [step.name for step in self.quantizer.steps.order]
        return names.index(focus) if focus in names else 0

    def _logits(
        self,
        network: FakeQuantized,
        quantized: QuantizedNetwork,
        chunk: tuple[int, int],
        cut: int,
        stop: StopSignal | None,
        kept: KeptActivations,
    ) -> NDArray[np.float32]:
        pictures = self.evaluation_set.pictures[slice(*chunk)]
        if cut == 0:
            return network.finish(network.begin(pictures), 0, stop)
        prefix = quantized.prefix(cut)
        state = kept.get(prefix, chunk)
        if state is None:
            state = network.advance(network.begin(pictures), 0, cut, stop)
            kept.put(prefix, chunk, state)
        return network.finish(state, cut, stop)

    def _key(self, recipe: Recipe, calibration: Calibration | None) -> tuple[str, str]:
        return recipe.key, calibration.key if calibration is not None else ""


def chunks(clips: int) -> list[tuple[int, int]]:
    """Return (first, end) of the chunks that `clips` are done in; always the same, so that kept activations fit."""
    found: list[tuple[int, int]] = []
    first = 0
    while first < clips:
        end = min(clips, first + CHUNKS[min(len(found), len(CHUNKS) - 1)])
        found.append((first, end))
        first = end
    return found


def _bytes_of(state: State) -> int:
    return sum(value.numel() * value.element_size() for value in state.values())
