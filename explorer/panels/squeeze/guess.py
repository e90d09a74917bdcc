"""Guess: a flag where the network will fail, then the measured curve draws itself."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QCoreApplication, Slot

from explorer.engine.quantization.packing import image_bytes
from explorer.engine.quantization.recipe import Recipe
from explorer.panels.squeeze.session import SqueezeSession
from explorer.panels.squeeze.trade_plot import Point
from widgets.predict_reveal import PredictReveal
from widgets.slider_scale import SliderScale

SWEPT = (16, 12, 10, 8, 7, 6, 5, 4, 3, 2)
_AXIS = SliderScale(2, 16, 1, decimals=0)


class Guess(PredictReveal):
    """Ask at how many bits the network fails, measure all widths, show both.

    Parameters
    ----------
    session
        What measures.
    """

    def __init__(self, session: SqueezeSession) -> None:
        super().__init__()
        self._session = session
        self._base: Recipe | None = None
        self.predicted.connect(self._measure)
        self.dismissed.connect(self._measure)

    def ask(self) -> None:
        """Ask; the rulers and calibration in force are those of the curve."""
        limit = self._session.threshold
        if limit is None:
            return
        recipe = self._session.recipe
        self._base = replace(recipe, layer_weights=(), weights="float32")
        rulers = _tr("one ruler per channel") if recipe.per_channel else _tr("one ruler per layer")
        question = _tr("Fewer bits for the weights, {rulers}: at how many does accuracy fall below {limit} %?").format(
            rulers=rulers, limit=f"{100 * limit:.1f}"
        )
        self.ask_value(question, _AXIS, lambda value: _tr("{bits} bits").format(bits=round(value)))

    def recipes(self) -> list[Recipe]:
        """Return the recipes of the curve, widest first; none before a question."""
        return [] if self._base is None else [replace(self._base, weights=bits) for bits in SWEPT]

    def points(self) -> list[Point]:
        """Return what is measured of the curve; nothing while the question is open."""
        steps = self._session.steps
        if self.state() not in ("waiting", "revealed") or steps is None:
            return []
        known = [(r, self._session.results[r]) for r in self.recipes() if r in self._session.results]
        return [Point(sum(image_bytes(steps, r).values()), estimate.accuracy) for r, estimate in known]

    def on_new(self) -> None:
        """Look whether the curve is complete; called when something was measured."""
        if self.state() != "waiting":
            return
        recipes, results = self.recipes(), self._session.results
        if any(recipe not in results for recipe in recipes):
            if not self._session.queued:  # a moved slider took its place: go on where it was left
                self._session.measure(recipes)
            return
        limit = self._session.threshold
        assert limit is not None  # the question names it
        accuracies = [results[recipe].accuracy for recipe in recipes]
        failed = next((i for i, accuracy in enumerate(accuracies) if accuracy < limit), None)
        if failed is None:
            told = _tr("Even {bits} bits keep {accuracy} %.")
            self.reveal(SWEPT[-1], told.format(bits=SWEPT[-1], accuracy=f"{100 * accuracies[-1]:.1f}"))
            return
        before = max(0, failed - 1)
        told = _tr("{good} bits still give {kept} %, {bad} bits {lost} %, on the same {clips:,} clips.")
        sentence = told.format(
            good=SWEPT[before],
            kept=f"{100 * accuracies[before]:.1f}",
            bad=SWEPT[failed],
            lost=f"{100 * accuracies[failed]:.1f}",
            clips=results[recipes[failed]].done,
        )
        self.reveal(SWEPT[failed], sentence)

    @Slot()
    def _measure(self) -> None:
        self._session.measure(self.recipes())
        self.on_new()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Squeeze", text)
