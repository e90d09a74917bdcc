"""The first start installs, the second does not, an interrupted one goes on; every refusal is one line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from bootstrap import machine
from bootstrap.environment import NEEDED_BYTES, RUNTIME_LOCK, TEST_LOCK
from tests.bootstrap.computer import Computer

if TYPE_CHECKING:
    from pathlib import Path

Capture = pytest.CaptureFixture[str]


def index_of(command: list[str]) -> str | None:
    return command[command.index("--index-url") + 1] if "--index-url" in command else None


def test_first_start_installs_and_becomes_the_program(computer: Computer, capsys: Capture) -> None:
    assert computer.start("listen", "a.wav", "--json") == 0
    assert len(computer.commands("venv")) == 1
    assert [str(computer.root / RUNTIME_LOCK) in command for command in computer.commands("-r")] == [True]
    python = str(computer.venv.python)
    assert computer.became.command == [python, "-P", "-m", "explorer", "listen", "a.wav", "--json"]
    assert computer.became.env["PYTHONPATH"].startswith(str(computer.root))
    captured = capsys.readouterr()
    assert captured.out == "", "stdout belongs to the program"
    assert "29 packages" in captured.err


def test_second_start_runs_nothing(computer: Computer, capsys: Capture) -> None:
    computer.start()
    computer.ran.clear()
    capsys.readouterr()
    assert computer.start() == 0
    assert computer.ran == []
    assert capsys.readouterr() == ("", "")


def test_a_changed_lock_is_installed_into_the_same_environment(computer: Computer) -> None:
    computer.start()
    computer.ran.clear()
    with open(computer.root / RUNTIME_LOCK, "a", encoding="utf-8") as lock:
        lock.write("new==1\n")
    computer.start()
    assert computer.commands("-r")
    assert not computer.commands("venv")


def test_another_python_gets_its_own_environment(computer: Computer) -> None:
    computer.start()
    computer.ran.clear()
    config = computer.venv.venv / "pyvenv.cfg"
    config.write_text("version = 3.4.1\n", "utf-8")
    computer.venv.stamp(RUNTIME_LOCK).write_text("cpython-34 linux 0", "utf-8")
    computer.start()
    assert "--clear" in computer.commands("venv")[0]


def test_tests_install_both_locks_and_pass_words_on(computer: Computer) -> None:
    assert computer.start("test", "-k", "ring") == 0
    locks = [command[command.index("-r") + 1] for command in computer.commands("-r")]
    assert locks == [str(computer.root / RUNTIME_LOCK), str(computer.root / TEST_LOCK)]
    assert computer.became.command == [str(computer.venv.python), "-m", "pytest", "-k", "ring"]


def test_test_tools_never_change_the_programs_versions(computer: Computer) -> None:
    computer.start("test")
    for command in computer.commands("-r"):
        assert command[command.index("-c") + 1] == str(computer.root / RUNTIME_LOCK)


@pytest.mark.parametrize(("answers", "index"), [(True, machine.TORCH_CPU_INDEX), (False, None)])
def test_torch_comes_from_the_cpu_index_where_it_answers(computer: Computer, answers: bool, index: str | None) -> None:
    computer.index_answers = answers
    computer.start()
    (torch,) = [command for command in computer.commands("pip") if computer.venv.torch_requirement() in command]
    assert index_of(torch) == index
    assert [index_of(command) for command in computer.commands("-r")] == [None], "only torch comes from there"


def test_a_cpu_index_that_breaks_off_is_not_the_end(computer: Computer, capsys: Capture) -> None:
    computer.index_answers = True
    computer.pip_answers = [(1, ["ERROR: connection broken"])]
    assert computer.start() == 0
    assert [index_of(command) for command in computer.commands("pip")] == [machine.TORCH_CPU_INDEX, None, None]
    assert "connection broken" in capsys.readouterr().err


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_elsewhere_the_plain_torch_is_the_cpu_build(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    computer = Computer(checkout, monkeypatch, platform)
    computer.index_answers = True
    computer.start()
    assert [index_of(command) for command in computer.commands("pip")] == [None]
    assert not computer.commands("apt-get")


def test_windows_layout_and_exit_code(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    computer = Computer(checkout, monkeypatch, "win32")
    assert computer.start("bench", "kws") == 7, "the exit code of the program is passed on"
    program, *words = computer.became.command
    assert program == str(checkout / ".venv" / "Scripts" / "python.exe")
    assert words == ["-P", "-m", "explorer", "bench", "kws"]


def test_ctrl_c_ends_a_program_on_windows_without_a_traceback(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    computer = Computer(checkout, monkeypatch, "win32")

    def interrupted(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("subprocess.call", interrupted)
    assert computer.start() == 130


def test_an_interrupted_installation_goes_on(computer: Computer, capsys: Capture) -> None:
    computer.pip_answers = [KeyboardInterrupt()]
    assert computer.start() == 130
    assert capsys.readouterr().err.splitlines()[-1].startswith("start.py: interrupted")
    packages = computer.venv.packages
    whole, cut_short = packages / "mpmath-1.dist-info", packages / "torch-2.dist-info"
    for folder in (whole, cut_short, packages / "~orch"):
        folder.mkdir()
    (whole / "INSTALLER").touch()
    computer.ran.clear()
    assert computer.start() == 0
    assert not computer.commands("venv"), "what is there is kept"
    assert whole.exists()
    assert not cut_short.exists(), "pip would take it for installed"
    assert not (packages / "~orch").exists()
    assert computer.commands("-r")


def test_an_environment_without_pip_is_made_anew(computer: Computer) -> None:
    computer.make_venv()
    (computer.venv.packages / "pip-1.dist-info" / "INSTALLER").unlink()
    assert computer.start() == 0
    assert len(computer.commands("venv")) == 1


def test_a_failed_pip_leaves_no_stamp_and_says_why_in_one_line(computer: Computer, capsys: Capture) -> None:
    computer.pip_answers = [(1, ["Collecting torch", "ERROR: No matching distribution found for torch==2.13.0"])]
    assert computer.start() == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert "No matching distribution found for torch==2.13.0" in last
    assert not computer.venv.has(RUNTIME_LOCK)
    assert "Collecting torch" in (computer.venv.venv / "pip.log").read_text("utf-8")


def test_a_disk_that_fills_up_is_called_so(computer: Computer, capsys: Capture) -> None:
    computer.pip_answers = [(1, ["ERROR: [Errno 28] No space left on device", "ERROR: something after it"])]
    assert computer.start() == 1
    assert "the disk is full" in capsys.readouterr().err


def test_too_little_space_is_one_line_before_anything_is_made(computer: Computer, capsys: Capture) -> None:
    computer.free_bytes = NEEDED_BYTES - 1
    assert computer.start() == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "2.5 GB are needed" in line
    assert not computer.venv.venv.exists()
    assert not computer.ran


def test_what_an_interrupted_installation_has_already_taken_counts(computer: Computer) -> None:
    computer.make_venv()
    with open(computer.venv.packages / "torch.bin", "wb") as half:
        half.truncate(2_000_000_000)
    computer.free_bytes = NEEDED_BYTES - 1_500_000_000
    assert computer.start() == 0


def test_a_folder_that_cannot_be_written_is_one_line(computer: Computer, capsys: Capture) -> None:
    (computer.root / ".venv.lock").mkdir()
    assert computer.start() == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert ".venv.lock" in line


@pytest.mark.skipif(sys.platform == "win32", reason="Windows refuses a second one by itself")
def test_one_installation_at_a_time(computer: Computer, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    refused: list[bool] = []

    def run(command: list[str], env: dict[str, str] | None = None) -> tuple[int, list[str]]:
        with open(computer.root / ".venv.lock", "w", encoding="utf-8") as second:
            try:
                fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                refused.append(True)
        return computer._run(command, env)

    monkeypatch.setattr(machine, "run_shown", run)
    computer.start()
    assert len(refused) == len(computer.ran) > 0


def test_without_ensurepip_a_user_gets_the_command(computer: Computer, capsys: Capture) -> None:
    computer.ensurepip = False
    computer.root_user = False
    assert computer.start() == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert f"apt-get install python{sys.version_info[0]}.{sys.version_info[1]}-venv" in last
    assert not computer.ran


@pytest.mark.parametrize(("helps", "code"), [(True, 0), (False, 1)])
def test_without_ensurepip_root_gets_the_package(computer: Computer, helps: bool, code: int) -> None:
    computer.ensurepip = False
    computer.apt_provides_ensurepip = helps
    assert computer.start() == code
    assert computer.ran[0][-1].endswith("-venv")


def test_help_installs_nothing(computer: Computer, capsys: Capture) -> None:
    assert computer.start("--help") == 0
    assert "usage" in capsys.readouterr().err
    assert not computer.ran
