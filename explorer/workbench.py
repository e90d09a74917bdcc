"""The one shared object: everything the user chose, as a frozen value, and the notice that it changed.

`Workbench` lives in the interface's thread and knows no Qt.  Panels read `workbench.state`, ask for a change with
`workbench.update(network="small")`, and follow by subscribing `changed(old, new)`.  There is no second way.
"""

from __future__ import annotations

import dataclasses
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

from explorer.engine.audio.live import LiveSound
from explorer.engine.kws.decision import DecisionSettings
from explorer.engine.nn.network import Network
from explorer.engine.quantization.recipe import FLOAT, Recipe, Width
from explorer.engine.quantization.retrained import RETRAINED
from explorer.shelf import SHIPPED_VERSION, Shelf

Changed = Callable[["State", "State"], None]

SOURCE_KINDS = ("talker", "microphone", "file", "synthetic")
NOISE_KINDS = ("none", "babble", "white", "pink", "hum")


@dataclass(frozen=True, slots=True)
class State:
    """What the user chose, whole: replaced at every change, never altered.

    Parameters
    ----------
    source_kind
        Where the sound comes from: "talker" (bundled voices), "microphone", "file" or "synthetic".
    source_detail
        Name of the device, path of the file or kind of the signal; empty for the source's own default.
    network, network_version
        Name and version of the active network, shown as "tiny v1"; version 1 is the shipped one.
    decision
        The knobs that turn scores into events.
    noise_kind, noise_snr_db
        Noise mixed into the source, and the ratio of the signal's power to it in decibels.
    evaluation_folder
        Folder of labelled clips that every accuracy uses; None for the bundled clips.
    seed
        Seed of everything random on the screen.
    selected_layer
        The layer selected in every panel.
    hop_ms
        Time between two decisions, in milliseconds.
    precision
        How the active network is squeezed.
    listen_squeezed
        Whether listening runs the squeezed network instead of the float one.
    retrained
        Whether weights that were trained for their width take the place of the shipped ones where there are some.
    live_calibration
        Number of the excerpt of live sound that activations are calibrated on; 0 for the bundled clips.  Never saved.
    """

    source_kind: str = "talker"
    source_detail: str = ""
    network: str = "tiny"
    network_version: int = SHIPPED_VERSION
    decision: DecisionSettings = field(default_factory=DecisionSettings)
    noise_kind: str = "none"
    noise_snr_db: float = 20.0
    evaluation_folder: str | None = None
    seed: int = 0
    selected_layer: str | None = None
    hop_ms: float = 50.0
    precision: Recipe = FLOAT
    listen_squeezed: bool = False
    retrained: bool = False
    live_calibration: int = 0

    @property
    def retrained_width(self) -> Width | None:
        """Width that the active network's weights were trained for; None while it is the shipped or a learned one."""
        width = self.precision.weights
        there = self.network_version == 1 and width in RETRAINED.get(self.network, ())
        return width if self.retrained and there else None


@dataclass(frozen=True, slots=True)
class _Step:
    before: State
    after: State
    keys: frozenset[str]
    time_s: float


