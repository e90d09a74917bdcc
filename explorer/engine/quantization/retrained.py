"""Networks that were trained on the grid they are stored on, so that below 4 bits there is more to see than collapse.

Each has the topology and layer names of the network it comes from; its weights lie on their grid already,
and its card says at which width its accuracy was measured.
"""

from __future__ import annotations

from functools import cache

from explorer.engine.assets import asset_path
from explorer.engine.errors import ExplorerError
from explorer.engine.nn.network import Network
from explorer.engine.nn.weights import load
from explorer.engine.quantization.recipe import Width

RETRAINED: dict[str, tuple[Width, ...]] = {"tiny": (4, 3, "ternary", "binary"), "small": (4,)}
"""For which widths of the weights each shipped network was trained anew."""


@cache
def retrained(name: str, width: Width) -> Network | None:
    """Return the shipped network as it was trained for weights of a width; None where that was not done.

    Raises
    ------
    ExplorerError
        When its file cannot be read or belongs to another width.
    """
    if width not in RETRAINED.get(name, ()):
        return None
    stem = f"{name}-w{width}" if isinstance(width, int) else f"{name}-{width}"
    network = load(asset_path(f"models/{stem}.safetensors"))
    if network.name != name or network.card.get("weight_bits") != width:
        raise ExplorerError(f"{stem}.safetensors was not trained for {name} at {width}: install the program anew.")
    return network
