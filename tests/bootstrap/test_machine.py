"""System packages, the time limit of the CPU index, and commands whose progress is shown."""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import IO, TYPE_CHECKING

import pytest

from bootstrap import machine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bootstrap.computer import Computer

Capture = pytest.CaptureFixture[str]


class Index:
    """A web server on this machine that answers with `status` once `open` is set."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.status = 200
        self.paths: list[str] = []
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                index.paths.append(self.path)
                index.open.wait()
                self.send_response(index.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """A stand-in for PyTorch's index."""
    index = Index()
    monkeypatch.setattr(machine, "TORCH_CPU_INDEX", f"http://127.0.0.1:{index.server.server_port}/whl/cpu")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    index.thread.start()
    yield index
    index.open.set()
    index.server.shutdown()
    index.thread.join()
    index.server.server_close()


@pytest.mark.parametrize(("status", "answers"), [(200, True), (404, False), (503, False)])
def test_an_index_that_answers(index: Index, status: int, answers: bool) -> None:
    index.status = status
    index.open.set()
    assert machine.cpu_index_answers() is answers
    assert index.paths == ["/whl/cpu/torch/"]


def test_a_slow_index_is_given_up_before_it_answers(index: Index) -> None:
    assert not machine.cpu_index_answers(limit_s=0.3)
    assert not index.open.is_set(), "it has not answered yet"


def test_no_index_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "TORCH_CPU_INDEX", "http://127.0.0.1:9/whl/cpu")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert not machine.cpu_index_answers()


def test_root_gets_missing_libraries_installed(computer: Computer, capsys: Capture) -> None:
    computer.installed_libraries -= {"libEGL.so.1", "libportaudio.so.2"}
    assert computer.start() == 0
    assert computer.commands("apt-get")[0][-2:] == ["libegl1", "libportaudio2"]
    assert "installing libegl1 libportaudio2" in capsys.readouterr().err


def test_package_lists_are_fetched_where_the_first_try_fails(computer: Computer) -> None:
    computer.installed_libraries.remove("libEGL.so.1")
    computer.apt_codes = [100, 0, 0]
    assert computer.start() == 0
    words = [command[1] if "update" not in command else "update" for command in computer.commands("apt-get")]
    assert words == ["install", "update", "install"]


def test_apt_without_a_network_is_not_the_end(computer: Computer, capsys: Capture) -> None:
    computer.installed_libraries.remove("libEGL.so.1")
    computer.apt_codes = [100, 100]
    assert computer.start() == 0, "the program goes on with what works"
    assert "apt-get install -y --no-install-recommends libegl1" in capsys.readouterr().err


def test_a_user_gets_the_exact_command(computer: Computer, capsys: Capture) -> None:
    computer.root_user = False
    computer.installed_libraries.remove("libportaudio.so.2")
    assert computer.start() == 0
    assert not computer.commands("apt-get")
    assert "sudo apt-get install -y --no-install-recommends libportaudio2" in capsys.readouterr().err


def test_a_system_without_apt_gets_the_names(computer: Computer, capsys: Capture) -> None:
    computer.programs.remove("apt-get")
    computer.installed_libraries.remove("libportaudio.so.2")
    assert computer.start() == 0
    assert "libportaudio2" in capsys.readouterr().err
    assert not computer.commands("apt-get")


def test_a_later_start_says_what_is_missing_and_leaves_apt_alone(computer: Computer, capsys: Capture) -> None:
    computer.start()
    computer.ran.clear()
    computer.installed_libraries.remove("libportaudio.so.2")
    assert computer.start() == 0
    assert not computer.ran
    assert "libportaudio2" in capsys.readouterr().err


def test_the_tests_get_their_programs(computer: Computer, monkeypatch: pytest.MonkeyPatch) -> None:
    computer.programs -= {"Xvfb", "pactl"}
    monkeypatch.setattr(machine, "_has_alsa_plugin", lambda: False)
    assert computer.start("test") == 0
    assert computer.commands("apt-get")[0][-3:] == ["xvfb", "pulseaudio-utils", "libasound2-plugins"]


def test_the_program_does_not_need_the_programs_of_the_tests(computer: Computer) -> None:
    computer.programs -= {"Xvfb"}
    computer.start()
    assert not computer.commands("apt-get")


def test_a_library_that_every_system_has_and_one_that_none_has() -> None:
    name = {"linux": "libc.so.6", "darwin": "libSystem.dylib", "win32": "kernel32"}[sys.platform]
    assert machine._loads(name)
    assert not machine._loads("libnobodyhasthis.so.9")


def test_a_command_shows_its_steps_and_returns_all_lines(capsys: Capture) -> None:
    program = "import sys; print('Collecting soxr'); print('detail'); print('late', file=sys.stderr); sys.exit(3)"
    code, lines = machine.run_shown([sys.executable, "-c", program])
    assert code == 3
    assert sorted(lines) == ["Collecting soxr", "detail", "late"]
    captured = capsys.readouterr()
    assert "s  Collecting soxr" in captured.err
    assert "detail" not in captured.err
    assert captured.out == ""


def test_a_silent_command_shows_that_it_is_alive(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "SECONDS_BETWEEN_SIGNS_OF_LIFE", 0)
    machine.run_shown([sys.executable, "-c", "import sys; sys.stdin.read(); import time; time.sleep(1.5)"])
    assert "s  starting" in capsys.readouterr().err


def test_an_impatient_user_ends_the_command_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def impatient(stream: IO[str]) -> Iterator[str]:
        stream.close()
        raise KeyboardInterrupt

    monkeypatch.setattr(machine, "_lines_or_silence", impatient)
    with pytest.raises(KeyboardInterrupt):
        machine.run_shown([sys.executable, "-c", "import time; time.sleep(3600)"])  # returns only once it has ended
