"""Plot: curves on the surface of the theme, with direct labels, values under the cursor and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QMenu, QWidget

from widgets import plot_export, tokens
from widgets.icons import icon
from widgets.plot_curve import Curve, make_pen

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from widgets.tokens import Tokens

# rows first, as numpy and everybody who writes a matrix has it; set once, before the first picture
pg.setConfigOptions(imageAxisOrder="row-major", antialias=False)


class Plot(pg.PlotWidget):  # type: ignore[misc]
    """The base of every plot: axes with units, a light grid, curves with names written beside them.

    Parameters
    ----------
    x_label, y_label
        What the axes show, in words.
    x_unit, y_unit
        Their units, printed behind the words.
    x_range, y_range
        Fixed limits; None lets the data decide.
    """

    fullScreenRequested = Signal()
    """The user asked, in the menu, for this plot alone on the screen."""
    exported = Signal(str)
    """A sentence about what was copied or saved, or why it was not."""

    def __init__(
        self,
        x_label: str,
        y_label: str,
        *,
        x_unit: str = "",
        y_unit: str = "",
        x_range: tuple[float, float] | None = None,
        y_range: tuple[float, float] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, enableMenu=False)
        self._labels = {"bottom": _with_unit(x_label, x_unit), "left": _with_unit(y_label, y_unit)}
        self._units = (x_unit, y_unit)
        self._curves: list[Curve] = []
        self._items: list[Callable[[Tokens], None]] = []
        self._readout: pg.TextItem | None = None
        item = self.getPlotItem()
        item.hideButtons()
        # the library keeps its settings in a menu without an owner; it is to go when the plot goes
        self._settings = item.ctrlMenu
        self._settings.setParent(self, self._settings.windowFlags())
        self.setMouseEnabled(False, False)
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        if x_range:
            self.setXRange(*x_range, padding=0)
        if y_range:
            self.setYRange(*y_range, padding=0)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._cursor.hide()
        self._values = pg.TextItem(anchor=(0, 0))
        self._values.hide()
        for overlay in (self._cursor, self._values):
            overlay.setZValue(100)
            self.addItem(overlay, ignoreBounds=True)
        self.getViewBox().sigRangeChanged.connect(self.arrange_labels)
        self.getViewBox().sigResized.connect(self.arrange_labels)
        self.setAccessibleName(f"{y_label} / {x_label}")
        self._unfollow = tokens.follow(self._apply_tokens)

    def curve(self, name: str, *, index: int = 0, role: str = "", dash: bool = False) -> Curve:
        """Add a curve.

        Parameters
        ----------
        name
            Written beside the curve, at its end.
        index
            Which data colour it has.
        role
            A token to take the colour of instead, for lines that are not data ("ink", "quiet_ink").
        dash
            Draw it dashed.
        """
        curve = Curve(self, name, role or f"data{index}", dash=dash)
        self._curves.append(curve)
        curve.apply_tokens(self._tokens)
        return curve

    def curves(self) -> list[Curve]:
        """Give the curves in the order they were added."""
        return list(self._curves)

    def remove_curve(self, curve: Curve) -> None:
        """Take a curve, its label and its ghost away."""
        self._curves.remove(curve)
        curve.detach()

    def direct_label(self, curve: Curve, text: str, at: str = "end") -> None:
        """Write `text` at the "end" or the "peak" of a curve, in its colour, instead of a legend."""
        curve.set_label(text, at)

    def arrange_labels(self) -> None:
        """Put the labels at their curves, pushed apart where those at the ends would cover each other."""
        box = self.getViewBox()
        (left, right), (bottom, top) = box.viewRange()
        pixel = (top - bottom) / max(1.0, box.height())
        floor = bottom
        # from the lowest up, each on top of the one before: a stack at the axis stays inside the plot
        for curve in sorted(self._curves, key=lambda curve: curve.anchor_point()[1]):
            floor = curve.place_label((left, right), (floor, top), pixel)

    def follow_tokens(self, callback: Callable[[Tokens], None]) -> None:
        """Call `callback` with the tokens now and at each change, for items that a panel adds itself."""
        self._items.append(callback)
        callback(self._tokens)

    def set_described(self, text: str) -> None:
        """Say in a sentence what is seen now, for a screen reader."""
        self.setAccessibleDescription(text)

    def set_axis_ticks(self, axis: str, ticks: list[tuple[float, str]] | None) -> None:
        """Write words at places of an axis ("bottom" or "left"); None goes back to numbers."""
        self.getAxis(axis).setTicks([ticks] if ticks is not None else None)

    def table(self) -> list[tuple[str, npt.NDArray[np.float64], npt.NDArray[np.float64]]]:
        """Give what is drawn: name, x and y of each curve."""
        return [(curve.name, *curve.data()) for curve in self._curves]

    def context_menu(self) -> QMenu:
        """Give the menu of the right mouse button: copy, save, full screen."""
        menu = QMenu(self)
        entries: list[tuple[str, str, Callable[[], None]]] = [
            ("copy", self.tr("Copy data"), self._on_copy),
            ("image", self.tr("Save picture (PNG) …"), self._on_save_picture),
            ("table", self.tr("Save data (CSV) …"), self._on_save_data),
            ("maximize", self.tr("Full screen"), self.fullScreenRequested.emit),
        ]
        for name, text, slot in entries:
            menu.addAction(icon(name), text, slot)
        return menu

    @Slot()
    def _on_copy(self) -> None:
        self.exported.emit(plot_export.copy_data(self.table(), self._labels["bottom"]))

    @Slot()
    def _on_save_picture(self) -> None:
        self.exported.emit(plot_export.save_picture(self))

    @Slot()
    def _on_save_data(self) -> None:
        self.exported.emit(plot_export.save_data(self, self.table(), self._labels["bottom"]))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open our menu instead of the library's."""
        menu = self.context_menu()
        menu.exec(event.globalPos())
        menu.deleteLater()

    def close(self) -> bool:
        """Close for good: the library takes the plot apart, so it must not hear of themes any more."""
        if self.plotItem is None:
            return True
        self._unfollow()
        self.getViewBox().sigRangeChanged.disconnect(self.arrange_labels)
        self.getViewBox().sigResized.disconnect(self.arrange_labels)
        closed = super().close()
        self._settings.deleteLater()
        return bool(closed)

    def event(self, event: QEvent) -> bool:
        """Draw lines of the same width on a screen with finer pixels."""
        if event.type() == QEvent.Type.DevicePixelRatioChange and self.plotItem is not None:
            self._apply_tokens(self._tokens)
        return bool(super().event(event))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page: a plot has fixed axes."""
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the keys to the window: a plot that swallows Space or F would surprise."""
        event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the values under the cursor."""
        super().mouseMoveEvent(event)
        self._show_values(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the values when the pointer goes."""
        super().leaveEvent(event)
        self._cursor.hide()
        self._values.hide()

    def values_at(self, x: float) -> str:
        """Give the values of all curves at `x` as text, one line each."""
        lines = [f"{x:.4g} {self._units[0]}".strip()]
        for curve in self._curves:
            xs, ys = curve.data()
            if len(xs):
                y = ys[int(np.abs(xs - x).argmin())]
                lines.append(f"{curve.name}  {y:.4g} {self._units[1]}".strip())
        return "\n".join(lines).replace("-", "−")

    def _show_values(self, position: QPointF) -> None:
        box = self.getViewBox()
        if not self._curves or not box.sceneBoundingRect().contains(self.mapToScene(position.toPoint())):
            self._cursor.hide()
            self._values.hide()
            return
        point = box.mapSceneToView(self.mapToScene(position.toPoint()))
        (left, right), (_, top) = box.viewRange()
        self._cursor.setPos(point.x())
        self._values.setText(self.values_at(point.x()))
        # on the right half the text stands left of the cursor, so that it never leaves the plot
        self._values.setAnchor((1.0, 0.0) if point.x() > (left + right) / 2 else (0.0, 0.0))
        self._values.setPos(point.x(), top)
        self._cursor.show()
        self._values.show()

    def _apply_tokens(self, current: Tokens) -> None:
        self._tokens = current
        self.setBackground(current.color("surface"))
        font = current.font(12)
        for name, text in self._labels.items():
            axis = self.getAxis(name)
            axis.setPen(QPen(current.color("hairline"), 1))
            axis.setTextPen(QPen(current.color("quiet_ink")))
            axis.setTickFont(font)
            axis.setStyle(tickTextOffset=current.px(6), tickLength=0, maxTickLevel=0)
            axis.enableAutoSIPrefix(False)
            axis.label.setFont(font)
            axis.setLabel(text, color=current.quiet_ink, **{"font-size": f"{current.px(12)}px"})
        self.getAxis("bottom").setHeight(current.px(40))
        self.getAxis("left").setWidth(current.px(56))
        self.showGrid(x=True, y=True, alpha=_grid_alpha(current))
        self._cursor.setPen(make_pen(current.color("quiet_ink"), 1.0, self.devicePixelRatioF()))
        self._values.setFont(font)
        self._values.setColor(current.color("ink"))
        self._values.fill = pg.mkBrush(current.color("raised"))
        self._values.border = QPen(current.color("hairline"), 1)
        for curve in self._curves:
            curve.apply_tokens(current)
        for callback in self._items:
            callback(current)


def _with_unit(label: str, unit: str) -> str:
    return f"{label} ({unit})" if unit else label


def _grid_alpha(current: Tokens) -> float:
    return 0.35 if current.is_dark else 0.25
