"""The device that a subcommand is asked about: shipped, of the user, or the machine it runs on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.engine.deployment.profile import Profile


def device(name: str) -> Profile:
    """Return a profile by its name or file; "this-machine" is measured, which takes about a second.

    Raises
    ------
    ExplorerError
        When there is none; the sentence lists those there are.
    """
    from explorer.engine.deployment.profiles import THIS_MACHINE, find
    from explorer.files import profile_folder

    if name != THIS_MACHINE:
        return find(name, profile_folder())
    from explorer.engine.deployment.this_machine import measure_roof

    print("measuring this machine ...", file=sys.stderr)
    return measure_roof().profile()
