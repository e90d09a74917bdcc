from __future__ import annotations

import threading
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.audio.files import FileSource
from explorer.engine.audio.noise import NoiseFader
from explorer.engine.audio.source import Block
from explorer.engine.audio.synthetic import SyntheticSource
from explorer.engine.errors import ExplorerError
from explorer.engine.jobs import Job
from explorer.engine.kws.decision import DecisionSettings
from explorer.engine.kws.frontend import log_mel
from explorer.engine.kws.labels import LABELS, SILENCE
from explorer.engine.kws.pipeline import Hop, Pipeline
from tests.engine.kws.scripted import Script, listen, script
from tests.engine.kws.tones import ToneNetwork, stream, tone


def test_words_become_events_with_their_place_and_waterfall() -> None:
    words = {1.5: "left", 3.5: "go", 5.52: "stop"}
    pipeline = Pipeline(script(words, 7.0), ToneNetwork())
    assert listen(pipeline) == ["left", "go", "stop"]
    for event, start_s in zip(pipeline.events.since(0)[0], words, strict=True):
        assert event.start_s == pytest.approx(start_s, abs=0.05)
        assert start_s + 0.3 < event.time_s < start_s + 0.8
        waterfall = event.waterfall
        assert waterfall is not None
        assert waterfall.word_end_known
        assert waterfall.word_end_s == pytest.approx(start_s + 0.4)
        assert waterfall.capture_block_ms == 7.5
        assert waterfall.averaging_ms == pytest.approx(200.0)
        parts = waterfall.segments()
        computing = sum(p.length_ms for p in parts if p.name in ("pick-up", "features", "network", "decision"))
        assert computing == pytest.approx((waterfall.decided_s - waterfall.arrived_s) * 1000, abs=1e-6)
        # the parts follow each other without a gap, and sound time ends at the last sample used
        for one, other in pairwise(parts):
            assert other.start_ms == pytest.approx(one.start_ms + one.length_ms)
        sure = next(p for p in parts if p.name == "being sure")
        assert sure.start_ms + sure.length_ms == pytest.approx(waterfall.response_ms)


def test_twenty_results_a_second_and_every_frame_once() -> None:
    pipeline = Pipeline(script({1.5: "left"}, 4.0), ToneNetwork())
    listen(pipeline)
    hops, _ = pipeline.hops.since(0)
    assert [hop.index for hop in hops] == list(range(len(hops)))
    assert [hop.end_sample for hop in hops] == [800 * (i + 1) for i in range(len(hops))]
    assert len(hops) == 4 * 20 + 10  # half a second of silence after the end, for the last word
    columns, _ = pipeline.columns.since(0)
    numbers = np.concatenate([c.first_frame + np.arange(len(c.frames)) for c in columns])
    assert numbers.tolist() == list(range(len(numbers)))
    sound = np.concatenate([stream({1.5: "left"}, 4.0), np.zeros(8000, np.float32)])
    assert np.concatenate([c.frames for c in columns]) == pytest.approx(log_mel(sound), abs=0.51)


def test_a_word_at_the_very_end_of_a_file_is_heard(tmp_path: Path) -> None:
    path = tmp_path / "word.wav"
    soundfile.write(path, stream({0.55: "yes"}, 0.97), 16_000)
    source = FileSource(path, paced=False)
    source.open()
    assert listen(Pipeline(source, ToneNetwork())) == ["yes"]
    source.close()


def test_what_the_network_saw_can_be_looked_at_again() -> None:
    class Witness(ToneNetwork):
        def __init__(self) -> None:
            super().__init__()
            self.pictures: list[np.ndarray] = []

        def scores(self, pictures: np.ndarray) -> np.ndarray:
            self.pictures += list(pictures.copy())
            return super().scores(pictures)

    witness = Witness()
    sound = stream({1.5: "left"}, 3.0, room=0.01)
    pipeline = Pipeline(Script(sound), witness)
    listen(pipeline)
    for hop in pipeline.hops.since(0)[0][19:60:7]:  # from the first whole second on
        samples, picture = pipeline.look_back(hop.time_s)
        end = hop.end_sample
        heard = np.concatenate([np.zeros(16_000, np.float32), sound])[end : end + 16_000]
        assert samples == pytest.approx(heard, abs=2**-15)
        assert picture == pytest.approx(witness.pictures[hop.index], abs=0.5)  # 16 bits in memory
    with pytest.raises(LookupError):
        pipeline.look_back(99.0)


