"""Cards for what else a run has: the keyword network and where it goes, and the memory that training takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtWidgets import QFileDialog, QGridLayout, QPushButton, QWidget

from explorer.panels.teach import wording
from explorer.panels.teach.knobs import ChoiceKnob, KnobCard, SwitchKnob
from explorer.panels.view import Words
from widgets.card import Card

if TYPE_CHECKING:
    from explorer.engine.training.view import View
    from explorer.panels.teach.session import TeachSession


class KeywordCard(KnobCard):
    """Which keyword network learns, from which voices, and the button that gives it to the other panels."""

    def __init__(self, session: TeachSession) -> None:
        super().__init__(_tr("Keyword network"))
        self._session = session
        self.put(ChoiceKnob("network", session.rebuild, _tr("Size"), wording.networks()))
        self.put(SwitchKnob("pretrained", session.rebuild, _tr("Start from the shipped weights")))
        self.voices = Words(size_px=12, role="quiet_ink")
        self.choose = QPushButton(_tr("Speech Commands folder …"))
        self.bundled = QPushButton(_tr("Bundled voices again"))
        self.publish = QPushButton(_tr("Publish to all panels"))
        self.publish.setProperty("primary", True)
        self.told = Words(size_px=12, role="quiet_ink")
        self.choose.clicked.connect(self._on_choose)
        self.bundled.clicked.connect(lambda: session.rebuild(folder=""))
        self.publish.clicked.connect(session.publish)
        for widget in (self.voices, self.choose, self.bundled, self.publish, self.told):
            self.add(widget)

    def show_fields(self, fields: Any) -> None:
        """Show what is in force."""
        super().show_fields(fields)
        if hasattr(fields, "folder"):
            self.bundled.setVisible(bool(fields.folder))
            self.voices.setText(
                _tr("Learns from the recordings in {folder}.").format(folder=fields.folder)
                if fields.folder
                else _tr("Learns from the bundled synthetic voices; judged on voices it never hears.")
            )

    def show_view(self, view: View) -> None:
        """Show whether there is a network to publish, and what it will be called."""
        there = view.network is not None and view.step > 0
        self.publish.setEnabled(there)
        self.publish.setToolTip("" if there else _tr("There is nothing learned yet: let it train first."))
        self.told.setText(
            _tr("Published, it wears the badge “{badge}”; Listen hears with it at once.").format(
                badge=self._session.badge()
            )
        )

    @Slot()
    def _on_choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, _tr("A Speech Commands folder"))
        if folder:
            self._session.rebuild(folder=folder)


class MemoryCard(Card):
    """What one training step keeps in memory: predicted from the shapes, and measured on the tensors."""

    def __init__(self) -> None:
        super().__init__(_tr("Memory of a step"), foldable=True, folded=True)
        table = QWidget()
        self._grid = QGridLayout(table)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._cells: dict[tuple[int, int], Words] = {}
        self.add(table)
        heads = ("", _tr("predicted ◐"), _tr("measured ●"))
        for column, head in enumerate(heads):
            self._write(0, column, head)
        for row, (_, words) in enumerate(wording.memory_parts().items(), 1):
            self._write(row, 0, words)

    def show_view(self, view: View) -> None:
        """Show both, part by part, and the sum."""
        for row, name in enumerate(wording.memory_parts(), 1):
            for column, memory in ((1, view.predicted), (2, view.measured)):
                self._write(row, column, "–" if memory is None else f"{getattr(memory, name):,} B")

    def text(self, row: int, column: int) -> str:
        """Give a cell as printed."""
        return self._cells[row, column].text()

    def _write(self, row: int, column: int, text: str) -> None:
        if (row, column) not in self._cells:
            quiet = row == 0 or column == 0
            cell = self._cells[row, column] = Words(size_px=12, role="quiet_ink" if quiet else "ink")
            self._grid.addWidget(cell, row, column)
        if self._cells[row, column].text() != text:
            self._cells[row, column].setText(text)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
