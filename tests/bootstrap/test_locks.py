"""The lock files hold every package that the project asks for, in a version that it accepts."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bootstrap.environment import RUNTIME_LOCK, TEST_LOCK
from tests.bootstrap.computer import REPOSITORY

PROJECT: dict[str, Any] = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]


def locked(*names: str) -> dict[str, str]:
    """Package -> version, of one or both lock files."""
    text = "\n".join((REPOSITORY / name).read_text("utf-8") for name in names)
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    requirements = [Requirement(line) for line in lines]
    return {canonicalize_name(each.name): str(each.specifier).removeprefix("==") for each in requirements}


def everything_behind(requirements: list[str]) -> dict[str, Requirement]:
    """Follow the requirements of the installed packages; return one for each package."""
    found: dict[str, Requirement] = {}
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        each = waiting.pop()
        name = canonicalize_name(each.name)
        if name in found or (each.marker and not each.marker.evaluate({"extra": ""})):
            continue
        found[name] = each
        waiting += [Requirement(text) for text in importlib.metadata.requires(name) or []]
    return found


@pytest.mark.parametrize(
    ("requirements", "locks"),
    [
        (PROJECT["dependencies"], [RUNTIME_LOCK]),
        (PROJECT["optional-dependencies"]["test"], [RUNTIME_LOCK, TEST_LOCK]),
    ],
    ids=["runtime", "test"],
)
def test_the_locks_are_complete_and_accepted(requirements: list[str], locks: list[str]) -> None:
    versions = locked(*locks)
    needed = everything_behind(requirements)
    assert needed.keys() <= versions.keys()
    refused = [str(each) for name, each in needed.items() if versions[name] not in each.specifier]
    assert not refused


def test_every_line_is_an_exact_version_without_hash_or_address() -> None:
    for name in (RUNTIME_LOCK, TEST_LOCK):
        for line in (REPOSITORY / name).read_text("utf-8").splitlines():
            assert line.startswith("#") or re.fullmatch(r'[a-z0-9-]+==[0-9.]+( ; python_version >= "3\.13")?', line)


def test_nothing_is_locked_twice() -> None:
    assert not locked(RUNTIME_LOCK).keys() & locked(TEST_LOCK).keys()


def test_the_broken_qt_is_refused() -> None:
    (qt,) = [Requirement(text) for text in PROJECT["dependencies"] if text.startswith("PySide6")]
    assert "6.12.0" not in qt.specifier
    assert locked(RUNTIME_LOCK)["pyside6-essentials"] in qt.specifier
