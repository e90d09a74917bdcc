"""start.py itself: what an old Python and a newcomer without .venv see."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 10, 99)])
def test_an_old_python_gets_one_line(version: tuple[int, int, int]) -> None:
    pretend = f"import sys, runpy; sys.version_info = {(*version, 'final', 0)}; "
    done = run(pretend + "runpy.run_path('start.py', run_name='__main__')")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "Python 3.11 or newer is needed" in line
    assert f"{version[0]}.{version[1]}" in line


def test_an_old_python_can_read_start_py() -> None:
    tree = ast.parse((ROOT / "start.py").read_text("utf-8"), feature_version=(3, 4))
    assert ast.get_docstring(tree)
    # f-strings, annotations and keyword-only arguments came after Python 2.7
    too_new = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.AnnAssign | ast.arg)]
    assert not too_new
    check, *rest = [node for node in tree.body if isinstance(node, ast.If)]
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert rest, "the last one starts the program"
    assert all(node.lineno > check.lineno for node in imports), "the version is checked first"


def test_start_py_needs_only_the_standard_library(tmp_path: Path) -> None:
    shutil.copy(ROOT / "start.py", tmp_path)
    shutil.copytree(ROOT / "bootstrap", tmp_path / "bootstrap", ignore=shutil.ignore_patterns("__pycache__"))
    for lock in ROOT.glob("*.lock"):
        shutil.copy(lock, tmp_path)
    # -S leaves out what is installed beside the standard library
    command = [sys.executable, "-S", "-E", str(tmp_path / "start.py"), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "python3 start.py pack DIR" in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / ".venv").exists()


def test_the_check_that_runs_everywhere_is_the_newcomers_command() -> None:
    commands = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert commands[-1] == "python3 start.py test"
