"""Plot export: the data of a plot as text, its picture as a file, and a sentence about how it went."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Table = list[tuple[str, npt.NDArray[np.float64], npt.NDArray[np.float64]]]


def csv_text(table: Table, x_label: str, separator: str = ",") -> str:
    """Give curves as lines of text: curve, x, y.

    One row per point and not one column per curve: curves need not share their x.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow([_tr("curve"), x_label, _tr("value")])
    for name, x, y in table:
        writer.writerows([name, f"{a:.9g}", f"{b:.9g}"] for a, b in zip(x, y, strict=True))
    return out.getvalue()


def copy_data(table: Table, x_label: str) -> str:
    """Put the curves on the clipboard, as spreadsheets take them, and say so."""
    QGuiApplication.clipboard().setText(csv_text(table, x_label, "\t"))
    count = sum(len(x) for _, x, _ in table)
    return _tr("Copied: {count} points.").format(count=count)


def save_data(parent: QWidget, table: Table, x_label: str, path: str = "") -> str:
    """Write the curves as CSV and say where; without `path` the user is asked (empty answer: no sentence)."""
    path = path or QFileDialog.getSaveFileName(parent, _tr("Save data"), "data.csv", "CSV (*.csv)")[0]
    return _write(path, csv_text(table, x_label).encode()) if path else ""


def save_picture(widget: QWidget, path: str = "") -> str:
    """Write the picture of a widget as PNG, twice its size, and say where; without `path` the user is asked."""
    path = path or QFileDialog.getSaveFileName(widget, _tr("Save picture"), "picture.png", "PNG (*.png)")[0]
    return _write(path, png_bytes(widget)) if path else ""


def png_bytes(widget: QWidget, factor: float = 2.0) -> bytes:
    """Give the picture of a widget as a PNG file, drawn `factor` times as large so that it prints well."""
    from PySide6.QtCore import QBuffer, QIODevice, QPoint
    from PySide6.QtGui import QImage

    image = QImage(widget.size() * factor, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(factor)
    # of any widget, also of a view on a scene, whose own render draws the scene alone
    QWidget.render(widget, image, QPoint(0, 0))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def _write(path: str, content: bytes) -> str:
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        reason = error.strerror or str(error)
        return _tr("{path} could not be written ({reason}): choose another folder.").format(path=path, reason=reason)
    return _tr("Saved: {path}").format(path=path)


def _tr(text: str) -> str:
    return QCoreApplication.translate("plot_export", text)
