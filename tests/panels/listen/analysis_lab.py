"""A bench for the analysis views: a real pipeline that heard recorded words, and a session that lends it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QApplication

from explorer.background import Background
from explorer.engine.audio.talker import TalkerSource
from explorer.engine.kws.decision import DecisionSettings, Event
from explorer.engine.kws.labels import LABELS
from explorer.engine.kws.pipeline import Pipeline
from explorer.engine.kws.waterfall import Waterfall
from explorer.engine.nn.inference import Executor
from explorer.engine.nn.network import Network
from explorer.engine.nn.networks import TOPOLOGIES
from explorer.frame_clock import FrameClock
from explorer.panels.base import Action, Context
from explorer.settings import Settings
from explorer.workbench import Workbench

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pytestqt.qtbot import QtBot

    from explorer.panels.listen.analysis_base import ListenView
    from explorer.panels.view import View


def random_network(seed: int = 0, name: str = "tiny") -> Network:
    """Give a network whose weights are random, so that its answers are, too, but always the same ones."""
    graph = TOPOLOGIES[name](len(LABELS))
    random = np.random.default_rng(seed)
    arrays = {}
    for key, shape in graph.parameter_shapes().items():
        role = key.rsplit(".", 1)[1]
        if role == "weight":
            arrays[key] = random.standard_normal(shape) * (2.0 / np.prod(shape[1:])) ** 0.5
        else:
            arrays[key] = np.ones(shape) if role in ("gamma", "variance") else np.zeros(shape)
    return Network(name, graph, {key: np.asarray(a, np.float32) for key, a in arrays.items()}, LABELS)


class Session:
    """What a view reads of a listening session, without threads: sound is heard when a test says so."""

    def __init__(self, workbench: Workbench, network: Network) -> None:
        self.workbench = workbench
        self.network: Network | None = network
        self.tuned_on = ""
        self.painted: dict[Event, float] = {}
        self.settles: dict[Event, Event] = {}
        self.source = TalkerSource(paced=False)
        self.source.open()
        self.pipeline = Pipeline(self.source, Executor(network), workbench.state.decision)

    @property
    def settings(self) -> DecisionSettings:
        return self.workbench.state.decision

    def hear(self, seconds: float) -> None:
        end_s = self.pipeline.now_s + seconds
        while self.pipeline.now_s < end_s - 1e-6:
            self.pipeline.step()

    def painted_s(self, event: Event) -> float | None:
        return self.painted.get(event)

    def settled(self, event: Event) -> Event:
        return self.settles.get(event, event)

    def look_back(self, time_s: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return self.pipeline.look_back(time_s)


@dataclass
class Lab:
    """The bench."""

    qtbot: QtBot
    context: Context
    session: Session
    says: list[str]
    views: list[ListenView] = field(default_factory=list)

    def show(self, view: ListenView) -> None:
        """Put a view on the screen as the analysis does."""
        self.qtbot.addWidget(view)
        self.views.append(view)
        self.context.workbench.subscribe(view.on_state)
        view.resize(860, 600)
        with self.qtbot.waitExposed(view):
            view.show()
        view.activate()

    def finish(self, view: View) -> None:
        """Let the background end what it does, and the view take it over."""
        background = self.context.background
        deadline_s = time.monotonic() + 60.0
        while background.tasks and time.monotonic() < deadline_s:
            background.poll()
            QApplication.processEvents()
            time.sleep(0.005)
        assert not background.tasks, "the background does not end"
        view.on_slow_tick()
        QApplication.processEvents()

    def close(self) -> None:
        """Leave nothing running."""
        self.context.clock.stop()
        for view in self.views:
            view.shutdown()
        self.context.background.close()
        self.session.source.close()
        self.views.clear()


def make_lab(qtbot: QtBot, network: Network | None = None) -> Lab:
    """Give a bench with a random network."""
    says: list[str] = []

    def notify(sentence: str, action: Action | None = None, mood: str = "info") -> None:
        says.append(sentence)

    workbench = Workbench()
    context = Context(workbench, FrameClock(), Settings(), Background(), notify, lambda: None)
    return Lab(qtbot, context, Session(workbench, network or random_network()), says)


def response(label: str = "left", time_s: float = 10.0, known: bool = True, **changes: float | None) -> Event:
    """Give a word reported 150 ms after its end: 20 ms wait for the hop, 30 ms not sure yet, 100 ms being sure."""
    waterfall = Waterfall(
        word_end_s=time_s - 0.15,
        word_end_known=known,
        time_s=time_s,
        capture_block_ms=8.0,
        wait_for_hop_ms=20.0,
        pick_up_ms=0.5,
        features_ms=0.2,
        network_ms=0.4,
        decision_ms=0.1,
        averaging_ms=100.0,
        arrived_s=100.0,
        decided_s=100.0012,
    )
    waterfall = replace(waterfall, **changes)  # type: ignore[arg-type]  # only numbers are changed
    return Event(label, time_s, time_s - 0.6, 0.8, time_s - 0.1, waterfall)
