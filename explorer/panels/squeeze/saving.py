"""Saving: the squeezed network as a file, and its layers as a table."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.packing import image_bytes
from explorer.engine.quantization.sensitivity import weight_errors
from explorer.panels.base import Context
from explorer.panels.squeeze import wording
from explorer.panels.squeeze.session import SqueezeSession


def ask_path(parent: QWidget, session: SqueezeSession) -> Path | None:
    """Ask where the squeezed network goes; None when the user changed his mind."""
    kinds = _tr("ONNX (*.onnx);;Weights and recipe (*.safetensors);;Table (*.csv)")
    start = f"{session.state.network}-{wording.setting(session)}.onnx".replace(",", "").replace(" ", "-")
    chosen, kind = QFileDialog.getSaveFileName(parent, _tr("Save the squeezed network"), start, kinds)
    if not chosen:
        return None
    path = Path(chosen)
    return path if path.suffix else path.with_suffix(kind.rpartition("*")[2].rstrip(")"))


def write_network(context: Context, session: SqueezeSession, path: Path) -> None:
    """Write the squeezed network, and tell how large the file is and whether its size was reduced."""
    from explorer.engine.quantization.export import size_note, write

    prepared = session.known.prepared  # not those of the weights before
    if prepared is None:
        context.notify(_tr("The network is still being loaded: save it in a moment."), None, "warn")
        return
    try:
        quantized = prepared.quantizer.quantize(session.recipe, prepared.calibration)
        written = write(quantized, path)
    except ExplorerError as error:
        context.notify(str(error), None, "warn")
        return
    note = size_note(quantized) if path.suffix == ".onnx" else ""
    told = _tr("{name}: {count:,} bytes written. {note}")
    context.notify(told.format(name=path.name, count=written, note=note).strip(), None, "good")


def layer_rows(session: SqueezeSession) -> list[tuple[object, ...]]:
    """Return the layers with their bits, bytes and errors, and in the last row the whole network."""
    if session.prepared is None or session.steps is None:
        return []
    recipe, steps, macs = session.recipe, session.steps, session.macs
    errors, sizes = weight_errors(session.prepared.quantizer, recipe), image_bytes(steps, recipe)
    rows: list[tuple[object, ...]] = [
        ("layer", "weight_bits", "weights", "macs", "bytes", "weight_mse", "weight_sqnr_db", "levels")
    ]
    for name, error in errors.items():
        width, count = recipe.weights_of(name), steps.weights[name].size
        rows.append((name, str(width), count, macs[name], sizes[name], error.mse, error.sqnr_db, error.levels))
    estimate = session.current
    told = "whole network"
    if estimate is not None:
        told += f", accuracy {estimate.accuracy:.4f}, n = {estimate.done}, {estimate.evaluation_set.name}"
    weights = sum(weight.size for weight in steps.weights.values())
    rows.append((told, str(recipe), weights, sum(macs.values()), sum(sizes.values()), "", "", ""))
    return rows


def _tr(text: str) -> str:
    return QCoreApplication.translate("Squeeze", text)
