"""A pack: a folder with all wheels of both lock files, to install from where there is no network."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import sys
from typing import TYPE_CHECKING

from bootstrap import machine
from bootstrap.environment import RUNTIME_LOCK, TEST_LOCK, Environment, SetupError
from bootstrap.machine import say

if TYPE_CHECKING:
    from pathlib import Path

README = """\
Everything that an installation of ML Systems Explorer needs, for {kind}.
In a checkout of the project, without a network:

    python3 start.py --from THIS_FOLDER

Debian packages that Linux needs besides; they are not in here:
{packages}
"""


def machine_kind() -> str:
    """Name what wheels depend on: system, processor, Python."""
    return f"{platform.system()} {platform.machine()} {sys.implementation.cache_tag}"


def fill(folder: Path, environment: Environment) -> None:
    """Download all wheels into `folder`; its pack.json is written last and makes it a pack.

    Parameters
    ----------
    folder
        Made if absent; an earlier pack in it is replaced.
    environment
        Gives the lock files and the pip.
    """
    part, wheels = folder / "wheels.part", folder / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pack.json").unlink(missing_ok=True)
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    if not environment.has(RUNTIME_LOCK):
        environment.make()
    to_part = ("--dest", str(part))
    if machine.PLATFORM == "linux" and machine.cpu_index_answers():
        torch = environment.torch_requirement()
        say(f"fetching {torch}, CPU build, from {machine.TORCH_CPU_INDEX}")
        environment.pip("download", *to_part, "--no-deps", "--index-url", machine.TORCH_CPU_INDEX, torch)
    say(f"fetching the wheels of {RUNTIME_LOCK} and {TEST_LOCK}")
    locks = [word for lock in (RUNTIME_LOCK, TEST_LOCK) for word in ("-r", str(environment.root / lock))]
    # a CPU build fetched above is found in the folder and preferred to the plain one
    environment.pip("download", *to_part, "--find-links", str(part), "--only-binary", ":all:", *locks)
    shutil.rmtree(wheels, ignore_errors=True)
    part.rename(wheels)
    for lock in (RUNTIME_LOCK, TEST_LOCK):
        shutil.copyfile(environment.root / lock, folder / lock)
    kind = machine_kind()
    readme = README.format(kind=kind, packages=" ".join(machine.LIBRARIES.values()))
    (folder / "README.txt").write_text(readme, "utf-8")
    files = sorted(wheels.iterdir())
    manifest = {"kind": kind, "wheels": {wheel.name: digest(wheel) for wheel in files}}
    (folder / "pack.json").write_text(json.dumps(manifest, indent=1), "utf-8")
    size_mb = sum(wheel.stat().st_size for wheel in files) / 1e6
    say(f"{folder} is complete: {len(files)} wheels, {size_mb:.0f} MB, for {kind}")


def check(folder: Path, root: Path) -> None:
    """Look through a pack before anything is installed from it.

    Parameters
    ----------
    folder
        The pack.
    root
        The checkout that is to be installed.

    Raises
    ------
    SetupError
        When the pack is unfinished, damaged, for another kind of machine or for another version.
    """
    again = f"run start.py pack {folder} again, on a machine with a network"
    try:
        manifest = json.loads((folder / "pack.json").read_text("utf-8"))
        kind, wheels = str(manifest["kind"]), dict(manifest["wheels"])
    except (OSError, ValueError, KeyError, TypeError):
        raise SetupError(f"{folder} is no finished pack: {again}") from None
    if kind != machine_kind():
        raise SetupError(f"the pack {folder} is for {kind}, this is {machine_kind()}: {again} of this kind")
    for lock in (RUNTIME_LOCK, TEST_LOCK):
        packed = folder / lock
        if not packed.exists() or packed.read_bytes() != (root / lock).read_bytes():
            raise SetupError(f"the pack {folder} is for another version, {lock} differs: {again}")
    for name, expected in wheels.items():
        wheel = folder / "wheels" / name
        if not wheel.exists():
            raise SetupError(f"the pack {folder} lacks {name}: {again}")
        if digest(wheel) != expected:
            raise SetupError(f"{name} in the pack {folder} is damaged: {again}")


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
