"""The fit explorer, the claims of the book and Table 2.1: computed, never typed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.engine.deployment.claims import (
    EDGE_TPU,
    AcceleratorRow,
    Finding,
    book_claims,
    check_edge_tpu,
    check_range,
    check_ratio,
)
from explorer.engine.deployment.energy import published
from explorer.engine.deployment.fit import (
    BOOK_NETWORKS,
    MOBILENET_V2,
    MOBILENET_V2_INT8,
    RESNET_50,
    RUNTIMES,
    TENSORFLOW,
    TF_LITE,
    TF_LITE_MICRO,
    Runtime,
    fit,
    fit_table,
    footprint,
)
from explorer.engine.deployment.link import LINKS, THE_SOUND, THE_WORD, Link
from explorer.engine.deployment.placement import Option
from explorer.engine.deployment.profiles import shipped
from explorer.engine.deployment.tiers import Place, Row, order, table_2_1
from explorer.engine.nn.registry import names
from explorer.engine.nn.registry import shipped as network
from explorer.engine.quantity import Kind, Quantity

NO_RUNTIME = replace(
    TF_LITE_MICRO,
    ram_bytes=Quantity(0, "bytes", Kind.ASSUMED, "test"),
    flash_bytes=Quantity(0, "bytes", Kind.ASSUMED, "test"),
)


@pytest.mark.parametrize(
    ("net", "ram", "flash"),
    [(RESNET_50, 22.5, 102.0), (MOBILENET_V2, 21.25, 13.6), (MOBILENET_V2_INT8, 5.3125, 3.4)],
    ids=lambda each: getattr(each, "name", None),
)
def test_figure_2_3_by_hand(net: object, ram: float, flash: float) -> None:
    found = fit(net, NO_RUNTIME, shipped()["stm32f746"])  # type: ignore[arg-type]
    assert found.ram_over == pytest.approx(ram)
    assert found.flash_over == pytest.approx(flash)
    assert not found.fits


def test_the_runtime_counts_too() -> None:
    board = shipped()["stm32f746"]
    tiny = footprint("tiny", network("tiny").graph)
    small = fit(tiny, TF_LITE_MICRO, board)
    assert small.ram_bytes == tiny.ram_bytes.value + 20e3
    assert small.flash_bytes == tiny.flash_bytes.value + 10e3
    assert small.fits
    assert small.obstacle == ""
    # TensorFlow Lite alone takes 300 of the 320 kB, and there is no operating system it could run on
    large = fit(tiny, TF_LITE, board)
    assert large.lacks_system
    assert large.obstacle.startswith("needs an operating system")
    assert not fit(tiny, TENSORFLOW, board).fits


def test_one_memory_that_is_too_small_is_enough() -> None:
    board, one = shipped()["stm32f746"], Quantity(1.0, "bytes", Kind.CITED, "test")
    assert not fit(replace(RESNET_50, flash_bytes=one), NO_RUNTIME, board).fits
    assert not fit(replace(RESNET_50, ram_bytes=one), NO_RUNTIME, board).fits
    assert fit(replace(RESNET_50, ram_bytes=one, flash_bytes=one), NO_RUNTIME, board).fits


def test_the_largest_obstacle_is_named_first() -> None:
    board = shipped()["stm32f746"]
    assert fit(RESNET_50, NO_RUNTIME, board).obstacle == "flash over by 102.0×; RAM over by 22.5×"
    assert fit(MOBILENET_V2, NO_RUNTIME, board).obstacle == "RAM over by 21.2×; flash over by 13.6×"


@pytest.mark.parametrize("runtime", RUNTIMES, ids=lambda each: each.name)
def test_everything_fits_the_cloud_and_no_image_network_a_microcontroller(runtime: Runtime) -> None:
    profiles = shipped()
    table = fit_table(BOOK_NETWORKS, runtime, [profiles["v100"], profiles["iphone-11"], profiles["stm32f746"]])
    assert [[cell.fits for cell in row] for row in table] == [[True, True, False]] * len(BOOK_NETWORKS)


def test_our_own_networks_grow_from_tiny_to_large() -> None:
    sizes = [footprint(name, network(name).graph).flash_bytes.value for name in names()]
    assert sizes == sorted(sizes)
    assert sizes[0] <= 16_384


def test_the_edge_tpu_claim() -> None:
    found = check_edge_tpu()
    assert found.holds is False
    # by hand: 47/2.2, 45/2.3, 92/3.6, 792/100 and 179/2.2, 150/2.5, 406/3.9, 3463/100: only 81.4 lies inside
    assert [round(each.value, 1) for each in found.numbers] == [21.4, 81.4, 19.6, 60.0, 25.6, 104.1, 7.9, 34.6]
    assert found.sentence.startswith("1 of 8 speed-ups")


def test_a_table_that_bears_the_claim_out_would_be_believed() -> None:
    rows = [AcceleratorRow("x", 160, 2, 180, 2), AcceleratorRow("y", 150, 2, 190, 2)]
    assert check_edge_tpu(rows).holds is True
    assert check_edge_tpu([*rows, EDGE_TPU[0]]).holds is False


def claims() -> dict[str, Finding]:
    return {claim.printed: claim.check() for claim in book_claims(shipped())}


def test_the_printed_3100_beside_the_computed_12500() -> None:
    found = claims()["a phone has 3100× the memory of a microcontroller"]
    assert found.holds is False
    assert found.sentence == "printed 3,100×, computed 12,500×"


def test_the_other_ratios_of_the_figure_hold() -> None:
    holding = [printed for printed, found in claims().items() if found.holds]
    assert len(holding) == 5
    assert not any("3100" in each or "Edge TPU" in each for each in holding)


def test_a_claim_follows_the_numbers() -> None:
    """With other memories the same check comes to another verdict: none is written down."""
    profiles = dict(shipped())
    phone = profiles["iphone-11"]
    profiles["iphone-11"] = replace(phone, ram_bytes=replace(phone.ram_bytes, value=0.992e9))
    found = {claim.printed: claim.check().holds for claim in book_claims(profiles)}
    assert found["a phone has 3100× the memory of a microcontroller"] is True
    assert found["a cloud accelerator has 4× the memory of a phone"] is False
    board = profiles["stm32f746"]
    huge = {"ram_bytes": replace(board.ram_bytes, value=1e9), "flash_bytes": replace(board.flash_bytes, value=1e9)}
    profiles["stm32f746"] = replace(board, **huge)  # type: ignore[arg-type]
    found = {claim.printed: claim.check().holds for claim in book_claims(profiles)}
    assert found["int8 makes MobileNetV2 4× smaller, which is not enough for a microcontroller"] is False


def test_ratio_and_range_by_hand() -> None:
    ten, two = (Quantity(each, "bytes", Kind.CITED, "test") for each in (10.0, 2.0))
    assert check_ratio(5, ten, two).holds is True
    assert check_ratio(5.2, ten, two).holds is True
    assert check_ratio(5.5, ten, two).holds is False
    assert check_range(3, 4, 8, two).holds is True
    assert check_range(5, 4, 8, two).holds is False


@pytest.mark.parametrize(
    ("words", "values", "sign", "holds"),
    [
        (("high", "moderate", "low"), (3.0, 2.0, 1.0), 1, True),
        (("high", "moderate", "low"), (3.0, 1.0, 2.0), 1, False),
        (("high", "moderate", "low"), (3.0, 1.0, 1.0), 1, None),
        (("moderate", "high", "very high"), (9.0, 5.0, 0.0), -1, True),
        (("high", "variable", "low"), (3.0, 99.0, 1.0), 1, True),
        (("high", "variable", "low"), (3.0, None, 1.0), 1, True),
        (("high", "moderate", "low"), (3.0, None, 1.0), 1, None),
        (("", "", ""), (3.0, 2.0, 1.0), 1, None),
        (("high", "low", "low"), (3.0, 1.0, 2.0), 1, True),
    ],
)
def test_order(words: tuple[str, ...], values: tuple[float | None, ...], sign: int, holds: bool | None) -> None:
    assert order(words, values, sign)[0] is holds


def place(key: str, milliseconds: float, microjoules: float | None, link: Link | None) -> Place:
    compute = Quantity(milliseconds, "ms", Kind.DERIVED, "test")
    option = Option(
        shipped()[key],
        "tiny",
        "int8",
        compute,
        ram_bytes=50_000,
        flash_bytes=50_000,
        answer=link.exchange(32_000, milliseconds) if link else None,
        energy=None if microjoules is None else published(microjoules, "test", "test"),
        leaving=THE_SOUND if link else THE_WORD,
    )
    return Place(option, link)


def rows(cloud: Place, edge: Place, tiny: Place) -> dict[str, Row]:
    return {row.aspect: row for row in table_2_1(cloud, edge, tiny, deadline_ms=100.0)}


CLOUD = place("v100", 0.1, 30_000, LINKS[3])
EDGE = place("raspberry-pi-5", 1.0, 9_000, LINKS[1])


def test_table_2_1_has_eleven_rows_with_numbers() -> None:
    found = rows(CLOUD, EDGE, place("nucleo-h7a3zi-q", 11.3, 1375.6, None))
    assert len(found) == 11
    assert found["Latency"].holds is True
    assert found["Processing location"].holds is True
    assert found["Computational power"].holds is True
    assert found["Energy consumption"].holds is True
    assert found["Connectivity"].holds is True
    assert found["Cost"].holds is None  # no prices were given
    assert found["Application examples"].holds is None
    assert found["Complexity"].numbers[2] is not None
    assert found["Complexity"].numbers[2].value == 50


def test_a_slow_microcontroller_turns_the_book_round() -> None:
    slow = rows(CLOUD, EDGE, place("nucleo-g0b1re", 474.6, 9_966, None))
    assert slow["Latency"].holds is False
    assert "tiny" in slow["Latency"].sentence
    assert slow["Real-time processing"].holds is False
    assert slow["Energy consumption"].holds is False


def test_privacy_is_how_far_how_much_travels() -> None:
    found = rows(CLOUD, EDGE, place("nucleo-h7a3zi-q", 11.3, None, None))
    assert [number and number.value for number in found["Data privacy"].numbers] == [32e6, 320.0, 0.0]
    assert found["Data privacy"].holds is True
    assert found["Energy consumption"].holds is None
    twice = rows(CLOUD, CLOUD, place("nucleo-h7a3zi-q", 11.3, None, None))
    assert twice["Data privacy"].holds is None
    assert twice["Data privacy"].sentence == "no difference between edge and cloud"
