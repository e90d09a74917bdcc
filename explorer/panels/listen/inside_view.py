"""Look inside: the exact second the network saw, from the samples to the scores, step by step."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from explorer.panels.base import HelpEntry
from explorer.panels.listen.analysis_base import ListenView, Session
from explorer.panels.listen.maps_view import MapsView, mappable_layers
from explorer.panels.listen.playback import Playback
from explorer.panels.listen.steps_view import StepsView
from explorer.panels.view import ExportMenu, Words
from widgets import tokens
from widgets.icons import icon
from widgets.segmented import Segmented
from widgets.state_box import StateBox

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.background import Task
    from explorer.engine.kws.decision import Event
    from explorer.engine.nn.inference import Executor
    from explorer.engine.nn.network import Network
    from explorer.panels.base import Context
    from explorer.workbench import State
    from widgets.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Seen:
    """What a network made of one picture.

    Parameters
    ----------
    fingerprint
        Of the network.
    generation
        Which request this answers.
    maps
        Activations [channels, time, frequency] by layer.
    scores
        Probabilities [classes].
    """

    fingerprint: str
    generation: int
    maps: dict[str, NDArray[np.float32]]
    scores: NDArray[np.float32]


class InsideView(ListenView):
    """A header with the moment and a play button, and below it the front end or the feature maps.

    Parameters
    ----------
    context
        What the application lends.
    session
        What is being listened to.
    """

    def __init__(self, context: Context, session: Session, playback: Playback | None = None) -> None:
        super().__init__(context, session)
        self.playback = playback or Playback(self.say)
        self._moment_s: float | None = None
        self._newest: Event | None = None
        self._sound: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
        self._generation = 0
        self._task: Task | None = None
        self._seen: Seen | None = None
        self._executor: Executor | None = None
        self.title = Words(size_px=16, weight=600)
        self.play = QPushButton()
        self.play.setText(self.tr("Play"))
        self.play.setAccessibleName(self.tr("Play this second through the loudspeaker"))
        self.play.clicked.connect(self._on_play)
        self.last = QPushButton(self.tr("Newest word"))
        self.last.clicked.connect(self._on_last)
        self.choice = Segmented(
            [("steps", self.tr("Sound to picture")), ("maps", self.tr("Picture to scores"))], label=self.tr("Part")
        )
        self.choice.chosen.connect(self._on_part)
        self.steps, self.maps, self.box = StepsView(), MapsView(), StateBox()
        self._head = QHBoxLayout()
        self._head.addWidget(self.title, 1)
        for button in (self.last, self.play):
            self._head.addWidget(button)
        self.page.addLayout(self._head)
        self.page.addWidget(self.choice)
        # not a stack: that would make each part as high as the highest
        self._parts: tuple[QWidget, ...] = (self.box, self.steps, self.maps)
        for part in self._parts:
            self.page.addWidget(part, 1)
        self.maps.layerChosen.connect(self._on_layer)
        for plot in self.steps.plots.values():
            self.lend(plot)
        for picture, label in ((self.steps.picture, "frame"), (self.maps.picture, "index"), (self.maps.bars, "label")):
            ExportMenu(picture, picture.table, label, self)
        self._unfollow = tokens.follow(self._apply_tokens)
        self._show()

    def activate(self) -> None:
        """Take the newest word apart when nothing was chosen yet."""
        if self._moment_s is None:
            self._on_last()
        self._show()

    def on_event(self, event: Event) -> None:
        """Remember the newest word for its button."""
        first = self._newest is None
        self._newest = event
        self.last.setEnabled(True)
        if first and self._moment_s is None and self.isVisible():
            self._on_last()

    def show_moment(self, time_s: float) -> None:
        """Take the second that ends at `time_s` apart."""
        self._moment_s = time_s
        try:
            self._sound = self.session.look_back(time_s)
        except LookupError:
            self._sound = None
        else:
            self.steps.set_sound(self._sound[0])
            self._ask()
        self._show()

    def moment_s(self) -> float | None:
        """Give the end of the second that is shown."""
        return self._moment_s

    def on_slow_tick(self) -> None:
        """Close the loudspeaker when it is done, and follow a network that came late."""
        self.playback.tick()
        network = self.session.network
        if network is not None and self._sound is not None and not self._is_known(network) and self._task is None:
            self._ask()

    def on_state(self, old: State, new: State) -> None:
        """Follow the layer selected elsewhere, and another network or threshold."""
        if new.selected_layer != old.selected_layer and new.selected_layer != self.maps.selected():
            self.maps.select(new.selected_layer)
        if new.decision != old.decision and self._seen is not None and self.session.network is not None:
            self._draw(self.session.network, self._seen)

    def describe(self) -> str:
        """Return which second is shown and what the network says about it."""
        if self._sound is None:
            return self.box.text()
        if self._seen is None or self.session.network is None:
            return self.title.text()
        best = int(self._seen.scores.argmax())
        return self.tr("The second that ends at {time} s: the network says {label} {score}.").format(
            time=f"{self._moment_s:.2f}",
            label=self.session.network.labels[best],
            score=f"{self._seen.scores[best]:.2f}",
        )

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Explain every step, the maps and the scores."""
        return (*self.steps.help_entries(), *self.maps.help_entries())

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the numbers of the part in front."""
        if self._sound is None:
            return []
        return self.steps.rows() if self.choice.key() == "steps" else self.maps.rows()

    def pictures(self) -> tuple[QWidget, ...]:
        """Return every picture of both parts, those in front first."""
        steps: list[QWidget] = [self.steps.picture, *self.steps.plots.values()]
        maps: list[QWidget] = [self.maps.picture, self.maps.bars]
        return tuple(steps + maps if self.choice.key() == "steps" else maps + steps)

    def shutdown(self) -> None:
        """Stop the request and the loudspeaker."""
        if self._task is not None:
            self._task.stop()
        self.playback.close()

    def _is_known(self, network: Network) -> bool:
        return self._seen is not None and self._seen.fingerprint == network.fingerprint

    def _ask(self) -> None:
        """Run the network on the picture, beside the interface; the newest request wins."""
        network, sound = self.session.network, self._sound
        if network is None or sound is None:
            return
        self.maps.set_network(network)
        self.maps.select(self.context.workbench.state.selected_layer)
        if self._task is not None:
            self._task.stop()
        self._generation += 1
        generation, picture, kept = self._generation, sound[1], self._executor

        def work(
            stop: threading.Event, put: Callable[[Any], None], report: Callable[[float | None, str], None]
        ) -> None:
            from explorer.engine.nn.inference import Executor, softmax

            executor = kept
            if executor is None or executor.network.fingerprint != network.fingerprint:
                executor = Executor(network, mappable_layers(network))
            values = executor.run(picture[None])
            maps = {name: np.asarray(array[0]).reshape(network.graph.shapes[name]) for name, array in values.items()}
            logits = values[network.graph.output].reshape(1, -1)
            put((executor, Seen(network.fingerprint, generation, maps, softmax(logits)[0])))

        def update(found: tuple[Executor, Seen]) -> None:
            executor, seen = found
            self._executor = executor
            if seen.generation == self._generation:
                self._seen = seen
                self._draw(network, seen)
                self._show()

        def end(error: BaseException | None) -> None:
            if generation == self._generation:
                self._task = None
                if error is not None:
                    self.say(str(error))

        self._task = self.context.background.start("Feature maps", work, update, end, heavy=False)

    def _draw(self, network: Network, seen: Seen) -> None:
        self.maps.set_network(network)
        self.maps.set_activations(seen.maps, network.labels, seen.scores, self.session.settings.threshold)

    def _show(self) -> None:
        here = self._sound is not None
        self.play.setEnabled(here)
        self.choice.setVisible(here)
        self.last.setEnabled(self._newest is not None)
        if not here:
            text = (
                self.tr("No second chosen yet: press a moment of the picture above, or say a word.")
                if self._moment_s is None
                else self.tr("That second is not remembered any more: choose one of the last minutes.")
            )
            self.box.set_state("empty", text)
            self.title.setText(self.tr("The second the network saw"))
            self._bring(self.box)
            return
        self.title.setText(self.tr("The second that ends at {time} s").format(time=f"{self._moment_s:.2f}"))
        steps = self.choice.key() == "steps"
        if not steps and self._seen is None:
            self.box.set_state("loading", self.tr("The network is on its way."))
            self._bring(self.box)
            return
        self._bring(self.steps if steps else self.maps)

    def _bring(self, front: QWidget) -> None:
        for part in self._parts:
            part.setVisible(part is front)

    @Slot()
    def _on_play(self) -> None:
        if self._sound is not None:
            self.playback.play(self._sound[0])

    @Slot()
    def _on_last(self) -> None:
        if self._newest is not None:
            self.show_moment(self._newest.time_s)

    @Slot()
    def _on_part(self) -> None:
        self._show()

    @Slot(str)
    def _on_layer(self, name: str) -> None:
        self.context.workbench.update(selected_layer=name)

    def _apply_tokens(self, current: Tokens) -> None:
        self._head.setSpacing(current.space(1))
        self.play.setIcon(icon("play"))
        self.play.setIconSize(QSize(current.icon_px, current.icon_px))
