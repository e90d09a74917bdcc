from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from explorer.engine.audio.devices import DeviceName
from explorer.engine.audio.microphone import Microphone
from explorer.engine.audio.source import SourceState
from explorer.engine.audio.watch import DeviceWatch
from tests.engine.audio import fake_sounddevice as errors

if TYPE_CHECKING:
    from tests.engine.audio.fake_sounddevice import FakeSoundDevice


def watched(fake: FakeSoundDevice, device: DeviceName | None = None) -> tuple[Microphone, DeviceWatch]:
    microphone = Microphone(device)
    microphone.open()
    return microphone, DeviceWatch(microphone, clock=lambda: fake.now_s)


def wait(fake: FakeSoundDevice, watch: DeviceWatch, seconds: float) -> int:
    """Tick twice a second; return how often the microphone was opened again."""
    reopened = 0
    for _ in range(round(seconds * 2)):
        fake.now_s += 0.5
        reopened += watch.tick()
    return reopened


def test_a_device_pulled_out_comes_back_by_itself_under_its_new_number(fake: FakeSoundDevice) -> None:
    fake.plug("Web camera", "USB")
    fake.listed = fake.plugged
    microphone, watch = watched(fake, DeviceName("USB", "ALSA"))
    fake.speak(0.5)
    fake.plug("Web camera")
    fake.stream.vanish()
    assert wait(fake, watch, 10.0) == 0
    assert microphone.status().state is SourceState.LOST
    assert "USB" in microphone.status().sentence
    assert len(fake.streams) == 1  # the web camera was not taken instead
    fake.plug("USB", "Web camera")
    assert wait(fake, watch, 2.5) == 1
    assert fake.stream.settings["device"] == 0
    fake.speak(0.1)
    assert microphone.status().state is SourceState.LISTENING


def test_it_tries_at_most_every_two_seconds(fake: FakeSoundDevice) -> None:
    _, watch = watched(fake)
    fake.speak(0.5)
    fake.plug()
    fake.stream.vanish()
    wait(fake, watch, 20.0)
    assert fake.restarts == 10


def test_a_healthy_or_closed_microphone_is_left_alone(fake: FakeSoundDevice) -> None:
    microphone, watch = watched(fake)
    for _ in range(20):
        fake.speak(0.5)
        assert not watch.tick()
    fake.speak(3.0, value=0.0)
    assert microphone.status().state is SourceState.ALL_ZERO
    assert not watch.tick()
    microphone.close()
    fake.now_s += 10.0
    assert not watch.tick()
    assert len(fake.streams) == 1
    assert fake.restarts == 0


def test_a_suspended_device_goes_on_by_itself_and_is_not_opened_again(fake: FakeSoundDevice) -> None:
    microphone, watch = watched(fake)
    fake.speak(0.5)
    wait(fake, watch, 4.5)
    assert microphone.status().state is SourceState.STALLED
    fake.speak(0.5)
    assert microphone.status().state is SourceState.LISTENING
    assert len(fake.streams) == 1


def test_a_device_that_stays_silent_is_opened_again_since_it_may_have_been_pulled_out(
    fake: FakeSoundDevice,
) -> None:
    microphone, watch = watched(fake)
    fake.speak(0.5)
    fake.plug()
    wait(fake, watch, 8.0)
    assert microphone.status().state is SourceState.LOST
    fake.plug("Desk")
    assert wait(fake, watch, 2.5) == 1


def test_the_first_device_that_is_plugged_in_is_opened(fake: FakeSoundDevice) -> None:
    fake.plug()
    fake.listed = []
    microphone, watch = watched(fake)
    assert microphone.status().state is SourceState.NO_DEVICE
    assert wait(fake, watch, 3.0) == 0
    assert microphone.status().state is SourceState.NO_DEVICE
    fake.plug("Desk")
    assert wait(fake, watch, 2.5) == 1


@pytest.mark.parametrize("error", [errors.UNAVAILABLE, errors.PERMISSION])
def test_a_device_another_program_lets_go_is_taken(fake: FakeSoundDevice, error: tuple[object, ...]) -> None:
    fake.refuses = lambda settings: error
    microphone, watch = watched(fake)
    assert wait(fake, watch, 6.0) == 0
    assert fake.restarts == 0  # the list of devices has nothing to do with it
    fake.refuses = lambda settings: None
    assert wait(fake, watch, 2.5) == 1
    fake.speak(0.1)
    assert microphone.status().state is SourceState.LISTENING


def test_what_a_library_prints_at_every_try_stays_off_the_terminal(
    fake: FakeSoundDevice, capfd: pytest.CaptureFixture[str]
) -> None:
    def complain(settings: object) -> tuple[object, ...]:
        os.write(2, b"Expression failed in pa_linux_alsa.c\n")
        return errors.UNAVAILABLE

    fake.refuses = complain
    _, watch = watched(fake)
    wait(fake, watch, 6.0)
    os.write(2, b"and what comes later is seen\n")
    assert capfd.readouterr().err == "and what comes later is seen\n"
