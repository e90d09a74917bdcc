"""`mlsys-explorer shots DIR`: pictures of every panel, in every theme and size that must be right."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from explorer.commands._seconds import seconds


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser("shots", help="write pictures of every panel, in every theme and size")
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the pictures go")
    parser.add_argument("--panel", help="only this panel")
    parser.add_argument("--seconds", type=seconds, default=6.0, help="how long each window runs before its picture")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")
    parser.set_defaults(run_command=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the pictures and print their names."""
    from explorer.shots import take_shots

    written = take_shots(arguments.folder, arguments.panel, arguments.seconds)
    if arguments.json:
        print(json.dumps({"pictures": [str(path) for path in written]}))
    else:
        print("\n".join(str(path) for path in written))
    return 0
