"""Listening with the squeezed network: what hears is what was chosen, and float comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer.engine.audio.live import Excerpt
from explorer.engine.kws.clips import load_part
from explorer.engine.kws.frontend import log_mel
from explorer.engine.kws.stream import Scorer
from explorer.engine.nn.inference import Executor
from explorer.engine.nn.registry import shipped
from explorer.engine.quantization.fake import FakeQuantized
from explorer.engine.quantization.packing import flash_image
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import FLOAT, Recipe
from explorer.engine.quantization.retrained import RETRAINED, retrained
from explorer.panels.listen.preparer import Preparer
from explorer.panels.listen.session import ListenSession
from explorer.panels.listen.squeezed import Squeezed
from explorer.shelf import Shelf
from explorer.workbench import State

PATIENCE_S = 60.0
NAIVE = Recipe(4, per_channel=False)


@pytest.fixture(scope="module")
def pictures() -> NDArray[np.float32]:
    sounds = load_part("evaluate").samples[:20]
    return np.stack([log_mel(sound.astype(np.float32) / 32768) for sound in sounds]).astype(np.float32)


@pytest.fixture
def preparer() -> Iterator[Preparer]:
    made = Preparer()
    yield made
    made.close()


def wait_for(found: Callable[[], bool], poll: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not found():
        assert time.monotonic() < deadline, "nothing came"
        poll()
        time.sleep(0.01)


@dataclass
class Ears:
    """What was put where, newest last."""

    first: list[Scorer] = field(default_factory=list)
    rival: list[Scorer | None] = field(default_factory=list)


def make(preparer: Preparer, live: Excerpt | None = None) -> tuple[Squeezed, Ears, Executor]:
    ears, network = Ears(), shipped("tiny")
    exact = Executor(network)
    squeezed = Squeezed(preparer, ears.first.append, ears.rival.append, lambda number: live if number else None)
    squeezed.set_network(network, exact)
    return squeezed, ears, exact


def test_the_squeezed_network_hears_and_float_comes_back(preparer: Preparer, pictures: NDArray[np.float32]) -> None:
    squeezed, ears, exact = make(preparer)
    assert (ears.first, ears.rival) == ([exact], [None])

    def poll() -> None:
        preparer.poll()
        squeezed.poll()

    for bits in (8, 7, 6, 5):  # a drag: none of these need ever listen
        squeezed.follow(State(precision=Recipe(bits), listen_squeezed=True))
        poll()
    squeezed.follow(State(precision=NAIVE, listen_squeezed=True))
    wait_for(lambda: squeezed.recipe == NAIVE, poll)
    assert len(ears.first) < 6
    wanted = FakeQuantized(NetworkQuantizer(exact.network).quantize(NAIVE)).scores(pictures)
    np.testing.assert_allclose(ears.first[-1].scores(pictures), wanted, atol=1e-6)
    assert np.abs(wanted - exact.scores(pictures)).max() > 0.1
    assert (ears.rival[-1], squeezed.rival) == (exact, FLOAT)
    assert (squeezed.file_bytes or 0) == len(flash_image(NetworkQuantizer(exact.network).quantize(NAIVE)))
    listening = ears.first[-1]
    squeezed.follow(State(precision=NAIVE))  # float reports the words again, and the squeezed one is compared with it
    assert (ears.first[-1], ears.rival[-1]) == (exact, listening)
    assert (squeezed.recipe, squeezed.rival, squeezed.file_bytes) == (FLOAT, NAIVE, None)
    squeezed.follow(State(listen_squeezed=True))
    wait_for(lambda: squeezed.rival is None, poll)
    assert (ears.first[-1], ears.rival[-1], squeezed.recipe) == (exact, None, FLOAT)


def test_live_calibration_is_heard(preparer: Preparer, pictures: NDArray[np.float32]) -> None:
    quiet = Excerpt(1, load_part("calibrate").samples[:12].ravel() // 16)
    squeezed, ears, exact = make(preparer, quiet)

    def poll() -> None:
        preparer.poll()
        squeezed.poll()

    recipe, found = Recipe(4, 5), list[NDArray[np.float32]]()
    for number in (0, 1):
        before = ears.rival[-1]
        squeezed.follow(State(precision=recipe, live_calibration=number))
        wait_for(lambda before=before: ears.rival[-1] is not before, poll)  # type: ignore[misc]
        scorer = ears.rival[-1]
        assert scorer is not None
        found.append(scorer.scores(pictures))
    wanted = FakeQuantized(NetworkQuantizer(exact.network, quiet).quantize(recipe)).scores(pictures)
    np.testing.assert_allclose(found[1], wanted, atol=1e-6)
    assert np.abs(found[0] - found[1]).max() > 0.01


def test_weights_trained_for_their_width_are_heard(preparer: Preparer, pictures: NDArray[np.float32]) -> None:
    width = RETRAINED["tiny"][0]
    trained = retrained("tiny", width)
    assert trained is not None
    squeezed, ears, _ = make(preparer)
    recipe = Recipe(width)
    squeezed.follow(State(precision=recipe, retrained=True))

    def poll() -> None:
        preparer.poll()
        squeezed.poll()

    wait_for(lambda: squeezed.rival == recipe, poll)
    wanted = FakeQuantized(NetworkQuantizer(trained).quantize(recipe)).scores(pictures)
    scorer = ears.rival[-1]
    assert scorer is not None
    np.testing.assert_allclose(scorer.scores(pictures), wanted, atol=1e-6)


def test_listening_follows_the_workbench() -> None:
    session = ListenSession(State(), Shelf().get)
    wanted = Recipe(6, layer_weights=(("no_such_layer", 4),))
    try:
        session.start()
        session.follow(session.state, State(precision=wanted, listen_squeezed=True))
        wait_for(lambda: session.squeezed.recipe == Recipe(6), session.poll)  # what does not fit is left out
        assert session.network is not None
        assert session.squeezed.trouble == ""
    finally:
        session.close()
