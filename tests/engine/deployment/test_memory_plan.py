"""The memory plan: by hand, by painting the arena as a device would, and against every order there is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.deployment.cost import INT8, activation_bytes, steps_for_cost
from explorer.engine.deployment.memory_plan import (
    IN_PLACE,
    NEXT_INPUT,
    PLANNERS,
    Buffer,
    InPlace,
    MemoryPlan,
    Planner,
    best_of_all_orders,
    memory_plan,
    place,
)
from explorer.engine.nn.graph import Add, Conv, Dense, Graph, ReLU
from explorer.engine.nn.liveness import peak_activations
from explorer.engine.nn.networks import TOPOLOGIES, topology
from explorer.engine.quantization.recipe import FLOAT, Recipe
from tests.engine.deployment.random_graphs import graphs


def residual() -> Graph:
    """Two convolutions, the first of which is added to the second: 32, 64, 64, 64 and 2 bytes at 8 bits."""
    return Graph(
        "residual",
        (2, 4, 4),
        (
            Conv("a", "input", 4, (3, 3), padding=(1, 1), bias=True),
            ReLU("a_relu", "a"),
            Conv("b", "a_relu", 4, (3, 3), padding=(1, 1), groups=4, bias=True),
            Add("sum", "b", "a_relu"),
            Dense("logits", "sum", 2),
        ),
    )


def rectangles(plan: MemoryPlan) -> dict[str, tuple[int, int, int, int]]:
    return {b.name: (b.offset_bytes, b.size_bytes, b.first, b.last) for b in plan.buffers}


def test_a_residual_by_hand() -> None:
    plan = memory_plan(residual(), alignment_bytes=1)
    assert plan.steps == ("a", "b", "sum", "logits")
    # a lives until it is added; b and the sum meet it, so three of 64 bytes; input and logits lie where nobody is
    assert rectangles(plan) == {
        "input": (64, 32, 0, 0),
        "a": (0, 64, 0, 2),
        "b": (64, 64, 1, 2),
        "sum": (128, 64, 2, 3),
        "logits": (0, 2, 3, 3),
    }
    assert plan.live_bytes == (96, 128, 192, 66)
    assert (plan.ram_bytes, plan.peak_bytes, plan.sum_bytes, plan.peak_step) == (192, 192, 226, "sum")


def test_in_place_by_hand() -> None:
    sums = memory_plan(residual(), in_place="sums", alignment_bytes=1)
    assert [b.holds for b in sums.buffers] == [("a",), ("input",), ("b", "sum"), ("logits",)]
    assert (sums.ram_bytes, sums.peak_step) == (128, "b")
    # b cannot be computed over a, which the sum still reads
    assert memory_plan(residual(), in_place="sums and depthwise", alignment_bytes=1).ram_bytes == 128
    chain = Graph(
        "chain",
        (4, 4, 4),
        (Conv("a", "input", 4, (3, 3), padding=(1, 1), groups=4, bias=True), Dense("logits", "a", 2)),
    )
    assert memory_plan(chain, alignment_bytes=1).ram_bytes == 128
    plan = memory_plan(chain, in_place="sums and depthwise", alignment_bytes=1)
    assert rectangles(plan) == {"input": (0, 64, 0, 1), "a channel": (64, 16, 0, 0), "logits": (64, 2, 1, 1)}
    assert plan.buffers[0].holds == ("input", "a")


def test_a_sum_of_another_width_gets_a_buffer_of_its_own() -> None:
    plan = memory_plan(residual(), INT8.with_layer("sum", activations=4), in_place="sums", alignment_bytes=1)
    assert [(b.holds, b.size_bytes) for b in plan.buffers if "sum" in b.holds] == [(("sum",), 32)]


def test_a_second_input_is_kept_all_the_time() -> None:
    single, double = memory_plan(residual()), memory_plan(residual(), double_input=True)
    extra = next(b for b in double.buffers if b.name == NEXT_INPUT)
    assert (extra.size_bytes, extra.first, extra.last) == (32, 0, 3)
    assert [a - b for a, b in zip(double.live_bytes, single.live_bytes, strict=True)] == [32] * 4


def test_buffers_are_aligned() -> None:
    for plan in (memory_plan(residual()), memory_plan(topology("tiny"), Recipe(4, 3))):
        assert all(b.offset_bytes % 16 == 0 == b.size_bytes % 16 for b in plan.buffers)
    assert rectangles(memory_plan(residual()))["logits"][1] == 16


@pytest.mark.parametrize("name", sorted(TOPOLOGIES))
def test_the_peak_is_what_listens_scorecard_counts(name: str) -> None:
    graph = topology(name)
    count, layer = peak_activations(graph)
    plan = memory_plan(graph, INT8, alignment_bytes=1)
    assert (plan.peak_bytes, plan.peak_step) == (count, layer)
    assert memory_plan(graph, FLOAT, alignment_bytes=1).peak_bytes == 4 * count


def run_and_repaint(graph: Graph, recipe: Recipe, plan: MemoryPlan) -> None:
    """Run the network as a device would, each activation painting its bytes; what a step reads must be whole."""
    steps = steps_for_cost(graph)
    arena = np.full(plan.ram_bytes, "", dtype=object)
    where = {name: buffer for buffer in plan.buffers for name in buffer.holds}

    def paint(name: str) -> None:
        arena[where[name].offset_bytes : where[name].end_bytes] = name

    def check(name: str) -> None:
        assert set(arena[where[name].offset_bytes : where[name].end_bytes]) == {name}

    paint("input")
    if NEXT_INPUT in where:
        paint(NEXT_INPUT)
    for step in steps.order:
        if f"{step.name} channel" in where:
            paint(f"{step.name} channel")
        if not set(step.sources) & set(where[step.name].holds):
            paint(step.name)  # not in place: written while the inputs are still read
        for source in step.sources:
            check(source)
        paint(step.name)
        width = recipe.activations_of(step.name, last=step.name == steps.last)
        assert where[step.name].size_bytes >= activation_bytes(int(np.prod(step.shape)), width)
    check(steps.last)
    if NEXT_INPUT in where:
        check(NEXT_INPUT)


@settings(max_examples=150, deadline=None)
@given(
    graphs(),
    st.sampled_from(PLANNERS),
    st.sampled_from(IN_PLACE),
    st.booleans(),
    st.sampled_from([1, 4, 16]),
    st.sampled_from([INT8, FLOAT, Recipe(4, 3)]),
)
def test_no_step_reads_what_was_overwritten(
    graph: Graph, planner: Planner, in_place: InPlace, double: bool, alignment: int, recipe: Recipe
) -> None:
    plan = memory_plan(graph, recipe, planner, in_place, double, alignment)
    run_and_repaint(graph, recipe, plan)
    for a in plan.buffers:
        for b in plan.buffers:
            apart = a.end_bytes <= b.offset_bytes or b.end_bytes <= a.offset_bytes
            assert a is b or apart or not a.lives_with(b)
    assert plan.peak_bytes <= plan.ram_bytes <= plan.sum_bytes
    if planner == "apart":
        assert plan.ram_bytes == plan.sum_bytes
    assert plan.peak_bytes <= memory_plan(graph, recipe, planner, "nothing", double, alignment).peak_bytes


@pytest.mark.parametrize("name", sorted(TOPOLOGIES))
@pytest.mark.parametrize("in_place", IN_PLACE)
def test_the_networks_of_the_registry_run_in_their_arenas(name: str, in_place: InPlace) -> None:
    for planner in PLANNERS:
        run_and_repaint(topology(name), INT8, memory_plan(topology(name), INT8, planner, in_place, True))


@settings(max_examples=60, deadline=None)
@given(graphs(most_layers=5), st.sampled_from(IN_PLACE))
def test_no_planner_beats_trying_every_order(graph: Graph, in_place: InPlace) -> None:
    plans = [memory_plan(graph, INT8, planner, in_place, alignment_bytes=1) for planner in PLANNERS]
    best = best_of_all_orders(plans[0].buffers)
    assert plans[0].peak_bytes <= best <= min(plan.ram_bytes for plan in plans)


def random_buffers(rng: np.random.Generator) -> list[Buffer]:
    found = []
    for index in range(6):
        first = int(rng.integers(0, 6))
        found.append(Buffer(f"b{index}", (f"b{index}",), int(rng.integers(1, 65)), first, first + int(rng.integers(3))))
    return found


def test_largest_first_is_close_to_the_best_order() -> None:
    rng = np.random.default_rng(7)
    ratios = []
    for _ in range(150):
        buffers = random_buffers(rng)
        by_size = place(sorted(buffers, key=lambda b: -b.size_bytes))
        ratios.append(max(b.end_bytes for b in by_size) / best_of_all_orders(buffers))
    assert min(ratios) >= 1
    assert np.mean(np.array(ratios) == 1) > 0.8
    assert np.mean(ratios) < 1.02


def test_trying_every_order_finds_what_largest_first_misses() -> None:
    """By hand: c meets b, then d.  Largest first puts d at 0 and c on top at 6; c at 0 and d at 2 are enough."""
    life = [("a", 3, 0, 1), ("b", 3, 1, 3), ("c", 2, 3, 5), ("d", 3, 4, 4)]
    buffers = [Buffer(name, (name,), size, first, last) for name, size, first, last in life]
    by_size = place(sorted(buffers, key=lambda b: (-b.size_bytes, b.first)))
    assert {b.name: b.offset_bytes for b in by_size} == {"a": 0, "b": 3, "d": 0, "c": 6}
    assert best_of_all_orders(buffers) == 6


def test_tiny_pays_for_the_greedy_rule() -> None:
    """What the picture shows: largest first leaves gaps that the order of writing does not."""
    by_size, by_time = (memory_plan(topology("tiny"), INT8, planner) for planner in ("by size", "by time"))
    assert by_time.ram_bytes == by_time.peak_bytes < by_size.ram_bytes < 1.4 * by_size.peak_bytes
