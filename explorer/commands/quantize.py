"""`mlsys-explorer quantize`: a network in few bits, with its accuracy, its bytes, and the file if one is wanted."""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.engine.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.engine.nn.network import Network
    from explorer.engine.quantization.anytime import Estimate
    from explorer.engine.quantization.quantized import QuantizedNetwork
    from explorer.engine.quantization.recipe import Recipe, Width


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser("quantize", help="a network in few bits: accuracy, bytes, export")
    parser.add_argument("--network", default="tiny", help="tiny, small or large (default: %(default)s)")
    bits = "1 to 16, ternary, binary, fp16, bf16, or 32 for float (default: %(default)s)"
    parser.add_argument("--wbits", default="8", metavar="B", help=f"bits of the weights: {bits}")
    parser.add_argument(
        "--abits", default="8", metavar="B", help="bits of the activations: 2 to 16, fp16, bf16, or 32 for float"
    )
    parser.add_argument(
        "--per", choices=["tensor", "channel"], default="channel", help="one scale per layer, or per output channel"
    )
    parser.add_argument(
        "--calibration",
        choices=["minmax", "percentile", "mse"],
        default="minmax",
        help="how the ends of the ranges are found, for weights and activations",
    )
    parser.add_argument(
        "--layer", action="append", default=[], metavar="NAME=B", help="other bits for one layer's weights; repeatable"
    )
    parser.add_argument("--prune", type=float, default=0.0, metavar="F", help="share of the weights set to zero first")
    parser.add_argument("--retrained", action="store_true", help="take the weights that were trained for these bits")
    parser.add_argument(
        "--evaluate", type=Path, metavar="DIR", help="folder of label folders instead of the bundled voices"
    )
    parser.add_argument("--export", type=Path, metavar="FILE", help="write .onnx, .safetensors or .csv")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")
    parser.set_defaults(run_command=run)


def run(arguments: argparse.Namespace) -> int:
    """Quantize, measure, export and print; progress goes to standard error."""
    from explorer.engine.nn.registry import shipped
    from explorer.engine.quantization.anytime import Evaluator
    from explorer.engine.quantization.evaluation_set import bundled_set, folder_set
    from explorer.engine.quantization.export import WRITERS, write
    from explorer.engine.quantization.quantized import NetworkQuantizer
    from explorer.engine.runtime import prepare_torch

    recipe = recipe_of(arguments)
    if arguments.export is not None and arguments.export.suffix not in WRITERS:
        raise ExplorerError(f"{arguments.export.name} must end in {', '.join(WRITERS)}.")
    network = shipped(arguments.network)
    quantizer = NetworkQuantizer(_trained_for(network, recipe.weights) if arguments.retrained else network)
    quantized = quantizer.quantize(recipe)  # what does not fit is told before anything is measured
    prepare_torch()
    skipped: list[str] = []
    if arguments.evaluate is None:
        clips = bundled_set(network.labels)
    else:
        from explorer.engine.kws.folders import read_label_folder

        folder = read_label_folder(arguments.evaluate, network.labels)
        clips = folder_set(folder)
        skipped = folder.skipped
    evaluator = Evaluator(quantizer, clips)
    exact = (Evaluator(NetworkQuantizer(network), clips) if arguments.retrained else evaluator).float_result()
    estimate = evaluator.measure(recipe, report=_progress)
    assert estimate is not None  # nobody can stop it
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    for sentence in skipped:
        print(f"skipped: {sentence}", file=sys.stderr)
    written = write(quantized, arguments.export) if arguments.export is not None else None
    found = as_json(quantized, estimate, exact) | {
        "network": arguments.network,
        "retrained": arguments.retrained,
        "skipped": len(skipped),
    }
    if written is not None:
        found["export_bytes"] = written
    print(json.dumps(found) if arguments.json else _text(found, arguments.export))
    return 0


def _trained_for(network: Network, width: Width) -> Network:
    """Return the weights of a network that were trained for a width."""
    from explorer.engine.quantization.retrained import RETRAINED, retrained

    found = retrained(network.name, width)
    if found is None:
        widths = ", ".join(map(str, RETRAINED.get(network.name, ()))) or "no width"
        raise ExplorerError(f"--retrained: {network.name} was trained for {widths}, not for {width}.")
    return found


