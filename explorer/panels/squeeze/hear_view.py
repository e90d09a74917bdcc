"""Hear: a second of sound beside what the front end keeps of it and what the input's bits keep of that."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from explorer.background import Task
from explorer.engine.audio.source import RATE_HZ
from explorer.engine.errors import ExplorerError
from explorer.engine.kws.decision import keyword_indices
from explorer.engine.kws.frontend import BANDS, HOP
from explorer.engine.kws.labels import LABELS
from explorer.engine.nn.inference import Executor
from explorer.engine.quantization.hearing import Hearing, bundled_second, hear
from explorer.engine.quantization.recipe import is_float
from explorer.engine.quantization.steps import INPUT
from explorer.panels.base import Context, HelpEntry
from explorer.panels.listen.playback import Playback
from explorer.panels.squeeze.controls import WidthSlider
from explorer.panels.squeeze.heard_column import HeardColumn
from explorer.panels.squeeze.session import SqueezeSession
from explorer.panels.squeeze.views import SqueezeView
from explorer.panels.squeeze.widths import ACTIVATION_WIDTHS
from explorer.panels.squeeze.widths import words as width_words
from explorer.panels.view import ExportMenu
from widgets import tokens
from widgets.choice import Choice
from widgets.elided_label import ElidedLabel
from widgets.tokens import Tokens

LIVE = "live"
WORDS = tuple(LABELS[int(i)] for i in keyword_indices(LABELS))


class HearView(SqueezeView):
    """Three pictures of one second, each with a button that plays it and the network's answer.

    Parameters
    ----------
    context
        What the application lends.
    session
        What measures: gives network and recipe.
    """

    def __init__(self, context: Context, session: SqueezeSession, playback: Playback | None = None) -> None:
        super().__init__(context, session)
        self.playback = playback or Playback(self._tell)
        self.hearing: Hearing | None = None
        self._live: NDArray[np.float32] | None = None
        self._chosen, self._take = False, 0
        self._origin = self._problem = ""
        self._task: Task | None = None
        self._again = False
        self._asked: object = None
        self._executor: Executor | None = None
        self.what = Choice(self.tr("The word that is heard"))
        self.what.addItem(self.tr("last second heard"), LIVE)
        for word in WORDS:
            self.what.addItem(word, word)
        self.what.setCurrentIndex(self.what.findData("yes"))
        self.what.activated.connect(self._on_word)
        self.another = QPushButton(self.tr("Another voice"))
        self.another.clicked.connect(self._on_another)
        self.bits = WidthSlider(self.tr("Bits of the input"), ACTIVATION_WIDTHS)
        self.bits.valueChanged.connect(self._on_bits)
        self.same = QPushButton(self.tr("As all activations"))
        self.same.clicked.connect(self._on_same)
        self.same.hide()
        self.columns = QWidget()
        self.sound = HeardColumn(self.tr("The sound, 0 to 8 kHz"), self.tr("Play the sound"))
        self.picture = HeardColumn(self.tr("What the front end keeps"), self.tr("Play the log-mel picture"))
        self.coarse = HeardColumn(self.tr("What the bits keep"), self.tr("Play the log-mel picture on its grid"))
        self.status = ElidedLabel("", size_px=12, role="warn")
        self.status.hide()
        self._head, self._row = QHBoxLayout(), QHBoxLayout(self.columns)
        self._row.setContentsMargins(0, 0, 0, 0)
        for widget, stretch in ((self.what, 2), (self.another, 0), (self.bits, 3), (self.same, 0)):
            self._head.addWidget(widget, stretch)
        for column in self._all():
            self._row.addWidget(column, 1)
            column.play.clicked.connect(self._on_play)
            ExportMenu(column.picture, column.picture.table, "frame", self)
        self.page.addLayout(self._head)
        self.page.addWidget(self.columns, 1)
        self.page.addWidget(self.status)
        self._unfollow = tokens.follow(self._apply_tokens)

    # -- what the panel asks ---------------------------------------------------------------------------------------

    def activate(self) -> None:
        """Take a second of sound if there is none yet."""
        super().activate()
        if not self._chosen:
            self._choose()

    def renew(self) -> None:
        """Follow the network and the grid of its input."""
        recipe = self.session.recipe
        self.bits.show_width(recipe.activations_of(INPUT))
        self.same.setVisible(INPUT in dict(recipe.layer_activations))
        self._ask()

    def on_slow_tick(self) -> None:
        """Close the loudspeaker when it is done."""
        self.playback.tick()
        if not self.playback.playing:
            for column in self._all():
                column.set_playing(False)

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        if self._problem:
            return self._problem
        hearing = self.hearing
        if hearing is None:
            return self.tr("The network is listening.")
        if is_float(hearing.width):
            told = self.tr(
                "{origin}: the network says {label} {score}; the front end keeps 40 of 257 rows and no phase."
            )
            return told.format(origin=self._origin, label=hearing.sound.label, score=f"{hearing.sound.score:.2f}")
        told = self.tr("{origin}: {levels} grey levels are left at {bits}; the network says {label} {score}{instead}.")
        same = hearing.coarse.label == hearing.sound.label
        instead = "" if same else self.tr(" instead of {label}").format(label=hearing.sound.label)
        return told.format(
            origin=self._origin,
            levels=hearing.levels,
            bits=width_words(hearing.width),
            label=hearing.coarse.label,
            score=f"{hearing.coarse.score:.2f}",
            instead=instead,
        )

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return every element with its meaning."""
        return (
            HelpEntry(
                self.sound,
                self.tr("The sound"),
                self.tr("Its spectrum, 98 frames of 257 frequencies, and what the network answers to it."),
            ),
            HelpEntry(
                self.picture,
                self.tr("What the front end keeps"),
                self.tr(
                    "40 bands up to 4 kHz, no phase. Played: a sound that has this picture (Griffin-Lim); the answer "
                    "is the network's to that sound."
                ),
                lambda: self.tr("grey = 10 ln(energy of the band) + 146.55"),
            ),
            HelpEntry(
                self.coarse,
                self.tr("What the bits keep"),
                self.tr("The same picture on the grid of the input, as a sound; the answer is to the picture itself."),
                lambda: str(self.session.recipe),
            ),
            HelpEntry(
                self.bits,
                self.tr("Bits of the input"),
                self.tr("Part of the recipe: accuracy and Listen follow too. Same bits for all: clear the layer."),
            ),
        )

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the pictures: which, the time of the frame, and its bands."""
        if self.hearing is None:
            return []
        rows: list[tuple[object, ...]] = [("picture", "frame_ms", *(f"band_{i}" for i in range(BANDS)))]
        for name, heard in (("log_mel", self.hearing.picture), ("on_grid", self.hearing.coarse)):
            for i, frame in enumerate(heard.picture):
                rows.append((name, 1000 * i * HOP // RATE_HZ, *(float(level) for level in frame)))
        return rows

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the three pictures together."""
        return (self.columns,)

    def save_state(self) -> dict[str, Any]:
        """Return the word and the voice; live sound is not kept."""
        word = self.what.currentData()
        return {} if word == LIVE else {"word": word, "voice": self._take}

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned.

        Raises
        ------
        ExplorerError
            When a value does not fit.
        """
        word, voice = saved.get("word", "yes"), saved.get("voice", 0)
        if word not in WORDS:
            raise ExplorerError(f"In the panel Squeeze, 'word' is {word!r:.40}: one of {', '.join(WORDS)}.")
        if type(voice) is not int or not 0 <= voice < 10**6:
            raise ExplorerError("In the panel Squeeze, 'voice' must be a whole number from 0 on.")
        self.what.setCurrentIndex(self.what.findData(word))
        self._take = voice
        self._choose()

    def shutdown(self) -> None:
        """Stop the request and the loudspeaker."""
        if self._task is not None:
            self._task.stop()
        self.playback.close()

    # -- what the user does ----------------------------------------------------------------------------------------

    @Slot()
    def _on_word(self) -> None:
        self._take = 0
        self._choose()

    @Slot()
    def _on_another(self) -> None:
        self._take += 1
        self._choose()

    @Slot()
    def _on_bits(self) -> None:
        recipe = self.session.recipe
        self.context.workbench.update(precision=recipe.with_layer(INPUT, activations=self.bits.width_chosen()))

    @Slot()
    def _on_same(self) -> None:
        recipe = self.session.recipe
        rest = tuple(pair for pair in recipe.layer_activations if pair[0] != INPUT)
        self.context.workbench.update(precision=replace(recipe, layer_activations=rest))

    @Slot()
    def _on_play(self) -> None:
        hearing = self.hearing
        if hearing is None:
            return
        for column, heard in zip(self._all(), (hearing.sound, hearing.picture, hearing.coarse), strict=True):
            mine = column.play is self.sender()
            if mine:
                self._tell("")
            column.set_playing(mine and self.playback.play(heard.samples))

    # -- inside ----------------------------------------------------------------------------------------------------

    def _all(self) -> tuple[HeardColumn, HeardColumn, HeardColumn]:
        return self.sound, self.picture, self.coarse

    def _tell(self, sentence: str) -> None:
        """Say below the pictures what is missing, a loudspeaker or a sound; pictures and answers stay."""
        self.status.set_text(sentence)
        self.status.setVisible(bool(sentence))

    def _choose(self) -> None:
        """Take the second that was chosen: of a bundled voice, or of what was heard last."""
        live = self.what.currentData() == LIVE
        self.another.setText(self.tr("Take it again") if live else self.tr("Another voice"))
        if live:
            self.context.ear.listening()  # begins to listen, if nobody looked at that panel yet
            heard = self.context.workbench.sound.last(1.0)
            if len(heard) < RATE_HZ:
                self._problem = self.tr("No second of live sound is remembered: let Listen hear something first.")
                self._tell(self._problem)
                return
            self._live = heard
        self._chosen, self._problem, self._asked = True, "", None
        self._tell("")
        self._ask()

    def _ask(self) -> None:
        """Let the network hear it, beside the interface; what changes meanwhile is heard next."""
        prepared, recipe = self.session.prepared, self.session.recipe
        if prepared is None or prepared.calibration is None or not self._chosen or self._asked == (prepared, recipe):
            return
        if self._task is not None:
            self._again = True
            return
        self._asked = (prepared, recipe)
        quantizer, kept, word, take = prepared.quantizer, self._executor, self.what.currentData(), self._take
        live = self._live if word == LIVE else None

        def work(stop: threading.Event, put: Callable[[Any], None], report: Callable[..., None]) -> None:
            executor = kept
            if executor is None or executor.network is not quantizer.network:
                executor = Executor(quantizer.network)
            if live is not None:
                put((executor, self.tr("The last second heard"), hear(live, executor, quantizer, recipe)))
                return
            samples, place, count = bundled_second(word, take)
            told = self.tr("“{word}”, bundled voice {place} of {count}")
            origin = told.format(word=word, place=place + 1, count=count)
            put((executor, origin, hear(samples, executor, quantizer, recipe)))

        def update(found: tuple[Executor, str, Hearing]) -> None:
            self._executor, self._origin, self.hearing = found
            self._show()

        def end(error: BaseException | None) -> None:
            self._task = None
            if error is not None:
                self._problem = str(error)
                self._tell(self._problem)
            if self._again:
                self._again = False
                self._ask()

        self._task = self.context.background.start(self.tr("Hearing"), work, update, end, heavy=False)

    def _show(self) -> None:
        hearing = self.hearing
        assert hearing is not None
        self.sound.show_heard(hearing.sound, self.tr("the network says"))
        self.picture.show_heard(hearing.picture, self.tr("played to it again"))
        left = self.tr("{levels} levels left").format(levels=hearing.levels)
        self.coarse.show_heard(hearing.coarse, left, other=hearing.coarse.label != hearing.sound.label)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the notes below the answers out where height is dear."""
        super().resizeEvent(event)
        for column in self._all():
            column.note.setVisible(self.height() >= tokens.current().px(200))

    def _apply_tokens(self, current: Tokens) -> None:
        self._head.setSpacing(current.space(1))
        self._row.setSpacing(current.space(1.5))


VIEW = HearView
