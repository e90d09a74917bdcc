"""Squeezed listening: the quantized network listens in place of the float one, made beside the interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from explorer.engine.quantization.recipe import FLOAT, Recipe
from explorer.panels.listen.preparer import Preparer
from explorer.workbench import State

if TYPE_CHECKING:
    from explorer.engine.kws.stream import Scorer
    from explorer.engine.nn.network import Network
    from explorer.engine.quantization.quantized import NetworkQuantizer

KIND = "squeezed"


class Squeezed:
    """Follow the recipe while it is wanted; a slider that moves is followed as fast as networks can be made.

    Parameters
    ----------
    preparer
        Where the quantized network is made.
    put
        Takes the scorer that listens from now on.

    Attributes
    ----------
    recipe
        What listens now; `FLOAT` for the float network.
    trouble
        Why a recipe cannot listen, in a sentence; empty when it can.
    """

    def __init__(self, preparer: Preparer, put: Callable[[Scorer], None]) -> None:
        self._preparer = preparer
        self._put = put
        self._exact: tuple[Network, Scorer] | None = None
        self._quantizer: NetworkQuantizer | None = None
        self._wanted = FLOAT
        self._tried = FLOAT
        self.recipe = FLOAT
        self.trouble = ""

    def set_network(self, network: Network, scorer: Scorer) -> None:
        """Begin with another float network."""
        self._preparer.forget(KIND)
        self._exact, self._quantizer = (network, scorer), None
        self.recipe = self._tried = FLOAT
        self._put(scorer)
        self.poll()

    def follow(self, state: State) -> None:
        """Take note of what the user chose."""
        self._wanted = state.precision if state.listen_squeezed else FLOAT

    def poll(self) -> None:
        """Go over to what is wanted; called once per frame."""
        if self._exact is None or self._wanted == self._tried or self._preparer.busy(KIND):
            return
        network, scorer = self._exact
        self._tried, self.trouble = self._wanted, ""
        if self._wanted == FLOAT:
            self.recipe = FLOAT
            self._put(scorer)
        else:
            self._make(network, self._wanted)

    def _make(self, network: Network, recipe: Recipe) -> None:
        kept = self._quantizer

        def make() -> tuple[NetworkQuantizer, Recipe, Scorer]:
            from explorer.engine.quantization.quantized import NetworkQuantizer
            from explorer.engine.runtime import prepare_torch

            prepare_torch(1)
            from explorer.engine.quantization.fake import FakeQuantized

            quantizer = kept if kept is not None else NetworkQuantizer(network)
            fitting = recipe.fitting(quantizer.steps.names)
            squeezed = FakeQuantized(quantizer.quantize(fitting))
            squeezed.scores(np.zeros((1, 98, 40), np.float32))  # the first run allocates its memory
            return quantizer, fitting, squeezed

        def done(made: tuple[NetworkQuantizer, Recipe, Scorer]) -> None:
            self._quantizer, self.recipe, squeezed = made
            self._put(squeezed)

        def failed(error: BaseException) -> None:
            self.trouble = str(error)

        self._preparer.ask(KIND, make, done, failed)