def recipe_of(arguments: argparse.Namespace) -> Recipe:
    """Return the recipe that the arguments ask for.

    Raises
    ------
    ExplorerError
        When a width is no width, or a layer is not given as NAME=BITS.
    """
    from explorer.engine.quantization.recipe import Recipe, parse_width

    layers = []
    for text in arguments.layer:
        name, equals, bits = text.partition("=")
        if not equals or not name:
            raise ExplorerError(f"--layer {text!r}: write it as NAME=BITS.")
        layers.append((name, parse_width(bits)))
    return Recipe(
        parse_width(arguments.wbits),
        parse_width(arguments.abits),  # type: ignore[arg-type] # the recipe refuses what no activation can have
        layer_weights=tuple(layers),
        per_channel=arguments.per == "channel",
        weight_calibration=arguments.calibration,
        activation_calibration=arguments.calibration,
        pruned=arguments.prune,
    )


def as_json(quantized: QuantizedNetwork, estimate: Estimate, exact: Estimate) -> dict[str, Any]:
    """Return the result under stable keys; shares are fractions, and the difference is to the float network."""
    from explorer.engine.nn.cost import layer_costs
    from explorer.engine.quantization.packing import flash_image, image_bytes, sparse_bytes
    from explorer.engine.quantization.recipe import to_json
    from explorer.engine.quantization.sensitivity import error_of

    low, high = estimate.interval
    paired = estimate.compared_with(exact)
    macs = {cost.name: cost.macs for cost in layer_costs(quantized.steps.graph)}
    sizes = image_bytes(quantized.steps, quantized.recipe)
    layers = []
    for name, weights in quantized.steps.weights.items():
        error = error_of(weights, quantized.weight_values(name))
        layers.append(
            {
                "name": name,
                "weight_bits": quantized.formats[name],
                "activation_bits": quantized.recipe.activations_of(name, last=name == quantized.steps.last),
                "weights": weights.size,
                "macs": macs[name],
                "bytes": sizes[name],
                "mse": error.mse,
                "sqnr_db": error.sqnr_db if math.isfinite(error.sqnr_db) else None,
            }
        )
    found = {
        "accuracy": estimate.accuracy,
        "low": low,
        "high": high,
        "clips": estimate.done,
        "set": estimate.evaluation_set.name,
        "file_bytes": len(flash_image(quantized)),
        "float_accuracy": exact.accuracy,
        "agreement": float((estimate.answers == exact.answers).mean()),
        "difference": paired.difference,
        "difference_low": paired.low,
        "difference_high": paired.high,
        "p_value": paired.p_value,
        "recipe": to_json(quantized.recipe),
        "layers": layers,
    }
    if quantized.recipe.pruned:
        found["sparse_bytes"] = sparse_bytes(quantized)
    return found


def _progress(estimate: Estimate) -> None:
    if sys.stderr.isatty():
        low, high = estimate.interval
        text = f"{estimate.done} clips: {100 * estimate.accuracy:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _text(found: dict[str, Any], export: Path | None) -> str:
    percent = {key: f"{100 * found[key]:.1f}" for key in ("accuracy", "low", "high", "agreement", "float_accuracy")}
    points = [f"{100 * found[key]:+.1f}" for key in ("difference", "difference_low", "difference_high")]
    lines = [
        f"{found['network']}: {percent['accuracy']} % [{percent['low']}, {percent['high']}] of {found['clips']} clips, "
        f"{found['set']}",
        f"against float ({percent['float_accuracy']} %) on the same clips: {points[0]} [{points[1]}, {points[2]}] "
        f"points, exact McNemar p = {found['p_value']:.3g}; {percent['agreement']} % of the answers are the same",
        f"flashed: {found['file_bytes']:,} bytes",
    ]
    if "sparse_bytes" in found:
        lines.append(f"flashed with pruned weights left out: {found['sparse_bytes']:,} bytes")
    if export is not None:
        lines.append(f"{export}: {found['export_bytes']:,} bytes")
    lines.append(f"{'layer':20}{'weights':>9}{'bits':>9}{'bytes':>8}{'SQNR dB':>9}")
    for row in found["layers"]:
        sqnr = "-" if row["sqnr_db"] is None else f"{row['sqnr_db']:.1f}"
        lines.append(f"{row['name']:20}{row['weights']:>9}{row['weight_bits']!s:>9}{row['bytes']:>8}{sqnr:>9}")
    return "\n".join(lines)
