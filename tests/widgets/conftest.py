from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from explorer import theme


@pytest.fixture(autouse=True)
def dark_theme(qapp: QApplication) -> Iterator[None]:
    """Every test starts and ends with the dark theme at scale 1."""
    theme.apply(qapp, theme.theme_at("dark"))
    yield
    if theme.current_theme().name != "dark":
        theme.apply(qapp, theme.theme_at("dark"))
