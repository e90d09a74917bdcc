"""What has been measured of this machine since the program started: each thing once, one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from explorer.engine.deployment.network_time import NetworkTime, measure_network
from explorer.engine.deployment.this_machine import STOPPED, MachineRoof, measure_roof
from explorer.engine.errors import ExplorerError
from explorer.engine.nn.network import Network


class MeasuredHere:
    """Remember measurements; those that are known can be read from any thread at any time.

    Attributes
    ----------
    roof
        The roof of this machine, or None before it was measured.
    """

    def __init__(self) -> None:
        self.roof: MachineRoof | None = None
        self._networks: dict[tuple[str, int], NetworkTime] = {}
        self._one_at_a_time = threading.Lock()  # two measurements at once would slow each other down

    def network(self, network: Network, batch: int = 1) -> NetworkTime | None:
        """Return how long a network took, or None before it was measured."""
        return self._networks.get((network.fingerprint, batch))

    def measure_roof(
        self, stop: threading.Event | None = None, progress: Callable[[float], None] | None = None
    ) -> MachineRoof:
        """Return the roof, measured the first time; from a `Job`.

        Raises
        ------
        ExplorerError
            When it was stopped.
        """
        with self._turn(stop):
            if self.roof is None:
                self.roof = measure_roof(stop, progress)
            return self.roof

    def measure_network(self, network: Network, batch: int = 1, stop: threading.Event | None = None) -> NetworkTime:
        """Return how long a network takes, measured the first time; from a `Job`.

        Raises
        ------
        ExplorerError
            When it was stopped.
        """
        with self._turn(stop):
            key = (network.fingerprint, batch)
            if key not in self._networks:
                self._networks[key] = measure_network(network, batch, stop=stop)
            return self._networks[key]

    def forget(self) -> None:
        """Forget everything, so that it is measured again: the machine was busy, or runs on battery now.

        It waits for a measurement that runs: from a `Job`.
        """
        with self._turn(None):
            self.roof = None
            self._networks.clear()

    @contextmanager
    def _turn(self, stop: threading.Event | None) -> Iterator[None]:
        """Wait until no other measurement runs, or until asked to stop."""
        while not self._one_at_a_time.acquire(timeout=0.05):
            if stop is not None and stop.is_set():
                raise ExplorerError(STOPPED)
        try:
            yield
        finally:
            self._one_at_a_time.release()
