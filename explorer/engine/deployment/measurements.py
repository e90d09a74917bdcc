"""Published measurements: 57 results of MLPerf Tiny, as typed rows that say who measured what on which board.

Batch 1; the input is already in memory, so that features are not part of the time (Banbury et al., "MLPerf Tiny
Benchmark", 2021).  `assets/measurements/README.md` names the repositories the rows were published in.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from explorer.engine.assets import asset_path
from explorer.engine.errors import ExplorerError

BENCHMARK = "MLPerf Tiny"
# name in the published tables -> topology here
NETWORKS = {name: f"mlperf-tiny-{name}" for name in ("kws", "ic", "vww", "ad")}
_COLUMNS = (
    "round", "submitter", "board", "core", "clock_mhz", "software_stack", "precision", "configuration", "network",
    "latency_ms", "energy_uj", "notes",
)  # fmt: skip
_PRECISIONS = ("int8", "float32")


@dataclass(frozen=True, slots=True)
class Measurement:
    """One published result.

    Parameters
    ----------
    round, submitter
        Of the benchmark: "1.2", and who measured.
    board, core
        As published.
    clock_mhz
        Of the core, MHz; None where it was not published.
    software
        Inference software, as published.
    precision
        "int8" or "float32".
    configuration
        "max performance", "min RAM", or empty.
    network
        Topology, as `explorer.engine.nn.networks` names it.
    latency_ms
        Milliseconds for one inference.
    energy_uj
        Microjoules for one inference; None where it was not measured.
    notes
        Supply voltage and the like.
    """

    round: str
    submitter: str
    board: str
    core: str
    clock_mhz: float | None
    software: str
    precision: str
    configuration: str
    network: str
    latency_ms: float
    energy_uj: float | None
    notes: str

    @property
    def chip(self) -> str:
        """The board without the variant of its power supply: NUCLEO-H7A3ZI and -H7A3ZI-Q carry the same processor."""
        return self.board.removesuffix("-Q")

    @property
    def source(self) -> str:
        """Where it was published."""
        configuration = f", {self.configuration}" if self.configuration else ""
        return f"{BENCHMARK} {self.round}, {self.submitter}, {self.board}, {self.software}{configuration}"


def family(software: str) -> str:
    """Return software without its version: "X-CUBE-AI v9.0" and "X-CUBE-AI v9.0.0" are one."""
    words = software.split()
    is_version = len(words) > 1 and words[-1][:1].lower() == "v" and words[-1][1:2].isdigit()
    return " ".join(words[:-1] if is_version else words)


@cache
def published() -> tuple[Measurement, ...]:
    """Return the rows that ship with the program."""
    return read(asset_path("measurements/mlperf-tiny.csv"))


def read(path: Path) -> tuple[Measurement, ...]:
    """Read a table of measurements, strictly: a number that cannot be is an error that names its line.

    Raises
    ------
    ExplorerError
        When the file, a column or a number is missing or wrong.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if tuple(reader.fieldnames or ()) != _COLUMNS:
                raise ExplorerError(f"{path.name}: the first line must name the columns {', '.join(_COLUMNS)}.")
            return tuple(_row(row, f"{path.name}, line {reader.line_num}") for row in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ExplorerError(f"{path.name} cannot be read ({error}): install the program again.") from error


def _row(row: dict[str, str | None], where: str) -> Measurement:
    cells = {name: value for name, value in row.items() if isinstance(value, str)}
    if len(row) != len(cells) or tuple(cells) != _COLUMNS:
        raise ExplorerError(f"{where}: {len(_COLUMNS)} cells are needed, one for each column.")
    for name in ("round", "submitter", "board", "core", "software_stack"):
        if not cells[name].strip():
            raise ExplorerError(f"{where}: {name} is empty.")
    if cells["precision"] not in _PRECISIONS:
        raise ExplorerError(f"{where}: precision {cells['precision']!r} is none of {', '.join(_PRECISIONS)}.")
    if cells["network"] not in NETWORKS:
        raise ExplorerError(f"{where}: network {cells['network']!r} is none of {', '.join(NETWORKS)}.")
    latency_ms = _positive(cells, "latency_ms", where)
    if latency_ms is None:
        raise ExplorerError(f"{where}: latency_ms is empty.")
    return Measurement(
        round=cells["round"],
        submitter=cells["submitter"],
        board=cells["board"],
        core=cells["core"],
        clock_mhz=_positive(cells, "clock_mhz", where),
        software=cells["software_stack"],
        precision=cells["precision"],
        configuration=cells["configuration"],
        network=NETWORKS[cells["network"]],
        latency_ms=latency_ms,
        energy_uj=_positive(cells, "energy_uj", where),
        notes=cells["notes"],
    )


def _positive(cells: dict[str, str], name: str, where: str) -> float | None:
    """Return a positive finite number, or None for an empty cell."""
    if not cells[name]:
        return None
    try:
        value = float(cells[name])
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise ExplorerError(f"{where}: {name} {cells[name]!r} is no positive number.")
    return value
