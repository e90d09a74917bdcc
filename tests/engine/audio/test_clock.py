from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.audio.clock import SampleClock

RATE_HZ, BLOCK = 16_000, 160


class Device:
    """A device that takes blocks of 10 ms; the test delays, withholds or drops them."""

    def __init__(self, drift: float = 0.0, jitter_s: float = 0.004, stamped: bool = True) -> None:
        self.clock = SampleClock(RATE_HZ)
        self.random = np.random.default_rng(0)
        self.drift, self.jitter_s, self.stamped = drift, jitter_s, stamped
        self.taken = self.delivered = 0

    def run(self, seconds: float, delay_s: float = 0.0) -> None:
        for _ in range(round(seconds * 100)):
            self.taken += BLOCK
            self.delivered += BLOCK
            taken_s = 50.0 + self.taken / RATE_HZ * (1 + self.drift)
            arrived_s = taken_s + delay_s + self.random.uniform(0, self.jitter_s)
            stamp_s = taken_s - 40.0 + self.random.uniform(-0.008, 0.008)  # PulseAudio's stamps wander like this
            self.clock.add(self.delivered, arrived_s, stamp_s if self.stamped else None)

    def drop(self, samples: int) -> None:
        self.taken += samples


@settings(max_examples=25, deadline=None)
@given(drift=st.floats(-3e-4, 3e-4), jitter_ms=st.floats(0, 30), stamped=st.booleans())
def test_an_undisturbed_stream_loses_nothing_whatever_its_quartz_and_jitter(
    drift: float, jitter_ms: float, stamped: bool
) -> None:
    device = Device(drift, jitter_ms / 1000, stamped)
    device.run(30.0)
    assert device.clock.lost_samples == 0
    assert device.clock.late_blocks == 0


@pytest.mark.parametrize("stamped", [True, False])
@pytest.mark.parametrize("dropped", [160, 800, 8000])
def test_dropped_samples_are_counted(dropped: int, stamped: bool) -> None:
    device = Device(stamped=stamped)
    device.run(3.0)
    device.drop(dropped)
    device.run(3.0)
    assert device.clock.lost_samples == pytest.approx(dropped, abs=40)


def test_ten_single_blocks_dropped_one_by_one_are_counted_too() -> None:
    device = Device()
    device.run(3.0)
    for _ in range(10):
        device.drop(BLOCK)
        device.run(2.0)
    assert device.clock.lost_samples == pytest.approx(10 * BLOCK, abs=100)


def test_sound_that_waits_in_front_of_a_busy_program_is_late_not_lost() -> None:
    device = Device()
    device.run(3.0)
    device.run(3.0, delay_s=0.3)
    assert device.clock.lost_samples == 0
    assert device.clock.late_blocks == 300
    device.run(3.0)
    assert device.clock.lost_samples == 0


def test_without_time_stamps_a_backlog_is_taken_back_when_it_has_drained() -> None:
    device = Device(stamped=False)
    device.run(3.0)
    device.run(3.0, delay_s=0.3)
    device.run(3.0)
    assert device.clock.lost_samples <= 40


def test_a_suspended_device_has_paused_and_lost_nothing() -> None:
    device = Device()
    device.run(3.0)
    device.drop(30 * RATE_HZ)
    device.run(3.0)
    assert device.clock.lost_samples == 0
    device.drop(800)
    device.run(3.0)
    assert device.clock.lost_samples == pytest.approx(800, abs=40)
