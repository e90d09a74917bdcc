"""`mlsys-explorer estimate`: time, memory and energy of a network on a device, predicted beside published."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from explorer.commands._devices import device
from explorer.commands._numbers import finite, positive, quantity_json

if TYPE_CHECKING:
    from explorer.engine.deployment.estimate import Estimate


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser("estimate", help="time, memory and energy of a network on a device")
    parser.add_argument(
        "--network", default="tiny", help="tiny, small, large, mlperf-tiny-kws, -ic, -vww or -ad (default: %(default)s)"
    )
    bits = "1 to 16, ternary, binary, fp16, bf16, or 32 for float (default: %(default)s)"
    parser.add_argument("--wbits", default="8", metavar="N", help=f"bits of the weights: {bits}")
    parser.add_argument(
        "--abits", default="8", metavar="N", help="bits of the activations: 2 to 16, fp16, bf16, or 32 for float"
    )
    parser.add_argument(
        "--profile",
        required=True,
        metavar="NAME|FILE.toml",
        help="device, as `mlsys-explorer profiles` lists them; this-machine is measured",
    )
    parser.add_argument(
        "--rate", type=positive, default=20.0, metavar="N", help="decisions per second (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")
    parser.set_defaults(run_command=run)


def run(arguments: argparse.Namespace) -> int:
    """Estimate and print."""
    from explorer.engine.deployment.estimate import estimate
    from explorer.engine.deployment.precision import recipe_of
    from explorer.engine.quantization.recipe import parse_width

    profile = device(arguments.profile)
    recipe = recipe_of(parse_width(arguments.wbits), parse_width(arguments.abits))
    found = estimate(arguments.network, profile, recipe, arguments.rate)
    print(json.dumps(as_json(found)) if arguments.json else text_of(found))
    return 0


def as_json(found: Estimate) -> dict[str, Any]:
    """Return the estimate under stable keys.

    `latency_ms`, `low_ms` and `high_ms` are the prediction with its interval; what was published for this very network,
    board and software stands beside it as `published_ms`.  What is unknown or cannot be is null.
    """
    from explorer.engine.deployment.validation import LEVEL

    prediction, energy, factor = found.prediction, found.energy, found.real_time_factor
    return {
        "network": found.network,
        "profile": found.profile.key,
        "precision": prediction.precision,
        "supported": prediction.supported,
        "reason": prediction.reason,
        "latency_ms": prediction.latency_ms,
        "low_ms": prediction.low_ms,
        "high_ms": prediction.high_ms,
        "level": LEVEL,
        "kind": prediction.kind.value,
        "basis": prediction.basis,
        "extrapolation": prediction.extrapolation,
        "published_ms": None if prediction.published is None else prediction.published.latency_ms,
        "error_factor": prediction.error_factor,
        "ram_bytes": round(found.ram.value),
        "flash_bytes": round(found.flash.value),
        "ram_over": found.ram_over,
        "flash_over": found.flash_over,
        "fits": found.fits,
        "room": found.room,
        "energy_uj": None if energy is None else energy.microjoules.value,
        "energy_kind": None if energy is None else energy.microjoules.kind.value,
        "energy_method": None if energy is None else energy.method.value,
        "energy_boundary": None if energy is None else energy.boundary,
        "decisions_per_s": found.decisions_per_s,
        "real_time_factor": None if factor is None else finite(factor.value),
        "layers": [
            {
                "name": layer.name,
                "compute_ms": layer.compute_ms,
                "memory_ms": layer.memory_ms,
                "overhead_ms": layer.overhead_ms,
            }
            for layer in prediction.layers
        ],
        "sources": {name: quantity_json(quantity) for name, quantity in found.sources.items()},
    }


def text_of(found: Estimate) -> str:
    """Return the estimate as a person reads it: an answer per line, and what it rests on."""
    prediction, profile = found.prediction, found.profile
    lines = [f"{found.network} at {prediction.precision} on {profile.title} ({profile.core}, {profile.software})"]
    lines.append(f"time      {prediction.basis}")
    if prediction.published is not None and prediction.error_factor is not None:
        lines.append(f"          predicted / published = {prediction.error_factor:.2f}")
    if prediction.supported and not prediction.reason.startswith("native"):
        lines.append(f"          {prediction.reason}")
    factor = found.real_time_factor
    if factor is not None:
        share = f"{100 * factor.value:.3g} % of the time"
        verdict = "keeps up" if factor.value <= 1 else "does not keep up"
        if factor.low is not None and factor.high is not None and factor.low <= 1 < factor.high:
            verdict += f", not sure: [{100 * factor.low:.3g}, {100 * factor.high:.3g}] %"
        lines.append(f"busy      {share} at {found.decisions_per_s:g} decisions a second: {verdict}")
    lines.append(f"RAM       {found.ram.value:,.0f} bytes of {profile.ram_bytes.value:,.0f}, whole program")
    lines.append(f"flash     {found.flash.value:,.0f} bytes of {profile.flash_bytes.value:,.0f}: {found.room}")
    if found.energy is not None:
        energy = found.energy.microjoules
        boundary = found.energy.boundary or "boundary not stated"
        lines.append(f"energy    {energy.value:,.4g} µJ, {found.energy.method.value}, {energy.kind.value}; {boundary}")
    arithmetic, movement = (each.microjoules.value for each in found.least_energy)
    lines.append(f"at least  {arithmetic:,.3g} µJ for arithmetic + {movement:,.3g} µJ for data, operations only, 45 nm")
    return "\n".join(lines)
