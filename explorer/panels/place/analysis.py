"""What the analysis views of Place share: drawn anew when something became known, computed in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from explorer.panels.place.views import PlaceView
from widgets import tokens
from widgets.state_box import StateBox

if TYPE_CHECKING:
    from explorer.background import Background, Report, Task
    from explorer.engine.nn.network import Network
    from explorer.engine.quantization.recipe import Recipe
    from explorer.panels.base import Context
    from explorer.panels.place.session import PlaceSession

V = TypeVar("V")
Compute = Callable[[threading.Event, "Report"], V]
KEPT = 200
LOW_PX = 330
"""Below this height (at scale 1) the second row of controls stands under the picture."""


class Answers(Generic[V]):
    """Answers by question, each computed once in the background; of questions asked meanwhile the newest is next.

    Parameters
    ----------
    background
        Where they are computed.
    title
        What the foot of the window calls it.
    changed
        Called when an answer, or a problem, is there.
    heavy
        Whether it takes turns with other heavy work.
    """

    def __init__(self, background: Background, title: str, changed: Callable[[], None], *, heavy: bool = False) -> None:
        self._background = background
        self._title = title
        self._changed = changed
        self._heavy = heavy
        self._found: dict[Hashable, V] = {}
        self._problems: dict[Hashable, str] = {}
        self._task: Task | None = None
        self._asked: Hashable = None
        self._next: tuple[Hashable, Compute[V]] | None = None

    @property
    def task(self) -> Task | None:
        """What runs now."""
        return self._task

    def ask(self, key: Hashable, compute: Compute[V]) -> V | None:
        """Return what is known; None while it is computed, which begins now, or when it could not be."""
        if key in self._found:
            return self._found[key]
        if key in self._problems or (self._task is not None and key == self._asked):
            return None
        if self._task is not None:
            self._next = (key, compute)
            self._task.stop()
            return None
        self._start(key, compute)
        return None

    def known(self, key: Hashable) -> V | None:
        """Return what is known, without asking."""
        return self._found.get(key)

    def problem(self, key: Hashable) -> str:
        """Return why there is no answer; empty where there is one or will be."""
        return self._problems.get(key, "")

    def forget(self) -> None:
        """Ask everything anew."""
        self._found.clear()
        self._problems.clear()

    def stop(self) -> None:
        """End what runs; nothing is asked next."""
        self._next = None
        if self._task is not None:
            self._task.stop()

    def _start(self, key: Hashable, compute: Compute[V]) -> None:
        def work(stop: threading.Event, put: Callable[[V], None], report: Report) -> None:
            put(compute(stop, report))

        def take(answer: V) -> None:
            if len(self._found) >= KEPT:
                self._found.clear()
            self._found[key] = answer

        self._asked = key
        self._task = self._background.start(self._title, work, take, self._on_end, heavy=self._heavy)

    def _on_end(self, error: BaseException | None) -> None:
        task, self._task = self._task, None
        if error is not None and task is not None and not task.stopping:
            self._problems[self._asked] = str(error)
        following, self._next = self._next, None
        if following is not None and following[0] not in self._found:
            self._start(*following)
        self._changed()


class AnalysisView(PlaceView):
    """A view of Place with a box that stands in for its picture while something is missing.

    Parameters
    ----------
    context
        What the application lends.
    session
        What was asked and what is known of it.
    """

    def __init__(self, context: Context, session: PlaceSession) -> None:
        super().__init__(context, session)
        self.state_box = StateBox()
        self.state_box.hide()
        self._staged: tuple[QWidget, QWidget, QWidget] | None = None

    def stage(self, head: QWidget, second: QWidget, picture: QWidget, *below: QWidget) -> None:
        """Lay out two rows of controls, the picture and words; in a low window the second row gives way to it."""
        self._staged = (head, second, picture)
        for widget in (head, second):
            self.page.addWidget(widget)
        for widget in (picture, self.state_box):
            self.page.addWidget(widget, 1)
        for widget in below:
            self.page.addWidget(widget)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the picture the height that there is."""
        super().resizeEvent(event)
        if self._staged is None:
            return
        head, second, picture = self._staged
        low = self.height() < tokens.current().px(LOW_PX)
        place = 3 if low else 1
        if self.page.indexOf(second) != place:
            self.page.removeWidget(second)
            self.page.insertWidget(place, second)
        room = self.height() - head.sizeHint().height() - self.page.spacing()
        picture.setMinimumHeight(max(room, picture.minimumSizeHint().height()) if low else 0)

    def active(self) -> tuple[Network, Recipe] | None:
        """Return the active network and how it is squeezed; None while it is being loaded."""
        answer = self.session.answer
        return None if answer is None else (answer.network, answer.recipe)

    def show_state(self, picture: QWidget, state: str, text: str = "") -> None:
        """Show the picture, or in its place a box: "estimating", "failed" or "empty"; "" for the picture."""
        picture.setVisible(not state)
        self.state_box.setVisible(bool(state))
        if state:
            self.state_box.set_state(state, text)


def row_of(layout: QBoxLayout, *widgets: QWidget, stretch: int = -1) -> None:
    """Add widgets to a row without margins; the one at `stretch` takes the room that is left."""
    layout.setContentsMargins(0, 0, 0, 0)
    for index, widget in enumerate(widgets):
        layout.addWidget(widget, int(index == stretch))
