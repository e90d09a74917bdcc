"""The published table: read whole, and refused in one sentence that names the line when something in it cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.engine.assets import asset_path
from explorer.engine.deployment.measurements import NETWORKS, family, published, read
from explorer.engine.errors import ExplorerError
from explorer.engine.nn.networks import TOPOLOGIES

HEADER, *ROWS = asset_path("measurements/mlperf-tiny.csv").read_text(encoding="utf-8").splitlines()


def test_all_results_are_there() -> None:
    rows = published()
    assert len(rows) == 57
    assert {row.network for row in rows} == set(NETWORKS.values()) <= set(TOPOLOGIES)
    (fastest_m4,) = [r for r in rows if r.board == "NUCLEO-L4R5ZI" and r.latency_ms == 43.1872]
    assert (fastest_m4.core, fastest_m4.clock_mhz, fastest_m4.energy_uj) == ("Cortex-M4F", 120.0, 1820.454)
    assert fastest_m4.source == "MLPerf Tiny 1.2, STMicroelectronics, NUCLEO-L4R5ZI, X-CUBE-AI v9.0"


def test_one_processor_on_two_boards_is_one_chip() -> None:
    assert {row.chip for row in published() if row.core == "Cortex-M7"} == {"NUCLEO-H7A3ZI"}


@pytest.mark.parametrize(
    ("software", "name"),
    [
        ("X-CUBE-AI v9.0.0", "X-CUBE-AI"),
        ("Bosch HALE", "Bosch HALE"),
        ("vendor", "vendor"),
        ("v9", "v9"),
        ("TensorFlow Lite Micro", "TensorFlow Lite Micro"),
    ],
)
def test_software_is_one_family_whatever_its_version(software: str, name: str) -> None:
    assert family(software) == name


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("board,latency\n", "the first line must name the columns"),
        (f"{HEADER}\n{ROWS[0]}\n{ROWS[1].replace('1522.07', '-3')}\n", "line 3: latency_ms '-3' is no positive number"),
        (f"{HEADER}\n{ROWS[0].replace('40.8931', 'nan')}\n", "line 2: latency_ms 'nan'"),
        (f"{HEADER}\n{ROWS[0].replace('40.8931', 'inf')}\n", "line 2: latency_ms 'inf'"),
        (f"{HEADER}\n{ROWS[0].replace('40.8931', '')}\n", "line 2: latency_ms is empty"),
        (f"{HEADER}\n{ROWS[0].replace('64', 'fast')}\n", "line 2: clock_mhz 'fast'"),
        (f"{HEADER}\n{ROWS[0].replace('int8', 'int5')}\n", "precision 'int5' is none of int8, float32"),
        (f"{HEADER}\n{ROWS[0].replace(',ad,', ',asr,')}\n", "network 'asr' is none of kws"),
        (f"{HEADER}\n{ROWS[0].replace('bosch', '')}\n", "submitter is empty"),
        (f"{HEADER}\n{ROWS[0]},surplus\n", "line 2: 12 cells are needed"),
        (f"{HEADER}\n1.2,bosch\n", "line 2: 12 cells are needed"),
        (f'{HEADER}\n"1.2\n', "cannot be read"),
    ],
)
def test_a_damaged_table_is_refused_where_it_is_damaged(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "results.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ExplorerError, match=r"results\.csv") as told:
        read(path)
    assert sentence in str(told.value)


def test_a_missing_or_binary_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="cannot be read"):
        read(tmp_path / "nothing.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ExplorerError, match="cannot be read"):
        read(tmp_path / "binary.csv")
