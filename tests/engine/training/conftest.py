"""Training in the tests takes one thread: on a busy machine two wait for each other."""

from __future__ import annotations

import pytest

from explorer.engine.runtime import prepare_torch


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Set up torch as the program does."""
    prepare_torch(1)