def test_knobs_are_tried_on_all_that_is_remembered_at_once() -> None:
    words = {1.5 + 2 * i: word for i, word in enumerate(["left", "go", "stop", "up"])}
    pipeline = Pipeline(script(words, 10.0), ToneNetwork())
    listen(pipeline)
    live = [(e.label, e.time_s, e.start_s, e.score) for e in pipeline.events.since(0)[0]]
    again = [(e.label, e.time_s, e.start_s, e.score) for e in pipeline.memory.snapshot().decide(pipeline.settings)]
    assert [a[:2] for a in again] == [b[:2] for b in live]
    assert [a[2] for a in again] == pytest.approx([b[2] for b in live], abs=0.03)
    assert pipeline.memory.snapshot().decide(DecisionSettings(threshold=0.95)) == []
    sooner = pipeline.memory.snapshot().decide(DecisionSettings(average_ms=150))
    assert all(a.time_s < b[1] for a, b in zip(sooner, live, strict=True))


def test_labelled_sound_is_scored_and_unknown_sound_only_bounded() -> None:
    words = {1.5 + 2 * i: word for i, word in enumerate(["left", "go", "stop", "up"])}
    pipeline = Pipeline(script(words, 10.0), ToneNetwork())
    listen(pipeline)
    score = pipeline.score()
    assert score is not None
    assert (score.words, score.hits, score.false_alarms) == (4, 4, 0)
    assert score.exposure_s == pytest.approx(10.5)
    assert pipeline.watch().exposure_s == 0.0
    strict = pipeline.score(DecisionSettings(threshold=0.95))
    assert strict is not None
    assert strict.misses == 4
    unknown = Pipeline(script(words, 10.0, kind="file"), ToneNetwork())
    listen(unknown)
    assert unknown.score() is None
    assert unknown.watch().events == 4
    assert unknown.watch().exposure_s == pytest.approx(10.5)


def test_another_source_goes_on_along_the_same_time_axis() -> None:
    pipeline = Pipeline(script({1.5: "left"}, 3.0), ToneNetwork())
    listen(pipeline)
    before_s = pipeline.now_s
    pipeline.set_source(script({0.7: "go", 2.5: "yes"}, 4.0, label="you"))
    assert listen(pipeline) == ["left", "go", "yes"]
    seam = pipeline.seams.since(0)[0][-1]
    assert (seam.time_s, seam.source) == (before_s, "you")
    spans = pipeline.spans.since(0)[0]
    assert [s.start_s for s in spans] == pytest.approx([1.5, before_s + 0.7, before_s + 2.5])
    assert pipeline.events.since(0)[0][-1].time_s > before_s + 2.5
    score = pipeline.score()
    assert score is not None
    assert score.hits == 3


def test_a_word_said_before_the_seam_is_not_credited_to_what_comes_after() -> None:
    pipeline = Pipeline(script({1.5: "left"}, 9.0), ToneNetwork())
    while pipeline.now_s < 1.85:  # the word is still being said
        pipeline.step()
    pipeline.set_source(script({}, 3.0, label="you"))
    assert listen(pipeline) == []


def test_network_knobs_and_noise_change_at_the_next_hop() -> None:
    class Deaf:
        labels = LABELS

        def scores(self, pictures: np.ndarray) -> np.ndarray:
            out = np.zeros((len(pictures), len(LABELS)), np.float32)
            out[:, LABELS.index("unknown")] = 1.0
            return out

    fader = NoiseFader("off", snr_db=0.0)
    words = {1.5: "left", 3.5: "go", 5.5: "stop", 7.5: "up"}
    pipeline = Pipeline(script(words, 9.0), Deaf(), noise=fader)
    while pipeline.now_s < 3.0:
        pipeline.step()
    pipeline.set_executor(ToneNetwork())
    while pipeline.now_s < 5.0:
        pipeline.step()
    pipeline.set_settings(DecisionSettings(threshold=0.95))
    while pipeline.now_s < 7.0:
        pipeline.step()
    quiet = pipeline.hops.since(0)[0][-1].level_dbfs
    pipeline.set_settings(DecisionSettings())
    fader.prepare("white")
    fader.kind = "white"
    pipeline.step()
    assert (hop := pipeline.step()) is not None
    assert hop.level_dbfs > quiet + 20
    fader.kind = "off"
    assert listen(pipeline) == ["go", "up"]


