"""A person hears what the network hears, and what the bits of its input leave of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.engine.audio.ring import History
from explorer.engine.audio.speaker import Speaker, SpeakerStatus
from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.recipe import Recipe
from explorer.panels.listen.playback import Playback
from explorer.panels.squeeze.hear_view import HearView
from tests.panels.squeeze.conftest import Bench
from widgets.slider_track import SliderTrack


class Tape(Speaker):
    """A loudspeaker that keeps what it plays, or one that is not there."""

    def __init__(self, works: bool = True) -> None:
        super().__init__()
        self.works = works
        self.played: list[NDArray[np.float32]] = []

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def push(self, samples: NDArray[np.float32]) -> None:
        self.played.append(samples)

    def status(self) -> SpeakerStatus:
        return SpeakerStatus(self.works, "" if self.works else "No loudspeaker can be opened.", "")


def poll_until(bench: Bench, found: Callable[[], bool]) -> None:
    """Let frames pass, and what is done in the background come, until something is so."""

    def look() -> bool:
        bench.context.background.poll()
        return found()

    bench.until(look)


def come(bench: Bench, view: HearView, width: object) -> None:
    """Wait until the second was heard with an input of this width."""

    poll_until(bench, lambda: view.hearing is not None and view.hearing.width == width and view._task is None)


@pytest.fixture
def view(bench: Bench) -> HearView:
    bench.panel.choose_view("hear")
    view = bench.panel.views.view("hear")
    assert isinstance(view, HearView)
    come(bench, view, "float32")
    return view


def test_three_pictures_and_fewer_bits_change_the_last(bench: Bench, view: HearView) -> None:
    sound, kept, coarse = (column.picture.array() for column in (view.sound, view.picture, view.coarse))
    assert (sound.shape, kept.shape) == ((257, 98), (40, 98))
    np.testing.assert_array_equal(kept, coarse)
    assert view.sound.answer.text().startswith("yes")
    assert "40 of 257" in view.describe()
    track = view.bits.findChild(SliderTrack)
    assert track is not None
    QTest.keyClick(track, Qt.Key.Key_Home)
    assert dict(bench.workbench.state.precision.layer_activations) == {"input": 2}
    come(bench, view, 2)
    assert len(np.unique(view.coarse.picture.array())) <= 4
    np.testing.assert_array_equal(view.picture.picture.array(), kept)
    assert "4 grey levels" in view.describe() or "3 grey levels" in view.describe()
    assert not view.same.isHidden()
    QTest.mouseClick(view.same, Qt.MouseButton.LeftButton)
    assert bench.workbench.state.precision == Recipe()
    come(bench, view, "float32")


def test_the_input_follows_the_recipe_of_all_activations(bench: Bench, view: HearView) -> None:
    bench.workbench.update(precision=Recipe(4, 3))
    come(bench, view, 3)
    assert view.bits.width_chosen() == 3
    assert view.same.isHidden()


def test_words_voices_and_live_sound(bench: Bench, view: HearView) -> None:
    first = view.picture.picture.array().copy()
    before = view.hearing
    QTest.mouseClick(view.another, Qt.MouseButton.LeftButton)
    poll_until(bench, lambda: view.hearing is not before)
    assert not np.array_equal(view.picture.picture.array(), first)
    assert "voice 2" in view.describe()
    view.what.setCurrentIndex(view.what.findData("live"))
    view.what.activated.emit(view.what.currentIndex())
    assert "let Listen hear" in view.describe()
    assert view.status.text() == view.describe()
    history = History(5.0)
    history.append(np.random.default_rng(0).normal(0, 0.1, 32_000).astype(np.float32))
    bench.workbench.sound.lend(history)
    before = view.hearing
    QTest.mouseClick(view.another, Qt.MouseButton.LeftButton)
    poll_until(bench, lambda: view.hearing is not before)
    assert "last second heard" in view.describe()
    assert view.status.isHidden()


def test_each_button_plays_its_sound_and_no_loudspeaker_is_said(bench: Bench, view: HearView) -> None:
    tape = Tape()
    view.playback = Playback(view._tell, tape)
    assert view.hearing is not None
    for column, heard in zip(
        (view.sound, view.picture, view.coarse),
        (view.hearing.sound, view.hearing.picture, view.hearing.coarse),
        strict=True,
    ):
        QTest.mouseClick(column.play, Qt.MouseButton.LeftButton)
        np.testing.assert_array_equal(tape.played[-1][: len(heard.samples)], heard.samples)
    tape.works = False
    QTest.mouseClick(view.sound.play, Qt.MouseButton.LeftButton)
    assert "No loudspeaker" in view.status.text()
    assert not view.status.isHidden()
    assert bench.notices == []
    view.on_slow_tick()


def test_table_of_numbers_and_memory(bench: Bench, view: HearView) -> None:
    rows = bench.panel.csv_rows()
    assert len(rows) == 1 + 2 * 98
    assert {row[0] for row in rows[1:]} == {"log_mel", "on_grid"}
    QTest.mouseClick(view.another, Qt.MouseButton.LeftButton)
    saved = bench.panel.save_state()
    assert saved["hear"] == {"word": "yes", "voice": 1}
    bench.panel.restore_state({"view": "hear", "hear": {"word": "stop", "voice": 3}})
    assert view.what.currentData() == "stop"
    poll_until(bench, lambda: "voice 4" in view.describe())
    for damaged in ({"word": "jump"}, {"voice": -1}, {"voice": True}, {"voice": "2"}):
        with pytest.raises(ExplorerError):
            view.restore_state(damaged)
    assert view.what.currentData() == "stop"
