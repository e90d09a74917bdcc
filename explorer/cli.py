"""One entry: without arguments the window, with a subcommand the same engine in the terminal.

Subcommands live in `explorer/commands`, one file each, and only the one that is asked for is imported.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import io
import os
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path

from explorer import __version__, commands
from explorer.commands._seconds import seconds
from explorer.engine.errors import ExplorerError

_CANNOT_WRITE = (errno.ENOSPC, errno.EFBIG, errno.EIO)
_WITHOUT_WINDOW = ("listen", "--source", "talker")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status.

    Parameters
    ----------
    arguments
        What stands after the command's name; None takes it from the process.

    Returns
    -------
    0 done, 2 a problem told in one line on standard error, 130 interrupted by Ctrl+C.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a folder may be called what a terminal cannot write
    try:
        parsed = _parser(given).parse_args(given)
        run = getattr(parsed, "run_command", None)
        status = _window(parsed) if run is None else int(run(parsed) or 0)
        if sys.stdout is not None:  # pythonw.exe has none
            sys.stdout.flush()  # here, where it can still be told that it failed
        return status
    except ExplorerError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _drop_output()  # the reader has gone (`... | head`)
        return 141
    except OSError as error:
        if error.filename is not None or error.errno not in _CANNOT_WRITE:
            raise
        _drop_output()
        print(f"The output cannot be written ({error.strerror}): send it somewhere else.", file=sys.stderr)
        return 2


def command_names() -> list[str]:
    """Return the names of the subcommands, without importing any."""
    return sorted(module.name for module in pkgutil.iter_modules(commands.__path__) if module.name[0] != "_")


def _drop_output() -> None:
    """Let what waits in the buffer of standard output go nowhere: Python would try again when it ends, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser(given: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mlsys-explorer",
        description="Machine-learning systems made visible. Without a subcommand, the window opens.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument("--state", type=Path, metavar="FILE", help="open the window with this state file")
    parser.add_argument("--panel", help="panel in front")
    parser.add_argument("--theme", choices=["dark", "light", "projector"], help="look of the window, this time only")
    parser.add_argument("--quit-after", type=seconds, metavar="SECONDS", help="close the window again after a time")
    parser.add_argument(
        "--log-events", type=Path, metavar="FILE", help="add each word the window shows to FILE, as a line of JSON"
    )
    subparsers = parser.add_subparsers(title="subcommands", metavar="")
    names = command_names()
    named = [name for name in names if name in given]
    asks_help = not named and any(word in ("-h", "--help") for word in given)
    for name in names:
        if name in named or asks_help:
            importlib.import_module(f"explorer.commands.{name}").register(subparsers)
        else:
            subparsers.add_parser(name)  # known by name only, for the sentence about a misspelt one
    return parser


def _window(parsed: argparse.Namespace) -> int:
    from explorer.display import why_no_window

    reason = why_no_window()
    if reason is not None:
        print(
            f"No window: {reason} One pass of the recorded voices follows in the terminal; "
            "mlsys-explorer --help shows what else works here.",
            file=sys.stderr,
        )
        return main(_WITHOUT_WINDOW)
    from explorer.app import run

    return run(parsed.state, parsed.panel, parsed.theme, parsed.quit_after, parsed.log_events)
