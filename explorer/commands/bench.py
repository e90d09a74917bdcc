"""`mlsys-explorer bench`: the program's promises about speed, measured here; ratios come from one run."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

from explorer.commands._seconds import seconds
from explorer.engine.errors import ExplorerError


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser("bench", help="measure speed on this machine")
    parser.add_argument(
        "subject",
        choices=["kws", "quantization", "deployment", "training"],
        help="kws: listening, with and without the window; quantization: a bit slider against torch.ao; "
        "deployment: estimates on all devices, and their errors; training: what probes cost, against TensorBoard",
    )
    parser.add_argument("--network", default="tiny", help="name of a shipped network")
    parser.add_argument("--seconds", type=seconds, default=20.0, help="length of each real-time measurement")
    parser.add_argument("--window-only", metavar="WxH", help="measure only a window of this size, in this process")
    parser.add_argument("--microphone", action="store_true", help="listen to the microphone where there is no window")
    parser.add_argument("--no-window", action="store_true", help="leave the window out")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")
    parser.set_defaults(run_command=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    if arguments.window_only:
        from explorer.benchmarks.slider import measure_slider
        from explorer.benchmarks.teaching import measure_teaching
        from explorer.benchmarks.window import measure_window

        width, height = _size(arguments.window_only)
        measures = {"quantization": measure_slider, "training": measure_teaching}
        measure = measures.get(arguments.subject, measure_window)
        print(json.dumps(measure(width, height, arguments.seconds)))
        return 0
    if arguments.subject == "quantization":
        return _quantization(arguments)
    if arguments.subject == "deployment":
        return _deployment(arguments)
    if arguments.subject == "training":
        return _training(arguments)
    from explorer.benchmarks.duel import duel_cost
    from explorer.benchmarks.listening import decision_cost, live_share, stage_times
    from explorer.engine.machine import machine_name

    found: dict[str, Any] = {"machine": machine_name(), "network": arguments.network}
    if not arguments.no_window:
        for size in ("1280x720", "1920x1080"):
            _say(f"window {size} ...")
            found[f"window_{size}"] = _in_own_process("kws", size, arguments.seconds)
    _say("pipeline without a window ...")
    found["headless"] = live_share(arguments.network, arguments.seconds, arguments.microphone)
    found["stages"] = stage_times(arguments.network)
    _say("float and squeezed network side by side ...")
    found["side_by_side"] = duel_cost(arguments.network)
    _say("one decision against librosa and eager torch ...")
    try:
        found["decision"] = decision_cost(arguments.network)
    except ModuleNotFoundError as error:
        if error.name != "librosa":
            raise
        _say("left out: librosa is not installed; python3 start.py test brings it.")
    print(json.dumps(found) if arguments.json else _table(found))
    return 0


def _deployment(arguments: argparse.Namespace) -> int:
    from explorer.benchmarks.deployment import estimate_times, prediction_errors
    from explorer.engine.machine import machine_name

    _say("a thousand estimates, again and again ...")
    found: dict[str, Any] = {"machine": machine_name(), "network": arguments.network}
    found["estimates"] = estimate_times(arguments.network)
    _say("published results predicted without their board, then without their network ...")
    errors = prediction_errors()
    if arguments.json:
        print(json.dumps(found | {"predictions": errors}))
        return 0
    print(_table(found))
    print(f"{'error factor of predictions':62}{'n':>4}{'median':>8}{'worst':>7}{'in the interval':>17}")
    for group, each in errors["groups"].items():
        counts = f"{each['n']:4}{each['median']:8.2f}{each['worst']:7.2f}"
        print(f"{group:62}{counts}{each['covered']:10} of {each['n']}")
    gap = errors["data_sheet_gap"]
    print(f"published times over data sheet rooflines: median {gap['median']:.2f}, n = {gap['n']}")
    return 0


def _quantization(arguments: argparse.Namespace) -> int:
    from explorer.engine.machine import machine_name
    from explorer.engine.runtime import prepare_torch

    prepare_torch()  # before torch is loaded, so that its memory is kept
    from explorer.benchmarks.quantization import drag_cost

    _say("dragging the bits of all weights, then of one late layer ...")
    found: dict[str, Any] = {"machine": machine_name(), "network": arguments.network}
    found |= drag_cost(arguments.network)
    if not arguments.no_window:
        for size in ("1280x720", "1920x1080"):
            _say(f"window {size}: a slider that moves now and then, then 60 times a second ...")
            found[f"window_{size}"] = _in_own_process("quantization", size, arguments.seconds)
    print(json.dumps(found) if arguments.json else _table(found))
    return 0


def _training(arguments: argparse.Namespace) -> int:
    from explorer.engine.machine import machine_name
    from explorer.engine.runtime import prepare_torch

    prepare_torch()
    from explorer.benchmarks.training import KEYWORDS, POINTS, live_pace, overheads

    found: dict[str, Any] = {"machine": machine_name()}
    _say("probes on small, batch 64 ...")
    found |= overheads(*KEYWORDS, arguments.seconds, block=3)
    if "tensorboard_overhead" not in found:
        _say("TensorBoard is left out: it is not installed.")
    _say("probes on a two-dimensional set ...")
    found["points"] = overheads(*POINTS, arguments.seconds / 2, block=200)
    _say("a live run at full speed ...")
    found["live"] = live_pace(min(5.0, arguments.seconds))
    if not arguments.no_window:
        for size in ("1280x720", "1920x1080"):
            _say(f"window {size}: spirals at 1,000 steps per second, then pause, step and change ...")
            found[f"window_{size}"] = _in_own_process("training", size, min(20.0, arguments.seconds))
    print(json.dumps(found) if arguments.json else _table(found))
    return 0


def _in_own_process(subject: str, size: str, seconds: float) -> Any:
    command = [sys.executable, "-m", "explorer", "bench", subject, "--window-only", size, "--seconds", str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ExplorerError(f"The window could not be measured: {done.stderr.strip() or done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def _size(text: str) -> tuple[int, int]:
    try:
        width, height = (int(n) for n in text.split("x"))
    except ValueError:
        width = height = 0
    if not (1 <= width <= 16_384 and 1 <= height <= 16_384):
        raise ExplorerError(f"{text!r} is no size: write it as 1280x720.")
    return width, height


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _table(found: dict[str, Any], indent: str = "") -> str:
    lines = []
    for key, value in found.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key}", _table(value, indent + "  ")]
        else:
            lines.append(f"{indent}{key:<32}{value:.4g}" if isinstance(value, float) else f"{indent}{key:<32}{value}")
    return "\n".join(lines)
