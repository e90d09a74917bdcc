"""`mlsys-explorer profiles`: the devices that are known, each number with its source, and files that are none."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from explorer.commands._numbers import quantity_json

if TYPE_CHECKING:
    from explorer.engine.deployment.profile import Profile


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser("profiles", help="the devices a network can be placed on, with sources")
    parser.add_argument("--sources", action="store_true", help="every number with its kind and source")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")
    parser.set_defaults(run_command=run)


def run(arguments: argparse.Namespace) -> int:
    """List; a file that is no profile is named on standard error and the others are listed all the same."""
    from explorer.engine.deployment.profiles import THIS_MACHINE, available
    from explorer.files import profile_folder

    folder = profile_folder()
    found, problems = available(folder)
    if arguments.json:
        print(json.dumps({"profiles": [as_json(p) for p in found.values()], "problems": list(problems)}))
        return 0
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{'name':28}{'tier':8}{'core':24}{'software':40}{'RAM':>12}{'flash':>12}")
    for profile in found.values():
        print(_line(profile))
        if arguments.sources:
            for name, quantity in profile.quantities().items():
                value = f"{quantity.value:,.6g} {quantity.unit}"
                print(f"    {name:26}{value:>26}  {quantity.kind.value}: {quantity.source}")
    print(f"{THIS_MACHINE:28}measured, whenever `estimate` or `place` is asked for it")
    print(f"Your own: a .toml file of each in {folder}")
    return 0


def as_json(profile: Profile) -> dict[str, Any]:
    """Return a profile under stable keys."""
    return {
        "name": profile.key,
        "title": profile.title,
        "tier": profile.tier,
        "core": profile.core,
        "software": profile.software,
        "board": profile.board,
        "supply": profile.supply,
        "radios": list(profile.radios),
        "emulated": dict(profile.emulated),
        "numbers": {name: quantity_json(quantity) for name, quantity in profile.quantities().items()},
    }


def _line(profile: Profile) -> str:
    ram, flash = (_size(quantity.value) for quantity in (profile.ram_bytes, profile.flash_bytes))
    return f"{profile.key:28}{profile.tier:8}{profile.core[:23]:24}{profile.software[:39]:40}{ram:>12}{flash:>12}"


def _size(count: float) -> str:
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.4g} {unit}"
        count /= 1024
    return f"{count:.4g} TiB"
