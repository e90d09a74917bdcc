"""Who answers first, drawn by lot from what each place's answers are spread over."""

from __future__ import annotations

import math

import numpy as np
import pytest

from explorer.engine.deployment.profile import Tier
from explorer.panels.place import race
from explorer.panels.place.evaluation import Place
from explorer.panels.place.setup import Setup
from tests.panels.place.test_evaluation import ask


def places() -> dict[Tier, Place]:
    return dict(ask(Setup()).places)


def test_the_same_seed_draws_the_same_race_and_another_one_another() -> None:
    first = race.start("go", places(), (3, 1), 0.0, 10).delays_ms
    assert race.start("go", places(), (3, 1), 5.0, 1).delays_ms == first
    assert race.start("go", places(), (3, 2), 0.0, 10).delays_ms != first
    assert race.start("go", places(), (4, 1), 0.0, 10).delays_ms != first


def test_delays_of_many_races_have_the_median_of_the_answers() -> None:
    four = places()
    drawn = [race.start("go", four, (0, number), 0.0, 1).delays_ms for number in range(2000)]
    for tier, place in four.items():
        assert place.option is not None
        median = float(np.median([delays[tier] for delays in drawn]))
        assert median == pytest.approx(place.option.answers.p50_ms, rel=0.05)


def test_they_arrive_in_the_order_of_their_delays() -> None:
    running = race.Race("go", places(), {"cloud": 90.0, "edge": 30.0, "mobile": 1.0, "tiny": math.inf}, 100.0, 10)
    assert running.arrived(100.0) == ()
    assert running.arrived(100.0 + 0.011) == ("mobile",)
    assert running.arrived(100.0 + 0.31) == ("mobile", "edge")
    assert not running.over(100.0 + 0.89)
    assert running.over(100.0 + 0.91)  # the one that never answers is not waited for
    told = running.sentence()
    assert told.startswith("“go”: mobile answered first, after 1 ms [")  # a prediction never without its interval
    assert "cloud last, after 90 ms [" in told
    assert "no answer from tiny" in told
    assert "What left the room, for cloud: one second of sound" in told


def test_the_interval_is_that_of_the_computing_around_the_delay_that_was_drawn() -> None:
    four = places()
    option = four["cloud"].option
    assert option is not None
    time = option.compute_ms
    assert time.low is not None
    assert time.high is not None
    delay = 500.0
    running = race.Race("go", {"cloud": four["cloud"]}, {"cloud": delay}, 0.0, 1)
    low, high = delay - time.value + time.low, delay - time.value + time.high
    assert f"after 500 ms [{low:.0f}, {high:.0f}]" in running.sentence()


def test_sound_that_was_sent_has_left_even_when_no_answer_came() -> None:
    running = race.Race("go", places(), {"cloud": math.inf, "edge": 3.0, "mobile": 1.0, "tiny": 2.0}, 0.0, 1)
    assert "no answer from cloud" in running.sentence()
    assert "What left the room, for cloud: one second of sound" in running.sentence()


def test_what_stays_in_the_room_is_said_too() -> None:
    room: dict[Tier, Place] = {tier: place for tier, place in places().items() if tier != "cloud"}
    running = race.Race("go", room, {"edge": 3.0, "mobile": 1.0, "tiny": 2.0}, 0.0, 1)
    assert running.sentence().endswith("Nothing left the room.")
    nobody = race.Race("go", places(), dict.fromkeys(places(), math.inf), 0.0, 1)
    assert nobody.sentence() == "“go”: nobody answered."
    assert nobody.over(0.0)
