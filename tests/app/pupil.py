"""A pupil: a process with the real microphone that is taught a word by voice alone, and says what it hears.

It prints one line of JSON for each thing that happened; see `tests/app/test_taught_by_voice.py`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

from PySide6.QtWidgets import QApplication

from explorer.background import Background
from explorer.engine.kws.decision import Event
from explorer.engine.quantization.recipe import Recipe
from explorer.frame_clock import FrameClock
from explorer.panels.base import Action, Context
from explorer.panels.listen.panel import ListenPanel
from explorer.panels.teach.words_view import WordsView
from explorer.settings import Settings
from explorer.workbench import Workbench

PATIENCE_S = 120.0


def tell(what: str, **values: object) -> None:
    """Print one line."""
    sys.stdout.write(json.dumps({"what": what, **values}) + "\n")
    sys.stdout.flush()


def main(word: str) -> None:
    """Collect, teach, publish, and listen: as floats, then at eight bits."""
    app = QApplication([])
    workbench, background = Workbench(), Background()

    def notify(sentence: str, action: Action | None = None, mood: str = "info") -> None:
        tell("notice", sentence=sentence)

    context = Context(workbench, FrameClock(), Settings(), background, notify, lambda: None)
    listen, view = ListenPanel(context), WordsView(context)
    for follows in (listen, view):
        workbench.subscribe(follows.on_state)
    heard: list[Event] = []
    listen.session.subscribe(heard.append)

    def until(reached: Callable[[], bool], what: str) -> None:
        end_s = time.monotonic() + PATIENCE_S
        while not reached():
            if time.monotonic() > end_s:
                tell("late", waited_for=what, sees=view.describe())
                sys.exit(2)
            background.poll()
            view.on_frame(time.perf_counter())
            app.processEvents()
            time.sleep(0.02)

    def hear(name: str) -> None:
        heard.clear()
        tell(name)
        sys.stdin.readline()  # the sound was played
        end_s = time.monotonic() + 1.5
        until(lambda: time.monotonic() > end_s, "the last decision")
        tell("heard", words=[event.label for event in heard])

    listen.start()
    view.session.prepare()
    until(lambda: listen.session.network is not None, "the network")
    view.name.setText(word)
    view.toggle()
    until(lambda: view.session.collector is not None and view.session.collector.listening, "the background")
    tell("say it")
    until(lambda: view.session.lesson is not None, "the lesson")
    lesson = view.session.lesson
    assert lesson is not None
    tell(
        "learned",
        takes=len(view.session.takes),
        left_out=lesson.left_out[0].hits,
        fired=[[one.sound, one.events, one.seconds] for one in lesson.fired],
        lost=len(lesson.forgotten.lost),
        before=lesson.forgotten.before,
        after=lesson.forgotten.after,
        clips=lesson.forgotten.clips,
        seconds=lesson.seconds,
    )
    view.publish()
    network = workbench.active
    until(lambda: listen.session.network is network, "Listen")
    hear("listening")
    workbench.update(precision=Recipe(8, 8), listen_squeezed=True)
    until(lambda: listen.session.squeezed.recipe == Recipe(8, 8), "the squeezed network")
    hear("squeezed")
    tell("labels", labels=list(network.labels), badge=network.badge)
    background.close()
    view.shutdown()
    listen.shutdown()


if __name__ == "__main__":
    main(sys.argv[1])
