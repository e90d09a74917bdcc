"""Sensitivity: which layer bears how few bits, measured cell by cell while nothing else is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.recipe import Recipe, Width
from explorer.engine.quantization.sensitivity import WIDTHS, Cell, Mode, cell_recipe
from explorer.engine.quantization.steps import Steps
from explorer.panels.base import Context, HelpEntry
from explorer.panels.squeeze import wording
from explorer.panels.squeeze.controls import without_layer
from explorer.panels.squeeze.sensitivity_grid import Entry, SensitivityGrid
from explorer.panels.squeeze.session import SqueezeSession
from explorer.panels.squeeze.views import SqueezeView
from explorer.panels.squeeze.widths import words
from explorer.panels.view import ExportMenu
from widgets import tokens
from widgets.elided_label import ElidedLabel
from widgets.segmented import Segmented
from widgets.tokens import Tokens

MODES: dict[str, Mode] = {"only": "only", "all_but": "all but"}


class SensitivityView(SqueezeView):
    """The matrix layers by bits in two modes, the cell under the cursor in words, and how far it is filled.

    Parameters
    ----------
    context
        What the application lends.
    session
        What measures.
    """

    def __init__(self, context: Context, session: SqueezeSession) -> None:
        super().__init__(context, session)
        self.mode = Segmented(
            [("only", _tr("Only this layer")), ("all_but", _tr("All but this one"))],
            label=_tr("Which layers get the bits"),
        )
        self.told = ElidedLabel("", size_px=14)
        self.progress = ElidedLabel("", size_px=12, role="quiet_ink")
        self.grid = SensitivityGrid()
        self._recipes: tuple[Any, dict[tuple[str, Width], Recipe]] | None = None
        head = QWidget()
        self._head = QHBoxLayout(head)
        self._head.setContentsMargins(0, 0, 0, 0)
        beside = QWidget()
        lines = QVBoxLayout(beside)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        lines.addWidget(self.told)
        lines.addWidget(self.progress)
        self._head.addWidget(self.mode)
        self._head.addWidget(beside, 1)
        self.page.addWidget(head)
        self.page.addWidget(self.grid, 1)
        self._menu = ExportMenu(self.grid, self.grid.table, _tr("layer"), self)
        self.mode.chosen.connect(self._on_mode)
        self.grid.cursorMoved.connect(self._on_cursor)
        self.grid.pressed.connect(self._on_pressed)
        self.grid.cleared.connect(self._on_cleared)
        self._unfollow = tokens.follow(self._apply_tokens)

    # -- what the panel asks ---------------------------------------------------------------------------------------

    def activate(self) -> None:
        """Become visible: fill the matrix while nothing else is asked."""
        super().activate()
        self._fill()

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave the processor alone while nobody looks."""
        super().hideEvent(event)
        self.session.fill(())

    def renew(self) -> None:
        """Draw what is measured."""
        session, steps = self.session, self.session.steps
        if steps is None:
            self.told.set_text((session.problem or session.stage) + ("" if session.problem else " …"))
            return
        self.grid.set_axes(tuple(steps.weights), WIDTHS)
        self.grid.choose_layer(session.layer)
        cells = self._cells(steps)
        recipe = session.recipe
        entries = {at: Entry(cell.comparison.difference, cell.comparison.distinct) for at, cell in cells.items()}
        self.grid.set_entries(entries, {name: recipe.weights_of(name) for name in steps.weights})
        self.grid.setAccessibleDescription(self.describe())
        self.told.set_text(self._cell_words())
        self.grid.set_told(self._cell_words())
        self.progress.set_text(self._progress_words())

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        steps = self.session.steps
        if steps is None or self.session.problem:
            return wording.sentence(self.session)
        cells = self._cells(steps)
        if not cells:
            return _tr("One cell after the other is measured; nothing is known yet.")
        kept = sum(not cell.comparison.distinct for cell in cells.values())
        (layer, bits), worst = min(cells.items(), key=lambda item: item[1].comparison.difference)
        who = layer if self.mode.key() == "only" else _tr("all but {layer}").format(layer=layer)
        told = _tr("{kept} of {known} cells cannot be told from float; worst: {who} at {bits}, {points} points.")
        points = f"{100 * worst.comparison.difference:+.1f}".replace("-", "−")
        return told.format(kept=kept, known=len(cells), who=who, bits=words(bits), points=points)

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the matrix."""
        return (self.grid,)

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the cells that are measured."""
        steps = self.session.steps
        rows: list[tuple[object, ...]] = [
            ("layer", "bits", "quantized", "accuracy", "difference", "low", "high", "p_value", "clips", "set")
        ]
        for (layer, bits), cell in ({} if steps is None else self._cells(steps)).items():
            paired, estimate = cell.comparison, cell.estimate
            rows.append(
                (
                    layer,
                    bits,
                    MODES[self.mode.key()],
                    estimate.accuracy,
                    paired.difference,
                    paired.low,
                    paired.high,
                    paired.p_value,
                    estimate.done,
                    estimate.evaluation_set.name,
                )
            )
        return rows

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return the elements that `?` numbers."""
        return (
            HelpEntry(
                self.grid,
                _tr("Sensitivity"),
                _tr(
                    "Accuracy minus that of the float network on the same clips. Hatched: the clips on which they "
                    "differ fall to both sides as chance would have it (exact McNemar test, 5 %); of cells that "
                    "change nothing, one in twenty looks different all the same. Enter, or a press, gives a layer its "
                    "bits."
                ),
                self._cell_words,
            ),
            HelpEntry(
                self.mode,
                _tr("Which layers get the bits"),
                _tr("One layer in few bits and the rest float, or the rest in few bits and this one float."),
            ),
        )

    def save_state(self) -> dict[str, Any]:
        """Return the mode."""
        return {"mode": self.mode.key()}

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned.

        Raises
        ------
        ExplorerError
            When the mode is unknown.
        """
        mode = saved.get("mode", "only")
        if mode not in MODES:
            raise ExplorerError(f"In the panel Squeeze, 'mode' is {mode!r:.40}: only or all_but.")
        self.mode.set_key(mode)
        self._on_mode()

    # -- what the user does ----------------------------------------------------------------------------------------

    @Slot()
    def _on_mode(self) -> None:
        self.mark()
        if self.isVisible():
            self._fill()

    @Slot(str, object)
    def _on_cursor(self, layer: str, bits: Width) -> None:
        self.told.set_text(self._cell_words())
        self.grid.set_told(self._cell_words())

    @Slot(str, object)
    def _on_pressed(self, layer: str, bits: Width) -> None:
        recipe = self.session.recipe
        if self.mode.key() == "only":
            recipe = recipe.with_layer(layer, weights=bits)
        else:
            recipe = replace(recipe, weights=bits, layer_weights=((layer, "float32"),))
        self.context.workbench.update(precision=recipe, selected_layer=layer)

    @Slot(str)
    def _on_cleared(self, layer: str) -> None:
        self.context.workbench.update(precision=without_layer(self.session.recipe, layer))

    # -- inside ----------------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        first = MODES[self.mode.key()]
        self.session.fill((first, *(mode for mode in MODES.values() if mode != first)))

    def _cells(self, steps: Steps) -> dict[tuple[str, Width], Cell]:
        """Return the cells of the matrix in view that are measured."""
        mode, grid = MODES[self.mode.key()], self.session.grid
        key = (id(steps), mode, grid)
        if self._recipes is None or self._recipes[0] != key:
            layers = tuple(steps.weights)
            found: dict[tuple[str, Width], Recipe] = {
                (layer, b): cell_recipe(grid, layers, layer, b, mode) for layer in layers for b in WIDTHS
            }
            self._recipes = (key, found)
        known = self.session.cells
        return {at: known[recipe] for at, recipe in self._recipes[1].items() if recipe in known}

    def _cell_words(self) -> str:
        """Say what is known of the cell under the cursor."""
        at, steps = self.grid.cursor_cell(), self.session.steps
        if at is None or steps is None:
            return ""
        layer, bits = at
        who = layer if self.mode.key() == "only" else _tr("all but {layer}").format(layer=layer)
        cell = self._cells(steps).get(at)
        if cell is None:
            return _tr("{who} at {bits}: not measured yet").format(who=who, bits=words(bits))
        told = _tr("{who} at {bits}: {accuracy} %, {points}")
        if not cell.comparison.distinct:
            told = _tr("{who} at {bits}: {accuracy} %, not to be told from float, {points}")
        accuracy, points = wording.percent(cell.estimate.accuracy), wording.difference(cell.comparison)
        return told.format(who=who, bits=words(bits), accuracy=accuracy, points=points)

    def _progress_words(self) -> str:
        steps, exact = self.session.steps, self.session.float_result
        if steps is None:
            return ""
        done, total = len(self._cells(steps)), len(steps.weights) * len(WIDTHS)
        clips = "" if exact is None else exact.evaluation_set.name.partition(";")[0]
        told = _tr("{done} of {total} cells measured while nothing else is asked; {rulers}; {clips}")
        if done == total:
            told = _tr("all {total} cells measured; {rulers}; {clips}")
        rulers = _tr("own ruler per channel") if self.session.grid.per_channel else _tr("one ruler per layer")
        return told.format(done=done, total=total, rulers=rulers, clips=clips)

    def _apply_tokens(self, current: Tokens) -> None:
        self._head.setSpacing(current.space(1.5))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Squeeze", text)


VIEW = SensitivityView
