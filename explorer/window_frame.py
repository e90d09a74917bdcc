"""The frame of the window: thread on top, rail at the left, panel in the middle, drawer at the right, foot below."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.footer import Footer
from explorer.hairline import Hairline
from explorer.panels.base import HelpEntry
from explorer.rail import Rail
from explorer.thread_strip import ThreadStrip
from widgets import icons, tokens
from widgets.banner import Banner
from widgets.drawer import Drawer
from widgets.pages import Pages


class WindowFrame(QWidget):
    """Lay out what is always there around the panel in front.

    Attributes
    ----------
    strip, rail, banner, question, drawer_button, sentence, drawer, footer
        The parts, for the window to fill and to listen to.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strip = ThreadStrip()
        self.rail = Rail()
        self.banner = Banner()
        self.question = _line()
        self.sentence = _line()
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.drawer_button = QToolButton()
        self.drawer_button.setToolTip(self.tr("Controls (I)"))
        self.drawer_button.setAccessibleName(self.tr("Open or close the controls"))
        self.footer = Footer()
        self._panels = Pages()
        self.drawer = Drawer(self.tr("Controls"))
        self._inspectors: list[QWidget] = []
        self._lay_out()
        self._lies_over: bool | None = None
        self.lay_drawer_over(False)
        tokens.follow(self._on_theme)

    def lay_drawer_over(self, over: bool) -> None:
        """Let the drawer lie over the picture, where the picture needs the width, or stand beside it."""
        if over != self._lies_over:
            self._lies_over = over
            if over:
                self._middle.removeWidget(self.drawer)
                self.drawer.setParent(self)
            else:
                self._middle.addWidget(self.drawer)
            self.drawer.setVisible(self.drawer.is_open())
        self._place_drawer()

    def event(self, event: QEvent) -> bool:
        """Keep a drawer that lies over the picture at its place."""
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._place_drawer()
        return done

    def _place_drawer(self) -> None:
        if self._lies_over:
            top, width = self.strip.height() + 1, self.drawer.width()
            self.drawer.setGeometry(self.width() - width, top, width, self.footer.y() - 1 - top)
            self.drawer.raise_()

    def add_panel(self, panel: QWidget, inspector: QWidget) -> None:
        """Take in a panel and its controls."""
        self._panels.addWidget(panel)
        self._inspectors.append(inspector)
        if (column := inspector.layout()) is not None:
            column.setContentsMargins(0, 0, 0, 0)  # the drawer has margins of its own
        self.drawer.add(inspector)
        inspector.hide()  # until its panel is in front: one may be made for its sound, or from a state file, only

    def show_panel(self, panel: QWidget, inspector: QWidget) -> None:
        """Bring a panel and its controls to the front."""
        self._panels.setCurrentWidget(panel)
        for other in self._inspectors:
            other.setVisible(other is inspector)

    def show_sentence(self, sentence: str, *, visible: bool = True) -> None:
        """Show what is seen now; screen readers hear the same words."""
        self.sentence.setVisible(visible)
        if sentence != self.sentence.text():
            self.sentence.setText(sentence)
            self.sentence.setAccessibleName(sentence)

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Explain the parts around the panel."""
        return (
            HelpEntry(
                self.strip,
                self.tr("The thread"),
                self.tr(
                    "The way of every sound through the system, live. Each bead shows what its part holds now and "
                    "leads to its panel; a recognised word sends one pulse along it."
                ),
            ),
            HelpEntry(
                self.strip.words_label,
                self.tr("The active network"),
                self.tr(
                    "Its version, its precision, the bytes that a device would flash, and its accuracy with the 95 % "
                    "interval on the set that is named. Version 1 is the shipped one; what was learned in this window "
                    "says so, and N returns to the shipped one."
                ),
                lambda: self.strip.full_words,
            ),
            HelpEntry(
                self.sentence,
                self.tr("What is seen now"),
                self.tr("One sentence on the picture of this moment; screen readers and captions use the same words."),
            ),
            HelpEntry(
                self.footer.processor,
                self.tr("Processor share"),
                self.tr("Time that this program computed in the last half second, of one core's half second."),
                self.footer.processor.text,
            ),
            HelpEntry(
                self.footer.lost,
                self.tr("Lost sound"),
                self.tr(
                    "Samples that the source should have given by its own clock and did not, and how far listening is "
                    "behind the sound."
                ),
                self.footer.lost.text,
            ),
        )

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.question, 1)
        top.addWidget(self.drawer_button, 0, Qt.AlignmentFlag.AlignTop)
        self._centre = QVBoxLayout()
        self._centre.addWidget(self.banner)
        self._centre.addLayout(top)
        self._centre.addWidget(_scrolling(self._panels), 1)
        self._centre.addWidget(self.sentence)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addWidget(Hairline(Qt.Orientation.Vertical))
        middle.addLayout(self._centre, 1)
        self._middle = middle
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.strip)
        whole.addWidget(Hairline(Qt.Orientation.Horizontal))
        whole.addLayout(middle, 1)
        whole.addWidget(Hairline(Qt.Orientation.Horizontal))
        whole.addWidget(self.footer)

    def _on_theme(self, look: tokens.Tokens) -> None:
        self.question.setFont(look.font(20, 600))
        self.sentence.setFont(look.font(16))
        self.sentence.setMinimumHeight(look.px(28))
        self._centre.setContentsMargins(look.space(2), look.space(1), look.space(2), look.space(1))
        self._centre.setSpacing(look.space(1))
        self.drawer_button.setIcon(icons.icon("panel-right"))
        self.drawer_button.setIconSize(QSize(look.icon_px, look.icon_px))


def _line() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label


def _scrolling(content: QWidget) -> QScrollArea:
    """Let the content be larger than its place: it scrolls, it is never clipped."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(content)
    return area
