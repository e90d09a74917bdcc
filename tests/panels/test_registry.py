"""The registry: a panel is found because its file is there."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import explorer.panels
from explorer.panels import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PANEL = """
from explorer.panels.base import Panel

class Made(Panel):
    key = {key!r}
    order = {order}

PANEL = Made
"""


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Let `explorer.panels` consist of the modules that the test writes."""
    folder = tmp_path / "panels"
    folder.mkdir()
    monkeypatch.setattr(explorer.panels, "__path__", [str(folder)])
    names: list[str] = []
    registry.panel_classes.cache_clear()

    def write(name: str, text: str) -> None:
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
        names.append(name)

    yield write
    registry.panel_classes.cache_clear()
    for name in names:
        sys.modules.pop(f"explorer.panels.{name}", None)
        if hasattr(explorer.panels, name):
            delattr(explorer.panels, name)


def test_one_file_is_one_panel_in_the_order_it_asks_for(put: Callable[[str, str], None]) -> None:
    put("aaa_probe", PANEL.format(key="last", order=9))
    put("zzz_probe", PANEL.format(key="first", order=1))
    put("helper_probe", "NUMBER = 1\n")
    assert [panel.key for panel in registry.panel_classes()] == ["first", "last"]


@pytest.mark.parametrize("text", ["PANEL = 7\n", "PANEL = dict\n", PANEL.format(key="", order=0)])
def test_what_is_no_panel_is_named(put: Callable[[str, str], None], text: str) -> None:
    put("wrong_probe", text)
    with pytest.raises(TypeError, match="wrong_probe"):
        registry.panel_classes()


def test_two_panels_of_one_key_are_refused(put: Callable[[str, str], None]) -> None:
    put("one_probe", PANEL.format(key="same", order=0))
    put("two_probe", PANEL.format(key="same", order=1))
    with pytest.raises(TypeError, match="same"):
        registry.panel_classes()


def test_each_bead_of_the_thread_leads_to_one_panel() -> None:
    owners = {bead: panel.key for panel in reversed(registry.panel_classes()) for bead in panel.beads}
    beads = [bead for panel in registry.panel_classes() for bead in panel.beads]
    assert len(beads) == len(set(beads))
    assert owners["network"] == "squeeze"  # what it draws is the bits of the layers