class Workbench:
    """Hold the state, replace it on request and tell every subscriber.

    Parameters
    ----------
    start
        The start state, to which `reset` returns.
    clock
        Seconds that only grow; changes of the same value closer together than `COALESCE_S` undo as one.

    Attributes
    ----------
    shelf
        The networks that were published here, by version; other threads may read it.
    sound
        The last minutes of what is being listened to; other threads may read it.

    Raises
    ------
    RuntimeError
        When another thread than the one that made the workbench changes it.
    """

    COALESCE_S = 0.7  # a drag sends a change per frame; a person who presses twice takes longer than this to decide
    UNDO_STEPS = 100

    def __init__(self, start: State | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._start = start if start is not None else State()
        self._state = self._start
        self._clock = clock
        self._thread = threading.get_ident()
        self._subscribers: list[Changed] = []
        self._waiting: deque[tuple[State, State]] = deque()
        self._undo: deque[_Step] = deque(maxlen=self.UNDO_STEPS)
        self._redo: list[_Step] = []
        self._last_versions: dict[str, int] = {}
        self.shelf = Shelf()
        self.sound = LiveSound()

    @property
    def state(self) -> State:
        """The state now."""
        return self._state

    @property
    def start_state(self) -> State:
        """The state that `reset` returns to."""
        return self._start

    @property
    def active(self) -> Network:
        """The one network that all panels look at.  The first time it is read from a file: ask in a job.

        Raises
        ------
        ExplorerError
            When it cannot be read.
        """
        return self.shelf.get(self._state.network, self._state.network_version)

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether a change was taken back and can be made again."""
        return bool(self._redo)

    def subscribe(self, changed: Changed) -> Callable[[], None]:
        """Call `changed(old, new)` after every change; the function returned ends that."""
        self._subscribers.append(changed)

        def unsubscribe() -> None:
            if changed in self._subscribers:
                self._subscribers.remove(changed)

        return unsubscribe

    def update(self, **changes: Any) -> None:
        """Replace the named fields, remember the step for undo, and tell the subscribers.

        Raises
        ------
        TypeError
            When a name is not a field of `State`.
        """
        self._check_thread()
        name = changes.get("network", self._state.network)
        if name != self._state.network:  # each network comes back in the version that was looked at last
            changes.setdefault("network_version", self._last_versions.get(name, SHIPPED_VERSION))
        old, new = self._state, self._held(replace(self._state, **changes))
        if new == old:
            return
        keys, now_s = _changed_keys(old, new), self._clock()
        last = self._undo[-1] if self._undo else None
        if last is not None and not self._redo and last.keys == keys and now_s - last.time_s < self.COALESCE_S:
            self._undo[-1] = replace(last, after=new, time_s=now_s)
        else:
            self._undo.append(_Step(old, new, keys, now_s))
        self._redo.clear()
        self._set(new)

    def publish(self, network: Network) -> Network:
        """Make what was learned the active network, as its next version; undo returns to the version before.

        Returns
        -------
        Network
            The same network with the number it got.
        """
        self._check_thread()
        steps = (*self._undo, *self._redo)
        wanted = {(state.network, state.network_version) for step in steps for state in (step.before, step.after)}
        published = self.shelf.put(network, wanted | {(self._state.network, self._state.network_version)})
        self.update(network=published.name, network_version=published.version)
        return published

    def return_to_shipped(self) -> None:
        """Go back to the network as it was shipped; undo returns to what was learned."""
        self.replace_state(replace(self._state, network_version=SHIPPED_VERSION))

    def erase_learned(self) -> None:
        """Forget every network that was published here, for real: no undo brings one back."""
        self._check_thread()
        self.shelf.clear()
        self._last_versions.clear()
        held = self._held(self._state)
        if held != self._state:
            self._set(held)

    def erase_heard(self) -> None:
        """Forget every excerpt of live sound, for real; what was calibrated on one goes back to the bundled clips."""
        self._check_thread()
        self.sound.erase()
        held = self._held(self._state)
        if held != self._state:
            self._set(held)

    def replace_state(self, new: State) -> None:
        """Take `new` as the state, as one step of its own that can be undone.

        A version of a network that is not in memory becomes version 1.
        """
        self._check_thread()
        new = self._held(new)
        if new != self._state:
            self._undo.append(_Step(self._state, new, frozenset(), -math.inf))
            self._redo.clear()
            self._set(new)

    def undo(self) -> None:
        """Take back the last step; a whole drag is one step."""
        self._check_thread()
        if self._undo:
            step = self._undo.pop()
            self._redo.append(step)
            self._set(self._held(step.before))

    def redo(self) -> None:
        """Make the step again that was taken back last."""
        self._check_thread()
        if self._redo:
            step = self._redo.pop()
            self._undo.append(replace(step, time_s=-math.inf))  # the next change is a gesture of its own
            self._set(self._held(step.after))

    def reset(self) -> None:
        """Return to the start state, which can be undone, and erase what was learned and heard, which cannot."""
        self.replace_state(self._start)
        self.erase_heard()
        self.erase_learned()

    def _held(self, state: State) -> State:
        """Return the state with version 1 in place of a version that is not in memory, and of sound what is."""
        if state.live_calibration and self.sound.excerpt(state.live_calibration) is None:
            state = replace(state, live_calibration=0)
        if self.shelf.holds(state.network, state.network_version):
            return state
        return replace(state, network_version=SHIPPED_VERSION)

    def _set(self, new: State) -> None:
        # A subscriber may itself update: its change waits until everybody has heard of this one, so that
        # all subscribers hear all changes in the same order.
        first = not self._waiting
        self._waiting.append((self._state, new))
        self._state = new
        self._last_versions[new.network] = new.network_version
        if not first:
            return
        try:
            while self._waiting:
                old, now = self._waiting[0]
                for changed in tuple(self._subscribers):
                    changed(old, now)
                self._waiting.popleft()
        finally:
            self._waiting.clear()

    def _check_thread(self) -> None:
        if threading.get_ident() != self._thread:
            raise RuntimeError("the workbench belongs to the interface's thread; send a Mailbox value instead")


def _changed_keys(old: State, new: State) -> frozenset[str]:
    """Name the fields that differ; inside the decision settings each knob counts for itself."""
    keys = {f.name for f in fields(State) if getattr(old, f.name) != getattr(new, f.name)}
    if "decision" in keys:
        keys.remove("decision")
        for knob in dataclasses.fields(old.decision):
            if getattr(old.decision, knob.name) != getattr(new.decision, knob.name):
                keys.add(f"decision.{knob.name}")
    return frozenset(keys)
