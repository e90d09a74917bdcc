"""The squeezing session: the quantization job, what was asked, and what is known, without any widget.

It lives in the interface's thread.  Loading the network, drawing the pictures of the clips and calibrating are done in
the job; the interface asks, takes the newest answer once per frame, and drops answers to older questions.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from explorer.engine.errors import ExplorerError
from explorer.engine.jobs import Job, Log
from explorer.engine.nn.cost import layer_costs
from explorer.engine.nn.network import Network
from explorer.engine.quantization.anytime import Estimate, Evaluator
from explorer.engine.quantization.calibration import Calibration
from explorer.engine.quantization.evaluation_set import EvaluationSet
from explorer.engine.quantization.packing import image_bytes
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import FLOAT, STORY, Recipe
from explorer.engine.quantization.sensitivity import Cell, Mode
from explorer.engine.quantization.statistics import Comparison
from explorer.engine.quantization.steps import Steps
from explorer.engine.quantization.worker import Answer, QuantizationWorker
from explorer.workbench import State

KEPT_TRACE = 400
KEPT_BYTES = 4000
GOOD_ENOUGH = 0.9
LOSS = 0.05
FOLLOWED_EVERY_S = 0.1  # a run that publishes more often is followed this often, by its newest network
Loader = Callable[[str, int], Network]
SetMaker = Callable[[tuple[str, ...]], EvaluationSet]


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What the job has made so far.

    Parameters
    ----------
    quantizer
        The network.
    calibration
        Statistics of its activations; None while they are being gathered.
    stage
        What is being made now, in words; empty when all is ready.
    """

    quantizer: NetworkQuantizer
    calibration: Calibration | None
    stage: str


@dataclass(frozen=True, slots=True)
class TracePoint:
    """A setting that was measured: its bytes and its accuracy."""

    recipe: Recipe
    file_bytes: int
    accuracy: float


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

    Attributes
    ----------
    current
        Newest estimate of the present recipe; None while nothing is known of it.
    before
        Complete result of the setting before the present one.
    results
        Complete results of this network on this set, by recipe.
    trace
        Settings in the order in which the hand went through them.
    cells
        Cells of sensitivity matrices by the recipe that was measured (`sensitivity.cell_recipe`).
    problem
        Why the newest request failed, in a sentence; empty when it did not.
    news
        Counts up whenever something new became known.
    """

    def __init__(self, state: State, loader: Loader, make_set: SetMaker) -> None:
        self.state = state
        self._loader = loader
        self._make_set = make_set
        self._job: Job[Answer] | None = None
        self._ended: list[Job[Answer]] = []
        self._worker: QuantizationWorker | None = None
        self._unwanted = threading.Event()
        self._made: Log[Prepared] = Log()
        self._made_read = 0
        self.prepared: Prepared | None = None
        self._asked: tuple[int, Recipe] = (0, FLOAT)
        self._queue: list[Recipe] = []
        self._fitted: tuple[Recipe, Steps, Recipe] | None = None
        self._bytes: dict[Recipe, int] = {}
        self._focus: str | None = None
        self._outdated, self._restarted_s = False, float("-inf")
        self.current: Estimate | None = None
        self.before: Estimate | None = None
        self.results: dict[Recipe, Estimate] = {}
        self.trace: list[TracePoint] = []
        self.cells: dict[Recipe, Cell] = {}
        self._cells_read = 0
        self._filled: tuple[Mode, ...] = ()
        self.problem = ""
        self.news = 0
        self._macs: tuple[Steps, dict[str, int]] | None = None

    # -- what is known ---------------------------------------------------------------------------------------------

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
        """Result of the float network; None before it is complete."""
        return self.results.get(FLOAT)

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

    def against_before(self) -> Comparison | None:
        """Compare the present estimate with the setting before it on the same clips."""
        if self.before is None or self.current is None or self.before.recipe == self.current.recipe:
            return None
        return pair(self.before, self.current)

    # -- life ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin: load the network, then measure the present recipe."""
        self._restart()

    def follow(self, old: State, new: State) -> None:
        """Ask for what the user chose now."""
        self.state = new
        if self._job is None:
            return
        if (old.network, old.evaluation_folder) != (new.network, new.evaluation_folder):
            self._restart()
        elif old.network_version != new.network_version:
            self._outdated = True
            self._follow_version()
        elif old.precision != new.precision:
            if self.current is not None and self.current.complete:
                self.before = self.current
            self._focus = changed_layer(old.precision, new.precision)
            self._queue.clear()
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
    def queued(self) -> int:
        """How many recipes of `measure` are still to be done."""
        return len(self._queue)

    def poll(self) -> None:
        """Take over what is new; called once per frame."""
        self._follow_version()
        made, self._made_read = self._made.since(self._made_read)
        if made:
            first, self.prepared = self.prepared is None, made[-1]
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

    def _restart(self) -> None:
        self._outdated, self._restarted_s = False, time.monotonic()
        if self._job is not None:
            self._job.ask_stop()
            self._ended = [job for job in (*self._ended, self._job) if job.running]
        made: Log[Prepared] = Log()
        self._made, self._made_read = made, 0
        self.prepared = self.current = self.before = None
        self.results, self.trace, self._queue, self.problem = {}, [], [], ""
        self.cells, self._cells_read = {}, 0
        self._bytes = {}
        self._unwanted.set()
        self._unwanted = unwanted = threading.Event()
        name, version, folder = self.state.network, self.state.network_version, self.state.evaluation_folder

        def prepare() -> Evaluator:
            return make_evaluator(self._loader(name, version), folder, self._make_set, made.append, unwanted)

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
        missing = (r for r in (*self._queue, FLOAT, *STORY.values()) if r not in self.results)
        following = next(missing, None)
        if following is not None and following != self._asked[1]:
            self._focus = None
            self._ask(following)


def pair(first: Estimate, second: Estimate) -> Comparison | None:
    """Compare the second estimate with the first; None when they are not of the same clips."""
    try:
        return second.compared_with(first)
    except ExplorerError:
        return None


def changed_layer(old: Recipe, new: Recipe) -> str | None:
    """Return the one layer whose own weights changed between two recipes; None when more did."""
    if replace(old, layer_weights=()) != replace(new, layer_weights=()):
        return None
    layers = {name for name, _ in set(old.layer_weights) ^ set(new.layer_weights)}
    return layers.pop() if len(layers) == 1 else None


def make_evaluator(
    network: Network,
    folder: str | None,
    make_set: SetMaker,
    tell: Callable[[Prepared], None],
    unwanted: threading.Event,
) -> Evaluator:
    """Return what measures a network, telling how far it is; takes seconds, so it runs in the job.

    Raises
    ------
    ExplorerError
        When the clips cannot be read, or nobody wants it any more (`unwanted`).
    """

    def go_on(calibration: Calibration | None, stage: str) -> None:
        if unwanted.is_set():
            raise ExplorerError("Another network was chosen.")
        tell(Prepared(quantizer, calibration, stage))

    from explorer.engine.kws.folders import read_label_folder
    from explorer.engine.quantization.evaluation_set import folder_set
    from explorer.engine.runtime import prepare_torch

    quantizer = NetworkQuantizer(network)
    go_on(None, "Calibrating on clips that are never reported")
    calibration = quantizer.calibrate()
    go_on(calibration, "Drawing the pictures of the evaluation clips")
    clips = make_set(network.labels) if folder is None else folder_set(read_label_folder(folder, network.labels))
    go_on(calibration, "Loading torch")
    prepare_torch(1)
    go_on(calibration, "")
    return Evaluator(quantizer, clips)
