"""Weights files: safetensors with a model card beside it; nothing is ever unpickled.

`NAME.safetensors` holds the arrays by "layer.role" and, in its header, topology, labels and lineage.  `NAME.json` is
the model card (Mitchell et al. 2019): data, licence, recipe, seed, figures with intervals, and the command.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from explorer.engine.errors import ExplorerError
from explorer.engine.nn.graph import from_json, to_json
from explorer.engine.nn.network import Network

LARGEST_FILE_BYTES = 64 * 2**20
_PICKLE_STARTS = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04")


def save(network: Network, path: Path) -> None:
    """Write weights and card; a crash while writing leaves the old files."""
    from safetensors.numpy import save as serialize

    header = {
        "graph": json.dumps(to_json(network.graph)),
        "labels": json.dumps(network.labels),
        "lineage": json.dumps(network.lineage),
        "name": network.name,
        "front_end": network.front_end,
    }
    part = path.with_suffix(".part")
    try:
        part.write_bytes(serialize({name: array.copy() for name, array in network.arrays.items()}, header))
        part.replace(path)
        if network.card:
            card = json.dumps(network.card, indent=2, ensure_ascii=False) + "\n"
            part.write_text(card, encoding="utf-8")
            part.replace(path.with_suffix(".json"))
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ExplorerError(f"{path} cannot be written ({error.strerror}); choose another place.") from error


def load(path: Path) -> Network:
    """Read a weights file of unknown origin.

    Raises
    ------
    ExplorerError
        When it is missing, too large, a pickle (refused unread), truncated, or does not fit its own topology.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise ExplorerError(f"{path} cannot be read ({error.strerror}); choose a .safetensors file.") from error
    if start.startswith(_PICKLE_STARTS):
        raise ExplorerError(f"{path} is a pickle, which could run code: refused unread. Convert it to safetensors.")
    if size > LARGEST_FILE_BYTES:
        raise ExplorerError(f"{path} has {size / 2**20:.0f} MiB; a keyword network has less than 64.")
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "np") as file:
            header = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except (SafetensorError, OSError, ValueError) as error:
        raise ExplorerError(f"{path} is truncated or no safetensors file ({error}); get it again.") from error
    try:
        graph = from_json(json.loads(header["graph"]))
        labels, lineage = _words(header["labels"]), _words(header.get("lineage", "[]"))
    except (KeyError, ValueError, RecursionError) as error:
        raise ExplorerError(f"{path} holds no topology; only weights that this program wrote can be used.") from error
    return Network(str(header.get("name", path.stem)), graph, arrays, labels, lineage=lineage, card=load_card(path))


def _words(text: str) -> tuple[str, ...]:
    """Read a JSON list of words that can be shown."""
    words = json.loads(text)
    if not isinstance(words, list) or not all(isinstance(word, str) and word.isprintable() for word in words):
        raise ValueError("no list of words")
    return tuple(words)


def load_card(path: Path) -> dict[str, Any]:
    """Return the model card beside a weights file; empty when there is none or it is damaged."""
    try:
        card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return card if isinstance(card, dict) else {}
