from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from explorer.engine.audio.files import FileSource
from explorer.engine.audio.microphone import Microphone
from explorer.engine.audio.source import RATE_HZ, Source, SourceState
from explorer.engine.audio.synthetic import SyntheticSource
from explorer.engine.audio.talker import TalkerSource

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.audio.fake_sounddevice import FakeSoundDevice

KINDS = ("microphone", "file", "talker", "synthetic")


def make(kind: str, folder: Path) -> Source:
    if kind == "microphone":
        return Microphone()
    if kind == "file":
        path = folder / "tone.wav"
        soundfile.write(path, np.full(RATE_HZ, 0.1), RATE_HZ)
        return FileSource(path, paced=False)
    return TalkerSource(paced=False) if kind == "talker" else SyntheticSource("pink", paced=False)


@pytest.mark.parametrize("kind", KINDS)
def test_every_source_goes_through_the_same_life(kind: str, tmp_path: Path, fake: FakeSoundDevice) -> None:
    source = make(kind, tmp_path)
    assert source.kind == kind
    assert source.label
    assert source.live is (kind == "microphone")
    assert source.read(800, 0.0) is None
    assert source.status().state is SourceState.CLOSED
    source.open()
    if kind == "microphone":
        fake.speak(0.2)
    blocks = [source.read(800, 0.0) for _ in range(3)]
    assert [block.end_index for block in blocks if block] == [800, 1600, 2400]
    for block in blocks:
        assert block is not None
        assert block.samples.dtype == np.float32
        assert block.samples.shape == (800,)
        assert np.abs(block.samples).max() <= 1.0
    status = source.status()
    assert status.state is SourceState.LISTENING
    assert status.sentence.endswith(".")
    assert status.lost_samples == status.late_blocks == status.clipped == 0
    assert -120.0 < status.level_dbfs < 0.0
    assert not source.ended
    assert bool(source.truth(0.0, 0.1)) is False
    source.close()
    source.close()
    assert source.read(800, 0.0) is None
    assert source.status().state is SourceState.CLOSED
