"""Profiles: the devices that ship with the program, those of the user, and this machine."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from explorer.engine.assets import asset_path
from explorer.engine.deployment.profile import TIERS, Profile
from explorer.engine.deployment.profile_file import load, load_all
from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Quantity

THIS_MACHINE = "this-machine"


@cache
def shipped() -> Mapping[str, Profile]:
    """Return the profiles that ship with the program by key, from cloud to tiny.

    Raises
    ------
    ExplorerError
        If a file of the installation is damaged.
    """
    found, problems = load_all([asset_path("profiles")])
    if problems:
        raise ExplorerError(problems[0])
    return {profile.key: profile for profile in sorted(found.values(), key=lambda p: (TIERS.index(p.tier), p.key))}


def available(user_folder: Path | None = None) -> tuple[dict[str, Profile], tuple[str, ...]]:
    """Return shipped and user profiles by key, and a sentence for each user file that is no profile."""
    found = dict(shipped())
    if user_folder is None or not user_folder.is_dir():
        return found, ()
    own, problems = load_all([user_folder])
    taken = tuple(
        f"{user_folder / key}.toml: a profile {key!r} ships with the program; rename it." for key in own.keys() & found
    )
    return found | {key: profile for key, profile in own.items() if key not in found}, (*problems, *taken)


def find(name: str, user_folder: Path | None = None) -> Profile:
    """Return a profile by its key, or from a file when the name ends in .toml.

    Raises
    ------
    ExplorerError
        When there is none; the sentence lists those there are.
    """
    if name.endswith(".toml"):
        return load(Path(name))
    found, _ = available(user_folder)
    if name not in found:
        raise ExplorerError(f"There is no profile {name!r}; choose one of {', '.join(found)}, or name a .toml file.")
    return found[name]


def this_machine_profile(
    title: str,
    core: str,
    software: str,
    ram_bytes: Quantity,
    flash_bytes: Quantity,
    peak_macs_per_s: Mapping[str, Quantity],
    bandwidth_bytes_per_s: Quantity,
    layer_overhead_s: Quantity | None = None,
    clock_mhz: Quantity | None = None,
) -> Profile:
    """Return the machine the program runs on, from what was measured on it.

    Power stays unknown: a program cannot measure what leaves the wall socket.

    Parameters
    ----------
    title, core, software
        As printed: "this machine", processor name, "onnxruntime 1.23, one thread".
    ram_bytes, flash_bytes
        Memory and free disk.
    peak_macs_per_s
        Precision -> highest rate measured.
    bandwidth_bytes_per_s
        Measured with arrays larger than the caches.
    layer_overhead_s
        Measured time of a layer that does nothing.
    clock_mhz
        If the system tells it.
    """
    return Profile(
        key=THIS_MACHINE,
        title=title,
        tier="edge",
        core=core,
        software=software,
        clock_mhz=clock_mhz,
        ram_bytes=ram_bytes,
        flash_bytes=flash_bytes,
        bandwidth_bytes_per_s=bandwidth_bytes_per_s,
        peak_macs_per_s=dict(peak_macs_per_s),
        layer_overhead_s=layer_overhead_s,
    )
