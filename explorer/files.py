"""Files on the user's disk: read no more than expected, write whole or not at all."""

from __future__ import annotations

import contextlib
import json
import math
import os
import secrets
import shutil
import stat
from pathlib import Path
from typing import Any

import platformdirs

from explorer.engine.errors import ExplorerError

_DEEPEST = 64


def user_folder() -> Path:
    """Folder of the user's settings and of the log; the variable MLSYS_EXPLORER_HOME moves it."""
    chosen = os.environ.get("MLSYS_EXPLORER_HOME")
    return Path(chosen) if chosen else Path(platformdirs.user_config_dir("mlsys-explorer", appauthor=False))


def profile_folder() -> Path:
    """Folder of the user's own device profiles; it need not exist."""
    return user_folder() / "profiles"


def read_limited(path: Path, limit_bytes: int) -> bytes:
    """Return the content of the ordinary file `path`.

    Raises
    ------
    ExplorerError
        When it is missing, unreadable, not an ordinary file (a pipe would never end) or above `limit_bytes`.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ExplorerError(f"{path} is not a file: choose an ordinary file.")
        with path.open("rb") as file:
            content = file.read(limit_bytes + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise ExplorerError(f"{path} cannot be read ({_reason(error)}): check that it exists and is yours.") from None
    if len(content) > limit_bytes:
        raise ExplorerError(f"{path} is larger than {limit_bytes / 1e6:g} MB: it is not a file of this program.")
    return content


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` beside `path` and move it there, so that nobody ever finds half a file.

    Raises
    ------
    ExplorerError
        When the disk is full or the folder cannot be written; what was at `path` before is unharmed.
    """
    beside: Path | None = None
    try:
        target = path.resolve()  # a link stays a link
        if target.exists() and not target.is_file():
            raise ExplorerError(f"{path} is not a file: choose another name.")
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, beside)
        os.replace(beside, target)
    except (OSError, ValueError) as error:
        if beside is not None:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
        raise ExplorerError(
            f"{path} cannot be written ({_reason(error)}): free some space or choose another folder."
        ) from None


def parse_json(content: bytes, name: str) -> Any:
    """Read JSON from a stranger: UTF-8, no repeated keys, no NaN, no endless nesting.

    Raises
    ------
    ExplorerError
        One sentence that names the file, `name`, and what is wrong in it.
    """
    try:
        value = json.loads(content.decode("utf-8"), object_pairs_hook=_no_repeats, parse_constant=_no_constant)
        _refuse_deep(value)
        return value
    except UnicodeDecodeError:
        raise ExplorerError(f"{name} is not text in UTF-8: it is not a file of this program.") from None
    except RecursionError:
        raise ExplorerError(f"{name} is nested too deeply: it is not a file of this program.") from None
    except ValueError as error:
        raise ExplorerError(f"{name} is not valid JSON ({error}): it is damaged or of another program.") from None


def dump_json(document: Any) -> bytes:
    """Write JSON that people can read and compare."""
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")


def finite_number(value: object, low: float, high: float) -> bool:
    """Whether `value` is a number, not a truth value, within [low, high]."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return low <= value <= high and (isinstance(value, int) or math.isfinite(value))


def plain_text(value: object, limit: int = 1024) -> bool:
    """Whether `value` is text of at most `limit` characters that can be shown and written."""
    return (
        isinstance(value, str)
        and len(value) <= limit
        and not any(ord(c) < 32 or 0xD800 <= ord(c) <= 0xDFFF for c in value)
    )


def _refuse_deep(value: Any) -> None:
    """Refuse nesting that would end the recursion of whoever writes the value again."""
    level = [value]
    for _ in range(_DEEPEST):
        children = [v.values() if isinstance(v, dict) else v for v in level if isinstance(v, (dict, list))]
        level = [child for part in children for child in part]
        if not level:
            return
    raise RecursionError


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        names = [key for key, _ in pairs]
        raise ValueError(f"the key {next(k for k in names if names.count(k) > 1)!r} stands twice")
    return document


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number here")


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)
