"""Live sound is lent, excerpts are kept for a while, and erasing forgets them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from explorer.engine.audio.live import LiveSound
from explorer.engine.audio.ring import History
from explorer.engine.errors import ExplorerError

SECOND = 16_000


def hum(seconds: float) -> NDArray[np.float32]:
    return np.asarray(np.sin(np.arange(round(seconds * SECOND)) / 20) / 2, np.float32)


def test_the_last_seconds_are_lent() -> None:
    live, history = LiveSound(), History(30.0)
    assert len(live.last(5.0)) == 0
    live.lend(history)
    history.append(hum(3.0))
    assert len(live.last(5.0)) == 3 * SECOND
    np.testing.assert_allclose(live.last(1.0), hum(3.0)[-SECOND:], atol=1e-4)
    history.append(hum(40.0))
    assert len(live.last(100.0)) == 30 * SECOND


def test_too_little_and_silence_are_refused() -> None:
    live, history = LiveSound(), History(90.0)
    live.lend(history)
    history.append(hum(9.0))
    with pytest.raises(ExplorerError, match="Only 9 s"):
        live.keep_minute()
    history.clear()
    history.append(np.zeros(20 * SECOND, np.float32))
    with pytest.raises(ExplorerError, match="silence"):
        live.keep_minute()


def test_an_excerpt_stays_as_it_was_and_old_ones_go() -> None:
    live, history = LiveSound(), History(90.0)
    live.lend(history)
    history.append(hum(80.0))
    first = live.keep_minute()
    kept = first.samples.copy()
    assert first.seconds == 60.0
    history.append(np.zeros(80 * SECOND, np.float32))
    np.testing.assert_array_equal(live.excerpt(first.number).samples, kept)  # type: ignore[union-attr]
    history.append(hum(20.0))
    numbers = [live.keep_minute().number for _ in range(3)]
    assert live.excerpt(first.number) is None
    assert [live.excerpt(n) is not None for n in numbers] == [True, True, True]
    live.erase()
    assert live.excerpt(numbers[-1]) is None
    assert live.keep_minute().number > numbers[-1]
