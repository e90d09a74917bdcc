"""Float and squeezed network on the same live sound: both are shown, and where they differ is marked and counted."""

from __future__ import annotations

import pytest

from explorer.engine.quantization.recipe import Recipe
from explorer.panels.listen.duel import words_of
from tests.panels.listen.bench import Bench, listen_for_a_while

NAIVE = Recipe(4, per_channel=False)


def start(bench: Bench, recipe: Recipe) -> None:
    bench.panel.start()
    bench.until(lambda: bench.panel.session.network is not None)
    bench.context.workbench.update(precision=recipe)
    bench.until(lambda: bench.panel.session.duel.on)


def test_a_recipe_brings_the_second_network_and_float_sends_it_away(bench: Bench) -> None:
    panel = bench.panel
    start(bench, NAIVE)
    duel = panel.session.duel
    bench.until(lambda: len(duel.counted()[0]) >= 3)
    assert "disagreements in" in panel.describe()
    bench.pause()
    assert not panel.duel.isHidden()
    assert duel.names == ("float · reports", "w4a32 per tensor")
    found, seconds = duel.counted()
    assert panel.duel.count.text().startswith(f"≠ {len(found)} disagreements in {seconds:.0f} s: {words_of(found[-1])}")
    assert all(d.first != d.second for d in found)
    marked = panel.live.overlay.content.disagreements
    assert [time_s for time_s, _ in marked] == [d.time_s for d in duel.found()]
    assert panel.live.plot.rival.data()[1].max() > 0.2
    rows = panel.csv_rows()
    assert rows[0][-2:] == ("other_word", "other_score")
    assert len(rows[1]) == len(rows[0])
    bench.context.workbench.update(precision=Recipe())
    bench.until(lambda: not duel.on)
    assert panel.duel.isHidden()
    assert panel.live.overlay.content.disagreements == []
    assert len(panel.live.plot.rival.data()[1]) == 0
    assert "disagreement" not in panel.describe()
    assert "other_word" not in panel.csv_rows()[0]


def test_the_switch_changes_who_reports_and_counting_begins_anew(bench: Bench) -> None:
    start(bench, NAIVE)
    duel = bench.panel.session.duel
    bench.until(lambda: bool(duel.found()))
    bench.context.workbench.update(listen_squeezed=True)
    bench.frame()
    assert duel.names == ("float", "w4a32 per tensor · reports")
    assert duel.counted()[1] < 60.0
    bench.until(lambda: any(d.first and not d.second for d in duel.found()))  # words that only float hears
    bench.frame()
    assert bench.panel.duel.first.accessibleName() == "float"
    bench.panel.session.clear()
    assert duel.found() == []


def test_eight_bits_agree_on_nearly_every_word(bench: Bench) -> None:
    start(bench, Recipe(8, 8))
    duel, session = bench.panel.session.duel, bench.panel.session
    begun = len(session.events)
    bench.until(lambda: len(session.events) >= begun + 6)
    bench.pause()
    assert len(duel.found()) <= 2
    if not duel.counted()[0]:
        assert bench.panel.duel.count.text().startswith("= no disagreement")


def test_without_a_recipe_there_is_one_network(bench: Bench) -> None:
    listen_for_a_while(bench)
    assert bench.panel.duel.isHidden()
    assert len(bench.panel.session.pipeline.rival.echoes) == 0
    assert bench.panel.session.duel.sentence() == "no disagreement in 0 s"


@pytest.mark.parametrize("frozen", [False, True])
def test_looking_back_shows_what_both_heard_then(bench: Bench, frozen: bool) -> None:
    start(bench, NAIVE)
    duel = bench.panel.session.duel
    bench.until(lambda: bool(duel.found()) and bench.panel.session.now_s > 12.0)
    bench.pause()
    if frozen:
        bench.panel.look_back()
    bench.frame()
    end_s = bench.panel.live.end_s
    echo = duel.echo_at(end_s)
    assert echo is not None
    assert abs(echo.time_s - end_s) < 0.051
    assert duel.line(end_s, 10)[-1] == pytest.approx(echo.score)
