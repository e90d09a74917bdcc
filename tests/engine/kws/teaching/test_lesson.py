"""Teaching: the last layer is fitted right, and what is told of it is what an independent count gives."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.clips import load_part
from explorer.engine.kws.decision import DecisionSettings, decide_all
from explorer.engine.kws.evaluate import evaluate_part, scores_of
from explorer.engine.kws.frontend import log_mel
from explorer.engine.kws.labelled_stream import scores_of_stream
from explorer.engine.kws.labels import LABELS
from explorer.engine.kws.teaching.last_layer import Fit, probabilities, start_weights, weights_of
from explorer.engine.kws.teaching.lesson import Lesson, _Material, teach
from explorer.engine.kws.teaching.pictures import moved, pictures_of, varied
from explorer.engine.kws.teaching.rehearsal import Rehearsal, _other_speech
from explorer.engine.kws.teaching.synthetic import synthetic_takes
from explorer.engine.kws.teaching.takes import Take, take_of
from explorer.engine.nn.inference import Executor
from explorer.engine.nn.network import LEARNED_HERE, LEARNED_SYNTHETIC
from explorer.engine.quantization.fake import FakeQuantized
from explorer.engine.quantization.quantized import NetworkQuantizer
from explorer.engine.quantization.recipe import Recipe


def small_problem(seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    random = np.random.default_rng(seed)
    features = random.normal(size=(60, 5)) * [1.0, 3.0, 0.2, 1.0, 10.0]
    targets = random.dirichlet(np.ones(4), 60)
    return features, targets, random.normal(size=(4, 6))


def test_the_gradient_is_that_of_the_loss() -> None:
    features, targets, anchor = small_problem()
    importance = np.random.default_rng(1).random(60)
    fit = Fit(features, targets, anchor, pull=0.3)
    weights = anchor + 0.1
    (found,), by_hand, step = fit.gradients(weights[None], importance[None]), np.empty_like(weights), 1e-6
    for index in np.ndindex(weights.shape):
        up, down = weights.copy(), weights.copy()
        up[index] += step
        down[index] -= step
        by_hand[index] = (fit.loss(up, importance) - fit.loss(down, importance)) / (2 * step)
    np.testing.assert_allclose(found, by_hand, atol=1e-6)


def test_the_minimum_is_the_one_that_torch_finds_from_anywhere() -> None:
    features, targets, anchor = small_problem()
    importance = np.full(60, 1 / 60)
    fit = Fit(features, targets, anchor, pull=0.01)
    (found,) = fit.solve(importance[None])
    (elsewhere,) = fit.solve(importance[None], np.zeros_like(anchor))
    weights = torch.zeros(4, 6, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=500, tolerance_grad=1e-10, line_search_fn="strong_wolfe")
    f = torch.tensor(np.column_stack([features, np.ones(60)]))
    t, w0 = torch.tensor(targets), torch.tensor(anchor)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = -(t * torch.log_softmax(f @ weights.T, 1)).sum() / 60 + 0.005 * ((weights - w0) ** 2).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    oracle = weights.detach().numpy()
    assert fit.loss(found, importance) <= fit.loss(oracle, importance) + 1e-6
    for one in (found, elsewhere):
        np.testing.assert_allclose(probabilities(one, features), probabilities(oracle, features), atol=2e-3)


def test_fits_side_by_side_are_those_one_by_one() -> None:
    features, targets, anchor = small_problem()
    importance = np.random.default_rng(2).random((3, 60)) / 60
    fit = Fit(features, targets, anchor, pull=0.01)
    together = fit.solve(importance)
    for one, weights in zip(importance, together, strict=True):
        (alone,) = fit.solve(one[None])
        assert fit.loss(weights, one) == pytest.approx(fit.loss(alone, one), abs=1e-5)


def test_pictures_of_many_seconds_are_those_of_each() -> None:
    seconds = load_part("train").samples[:130].astype(np.float32) / 32768
    one_by_one = np.stack([log_mel(second) for second in seconds])
    np.testing.assert_allclose(pictures_of(seconds), one_by_one, atol=1e-3)


def test_a_take_is_varied_around_itself() -> None:
    picture = pictures_of(synthetic_takes()[0].samples[None])
    noises = pictures_of(load_part("train").samples[:5].astype(np.float32) / 32768)
    many = varied(picture, 9, noises, np.random.default_rng(0))
    np.testing.assert_array_equal(many[0], picture[0])
    assert all(np.abs(other - picture[0]).max() > 1 for other in many[1:])
    again = varied(picture, 9, noises, np.random.default_rng(0))
    np.testing.assert_array_equal(many, again)
    later = moved(picture[0], 10)
    np.testing.assert_array_equal(later[10:], picture[0][:-10])
    np.testing.assert_array_equal(moved(later, -10)[:88], picture[0][:88])


def test_the_network_says_what_the_lesson_says(lesson: Lesson, takes: list[Take]) -> None:
    assert lesson.network.labels == (*LABELS, "marvin")
    assert lesson.network.badge == LEARNED_SYNTHETIC
    unseen = pictures_of(np.stack([take.samples for take in takes[8:]]))
    scores = Executor(lesson.network).scores(unseen)
    assert (scores.argmax(1) == 12).all()
    (left_out,) = lesson.left_out
    assert (left_out.hits, left_out.takes) == (8, 8)
    assert left_out.interval[0] == pytest.approx(0.676, abs=1e-3)
    assert left_out.interval[1] == 1.0


def test_leaving_one_out_is_the_same_as_teaching_without_it(rehearsal: Rehearsal, takes: list[Take]) -> None:
    labels = (*LABELS, "marvin")
    words = {"marvin": [*takes[:3], synthetic_takes("rms-word")[0]]}  # one that differs from the others
    lesson = teach(rehearsal, words)
    material = _Material(rehearsal, words, labels, None, 0, None)
    for place, score in enumerate(lesson.left_out[0].scores):
        truly = Fit(
            np.delete(material.fit._f[:, :-1], material.rows_of(place), axis=0),
            np.delete(material.fit._t, material.rows_of(place), axis=0),
            start_weights(rehearsal.network, labels),
        ).solve(np.delete(material.importance(place), material.rows_of(place))[None])[0]
        alone = probabilities(truly, material.straight[place : place + 1])[0, 12]
        assert score == pytest.approx(alone, abs=5e-3)
    assert lesson.left_out[0].scores[3] < min(lesson.left_out[0].scores[:3])


def test_what_was_forgotten_is_what_the_evaluation_says(rehearsal: Rehearsal, lesson: Lesson) -> None:
    told = lesson.forgotten
    before, after = evaluate_part(Executor(rehearsal.network)), evaluate_part(Executor(lesson.network))
    assert told.clips == before.clips
    assert told.before == round(before.accuracy * before.clips)
    assert told.after == round(after.accuracy * after.clips)
    assert told.before - len(told.lost) + told.gained == told.after
    clips = load_part("evaluate")
    for lost in told.lost[:3]:
        sound = clips.samples[lost.clip].astype(np.float32)[None] / 32768
        assert clips.labels[lost.clip] == LABELS[scores_of(Executor(rehearsal.network), sound).argmax()]
        assert lost.answer == lesson.network.labels[scores_of(Executor(lesson.network), sound).argmax()]


def test_false_reports_are_those_of_the_decision_layer_on_the_sound_itself(lesson: Lesson) -> None:
    samples, _ = _other_speech()
    times, scores = scores_of_stream(Executor(lesson.network), samples)
    events = decide_all(times, scores, DecisionSettings(), lesson.network.labels, 50.0)
    (told,) = lesson.fired
    assert told.events == sum(event.label == "marvin" for event in events)
    assert told.seconds == pytest.approx(300.0, abs=0.1)
    assert told.per_hour[1] < 200


def test_live_sound_counts_too_and_a_taught_word_in_it_is_found(rehearsal: Rehearsal, takes: list[Take]) -> None:
    sound = np.zeros(30 * 16_000, np.float32) + np.random.default_rng(0).normal(0, 1e-4, 480_000).astype(np.float32)
    sound[160_000:176_000] += takes[9].samples
    live = rehearsal.extractor.stream("live", sound)
    lesson = teach(rehearsal, {"marvin": takes[:8]}, live=live)
    assert [one.sound for one in lesson.fired][1] == "live"
    assert lesson.fired[1].events == 1


def test_two_words_at_once_and_a_known_word_in_another_voice(rehearsal: Rehearsal, takes: list[Take]) -> None:
    clips = load_part("train")
    places = [i for i, word in enumerate(clips.words) if word == "yes" and clips.speakers[i] == "rms"][:6]
    yes = [
        take_of(clips.samples[i].astype(np.float32) / 32768, clips.start_s[i], clips.end_s[i], "file") for i in places
    ]
    lesson = teach(rehearsal, {"marvin": takes[:8], "yes": yes})
    assert lesson.network.labels == (*LABELS, "marvin")
    assert [one.word for one in lesson.left_out] == ["marvin", "yes"]
    assert lesson.network.badge == LEARNED_HERE  # files are somebody's voice
    again = teach(replace(rehearsal, network=rehearsal.network), {"▲": takes[:4], "■": yes[:4]})
    assert again.network.labels[-2:] == ("▲", "■")


def test_the_same_takes_and_seed_give_the_same_network(rehearsal: Rehearsal, takes: list[Take], lesson: Lesson) -> None:
    assert teach(rehearsal, {"marvin": takes[:8]}).network.fingerprint == lesson.network.fingerprint


def test_squeezed_to_eight_bits_it_still_knows_the_word(lesson: Lesson, takes: list[Take]) -> None:
    squeezed = FakeQuantized(NetworkQuantizer(lesson.network).quantize(Recipe(weights=8, activations=8)))
    scores = squeezed.scores(pictures_of(np.stack([take.samples for take in takes[8:]])))
    assert scores.shape[1] == 13
    assert (scores.argmax(1) == 12).all()


def test_the_old_rows_start_where_they_were(rehearsal: Rehearsal) -> None:
    start = start_weights(rehearsal.network, (*LABELS, "x", "y"))
    np.testing.assert_array_equal(start[:12], weights_of(rehearsal.network))
    assert start.shape == (14, 49)


def test_a_lesson_that_cannot_be_held_says_why(rehearsal: Rehearsal, takes: list[Take]) -> None:
    with pytest.raises(ExplorerError, match="at least 2 times"):
        teach(rehearsal, {"marvin": takes[:1]})
    with pytest.raises(ExplorerError, match="one to 4 words"):
        teach(rehearsal, {})
    stop = threading.Event()
    stop.set()
    with pytest.raises(ExplorerError, match="stopped"):
        teach(rehearsal, {"marvin": takes[:8]}, stop=stop)
