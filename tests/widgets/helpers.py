"""What the tests of widgets do alike."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from explorer import theme


def show(qtbot: QtBot, widget: QWidget, width: int = 400, height: int = 300) -> None:
    """Show a widget in an active window; it is closed after the test."""
    qtbot.addWidget(widget)
    widget.resize(width, height)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.activateWindow()
    QApplication.processEvents()


def spoken(widget: QWidget) -> tuple[str, str, str]:
    """Name, value and description of a widget, as a screen reader asks for them."""
    interface = QAccessible.queryAccessibleInterface(widget)
    assert interface is not None
    part = QAccessible.Text
    return interface.text(part.Name), interface.text(part.Value), interface.text(part.Description)


def wear(name: str, height: int = 1080, *, touch: bool = False) -> None:
    """Put a theme in force."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, theme.theme_at(name, height, touch=touch))
    app.processEvents()


def picture(widget: QWidget) -> QImage:
    """What the widget looks like."""
    QApplication.processEvents()
    return widget.grab().toImage()


def count_pixels(image: QImage, color: str, tolerance: int = 6) -> int:
    """How many pixels have a colour, nearly."""
    wanted = QColor(color)
    return sum(
        _near(image.pixelColor(x, y), wanted, tolerance) for x in range(image.width()) for y in range(image.height())
    )


def record(signal: object) -> list[object]:
    """Collect the first argument of every emission (True for a signal without arguments)."""
    heard: list[object] = []
    connect: Callable[[Callable[..., None]], object] = signal.connect  # type: ignore[attr-defined]
    connect(lambda *values: heard.append(values[0] if values else True))
    return heard


def _near(color: QColor, wanted: QColor, tolerance: int) -> bool:
    pairs = ((color.red(), wanted.red()), (color.green(), wanted.green()), (color.blue(), wanted.blue()))
    return all(abs(a - b) <= tolerance for a, b in pairs)
