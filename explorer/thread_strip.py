"""The thread along the top of the window: sound -> features -> network -> decision -> place, always there.

It tells a room that the panels are one system: each bead shows what that part holds at this moment and belongs to a
panel, a recognised word sends one pulse along it, and beside it stands the active network in words.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from explorer.bead import Bead
from explorer.panels.base import Glyphs, Recipe
from widgets import tokens

ORDER = ("sound", "features", "network", "decision", "place")
PULSE_S = 0.2


def recipe_texts(recipe: Recipe) -> tuple[str, ...]:
    """Return the network in words, longest form first.

    When space is short the recipe (its precision) drops first, then the interval, then the version; at last the
    accuracy goes with its set, because a bare number would not say what it was measured on.  That the network was
    learned here is said in every form, in short where there is no room.
    """
    name, versioned = recipe.network, f"{recipe.network} v{recipe.version}"
    size = "" if recipe.file_bytes is None else f"{recipe.file_bytes / 1024:.1f} KB"
    accuracy = interval = ""
    if recipe.accuracy is not None and recipe.evaluation_set:
        accuracy = f"{100 * recipe.accuracy:.1f} % {recipe.evaluation_set}"
        interval = accuracy
        if recipe.low is not None and recipe.high is not None:
            bounds = f"[{100 * recipe.low:.1f}, {100 * recipe.high:.1f}]"
            interval = f"{100 * recipe.accuracy:.1f} % {bounds} {recipe.evaluation_set}"
    badge, short = recipe.badge, recipe.badge.partition(",")[0]
    forms = (
        (versioned, recipe.precision, size, interval, badge),
        (versioned, size, interval, badge),
        (versioned, size, accuracy, badge),
        (versioned, size, accuracy, short),
        (name, size, accuracy, short),
        (name, size, short),
        (versioned, short) if short else (name, size),
        (name, short) if short else (name, size),
    )
    return tuple(dict.fromkeys(" · ".join(part for part in form if part) for form in forms))


def fit_recipe(recipe: Recipe, width: float, measure: Callable[[str], float]) -> str:
    """Return the longest form of the network in words that is at most `width` wide.

    Parameters
    ----------
    recipe
        The active network.
    width
        Room in pixels.
    measure
        Gives the width of a text in pixels.
    """
    texts = recipe_texts(recipe)
    return next((text for text in texts if measure(text) <= width), texts[-1])


class ThreadStrip(QWidget):
    """The thread: beads joined by a line, and the network in words.

    Parameters
    ----------
    now_s
        Seconds that only grow, the same as the frame clock's.

    Signals
    -------
    beadPressed
        Key of the bead: go to the panel that owns it.
    """

    beadPressed = Signal(str)

    def __init__(self, parent: QWidget | None = None, now_s: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(parent)
        self._now_s = now_s
        self._pulse_start_s: float | None = None
        self._pulse_at: float | None = None
        self._recipe: Recipe | None = None
        self.pulses = 0
        self._beads: dict[str, Bead] = {}
        self._row = QHBoxLayout(self)
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._row.addWidget(self._words, 1)
        self.setAccessibleName(self.tr("The thread: from sound to decision"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        tokens.follow(self._on_theme)

    def set_beads(self, keys: Iterable[str]) -> None:
        """Show the beads that have a panel, in the order of the thread; others are absent, not grey."""
        wanted = set(keys)
        for bead in self._beads.values():
            self._row.removeWidget(bead)
            bead.deleteLater()
        self._beads = {}
        for place, key in enumerate(key for key in ORDER if key in wanted):
            bead = Bead(key, self)
            bead.clicked.connect(self._on_bead)
            self._row.insertWidget(place, bead)
            self._beads[key] = bead
        self.update()

    @property
    def beads(self) -> tuple[Bead, ...]:
        """The beads, first to last."""
        return tuple(self._beads.values())

    @property
    def words_label(self) -> QWidget:
        """Where the network stands in words."""
        return self._words

    @property
    def full_words(self) -> str:
        """The network in words, in its longest form."""
        return "" if self._recipe is None else recipe_texts(self._recipe)[0]

    @property
    def words(self) -> str:
        """The network in words, as shown."""
        return self._words.text()

    def set_glyphs(self, glyphs: Glyphs) -> None:
        """Show what the beads hold now."""
        for bead in self._beads.values():
            bead.show_glyphs(glyphs)
        if glyphs.recipe is not None and glyphs.recipe != self._recipe:
            self._recipe = glyphs.recipe
            self._fit_words()

    def pulse(self) -> None:
        """Send one pulse along the thread, 200 ms long; where less motion is asked for, nothing moves."""
        self.pulses += 1
        if not tokens.current().reduced_motion:
            self._pulse_start_s = self._now_s()

    def on_frame(self, now_s: float) -> None:
        """Move the pulse on."""
        if self._pulse_start_s is None:
            return
        done = (now_s - self._pulse_start_s) / PULSE_S
        if done >= 1.0:
            self._pulse_start_s = self._pulse_at = None
        else:
            self._pulse_at = max(0.0, done)
        last = max(1, len(self._beads) - 1)
        for place, bead in enumerate(self._beads.values()):
            bead.set_lit(self._pulse_at is not None and abs(self._pulse_at * last - place) < 0.5)
        self.update()

    def sizeHint(self) -> QSize:
        """Give the height of a bead and whatever width there is."""
        return QSize(self._row.sizeHint().width(), tokens.current().px(64))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the words that fit."""
        super().resizeEvent(event)
        self._fit_words()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line that joins the beads, and the pulse on it."""
        beads = self.beads
        if not beads:
            return
        look = tokens.current()
        painter = QPainter(self)
        y = beads[0].geometry().top() + beads[0].joint_y()
        painter.setPen(QPen(look.color("edge"), look.px(2)))
        for left, right in itertools.pairwise(beads):
            painter.drawLine(QPointF(left.geometry().right(), y), QPointF(right.geometry().left(), y))
        if self._pulse_at is not None:
            x0, x1 = beads[0].geometry().left(), beads[-1].geometry().right()
            radius = look.px(5)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("good"))
            x = x0 + self._pulse_at * (x1 - x0)
            painter.drawEllipse(QRectF(x - radius, y - radius, 2 * radius, 2 * radius))
        painter.end()

    def _fit_words(self) -> None:
        if self._recipe is None:
            return
        taken = sum(bead.width() for bead in self._beads.values()) + self._row.spacing() * len(self._beads)
        margins = self._row.contentsMargins()
        room = self.width() - taken - margins.left() - margins.right()
        measure = QFontMetricsF(self._words.font()).horizontalAdvance
        self._words.setText(fit_recipe(self._recipe, room, measure))
        full = recipe_texts(self._recipe)[0]
        self._words.setAccessibleName(full)
        self._words.setToolTip(full)

    def _on_theme(self, look: tokens.Tokens) -> None:
        self._words.setFont(look.font(14, 500))
        self._row.setContentsMargins(look.space(2), look.space(0.5), look.space(2), look.space(0.5))
        self._row.setSpacing(look.space(2))
        self.updateGeometry()
        self._fit_words()
        self.update()

    @Slot()
    def _on_bead(self) -> None:
        bead = self.sender()
        if isinstance(bead, Bead):
            self.beadPressed.emit(bead.key)
