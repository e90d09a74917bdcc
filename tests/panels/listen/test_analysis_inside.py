"""Look inside: one second, its frames and bands linked across the pictures, then the layers, then the scores."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from explorer.engine.kws.frontend import log_mel
from explorer.engine.nn.inference import Executor
from explorer.panels.listen.inside_view import InsideView
from explorer.panels.listen.playback import Playback
from explorer.panels.listen.steps_view import StepsView
from tests.panels.listen.analysis_lab import Lab, random_network, response


class FakeSpeaker:
    """A loudspeaker that keeps what it is given."""

    def __init__(self, works: bool = True) -> None:
        self.heard: list[NDArray[np.float32]] = []
        self.closings = 0
        self.pending_s = 0.0
        self._works = works

    def open(self) -> None:
        self.closings = 0

    def close(self) -> None:
        self.closings += 1

    def push(self, samples: NDArray[np.float32]) -> None:
        self.heard.append(samples)
        self.pending_s = len(samples) / 16000

    def status(self) -> object:
        from explorer.engine.audio.speaker import SpeakerStatus

        return SpeakerStatus(self._works, "No loudspeaker can be opened." if not self._works else "", "Connect one.")


@pytest.fixture
def speaker() -> FakeSpeaker:
    return FakeSpeaker()


@pytest.fixture
def inside(lab: Lab, speaker: FakeSpeaker) -> InsideView:
    """Give the view at the second that ends at 3 s."""
    view = InsideView(lab.context, lab.session, Playback(lab.says.append, speaker))  # type: ignore[arg-type]
    lab.session.hear(4.0)
    lab.show(view)
    view.show_moment(3.0)
    lab.finish(view)
    return view


def press(lab: Lab, view: InsideView, word: str) -> None:
    button = next(b for b in view.findChildren(QAbstractButton) if b.text() == word)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_without_a_moment_it_says_what_to_do(lab: Lab) -> None:
    view = InsideView(lab.context, lab.session)
    lab.show(view)
    assert "press a moment" in view.describe()
    assert not view.play.isEnabled()
    view.show_moment(3.0)  # nothing was heard yet
    assert "not remembered" in view.describe()


def test_the_pictures_show_the_very_second(lab: Lab, inside: InsideView) -> None:
    samples, picture = lab.session.look_back(3.0)
    assert np.array_equal(inside.steps.stage("samples").values["samples"], samples)
    assert np.allclose(inside.steps.stage("picture").values["picture"], picture, atol=0.01)
    assert np.array_equal(inside.steps.picture.array(), np.rint(log_mel(samples.astype(np.float64)).T).astype(np.uint8))


def test_the_slider_moves_one_frame_through_all_pictures(lab: Lab, inside: InsideView) -> None:
    steps = inside.steps
    track = steps.slider.focusProxy()
    assert track is not None
    start = steps.frame()
    before = {key: steps._curves[key].data()[1].copy() for key in ("windowed", "spectrum", "bands", "log")}
    QTest.keyClick(track, Qt.Key.Key_Home)
    assert steps.frame() == 0 != start
    for key, values in before.items():
        assert not np.array_equal(steps._curves[key].data()[1], values), key
    assert steps._region.getRegion() == (0.0, 0.03)
    assert "0: 0 to 30 ms" in steps.slider.value_text(0)


def test_pressing_the_picture_follows_that_frame_and_band(lab: Lab, inside: InsideView) -> None:
    picture = inside.steps.picture
    place = QPoint(round(picture.width() * (20.5 / 98)), round(picture.height() * (1 - 10.5 / 40)))
    QTest.mouseClick(picture, Qt.MouseButton.LeftButton, pos=place)
    assert (inside.steps.frame(), inside.steps.band()) == (20, 10)
    assert inside.steps.slider.value() == 20
    QTest.keyClick(picture, Qt.Key.Key_Up)
    assert inside.steps.band() == 11
    assert "band 11" in picture.accessibleDescription()


def test_the_loudest_frame_is_followed_first(inside: InsideView) -> None:
    picture = inside.steps.stage("picture").values["picture"]
    assert picture[inside.steps.frame(), inside.steps.band()] == picture.max()


def test_layers_scores_and_maps_are_those_of_the_network(lab: Lab, inside: InsideView) -> None:
    press(lab, inside, "Picture to scores")
    assert inside.maps.isVisible()
    network = lab.session.network
    assert network is not None
    _, picture = lab.session.look_back(3.0)
    values = Executor(network, ["s1b1_mix"]).run(picture[None])
    assert np.allclose(inside.maps.bars.scores(), Executor(network).scores(picture[None])[0], atol=1e-5)
    lab.context.workbench.update(selected_layer="s1b1_mix")
    assert inside.maps.selected() == "s1b1_mix"
    assert np.allclose(inside.maps.picture.maps(), values["s1b1_mix"].reshape(10, 49, 1), atol=1e-5)
    assert "10×49" in inside.maps.title.text()


def test_the_selected_layer_is_selected_everywhere(lab: Lab, inside: InsideView) -> None:
    press(lab, inside, "Picture to scores")
    first = inside.maps.selected()
    QTest.keyClick(inside.maps.layers, Qt.Key.Key_Down)
    assert inside.maps.selected() != first
    assert lab.context.workbench.state.selected_layer == inside.maps.selected()


def test_another_network_gives_other_scores(lab: Lab, inside: InsideView) -> None:
    before = inside.maps.bars.scores().copy()
    lab.session.network = random_network(7)
    inside.on_slow_tick()
    lab.finish(inside)
    assert not np.allclose(inside.maps.bars.scores(), before, atol=1e-4)


def test_play_plays_that_second_and_closes_the_loudspeaker_afterwards(
    lab: Lab, inside: InsideView, speaker: FakeSpeaker
) -> None:
    press(lab, inside, "Play")
    assert np.array_equal(speaker.heard[0][:16000], lab.session.look_back(3.0)[0])
    inside.on_slow_tick()
    assert speaker.closings == 0
    speaker.pending_s = 0.0
    inside.on_slow_tick()
    assert speaker.closings == 1


def test_no_loudspeaker_is_a_sentence(lab: Lab) -> None:
    playback = Playback(lab.says.append, FakeSpeaker(works=False))  # type: ignore[arg-type]
    assert not playback.play(np.zeros(16000, np.float32))
    assert lab.says == ["No loudspeaker can be opened. Connect one."]


def test_the_newest_word_is_one_press_away(lab: Lab, inside: InsideView) -> None:
    inside.on_event(response(time_s=2.5))
    press(lab, inside, "Newest word")
    assert inside.moment_s() == 2.5


def test_steps_export_the_bands_of_the_frame(lab: Lab) -> None:
    view = StepsView()
    lab.qtbot.addWidget(view)
    view.set_frame(5)
    rows = view.rows()
    assert rows[0] == ("frame", "band", "energy", "grey")
    assert len(rows) == 41
    assert rows[1][0] == 5
