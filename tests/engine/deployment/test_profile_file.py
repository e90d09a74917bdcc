"""Profile files: the shipped ones, and everything that can be wrong with a user's."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.assets import asset_path
from explorer.engine.deployment.measurements import published
from explorer.engine.deployment.profile import PRECISIONS, TIERS, Support
from explorer.engine.deployment.profile_file import load, load_all
from explorer.engine.deployment.profiles import available, find, shipped, this_machine_profile
from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Kind, Quantity

GOOD = """
title = "My board"
tier = "tiny"
core = "Cortex-M4F"
software = "TensorFlow Lite Micro"
source = "data sheet, page 1"
clock = "64 MHz"
ram = "256 KiB"
flash = "1 MiB"
active_power = { value = "10 mW", kind = "assumed", reason = "half the maximum" }
idle_power = { value = "5 µW", kind = "cited", source = "data sheet, page 2" }
price = { value = "12.5 USD", kind = "assumed", reason = "a guess", date = 2026-05-31 }
radios = ["Bluetooth LE"]

[peak]
int8 = "2 MAC/cycle"
float32 = { value = "0.04 GFLOP/s", kind = "derived", source = "one product in 3 cycles" }

[emulated]
int4 = "unpacked first"
"""


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_file_becomes_numbers_with_units_kinds_and_sources(tmp_path: Path) -> None:
    found = load(write(tmp_path, GOOD))
    assert (found.key, found.tier, found.radios) == ("mine", "tiny", ("Bluetooth LE",))
    assert found.clock_mhz == Quantity(64.0, "MHz", Kind.CITED, "data sheet, page 1")
    assert found.ram_bytes.value == 262_144
    assert found.active_power_w == Quantity(0.01, "W", Kind.ASSUMED, "half the maximum; data sheet, page 1")
    assert found.idle_power_w is not None
    assert found.idle_power_w.value == pytest.approx(5e-6)
    assert found.peak_macs_per_s["int8"].value == 128e6
    assert found.peak_macs_per_s["float32"].value == pytest.approx(20e6)  # two operations are one MAC
    assert found.price is not None
    assert (found.price.amount.value, found.price.date, found.price.per_hour) == (12.5, "2026-05-31", False)


def test_an_operation_is_half_a_mac(tmp_path: Path) -> None:
    for written, macs in (("4 TOP/s", 2e12), ("15.7 TFLOP/s", 7.85e12), ("3 GMAC/s", 3e9), ("2 POP/s", 1e15)):
        found = load(write(tmp_path, GOOD.replace("2 MAC/cycle", written)))
        assert found.peak_macs_per_s["int8"].value == pytest.approx(macs)


def test_an_unlisted_precision_borrows_no_peak(tmp_path: Path) -> None:
    found = load(write(tmp_path, GOOD))
    assert found.support("int8")[0] is Support.NATIVE
    assert found.support("int4") == (Support.EMULATED, "unpacked first")
    state, why = found.support("bfloat16")
    assert state is Support.NOT_SUPPORTED
    assert "bfloat16" in why
    assert "int8" in why


def test_a_board_that_nobody_measured_needs_little(tmp_path: Path) -> None:
    text = (
        'title = "x"\ntier = "tiny"\ncore = "Cortex-M33"\nsoftware = "TFLM"\n'
        'source = "y"\nclock = "100 MHz"\nram = "64 kB"\nflash = "256 kB"\n'
    )
    found = load(write(tmp_path, text))
    assert found.ram_bytes.value == 64_000
    assert found.peak_macs_per_s == {}
    assert found.active_power_w is None


WRONG = {
    "unknown key": (("core =", "kore ="), "kore"),
    "unknown precision": (('int8 = "2', 'int7 = "2'), "int7"),
    "KB is ambiguous": (("256 KiB", "256 KB"), "KB is read in two ways"),
    "milli is not mega": (("10 mW", "10 MW"), "did you mean mW"),
    "wrong unit": (("64 MHz", "64 mW"), "'mW' does not fit"),
    "prefix slip, clock": (("64 MHz", "64 GHz"), "outside"),
    "prefix slip, memory": (("256 KiB", "256 MiB"), "outside"),
    "prefix slip, power": (("10 mW", "10 W"), "outside"),
    "idle above active": (("5 µW", "50 mW"), "idle_power is above active_power"),
    "nothing at all": (("256 KiB", "0 KiB"), "outside"),
    "negative": (("256 KiB", "-256 KiB"), "negative"),
    "infinite": (("256 KiB", "inf KiB"), "not a number"),
    "overflows": (("256 KiB", "1e999 KiB"), "not a finite number"),
    "not a number": (("256 KiB", "plenty"), "not a number"),
    "bare number": (('"256 KiB"', "256"), "no unit"),
    "bare infinity": (('"256 KiB"', "inf"), "no unit"),
    "boolean": (('"256 KiB"', "true"), "no unit"),
    "missing memory": (('ram = "256 KiB"', ""), "'ram' is missing"),
    "missing source": (('source = "data sheet, page 1"', ""), "clock: no source"),
    "assumed without reason": ((', reason = "half the maximum"', ""), "needs a reason"),
    "kind unknown": (('kind = "assumed", reason = "half', 'kind = "guessed", reason = "half'), "kind must be"),
    "tier unknown": (('"tiny"', '"minuscule"'), "minuscule"),
    "price undated": ((", date = 2026-05-31", ""), "date"),
    "price with an unknown key": (("date =", "shop = 1, date ="), "shop"),
    "list for a table": (("[emulated]\nint4", "[[emulated]]\nint4"), "must be a table"),
    "both native and emulated": (('int4 = "unp', 'int8 = "unp'), "both"),
    "radios no list": (('["Bluetooth LE"]', '"Bluetooth LE"'), "list"),
    "control characters": (('"My board"', '"My \\u001b[31mboard"'), "printable"),
    "endless title": (('"My board"', '"' + "x" * 300 + '"'), "at most"),
    "no TOML": (("title = ", "title : "), "not valid TOML"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_slip_is_named_with_file_and_key(name: str, tmp_path: Path) -> None:
    (old, new), message = WRONG[name]
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ExplorerError, match=r"mine\.toml") as caught:
        load(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_clock_in_another_prefix_is_the_same_clock(tmp_path: Path) -> None:
    found = load(write(tmp_path, GOOD.replace("64 MHz", "0.064 GHz")))
    assert found.clock_mhz is not None
    assert found.clock_mhz.value == pytest.approx(64.0)


def test_ten_megabytes_deep_nesting_and_bytes_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="larger than 64 KiB"):
        load(write(tmp_path, GOOD + "#" * 10_000_000))
    with pytest.raises(ExplorerError, match="not valid TOML"):
        load(write(tmp_path, "x = " + "[" * 20_000))
    with pytest.raises(ExplorerError, match="not valid TOML"):
        load(write(tmp_path, "x = " + "9" * 5_000))
    path = tmp_path / "bytes.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ExplorerError, match="not valid TOML"):
        load(path)
    with pytest.raises(ExplorerError, match="is not a file"):
        load(tmp_path)


def test_one_bad_file_does_not_hide_the_others(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "a.toml")
    write(tmp_path, "nonsense", "b.toml")
    write(tmp_path, GOOD, "c.toml")
    write(tmp_path, GOOD, "Not A Key.toml")
    write(tmp_path, "ignored", "readme.txt")
    other = tmp_path / "other"
    other.mkdir()
    write(other, GOOD, "a.toml")
    profiles, problems = load_all([tmp_path, other, tmp_path / "absent"])
    assert sorted(profiles) == ["a", "c"]
    assert len(problems) == 4
    for named in ("b.toml", "Not A Key.toml", "already", "absent"):
        assert len([problem for problem in problems if named in problem]) == 1, named


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_give_a_profile_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.toml"
    path.write_bytes(data)
    with pytest.raises(ExplorerError):
        load(path)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.sampled_from("\"'[]{}=,.\n#0-e µ\x00"))
def test_any_changed_character_gives_a_profile_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, index: int, character: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "flip.toml"
    path.write_text(GOOD[:index] + character + GOOD[index + 1 :], "utf-8")
    problem = ""
    try:
        load(path)
    except ExplorerError as error:
        problem = str(error)
    assert problem == "" or ("flip.toml" in problem and "\n" not in problem)


@settings(max_examples=200, deadline=None)
@given(st.text("0123456789._-+eE KMGTikBcinf∞٣", max_size=24))
def test_any_written_number_gives_a_profile_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, written: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "number.toml"
    path.write_text(GOOD.replace("256 KiB", written), "utf-8")
    ram, problem = 64.0, ""
    try:
        ram = load(path).ram_bytes.value
    except ExplorerError as error:
        problem = str(error)
    assert 64 <= ram <= 64 * 2**20
    assert problem == "" or "number.toml: ram" in problem


def test_the_shipped_profiles() -> None:
    found = shipped()
    for key in ("v100", "iphone-11", "stm32f746", "nucleo-g0b1re", "nucleo-l4r5zi", "nucleo-u575zi-q", "esp32-s3"):
        assert key in found
    assert {profile.tier for profile in found.values()} == set(TIERS)
    cores = {profile.core for profile in found.values()}
    assert cores >= {"Cortex-M0+", "Cortex-M4F", "Cortex-M33", "Cortex-M7", "Cortex-M85", "Syntiant Core 2 NPU"}
    assert len(list(asset_path("profiles").glob("*.toml"))) == len(found)


def test_every_shipped_number_has_a_kind_and_a_source_and_no_peak_without_support() -> None:
    for profile in shipped().values():
        for name, quantity in profile.quantities().items():
            assert quantity.source, (profile.key, name)
            assert quantity.kind in (Kind.CITED, Kind.DERIVED, Kind.ASSUMED), (profile.key, name)
        assert profile.peak_macs_per_s
        for precision in PRECISIONS:
            state, why = profile.support(precision)
            assert why
            if state is Support.EMULATED:
                assert precision not in profile.peak_macs_per_s


def test_what_was_not_opened_is_assumed() -> None:
    for profile in shipped().values():
        for name, quantity in profile.quantities().items():
            if any(each in quantity.source for each in ("not opened", "from memory", "assumed", "not published")):
                assert quantity.kind is Kind.ASSUMED, (profile.key, name)


def test_published_power_is_published_energy_over_published_time() -> None:
    for key, microjoules, milliseconds in (
        ("nucleo-l4r5zi", 1820.454, 43.1872),
        ("nucleo-u575zi-q", 656.163, 29.0563),
        ("nucleo-h7a3zi-q", 1375.599, 11.3179),
        ("syntiant-ndp9120", 31.537, 4.3672),
    ):
        power = shipped()[key].active_power_w
        assert power is not None
        assert power.value == pytest.approx(microjoules / milliseconds * 1e-3, rel=1e-3)


def test_no_published_run_is_faster_than_the_peak_of_its_board() -> None:
    macs = {
        "mlperf-tiny-kws": 2_656_768, "mlperf-tiny-ic": 12_501_632,
        "mlperf-tiny-vww": 7_489_664, "mlperf-tiny-ad": 264_192,
    }  # fmt: skip
    checked = set()
    for profile in shipped().values():
        for row in published():
            if row.board != profile.board:
                continue
            peak = profile.peak_macs_per_s.get(row.precision)
            assert peak is not None, (profile.key, row.precision)
            assert macs[row.network] / row.latency_ms * 1e3 <= peak.value * 1.0001, (profile.key, row)
            if profile.clock_mhz is not None:
                assert row.clock_mhz == profile.clock_mhz.value
            assert row.core == profile.core
            checked.add(profile.key)
    assert len(checked) == 7


def test_a_user_adds_profiles_and_takes_no_shipped_name(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "mine.toml")
    write(tmp_path, GOOD, "v100.toml")
    found, problems = available(tmp_path)
    assert found["mine"].title == "My board"
    assert found["v100"].title == shipped()["v100"].title
    assert len(problems) == 1
    assert "v100" in problems[0]
    assert available(tmp_path / "absent") == (dict(shipped()), ())


def test_a_profile_is_found_by_name_or_file(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    assert find("nrf52840").core == "Cortex-M4F"
    assert find(str(path)).title == "My board"
    assert find("mine", tmp_path).title == "My board"
    with pytest.raises(ExplorerError, match="nucleo-l4r5zi"):
        find("zx-spectrum")


def test_this_machine_carries_what_was_measured_and_no_power() -> None:
    def measured(value: float, unit: str) -> Quantity:
        return Quantity(value, unit, Kind.MEASURED, "here", count=5)

    found = this_machine_profile(
        "this machine",
        "x86-64",
        "onnxruntime",
        ram_bytes=measured(8e9, "bytes"),
        flash_bytes=measured(1e11, "bytes"),
        peak_macs_per_s={"float32": measured(5e10, "MAC/s")},
        bandwidth_bytes_per_s=measured(1e10, "bytes/s"),
    )
    assert found.support("float32")[0] is Support.NATIVE
    assert found.support("int4")[0] is Support.NOT_SUPPORTED
    assert found.active_power_w is None
    assert {found: 1}[found] == 1  # a profile is a key of caches
