"""Imports point one way: engine <- workbench, settings <- panels <- main_window <- app; widgets know only Qt.

What a module drags in is seen in a fresh interpreter; who imports whom is read from the sources.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("bootstrap", "explorer", "widgets", "scripts", "tests")
SOURCES = [ROOT / "start.py", *(path for folder in FOLDERS for path in sorted(ROOT.glob(f"{folder}/**/*.py")))]
LONGEST_FILE_LINES = 400

# Qt, its friends and the sound devices have no place in the engine; torch takes a second and 220 MB to load.
NOT_IN_THE_ENGINE = {"PySide6", "shiboken6", "pyqtgraph", "sounddevice"}
# These are torch code; whoever needs them imports them inside a function.
TORCH_MODULES = ("explorer.engine.training", "explorer.engine.nn.torch_module", "explorer.engine.quantization.fake")

# Layers from the bottom up: a module may import its own layer and those before it.
LAYERS = (
    ("explorer.engine",),
    ("explorer.workbench", "explorer.settings"),
    ("explorer.panels",),
    ("explorer.main_window",),
    ("explorer.app",),
    ("explorer.__main__",),
)


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_part_of(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def imported_by(path: Path) -> set[str]:
    """Absolute names of what a file imports, at the top and inside functions; `from a import b` gives a and a.b."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def loaded_after(code: str) -> set[str]:
    """Top-level packages that are loaded after `code` has run in a fresh interpreter."""
    report = code + "\nimport json, sys; print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def engine_modules(torch_code: bool) -> list[str]:
    names = [module_name(path) for path in SOURCES if is_part_of(module_name(path), "explorer.engine")]
    return [name for name in names if torch_code == any(is_part_of(name, each) for each in TORCH_MODULES)]


def test_the_engine_loads_no_qt_no_device_and_no_torch() -> None:
    names = engine_modules(torch_code=False)
    assert "explorer.engine" in names
    loaded = loaded_after(f"import importlib\nfor name in {names}: importlib.import_module(name)")
    assert not loaded & (NOT_IN_THE_ENGINE | {"torch"})


def test_the_torch_code_of_the_engine_loads_no_qt_and_no_device() -> None:
    names = engine_modules(torch_code=True)
    loaded = loaded_after(f"import importlib\nfor name in {names}: importlib.import_module(name)")
    assert not loaded & NOT_IN_THE_ENGINE


def test_the_engine_alone_needs_numpy_at_most() -> None:
    third_party = {"numpy", "onnx", "onnxruntime", "safetensors", "soundfile", "soxr", "platformdirs", "psutil"}
    assert not loaded_after("import explorer.engine") & ((third_party - {"numpy"}) | NOT_IN_THE_ENGINE | {"torch"})


def test_the_command_line_loads_no_window_before_it_needs_one() -> None:
    assert not loaded_after("import explorer.cli") & {"PySide6", "pyqtgraph", "torch"}


@pytest.mark.parametrize("upper", range(1, len(LAYERS)))
def test_imports_point_down(upper: int) -> None:
    lower = [package for layer in LAYERS[:upper] for package in layer]
    wrong = {
        f"{module_name(path)} imports {name}"
        for path in SOURCES
        if any(is_part_of(module_name(path), package) for package in lower)
        for name in imported_by(path)
        if any(is_part_of(name, package) for package in LAYERS[upper])
    }
    assert not wrong


def test_widgets_know_nothing_of_the_explorer() -> None:
    wrong = {
        f"{module_name(path)} imports {name}"
        for path in SOURCES
        if is_part_of(module_name(path), "widgets")
        for name in imported_by(path)
        if is_part_of(name, "explorer")
    }
    assert not wrong


def test_the_engine_imports_nothing_else_of_the_explorer() -> None:
    wrong = {
        f"{module_name(path)} imports {name}"
        for path in SOURCES
        if is_part_of(module_name(path), "explorer.engine")
        for name in imported_by(path)
        if is_part_of(name, "widgets") or (name.startswith("explorer.") and not is_part_of(name, "explorer.engine"))
    }
    assert not wrong


def test_no_file_is_longer_than_one_can_read_at_a_sitting() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert lengths["start.py"] > 0
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE_LINES} == {}


def test_the_start_up_code_knows_nothing_of_the_program() -> None:
    for path in ROOT.glob("bootstrap/*.py"):
        tops = {name.partition(".")[0] for name in imported_by(path)}
        assert tops <= set(sys.stdlib_module_names) | {"bootstrap"}


def test_qt_keeps_the_reference_count_of_none() -> None:
    """PySide6 6.12.0 on CPython 3.10 and 3.11 drops a reference of None in every void call, until the crash."""
    from PySide6.QtCore import QPointF

    point = QPointF()
    before = sys.getrefcount(None)
    for _ in range(500):
        point.setX(1.0)
    assert abs(sys.getrefcount(None) - before) < 50
