from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bootstrap.computer import Computer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for a checkout; the test may leave the present folder."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "checkout"
    folder.mkdir()
    return folder


@pytest.fixture
def computer(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Computer:
    """A Linux computer with all it needs, and no PyTorch index."""
    return Computer(checkout, monkeypatch)
