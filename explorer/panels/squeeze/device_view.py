"""On a device: bits of storage, compute and accumulator, bytes, and time where this machine has a kernel for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeAlias

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from explorer.background import Report, Task
from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.on_device import ACCUMULATORS, OnDevice, on_device
from explorer.engine.quantization.recipe import Recipe
from explorer.panels.base import Context, HelpEntry
from explorer.panels.squeeze import device_words, wording
from explorer.panels.squeeze.session import SqueezeSession
from explorer.panels.squeeze.sum_bars import SumBars
from explorer.panels.squeeze.views import SqueezeView, Still
from explorer.panels.squeeze.width_rows import WidthRows
from explorer.panels.view import ExportMenu, Words
from widgets import tokens
from widgets.elided_label import ElidedLabel
from widgets.segmented import Segmented
from widgets.tokens import Tokens

Asked: TypeAlias = tuple[tuple[str, str], Recipe, int]
"""Network and calibration, setting, and width of the accumulators."""
KEPT = 500
LOW_PX = 240
REST_S = 0.4
"""How long a setting must stand before it is measured: a slider that moves must not be slowed down."""


class DeviceView(SqueezeView):
    """Three widths as rows of bits, the sums of all layers, bytes and time in sentences.

    Parameters
    ----------
    context
        What the application lends.
    session
        What measures.
    """

    def __init__(self, context: Context, session: SqueezeSession) -> None:
        super().__init__(context, session)
        self.rows = WidthRows()
        self.sums = SumBars()
        choices = [(str(bits), _tr("sums in int{bits}").format(bits=bits)) for bits in ACCUMULATORS]
        self.accumulators = Segmented(choices, label=_tr("Accumulators of the device"))
        self.told = Words(size_px=12, role="quiet_ink")
        self.bytes = ElidedLabel("", size_px=12, lines=3)
        self.speed = ElidedLabel("", size_px=12, lines=6)
        self._found: dict[Asked, OnDevice] = {}
        self._task: Task | None = None
        self._asked: Asked | None = None
        self._changed_s = 0.0
        self._problem = ""
        area = QWidget()
        self._grid = QGridLayout(area)
        self._grid.setContentsMargins(0, 0, 0, 0)
        left = QWidget()
        self._left = QVBoxLayout(left)
        self._left.setContentsMargins(0, 0, 0, 0)
        self._left.addWidget(self.rows, 1)
        self._left.addStretch(0)  # takes what the widths do not want
        self._grid.addWidget(left, 0, 0, 3, 1)
        for row, widget in enumerate((self.accumulators, self.sums, self.told)):
            self._grid.addWidget(widget, row, 1)
        self._grid.setRowStretch(1, 1)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self._still = Still()
        self._still.column.addWidget(area, 1)
        self.page.addWidget(self._still)
        self._low: bool | None = None
        self._arrange(low=False)
        self._menu = ExportMenu(self.sums, self.sums.table, _tr("layer"), self)
        self.accumulators.chosen.connect(self._on_accumulators)
        self.sums.cursorMoved.connect(self._on_cursor)
        self._unfollow = tokens.follow(self._apply_tokens)

    # -- what the panel asks ---------------------------------------------------------------------------------------

    def mark(self) -> None:
        """Let the next frame draw everything anew, and measure it once it stands."""
        super().mark()
        self._changed_s = time.monotonic()
        self._problem = ""

    def on_slow_tick(self) -> None:
        """Measure the setting once it stands."""
        stands = time.monotonic() - self._changed_s >= REST_S and not self.session.busy
        if self.facts() is None and stands and not self._problem:
            self._measure()

    def renew(self) -> None:
        """Draw what is known."""
        session, facts = self.session, self.facts()
        self.rows.set_rows(device_words.rows(session, facts, self.bits()))
        self.sums.set_sums(*((None, None) if facts is None else (facts.accumulators, facts.narrow)))
        self.bytes.set_text(device_words.size(session, facts))
        self.speed.set_text(self._problem or device_words.speed(session, facts))
        self.sums.setAccessibleDescription(self.describe())
        self._on_cursor()

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        if self.session.steps is None or self.session.problem:
            return wording.sentence(self.session)
        return device_words.sentence(self.session, self.facts())

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the sums and the widths."""
        return self.sums, self.rows

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the figures, and the sums layer by layer."""
        facts = self.facts()
        return [] if facts is None else device_words.table(self.session, facts, self.bits())

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return the elements that `?` numbers."""
        return (
            HelpEntry(
                self.rows,
                _tr("Three widths"),
                _tr(
                    "What is stored, what is multiplied and what is added up have widths of their own. Fewer bits in "
                    "storage shrink the file; the processor multiplies what it has an instruction for."
                ),
                self.rows.accessible_value,
            ),
            HelpEntry(
                self.sums,
                _tr("Sums"),
                _tr(
                    "Bits that the sums of each layer needed over the clips; the cap is what no input can exceed. "
                    "Sums beyond the accumulator wrap around: hatched."
                ),
                self.sums.accessible_value,
            ),
            HelpEntry(
                self.accumulators,
                _tr("Accumulators"),
                _tr("Most devices add in 32 bits; give them fewer, and see which layers overflow."),
            ),
        )

    def save_state(self) -> dict[str, Any]:
        """Return the accumulators that are tried."""
        return {"accumulator_bits": self.bits()}

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned.

        Raises
        ------
        ExplorerError
            When no accumulator has these bits.
        """
        bits = saved.get("accumulator_bits", ACCUMULATORS[0])
        if bits not in ACCUMULATORS or isinstance(bits, bool):
            known = ", ".join(map(str, ACCUMULATORS))
            raise ExplorerError(f"In the panel Squeeze, 'accumulator_bits' is {bits!r:.40}: one of {known}.")
        self.accumulators.set_key(str(bits))
        self.mark()

    def shutdown(self) -> None:
        """Ask the measurement to end; the background joins it."""
        if self._task is not None:
            self._task.stop()

    # -- what is measured ------------------------------------------------------------------------------------------

    def bits(self) -> int:
        """Give the width of the accumulators that are tried."""
        return int(self.accumulators.key())

    def facts(self) -> OnDevice | None:
        """Give what is known of the setting in force; None before it is measured."""
        key = self._key()
        return None if key is None else self._found.get(key)

    def _key(self) -> Asked | None:
        known = self.session.known
        if known.prepared is None or known.prepared.calibration is None:
            return None
        of = known.prepared.quantizer.network.fingerprint, known.prepared.calibration.key
        return of, self.session.recipe, self.bits()

    def _measure(self) -> None:
        """Measure the setting in force; one that is not in force any more is let go."""
        key, prepared = self._key(), self.session.known.prepared
        if self._task is not None:
            if key != self._asked:
                self._task.stop()
            return
        if key is None or prepared is None:
            return
        quantizer, calibration, (_, recipe, bits) = prepared.quantizer, prepared.calibration, key

        def work(stop: threading.Event, put: Callable[[OnDevice], None], report: Report) -> None:
            put(on_device(quantizer, recipe, calibration, bits, report, stop))

        def take(found: OnDevice) -> None:
            if len(self._found) >= KEPT:
                self._found.clear()
            self._found[key] = found

        self._asked = key
        title = _tr("What {setting} takes on a device").format(setting=wording.setting(self.session))
        self._task = self.context.background.start(title, work, take, self._on_end)

    def _on_end(self, error: BaseException | None) -> None:
        task, self._task = self._task, None
        if error is not None and task is not None and not task.stopping:
            self._problem = str(error)
        self._dirty = True

    @Slot()
    def _on_accumulators(self) -> None:
        self.mark()

    @Slot()
    def _on_cursor(self) -> None:
        told = self.sums.accessible_value() or device_words.no_sums(self.session, self.facts())
        self.told.setText(told)
        self.sums.setToolTip(told)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the height that there is."""
        super().resizeEvent(event)
        self._arrange(low=self.height() < tokens.current().px(LOW_PX))

    def _arrange(self, *, low: bool) -> None:
        """Put bytes and time below everything in a low window, else below the widths.

        The words about one layer are left out in a low window: they are read on hover.
        """
        if low == self._low:
            return
        self._low = low
        self.told.setVisible(not low)
        for place, words in enumerate((self.bytes, self.speed)):
            (self._still.column if low else self._left).insertWidget(place + 1, words)

    def _apply_tokens(self, current: Tokens) -> None:
        self._grid.setHorizontalSpacing(current.space(2))
        self._grid.setVerticalSpacing(current.space(0.75))
        self._left.setSpacing(current.space(1))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Squeeze", text)


VIEW = DeviceView
