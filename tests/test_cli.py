"""The one entry: exit statuses, one line for a problem, nothing loaded that is not asked for."""

from __future__ import annotations

import argparse
import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from explorer import app, cli, display
from explorer.engine.errors import ExplorerError

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[argparse.Namespace], int]], None]:
    """Give the program one subcommand, `probe`, that does what the test says."""

    def install(run: Callable[[argparse.Namespace], int]) -> None:
        module = ModuleType("explorer.commands.probe")

        def register(subparsers: Any) -> None:
            parser = subparsers.add_parser("probe", help="a command of the test")
            parser.add_argument("--json", action="store_true")
            parser.set_defaults(run_command=run)

        module.register = register  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "explorer.commands.probe", module)
        monkeypatch.setattr(cli, "command_names", lambda: ["probe"])

    return install


def test_a_command_runs_and_its_status_is_the_exit_status(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    def answer(arguments: argparse.Namespace) -> int:
        sys.stdout.write(json.dumps({"asked": arguments.json}))
        return 0

    command(answer)
    assert cli.main(["probe", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"asked": True}


def test_a_problem_is_one_line_on_standard_error(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(arguments: argparse.Namespace) -> int:
        raise ExplorerError("The file a.wav\nis empty: choose another.")

    command(fail)
    assert cli.main(["probe"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "The file a.wav is empty: choose another.\n"


def test_an_interruption_ends_with_130_and_without_a_word(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(arguments: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    command(interrupt)
    assert cli.main(["probe"]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_misspelt_command_names_those_that_exist(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    command(lambda arguments: 0)
    with pytest.raises(SystemExit) as caught:
        cli.main(["prob"])
    assert caught.value.code == 2
    assert "probe" in capsys.readouterr().err


def test_help_tells_what_each_command_does(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    command(lambda arguments: 0)
    with pytest.raises(SystemExit) as caught:
        cli.main(["--help"])
    assert caught.value.code == 0
    assert "a command of the test" in capsys.readouterr().out


def test_every_real_command_declares_itself_under_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    names = cli.command_names()
    assert {"train", "shots"} <= set(names)
    for name in names:
        with pytest.raises(SystemExit) as caught:
            cli.main([name, "--help"])
        assert caught.value.code == 0
        assert f"mlsys-explorer {name}" in capsys.readouterr().out


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )


def test_the_reader_of_the_output_may_leave() -> None:
    code = """
import sys, types
from explorer import cli
module = types.ModuleType("explorer.commands.probe")
def run(arguments):
    for number in range(100_000):
        print(number)
    return 0
module.register = lambda subparsers: subparsers.add_parser("probe").set_defaults(run_command=run)
sys.modules["explorer.commands.probe"] = module
cli.command_names = lambda: ["probe"]
sys.exit(cli.main(["probe"]))
"""
    writer = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    assert writer.stderr is not None
    assert writer.stdout.readline() == "0\n"
    writer.stdout.close()
    assert writer.stderr.read() == ""
    writer.stderr.close()
    assert writer.wait(timeout=60) == 141


ONE_LINE = """
import sys, types
from explorer import cli
module = types.ModuleType("explorer.commands.probe")
module.register = lambda subparsers: subparsers.add_parser("probe").set_defaults(run_command=lambda _: print("{}"))
sys.modules["explorer.commands.probe"] = module
cli.command_names = lambda: ["probe"]
sys.exit(cli.main(["probe"]))
"""


def test_a_name_the_terminal_cannot_write_is_written_in_escapes() -> None:
    done = run_python(ONE_LINE.replace("{}", "h\u00f6ren"), PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout) == (0, "h\\xf6ren\n"), done.stderr


def test_the_reader_may_have_left_before_one_short_line_is_printed() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    # the line waits in Python's buffer until the end
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        [sys.executable, "-c", ONE_LINE],
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
        env=environment,
    )
    os.close(write_end)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_full_disk_behind_the_output_is_told_in_one_line(
    command: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    command(lambda arguments: sys.stdout.write("{}") and 0)
    with (tmp_path / "out").open("w") as file:
        monkeypatch.setattr(sys, "stdout", SimpleNamespace(write=len, flush=fail, fileno=file.fileno))
        assert cli.main(["probe"]) == 2
        monkeypatch.undo()
    assert capsys.readouterr().err == (
        "The output cannot be written (No space left on device): send it somewhere else.\n"
    )


def test_the_command_line_loads_neither_qt_nor_torch_nor_sound_before_it_is_asked() -> None:
    done = run_python(
        "import sys; import explorer.cli as c; c._parser([]); c._parser(['train', '--data', '.']);"
        "print([m for m in ('PySide6', 'torch', 'onnx', 'onnxruntime', 'sounddevice', 'numpy') if m in sys.modules])"
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_the_window_loads_neither_torch_nor_onnx_nor_scipy_nor_sound() -> None:
    done = run_python(
        "import sys; import explorer.main_window;"
        "print([m for m in ('torch', 'onnx', 'scipy', 'sounddevice', 'librosa') if m in sys.modules])",
        QT_QPA_PLATFORM="offscreen",
    )
    assert done.stdout.strip() == "[]", done.stderr


# -- no display --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "platform", "said"),
    [
        ({}, "linux", "there is no display"),
        ({"DISPLAY": ""}, "linux", "there is no display"),
        ({"DISPLAY": ":59731"}, "linux", "does not answer"),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", None),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", None),
        ({}, "darwin", None),
        ({}, "win32", None),
    ],
)
def test_whether_a_window_can_be_shown(environment: dict[str, str], platform: str, said: str | None) -> None:
    reason = display.why_no_window(environment, platform)
    assert (reason is None) == (said is None)
    assert said is None or said in str(reason)


def test_a_qt_that_cannot_be_loaded_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise ImportError("libEGL.so.1: cannot open shared object file")

    monkeypatch.setattr(display, "importlib", SimpleNamespace(import_module=fail))
    assert "libEGL.so.1" in str(display.why_no_window({"QT_QPA_PLATFORM": "offscreen"}, "linux"))


def test_without_a_display_the_recorded_voices_run_in_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[argparse.Namespace] = []
    module = ModuleType("explorer.commands.listen")

    def register(subparsers: Any) -> None:
        parser = subparsers.add_parser("listen")
        parser.add_argument("--source")
        parser.set_defaults(run_command=asked.append)

    module.register = register  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "explorer.commands.listen", module)
    monkeypatch.setattr(cli, "command_names", lambda: ["listen"])
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(display.why_no_window, "__defaults__", (None, "linux"))
    assert cli.main([]) == 0
    assert asked[0].source == "talker"
    out, err = capsys.readouterr()
    assert "No window: there is no display" in err
    assert out == ""


# -- torch and Qt ------------------------------------------------------------------------------------------------


def test_on_windows_torch_comes_before_qt(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[tuple[str, bool]] = []
    monkeypatch.setattr(
        app,
        "importlib",
        SimpleNamespace(
            util=SimpleNamespace(find_spec=lambda name: object()),
            import_module=lambda name: loaded.append((name, True)),
        ),
    )
    assert app.torch_before_qt("win32")
    assert loaded == [("torch", True)]
    assert not app.torch_before_qt("linux")
    assert not app.torch_before_qt("darwin")
    assert len(loaded) == 1


def test_the_order_holds_in_a_real_start() -> None:
    done = run_python("""
import sys, types
order = []
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name in ("torch", "PySide6.QtWidgets"):
            order.append(name)
        if name == "torch":
            import importlib.machinery
            return importlib.machinery.ModuleSpec("torch", self)
    def create_module(self, spec): return types.ModuleType("torch")
    def exec_module(self, module): pass
sys.meta_path.insert(0, Watch())
registry = types.ModuleType("explorer.panels.registry")
def panel_classes():
    from explorer.panels.base import Panel
    return (type("Probe", (Panel,), {"key": "probe", "title": "Probe", "icon": "ear"}),)
registry.panel_classes, registry.panel_class, registry.module_names = panel_classes, lambda name: None, tuple
sys.modules["explorer.panels.registry"] = registry
import explorer.app as app
app.torch_before_qt.__defaults__ = ("win32",)
status = app.run(quit_after_s=0.2)
print(status, order.index("torch") < order.index("PySide6.QtWidgets"))
""")
    assert done.stdout.split() == ["0", "True"], done.stderr
