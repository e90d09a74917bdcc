"""Labs: first weights over depth, and how fast slopes multiply away; folded away until wanted."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

from explorer.engine.errors import ExplorerError
from explorer.engine.training.slopes import ACTIVATIONS, SlopeProduct, curve, slope_product
from explorer.engine.training.variance import INITIALISATIONS, Depth, propagate
from explorer.panels.base import HelpEntry
from explorer.panels.teach import wording
from explorer.panels.teach.descent_plot import scientific
from explorer.panels.teach.labs_cards import CHOICES, SLIDERS, LabsCards, initialisations
from explorer.panels.teach.labs_plots import ActivationPlot, LayersPlot
from explorer.panels.teach.views import TeachView
from widgets import tokens
from widgets.segmented import Segmented
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from explorer.background import Report, Task
    from explorer.panels.base import Context
    from explorer.panels.teach.session import TeachSession

LABS = ("weights", "slopes")
LOW_PX = 330
Setting = tuple[str, str, int, int, float]
"""Initialisation, activation, layers, units in each, and sigma."""


class LabsView(TeachView):
    """Two laboratories behind a switch.

    Parameters
    ----------
    context
        What the application lends.
    session
        The run behind the other views.
    """

    def __init__(self, context: Context, session: TeachSession) -> None:
        super().__init__(context, session)
        self.lab = LABS[0]
        self.layers: Depth | None = None
        self._shown: Setting | None = None
        self._asked: Setting | None = None
        self._task: Task | None = None
        self._problem = ""
        self._cards = LabsCards()
        self.product = self._multiplied()
        words = [("weights", _tr("First weights over depth")), ("slopes", _tr("Slopes through L layers"))]
        self.labs = Segmented(words, label=_tr("Laboratory"))
        self.forward = LayersPlot(_tr("SD of activations"), (_tr("activations"), ""), 0)
        self.backward = LayersPlot(_tr("RMS of gradients"), (_tr("gradients"), ""), 1)
        self.activation = ActivationPlot()
        self.chain = LayersPlot(_tr("product of slopes"), (_tr("reaches this layer"), _tr("at most")), 1)
        self._lay_out()
        self.labs.chosen.connect(self.choose_lab)
        self._cards.changed.connect(self._apply)
        for plot in self.plots():
            self.lend(plot)
        self._unfollow = tokens.follow(self._apply_tokens)
        self.choose_lab(self.lab)

    def _lay_out(self) -> None:
        self._weights, self._slopes = QWidget(), QWidget()
        weights = QBoxLayout(QBoxLayout.Direction.TopToBottom, self._weights)
        slopes = QHBoxLayout(self._slopes)
        for layout in (weights, slopes):
            layout.setContentsMargins(0, 0, 0, 0)
        weights.addWidget(self.forward, 1)
        weights.addWidget(self.backward, 1)
        slopes.addWidget(self.activation, 1)
        slopes.addWidget(self.chain, 1)
        self._inner = (weights, slopes)
        self.page.addWidget(self.labs)
        self.page.addWidget(self._weights, 1)
        self.page.addWidget(self._slopes, 1)

    # -- what the panel asks -----------------------------------------------------------------------------------------

    def cards(self) -> QWidget:
        """Return the view's own controls."""
        return self._cards

    def plots(self) -> tuple[LayersPlot | ActivationPlot, ...]:
        """Return all plots."""
        return self.backward, self.forward, self.chain, self.activation

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the plots, those of the question first."""
        return self.plots()

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        if self._problem:
            return self._problem
        if self.lab == "slopes":
            return self._slopes_sentence()
        if self.layers is None or self._shown is None:
            return _tr("The layers are being computed.")
        initialisation, activation, layers, _, sigma = self._shown
        name = initialisations()[initialisation]
        if INITIALISATIONS[initialisation].uses_sigma:
            name = f"{name} = {sigma:.3g}"
        told = _tr(
            "{name}, {layers} × {activation}: {forward} of the signal reaches the last layer, {backward} of the "
            "error the first; {flat:.0f} % of the units stand where they are flat."
        )
        return told.format(
            name=name,
            layers=layers,
            activation=wording.activations()[activation],
            forward=share_words(self.layers.forward_gain),
            backward=share_words(self.layers.backward_gain),
            flat=100 * float(self.layers.saturated.mean()),
        )

    def _slopes_sentence(self) -> str:
        name, layers = self._cards.chosen("slope_of"), len(self.product.slopes)
        told = _tr(
            "{layers} × {name}: {share} of an error of 1 reaches the first layer; at most {steepest}^{layers} = {most}."
        )
        return told.format(
            layers=layers,
            name=wording.activations()[name],
            share=share_words(float(self.product.products[0])),
            steepest=f"{ACTIVATIONS[name].steepest:.3g}",
            most=f"{float(self.product.at_most[0]):.2g}",
        )

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return a row for each layer."""
        if self.lab == "slopes":
            p = self.product
            rows: list[tuple[object, ...]] = [("layer", "input", "slope", "product back to here", "at most")]
            columns = zip(p.inputs, p.slopes, p.products, p.at_most, strict=True)
            return rows + [(index, *(float(v) for v in row)) for index, row in enumerate(columns, 1)]
        if self.layers is None:
            return []
        d = self.layers
        rows = [("layer", "SD of activations", "RMS of gradients", "saturated share", "dead share")]
        columns = zip(d.activation_sd, d.gradient_rms, d.saturated, d.dead, strict=True)
        return rows + [(index, *(float(v) for v in row)) for index, row in enumerate(columns, 1)]

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return every element with its meaning."""
        return (
            HelpEntry(
                self.forward,
                _tr("What each layer gives on"),
                _tr("Standard deviation of the activations for 128 random examples, before anything is learned."),
                lambda: "var(out) = n_in · var(w) · var(in);  " + self.describe(),
                "7.9",
            ),
            HelpEntry(
                self.backward,
                _tr("What reaches each layer"),
                _tr("Root mean square of the error at each layer, for one of 1 behind the last."),
                lambda: INITIALISATIONS[self._cards.chosen("initialisation")].formula,
                "7.9",
            ),
            HelpEntry(
                self.activation,
                _tr("Curve and slope"),
                _tr("The dots are the layers of the chain: each receives what the one before gave."),
                lambda: self._formula(),
                "7.8",
            ),
            HelpEntry(
                self.chain,
                _tr("Product of slopes"),
                _tr("What is left of an error of 1 on its way back, with weights of 1; dashed: the most there can be."),
                self._slopes_sentence,
                "7.8",
            ),
        )

    def save_state(self) -> dict[str, Any]:
        """Return what differs from the start."""
        saved: dict[str, Any] = {} if self.lab == LABS[0] else {"lab": self.lab}
        saved |= {name: self._cards.chosen(name) for name, key in CHOICES.items() if self._cards.chosen(name) != key}
        numbers = {name: self._cards.number(name) for name in SLIDERS}
        return saved | {name: v for name, v in numbers.items() if not math.isclose(v, SLIDERS[name], rel_tol=1e-6)}

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned.

        Raises
        ------
        ExplorerError
            When a value does not fit.
        """
        lab = saved.get("lab", LABS[0])
        known = {
            "initialisation": tuple(INITIALISATIONS),
            "activation": tuple(ACTIVATIONS),
            "slope_of": tuple(ACTIVATIONS),
        }
        keys = {name: saved.get(name, key) for name, key in CHOICES.items()}
        numbers = {name: saved.get(name, value) for name, value in SLIDERS.items()}
        wrong = [name for name, key in keys.items() if key not in known[name]]
        wrong += [name for name, v in numbers.items() if isinstance(v, bool) or not isinstance(v, int | float)]
        if lab not in LABS or wrong:
            raise ExplorerError(f"In the view Labs, {wrong[0] if wrong else 'lab'!r} does not fit.")
        for name, key in keys.items():
            self._cards.choose(name, key)
        for name, value in numbers.items():
            self._cards.sliders[name].set_value(float(value))
        self.choose_lab(lab)

    def shutdown(self) -> None:
        """Stop computing."""
        if self._task is not None:
            self._task.stop()

    # -- what the user does ------------------------------------------------------------------------------------------

    def driver(self) -> LabsView:
        """Return what the keys of the run drive: the laboratories."""
        return self

    @property
    def playing(self) -> bool:
        """Never by itself."""
        return False

    def toggle(self) -> None:
        """Go to the other laboratory."""
        self.choose_lab(LABS[1 - LABS.index(self.lab)])

    def step_once(self) -> None:
        """Take one layer more."""
        slider = self._cards.sliders["depth" if self.lab == "weights" else "layers"]
        slider.set_value(slider.value() + 1)
        self._apply()

    def reset(self) -> None:
        """Go back to the start settings of this laboratory."""
        self.restore_state({"lab": self.lab})

    @Slot(str)
    def choose_lab(self, lab: str) -> None:
        """Go to the other laboratory."""
        self.lab = lab
        self.labs.set_key(lab)
        self._cards.show_lab(lab)
        self._weights.setVisible(lab == "weights")
        self._slopes.setVisible(lab == "slopes")
        self._apply()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _formula(self) -> str:
        activation = ACTIVATIONS[self._cards.chosen("slope_of")]
        return f"{activation.formula};  {_tr('slope')}: {activation.slope_formula}"

    @Slot()
    def _apply(self) -> None:
        """Follow the controls: slopes at once, layers in the background."""
        self._problem = ""
        if self.lab == "slopes":
            self._draw_slopes()
            return
        cards = self._cards
        names = (cards.chosen("initialisation"), cards.chosen("activation"))
        self._ask((*names, round(cards.number("depth")), round(cards.number("width")), cards.number("sigma")))

    def _multiplied(self) -> SlopeProduct:
        name, layers = self._cards.chosen("slope_of"), round(self._cards.number("layers"))
        return slope_product((name,) * layers, self._cards.number("x"))

    def _draw_slopes(self) -> None:
        name = self._cards.chosen("slope_of")
        shape = curve(name)
        self.product = self._multiplied()
        self.activation.show_curve(shape.x, shape.value, shape.slope, ACTIVATIONS[name].steepest)
        self.activation.show_chain(self.product.inputs, self.product.slopes)
        self.chain.show_layers(self.product.products, self.product.at_most)
        self.chain.set_described(self._slopes_sentence())

    def _ask(self, setting: Setting) -> None:
        """Compute the layers of a setting beside the interface; while one is computed, the newest waits."""
        self._asked = setting
        if self._task is not None:
            return

        def work(stop: threading.Event, put: Callable[[Any], None], report: Report) -> None:
            initialisation, activation, layers, width, sigma = setting
            put((setting, propagate(initialisation, activation, layers, width, sigma)))

        def update(found: tuple[Setting, Depth]) -> None:
            self._shown, self.layers = found
            self._problem = ""
            self._draw_weights()

        def end(error: BaseException | None) -> None:
            self._task = None
            if error is not None and self._asked == setting:
                self._problem = str(error)
            if self._asked != setting and self._asked is not None:
                self._ask(self._asked)

        self._task = self.context.background.start(_tr("First weights"), work, update, end, heavy=False)

    def _draw_weights(self) -> None:
        assert self.layers is not None
        self.forward.show_layers(self.layers.activation_sd)
        self.backward.show_layers(self.layers.gradient_rms)
        for plot in (self.forward, self.backward):
            plot.set_described(self.describe())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the plots beside each other where they would be too low below each other."""
        super().resizeEvent(event)
        high = self.height() >= tokens.current().px(LOW_PX)
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._inner[0].setDirection(down if high else across)

    def _apply_tokens(self, current: Tokens) -> None:
        for layout in self._inner:
            layout.setSpacing(current.space(1))


def share_words(share: float) -> str:
    """Print a share of any size: as percent, as one part in many, or as a multiple."""
    if share == 0:
        return _tr("nothing")
    if share > 10:
        return _tr("{times} times as much").format(times=f"{share:,.0f}" if share < 1e6 else scientific(share))
    if share >= 0.01:
        return f"{100 * share:.0f} %"
    return f"1 / {1 / share:,.0f}" if share > 1e-6 else scientific(share)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)


VIEW = LabsView
