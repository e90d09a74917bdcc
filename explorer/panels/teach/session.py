"""The teaching session: one run under control, and what is known of it, without any widget.

It lives in the interface's thread and is cheap to import: torch is loaded by a task in the background when the panel is
looked at for the first time.  The run itself trains in a job; `poll` takes what is new once per frame.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from explorer.engine.errors import ExplorerError
from explorer.engine.jobs import Job
from explorer.panels.teach import saving
from explorer.panels.teach.diagnosing import Diagnosis

if TYPE_CHECKING:
    from types import ModuleType

    from explorer.engine.training.diagnosis import Finding
    from explorer.engine.training.history import History
    from explorer.engine.training.live import Session
    from explorer.engine.training.presets import Preset
    from explorer.engine.training.settings import Blueprint, Settings
    from explorer.engine.training.view import View
    from explorer.panels.base import Context

KEYWORDS = "kws"
FASTEST_STEPS_PER_S = 10_000.0
DIAGNOSED_EVERY = 6  # frames: a few times a second, as often as a sentence can be read

Listener = Callable[[], None]


class TeachSession:
    """A run that a person plays with, and everything the views show of it.

    Parameters
    ----------
    context
        What the application lends.

    Attributes
    ----------
    live
        The engine's session; None until torch is loaded.
    history
        Every step and probe as arrays; there when `live` is.
    view
        The run at the newest moment; None before the first.
    findings
        Rules of thumb that fire now, the most serious first.
    preset
        What was broken on purpose; None for a run of the user's own.
    mended
        Whether the preset's one change has been made.
    speed
        Steps per second that are asked for.
    progress
        Share done and words of what the run is preparing.
    problem
        Why torch could not be loaded or the run failed, in a sentence; empty when neither happened.
    news
        Counts up whenever something new became known.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.live: Session | None = None
        self.history: History | None = None
        self.view: View | None = None
        self.findings: list[Finding] = []
        self.preset: Preset | None = None
        self.mended = False
        self.speed = saving.PACE_STEPS_PER_S
        self.problem = ""
        self.news = 0
        self.progress: tuple[float | None, str] = (None, "")
        self._asked = False
        self._wanted: dict[str, Any] = {}
        self._job: Job[View] | None = None
        self._on_ready: list[Listener] = []
        self._waiting = False  # playing was put off for a heavy task
        self._diagnosis = Diagnosis()
        self._turn = 0

    # -- life ------------------------------------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether torch is loaded and there is a run."""
        return self.live is not None

    def when_ready(self, listener: Listener) -> None:
        """Call `listener` once there is a run; at once if there is."""
        if self.ready:
            listener()
        else:
            self._on_ready.append(listener)

    def start(self) -> None:
        """Load torch in the background; the first call counts."""
        if not self._asked:
            self._asked, self.problem = True, ""
            self.context.background.start(_tr("Loading torch"), _load, self._begin, self._loaded, heavy=False)

    def close(self) -> None:
        """End the run and wait for it."""
        if self._job is not None:
            self._job.stop()

    def _loaded(self, error: BaseException | None) -> None:
        if error is not None:
            self.problem = _tr("Training needs PyTorch, which could not be loaded: {why}").format(why=error)
            self.news += 1

    def _begin(self, engine: ModuleType) -> None:
        """Start a run; the modules are loaded."""
        from explorer.engine.training.history import History

        blueprint, settings = saving.start()
        try:
            blueprint, settings, self.speed = saving.parse(self._wanted)
        except ExplorerError as error:
            self.context.notify(str(error), None, "warn")
        live: Session = engine.Session(blueprint, settings, speed=self.speed)
        self.live, self.history = live, History()
        self._job = Job(lambda stop, put: live.work(stop, put, self._report), "training")
        self._job.start()
        self.news += 1
        for listener in self._on_ready:
            listener()
        self._on_ready.clear()

    def _report(self, fraction: float | None, words: str) -> None:
        self.progress = (fraction, words)  # one assignment: a reader sees the old pair or the new one

    # -- what the user does ----------------------------------------------------------------------------------------

    @property
    def run(self) -> Session:
        """The engine's session, for those who are only asked once there is one."""
        assert self.live is not None
        return self.live

    @property
    def blueprint(self) -> Blueprint:
        """What is trained, as last asked for."""
        return self.run.blueprint

    @property
    def settings(self) -> Settings:
        """How it is trained, as last asked for."""
        return self.run.settings

    @property
    def playing(self) -> bool:
        """Whether the run goes on by itself."""
        return self.view is not None and self.view.mode == "playing"

    def toggle(self) -> None:
        """Play where it stands, pause where it plays."""
        if self.playing or self._waiting:
            self.pause()
        else:
            self.play()

    def play(self) -> None:
        """Go on."""
        if self.live is not None:
            if self.busy_with():
                self._waiting = True
            else:
                self.live.play()
            self.news += 1

    def pause(self) -> None:
        """Stand still."""
        self._waiting = False
        if self.live is not None:
            self.live.pause()
            self.news += 1

    def step_once(self) -> None:
        """Make one step."""
        if self.live is not None:
            self._waiting = False
            self.live.step_once()

    def scrub(self, step: int) -> None:
        """Show the run as it was after a step."""
        if self.live is not None:
            self._waiting = False
            self.live.scrub(step)

    def reset(self) -> None:
        """Begin again with new weights from the same seed."""
        if self.live is not None:
            self._forget()
            self.live.reset()

    def set_speed(self, steps_per_s: float) -> None:
        """Train at another pace."""
        self.speed = steps_per_s
        if self.live is not None:
            self.live.set_speed(float("inf") if steps_per_s >= FASTEST_STEPS_PER_S else steps_per_s)

    def change(self, **values: Any) -> None:
        """Change settings under way; a value that cannot be is told in a sentence and changes nothing."""
        if self.live is not None:
            self._try(lambda: self.run.change(**values))

    def rebuild(self, **values: Any) -> None:
        """Change the blueprint, and begin again with it."""
        if self.live is not None:
            self._forget()
            self.preset = None
            self._try(lambda: self.run.reset(dataclasses.replace(self.run.blueprint, **values)))

    def choose_task(self, task: str) -> None:
        """Begin to learn something else; between points and words the whole set-up changes."""
        if self.live is None or task == self.blueprint.task:
            return
        if KEYWORDS in (task, self.blueprint.task):
            blueprint, settings = saving.words() if task == KEYWORDS else saving.start()
            self._forget()
            self.preset = None
            self._try(lambda: self.run.reset(dataclasses.replace(blueprint, task=task), settings))
        else:
            self.rebuild(task=task)

    @property
    def preparing(self) -> bool:
        """Whether another run was asked for than the one that is shown: its examples are being read."""
        return self.view is not None and self.ready and self.view.blueprint != self.blueprint

    def badge(self) -> str:
        """Return what must be said of a network that is published from this run."""
        from explorer.engine.nn.network import LEARNED_HERE, LEARNED_SYNTHETIC

        return LEARNED_HERE if self.live is not None and self.blueprint.folder else LEARNED_SYNTHETIC

    def publish(self) -> None:
        """Make the keyword network as it is now the active one of all panels."""
        view = self.view
        if view is None or view.network is None:
            self.context.notify(_tr("There is no keyword network yet: choose the task Words first."), None, "warn")
            return
        told = _tr("{badge}: {how}").format(badge=self.badge(), how=", ".join(view.network.lineage))
        network = self.context.workbench.publish(dataclasses.replace(view.network, lineage=(told,)))
        said = _tr("{title} is the network of all panels now: {badge}.")
        self.context.notify(said.format(title=network.title, badge=network.badge), None, "good")

    def break_with(self, preset: Preset) -> None:
        """Set up a run that fails, and let it run."""
        # a run that is over after a dozen steps is looked at in each of them
        every = 1 if preset.illness.name == "DIVERGING" else preset.settings.probe_every
        self._set_up(preset.blueprint, dataclasses.replace(preset.settings, probe_every=every))
        self.preset, self.mended = preset, False

    def mend(self) -> None:
        """Make the one change that mends the preset in force, under way where that is possible."""
        if self.preset is None:
            return
        if self.preset.needs_restart:
            self._set_up(*self.preset.mended())
        else:
            self.change(**self.preset.mended_settings)
            self.play()
        self.mended = True

    def leave_preset(self) -> None:
        """Go back to the start set-up."""
        self._forget()
        self.preset = None
        self._try(lambda: self.run.reset(*saving.start()))

    def busy_with(self) -> str:
        """Name the heavy task that training waits for; empty for none."""
        return next((task.title for task in self.context.background.tasks if task.heavy), "")

    @property
    def waiting(self) -> bool:
        """Whether playing was put off until a heavy task ends."""
        return self._waiting

    def _set_up(self, blueprint: Blueprint, settings: Settings) -> None:
        self._forget()
        self._try(lambda: self.run.reset(blueprint, settings))
        self.play()

    def _try(self, command: Listener) -> None:
        try:
            command()
        except ExplorerError as error:
            self.context.notify(str(error), None, "warn")
        self.news += 1

    def _forget(self) -> None:
        self.findings = []

    # -- what is new -----------------------------------------------------------------------------------------------

    def poll(self) -> None:
        """Take over what is new; called once per frame."""
        if self.live is None or self._job is None or self.history is None:
            return
        self._make_way()
        if self.history.read(self.live):
            self.news += 1
        view = self._job.updates.take()
        if view is not None:
            self.view = view
            self.news += 1
        if self._job.error is not None and not self.problem:
            self.problem = str(self._job.error)
            self.news += 1
        self._turn += 1
        if view is not None and (self._turn >= DIAGNOSED_EVERY or view.mode != "playing"):
            self._turn = 0
            self.findings = self._diagnosis.findings(self.live, view)

    def _make_way(self) -> None:
        """Stand still while another heavy task runs, and go on after it."""
        busy = bool(self.busy_with())
        if busy and self.playing and not self._waiting:
            self._waiting = True
            self.run.pause()
        elif not busy and self._waiting:
            self._waiting = False
            self.run.play()

    # -- what is remembered ----------------------------------------------------------------------------------------

    def save_state(self) -> dict[str, Any]:
        """Return what differs from the start set-up, as plain JSON values."""
        if self.live is None:
            return self._wanted
        return saving.dump(self.blueprint, self.settings, self.speed)

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned; before torch is loaded it is kept until then.

        Raises
        ------
        ExplorerError
            When a value is none that a run can have.
        """
        if self.live is None:
            self._wanted = saved
            return
        blueprint, settings, speed = saving.parse(saved)
        if saved == self.save_state():
            return
        self._forget()
        self.preset = None
        self.run.reset(blueprint, settings)
        self.set_speed(speed)


def _load(stop: object, put: Callable[[Any], None], report: object) -> None:
    """Import what training needs, in the background: torch takes a second."""
    from explorer.engine.runtime import prepare_torch

    prepare_torch()
    for name in ("claims", "diagnosis", "evidence", "history", "presets"):  # the interface's thread must not wait
        import_module(f"explorer.engine.training.{name}")
    put(import_module("explorer.engine.training.live"))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
