"""The foot of the window: what the program costs, what it lost, what it does in the background, what it keeps."""

from __future__ import annotations

from collections.abc import Iterable

import psutil
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from explorer.background import Task
from explorer.panels.base import FootNotes
from widgets import icons, tokens
from widgets.elided_label import ElidedLabel

_SHOWN_TASKS = 2
_SAMPLES_PER_S = 16_000


class TaskRow(QWidget):
    """One background task: what it does, how far it is, and a button that stops it."""

    def __init__(self, task: Task, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.task = task
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self._label = QLabel()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(tokens.current().px(80))
        self._bar.setAccessibleName(task.title)
        self.stop = QToolButton()
        self.stop.setIcon(icons.icon("square", size_px=16))
        self.stop.setToolTip(self.tr("Stop: {title}").format(title=task.title))
        self.stop.setAccessibleName(self.stop.toolTip())
        self.stop.clicked.connect(self._on_stop)
        for widget in (self._label, self._bar, self.stop):
            row.addWidget(widget)
        self.refresh()

    def refresh(self) -> None:
        """Show the progress of now."""
        fraction, words = self.task.progress
        if self.task.stopping:
            words = self.tr("stopping")
        elif not self.task.started:
            words = self.tr("waits for its turn")
        self._label.setText(f"{self.task.title} · {words}" if words else self.task.title)
        self._bar.setVisible(self.task.started)
        self._bar.setRange(0, 0 if fraction is None else 100)
        if fraction is not None:
            self._bar.setValue(round(100 * fraction))

    @Slot()
    def _on_stop(self) -> None:
        self.task.stop()
        self.stop.setEnabled(False)
        self.refresh()


class Footer(QFrame):
    """The line at the foot of the window.

    Signals
    -------
    sceneAsked
        Digit of the scene that was pressed.
    """

    sceneAsked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._process = psutil.Process()
        self._process.cpu_percent()  # the first call only starts the measurement
        self.processor = QLabel(self.tr("processor –"))
        self.processor.setToolTip(self.tr("Share of one processor core that this program uses, the last half second"))
        self.lost = QLabel()
        self.privacy = ElidedLabel("", size_px=12)
        self._tasks = QHBoxLayout()
        self._more = QLabel()
        self._scenes = QHBoxLayout()
        self._scenes_label = QLabel(self.tr("scenes"))
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.processor)
        self._row.addWidget(self.lost)
        self._row.addWidget(self._scenes_label)
        self._row.addLayout(self._scenes)
        self._row.addLayout(self._tasks)
        self._row.addWidget(self._more)
        self._row.addStretch(1)
        self._row.addWidget(self.privacy)
        self._rows: list[TaskRow] = []
        self.show_scenes(())
        tokens.follow(self._on_theme)

    @property
    def rows(self) -> tuple[TaskRow, ...]:
        """The background tasks that are shown."""
        return tuple(self._rows)

    def refresh(self, notes: FootNotes, tasks: Iterable[Task]) -> None:
        """Renew everything; called twice a second."""
        share = self._process.cpu_percent()
        self.processor.setText(self.tr("processor {share:.0f} % of one core").format(share=share))
        self.lost.setVisible(notes.lost_samples is not None)
        if notes.lost_samples is not None:
            lost = (
                self.tr("lost sound: {seconds:.2f} s").format(seconds=notes.lost_samples / _SAMPLES_PER_S)
                if notes.lost_samples
                else self.tr("lost sound: none")
            )
            lag = "" if notes.lag_ms is None else self.tr(" · {lag:.0f} ms behind").format(lag=notes.lag_ms)
            self.lost.setText(lost + lag)
        self.privacy.set_text(notes.privacy)
        self._show_tasks(tuple(tasks))

    def show_scenes(self, digits: Iterable[str]) -> None:
        """Show a button for each stored scene."""
        while (item := self._scenes.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        stored = tuple(digits)
        self._scenes_label.setVisible(bool(stored))
        for digit in stored:
            button = QToolButton()
            button.setText(digit)
            button.setToolTip(self.tr("Recall scene {digit} (Ctrl+{digit})").format(digit=digit))
            button.setAccessibleName(self.tr("Recall scene {digit}").format(digit=digit))
            button.clicked.connect(self._on_scene)
            self._scenes.addWidget(button)

    def _show_tasks(self, tasks: tuple[Task, ...]) -> None:
        shown = tasks[:_SHOWN_TASKS]
        if tuple(row.task for row in self._rows) != shown:
            for row in self._rows:
                self._tasks.removeWidget(row)
                row.deleteLater()
            self._rows = [TaskRow(task) for task in shown]
            for row in self._rows:
                self._tasks.addWidget(row)
        for row in self._rows:
            row.refresh()
        hidden = len(tasks) - len(shown)
        self._more.setText(self.tr("and {count} more").format(count=hidden) if hidden else "")
        self._more.setVisible(hidden > 0)

    def _on_theme(self, look: tokens.Tokens) -> None:
        self._row.setContentsMargins(look.space(2), look.space(0.5), look.space(2), look.space(0.5))
        self._row.setSpacing(look.space(2))
        for label in (self.processor, self.lost, self._more, self._scenes_label):
            label.setFont(look.font(12))

    @Slot()
    def _on_scene(self) -> None:
        button = self.sender()
        if isinstance(button, QToolButton):
            self.sceneAsked.emit(button.text())
