"""Break -> Look here -> Mend: the row of ways to fail, where to look, and the one change that mends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.panels.squeeze.step_buttons import StepButtons, StepWords
from widgets import tokens
from widgets.elided_label import ElidedLabel
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from explorer.panels.teach.session import TeachSession

_SHORT = {
    "deep-sigmoid": "Sigmoids",
    "rate-x30": "Rate × 30",
    "bad-initialisation": "Bad start",
    "dead-relu": "Dead ReLUs",
    "fp16-underflow": "FP16",
    "label-noise": "Labels",
    "leakage": "Leakage",
    "imbalance": "Imbalance",
}


class PresetsRow(QWidget):
    """One button for each illness; under them what was broken, where it shows, and a button that mends it.

    Parameters
    ----------
    session
        The run.
    """

    lookAsked = Signal()
    """The user wants to be shown where to look."""

    def __init__(self, session: TeachSession) -> None:
        super().__init__()
        self._session = session
        self.buttons: StepButtons | None = None
        self._low = False
        self.told = ElidedLabel("", size_px=14, lines=2)
        self.look = QPushButton(_tr("Look here"))
        self.look.setCheckable(True)
        self.mend = QPushButton(_tr("Mend"))
        self.mend.setProperty("primary", True)
        self.leave = QPushButton(_tr("Leave"))
        self.leave.setProperty("quiet", True)
        self.look.clicked.connect(self.lookAsked)
        self.mend.clicked.connect(session.mend)
        self.leave.clicked.connect(session.leave_preset)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._below = QWidget()
        self._row = QHBoxLayout(self._below)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.told, 1)
        for button in (self.look, self.mend, self.leave):
            self._row.addWidget(button)
        self._column.addWidget(self._below)
        self._below.hide()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._unfollow = tokens.follow(self._apply_tokens)
        session.when_ready(self._fill)

    def _fill(self) -> None:
        """Make the buttons, now that the presets are loaded."""
        from explorer.engine.training.presets import PRESETS

        words = [StepWords(p.key, p.title, _tr(_SHORT.get(p.key, p.title)), p.broken) for p in PRESETS]
        self.buttons = StepButtons(words, numbers=False)
        self.buttons.pressed.connect(self._on_pressed)
        self.buttons.setAccessibleName(_tr("Break it"))
        self._column.insertWidget(0, self.buttons)

    def set_low(self, low: bool) -> None:
        """Where there is little height, let the words take the place of the buttons."""
        self._low = low
        self.renew()

    def renew(self) -> None:
        """Show what is broken and whether it is mended."""
        preset, mended = self._session.preset, self._session.mended
        self._below.setVisible(preset is not None)
        if self.buttons is not None:
            self.buttons.setVisible(preset is None or not self._low)
            self.buttons.show_chosen(preset.key if preset is not None else None)
        if preset is not None:
            self.told.set_text(preset.mend if mended else f"{preset.broken} {preset.look}")
            self.mend.setVisible(not mended)
            self.look.setVisible(not mended)
            self.mend.setToolTip(preset.mend)

    @Slot(str)
    def _on_pressed(self, key: str) -> None:
        from explorer.engine.training.presets import PRESETS

        self.look.setChecked(False)
        self._session.break_with(next(preset for preset in PRESETS if preset.key == key))

    def _apply_tokens(self, current: Tokens) -> None:
        self._column.setSpacing(current.space(0.5))
        self._row.setSpacing(current.space(1))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
