"""The networks that ship with the program, by name."""

from __future__ import annotations

from functools import cache

from explorer.engine.assets import asset_path
from explorer.engine.errors import ExplorerError
from explorer.engine.nn.network import Network
from explorer.engine.nn.weights import load

SHIPPED = ("tiny", "small", "large")


def names() -> tuple[str, ...]:
    """Return the names of the shipped networks, smallest first."""
    return SHIPPED


@cache
def shipped(name: str) -> Network:
    """Return a shipped network, loaded once.

    Raises
    ------
    ExplorerError
        When there is no network of this name; the sentence lists those there are.
    """
    if name not in SHIPPED:
        raise ExplorerError(f"There is no network {name!r}; choose one of {', '.join(SHIPPED)}.")
    return load(asset_path(f"models/{name}.safetensors"))
