"""The commands of the Listen panel: its entries in the menu, and their keys."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from explorer.panels.base import PanelCommand
from explorer.panels.listen.tabs import LIVE

if TYPE_CHECKING:
    from explorer.panels.listen.panel import ListenPanel


def entries(panel: ListenPanel) -> tuple[PanelCommand, ...]:
    """Return what can be done in the panel, in the order of the menu."""
    return (
        PanelCommand("space", _tr("Open the microphone, then freeze or go on"), "Space", panel.press_space),
        PanelCommand("close_microphone", _tr("Close the microphone"), "M", panel.close_microphone),
        PanelCommand("again", _tr("Play the file again"), "P", panel.session.sources.play_again),
        PanelCommand("back", _tr("Look back one second"), "Alt+Left", panel.look_back),
        PanelCommand("forward", _tr("Look forward one second"), "Alt+Right", panel.look_forward),
        PanelCommand(
            "hold_to_talk",
            _tr("Hold to talk"),
            "Ctrl+T",
            panel.toggle_hold_to_talk,
            lambda: panel.session.sources.hold_to_talk,
        ),
        *_views(panel),
    )


def _views(panel: ListenPanel) -> Iterator[PanelCommand]:
    tabs = panel.tabs
    names = {LIVE: _tr("Live picture"), **panel.analysis.names()}
    for place, (key, name) in enumerate(names.items(), 1):
        choose, chosen = partial(panel.choose_view, key), partial(_is_chosen, panel, key)
        yield PanelCommand(f"tab-{key}", name, f"Alt+{place}", choose, chosen)
    yield PanelCommand("tab-next", _tr("Next view"), "Ctrl+Tab", lambda: panel.choose_view(tabs.neighbour(1)))
    yield PanelCommand(
        "tab-previous", _tr("Previous view"), "Ctrl+Shift+Tab", lambda: panel.choose_view(tabs.neighbour(-1))
    )


def _is_chosen(panel: ListenPanel, key: str) -> bool:
    return panel.tabs.key() == key


def _tr(text: str) -> str:
    return QCoreApplication.translate("Listen", text)
