"""Sixty requests in a row: only the newest is answered to its end, and idle time fills the matrix."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from explorer.engine.jobs import Job
from explorer.engine.quantization.anytime import Evaluator
from explorer.engine.quantization.evaluation_set import EvaluationSet
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import Recipe
from explorer.engine.quantization.sensitivity import WIDTHS
from explorer.engine.quantization.worker import Answer, QuantizationWorker
from tests.engine.quantization.conftest import small_network

PATIENCE_S = 60.0


@contextmanager
def running(worker: QuantizationWorker) -> Iterator[Job[Answer]]:
    job: Job[Answer] = Job(worker.work, "quantization")
    job.start()
    try:
        yield job
    finally:
        assert job.stop()
        assert job.error is None


def wait_for(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not found():
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.01)


def complete_answers(job: Job[Answer], generation: int) -> list[Answer]:
    """Take answers until the one to `generation` is complete, and return the complete ones."""
    answers: list[Answer] = []

    def arrived() -> bool:
        answer = job.updates.take()
        if answer is not None:
            answers.append(answer)
        return bool(answers) and answers[-1].generation == generation and _ended(answers[-1])

    wait_for(arrived)
    return [answer for answer in answers if _ended(answer)]


def _ended(answer: Answer) -> bool:
    return answer.problem is not None or (answer.estimate is not None and answer.estimate.complete)


def test_the_newest_request_wins(quantizer: NetworkQuantizer, clips: EvaluationSet) -> None:
    worker = QuantizationWorker(lambda: Evaluator(quantizer, clips))
    with running(worker) as job:
        for step in range(60):
            last = worker.ask(Recipe(2 + step % 7, 8, percentile=60 + step % 40))
        ended = complete_answers(job, last)
        assert last == 60
        assert len(ended) <= 2  # at most one had come so far already
        assert ended[-1].estimate is not None
        assert ended[-1].estimate.recipe.percentile == 60 + 59 % 40


def test_a_newer_request_ends_the_one_under_way(quantizer: NetworkQuantizer, clips: EvaluationSet) -> None:
    worker, stop = QuantizationWorker(lambda: Evaluator(quantizer, clips)), threading.Event()
    answers: list[Answer] = []

    def put(answer: Answer) -> None:
        answers.append(answer)
        if len(answers) == 1:
            worker.ask(Recipe(3, 8))
        elif _ended(answer):
            stop.set()

    worker.ask(Recipe(4, 8))
    worker.work(stop, put)
    assert [answer.generation for answer in answers] == [1] + [2] * 5
    assert answers[0].estimate is not None
    assert answers[0].estimate.done == 20


def test_a_request_that_cannot_be_met_is_answered_in_a_sentence_and_the_next_one_is(
    quantizer: NetworkQuantizer, clips: EvaluationSet
) -> None:
    worker = QuantizationWorker(lambda: Evaluator(quantizer, clips))
    with running(worker) as job:
        (refused,) = complete_answers(job, worker.ask(Recipe(8, network="another")))
        assert refused.problem is not None
        assert "another network" in refused.problem
        (answered,) = complete_answers(job, worker.ask(Recipe(8, 8)))
        assert answered.problem is None


def test_idle_time_fills_the_matrix_and_a_request_interrupts_it() -> None:
    network = small_network()
    rng = np.random.default_rng(0)
    clips = EvaluationSet(
        "noise",
        rng.uniform(0, 255, (50, 98, 40)).astype(np.float32),
        rng.integers(0, 3, 50),
        np.zeros(50, np.bool_),
        network.labels,
    )
    worker = QuantizationWorker(lambda: Evaluator(NetworkQuantizer(network), clips), rest_s=0.0)
    worker.fill(("only", "all but"))
    with running(worker) as job:
        wait_for(lambda: len(worker.cells) >= 2)
        complete_answers(job, worker.ask(Recipe(5)))
        wait_for(lambda: len(worker.cells) == 2 * 3 * len(WIDTHS))
        cells, _ = worker.cells.since(0)
        assert len({cell.estimate.recipe for cell in cells}) == len(cells)
        worker.fill(("only",), Recipe(per_channel=False))
        wait_for(lambda: len(worker.cells) == 3 * 3 * len(WIDTHS))
        assert not any(cell.estimate.recipe.per_channel for cell in worker.cells.since(len(cells))[0])
        worker.fill(())
        worker.fill(("only",))  # full already: nothing is measured twice
        complete_answers(job, worker.ask(Recipe(6)))
        assert len(worker.cells) == 3 * 3 * len(WIDTHS)


def test_a_failure_to_prepare_is_kept_for_whoever_started_the_job() -> None:
    def prepare() -> Evaluator:
        raise OSError("clips are gone")

    job: Job[Answer] = Job(QuantizationWorker(prepare).work, "quantization")
    job.start()
    job.stop()
    with pytest.raises(OSError, match="gone"):
        raise job.error or AssertionError
