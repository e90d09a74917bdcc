"""The live picture: waveform, log-mel, scores and the leading word on one time axis, now at the right edge."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QScrollBar, QSizePolicy, QWidget

from explorer.engine.kws.frontend import BANDS
from explorer.engine.kws.pipeline import Seam
from explorer.panels.listen.duel import words_of
from explorer.panels.listen.flags import Overlay
from explorer.panels.listen.score_plot import ScorePlot
from explorer.panels.listen.session import ListenSession
from explorer.panels.listen.strips import WAVE_ROWS, Gutter, score_columns, wave_columns
from explorer.panels.listen.trace import COLUMN_S
from widgets import tokens
from widgets.scroll_image import ScrollImage
from widgets.tokens import Tokens

SPAN_S = 8.0
LOW_PX = 170
"""Height at scale 1 below which the strips say nothing."""
NAMED_PX = 360
"""Width from which the strips of a compact picture are named."""
PLOT_PX = 40
"""Height that the score line gets at least."""
_COLUMNS = round(SPAN_S / COLUMN_S)
_STEP_MS = 50
_NEWEST = 6  # results: the leading words of about a third of a second
_LIT = 0.4  # a score that is seen as a bar
_LAG_S = 2 * COLUMN_S  # a frame is 30 ms long: the newest begins that much before the newest sample


class LiveView(QWidget):
    """Draw what the session heard.

    Parameters
    ----------
    session
        What is drawn.

    Attributes
    ----------
    frozen_s
        Time at the right edge while the picture stands still; None while it follows the sound.
    """

    thresholdChanged = Signal(float)
    """The user dragged the threshold."""
    momentChosen = Signal(float)
    """The user pressed the picture: the end of the second to look at, in seconds of sound."""

    def __init__(self, session: ListenSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.frozen_s: float | None = None
        self._compact = False
        self._hops = round(SPAN_S / session.trace.hop_s)
        self._drawn_s = -1.0
        self._take_order()
        self.wave = ScrollImage(WAVE_ROWS, _COLUMNS, lut="heat_lut", parent=self)
        self.mel = ScrollImage(BANDS, _COLUMNS, parent=self)
        self.heat = ScrollImage(len(self._order), self._hops, lut="heat_lut", parent=self)
        self.plot = ScorePlot(SPAN_S, self)
        self.plot.thresholdChanged.connect(self.thresholdChanged)
        self.gutter = Gutter([self._labels[i] for i in self._order], self)
        self.overlay = Overlay(seam_words, self)
        self.overlay.content.span_s = SPAN_S
        self.bar = QScrollBar(Qt.Orientation.Horizontal, self)
        self.bar.setAccessibleName(self.tr("Look back through the last five minutes"))
        self.bar.valueChanged.connect(self._on_bar)
        self.bar.hide()
        self.wave.setAccessibleName(self.tr("Waveform"))
        self.mel.setAccessibleName(self.tr("Log-mel picture: time by frequency, 0 to 4 kHz"))
        self.heat.setAccessibleName(self.tr("Scores: word by time"))
        for strip in (self.wave, self.mel, self.heat, self.plot.viewport()):
            strip.setMouseTracking(True)
            strip.installEventFilter(self)
        self.setAccessibleName(self.tr("The last seconds of sound, and what the network made of them"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._unfollow = tokens.follow(self._apply_tokens)

    # -- drawing ---------------------------------------------------------------------------------------------------

    @property
    def end_s(self) -> float:
        """Time at the right edge."""
        return self._session.now_s if self.frozen_s is None else self.frozen_s

    def draw(self, *, anew: bool = False) -> None:
        """Draw what came since the last time, or everything `anew`."""
        trace, end_s = self._session.trace, self.end_s
        new = round((end_s - self._drawn_s) / trace.hop_s)
        if anew or not 0 <= new < self._hops or self.frozen_s is not None:
            self.wave.set_columns(wave_columns(trace.extents(end_s, _COLUMNS)))
            self.mel.set_columns(trace.frames(end_s - _LAG_S, _COLUMNS))
            self.heat.set_columns(score_columns(trace.scores(end_s, self._hops), self._order))
        elif new:
            columns = new * round(trace.hop_s / COLUMN_S)
            self.wave.append(wave_columns(trace.extents(end_s, columns)))
            self.mel.append(trace.frames(end_s - _LAG_S, columns))
            self.heat.append(score_columns(trace.scores(end_s, new), self._order))
        self._drawn_s = end_s
        values, words = trace.leading(end_s, self._hops)
        leads = int(words[-1]) if values[-1] > 0.2 else None
        self.plot.show_line(values, self._labels[leads] if leads is not None else "")
        duel = self._session.duel
        self.plot.show_rival(duel.line(end_s, self._hops) if duel.on else values[:0])
        self.gutter.set_leading(self._order.index(leads) if leads is not None else None)
        self.gutter.set_lit(self._lit_rows(end_s))
        self._fill_overlay(end_s)

    def knobs_changed(self) -> None:
        """Draw the threshold, its ghost and all flags anew."""
        settings = self._session.settings
        self.plot.threshold.set_value(settings.threshold)
        self.draw(anew=True)

    def freeze(self, end_s: float | None) -> None:
        """Stand still with `end_s` at the right edge; None follows the sound again."""
        now_s = self._session.now_s
        if end_s is not None:
            oldest_s = min(now_s, self._session.trace.oldest_s + SPAN_S)
            end_s = min(max(end_s, oldest_s), now_s)
            self.bar.blockSignals(True)
            self.bar.setRange(round(oldest_s * 1000), round(now_s * 1000))
            self.bar.setSingleStep(_STEP_MS * 5)
            self.bar.setPageStep(round(SPAN_S * 1000))
            self.bar.setValue(round(end_s * 1000))
            self.bar.blockSignals(False)
        was_frozen, self.frozen_s = self.frozen_s is not None, end_s
        if was_frozen != (end_s is not None):
            self.bar.setVisible(end_s is not None)
            self._arrange()
        self.draw(anew=True)

    def pan(self, seconds: float) -> None:
        """Move a frozen picture by so many seconds."""
        if self.frozen_s is not None:
            self.freeze(self.frozen_s + seconds)

    def mark_moment(self, time_s: float | None) -> None:
        """Frame the second that ends at `time_s`."""
        self.overlay.content.moment_s = time_s
        self.overlay.update()

    def threshold_y(self, value: float) -> float:
        """Return the pixel row of a threshold in this widget."""
        return float(self.plot.y() + self.plot.y_of(value))

    def set_compact(self, compact: bool) -> None:
        """Draw flags, waveform and score line only: the room belongs to something else."""
        if compact != self._compact:
            self._compact = compact
            for strip in (self.mel, self.heat):
                strip.setVisible(not compact)
            self.plot.set_axis_shown(not compact)
            self._arrange()

    def _lit_rows(self, end_s: float) -> list[int]:
        """Return the rows that have something to show: the two that lead now, then the others by their highest."""
        scores = self._session.trace.scores(end_s, self._hops)[:, self._order]
        now, best = scores[-_NEWEST:].mean(0), scores.max(0)
        first = [int(row) for row in now.argsort()[::-1][:2] if now[row] > 0.0]
        return first + [int(row) for row in best.argsort()[::-1] if best[row] > _LIT and row not in first]

    def _fill_overlay(self, end_s: float) -> None:
        session, content = self._session, self.overlay.content
        content.end_s = end_s
        ago_s = session.now_s - end_s
        content.edge = self.tr("now") if self.frozen_s is None else self.tr("{ago:.1f} s ago").format(ago=ago_s)
        content.events = session.events
        content.spans = session.truth
        content.seams = session.seams
        content.disagreements = [(d.time_s, words_of(d)) for d in session.duel.found()]
        ghost = session.ghost
        content.ghosts, content.ghost_y, content.ghost_text = [], None, ""
        if ghost is not None:
            kept = {(event.label, round(event.time_s, 1)) for event in session.events}
            content.ghosts = [e for e in ghost.events if (e.label, round(e.time_s, 1)) not in kept]
            if ghost.settings.threshold != session.settings.threshold:
                content.ghost_y = self.threshold_y(ghost.settings.threshold)
                before_s = max((event.time_s for event in ghost.events), default=0.0)
                now = sum(event.time_s <= before_s for event in session.events)
                content.ghost_text = self.tr("was {threshold:.2f}: {before} words, now {now}").format(
                    threshold=ghost.settings.threshold, before=len(ghost.events), now=now
                )
        self.overlay.update()

    def take_labels(self) -> None:
        """Draw the scores of a network with other words."""
        self._take_order()
        self.heat.set_rows(len(self._order))
        self.gutter.set_words([self._labels[i] for i in self._order])
        self._arrange()
        self.draw(anew=True)

    def _take_order(self) -> None:
        self._labels = self._session.trace.labels
        # read from the top: the words in their order, then unknown and silence
        words = [int(i) for i in self._session.trace.keywords]
        self._order = [*(i for i in range(len(self._labels)) if i not in words), *reversed(words)]

    # -- pointer ---------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show values under the pointer, and choose the moment that is pressed, on every strip alike."""
        if isinstance(event, QMouseEvent) and isinstance(watched, QWidget):
            x = watched.mapTo(self, event.position().toPoint()).x()
            if event.type() == QEvent.Type.MouseMove:
                self._show_cursor(x)
            elif event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
                moment_s = self.overlay.time_of(x)
                if x >= self._left and moment_s <= self._session.now_s:
                    self.momentChosen.emit(moment_s)
        elif event.type() == QEvent.Type.Leave:
            self.overlay.content.cursor_s = None
            self.overlay.update()
        return bool(super().eventFilter(watched, event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose a moment with the arrows: one result, with Shift a second; Escape lets it go."""
        step_s = 1.0 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else self._session.trace.hop_s
        moment_s = self.overlay.content.moment_s
        if event.key() == Qt.Key.Key_Escape and moment_s is not None:
            self.mark_moment(None)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            moment_s = self.end_s if moment_s is None else moment_s
            moment_s += step_s if event.key() == Qt.Key.Key_Right else -step_s
            self.momentChosen.emit(min(max(moment_s, self._session.trace.oldest_s), self._session.now_s))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keyboard is here."""
        super().focusInEvent(event)
        self.overlay.content.focused = True
        self.overlay.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the keyboard has left."""
        super().focusOutEvent(event)
        self.overlay.content.focused = False
        self.overlay.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll a frozen picture through the last five minutes."""
        if self.frozen_s is None:
            event.ignore()
            return
        delta = event.angleDelta().x() or event.angleDelta().y()
        self.pan(-delta / 120.0)
        event.accept()

    def values_at(self, time_s: float) -> str:
        """Give what is the case at a moment, in a few lines."""
        trace = self._session.trace
        values, words = trace.leading(time_s, 1)
        single = trace.scores(time_s, 1)[0]
        best = int(single.argmax())
        lines = [self.tr("{seconds:.2f} s before now").format(seconds=max(0.0, self._session.now_s - time_s))]
        if single.max() > 0:
            lines.append(self.tr("averaged: {word} {score:.2f}").format(word=self._labels[words[0]], score=values[0]))
            lines.append(self.tr("this second: {word} {score:.2f}").format(word=self._labels[best], score=single[best]))
        lines += [
            self.tr("said: {word}").format(word=span.word)
            for span in self._session.truth
            if span.start_s <= time_s <= span.end_s
        ]
        return "\n".join(lines)

    def _show_cursor(self, x: float) -> None:
        content = self.overlay.content
        inside = x >= self._left
        content.cursor_s = self.overlay.time_of(x) if inside else None
        content.values = self.values_at(self.overlay.time_of(x)) if inside else ""
        self.overlay.update()

    @Slot(int)
    def _on_bar(self, value: int) -> None:
        if self.frozen_s is not None:
            self.freeze(value / 1000.0)

    # -- place -----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Give the size at which every word of the heat strip has its line."""
        current = self._tokens
        return QSize(current.px(800), current.px(372))

    def minimumSizeHint(self) -> QSize:
        """Give the size below which the strips say nothing."""
        current = self._tokens
        return QSize(current.px(200 if self._compact else 320), current.px(LOW_PX if not self._compact else 60))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the strips."""
        self._arrange()

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.updateGeometry()
        self._arrange()

    def _arrange(self) -> None:
        current, width = self._tokens, self.width()
        px = current.px
        gap = px(4)
        named = not self._compact or width >= px(NAMED_PX)
        self._left = left = max(self.gutter.wanted_width(), px(56)) if named else 0
        self.gutter.setVisible(named)
        flags = QRectF(left, 0, width - left, px(20))
        said = QRectF(left, flags.bottom() + px(2), width - left, 0 if self._compact else px(18))
        top = round(said.bottom()) + px(2)
        bar = px(12) if not self.bar.isHidden() else 0
        axis = 0 if self._compact else px(18)
        rects = []
        for height in self._heights(max(1, self.height() - top - bar), gap, axis):
            rects.append(QRectF(0, top, width, height))
            top += height + (gap if height else 0)
        for strip, rect in zip((self.wave, self.mel, self.heat), rects, strict=False):
            strip.set_label_width(left)
            strip.setGeometry(rect.toRect())
        self.wave.setVisible(rects[0].height() > 0)
        self.plot.setGeometry(rects[3].toRect())
        self.plot.place_picture(left)
        self.bar.setGeometry(left, round(rects[3].bottom()), width - left, bar)
        names = [(flags, self.tr("heard")), (rects[0], self.tr("waveform"))]
        if not self._compact:
            names += [(said, self.tr("said")), (rects[1], self.tr("log-mel"))]
        self.gutter.set_names(names, rects[2])
        self.gutter.setGeometry(0, 0, left, round(rects[3].top()))
        self.overlay.setGeometry(self.rect())
        self.overlay.set_rows(QRectF(left, 0, width - left, rects[3].bottom() - axis), flags, said)
        self.gutter.raise_()
        self.overlay.raise_()

    def _heights(self, room: int, gap: int, axis: int) -> tuple[int, int, int, int]:
        """Share `room` among waveform, log-mel, scores and line; as much for the scores as their words need."""
        least = self._tokens.px(PLOT_PX) + axis + 2  # the frame of the line takes one at each side
        if self._compact:
            wave = max(0, min(round(0.4 * (room - gap)), room - gap - least))
            wave = wave if wave >= self._tokens.px(16) else 0
            return wave, 0, 0, room - wave - (gap if wave else 0)
        room = max(1, room - 3 * gap)
        plot = max(least, round(0.2 * room))
        wanted = self.gutter.wanted_height()
        scores = wanted if wanted <= 0.7 * (room - plot) else round(0.56 * (room - plot))
        scores = max(scores, round(0.5 * (room - plot)))
        wave = round(0.38 * (room - scores - plot))
        return wave, room - scores - plot - wave, scores, plot


def seam_words(seam: Seam) -> str:
    """Say in words what begins at a seam."""
    words = {
        "microphone": QCoreApplication.translate("LiveView", "you, from here"),
        "talker": QCoreApplication.translate("LiveView", "recorded voice, from here"),
        "file": QCoreApplication.translate("LiveView", "{source}, from here"),
        "synthetic": QCoreApplication.translate("LiveView", "generated signal, from here"),
    }
    return words[seam.kind].format(source=seam.source)
