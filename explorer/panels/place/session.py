"""The placing session: what was asked, the four places that answer it, and this machine's measurements; no widget.

It lives in the interface's thread.  One job evaluates, newest question first; the interface takes the newest answer
once per frame.  The first evaluation fits the predictor to the published results, which takes half a second.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.engine.deployment.measured_here import MeasuredHere
from explorer.engine.deployment.profile import Profile, Tier
from explorer.engine.deployment.profiles import THIS_MACHINE, available
from explorer.engine.errors import ExplorerError
from explorer.engine.jobs import Job
from explorer.engine.nn.network import Network
from explorer.engine.quantity import Quantity
from explorer.panels.place.evaluation import Answer, GetNetwork, Place, Question, evaluate, place_at
from explorer.panels.place.setup import Setup

if TYPE_CHECKING:
    from explorer.workbench import State

_LOOK_S = 0.1
GESTURE_S = 0.7


class PlaceSession:
    """Ask, follow what the user chose, and keep the newest answer.

    Parameters
    ----------
    state
        What the user chose in all panels.
    get_network
        Gives a network by name and version; may read a file, runs in the job.
    folder
        The user's own profiles.

    Attributes
    ----------
    setup
        What the user chose in this panel.
    profiles
        Shipped and user profiles by key, and this machine once it was measured.
    problems
        A sentence for each user file that is no profile.
    measured
        What was measured of this machine.
    answer, ghost
        The newest answer, and the one before the last gesture; None while there is none.
    problem
        Why there is no answer, in a sentence.
    news
        Counts up whenever something new became known.
    """

    def __init__(self, state: State, get_network: GetNetwork, folder: Path | None = None) -> None:
        self.state = state
        self.setup = Setup()
        self._get_network = get_network
        self._folder = folder
        found, self.problems = available(folder)
        self.profiles: dict[str, Profile] = found
        self.measured = MeasuredHere()
        self.answer: Answer | None = None
        self.ghost: Answer | None = None
        self._asked_s = float("-inf")
        self.problem = ""
        self.news = 0
        self._wake = threading.Condition()
        self._question: Question | None = None
        self._asked: Question | None = None
        self._job: Job[Answer | str] | None = None

    # -- what is known ---------------------------------------------------------------------------------------------

    @property
    def current(self) -> bool:
        """Whether the answer is that to the newest question."""
        return self.answer is not None and self.answer.question is self._asked

    @property
    def places(self) -> dict[Tier, Place]:
        """The four places; empty while there is no answer."""
        return {} if self.answer is None else dict(self.answer.places)

    def same_network(self) -> dict[Tier, Place]:
        """Give the four places with the network in force in each, also where the tiles run the best that fits."""
        answer = self.answer
        if answer is None or not answer.question.setup.best:
            return self.places
        return {
            tier: place_at(answer.question, answer.network, answer.recipe, place.profile, self._measured_ms)
            for tier, place in answer.places.items()
        }

    @property
    def chosen(self) -> Place | None:
        """The place of the tier that was chosen."""
        return self.places.get(self.setup.chosen)

    @property
    def network(self) -> Network | None:
        """The active network; None while it is being loaded."""
        return None if self.answer is None else self.answer.network

    def of_tier(self, tier: Tier) -> dict[str, Profile]:
        """Return the profiles of a tier by key."""
        return {key: profile for key, profile in self.profiles.items() if profile.tier == tier}

    # -- what is asked ---------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to answer."""
        self._job = Job(self._work, "placing")
        self._job.start()
        self._ask()

    def follow(self, old: State, new: State) -> None:
        """Take over what the user chose in all panels."""
        self.state = new
        keys = ("network", "network_version", "precision", "hop_ms")
        if any(getattr(old, key) != getattr(new, key) for key in keys):
            self._ask()

    def change(self, **changes: Any) -> None:
        """Replace what the user chose in this panel."""
        self.take(replace(self.setup, **changes))

    def take(self, setup: Setup) -> None:
        """Take a whole setup; a profile that is not there any more gives way to that of the start."""
        first = Setup().tiles
        tiles = {tier: key if key in self.of_tier(tier) else first[tier] for tier, key in setup.tiles.items()}
        setup = replace(setup, tiles=tiles)
        if setup == self.setup:
            return
        before, self.setup = self.setup, setup
        self.news += 1
        if replace(before, **_of_the_view(setup)) != setup:
            self._ask()

    def take_machine(self, profile: Profile) -> None:
        """Add this machine, measured; the first time it comes into the tile of its tier."""
        if THIS_MACHINE not in self.profiles:
            self.setup = replace(self.setup, tiles={**self.setup.tiles, profile.tier: THIS_MACHINE})
        self.profiles[THIS_MACHINE] = profile
        self._ask()

    def read_profiles(self) -> None:
        """Read the user's profiles again; what was measured of this machine stays."""
        found, self.problems = available(self._folder)
        measured = {key: profile for key, profile in self.profiles.items() if key == THIS_MACHINE}
        self.profiles = found | measured
        self.take(self.setup)
        self._ask()
        self.news += 1

    def poll(self) -> bool:
        """Take over what is new; called once per frame."""
        found = None if self._job is None else self._job.updates.take()
        if found is None:
            return False
        if isinstance(found, str):
            self.problem = found
        else:
            self.problem = ""
            self.answer = found
        self.news += 1
        return True

    def close(self) -> None:
        """Stop answering."""
        if self._job is not None:
            self._job.ask_stop()
            self._job.stop(10.0)

    # -- inside ----------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        state = self.state
        question = Question(
            state.network, state.network_version, state.precision, state.hop_ms, self.setup, dict(self.profiles)
        )
        self._asked = question
        now_s = time.monotonic()
        if (
            self.ghost is None or now_s - self._asked_s > GESTURE_S
        ):  # a drag asks once per frame: what was before it stays
            self.ghost = self.answer
        self._asked_s = now_s
        with self._wake:
            self._question = question
            self._wake.notify()

    def _work(self, stop: threading.Event, put: Callable[[Answer | str], None]) -> None:
        while not stop.is_set():
            with self._wake:
                if self._question is None:
                    self._wake.wait(_LOOK_S)
                question, self._question = self._question, None
            if question is not None:
                put(self._evaluate(question))

    def _evaluate(self, question: Question) -> Answer | str:
        try:
            return evaluate(question, self._get_network, self._measured_ms)
        except ExplorerError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - told in the panel; the next question is answered all the same
            return f"The places could not be estimated ({type(error).__name__}: {error}): choose another device."

    def _measured_ms(self, network: Network) -> Quantity | None:
        found = self.measured.network(network)
        if found is None:
            return None
        time = found.latency_s
        return replace(
            time,
            value=1e3 * time.value,
            unit="ms",
            low=None if time.low is None else 1e3 * time.low,
            high=None if time.high is None else 1e3 * time.high,
        )


def _of_the_view(setup: Setup) -> dict[str, Any]:
    """Return what changes no number: which tile is looked at, how the race is shown."""
    return {"chosen": setup.chosen, "slow": setup.slow, "hears": setup.hears}
