"""The whole program: each part by hand, the transform counted in an implementation, and what 16 KB leaves out."""

from __future__ import annotations

import cmath

import numpy as np
import pytest

from explorer.engine.deployment.cost import work_of
from explorer.engine.deployment.fit import RUNTIMES, TENSORFLOW, fit, footprint
from explorer.engine.deployment.memory_plan import memory_plan
from explorer.engine.deployment.profiles import shipped as shipped_profiles
from explorer.engine.deployment.program import front_end_of, program_of, transform_operations
from explorer.engine.kws.frontend import FFT
from explorer.engine.nn.networks import topology
from explorer.engine.nn.registry import shipped
from explorer.engine.quantity import Kind
from explorer.engine.quantization.recipe import FLOAT, Recipe
from explorer.panels.listen.scorecard import memory_beside


class CountedTransform:
    """A real Fourier transform as textbooks have it, counting its additions and multiplications."""

    def __init__(self) -> None:
        self.operations = 0

    def add(self, a: complex, b: complex) -> complex:
        self.operations += 2
        return a + b

    def multiply(self, a: complex, b: complex) -> complex:
        self.operations += 6
        return a * b

    def complex_transform(self, x: list[complex]) -> list[complex]:
        n = len(x)
        if n == 1:
            return x
        even, odd = self.complex_transform(x[::2]), self.complex_transform(x[1::2])
        turned = [self.multiply(cmath.exp(-2j * cmath.pi * k / n), odd[k]) for k in range(n // 2)]
        return [self.add(a, b) for a, b in zip(even, turned, strict=True)] + [
            self.add(a, -b) for a, b in zip(even, turned, strict=True)
        ]

    def real_transform(self, x: list[float]) -> list[complex]:
        half = len(x) // 2
        z = self.complex_transform([complex(a, b) for a, b in zip(x[::2], x[1::2], strict=True)])
        found = [0j] * (half + 1)
        self.operations += 2  # the two ends are real
        found[0], found[half] = complex(z[0].real + z[0].imag), complex(z[0].real - z[0].imag)
        for k in range(1, half // 2 + 1):
            other = z[half - k].conjugate()
            even, odd = self.add(z[k], other) / 2, self.add(z[k], -other) / 2j  # halves belong into the tables
            turned = self.multiply(cmath.exp(-1j * cmath.pi * k / half), odd)
            found[k] = self.add(even, turned)
            found[half - k] = self.add(even, -turned).conjugate()
        return found


@pytest.mark.parametrize("samples", [64, FFT, 1024])
def test_the_transform_is_counted_as_it_is_done(samples: int) -> None:
    x = np.random.default_rng(0).standard_normal(samples)
    counted = CountedTransform()
    np.testing.assert_allclose(counted.real_transform(x.tolist()), np.fft.rfft(x), atol=1e-9)
    assert counted.operations - transform_operations(samples) == 2  # its two ends


def test_the_front_end_by_hand() -> None:
    front_end = front_end_of(topology("tiny"))
    assert front_end is not None
    # 128 x 8 butterflies of 10, 128 pairs of 14; 257 powers of two products and a sum; 248 weights
    assert front_end.operations_per_frame() == {
        "window": 480,
        "transform": 10_240 + 1_792,
        "power": 771,
        "bands": 496,
        "logarithm": 40,
        "cosine transform": 0,
    }
    assert front_end.frames_per_s == 100
    mfcc = front_end_of(topology("mlperf-tiny-kws"))
    assert mfcc is not None
    assert (mfcc.frames_per_s, mfcc.operations_per_frame()["cosine transform"]) == (50, 800)
    assert (16_000 - mfcc.frame) // mfcc.hop + 1 == 49
    assert front_end_of(topology("mlperf-tiny-ic")) is None


def test_the_stack_of_tiny_by_hand() -> None:
    graph = shipped("tiny").graph
    program = program_of(graph)
    flash = {part.name: part.flash_bytes.value for part in program.parts if part.flash_bytes}
    ram = {part.name: part.ram_bytes.value for part in program.parts if part.ram_bytes}
    assert flash == {"network": 16_162, "runtime": 10_000, "tables": 2 * (480 + 512 + 248)}
    assert ram == {
        "activations": memory_plan(graph).ram_bytes,
        "runtime": 20_000,
        "features": 98 * 40,
        "sound": 2 * 640 + 4 * 512,
        "decision": 4 * 6 * 12,  # 300 ms at 20 a second are six scores of twelve words
    }
    assert program.flash_bytes.value == sum(flash.values())
    assert program.ram_bytes.value == sum(ram.values())
    assert program["network"].operations_per_s is not None
    assert program["network"].operations_per_s.value == 20 * work_of(graph).operations
    assert program["sound"].operations_per_s is not None
    assert program["sound"].operations_per_s.value == 100 * 13_819


def test_what_16_kb_leaves_out() -> None:
    program = program_of(shipped("tiny").graph)
    left_out = {part.name: part for part in program.left_out}
    assert set(left_out) == {"activations", "runtime", "features", "sound", "tables", "decision"}
    total = sum(q.value for part in program.left_out for q in (part.flash_bytes, part.ram_bytes) if q)
    assert total == program.flash_bytes.value + program.ram_bytes.value - 16_162
    assert total > 4 * 16_384


def test_listens_scorecard_names_the_same_bytes() -> None:
    network = shipped("tiny")
    program = program_of(network.graph, in_place="nothing")
    beside = {row.key: row.count for row in memory_beside(network)}
    assert program["network"].flash_bytes is not None
    assert program["features"].ram_bytes is not None
    assert program["network"].flash_bytes.value == beside["weights"]
    assert program["features"].ram_bytes.value == beside["features"]
    assert memory_plan(network.graph, alignment_bytes=1).peak_bytes == beside["activations"]


def test_only_a_runtime_without_mapping_copies_the_weights() -> None:
    graph = topology("small")
    for runtime in RUNTIMES:
        part = program_of(graph, FLOAT, runtime)["network"]
        assert part.ram_bytes == (None if runtime.maps_weights else part.flash_bytes)
    assert not TENSORFLOW.maps_weights  # Figure 6.15: memory mapping of models: no, yes, yes


def test_the_fit_explorer_counts_the_same_network_and_runtime() -> None:
    graph, board = topology("mlperf-tiny-vww"), shipped_profiles()["stm32f746"]
    for runtime in RUNTIMES:
        program, found = program_of(graph, runtime=runtime), fit(footprint("vww", graph), runtime, board)
        assert (found.ram_bytes, found.flash_bytes) == (program.ram_bytes.value, program.flash_bytes.value)


def test_rate_precision_and_plan_change_what_they_should() -> None:
    graph = topology("tiny")
    once, often = program_of(graph, decisions_per_s=1), program_of(graph, decisions_per_s=20)
    assert once["sound"] == often["sound"]  # sound comes in all the time
    assert once.operations_per_s.value < often.operations_per_s.value
    wide, narrow = program_of(graph, FLOAT), program_of(graph, Recipe(4, 4))
    for name in ("activations", "features"):
        few, many = narrow[name].ram_bytes, wide[name].ram_bytes
        assert few is not None
        assert many is not None
        assert many.value == pytest.approx(8 * few.value, rel=0.3)
    assert program_of(graph, planner="by time").ram_bytes.value < program_of(graph).ram_bytes.value


def test_a_sum_that_holds_an_assumption_is_one() -> None:
    assert program_of(topology("tiny")).ram_bytes.kind is Kind.DERIVED
    assert program_of(topology("mlperf-tiny-kws")).ram_bytes.kind is Kind.ASSUMED
    pictures = program_of(topology("mlperf-tiny-vww"))
    assert [part.name for part in pictures.parts] == ["network", "activations", "runtime"]
