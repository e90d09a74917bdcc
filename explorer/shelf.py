"""The shelf: versions of the networks that were published in this window, in memory only.

Version 1 of every network is the shipped one and is read from the program's files; every later one was learned here
and is gone with the program, or when it is erased.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import replace

from explorer.engine.errors import ExplorerError
from explorer.engine.nn.network import Network
from explorer.engine.nn.registry import shipped

SHIPPED_VERSION = 1
KEPT = 64


class Shelf:
    """Keep published networks by name and version; any thread may read.

    Parameters
    ----------
    kept
        How many published versions are kept; the oldest that nobody wants go first.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._networks: dict[tuple[str, int], Network] = {}
        self._newest: dict[str, int] = {}

    def put(self, network: Network, wanted: Collection[tuple[str, int]] = ()) -> Network:
        """Keep a network as the next version of its name and return it with that version.

        Parameters
        ----------
        network
            What was learned.  The figures of a model card do not go with it: they were measured on other weights.
        wanted
            Versions that can still be returned to, kept as long as there is room.
        """
        with self._lock:
            version = self._newest.get(network.name, SHIPPED_VERSION) + 1
            published = replace(network, version=version, card={})
            self._newest[network.name] = version
            self._networks[network.name, version] = published
            kept = {*wanted, (network.name, version)}
            for key in sorted(self._networks, key=lambda key: key in kept)[: -self._kept]:
                del self._networks[key]
        return published

    @property
    def count(self) -> int:
        """How many networks that were learned here are kept."""
        return len(self._networks)

    def holds(self, name: str, version: int) -> bool:
        """Say whether this version can be had; version 1 always can."""
        return version == SHIPPED_VERSION or (name, version) in self._networks

    def get(self, name: str, version: int) -> Network:
        """Return a version of a network; the shipped one is read from its file the first time.

        Raises
        ------
        ExplorerError
            When it is not in memory any more, or there is no network of this name.
        """
        with self._lock:
            published = self._networks.get((name, version))
        if published is not None:
            return published
        if version != SHIPPED_VERSION:
            raise ExplorerError(f"{name} v{version} is not in memory any more: choose {name} v{SHIPPED_VERSION}.")
        return shipped(name)

    def clear(self) -> None:
        """Erase everything that was learned; numbers go on, so that no two networks ever share one."""
        with self._lock:
            self._networks.clear()
