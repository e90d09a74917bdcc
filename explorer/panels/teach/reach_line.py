"""Reach line: the number that answers the panel's question, above the heat map it is read from."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from explorer.panels.teach.depth_time import HeatKey, Matrix
from explorer.panels.teach.wording import reach
from widgets import tokens
from widgets.number_chip import NumberChip
from widgets.tokens import Tokens


class ReachLine(QWidget):
    """How large the first layer's gradient is beside the last one's, and what the colours below stand for."""

    def __init__(self) -> None:
        super().__init__()
        self.number = NumberChip(
            _tr("of the error's gradient reaches the first layer"), size="medium", widest="1 / 000,000"
        )
        self.other = NumberChip("B", size="small", widest="1 / 000,000")
        self.other.hide()
        self.key = HeatKey()
        self._shown = ""
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.number)
        self._row.addWidget(self.other)
        self._row.addStretch(1)
        self._row.addWidget(self.key)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_newest(self, rms: Matrix) -> None:
        """Show the share of the newest column, [layers]; nothing while there is none."""
        if len(rms) < 2:
            self._shown = ""
            self.number.set_value("–")
            return
        text, unit = reach(float(rms[0]), float(rms[-1]))
        self._shown = f"{text} {unit}".strip()
        details = _tr(
            "gradient RMS of the first weight matrix over that of the last, median of the last 20 probed steps"
        )
        self.number.set_value(text, unit, "measured", details)

    def show_other(self, words: str, shown: str) -> None:
        """Show the share of the run that is kept beside, under its words; empty takes it away."""
        self.other.setVisible(bool(words))
        number, _, unit = shown.partition(" %")
        self.other.set_value(number or "–", "%" if "%" in shown else unit, "measured", words)

    def shown(self) -> str:
        """Give number and unit as printed; empty before the first probe."""
        return self._shown

    def _apply_tokens(self, current: Tokens) -> None:
        self._row.setSpacing(current.space(1))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
