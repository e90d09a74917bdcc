"""The microphone on a real PortAudio: each check runs in a process of its own, see `tests.virtual_microphone`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from explorer.engine.audio.source import RATE_HZ
from explorer.engine.kws.clips import load_part

if TYPE_CHECKING:
    from tests.virtual_microphone import VirtualMicrophone

ROOT = Path(__file__).parents[3]

RECORD = """
import json, sys, threading, time
import numpy as np
from explorer.engine.audio.devices import list_inputs
from explorer.engine.audio.microphone import Microphone
from explorer.engine.audio.watch import DeviceWatch

devices = [device.name for device in list_inputs()]
microphone = Microphone()
watch = DeviceWatch(microphone)
microphone.open()
blocks, delays, done = [], [], threading.Event()

def listen():
    while not done.is_set():
        block = microphone.read(800, 0.1)
        if block is not None:
            blocks.append(block)
            delays.append(time.perf_counter() - block.arrived_s)

reader = threading.Thread(target=listen)
reader.start()

def until(*names, seconds=20.0):
    end = time.monotonic() + seconds
    while (name := microphone.status().state.name) not in names:
        assert time.monotonic() < end, f"{name}, not {names}, after {seconds} s: {microphone.status()}"
        watch.tick()
        time.sleep(0.05)

def tell(**values):
    print(json.dumps(values), flush=True)

until("LISTENING", "ALL_ZERO")
tell(devices=devices)
for line in sys.stdin:
    command, *names = line.split()
    if command == "until":
        until(*names)
    status = microphone.status()
    tell(state=status.state.name, sentence=status.sentence, lost=status.lost_samples, read=len(blocks))
microphone.close()
done.set()
reader.join()
np.save(sys.argv[1], np.concatenate([block.samples for block in blocks]))
tell(state=microphone.status().state.name, ends=[block.end_index for block in blocks], delays=delays)
"""


class Recorder:
    """A process that listens to the microphone; the test asks it for what it sees."""

    def __init__(self, microphone: VirtualMicrophone, folder: Path) -> None:
        self.recording = folder / "recording.npy"
        self.errors = (folder / "stderr.txt").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-c", RECORD, str(self.recording)],
            cwd=ROOT,
            env=microphone.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )
        self.devices = self._answer()["devices"]

    def ask(self, *words: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def finish(self) -> tuple[np.ndarray, dict[str, Any]]:
        assert self.process.stdin is not None
        self.process.stdin.close()
        last = self._answer()
        assert self.process.wait(20) == 0
        return np.load(self.recording), last

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            raise AssertionError(self.errors.read())
        answer: dict[str, Any] = json.loads(line)
        return answer

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.errors):
            if stream is not None:
                stream.close()


def place_of(sound: np.ndarray, recording: np.ndarray) -> tuple[float, float]:
    """Return the correlation of `sound` with the recording where they fit best, and the gain there."""
    n = 1 << (len(recording) + len(sound)).bit_length()
    match = np.fft.irfft(np.fft.rfft(recording, n) * np.conj(np.fft.rfft(sound, n)), n)[: len(recording)]
    at = int(np.argmax(match))
    heard = recording[at : at + len(sound)]
    return float(np.corrcoef(sound[: len(heard)], heard)[0, 1]), float(heard.std() / sound.std())


def words(path: Path) -> np.ndarray:
    clips = load_part("calibrate")
    sound = clips.samples[:3].reshape(-1)
    soundfile.write(path, sound, RATE_HZ)
    return sound.astype(np.float64) / 32768


def test_what_is_played_into_the_microphone_is_what_the_engine_reads(
    virtual_microphone: VirtualMicrophone, tmp_path: Path
) -> None:
    sound = words(tmp_path / "words.wav")
    with Recorder(virtual_microphone, tmp_path) as recorder:
        assert "pulse" in recorder.devices
        virtual_microphone.play(tmp_path / "words.wav")
        assert recorder.ask("status")["state"] == "LISTENING"
        recording, last = recorder.finish()
    correlation, gain = place_of(sound, recording)
    assert correlation > 0.99
    assert 0.98 < gain < 1.02
    assert last["state"] == "CLOSED"
    # without a gap: every block begins where the one before ended
    assert last["ends"] == list(range(800, 800 * (len(last["ends"]) + 1), 800))


def test_unplugged_it_is_lost_and_plugged_in_again_it_listens_by_itself(
    virtual_microphone: VirtualMicrophone, tmp_path: Path
) -> None:
    sound = words(tmp_path / "words.wav")
    with Recorder(virtual_microphone, tmp_path) as recorder:
        try:
            virtual_microphone.run("unplug")
            lost = recorder.ask("until", "LOST")
        finally:
            virtual_microphone.run("plug")
        assert "not connected" in lost["sentence"]
        recorder.ask("until", "LISTENING", "ALL_ZERO")
        virtual_microphone.play(tmp_path / "words.wav")
        back = recorder.ask("status")
        recording, _ = recorder.finish()
    assert back["state"] == "LISTENING"
    assert back["read"] > lost["read"]
    assert place_of(sound, recording)[0] > 0.99


def test_a_suspended_microphone_is_stalled_and_goes_on_when_it_is_resumed(
    virtual_microphone: VirtualMicrophone, tmp_path: Path
) -> None:
    sound = words(tmp_path / "words.wav")
    with Recorder(virtual_microphone, tmp_path) as recorder:
        try:
            virtual_microphone.run("suspend")
            stalled = recorder.ask("until", "STALLED")
        finally:
            virtual_microphone.run("resume")
        assert "stopped delivering" in stalled["sentence"]
        recorder.ask("until", "LISTENING", "ALL_ZERO")
        for _ in range(2):  # on a busy machine the sound server itself may tear one of them
            virtual_microphone.play(tmp_path / "words.wav")
        recording, last = recorder.finish()
    assert place_of(sound, recording)[0] > 0.99
    assert last["state"] == "CLOSED"


def test_silence_is_shown_as_a_muted_microphone(virtual_microphone: VirtualMicrophone, tmp_path: Path) -> None:
    with Recorder(virtual_microphone, tmp_path) as recorder:
        muted = recorder.ask("until", "ALL_ZERO")
        recording, _ = recorder.finish()
    assert "only zeros" in muted["sentence"]
    assert not recording.any()
