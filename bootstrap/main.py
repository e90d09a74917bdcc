"""What start.py does: install what is missing, then become the program, its tests or the maker of a pack."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bootstrap import machine, pack
from bootstrap.environment import RUNTIME_LOCK, TEST_LOCK, Environment, SetupError

ROOT = Path(__file__).resolve().parent.parent
INTERRUPTED = 130  # exit code of a program ended by Ctrl+C


def main(arguments: list[str], usage: str, root: Path = ROOT) -> int:
    """Install what is missing, then go on as what the arguments name.

    Parameters
    ----------
    arguments
        The words behind `start.py`.
    usage
        What `--help` shows before the program's own help.
    root
        Folder of the checkout.

    Returns
    -------
    int
        Exit code; where the program itself is started this process becomes it and does not return.
    """
    words = list(arguments)
    try:
        pack_folder = take_from(words)
        environment = Environment(root, pack_folder and pack_folder / "wheels")
        if words[:1] in (["-h"], ["--help"]):
            print(usage, file=sys.stderr)
            if not environment.has(RUNTIME_LOCK):
                return 0
        if words[:1] == ["pack"]:
            return make_pack(words[1:], environment)
        testing = words[:1] == ["test"]
        locks = [RUNTIME_LOCK, TEST_LOCK] if testing else [RUNTIME_LOCK]
        new = not all(environment.has(lock) for lock in locks)
        if machine.PLATFORM == "linux":
            provide_system(testing, may_install=(new or testing) and pack_folder is None)
        if new:
            if pack_folder is not None:
                pack.check(pack_folder, root)
            environment.provide(*locks)
    except SetupError as error:
        machine.say(str(error))
        return 1
    except OSError as error:
        machine.say(f"{error.filename or root}: {error.strerror or error}")
        return 1
    except KeyboardInterrupt:
        machine.say("interrupted; the next start goes on from here")
        return INTERRUPTED
    python = str(environment.python)
    if testing:
        os.chdir(root)
        return become([python, "-m", "pytest", *words[1:]], dict(os.environ))
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    # -P: a file called numpy.py in the folder where the user stands must not be imported
    return become([python, "-P", "-m", "explorer", *words], {**os.environ, "PYTHONPATH": path})


def take_from(words: list[str]) -> Path | None:
    """Take "--from DIR" off the front of the words and return DIR."""
    if words[:1] != ["--from"]:
        return None
    if len(words) < 2:
        raise SetupError("--from needs the folder that start.py pack has filled")
    folder = Path(words[1])
    del words[:2]
    return folder


def make_pack(words: list[str], environment: Environment) -> int:
    """Fill the one folder that `words` must name."""
    if len(words) != 1:
        raise SetupError("pack needs one folder: start.py pack DIR")
    pack.fill(Path(words[0]), environment)
    return 0


def provide_system(testing: bool, may_install: bool) -> None:
    """Install missing Linux libraries, and for the tests their programs, or say how, and go on."""
    purpose = "Linux libraries for the window or the microphone are missing"
    machine.provide_packages(machine.missing_libraries(), purpose, may_install)
    if testing:
        purpose = "programs for the end-to-end tests are missing"
        machine.provide_packages(machine.missing_test_packages(), purpose, may_install)


def become(command: list[str], env: dict[str, str]) -> int:
    """Go on as `command`; where the system has no such thing, run it and return its exit code."""
    if machine.PLATFORM == "win32":
        try:
            return subprocess.call(command, env=env)
        except KeyboardInterrupt:
            return INTERRUPTED
    os.execve(command[0], command, env)
