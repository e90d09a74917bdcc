"""The squeezing session: the quantization job, what was asked, and what is known, without any widget.

It lives in the interface's thread.  Loading the network, drawing the pictures of the clips and calibrating are done in
the job; the interface asks, takes the newest answer once per frame, and drops answers to older questions.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from explorer.engine.audio.live import Excerpt
from explorer.engine.jobs import Job, Log
from explorer.engine.nn.cost import layer_costs
from explorer.engine.quantization.anytime import Estimate, Evaluator
from explorer.engine.quantization.packing import image_bytes
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import FLOAT, STORY, Recipe, Width
from explorer.engine.quantization.retrained import retrained
from explorer.engine.quantization.sensitivity import Cell, Mode
from explorer.engine.quantization.statistics import Comparison
from explorer.engine.quantization.steps import Steps
from explorer.engine.quantization.worker import Answer, QuantizationWorker
from explorer.panels.squeeze.known import Known, TracePoint, changed_layer, pair
from explorer.panels.squeeze.preparing import Loader, Prepared, SetMaker, make_evaluator
from explorer.workbench import State

KEPT_TRACE = 400
KEPT_BYTES = 4000
GOOD_ENOUGH = 0.9
LOSS = 0.05
FOLLOWED_EVERY_S = 0.1  # a run that publishes more often is followed this often, by its newest network


class SqueezeSession:
    """Ask for recipes, newest first, and keep what is known about the active network.

    Parameters
    ----------
    state
        What the user chose.
    loader
        Gives a network by name and version; slow, runs in the job.
    make_set
        Gives the clips for the labels of a network; slow, runs in the job.
    excerpt
        Gives the live sound to calibrate on by its number; None where it is not kept.

    Attributes
    ----------
    current
        Newest estimate of the present recipe; None while nothing is known of it.
    before
        Complete result of the setting before the present one.
    trace
        Settings in the order in which the hand went through them.
    trained_for
        Width that the weights in force were trained for; None for the shipped or learned ones.
    problem
        Why the newest request failed, in a sentence; empty when it did not.
    news
        Counts up whenever something new became known.
    """

    def __init__(
        self,
        state: State,
        loader: Loader,
        make_set: SetMaker,
        excerpt: Callable[[int], Excerpt | None],
    ) -> None:
        self.state = state
        self._loader = loader
        self._make_set = make_set
        self._excerpt = excerpt
        self._job: Job[Answer] | None = None
        self._ended: list[Job[Answer]] = []
        self._worker: QuantizationWorker | None = None
        self._unwanted = threading.Event()
        self._made: Log[Prepared] = Log()
        self._made_read = 0
        self.trained_for: Width | None = None
        self._known: dict[Width | None, Known] = {None: Known()}
        self._asked: tuple[int, Recipe] = (0, FLOAT)
        self._queue: list[Recipe] = []
        self._fitted: tuple[Recipe, Steps, Recipe] | None = None
        self._bytes: dict[Recipe, int] = {}
        self._focus: str | None = None
        self._outdated, self._restarted_s = False, float("-inf")
        self.current: Estimate | None = None
        self.before: Estimate | None = None
        self.trace: list[TracePoint] = []
        self._cells_read = 0
        self._filled: tuple[Mode, ...] = ()
        self.problem = ""
        self.news = 0
        self._macs: tuple[Steps, dict[str, int]] | None = None

    # -- what is known ---------------------------------------------------------------------------------------------

    @property
    def known(self) -> Known:
        """What is known of the weights in force."""
        return self._known[self.trained_for]

    @property
    def plain(self) -> Known:
        """What is known of the shipped or learned weights."""
        return self._known[None]

    @property
    def prepared(self) -> Prepared | None:
        """What is made of the weights in force; while they are loaded, of those before, which have the same layers."""
        return self.known.prepared or self.plain.prepared

    @property
    def results(self) -> dict[Recipe, Estimate]:
        """Complete results of the weights in force on this set, by recipe."""
        return self.known.results

    @property
    def cells(self) -> dict[Recipe, Cell]:
        """Cells of sensitivity matrices of the weights in force, by the recipe that was measured."""
        return self.known.cells

    @property
    def steps(self) -> Steps | None:
        """The layers of the active network; None while it is being loaded."""
        return self.prepared.quantizer.steps if self.prepared is not None else None

    @property
    def recipe(self) -> Recipe:
        """The recipe in force, without widths for layers that the active network lacks."""
        steps, precision = self.steps, self.state.precision
        if steps is None:
            return precision
        if self._fitted is None or self._fitted[0] is not precision or self._fitted[1] is not steps:
            self._fitted = (precision, steps, precision.fitting(steps.names))
        return self._fitted[2]

    @property
    def macs(self) -> dict[str, int]:
        """Multiplications of each layer with weights for one second of sound; empty while it is being loaded."""
        steps = self.steps
        if steps is None:
            return {}
        if self._macs is None or self._macs[0] is not steps:
            costs = layer_costs(steps.graph)
            self._macs = (steps, {cost.name: cost.macs for cost in costs if cost.name in steps.weights})
        return self._macs[1]

    @property
    def layer(self) -> str:
        """The layer in view: the one selected in all panels, else the one with most weights; empty while loading."""
        steps = self.steps
        if steps is None:
            return ""
        chosen = self.state.selected_layer
        if chosen in steps.weights:
            return str(chosen)
        return max(steps.weights, key=lambda name: steps.weights[name].size)

    @property
    def float_result(self) -> Estimate | None:
        """Result of the float network as shipped or learned; None before it is complete."""
        return self.plain.results.get(FLOAT)

    @property
    def threshold(self) -> float | None:
        """The accuracy that counts as failed: below 90 %, or 5 points below float where float itself is lower."""
        exact = self.float_result
        if exact is None:
            return None
        return GOOD_ENOUGH if exact.accuracy >= GOOD_ENOUGH else exact.accuracy - LOSS

    @property
    def stage(self) -> str:
        """What is being prepared, in words; empty when recipes can be measured."""
        return "" if self.prepared is not None and not self.prepared.stage else self._stage()

    def file_bytes(self, recipe: Recipe) -> int | None:
        """Return what a device would flash; None while the network is being loaded."""
        steps = self.steps
        if steps is None:
            return None
        if recipe not in self._bytes:
            if len(self._bytes) > KEPT_BYTES:
                self._bytes.clear()
            self._bytes[recipe] = sum(image_bytes(steps, recipe).values())
        return self._bytes[recipe]

    def against_float(self) -> Comparison | None:
        """Compare the present estimate with the float network on the same clips."""
        exact = self.float_result
        if exact is None or self.current is None or self.current.recipe == FLOAT:
            return None
        return pair(exact, self.current)

    def trained_result(self, recipe: Recipe) -> Estimate | None:
        """Return the complete result of a recipe with weights trained for its width; None where it is not known."""
        known = self._known.get(recipe.weights)
        return known.results.get(recipe) if known is not None else None

    # -- life ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin: load the network, then measure the present recipe."""
        self._restart()

    def follow(self, old: State, new: State) -> None:
        """Ask for what the user chose now."""
        self.state = new
        if self._job is None:
            return
        if any(getattr(old, key) != getattr(new, key) for key in ("network", "evaluation_folder", "live_calibration")):
            self._restart()
        elif old.network_version != new.network_version:
            self._outdated = True
            self._follow_version()
        elif (old.precision, old.retrained) != (new.precision, new.retrained):
            if self.current is not None and self.current.complete:
                self.before = self.current
            self._focus = changed_layer(old.precision, new.precision)
            self._queue.clear()
            if not self._follow_training():
                self._ask_present()
                self._refill()

    def measure(self, recipes: Iterable[Recipe]) -> None:
        """Measure recipes one after another once the present one is done; a moved slider ends that."""
        self._queue = [recipe for recipe in recipes if recipe not in self.results]
        self._next()

    def fill(self, modes: tuple[Mode, ...]) -> None:
        """Fill these sensitivity matrices, with the kind of grid in force, while nothing else is asked; () ends it."""
        self._filled = modes
        self._refill()

    @property
    def grid(self) -> Recipe:
        """The recipe in force without its widths and without what activations have: the rulers of the weights."""
        recipe = self.recipe
        return Recipe(
            per_channel=recipe.per_channel,
            weights_symmetric=recipe.weights_symmetric,
            weight_calibration=recipe.weight_calibration,
            percentile=recipe.percentile,
        )

    @property
    def busy(self) -> bool:
        """Whether a recipe is being measured now: a time that is measured meanwhile would be too long."""
        return self._asked[1] not in self.results and not self.problem

    @property
    def queued(self) -> int:
        """How many recipes of `measure` are still to be done."""
        return len(self._queue)

    def poll(self) -> None:
        """Take over what is new; called once per frame."""
        self._follow_version()
        self._follow_training()
        made, self._made_read = self._made.since(self._made_read)
        if made:
            first, self.known.prepared = self.prepared is None, made[-1]
            if first and self.recipe != self._asked[1]:  # widths for layers of another network are gone
                self._ask_present()
        answer = self._job.updates.take() if self._job is not None else None
        if answer is not None and answer.generation == self._asked[0]:
            self._take(answer)
        else:
            answer = None
        if self._job is not None and self._job.error is not None and not self.problem:
            self.problem = str(self._job.error)
            self.news += 1
        cells, self._cells_read = self._worker.cells.since(self._cells_read) if self._worker is not None else ([], 0)
        self.cells.update((cell.estimate.recipe, cell) for cell in cells)
        if made or cells or answer is not None:
            self.news += 1

    def close(self) -> None:
        """End all jobs and wait for them."""
        self._unwanted.set()
        for job in (*self._ended, *([self._job] if self._job is not None else [])):
            job.ask_stop()
        for job in (*self._ended, *([self._job] if self._job is not None else [])):
            job.stop(10.0)  # reading the clips and loading torch cannot be interrupted
        self._ended.clear()

    # -- inside ----------------------------------------------------------------------------------------------------

    def _stage(self) -> str:
        return self.prepared.stage if self.prepared is not None else f"Loading {self.state.network}"

    def _follow_version(self) -> None:
        """Go over to the newest version, once what was begun for the one before has let go of the processor."""
        late = time.monotonic() - self._restarted_s >= FOLLOWED_EVERY_S
        if self._outdated and late and not any(job.running for job in self._ended):
            self._restart()

    def _follow_training(self) -> bool:
        """Go over to weights trained for the width in force, or back; the shipped ones are measured in float first."""
        wanted = self.state.retrained_width
        if wanted == self.trained_for or (wanted is not None and self.float_result is None):
            return False
        self.trained_for = wanted
        self._known.setdefault(wanted, Known())
        self._begin()
        return True

    def _restart(self) -> None:
        self._outdated, self._restarted_s = False, time.monotonic()
        self.trained_for, self._known = None, {None: Known()}
        self.before, self.trace, self._queue, self._bytes = None, [], [], {}
        self._begin()

    def _begin(self) -> None:
        """Start a job for the weights in force."""
        if self._job is not None:
            self._job.ask_stop()
            self._ended = [job for job in (*self._ended, self._job) if job.running]
        made: Log[Prepared] = Log()
        self._made, self._made_read, self._cells_read = made, 0, 0
        self.current, self.problem = None, ""
        self._unwanted.set()
        self._unwanted = unwanted = threading.Event()
        name, version, folder = self.state.network, self.state.network_version, self.state.evaluation_folder
        width, before = self.trained_for, self.known.prepared
        live = self._excerpt(self.state.live_calibration)

        def prepare() -> Evaluator:
            if before is not None:
                quantizer = before.quantizer
            else:
                trained = retrained(name, width) if width is not None else None
                quantizer = NetworkQuantizer(trained or self._loader(name, version), live)
            return make_evaluator(quantizer, folder, self._make_set, made.append, unwanted)

        self._worker = QuantizationWorker(prepare)
        self._refill()
        self._job = Job(self._worker.work, "quantization")
        self._ask_present()
        self._job.start()

    def _ask_present(self) -> None:
        self.problem = ""
        recipe = self.recipe
        known = self.results.get(recipe)
        self.current = known
        if known is not None:
            self._remember(known)
        self._ask(recipe)

    def _refill(self) -> None:
        if self._worker is not None:
            self._worker.fill(self._filled, self.grid)

    def _ask(self, recipe: Recipe) -> None:
        if self._worker is not None:
            self._asked = (self._worker.ask(recipe, self._focus), recipe)

    def _take(self, answer: Answer) -> None:
        estimate = answer.estimate
        if estimate is None:
            if self._asked[1] == self.recipe:
                self.problem = answer.problem or ""
            self._next()
            return
        if estimate.recipe == self.recipe:
            self.current = estimate
        if estimate.complete:
            self.results[estimate.recipe] = estimate
            if estimate.recipe == self.recipe:
                self._remember(estimate)
            self._next()

    def _remember(self, estimate: Estimate) -> None:
        file_bytes = self.file_bytes(estimate.recipe)
        if file_bytes is None or (self.trace and self.trace[-1].recipe == estimate.recipe):
            return
        self.trace.append(TracePoint(estimate.recipe, file_bytes, estimate.accuracy))
        del self.trace[:-KEPT_TRACE]

    def _next(self) -> None:
        """Measure what is wanted next: what was asked for in a row, then float and the steps of the story."""
        settled = (self.current is not None and self.current.complete) or bool(self.problem)
        if self.prepared is None or not settled:
            return
        self._queue = [recipe for recipe in self._queue if recipe not in self.results]
        story = (FLOAT, *STORY.values()) if self.trained_for is None else ()
        missing = (r for r in (*self._queue, *story) if r not in self.results)
        following = next(missing, None)
        if following is not None and following != self._asked[1]:
            self._focus = None
            self._ask(following)
