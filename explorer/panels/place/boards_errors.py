"""Board errors: how well published results are predicted without their board, or without their network."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from explorer.engine.deployment.validation import LEVEL, Summary
from explorer.panels.view import Words
from widgets import tokens
from widgets.tokens import Tokens


class ErrorTable(QWidget):
    """One line for each group of predictions: how many, the median and the worst factor, how many intervals held."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: tuple[Summary, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(0, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setAccessibleName(_tr("Errors of the predictor, validated by leaving out"))
        self._unfollow = tokens.follow(self._apply_tokens)

    def set_lines(self, lines: Sequence[Summary]) -> None:
        """Show these."""
        if tuple(lines) == self._lines:
            return
        self._lines = tuple(lines)
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = None if item is None else item.widget()
            if widget is not None:
                widget.deleteLater()
        heads = (_tr("left out"), _tr("n"), _tr("median"), _tr("worst"), _tr("in the {level:.0f} % interval"))
        for column, text in enumerate(heads):
            self._put(0, column, text.format(level=100 * LEVEL), "quiet_ink")
        for row, line in enumerate(self._lines, start=1):
            cells = (
                line.group,
                str(line.count),
                f"×{line.median:.2f}",
                f"×{line.worst:.2f}",
                _tr("{inside} of {count}").format(inside=line.covered, count=line.count),
            )
            for column, text in enumerate(cells):
                self._put(row, column, text, "ink")
        self.setAccessibleDescription(self.text())

    def lines(self) -> tuple[Summary, ...]:
        """Give what is shown."""
        return self._lines

    def text(self) -> str:
        """Give the table in words."""
        told = _tr("{group}: {count} results, median factor {median:.2f}, worst {worst:.2f}, {covered} in the interval")
        return "; ".join(
            told.format(group=s.group, count=s.count, median=s.median, worst=s.worst, covered=s.covered)
            for s in self._lines
        )

    def _put(self, row: int, column: int, text: str, role: str) -> None:
        words = Words(text, size_px=12, role=role)
        words.setWordWrap(column == 0)
        side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
        words.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(words, row, column)

    def _apply_tokens(self, current: Tokens) -> None:
        self._grid.setHorizontalSpacing(current.space(2))
        self._grid.setVerticalSpacing(current.px(2))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
