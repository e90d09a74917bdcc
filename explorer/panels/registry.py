"""Which panels exist: every module or package beside this one that names a panel `PANEL`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import explorer.panels
from explorer.panels.base import Panel


def panel_class(name: str) -> type[Panel] | None:
    """Return the panel that a module beside this one names `PANEL`; None where it names none.

    Raises
    ------
    TypeError
        When its `PANEL` is no panel.
    """
    panel = getattr(importlib.import_module(f"explorer.panels.{name}"), "PANEL", None)
    if panel is not None and not (isinstance(panel, type) and issubclass(panel, Panel) and panel.key):
        raise TypeError(f"explorer.panels.{name}.PANEL is not a panel with a key")
    return panel


def module_names() -> tuple[str, ...]:
    """Return the names of the modules that may name a panel."""
    found = (module.name for module in pkgutil.iter_modules(explorer.panels.__path__))
    return tuple(name for name in found if name not in ("base", "registry"))


@cache
def panel_classes() -> tuple[type[Panel], ...]:
    """Return the classes of all panels in the order of the rail.

    Raises
    ------
    TypeError
        When a module's `PANEL` is no panel, or two panels share a key.
    """
    found = [panel for name in module_names() if (panel := panel_class(name)) is not None]
    keys = [panel.key for panel in found]
    if len(set(keys)) != len(keys):
        raise TypeError(f"two panels share a key: {sorted(keys)}")
    return tuple(sorted(found, key=lambda panel: (panel.order, panel.key)))
