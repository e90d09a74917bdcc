"""One rehearsal and one lesson for all tests here: they take seconds to make and are never changed."""

from __future__ import annotations

import pytest

from explorer.engine.kws.teaching.lesson import Lesson, teach
from explorer.engine.kws.teaching.rehearsal import Rehearsal, prepare
from explorer.engine.kws.teaching.synthetic import synthetic_takes
from explorer.engine.kws.teaching.takes import Take
from explorer.engine.nn.registry import shipped


@pytest.fixture(scope="session")
def rehearsal() -> Rehearsal:
    return prepare(shipped("tiny"))


@pytest.fixture(scope="session")
def takes() -> list[Take]:
    return synthetic_takes()


@pytest.fixture(scope="session")
def lesson(rehearsal: Rehearsal, takes: list[Take]) -> Lesson:
    return teach(rehearsal, {"marvin": takes[:8]})
