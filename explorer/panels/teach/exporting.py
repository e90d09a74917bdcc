"""Exporting: the network of a run as a file, safetensors or ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.engine.errors import ExplorerError
from explorer.files import write_atomically

if TYPE_CHECKING:
    from explorer.engine.training.view import View
    from explorer.panels.teach.session import TeachSession


def ask_path(parent: QWidget, session: TeachSession) -> Path | None:
    """Ask where the network goes; None when the user changed his mind."""
    kinds = _tr("Weights (*.safetensors);;ONNX (*.onnx)")
    name = session.blueprint.network if session.view and session.view.network else session.blueprint.task
    chosen, kind = QFileDialog.getSaveFileName(parent, _tr("Save the network"), f"{name}.safetensors", kinds)
    if not chosen:
        return None
    path = Path(chosen)
    return path if path.suffix else path.with_suffix(kind.rpartition("*")[2].rstrip(")"))


def write_network(session: TeachSession, path: Path) -> None:
    """Write the network as it is at the step that is looked at.

    Raises
    ------
    ExplorerError
        When there is none yet, or the file cannot be written.
    """
    view = session.view
    if view is None:
        raise ExplorerError(_tr("There is no network yet: wait until the trainer is loaded."))
    if view.network is not None:
        from explorer.engine.nn import weights
        from explorer.engine.nn.onnx_graph import to_onnx

        if path.suffix == ".onnx":
            write_atomically(path, to_onnx(view.network))
        else:
            weights.save(view.network, path)
        return
    write_atomically(path, small_network_bytes(view, onnx=path.suffix == ".onnx"))


def small_network_bytes(view: View, *, onnx: bool) -> bytes:
    """Return the file of a small network, built from what the view shows."""
    import torch

    from explorer.engine.training.build import net_spec
    from explorer.engine.training.export import onnx_bytes, safetensors_bytes
    from explorer.engine.training.small_nets import SmallNet

    net = SmallNet(net_spec(view.blueprint, view.data), view.blueprint.seed)
    net.set_activation(view.settings.activation)
    for name, values in view.weights.items():
        net.parameters[name].copy_(torch.from_numpy(values))
    for name, buffer in net.buffers().items():
        buffer.copy_(torch.from_numpy(view.averages[name]))
    return onnx_bytes(net) if onnx else safetensors_bytes(net)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
