"""Fit: Figure 2.3 of the book as an explorer: which networks fit which devices, with which runtime."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.engine.deployment.claims import check_ratio
from explorer.engine.deployment.estimate import graph_of
from explorer.engine.deployment.fit import BOOK_NETWORKS, RUNTIMES, Fit, Footprint, Runtime, fit_table, footprint
from explorer.engine.deployment.precision import precisions_of
from explorer.engine.deployment.profiles import shipped
from explorer.engine.errors import ExplorerError
from explorer.engine.nn.registry import names
from explorer.panels.base import Context, HelpEntry
from explorer.panels.place.analysis import AnalysisView, Answers, row_of
from explorer.panels.place.fit_grid import FitGrid, cell_words
from explorer.panels.place.log_axis import stated_bytes
from explorer.panels.place.session import PlaceSession
from explorer.panels.view import ExportMenu
from widgets import tokens
from widgets.elided_label import ElidedLabel
from widgets.segmented import Segmented
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from explorer.background import Report

_RUNTIMES = dict(zip(("tf", "tflite", "tflm"), RUNTIMES, strict=True))
_SHORT = {"tf": "TensorFlow", "tflite": "TF Lite", "tflm": "TF Lite Micro"}
_START = "tflm"
PRINTED_RATIO = 3100  # memory of a phone over that of a microcontroller, as printed in Figure 2.3
PHONE, MICROCONTROLLER = "iphone-11", "stm32f746"


class FitView(AnalysisView):
    """The book's networks and ours against each device; see `FitGrid`.

    Parameters
    ----------
    context
        What the application lends.
    session
        What was asked and what is known of it.
    """

    def __init__(self, context: Context, session: PlaceSession) -> None:
        super().__init__(context, session)
        self.runtime = Segmented(list(_SHORT.items()), label=_tr("Runtime"))
        self.runtime.set_key(_START)
        self.cost = ElidedLabel("", size_px=12, lines=2, role="quiet_ink")
        self.grid = FitGrid()
        self.told = ElidedLabel("", size_px=12, lines=2)
        self.printed = ElidedLabel("", size_px=12, lines=2)
        self._answers: Answers[tuple[Footprint, ...]] = Answers(context.background, _tr("Footprints"), self.mark)
        self._shown: tuple[str, tuple[object, ...]] | None = None
        self._before: tuple[tuple[Fit, ...], ...] = ()
        head = QWidget()
        self._head = QHBoxLayout(head)
        row_of(self._head, self.runtime, self.cost, stretch=1)
        self.page.addWidget(head)
        self.page.addWidget(self.grid, 1)
        self.page.addWidget(self.state_box, 1)
        self.page.addWidget(self.told)
        self.page.addWidget(self.printed)
        self._menu = ExportMenu(self.grid, self.grid.table, _tr("device"), self)
        self.runtime.chosen.connect(self._on_change)
        self.grid.cursorMoved.connect(self._on_cursor)
        self._unfollow = tokens.follow(self._apply_tokens)

    # -- what the panel asks ---------------------------------------------------------------------------------------

    def renew(self) -> None:
        """Draw the grid as far as it is known."""
        runtime = self.current_runtime()
        told = _tr("{name} takes {ram} of RAM and {flash} of flash for itself, and knows {operators} kinds of layers")
        words = told.format(
            name=runtime.name,
            ram=stated_bytes(runtime.ram_bytes.value),
            flash=stated_bytes(runtime.flash_bytes.value),
            operators=runtime.operators,
        )
        copies = "" if runtime.maps_weights else _tr("; it copies the weights to RAM")
        self.cost.set_text(f"{words}{copies}.")
        self.printed.set_text(self._ratio())
        active = self.active()
        if active is None:
            self.show_state(self.grid, "loading", self.session.problem or _tr("The network is being loaded …"))
            return
        network, recipe = active
        key = (network.fingerprint, recipe)

        def compute(stop: threading.Event, report: Report) -> tuple[Footprint, ...]:
            found = []
            for name in names():
                graph = network.graph if name == network.name else graph_of(name)
                bits = recipe if name == network.name else recipe.fitting({layer.name: True for layer in graph.layers})
                found.append(footprint(f"{name} {precisions_of(bits)[0]}", graph, bits))
            return tuple(found)

        ours = self._answers.ask(key, compute)
        problem = self._answers.problem(key)
        if ours is None:
            self.show_state(self.grid, "failed" if problem else "estimating", problem or _tr("Planning memory …"))
            return
        self.show_state(self.grid, "")
        shown = (self.runtime.key(), key)
        if self._shown is not None and self._shown[0] != shown[0]:
            self._before = self.grid.fits()
        self._shown = shown
        profiles = reversed(self.session.profiles.values())  # the smallest first: there it is decided
        table = fit_table((*BOOK_NETWORKS, *ours), runtime, profiles)
        self.grid.set_fits(tuple(zip(*table, strict=True)), self._before)
        self._on_cursor()

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        rows = self.grid.fits()
        if not rows:
            return _tr("Memory is being planned.")
        cells = [fit for row in rows for fit in row]
        tiny = [fit for fit in cells if fit.profile.tier == "tiny"]
        told = _tr("{runtime}: {fits} of {count} networks fit their device, on microcontrollers {small} of {smalls}")
        text = told.format(
            runtime=self.current_runtime().name,
            fits=sum(fit.fits for fit in cells),
            count=len(cells),
            small=sum(fit.fits for fit in tiny),
            smalls=len(tiny),
        )
        changed = self.grid.changed()
        return text + (_tr("; {count} cells changed with the runtime.").format(count=changed) if changed else ".")

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the grid."""
        return (self.grid,)

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the cells."""
        head = (
            "network", "runtime", "device", "RAM needed (bytes)", "RAM there (bytes)", "flash needed (bytes)",
            "flash there (bytes)", "fits", "in words", "source of the network",
        )  # fmt: skip
        found: list[tuple[object, ...]] = [head] if self.grid.fits() else []
        for row in self.grid.fits():
            for fit in row:
                sizes = (fit.ram_bytes, fit.profile.ram_bytes.value, fit.flash_bytes, fit.profile.flash_bytes.value)
                source = fit.network.ram_bytes.source
                cells = (*sizes, fit.fits, cell_words(fit), source)
                found.append((fit.network.name, fit.runtime.name, fit.profile.title, *cells))
        return found

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return the elements that `?` numbers."""
        return (
            HelpEntry(
                self.grid,
                _tr("What fits where"),
                _tr(
                    "Activations need RAM, weights and program need flash: two limits, and a network can miss either. "
                    "A corner marks what another runtime said otherwise."
                ),
                self._formula,
                _tr("Figure 2.3"),
            ),
            HelpEntry(
                self.runtime,
                _tr("Runtime"),
                _tr(
                    "The software that runs the network needs memory for itself; TensorFlow also needs an operating "
                    "system, which no microcontroller here has."
                ),
                self.cost.text,
                _tr("Figures 6.14 to 6.16"),
            ),
            HelpEntry(
                self.printed,
                _tr("Printed and computed"),
                _tr("The ratio printed in Figure 2.3, and that of the two numbers printed beside it."),
                self._ratio,
                _tr("Figure 2.3"),
            ),
        )

    def save_state(self) -> dict[str, Any]:
        """Return the runtime."""
        return {"runtime": self.runtime.key()}

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned.

        Raises
        ------
        ExplorerError
            When there is no such runtime.
        """
        key = saved.get("runtime", _START)
        if key not in _RUNTIMES:
            raise ExplorerError(f"In the panel Place, 'runtime' is {key!r:.40}: one of {', '.join(_RUNTIMES)}.")
        self.runtime.set_key(key)
        self._before, self._shown = (), None
        self.mark()

    def shutdown(self) -> None:
        """Ask what runs to end; the background joins it."""
        self._answers.stop()

    # -- what is shown ---------------------------------------------------------------------------------------------

    def current_runtime(self) -> Runtime:
        """Give the runtime."""
        return _RUNTIMES[self.runtime.key()]

    def _ratio(self) -> str:
        phone, small = shipped()[PHONE], shipped()[MICROCONTROLLER]
        found = check_ratio(PRINTED_RATIO, phone.ram_bytes, small.ram_bytes)
        told = _tr("Memory of a phone over that of a microcontroller, {phone} over {small}: {found}.")
        return told.format(
            phone=stated_bytes(phone.ram_bytes.value), small=stated_bytes(small.ram_bytes.value), found=found.sentence
        )

    def _formula(self) -> str:
        fit = self.grid.fit()
        if fit is None:
            return ""
        told = _tr("RAM {ram:.3g} × what is there, flash {flash:.3g} ×; {words}")
        return told.format(ram=fit.ram_over, flash=fit.flash_over, words=self.grid.accessible_value())

    @Slot()
    def _on_change(self) -> None:
        self.mark()

    @Slot()
    def _on_cursor(self) -> None:
        self.told.set_text(self.grid.accessible_value())

    def _apply_tokens(self, current: Tokens) -> None:
        self._head.setSpacing(current.space(2))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)


VIEW = FitView
