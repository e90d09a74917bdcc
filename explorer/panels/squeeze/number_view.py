"""Bits of a number: what each format makes of one weight, one activation or a number typed in, bit by bit."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QWidget

from explorer.background import Task
from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.bitfields import (
    Reading,
    activation_grids,
    flipped,
    formats_on,
    parse_number,
    read,
    weight_grids,
)
from explorer.engine.quantization.calibration import calibration_pictures
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.panels.base import Context, HelpEntry
from explorer.panels.squeeze.bit_table import BitTable
from explorer.panels.squeeze.bit_words import number_words, outcome_words, value_words
from explorer.panels.squeeze.session import SqueezeSession
from explorer.panels.squeeze.views import SqueezeView
from explorer.panels.view import ExportMenu, Words
from widgets import tokens
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from widgets.plot_export import Table

_KEPT = 500
_CLIPS = 8
_LONGEST = 40  # characters of a number


@dataclass(frozen=True, slots=True, eq=False)
class Activations:
    """Values that a layer stored.

    Parameters
    ----------
    fingerprint, layer
        Of the network, and which of its layers.
    values
        Some of them, in random order; zeros only where there is nothing else.
    """

    fingerprint: str
    layer: str
    values: NDArray[np.float32]


class NumberView(SqueezeView):
    """A number, where it comes from, and its bits in every format.

    Parameters
    ----------
    context
        What the application lends.
    session
        What measures: gives the layer, the recipe and the network.
    """

    def __init__(self, context: Context, session: SqueezeSession) -> None:
        super().__init__(context, session)
        self.value = 0.1
        self._kind, self._count, self._channel = "", 0, 0
        self._origin = self.tr("typed in")
        self._problem = ""
        self._wanted = True  # a weight, as soon as the network is there
        self._grids: dict[int, tuple[float, int]] = {}
        self._activations: Activations | None = None
        self._task: Task | None = None
        self.field = QLineEdit()
        self.field.setMaxLength(_LONGEST)
        self.field.setAccessibleName(self.tr("The number"))
        self.field.setPlaceholderText(self.tr("type a number"))
        self.field.returnPressed.connect(self._on_typed)
        self.weight = QPushButton(self.tr("A weight"))
        self.activation = QPushButton(self.tr("An activation"))
        self.weight.clicked.connect(self.take_weight)
        self.activation.clicked.connect(self.take_activation)
        self.origin = Words(size_px=14, role="quiet_ink")
        self.table = BitTable()
        self.table.flipped.connect(self._on_flipped)
        self._head = QHBoxLayout()
        for widget in (self.field, self.weight, self.activation):
            self._head.addWidget(widget)
        self._head.addWidget(self.origin, 1)
        self.page.addLayout(self._head)
        self.page.addWidget(self.table, 1)
        ExportMenu(self.table, self._table, "bit", self)
        self._unfollow = tokens.follow(self._apply_tokens)
        self._show()

    # -- what the panel asks ---------------------------------------------------------------------------------------

    def renew(self) -> None:
        """Follow the layer and the recipe: an example is of the chosen layer, and lies on its grid."""
        if self.session.prepared is None:
            return
        if self._wanted:
            self._wanted = False
            self.take_weight()
        elif self._kind:
            self._take_grids()

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        return self._problem or self.sentence()

    def sentence(self) -> str:
        """Say what the narrowest format makes of the number, and which one holds it better."""
        rows = self.table.rows()
        lost = next((row for row in rows if row.outcome == "overflow"), None)
        value = number_words(self.value)
        if lost is not None and lost.code is None:
            return self.tr("{value}: floats keep a code for it, integers have none.").format(value=value)
        if lost is not None:
            told = self.tr("{value} is too large for {name}, which ends at {end}: it becomes {kept}.")
            end = lost.number.largest if self.value > 0 else lost.number.lowest
            name = lost.number.name
            return told.format(value=value, name=name, end=number_words(end, 5), kept=value_words(lost))
        gone = next((row for row in rows if row.outcome == "underflow" and row.value == 0), None)
        if gone is not None:
            told = self.tr("{value} rounds to 0 in {name}, whose next value is {gap} away: it is lost.")
            return told.format(value=value, name=gone.number.name, gap=number_words(gone.gap, 2))
        worst = max(rows, key=lambda row: abs(row.error) if math.isfinite(row.error) else 0.0)
        if worst.outcome == "exact" or not math.isfinite(worst.error):
            return self.tr("{value} is a value of every format here.").format(value=value)
        told = self.tr("{value} becomes {kept} in {name}, whose values stand {gap} apart there.")
        gap = number_words(worst.number.gap(self.value), 2)
        return told.format(value=value, kept=value_words(worst), name=worst.number.name, gap=gap)

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return every element with its meaning."""
        return (
            HelpEntry(
                self.table,
                self.tr("Bits"),
                self.tr(
                    "Press a bit to flip it; the number follows in all rows. Floats: sign, exponent, mantissa, so the "
                    "gap grows with the number. Integers: equal steps, of the chosen layer's scale."
                ),
                lambda: self.tr("float: (−1)^sign × 1.mantissa × 2^(exponent − bias); integer: scale × (code − zero)"),
            ),
            HelpEntry(
                self.field,
                self.tr("The number"),
                self.tr("Type any number and press Enter; inf and nan are numbers too."),
            ),
            HelpEntry(
                self.weight,
                self.tr("A real example"),
                self.tr("A weight or an activation of the layer chosen in the strip; press again for another one."),
                lambda: self.origin.text(),
            ),
        )

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the rows of the table."""
        rows: list[tuple[object, ...]] = [
            ("format", "bits", "value", "error", "gap", "lowest", "largest", "outcome", "number", "origin")
        ]
        for row in self.table.rows():
            ends = (row.number.lowest, row.number.largest)
            kept = (row.number.name, f"0b{row.bits}" if row.bits else "", row.value, row.error, row.gap)
            rows.append((*kept, *ends, row.outcome, self.value, self._origin))
        return rows

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the table."""
        return (self.table,)

    def save_state(self) -> dict[str, Any]:
        """Return the number, written out: JSON has no infinity."""
        return {"number": repr(self.value)}

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned.

        Raises
        ------
        ExplorerError
            When it is no number.
        """
        text = saved.get("number")
        if text is None:
            self._wanted = True
            self.mark()
            return
        if not isinstance(text, str) or len(text) > _LONGEST:
            raise ExplorerError("In the panel Squeeze, 'number' must be a number written out.")
        self.put(parse_number(text), self.tr("typed in"))

    def shutdown(self) -> None:
        """Stop looking for activations."""
        if self._task is not None:
            self._task.stop()

    # -- what the user does ----------------------------------------------------------------------------------------

    def put(self, value: float, origin: str, kind: str = "") -> None:
        """Show a number; its kind is "weight", "activation" or empty for one that is nobody's."""
        self.value, self._origin, self._kind = value, origin, kind
        self._problem, self._wanted = "", False
        self._take_grids()

    @Slot()
    def take_weight(self) -> None:
        """Show a weight of the chosen layer; another one each time."""
        prepared, layer = self.session.prepared, self.session.layer
        if prepared is None:
            return
        weight = prepared.quantizer.steps.weights[layer]
        self._count += 1
        place = np.random.default_rng((self.session.state.seed, self._count)).integers(weight.size)
        channel = int(np.unravel_index(place, weight.shape)[0])
        self._channel = channel
        told = self.tr("weight {place:,} of {count:,} in {layer}, channel {channel}")
        told = told.format(place=place + 1, count=weight.size, layer=layer, channel=channel + 1)
        self.put(float(weight.flat[place]), told, "weight")

    @Slot()
    def take_activation(self) -> None:
        """Show what the chosen layer stored for some moment of a clip; another one each time."""
        prepared, layer = self.session.prepared, self.session.layer
        if prepared is None or prepared.calibration is None:
            return
        kept, fingerprint = self._activations, prepared.quantizer.network.fingerprint
        if kept is None or (kept.fingerprint, kept.layer) != (fingerprint, layer):
            self._ask_activations(prepared.quantizer, layer)
            return
        self._count += 1
        told = self.tr("activation of {layer}, over {clips} calibration clips").format(layer=layer, clips=_CLIPS)
        self.put(float(kept.values[self._count % len(kept.values)]), told, "activation")

    @Slot()
    def _on_typed(self) -> None:
        try:
            self.put(parse_number(self.field.text()), self.tr("typed in"))
        except ExplorerError as error:
            self._refuse(str(error))
            self.field.selectAll()

    @Slot(int, int)
    def _on_flipped(self, row: int, bit: int) -> None:
        reading = self.table.rows()[row]
        told = self.tr("bit {bit} of {name} flipped").format(bit=bit, name=reading.number.name)
        self.put(flipped(reading, bit), told)

    # -- inside ----------------------------------------------------------------------------------------------------

    def _ask_activations(self, quantizer: NetworkQuantizer, layer: str) -> None:
        """Run the float network over a few clips, beside the interface; the newest request wins."""
        if self._task is not None:
            self._task.stop()
        self.origin.setText(self.tr("the network is listening to {clips} clips …").format(clips=_CLIPS))
        seed = self.session.state.seed

        def work(stop: threading.Event, put: Callable[[Any], None], report: Callable[..., None]) -> None:
            from explorer.engine.nn.inference import Executor

            stored = quantizer.steps[layer].stored
            values = Executor(quantizer.network, [stored]).run(calibration_pictures()[:_CLIPS])[stored].ravel()
            there = values[values != 0] if values.any() else values
            some = np.random.default_rng(seed).permutation(there)[:_KEPT]
            put(Activations(quantizer.network.fingerprint, layer, some))

        def update(found: Activations) -> None:
            self._activations = found
            self.take_activation()

        def end(error: BaseException | None) -> None:
            self._task = None
            if error is not None:
                self.say(str(error))

        self._task = self.context.background.start(self.tr("Activations"), work, update, end, heavy=False)

    def _refuse(self, sentence: str) -> None:
        """Say in the place of the origin what is wrong; the number stays."""
        self._problem = sentence
        self.origin.setText(sentence)
        self.origin.set_role("bad")
        self.origin.show()

    def _take_grids(self) -> None:
        """Give the integers the grid that the present recipe gives the example, and show the number on it.

        A number that is nobody's stays on the grid that was shown before.
        """
        prepared, layer, recipe = self.session.prepared, self.session.layer, self.session.recipe
        problem = ""
        try:
            if prepared is None:
                self._grids = {}
            elif self._kind == "weight" and self._channel < len(prepared.quantizer.steps.weights[layer]):
                self._grids = weight_grids(prepared.quantizer, recipe, layer, self._channel)
            elif self._kind == "activation" and prepared.calibration is not None:
                self._grids = activation_grids(prepared.quantizer, recipe, layer, prepared.calibration)
        except ExplorerError as error:
            self._grids, problem = {}, str(error)
        self._show()
        if problem:
            self._refuse(problem)

    def _show(self) -> None:
        rows: list[Reading] = [read(number, self.value) for number in formats_on(self._grids)]
        self.table.show_rows(rows)
        self.field.setText(f"{self.value:.9g}")
        self.origin.setText(self._origin)
        weight, activation = self._kind == "weight", self._kind == "activation"
        self.weight.setText(self.tr("Another weight") if weight else self.tr("A weight"))
        self.activation.setText(self.tr("Another activation") if activation else self.tr("An activation"))
        self.origin.set_role("quiet_ink")
        self.table.setAccessibleDescription("; ".join(f"{r.number.name}: {outcome_words(r)}" for r in rows))

    def _table(self) -> Table:
        """Return the bits: one curve for each format, the highest bit first."""
        return [
            (row.number.name, np.arange(row.number.bits, dtype=float), np.array([float(b) for b in row.bits]))
            for row in self.table.rows()
            if row.bits
        ]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the words where the number comes from out where there is no room."""
        super().resizeEvent(event)
        self.origin.setVisible(bool(self._problem) or self.width() >= tokens.current().px(620))

    def _apply_tokens(self, current: Tokens) -> None:
        self._head.setSpacing(current.space(1))
        self.field.setFont(current.font(16, 600))
        self.field.setMinimumHeight(current.target_px)
        self.field.setFixedWidth(current.px(150))
        self.field.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)


VIEW = NumberView
