"""Listening with the squeezed network: what hears is what was chosen, and float comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer.engine.kws.clips import load_part
from explorer.engine.kws.frontend import log_mel
from explorer.engine.kws.stream import Scorer
from explorer.engine.nn.inference import Executor
from explorer.engine.nn.registry import shipped
from explorer.engine.quantization.fake import FakeQuantized
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import FLOAT, Recipe
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


def test_the_squeezed_network_hears_and_float_comes_back(preparer: Preparer, pictures: NDArray[np.float32]) -> None:
    network, heard_by = shipped("tiny"), list[Scorer]()
    exact = Executor(network)
    squeezed = Squeezed(preparer, heard_by.append)
    squeezed.set_network(network, exact)
    assert heard_by == [exact]

    def poll() -> None:
        preparer.poll()
        squeezed.poll()

    for bits in (8, 7, 6, 5):  # a drag: none of these need ever listen
        squeezed.follow(State(precision=Recipe(bits), listen_squeezed=True))
        poll()
    squeezed.follow(State(precision=NAIVE, listen_squeezed=True))
    wait_for(lambda: squeezed.recipe == NAIVE, poll)
    assert len(heard_by) < 5
    wanted = FakeQuantized(NetworkQuantizer(network).quantize(NAIVE)).scores(pictures)
    np.testing.assert_allclose(heard_by[-1].scores(pictures), wanted, atol=1e-6)
    assert np.abs(wanted - exact.scores(pictures)).max() > 0.1
    squeezed.follow(State(precision=NAIVE))
    wait_for(lambda: squeezed.recipe == FLOAT, poll)
    assert heard_by[-1] is exact


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
