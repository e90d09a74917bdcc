"""Which panels exist: every module or package beside this one that names a panel `PANEL`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import explorer.panels
from explorer.panels.base import Panel


@cache
def panel_classes() -> tuple[type[Panel], ...]:
    """Return the classes of all panels in the order of the rail.

    Raises
    ------
    TypeError
        When a module's `PANEL` is no panel, or two panels share a key.
    """
    found: list[type[Panel]] = []
    for module in pkgutil.iter_modules(explorer.panels.__path__):
        if module.name in ("base", "registry"):
            continue
        panel = getattr(importlib.import_module(f"explorer.panels.{module.name}"), "PANEL", None)
        if panel is None:
            continue
        if not (isinstance(panel, type) and issubclass(panel, Panel) and panel.key):
            raise TypeError(f"explorer.panels.{module.name}.PANEL is not a panel with a key")
        found.append(panel)
    keys = [panel.key for panel in found]
    if len(set(keys)) != len(keys):
        raise TypeError(f"two panels share a key: {sorted(keys)}")
    return tuple(sorted(found, key=lambda panel: (panel.order, panel.key)))
