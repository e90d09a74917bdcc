"""Stage: how the pictures of the Train view are arranged, and the buttons that drive the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.panels.teach.decision_map import DecisionMap
from explorer.panels.teach.depth_time import DepthTime
from explorer.panels.teach.loss_plot import LossPlot
from explorer.panels.teach.network_picture import NetworkPicture
from explorer.panels.teach.picked_line import PickedLine
from explorer.panels.teach.presets_row import PresetsRow
from explorer.panels.teach.reach_line import ReachLine
from explorer.panels.teach.recall_bars import RecallBars
from explorer.panels.teach.scrubber import Scrubber
from widgets import tokens
from widgets.elided_label import ElidedLabel
from widgets.icon_button import IconButton
from widgets.painting import draw_focus_ring
from widgets.state_box import StateBox
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from explorer.panels.teach.session import TeachSession


class Ring(QWidget):
    """A ring over a picture that cannot draw one itself."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        over.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the picture."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._over.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring."""
        draw_focus_ring(QPainter(self), QRectF(self.rect()), tokens.current(), 4)


class Transport(QWidget):
    """Play, one step, begin again; and beside them what the probes say of the run."""

    def __init__(self, session: TeachSession) -> None:
        super().__init__()
        self._session = session
        self.play = IconButton("play", _tr("Play"), key=_tr("Space"), role="accent")
        self.step = IconButton("chevron-right", _tr("One step"), key=".")
        self.reset = IconButton("rotate-ccw", _tr("Begin again with new weights"), key=_tr("Backspace"))
        self.play.clicked.connect(session.toggle)
        self.step.clicked.connect(session.step_once)
        self.reset.clicked.connect(session.reset)
        self.told = ElidedLabel("", size_px=14, lines=2)
        self.keep = QPushButton(_tr("Keep as B"))
        self.keep.setProperty("quiet", True)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for button in (self.play, self.step, self.reset):
            self._row.addWidget(button)
        self._row.addWidget(self.told, 1, Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(self.keep)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._unfollow = tokens.follow(self._apply_tokens)

    def take(self, widget: QWidget) -> None:
        """Give a widget room behind the buttons."""
        self._row.addWidget(widget, 1)

    def renew(self) -> None:
        """Show whether the run plays, and what is to be said of it."""
        session = self._session
        going = session.playing or session.waiting
        self.play.set_icon("pause" if going else "play", _tr("Pause") if going else _tr("Play"))
        self.told.set_text(self.sentence())
        self.told.set_role("warn" if session.findings or (session.view and session.view.mode == "ended") else "ink")

    def show_kept(self, kept: bool) -> None:
        """Show whether a run is kept for comparing."""
        self.keep.setText(_tr("Forget B") if kept else _tr("Keep as B"))
        self.keep.setToolTip(_tr("Its curves stay as dashed lines beside those of the next run (B)."))

    def sentence(self) -> str:
        """Give what the run waits for, else the first rule that fires, else why it ended, else that no rule fires."""
        session = self._session
        view = session.view
        if session.preparing:
            fraction, words = session.progress
            share = "" if fraction is None else f" {100 * fraction:.0f} %"
            return _tr("The next run is being prepared: {words}{share}").format(words=words or "…", share=share)
        if session.waiting:
            return _tr("Training waits for: {title}.").format(title=session.busy_with())
        if session.findings:  # why it stopped stands in the sentence below
            found = session.findings[0]
            name = found.rule.illness.value
            return f"{name[:1].upper()}{name[1:]} – {found.sentence.rstrip('.')}."
        if view is not None and view.why:
            return view.why
        if view is None or view.step == 0:
            return ""
        return _tr("No rule of thumb fires.")

    def _apply_tokens(self, current: Tokens) -> None:
        self._row.setSpacing(current.space(0.5))


class Stage(QWidget):
    """Map at the left; loss, heat map and time axis at the right, over one another; presets above, buttons below.

    Parameters
    ----------
    session
        The run.
    """

    def __init__(self, session: TeachSession) -> None:
        super().__init__()
        self._session = session
        self.presets = PresetsRow(session)
        self.map = DecisionMap()
        self.recall = RecallBars()
        self.recall.hide()
        self.network = NetworkPicture()
        self.picked = PickedLine(session, self.network)
        self.loss = LossPlot()
        self.reach = ReachLine()
        self.heat = DepthTime()
        self.scrubber = Scrubber()
        self.transport = Transport(session)
        self.state = StateBox()
        self._loss_ring = Ring(self.loss)
        self._low = self._words = self._curves = False
        self._lay_out()
        self._unfollow = tokens.follow(self._apply_tokens)
        self.show_state()

    def _lay_out(self) -> None:
        self._left = QVBoxLayout()
        self._left.addWidget(self.map, 3)
        self._left.addWidget(self.recall, 3)
        self._left.addWidget(self.network, 2)
        self._left.addWidget(self.picked)
        self._right = QVBoxLayout()
        self._right.addWidget(self.loss, 2)
        self._right.addWidget(self.reach)
        self._right.addWidget(self.heat, 3)
        self._right.addWidget(self.scrubber)
        self._run = QWidget()
        self._both = QHBoxLayout(self._run)
        self._both.setContentsMargins(0, 0, 0, 0)
        self._both.addLayout(self._left, 3)
        self._both.addLayout(self._right, 7)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.presets)
        self._column.addWidget(self.state, 1)
        self._column.addWidget(self._run, 1)
        self._column.addWidget(self.transport)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def hasHeightForWidth(self) -> bool:
        """Say that the height does not follow from the width: the pictures give words their room."""
        return False

    def show_state(self) -> None:
        """Show the pictures, or in their place what is on its way or went wrong."""
        session = self._session
        there = session.view is not None and not session.problem
        for widget in (self._run, self.transport):
            widget.setVisible(there)
        self.state.setVisible(not there)
        if session.problem:
            self.state.set_state("failed", session.problem)
        elif not there:
            self.state.set_state("loading", _tr("Loading PyTorch, which trains the network: about a second or two."))

    def show_words(self, words: bool) -> None:
        """Show what fits the task: bars of words, or the plane and the small network."""
        self._words = words
        self._fit()

    def set_low(self, low: bool) -> None:
        """Where there is little height, leave the heat map and the thing learned, and say the rest in the sentence."""
        if low == self._low:
            return
        self._low = low
        self.presets.set_low(low)
        self.transport.told.setVisible(not low)
        self.transport.keep.setVisible(not low)
        if low:
            self.transport.take(self.reach)
        else:
            self._right.insertWidget(1, self.reach)
        self._fit()

    def show_curves(self, curves: bool) -> None:
        """Where there is room for one alone, show the loss curves in place of the heat map."""
        if curves != self._curves:
            self._curves = curves
            self._fit()

    def low(self) -> bool:
        """Say whether there is little height."""
        return self._low

    def _fit(self) -> None:
        self.recall.setVisible(self._words)
        self.map.setVisible(not self._words)
        self.network.setVisible(not self._words and not self._low)
        self.loss.setVisible(not self._low or self._curves)
        self.heat.setVisible(not self._low or not self._curves)
        self._apply_tokens(tokens.current())

    def ring_loss(self, on: bool) -> None:
        """Draw a ring around the loss curves, or take it away."""
        self._loss_ring.setGeometry(self.loss.rect())
        self._loss_ring.setVisible(on)

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the pictures that can be shown alone, the heat map first."""
        return self.heat, self.loss, self.map, self.recall, self.network

    def _apply_tokens(self, current: Tokens) -> None:
        gap = current.space(1)
        self._left.setSpacing(gap)
        self._right.setSpacing(current.space(0.5))
        self._both.setSpacing(current.space(1.5))
        self._column.setSpacing(current.space(0.5) if self._low else gap)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
