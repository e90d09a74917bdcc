"""Mistakes: what the network takes for what, on a named set, down to the single clip that can be heard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from explorer.engine.errors import ExplorerError
from explorer.panels.base import HelpEntry
from explorer.panels.listen.analysis_base import ListenView, Session
from explorer.panels.listen.confusion_matrix import ConfusionMatrix
from explorer.panels.listen.evaluations import Evaluations, Question
from explorer.panels.listen.measuring import Heard, Measured
from explorer.panels.listen.playback import Playback
from explorer.panels.view import ExportMenu, Words
from widgets import tokens
from widgets.icons import icon
from widgets.number_chip import NumberChip
from widgets.state_box import StateBox

if TYPE_CHECKING:
    from explorer.panels.base import Context
    from explorer.workbench import State
    from widgets.tokens import Tokens

MOST_LISTED = 300


class MistakesView(ListenView):
    """Accuracy as the large number, the confusion matrix, and the clips of the cell that was opened.

    Parameters
    ----------
    context
        What the application lends.
    session
        What is being listened to.
    evaluations
        Measures, and keeps what was measured.
    """

    def __init__(
        self, context: Context, session: Session, evaluations: Evaluations, playback: Playback | None = None
    ) -> None:
        super().__init__(context, session)
        self.evaluations = evaluations
        self.playback = playback or Playback(self.say)
        self._measured: Measured | None = None
        self._listed: list[Heard] = []
        evaluations.subscribe(self._show)
        self.accuracy = NumberChip(self.tr("accuracy"), size="large", widest="100.0", widest_unit="%")
        self.set_name = Words(size_px=14, role="quiet_ink")
        self.folder = QPushButton(self.tr("Folder …"))
        self.folder.setToolTip(
            self.tr("Measure on recordings of your own: one folder per word, as Speech Commands has it")
        )
        self.folder.clicked.connect(self._on_folder)
        self.bundled = QPushButton(self.tr("Bundled voices"))
        self.bundled.clicked.connect(self._on_bundled)
        self.matrix = ConfusionMatrix()
        self.matrix.cellChosen.connect(self._on_cell)
        self.cell = Words(size_px=14, weight=600)
        self.clips = QListWidget()
        self.clips.setAccessibleName(self.tr("Clips of this cell"))
        self.clips.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clips.itemActivated.connect(self._on_play)
        self.play = QPushButton(self.tr("Play"))
        self.play.setAccessibleName(self.tr("Play the selected clip through the loudspeaker"))
        self.play.clicked.connect(self._on_play)
        self.box = StateBox()
        self.box.actionRequested.connect(self._on_again)
        self._head, self._row, self._side = QHBoxLayout(), QHBoxLayout(), QVBoxLayout()
        self._head.addWidget(self.accuracy)
        self._head.addWidget(self.set_name, 1)
        self._head.addWidget(self.bundled)
        self._head.addWidget(self.folder)
        for widget in (self.cell, self.clips, self.play):
            self._side.addWidget(widget)
        self._row.addWidget(self.matrix, 7)
        self._row.addLayout(self._side, 3)
        self._body = QWidget()
        self._body.setLayout(self._row)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.page.addLayout(self._head)
        self.page.addWidget(self.box, 1)
        self.page.addWidget(self._body, 1)
        ExportMenu(self.matrix, self.matrix.table, self.tr("heard"), self)
        self._unfollow = tokens.follow(self._apply_tokens)
        self._show()

    def question(self) -> Question:
        """Give what is measured: the set that is active in all panels."""
        return Question(folder=self.context.workbench.state.evaluation_folder)

    def activate(self) -> None:
        """Measure, unless it is known."""
        network = self.session.network
        if network is not None:
            self.evaluations.ask(network, self.question())
        self._show()

    def on_slow_tick(self) -> None:
        """Follow a network that came late, and the progress."""
        self.playback.tick()
        network = self.session.network
        if network is None:
            return
        if self.evaluations.get(network, self.question()) is None:
            if not self.evaluations.error(network, self.question()):
                self.evaluations.ask(network, self.question())
            self._show()
        elif self._measured is not self.evaluations.get(network, self.question()):
            self._show()

    def on_state(self, old: State, new: State) -> None:
        """Another set or network: what was measured no longer holds."""
        if (new.evaluation_folder, new.network) != (old.evaluation_folder, old.network) and self.isVisible():
            self.activate()

    def describe(self) -> str:
        """Return accuracy, set and the commonest mistake."""
        if self._measured is None:
            return self.box.text()
        accuracy = self._measured.accuracy
        worst = max(
            (
                (count, said, heard)
                for said, row in zip(accuracy.labels, accuracy.confusion, strict=True)
                for heard, count in zip(accuracy.labels, row, strict=True)
                if said != heard
            ),
        )
        return self.tr(
            "{share} % of {clips} clips are recognised ({set}); "
            "most often “{said}” is heard as “{heard}” ({count} times)."
        ).format(
            share=f"{100 * accuracy.accuracy:.1f}",
            clips=accuracy.clips,
            set=accuracy.set_name,
            said=worst[1],
            heard=worst[2],
            count=worst[0],
        )

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Explain number and matrix."""
        return (
            HelpEntry(
                self.accuracy,
                self.tr("Accuracy"),
                self.tr(
                    "Share of the clips whose highest score is the right word, on the set that is named beside it."
                ),
                self._formula,
                "5.2",
            ),
            HelpEntry(
                self.matrix,
                self.tr("Confusion matrix"),
                self.tr(
                    "Rows: what was said. Columns: what was heard. Recall: of the clips of a word, how many were "
                    "heard. Precision: of what was heard as a word, how much was it. Press a cell to hear its clips."
                ),
                self._formula,
                "5.2",
            ),
        )

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the counts."""
        if self._measured is None:
            return []
        accuracy = self._measured.accuracy
        rows: list[tuple[object, ...]] = [("said \\ heard", *accuracy.labels)]
        return rows + [(said, *row) for said, row in zip(accuracy.labels, accuracy.confusion, strict=True)]

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the matrix."""
        return (self.matrix,)

    def shutdown(self) -> None:
        """Close the loudspeaker."""
        self.playback.close()

    def _formula(self) -> str:
        if self._measured is None:
            return ""
        a = self._measured.accuracy
        right = sum(row[i] for i, row in enumerate(a.confusion))
        interval = f"[{100 * a.low:.1f}, {100 * a.high:.1f}], 95 % Wilson interval"
        return f"{right} / {a.clips} = {100 * a.accuracy:.1f} % {interval}"

    def _show(self) -> None:
        network, question = self.session.network, self.question()
        self.bundled.setVisible(question.folder is not None)
        measured = None if network is None else self.evaluations.get(network, question)
        self._body.setVisible(measured is not None)
        self.box.setVisible(measured is None)
        if measured is None or network is None:
            self._measured = None
            self.accuracy.set_value("–", "%")
            self.set_name.setText(self._set_in_words(question))
            self._show_box(question)
            return
        if measured is self._measured:
            return
        first, self._measured = self._measured is None, measured
        accuracy = measured.accuracy
        self.accuracy.set_value(f"{100 * accuracy.accuracy:.1f}", "%", "measured", self._formula())
        self.set_name.setText(
            self.tr("[{low}, {high}] {network}, {set}").format(
                network=f"{network.title} ({network.badge})" if network.badge else network.name,
                set=_with_count(accuracy.set_name, accuracy.clips),
                low=f"{100 * accuracy.low:.1f}",
                high=f"{100 * accuracy.high:.1f}",
            )
        )
        self.matrix.set_accuracy(accuracy)
        if first:
            self.matrix.open_worst()
        self._on_cell(*self.matrix.cursor_cell())

    def _show_box(self, question: Question) -> None:
        network = self.session.network
        if network is None:
            self.box.set_state("loading", self.tr("The network is being loaded."))
            return
        error = self.evaluations.error(network, question)
        if error:
            self.box.set_state("failed", error, action=self.tr("Try again"))
            return
        text = self.tr("{network} listens to {set}.").format(network=network.title, set=self._set_in_words(question))
        self.box.set_state("estimating", text, progress=self.evaluations.progress(network, question))

    def _set_in_words(self, question: Question) -> str:
        if question.folder is None:
            return self.tr("bundled synthetic voices, evaluate part")
        return self.tr("recordings in {folder}").format(folder=Path(question.folder).name or question.folder)

    @Slot(str, str)
    def _on_cell(self, said: str, heard: str) -> None:
        if self._measured is None:
            return
        self._listed = self._measured.cell(said, heard)
        self.cell.setText(
            self.tr("“{said}” heard as “{heard}”: {count}").format(said=said, heard=heard, count=len(self._listed))
        )
        self.clips.clear()
        for clip in self._listed[:MOST_LISTED]:
            item = QListWidgetItem(clip.name)
            item.setToolTip(clip.name)
            self.clips.addItem(item)
        if self._listed:
            self.clips.setCurrentRow(0)
        self.play.setEnabled(bool(self._listed))
        self.play.setToolTip("" if self._listed else self.tr("No clip in this cell: press another one"))

    @Slot()
    def _on_play(self) -> None:
        row = self.clips.currentRow()
        if 0 <= row < len(self._listed):
            try:
                self.playback.play(self._listed[row].sound())
            except ExplorerError as error:
                self.say(str(error))

    @Slot()
    def _on_again(self) -> None:
        if self.session.network is not None:
            self.evaluations.ask(self.session.network, self.question())
            self._show()

    @Slot()
    def _on_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, self.tr("A folder with one folder per word"))
        if path:
            self.context.workbench.update(evaluation_folder=path)

    @Slot()
    def _on_bundled(self) -> None:
        self.context.workbench.update(evaluation_folder=None)

    def _apply_tokens(self, current: Tokens) -> None:
        self._head.setSpacing(current.space(2))
        self._row.setSpacing(current.space(2))
        self._side.setSpacing(current.space(1))
        self.clips.setFont(current.font(12))
        self.clips.setMinimumWidth(current.px(150))
        self.play.setIcon(icon("play"))
        self.play.setIconSize(QSize(current.icon_px, current.icon_px))


def _with_count(set_name: str, clips: int) -> str:
    """Name a set with its number of clips, once."""
    return set_name if "n = " in set_name else f"{set_name}, n = {clips}"
