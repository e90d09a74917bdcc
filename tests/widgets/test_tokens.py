from __future__ import annotations

import gc
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from explorer import theme
from widgets import icons, palettes, tokens
from widgets.tokens import TYPE_SIZES, Tokens


class _Listener:
    def __init__(self) -> None:
        self.heard: list[str] = []

    def on_tokens(self, current: Tokens) -> None:
        self.heard.append(current.name)


def test_a_listener_hears_each_change_until_it_unsubscribes(qapp: QApplication) -> None:
    listener = _Listener()
    unsubscribe = tokens.on_changed(listener.on_tokens)
    theme.apply(qapp, theme.theme_at("light"))
    unsubscribe()
    unsubscribe()
    theme.apply(qapp, theme.theme_at("dark"))
    assert listener.heard == ["light"]


def test_a_plain_function_may_listen_too(qapp: QApplication) -> None:
    heard: list[str] = []
    unsubscribe = theme.on_theme_changed(lambda current: heard.append(current.name))
    theme.apply(qapp, theme.theme_at("projector", 1080))
    unsubscribe()
    assert heard == ["projector"]
    assert theme.current_theme().scale == 2.25


def test_a_forgotten_listener_is_let_go(qapp: QApplication) -> None:
    before = len(tokens._listeners)
    listener = _Listener()
    tokens.on_changed(listener.on_tokens)
    del listener
    gc.collect()
    theme.apply(qapp, theme.theme_at("light"))
    assert len(tokens._listeners) <= before


def test_a_widget_that_qt_deleted_is_not_called(qapp: QApplication) -> None:
    class Fragile(QWidget):
        called = 0

        def on_tokens(self, current: Tokens) -> None:
            Fragile.called += 1
            self.update()

    parent = QWidget()
    child = Fragile(parent)
    tokens.on_changed(child.on_tokens)
    parent.deleteLater()
    qapp.sendPostedEvents(None, 52)  # QEvent.DeferredDelete
    theme.apply(qapp, theme.theme_at("light"))
    assert Fragile.called == 0


def test_every_type_size_uses_the_bundled_family_with_digits_of_one_width(qapp: QApplication) -> None:
    for name in theme.THEMES:
        current = theme.theme_at(name, 1080)
        for size in TYPE_SIZES:
            for weight in (400, 500, 600):
                font = current.font(size, weight)
                metrics = QFontMetricsF(font)
                assert QFontInfo(font).family() == "Inter"
                widths = [metrics.horizontalAdvance(digit * 20) for digit in "0123456789"]
                # kerning of twenty fours takes 0.2 % off; a proportional 1 would take 25 %
                assert max(widths) - min(widths) < 0.005 * max(widths), (name, size, weight)


def test_the_application_wears_the_theme(qapp: QApplication) -> None:
    for name in theme.THEMES:
        current = theme.theme_at(name, 720)
        theme.apply(qapp, current)
        assert qapp.style().objectName().lower() in ("fusion", "qstylesheetstyle", "")
        assert qapp.palette().window().color() == QColor(current.surface)
        assert qapp.font().family() == "Inter"
        assert qapp.font().pixelSize() == round(14 * current.scale)


def test_a_label_and_a_button_follow_the_scale(qapp: QApplication) -> None:
    label, button = QLabel("0.70"), QPushButton("Listen")
    small = [widget.sizeHint() for widget in (label, button)]
    theme.apply(qapp, theme.theme_at("projector", 1080))
    for widget, before in zip((label, button), small, strict=True):
        widget.ensurePolished()
        assert widget.sizeHint().height() > 1.8 * before.height()
    label.deleteLater()
    button.deleteLater()


@pytest.mark.parametrize("file", sorted(p.stem for p in (Path(__file__).parents[2] / "assets/icons").glob("*.svg")))
def test_every_icon_is_drawn_in_the_colour_asked_for(qapp: QApplication, file: str) -> None:
    image = icons.icon(file, "accent").pixmap(QSize(20, 20), 2.0).toImage()
    assert image.size() == QSize(40, 40)
    accent = QColor(tokens.current().accent)
    opaque = [image.pixelColor(x, y) for x in range(40) for y in range(40) if image.pixelColor(x, y).alpha() > 250]
    assert opaque
    for color in opaque:
        for channel in (QColor.red, QColor.green, QColor.blue):
            assert abs(channel(color) - channel(accent)) <= 3


def test_an_icon_has_the_same_stroke_at_every_size(qapp: QApplication) -> None:
    thickness = {}
    for side in (20, 80):
        image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        painter = QPainter(image)
        icons.paint_icon(painter, QRectF(0, 0, side, side), "minus", "ink")
        painter.end()
        thickness[side] = sum(image.pixelColor(side // 2, y).alphaF() for y in range(side))
    assert thickness[20] == pytest.approx(1.5, abs=0.1)
    assert thickness[80] == pytest.approx(1.5, abs=0.1)


def test_a_missing_icon_is_an_error_at_once(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        icons.icon("no-such-icon")


def test_fonts_and_icons_come_with_their_licences() -> None:
    assets = Path(__file__).parents[2] / "assets"
    assert "SIL OPEN FONT LICENSE Version 1.1" in (assets / "fonts/OFL.txt").read_text()
    assert "ISC License" in (assets / "icons/LICENSE").read_text()
    assert sum(file.stat().st_size for file in (assets / "fonts").iterdir()) < 1_500_000


def test_without_an_application_theme_widgets_have_the_dark_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_current", None)
    assert tokens.current().name == palettes.DARK.name


class _Hints:
    """Stands for QStyleHints of a system with wishes."""

    def accessibility(self) -> _Hints:
        return self

    def motionPreference(self) -> str:
        return "MotionPreference.ReducedMotion"

    def contrastPreference(self) -> str:
        return "ContrastPreference.HighContrast"


def test_the_wishes_of_the_operating_system_are_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not theme.theme_at("dark", reduced_motion=False).reduced_motion
    monkeypatch.setattr("PySide6.QtGui.QGuiApplication.styleHints", lambda *_: _Hints())
    assert theme.system_wants_contrast()
    assert theme.theme_at("dark").reduced_motion
    assert not theme.theme_at("dark", reduced_motion=False).reduced_motion


def test_a_system_without_wishes_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PySide6.QtGui.QGuiApplication.styleHints", lambda *_: object())
    assert not theme.system_wants_contrast()
    assert not theme.theme_at("dark").reduced_motion