def test_a_network_with_other_words_takes_over() -> None:
    class Taught(ToneNetwork):
        labels = (*LABELS, "robot")

        def scores(self, pictures: np.ndarray) -> np.ndarray:
            return np.pad(super().scores(pictures), ((0, 0), (0, 1)))

    pipeline = Pipeline(script({1.5: "left", 4.5: "go"}, 6.0), ToneNetwork())
    while pipeline.now_s < 3.0:
        pipeline.step()
    pipeline.set_executor(Taught())
    assert listen(pipeline) == ["left", "go"]
    assert pipeline.hops.since(0)[0][-1].labels[-1] == "robot"
    assert [event.label for event in pipeline.memory.snapshot().decide(DecisionSettings())] == ["go"]


@pytest.mark.parametrize("level", [0.0, 1e-3])
def test_digital_silence_never_reaches_the_network(level: float) -> None:
    network = ToneNetwork()
    samples = np.full(48_000, level, np.float32)
    pipeline = Pipeline(Script(samples), network)
    listen(pipeline)
    if level:
        assert network.runs > 50
    else:
        assert network.runs == 0
        assert all(LABELS[hop.leading] == SILENCE for hop in pipeline.hops.since(0)[0])


def test_a_source_that_fails_is_told_and_listening_goes_on() -> None:
    source = script({2.5: "left"}, 4.0)
    pipeline = Pipeline(source, ToneNetwork())
    for _ in range(20):
        pipeline.step()
    source.fails = 3
    assert pipeline.step() is None
    assert pipeline.trouble == "script cannot be read: the cable is loose"
    assert listen(pipeline) == ["left"]
    assert pipeline.trouble is None


def test_a_network_that_fails_is_told_and_listening_goes_on() -> None:
    class Broken:
        labels = LABELS

        def scores(self, pictures: np.ndarray) -> np.ndarray:
            raise RuntimeError("no memory\nat all")

    pipeline = Pipeline(script({1.5: "left", 4.0: "go"}, 6.0), Broken())
    while pipeline.now_s < 3.0:
        pipeline.step()
    assert pipeline.trouble == "The network fails: no memory at all"
    pipeline.set_executor(ToneNetwork())
    assert listen(pipeline) == ["go"]
    assert pipeline.trouble is None


def test_noise_that_cannot_be_made_is_left_out_and_told() -> None:
    class Missing(NoiseFader):
        def mix(self, samples: np.ndarray) -> np.ndarray:
            if self.kind != "off":
                raise ExplorerError("the file is missing: install again.")
            return samples

    fader = Missing("babble")
    pipeline = Pipeline(script({1.5: "left"}, 4.0), ToneNetwork(), noise=fader)
    while pipeline.now_s < 2.5:
        pipeline.step()
    assert pipeline.trouble == "No noise is mixed in: the file is missing: install again."
    fader.kind = "off"
    assert listen(pipeline) == ["left"]
    assert pipeline.trouble is None


def test_where_an_unlabelled_word_ended_is_seen_soon_after() -> None:
    class Quick(ToneNetwork):
        """Sure long before the end of the word."""

        def scores(self, pictures: np.ndarray) -> np.ndarray:
            return super().scores(np.repeat(pictures, 3, axis=1))

    pipeline = Pipeline(script({1.5: "left"}, 4.0, kind="file"), Quick())
    while not len(pipeline.events):
        pipeline.step()
    (event,) = pipeline.events.since(0)[0]
    assert event.waterfall is not None
    assert event.waterfall.word_end_s is None
    assert event.waterfall.segments()[0].start_ms == 0.0
    assert pipeline.settle(event).waterfall == event.waterfall  # nothing more was heard yet
    listen(pipeline)
    settled = pipeline.settle(event).waterfall
    assert settled is not None
    assert settled.word_end_s == pytest.approx(1.9, abs=0.05)
    assert settled.response_ms is not None
    assert settled.response_ms <= 0.0
    sure = settled.segments()[0]
    assert sure.name == "being sure"
    assert sure.start_ms + sure.length_ms == pytest.approx(settled.response_ms)


