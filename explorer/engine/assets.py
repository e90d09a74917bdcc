"""Assets: the files that ship with the program (networks, recordings, fonts, icons, device profiles)."""

from __future__ import annotations

from pathlib import Path

from explorer.engine.errors import ExplorerError

_PACKAGE = Path(__file__).resolve().parent.parent
# in an installed wheel the files lie inside the package, in a checkout beside it
_ROOTS = (_PACKAGE / "_assets", _PACKAGE.parent / "assets")


def asset_path(relative: str) -> Path:
    """Give the path of a shipped file or folder.

    Parameters
    ----------
    relative
        Path below the assets, with forward slashes: "fonts/Inter-Regular.otf".

    Raises
    ------
    ExplorerError
        If the installation lacks it.
    """
    for root in _ROOTS:
        path = root / relative
        if path.exists():
            return path
    raise ExplorerError(f"The program's file {relative} is missing: install the program again.")
