"""Squeezed listening: the quantized network beside the float one, made beside the interface.

While the recipe is not float both hear the same sound; the user says which of them reports the words, and the other is
the rival that it is compared with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from explorer.engine.audio.live import Excerpt
from explorer.engine.quantization.recipe import FLOAT, Recipe, Width
from explorer.panels.listen.preparer import Preparer
from explorer.workbench import State

if TYPE_CHECKING:
    from explorer.engine.kws.stream import Scorer
    from explorer.engine.nn.network import Network
    from explorer.engine.quantization.quantized import NetworkQuantizer

KIND = "squeezed"
Wanted: TypeAlias = tuple[Recipe, Width | None, int]
"""A recipe, the width that the weights were trained for, and the number of the live sound it is calibrated on."""
_NOTHING: Wanted = (FLOAT, None, 0)


class Squeezed:
    """Follow the recipe; a slider that moves is followed as fast as networks can be made.

    Parameters
    ----------
    preparer
        Where the quantized network is made.
    put, put_rival
        Take the scorer that listens from now on, and the one that is compared with it; None for none.
    excerpt
        Gives the live sound to calibrate on by its number.

    Attributes
    ----------
    recipe
        What listens now; `FLOAT` for the float network.
    rival
        What is compared with it; None while the recipe is float.
    file_bytes
        What a device would flash of the squeezed network while it reports the words; None while float does.
    trouble
        Why a recipe cannot listen, in a sentence; empty when it can.
    """

    def __init__(
        self,
        preparer: Preparer,
        put: Callable[[Scorer], None],
        put_rival: Callable[[Scorer | None], None],
        excerpt: Callable[[int], Excerpt | None],
    ) -> None:
        self._preparer = preparer
        self._put, self._put_rival = put, put_rival
        self._excerpt = excerpt
        self._exact: tuple[Network, Scorer] | None = None
        self._quantizer: tuple[Width | None, int, NetworkQuantizer] | None = None
        self._wanted = self._tried = _NOTHING
        self._decides = False
        self._made: tuple[Recipe, Scorer, int] | None = None
        self.recipe = FLOAT
        self.rival: Recipe | None = None
        self.file_bytes: int | None = None
        self.trouble = ""

    def set_network(self, network: Network, scorer: Scorer) -> None:
        """Begin with another float network."""
        self._preparer.forget(KIND)
        self._exact, self._quantizer, self._made = (network, scorer), None, None
        self._tried = _NOTHING
        self._arrange()
        self.poll()

    def follow(self, state: State) -> None:
        """Take note of what the user chose."""
        self._wanted = state.precision, state.retrained_width, state.live_calibration
        if state.precision == FLOAT:
            self._wanted = _NOTHING
        if state.listen_squeezed != self._decides:
            self._decides = state.listen_squeezed
            self._arrange()

    def poll(self) -> None:
        """Go over to what is wanted; called once per frame."""
        if self._exact is None or self._wanted == self._tried or self._preparer.busy(KIND):
            return
        self._tried, self.trouble = self._wanted, ""
        if self._wanted == _NOTHING:
            self._made = None
            self._arrange()
        else:
            self._make(self._exact[0], self._wanted)

    def _arrange(self) -> None:
        """Let one of the two report words, and the other be compared with it."""
        if self._exact is None:
            return
        exact = self._exact[1]
        self.file_bytes = None
        if self._made is None:
            self.recipe, self.rival = FLOAT, None
            self._put(exact)
            self._put_rival(None)
            return
        recipe, squeezed, size = self._made
        self.recipe, self.rival = (recipe, FLOAT) if self._decides else (FLOAT, recipe)
        self.file_bytes = size if self._decides else None
        self._put(squeezed if self._decides else exact)
        self._put_rival(exact if self._decides else squeezed)

    def _make(self, network: Network, wanted: Wanted) -> None:
        recipe, width, number = wanted
        kept, live = self._quantizer, self._excerpt(number)

        def make() -> tuple[NetworkQuantizer, Recipe, Scorer, int]:
            from explorer.engine.quantization.packing import image_bytes
            from explorer.engine.quantization.quantized import NetworkQuantizer
            from explorer.engine.quantization.retrained import retrained
            from explorer.engine.runtime import prepare_torch

            prepare_torch(1)
            from explorer.engine.quantization.fake import FakeQuantized

            if kept is not None and kept[:2] == (width, number):
                quantizer = kept[2]
            else:
                trained = retrained(network.name, width) if width is not None else None
                quantizer = NetworkQuantizer(trained or network, live)
            fitting = recipe.fitting(quantizer.steps.names)
            squeezed = FakeQuantized(quantizer.quantize(fitting))
            squeezed.scores(np.zeros((1, 98, 40), np.float32))  # the first run allocates its memory
            return quantizer, fitting, squeezed, sum(image_bytes(quantizer.steps, fitting).values())

        def done(made: tuple[NetworkQuantizer, Recipe, Scorer, int]) -> None:
            self._quantizer, self._made = (width, number, made[0]), made[1:]
            self._arrange()

        def failed(error: BaseException) -> None:
            self.trouble = str(error)

        self._preparer.ask(KIND, make, done, failed)