def test_a_source_that_has_nothing_does_not_make_the_thread_spin() -> None:
    class Starved(Script):
        live = True

        def read(self, n: int, timeout_s: float) -> Block | None:
            self.reads += 1
            return None

    starved = Starved(np.zeros(1, np.float32))
    pipeline = Pipeline(starved, ToneNetwork())
    job: Job[Hop] = Job(pipeline.run, "listening")
    job.start()
    began_s = time.perf_counter()
    while starved.reads < 5:
        time.sleep(0.005)
    assert job.stop()
    elapsed_s = time.perf_counter() - began_s
    assert starved.reads <= elapsed_s / 0.02 + 2
    assert job.error is None


def test_it_runs_as_a_job_and_stops_at_once() -> None:
    source = SyntheticSource("tone", paced=True)
    source.open()
    pipeline = Pipeline(source, ToneNetwork())
    job: Job[Hop] = Job(pipeline.run, "listening")
    job.start()
    deadline = threading.Event()
    while len(pipeline.hops) < 4 and not deadline.wait(0.01):
        assert job.error is None
    newest = job.updates.take()
    assert newest is not None
    assert newest.source == "Signal: tone"
    assert newest.arrived_s <= newest.read_s <= newest.features_done_s <= newest.network_done_s <= newest.decided_s
    assert job.stop(2.0)
    source.close()


def test_clear_forgets_sound_scores_and_events() -> None:
    source = script({1.5: "left", 6.5: "go"}, 9.0)
    pipeline = Pipeline(source, ToneNetwork())
    while pipeline.now_s < 4.0:
        pipeline.step()
    pipeline.clear()
    assert [len(log) for log in (pipeline.hops, pipeline.events, pipeline.columns)] == [0, 0, 0]
    assert pipeline.memory.snapshot().decide(DecisionSettings()) == []
    with pytest.raises(LookupError):
        pipeline.look_back(3.0)
    pipeline.step()
    with pytest.raises(LookupError):
        pipeline.look_back(pipeline.now_s)
    assert listen(pipeline) == ["go"]
    assert pipeline.columns.since(0)[0][0].first_frame == 400  # the axis goes on: 4 s of 10 ms frames


@given(seconds=st.floats(0.5, 4.0), history_s=st.floats(0.5, 2.0))
@settings(deadline=None, max_examples=10)
def test_no_more_is_kept_than_was_asked_for(seconds: float, history_s: float) -> None:
    pipeline = Pipeline(Script(stream({}, seconds)), ToneNetwork(), history_s=history_s)
    listen(pipeline)
    kept = pipeline.memory.snapshot()
    assert len(kept.times) == min(round(history_s * 20), len(kept.times))
    assert kept.times[-1] == pytest.approx(pipeline.now_s)
    assert len(kept.levels) <= round(history_s * 100)


def test_sources_that_changed_long_ago_are_forgotten_with_their_sound() -> None:
    pipeline = Pipeline(None, ToneNetwork(), history_s=2.0)
    for turn in range(30):
        pipeline.set_source(script({0.3: "go"} if turn % 2 else {}, 1.0, label=f"source {turn}"))
        listen(pipeline)
    stretches = pipeline.memory.snapshot().stretches
    # each takes 1.5 s with its tail; when the last began, two seconds reached back into the last but two
    assert [stretch.source for stretch in stretches] == ["source 27", "source 28", "source 29"]
    score = pipeline.score()
    assert score is not None
    assert score.words == 1


@pytest.mark.parametrize(
    ("level", "seconds", "sure", "said"),
    [
        (0.1, 0.4, 1.0, None),  # it was an event
        (0.1, 0.4, 0.41 / 0.9, "closest: go 0.41, needs 0.70"),
        (1e-3, 0.4, 0.0, "too quiet"),
        (0.1, 0.1, 0.0, None),  # a knock, not a voice
    ],
)
def test_a_stretch_of_voice_that_is_no_event_is_explained(
    level: float, seconds: float, sure: float, said: str | None
) -> None:
    class Unsure(ToneNetwork):
        def scores(self, pictures: np.ndarray) -> np.ndarray:
            return super().scores(pictures) * np.float32(sure)

    samples = stream({}, 6.0, room=1e-5)
    voice = tone("go", seconds, level)
    samples[48_000 : 48_000 + len(voice)] += voice
    pipeline = Pipeline(Script(samples), Unsure())
    while pipeline.now_s < 3.0 + seconds + 0.3:
        pipeline.step()
    assert pipeline.explain() is None  # the decision may still come
    while pipeline.now_s < 4.8:
        pipeline.step()
    assert pipeline.explain() == said
    while pipeline.now_s < 6.4:
        pipeline.step()
    assert pipeline.explain() is None  # long ago
