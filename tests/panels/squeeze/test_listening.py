"""While Squeeze is in front Listen goes on: it follows the recipe, and its last seconds are lent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton

from explorer.engine.quantization.fake import FakeQuantized
from explorer.engine.quantization.recipe import Recipe
from explorer.panels.listen.panel import ListenPanel
from tests.panels.squeeze.conftest import Bench


@pytest.fixture
def listening(bench: Bench) -> Iterator[ListenPanel]:
    """Give the Listen panel, made and not shown, with a talker that speaks as fast as it is heard."""
    panel = ListenPanel(bench.context)
    panel.session.sources.paced = False
    bench.qtbot.addWidget(panel)
    bench.qtbot.addWidget(panel.inspector())
    bench.workbench.subscribe(panel.on_state)
    yield panel
    panel.shutdown()
    bench.context.ear.session = None


def test_listen_runs_the_squeezed_network_while_squeeze_is_in_front(bench: Bench, listening: ListenPanel) -> None:
    listening.start()
    bench.until(lambda: listening.session.network is not None)
    QTest.mouseClick(bench.panel.controls.listen, Qt.MouseButton.LeftButton)
    bench.workbench.update(precision=Recipe(4, per_channel=False))
    bench.until(lambda: listening.session.squeezed.recipe == Recipe(4, per_channel=False))
    assert isinstance(listening.session.pipeline.executor, FakeQuantized)
    assert listening.session.duel.on


def test_choosing_live_sound_wakes_listen(bench: Bench, listening: ListenPanel) -> None:
    session, ear = listening.session, bench.context.ear
    ear.session, woken = None, []

    def wake() -> None:
        woken.append(True)
        ear.session = session
        listening.start()

    ear.wake = wake
    card = bench.panel.controls.calibration
    live = card.choice.findChildren(QRadioButton)[1]
    QTest.mouseClick(live, Qt.MouseButton.LeftButton)
    assert woken == [True]
    assert card.choice.key() == "bundled"
    bench.until(lambda: session.now_s > 70.0)
    QTest.mouseClick(live, Qt.MouseButton.LeftButton)
    assert woken == [True]
    assert card.choice.key() == "live"
    assert "60 s of live sound" in card.words.text()
