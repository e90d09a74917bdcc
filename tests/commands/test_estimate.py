"""`estimate`, `profiles` and `place` as scripts use them: stable keys, agreeing numbers, sentences, exit statuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from explorer.cli import main
from explorer.engine.deployment.estimate import estimate
from explorer.engine.deployment.precision import recipe_of
from explorer.engine.deployment.profiles import shipped

PROFILE = """
title = "My board"
tier = "tiny"
core = "Cortex-M4F"
software = "X-CUBE-AI"
clock = { value = "80 MHz", kind = "cited", source = "data sheet" }
ram = { value = "20 KiB", kind = "cited", source = "data sheet" }
flash = { value = "16 KiB", kind = "cited", source = "data sheet" }
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the user a folder of their own."""
    monkeypatch.setenv("MLSYS_EXPLORER_HOME", str(tmp_path))
    (tmp_path / "profiles").mkdir()
    return tmp_path


def answer(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> dict[str, Any]:
    assert main([*words, "--json"]) == status
    output = capsys.readouterr()
    found = json.loads(output.out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert isinstance(found, dict)
    return found


def test_estimate_speaks_json_alone_under_stable_keys(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "estimate", "--network", "mlperf-tiny-kws", "--profile", "nucleo-l4r5zi")
    expected = {
        "latency_ms", "low_ms", "high_ms", "kind", "ram_bytes", "flash_bytes", "fits", "energy_uj", "sources",
    }  # fmt: skip
    assert expected <= set(found)
    assert found["low_ms"] < found["latency_ms"] < found["high_ms"]
    assert (found["kind"], found["published_ms"], found["fits"]) == ("derived", 43.1872, True)
    assert found["error_factor"] == pytest.approx(found["latency_ms"] / 43.1872)
    assert (found["energy_uj"], found["energy_kind"], found["energy_method"]) == (1820.454, "cited", "published")
    assert found["latency_ms"] == pytest.approx(
        sum(max(x["compute_ms"], x["memory_ms"]) + x["overhead_ms"] for x in found["layers"])
    )
    assert all(source["source"] and source["kind"] for source in found["sources"].values())


def test_the_command_and_the_engine_give_the_same_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["estimate", "--network", "tiny", "--wbits", "4", "--abits", "8", "--profile", "nrf52840", "--rate", "2"]
    found = answer(capsys, *words)
    engine = estimate("tiny", shipped()["nrf52840"], recipe_of(4, 8), 2.0)
    assert found["latency_ms"] == engine.prediction.latency_ms
    assert (found["ram_bytes"], found["flash_bytes"]) == (engine.ram.value, engine.flash.value)
    assert engine.real_time_factor is not None
    assert found["real_time_factor"] == engine.real_time_factor.value
    assert (found["precision"], found["kind"], found["extrapolation"]) == ("int4", "assumed", True)


@pytest.mark.parametrize(
    "network", ["tiny", "small", "large", *(f"mlperf-tiny-{n}" for n in ("kws", "ic", "vww", "ad"))]
)
def test_every_network_can_be_asked_for(network: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "estimate", "--network", network, "--profile", "nucleo-u575zi-q")
    assert found["latency_ms"] > 0


def test_a_profile_of_ones_own_is_a_file_or_lies_in_the_folder(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = home / "elsewhere.toml"
    path.write_text(PROFILE, encoding="utf-8")
    (home / "profiles" / "mine.toml").write_text(PROFILE, encoding="utf-8")
    by_file, by_name = (answer(capsys, "estimate", "--profile", p) for p in (str(path), "mine"))
    assert by_file["latency_ms"] == by_name["latency_ms"]
    assert not by_file["fits"]
    assert "RAM over by" in by_file["room"]
    assert "flash over by" in by_file["room"]


def test_the_text_names_interval_memory_and_energy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["estimate", "--network", "tiny", "--profile", "nucleo-l4r5zi"]) == 0
    text = capsys.readouterr().out
    assert "this network has never run on this board" in text
    assert "at 20 decisions a second: keeps up, not sure: [" in text
    assert "µJ, power × time" in text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["estimate", "--profile", "nothing"], "There is no profile 'nothing'; choose one of"),
        (["estimate", "--profile", "nothing.toml"], "nothing.toml"),
        (["estimate", "--network", "huge", "--profile", "v100"], "There is no network 'huge'; choose one of"),
        (["estimate", "--wbits", "17", "--profile", "v100"], "cannot have 17 bits"),
        (["estimate", "--wbits", "few", "--profile", "v100"], "'few' is no width"),
        (["estimate", "--abits", "1", "--profile", "v100"], "cannot have 1 bits"),
        (["estimate", "--rate", "0", "--profile", "v100"], "'0' is no number above 0"),
        (["estimate", "--rate", "1e308", "--profile", "v100"], "decisions per second cannot be: choose above 0"),
        (["place", "--rate", "1e308"], "decisions per second cannot be: choose above 0"),
        (["place", "--deadline-ms", "0"], "'0' is no number above 0"),
        (["place", "--deadline-ms", "nan"], "'nan' is no number above 0"),
        (["place", "--max-power-mw", "-1"], "'-1' is no number above 0"),
        (["place", "--max-power-mw", "inf"], "'inf' is no number above 0"),
        (["place", "--battery", "potato"], "There is no battery 'potato'"),
        (["place", "--profile", "nothing"], "There is no profile 'nothing'"),
    ],
)
def test_what_cannot_be_is_one_sentence(words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    told = capsys.readouterr()
    assert sentence in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_profiles_lists_all_with_sources_and_names_files_that_are_none(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "profiles" / "mine.toml").write_text(PROFILE, encoding="utf-8")
    (home / "profiles" / "broken.toml").write_text(PROFILE.replace("20 KiB", "minus"), encoding="utf-8")
    found = answer(capsys, "profiles")
    assert [each["name"] for each in found["profiles"]] == [*shipped(), "mine"]
    assert all(n["source"] and n["kind"] for each in found["profiles"] for n in each["numbers"].values())
    (problem,) = found["problems"]
    assert "broken.toml" in problem
    assert main(["profiles", "--sources"]) == 0
    output = capsys.readouterr()
    assert "broken.toml" in output.err
    assert "cited: data sheet" in output.out


def test_place_says_what_remains_and_what_struck_out_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "place", "--deadline-ms", "100", "--max-power-mw", "50", "--rate", "20")
    remaining = {each["profile"] for each in found["remaining"]}
    removed = {each["profile"]: each["strikes"][0]["constraint"] for each in found["removed"]}
    assert remaining | set(removed) == set(shipped())
    assert "nucleo-l4r5zi" in remaining
    assert removed["nucleo-g0b1re"] == "keeps up"
    assert removed["raspberry-pi-5"] == "power"
    assert removed["v100"].startswith("deadline")  # the network is in between
    assert sum(found["struck_by"].values()) == len(removed)
    assert set(found["front"]) <= remaining
    assert main(["place", "--deadline-ms", "100", "--max-power-mw", "50", "--rate", "20"]) == 0
    text = capsys.readouterr().out
    assert f"{len(remaining)} remain\n" in text
    assert f"{len(removed)} removed\n" in text


def test_nothing_left_is_exit_status_three(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "place", "--deadline-ms", "0.001", status=3)
    assert found["remaining"] == []
    assert len(found["removed"]) == len(shipped())
    assert all(name.startswith("deadline") for name in found["struck_by"])
    assert main(["place", "--deadline-ms", "0.001"]) == 3
    assert capsys.readouterr().out.startswith("0 remain\n")


def test_a_device_without_the_precision_is_removed_for_that(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["place", "--wbits", "32", "--abits", "32", "--profile", "syntiant-ndp9120", "--profile", "nucleo-l4r5zi"]
    found = answer(capsys, *words)
    assert [each["profile"] for each in found["remaining"]] == ["nucleo-l4r5zi"]
    (removed,) = found["removed"]
    assert removed["strikes"][0]["constraint"] == "precision"
    assert "has no float32 units" in removed["strikes"][0]["sentence"]


def test_a_larger_battery_lasts_longer_and_may_be_what_decides(capsys: pytest.CaptureFixture[str]) -> None:
    def days(battery: str) -> float:
        found = answer(capsys, "place", "--profile", "syntiant-ndp9120", "--battery", battery)
        return float(found["remaining"][0]["battery_days"])

    assert days("cr2032") < days("1.85") < days("2 x AA")
    words = ["place", "--profile", "syntiant-ndp9120", "--battery", "CR2032", "--min-days", "365"]
    found = answer(capsys, *words, status=3)
    assert found["struck_by"] == {"battery": 1}


def test_sound_that_must_stay_removes_what_needs_a_link(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "place", "--sound-stays")
    assert {each["tier"] for each in found["removed"]} >= {"cloud"}
    assert {each["tier"] for each in found["remaining"]} >= {"mobile", "tiny"}


def test_this_machine_is_measured_when_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "estimate", "--profile", "this-machine", "--wbits", "32")
    assert 0 < found["low_ms"] < found["latency_ms"] < found["high_ms"]
    assert found["fits"]
    assert found["energy_uj"] is None  # nobody can measure what leaves the wall socket
    assert found["sources"]["profile: ram_bytes"]["kind"] == "measured"
    assert main(["profiles"]) == 0
    assert "this-machine" in capsys.readouterr().out
