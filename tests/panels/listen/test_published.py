"""A published network in Listen: heard at once, with its words, its version and its badge, and undone."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from explorer.engine.nn.graph import Dense, Graph
from explorer.engine.nn.network import LEARNED_HERE, Network
from explorer.engine.nn.registry import shipped
from explorer.panels.base import Recipe
from explorer.panels.listen import session as session_module
from explorer.panels.listen.session import ListenSession
from explorer.thread_strip import recipe_texts
from explorer.workbench import State
from tests.panels.listen.bench import Bench


def with_word(word: str, network: Network | None = None) -> Network:
    """Give a network that knows one word more; it takes "yes" for it, surely."""
    network = network or shipped("tiny")
    last = network.graph.layers[-1]
    assert isinstance(last, Dense)
    graph = Graph(
        network.graph.name,
        network.graph.input_shape,
        (*network.graph.layers[:-1], replace(last, units=len(network.labels) + 1)),
    )
    weight, bias = network.arrays["logits.weight"], network.arrays["logits.bias"]
    yes = network.labels.index("yes")
    arrays = dict(network.arrays) | {
        "logits.weight": np.concatenate([weight, weight[yes : yes + 1]]),
        "logits.bias": np.concatenate([bias, bias[yes : yes + 1] + np.float32(9.0)]),
    }
    lineage = (*network.lineage, "learned here: 1 word")
    return replace(network, graph=graph, arrays=arrays, labels=(*network.labels, word), lineage=lineage)


def test_a_new_word_is_heard_and_shown_everywhere_and_undo_takes_it_away(bench: Bench) -> None:
    panel, workbench = bench.panel, bench.context.workbench
    panel.start()
    bench.until(lambda: panel.session.network is not None and len(panel.session.events) >= 1)
    published = workbench.publish(with_word("jackdaw"))
    bench.until(lambda: panel.session.network is published)
    bench.until(lambda: panel.tiles.words()[-1] == "jackdaw")
    panel.say("yes")
    bench.until(lambda: any(event.label == "jackdaw" for event in panel.session.events))
    bench.until(lambda: panel.live.heat.view().shape[1] == 13)
    assert len(panel.session.trace.labels) == 13
    recipe = panel.glyphs().recipe
    assert recipe is not None
    assert (recipe.network, recipe.version, recipe.badge) == ("tiny", 2, LEARNED_HERE)
    assert recipe.accuracy is None  # the model card's figure was measured on other weights
    bench.until(lambda: LEARNED_HERE in panel.controls.network.facts.text())

    workbench.undo()
    bench.until(lambda: "jackdaw" not in panel.tiles.words())
    bench.until(lambda: len(panel.session.trace.labels) == 12)
    recipe = panel.glyphs().recipe
    assert recipe is not None
    assert (recipe.version, recipe.badge) == (1, "")
    bench.until(lambda: LEARNED_HERE not in panel.controls.network.facts.text())


def test_old_words_keep_what_was_heard_of_them(bench: Bench) -> None:
    panel = bench.panel
    panel.start()
    bench.until(lambda: len(panel.session.events) >= 3)
    trace, labels = panel.session.trace, panel.session.trace.labels
    bench.pause()
    before = trace.scores(trace.now_s, 40)
    trace.set_labels((*labels, "jackdaw"))
    after = trace.scores(trace.now_s, 40)
    np.testing.assert_array_equal(after[:, : len(labels)], before)
    assert not after[:, -1].any()


def test_a_run_that_publishes_fifty_times_a_second_is_drawn_ten_times_at_most() -> None:
    asked: list[int] = []
    now_s = [0.0]

    def load(name: str, version: int) -> Network:
        asked.append(version)
        return shipped(name)

    session = ListenSession(State(), load, lambda: now_s[0])
    session.sources.paced = False
    try:
        session.start()
        state = session.state
        for version in range(2, 52):  # one second
            now_s[0] += 0.02
            state, before = replace(state, network_version=version), state
            session.follow(before, state)
            while session.preparer.busy("network"):
                session.preparer.poll()
                time.sleep(0.002)
        for _ in range(50):
            now_s[0] += 0.02
            session.poll()
            time.sleep(0.002)
        assert 2 <= len(asked) <= 1 + 1.0 / session_module.DRAWN_EVERY_S + 1
        assert asked[-1] == 51
        assert asked == sorted(asked)
    finally:
        session.close()


def test_the_badge_stays_however_little_room_there_is(bench: Bench) -> None:
    panel = bench.panel
    panel.start()
    bench.context.workbench.publish(with_word("jackdaw"))

    def shown() -> Recipe | None:
        recipe = panel.glyphs().recipe
        return recipe if recipe is not None and recipe.version == 2 else None

    bench.until(lambda: shown() is not None)
    recipe = shown()
    assert recipe is not None
    assert all("learned here" in text for text in recipe_texts(recipe))
    assert LEARNED_HERE in recipe_texts(recipe)[0]
