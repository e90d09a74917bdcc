"""A person moves the controls of the Place panel, and tiles, numbers and sentences follow."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer import cli
from explorer.engine.deployment.profile import TIERS
from explorer.engine.nn.registry import shipped
from explorer.engine.quantization.recipe import Recipe
from explorer.panels.place.axis import DeadlineAxis, fraction
from explorer.panels.place.panel import PlacePanel
from explorer.panels.place.setup import Setup
from tests.panels.place.conftest import Bench, segment
from widgets.slider import ValueSlider
from widgets.slider_track import SliderTrack


def picture(widget: QWidget) -> QImage:
    """Give what a person sees of a widget."""
    return widget.grab().toImage()


def press(slider: ValueSlider, key: Qt.Key, times: int) -> None:
    """Move a slider as the keyboard does, ten steps at a time."""
    track = slider.findChild(SliderTrack)
    assert track is not None
    for _ in range(times):
        QTest.keyClick(track, key, Qt.KeyboardModifier.ShiftModifier)


def test_the_first_sight_says_who_answers_first_and_that_the_fastest_chip_answers_last(bench: Bench) -> None:
    places = bench.panel.session.places
    compute = {tier: place.estimate.latency.value for tier, place in places.items() if place.estimate.latency}
    answers = {tier: place.option.answers.p50_ms for tier, place in places.items() if place.option}
    assert compute["cloud"] < compute["tiny"]
    assert max(answers, key=lambda tier: answers[tier]) == "cloud"
    assert bench.panel.describe().startswith("Mobile answers first (")
    assert "[" in bench.panel.describe()  # no time without its interval
    assert bench.panel.glyphs().place == "tiny"


def test_squeezing_in_another_panel_changes_time_room_and_whether_tiny_keeps_up(bench: Bench) -> None:
    bench.same_everywhere()
    tiny = bench.panel.tiles.tiles
    before, seen = bench.place("tiny"), picture(tiny)
    assert tiny.heads["tiny"].busy.reading().bad  # float32 on an M4F is too slow for 20 a second
    bench.workbench.update(precision=Recipe(8, 8))
    bench.settle()
    after = bench.place("tiny")
    assert before.estimate.latency is not None
    assert after.estimate.latency is not None
    assert after.estimate.latency.value < before.estimate.latency.value / 2
    assert after.estimate.flash.value < before.estimate.flash.value
    assert not tiny.heads["tiny"].busy.reading().bad
    assert tiny.heads["tiny"].busy.reading().words == "keeps up with 20 a second"
    assert "was" in tiny.gauges["tiny"].by_key["energy"].details()  # the ghost
    assert picture(tiny) != seen
    assert segment(bench.panel.controls.network.bits, 1).isChecked()


def test_a_tile_says_what_struck_it_and_what_was_so_before(bench: Bench) -> None:
    bench.same_everywhere()
    lane = bench.panel.tiles.tiles.lanes["tiny"]
    assert lane.verdict().startswith("battery: ")
    assert "also too slow" in lane.verdict()
    bench.panel.session.change(listening=0.02)
    bench.settle()
    assert lane.verdict().startswith("too slow: ")
    assert lane.verdict().endswith(" · before: battery")
    bench.workbench.update(precision=Recipe(8, 8))
    bench.settle()
    assert lane.verdict().startswith("remains")
    told = bench.panel.tiles.tiles.lanes["cloud"].details(-1)  # where asking elsewhere stops winning
    assert "against the tile Tiny: never faster elsewhere" in told


def test_words_that_were_taught_run_in_all_four_places(bench: Bench) -> None:
    bench.same_everywhere()
    network = shipped("small")
    bench.workbench.publish(network)
    bench.settle()
    assert {place.network for place in bench.panel.session.places.values()} == {"small v2"}


SLIDERS: dict[str, tuple[Callable[[PlacePanel], ValueSlider], Qt.Key, int, Callable[[Bench], Any]]] = {
    "rate": (lambda p: p.controls.use.rate, Qt.Key.Key_Left, 3, lambda b: b.place("tiny").estimate.real_time_factor),
    "listening": (lambda p: p.controls.use.listening, Qt.Key.Key_Left, 5, lambda b: _days(b, "tiny")),
    "words a day": (lambda p: p.controls.use.requests, Qt.Key.Key_Right, 8, lambda b: _days(b, "cloud")),
    "distance": (lambda p: p.controls.use.distance, Qt.Key.Key_Right, 3, lambda b: b.place("cloud").answer_ms),
    "deadline": (lambda p: p.controls.asked.deadline, Qt.Key.Key_Right, 3, lambda b: _struck(b)),
    "battery lasts": (lambda p: p.controls.asked.days[1], Qt.Key.Key_Left, 6, lambda b: _struck(b)),
}


def _days(bench: Bench, tier: str) -> object:
    option = bench.panel.session.places[tier].option  # type: ignore[index] # one of the four
    assert option is not None
    return option.battery_days


def _struck(bench: Bench) -> object:
    return [[strike.constraint for strike in bench.place(tier).strikes] for tier in TIERS]


@pytest.mark.parametrize("name", SLIDERS)
def test_every_slider_changes_the_picture_and_the_number_it_is_about(bench: Bench, name: str) -> None:
    slider, key, times, number = SLIDERS[name]
    before, seen = number(bench), picture(bench.panel.tiles.tiles)
    press(slider(bench.panel), key, times)
    bench.settle()
    assert number(bench) != before
    assert picture(bench.panel.tiles.tiles) != seen


def test_battery_links_and_devices_are_exchanged_in_their_lists(bench: Bench) -> None:
    use, before = bench.panel.controls.use, _days(bench, "tiny")
    use.battery.setCurrentText("CR2032")
    use.battery.textActivated.emit("CR2032")
    bench.settle()
    assert _days(bench, "tiny") != before
    far = bench.place("cloud").answer_ms
    use.cloud_link.textActivated.emit("fibre, same city")
    bench.settle()
    near = bench.place("cloud").answer_ms
    assert far is not None
    assert near is not None
    assert near.value < far.value / 5
    device = bench.panel.tiles.tiles.heads["tiny"].device
    device.activated.emit(device.devices().index("nucleo-g0b1re"))
    bench.settle()
    assert bench.place("tiny").profile.title == "NUCLEO-G0B1RE"
    assert bench.panel.tiles.tiles.heads["tiny"].busy.reading().words.startswith("manages ")


def test_constraints_strike_tiles_and_say_which_struck_them(bench: Bench) -> None:
    bench.same_everywhere()
    asked = bench.panel.controls.asked
    asked.stays.click()
    bench.settle()
    assert bench.place("cloud").strikes[0].constraint == "sound stays in the room"
    assert "sound leaves the room" in bench.panel.describe()
    asked.power[0].click()
    bench.settle()
    assert asked.power[1].isVisible()
    assert any(strike.constraint == "power" for strike in bench.place("edge").strikes)
    asked.cost[0].click()
    bench.settle()
    assert any(strike.constraint == "cost" for strike in bench.place("mobile").strikes)
    asked.days[0].click()
    bench.settle()
    assert not any(strike.constraint == "battery" for strike in bench.place("tiny").strikes)


def test_the_deadline_is_dragged_on_the_axis_or_moved_with_the_keyboard(bench: Bench) -> None:
    axis = bench.panel.tiles.tiles.axis
    bench.panel.session.change(min_days=None)
    bench.settle()
    assert bench.place("cloud").strikes[0].constraint == "deadline"
    end = QPoint(round(fraction(2000.0) * axis.width()), axis.height() // 2)
    QTest.mouseClick(axis, Qt.MouseButton.LeftButton, pos=end)
    bench.settle()
    assert axis.deadline_ms() == pytest.approx(2000, rel=0.1)
    assert bench.panel.session.setup.deadline_ms == axis.deadline_ms()
    assert bench.place("cloud").remains
    for _ in range(10):
        QTest.keyClick(axis, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    bench.settle()
    assert axis.deadline_ms() < 200
    assert axis.accessible_value().endswith("ms")
    assert bench.place("cloud").strikes[0].constraint == "deadline"
    QTest.keyClick(axis, Qt.Key.Key_Delete)
    assert axis.deadline_ms() == Setup().deadline_ms


def test_every_number_tells_where_it_comes_from_when_pressed(bench: Bench) -> None:
    tiles = bench.panel.tiles
    for tier in TIERS:
        for gauge in (tiles.tiles.heads[tier].busy, *tiles.tiles.gauges[tier].by_key.values()):
            QTest.mouseClick(gauge, Qt.MouseButton.LeftButton)
            assert tiles.told.text() == gauge.details()
            assert gauge.reading().kind in ("measured", "derived", "cited", "assumed")
            assert " · " in gauge.details()
        lane = tiles.tiles.lanes[tier]
        for part, stage in enumerate(bench.place(tier).stages):
            lane.setFocus()
            QTest.keyClick(lane, Qt.Key.Key_Right)
            assert stage.time_ms.source in tiles.told.text()
            assert lane.accessible_value() == lane.details(part)


def test_what_never_ran_says_so_beside_its_interval(bench: Bench) -> None:
    for tier in TIERS:
        lane, place = bench.panel.tiles.tiles.lanes[tier], bench.place(tier)
        assert "this network has never run on this board" in lane.details(-1)
        assert place.answer_ms is not None
        assert f"[{place.answer_ms.low:.3g}" in lane.label()


def test_a_source_that_was_asked_for_goes_when_its_number_changes(bench: Bench) -> None:
    gauge = bench.panel.tiles.tiles.gauges["tiny"].by_key["flash"]
    QTest.mouseClick(gauge, Qt.MouseButton.LeftButton)
    told = bench.panel.tiles.told
    assert told.text().startswith("Flash: ")
    bench.workbench.update(precision=Recipe(8, 8))
    bench.settle()
    assert not told.text().startswith("Flash: ")


def test_the_panel_says_what_the_command_says(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.same_everywhere()
    bench.workbench.update(precision=Recipe(4, 8))
    bench.settle()
    for tier in TIERS:
        place = bench.place(tier)
        command = ["estimate", "--network", "tiny", "--wbits", "4", "--abits", "8", "--json", "--profile"]
        assert cli.main([*command, place.profile.key]) == 0
        said = json.loads(capsys.readouterr().out)
        found = place.estimate
        assert (found.latency and found.latency.value) == said["latency_ms"]
        assert (found.latency and found.latency.low) == said["low_ms"]
        assert (round(found.ram.value), round(found.flash.value)) == (said["ram_bytes"], said["flash_bytes"])
        assert (found.real_time_factor and found.real_time_factor.value) == said["real_time_factor"]
    assert cli.main(["place", "--wbits", "4", "--deadline-ms", "300", "--min-days", "7", "--rate", "20", "--json"]) in (
        0,
        3,
    )
    placed = json.loads(capsys.readouterr().out)
    left = {row["profile"] for row in placed["remaining"]}
    struck = {row["profile"]: row["strikes"][0]["constraint"] for row in placed["removed"]}
    for tier in TIERS:
        place = bench.place(tier)
        if place.remains:
            assert place.profile.key in left
        else:
            assert struck[place.profile.key] == place.strikes[0].constraint


def test_the_best_network_that_fits_each_is_larger_where_there_is_room(bench: Bench) -> None:
    bench.workbench.update(precision=Recipe(8, 8))
    QTest.mouseClick(segment(bench.panel.controls.network.which, 1), Qt.MouseButton.LeftButton)
    bench.settle()
    networks = {tier: place.network for tier, place in bench.panel.session.places.items()}
    assert networks["cloud"] == "large"
    assert networks["tiny"] != "large"
    tiny = bench.place("tiny")
    assert tiny.option is not None
    assert tiny.option.fits
    assert tiny.option.keeps_up(20)


def test_a_place_that_cannot_run_the_precision_says_why(bench: Bench) -> None:
    bench.same_everywhere()
    bench.panel.tiles.choose_device("edge", "coral-dev-board")
    bench.settle()
    assert bench.place("edge").option is None
    tiles = bench.panel.tiles.tiles
    assert tiles.heads["edge"].busy.reading().text == "does not run"
    assert "not int8" in tiles.lanes["edge"].details(-1)
    assert "edge (precision)" in bench.panel.describe()


def test_guessing_hides_the_answer_until_it_is_given(bench: Bench) -> None:
    bench.same_everywhere()
    tiles, guess = bench.panel.tiles.tiles, bench.panel.tiles.guess
    bench.panel.ask_guess()
    bench.frame()
    assert guess.isVisible()
    assert bench.panel.describe().startswith("Which tiers survive: 99 of 100 answers within 300 ms")
    assert tiles.lanes["tiny"].label() == ""
    assert tiles.gauges["tiny"].by_key["battery"].reading().text == "?"
    bench.panel.race()
    assert bench.panel.tiles.running() is None  # it would give the answer away
    guess.boxes["cloud"].click()
    QTest.mouseClick(guess.commit, Qt.MouseButton.LeftButton)
    bench.frame()
    assert "Cloud ✕ deadline: " in guess.answer.text()
    assert guess.answer.text().startswith("3 of 4 right.")
    assert tiles.lanes["tiny"].label() != ""
    QTest.mouseClick(guess.done, Qt.MouseButton.LeftButton)
    assert not guess.isVisible()


def test_the_start_shows_who_answers_first_and_one_slider_kills_it(bench: Bench) -> None:
    """Mobile answers first and the fastest chip last; tiny survives the week until it listens all the time."""
    assert "Mobile answers first" in bench.panel.describe()
    assert "cloud last" in bench.panel.describe()
    assert bench.place("tiny").remains
    assert not bench.place("cloud").remains
    assert "tiny (" in bench.panel.describe()
    track = bench.panel.controls.use.listening.findChild(SliderTrack)
    assert track is not None
    QTest.keyClick(track, Qt.Key.Key_End)
    bench.settle()
    assert bench.place("tiny").strikes[0].constraint == "battery"


def test_a_narrow_axis_leaves_units_out_before_numbers(qtbot: QtBot) -> None:
    axis = DeadlineAxis(300.0)
    qtbot.addWidget(axis)
    pictures = []
    for width in (260, 330):
        axis.resize(width, 20)
        pictures.append(axis.ticks())
    assert [text for text, _ in pictures[0]][:3] == ["0.1", "1", "10"]
    assert [text for text, _ in pictures[1]][:2] == ["0.1 ms", "1 ms"]
    for drawn in pictures:
        assert all(a.right() < b.left() for (_, a), (_, b) in itertools.pairwise(drawn))
