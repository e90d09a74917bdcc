from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from explorer.engine.audio import devices
from explorer.engine.audio.devices import DeviceName, find_input, list_inputs, refresh, state_of
from explorer.engine.audio.microphone import Microphone
from explorer.engine.audio.source import SourceState
from tests.engine.audio.fake_sounddevice import FakePortAudioError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.audio.fake_sounddevice import FakeSoundDevice

LONG = "Microphone Array (Intel Smart Sound Technology)"


def entry(name: str, api: int, inputs: int = 2, rate_hz: float = 48000.0) -> dict[str, object]:
    return {
        "name": name,
        "hostapi": api,
        "max_input_channels": inputs,
        "max_output_channels": 2 - inputs,
        "default_samplerate": rate_hz,
    }


@pytest.fixture
def windows(fake: FakeSoundDevice) -> FakeSoundDevice:
    fake.apis = ["MME", "Windows DirectSound", "Windows WASAPI", "Windows WDM-KS"]
    fake.listed = fake.plugged = [
        entry("Microsoft Sound Mapper - Input", 0, rate_hz=44100),
        entry(LONG[:31], 0, rate_hz=44100),
        entry("Headset (Hands-Free)", 0, rate_hz=44100),
        entry("Speakers", 0, inputs=0),
        entry("Primary Sound Capture Driver", 1, rate_hz=44100),
        entry(LONG, 1, rate_hz=44100),
        entry("Headset (Hands-Free)", 1, rate_hz=44100),
        entry("Headset (Hands-Free)", 2, inputs=1, rate_hz=16000),
        entry(LONG, 2),
        entry("Microphone Array 1 ()", 3),
    ]
    fake.default_input = 1
    return fake


def test_windows_shows_each_device_once_by_its_full_name_and_best_api(windows: FakeSoundDevice) -> None:
    found = list_inputs()
    assert [(device.name, device.host_api, device.index, device.is_default) for device in found] == [
        (LONG, "Windows WASAPI", 8, True),
        ("Headset (Hands-Free)", "Windows WASAPI", 7, False),
    ]
    assert [device.default_rate_hz for device in found] == [48000.0, 16000.0]


def test_a_device_hidden_from_the_list_is_still_found_by_a_remembered_name(windows: FakeSoundDevice) -> None:
    device = find_input(DeviceName(LONG[:31], "MME"))
    assert device is not None
    assert device.index == 1
    assert find_input(DeviceName(LONG, "MME")) is None


def test_two_devices_of_one_name_under_one_api_are_both_listed(fake: FakeSoundDevice) -> None:
    fake.listed = [entry("USB", 0), entry("USB", 0)]
    assert [device.index for device in list_inputs()] == [0, 1]


def test_the_default_comes_first_and_outputs_are_left_out(fake: FakeSoundDevice) -> None:
    fake.listed = [entry("HDMI", 0, inputs=0), entry("Line", 0), entry("Desk", 0)]
    fake.default_input = 2
    assert [device.name for device in list_inputs()] == ["Desk", "Line"]
    default = find_input(None)
    assert default is not None
    assert default.key == DeviceName("Desk", "ALSA")


def test_no_devices_is_an_empty_list(fake: FakeSoundDevice) -> None:
    fake.listed = []
    assert list_inputs() == []
    assert find_input(None) is None


def test_without_portaudio_the_list_is_empty_and_the_reason_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(devices, "_problem", None)
    assert list_inputs() == []
    with pytest.raises(devices.NoPortAudioError, match="PortAudio library not found"):
        devices.portaudio()
    (tmp_path / "sounddevice.py").write_text("raise AssertionError('looked for a second time')\n")
    with pytest.raises(devices.NoPortAudioError, match="PortAudio library not found"):
        devices.portaudio()
    assert not refresh()


def test_refresh_sees_new_devices_and_never_ends_a_stream(fake: FakeSoundDevice) -> None:
    fake.plug("Desk", "USB")
    assert [device.name for device in list_inputs()] == ["Desk"]
    microphone = Microphone()
    microphone.open()
    assert not refresh()
    assert fake.restarts == 0
    microphone.close()
    assert refresh()
    assert [device.name for device in list_inputs()] == ["Desk", "USB"]


@pytest.mark.parametrize(
    ("platform", "error", "state"),
    [
        ("linux", ("Device unavailable", -9985), SourceState.BUSY),
        ("linux", ("Unanticipated host error", -9999, (0, -16, "Device or resource busy")), SourceState.BUSY),
        ("linux", ("Unanticipated host error", -9999, (0, -13, "Permission denied")), SourceState.REFUSED),
        ("linux", ("Unanticipated host error", -9999, (0, -5, "Input/output error")), SourceState.LOST),
        ("linux", ("Unanticipated host error", -9999, (0, -111, "Connection refused")), SourceState.LOST),
        ("linux", ("Unanticipated host error", -9999, (0, 0, "")), SourceState.FAILED),
        ("win32", ("Unanticipated host error", -9999, (0, 1, "Undefined external error")), SourceState.REFUSED),
        ("linux", ("Invalid device", -9996), SourceState.NO_DEVICE),
        ("linux", ("Error querying device -1",), SourceState.NO_DEVICE),
        ("linux", ("Invalid sample rate", -9997), SourceState.FAILED),
        ("darwin", ("Internal PortAudio error", -9986), SourceState.FAILED),
    ],
)
def test_errors_mean(platform: str, error: tuple[object, ...], state: SourceState) -> None:
    assert state_of(FakePortAudioError(*error), platform) is state


def test_importing_the_sound_engine_loads_no_sound_library() -> None:
    check = """
import sys
from explorer.engine.audio import (capture, clock, devices, files, microphone, noise, paced, ring, source, speaker,
                                   synthetic, talker, watch)
print([name for name in ("sounddevice", "soundfile", "soxr", "torch", "onnxruntime") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
