from __future__ import annotations

from pathlib import Path

import pytest

from explorer.engine import assets
from explorer.engine.assets import asset_path
from explorer.engine.errors import ExplorerError


def test_a_shipped_file_is_found() -> None:
    assert asset_path("fonts/Inter-Regular.otf").read_bytes()[:4] == b"OTTO"


def test_an_installed_package_looks_inside_itself_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, beside = tmp_path / "_assets", tmp_path / "assets"
    for root in (inside, beside):
        (root / "icons").mkdir(parents=True)
    monkeypatch.setattr(assets, "_ROOTS", (inside, beside))
    assert asset_path("icons") == inside / "icons"
    (inside / "icons").rmdir()
    assert asset_path("icons") == beside / "icons"


def test_a_missing_file_is_named_with_what_to_do() -> None:
    with pytest.raises(ExplorerError, match=r"fonts/None\.otf is missing: install"):
        asset_path("fonts/None.otf")
