"""Fixtures for sound."""

from __future__ import annotations

import pytest

from tests.engine.audio.fake_sounddevice import FakeSoundDevice
from tests.virtual_microphone import virtual_microphone

__all__ = ["fake", "virtual_microphone"]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeSoundDevice:
    """Give a sounddevice with one microphone, "Desk", that has two channels and a rate of 48 kHz."""
    module = FakeSoundDevice()
    module.plug("Desk")
    module.install(monkeypatch)
    return module
