"""Gallery: every widget of the package on one page, in any theme.  Run with `python -m widgets.gallery`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from widgets import palettes, style, tokens
from widgets.banner import Banner, Toast
from widgets.card import Card
from widgets.choice import Choice
from widgets.drawer import Drawer, starts_open
from widgets.elided_label import ElidedLabel
from widgets.full_screen import FullScreen
from widgets.help_overlay import HelpOverlay
from widgets.key_hint import KeyHint
from widgets.meter import LevelMeter
from widgets.number_chip import NumberChip
from widgets.plot import Plot
from widgets.predict_reveal import PredictReveal
from widgets.scroll_image import ScrollImage
from widgets.segmented import Segmented
from widgets.slider import ValueSlider
from widgets.slider_scale import SliderScale
from widgets.state_box import STATES, StateBox
from widgets.switch import Switch
from widgets.threshold_line import ThresholdLine
from widgets.tile import WordTile

WORDS = ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go")
FONTS = Path(__file__).resolve().parent.parent / "assets" / "fonts"


class Gallery(QWidget):
    """The page: pictures and tiles on the left, controls in the drawer on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Widgets"))
        self._page = QVBoxLayout()
        inside = QWidget()
        inside.setLayout(self._page)
        area = QScrollArea()
        area.setWidget(inside)
        area.setWidgetResizable(True)
        self.drawer = Drawer(self.tr("Inspector"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(area, 1)
        row.addWidget(self.drawer)
        self._fill_page()
        self._fill_drawer()
        self.help = HelpOverlay(self)
        self.full_screen = FullScreen(self)
        self._register_help()
        self.toast = Toast(self)
        for key, slot in (("?", self.help.toggle), ("F", self._on_full), ("I", self.drawer.toggle)):
            QShortcut(QKeySequence(key), self).activated.connect(slot)
        self.plot.fullScreenRequested.connect(self._on_full)
        self.plot.exported.connect(self.toast.show_message)
        self._unfollow = tokens.follow(self._apply_tokens)

    def _fill_page(self) -> None:
        self.question = ElidedLabel(
            self.tr("Where does the time go between your word and the answer?"), size_px=20, weight=600, lines=2
        )
        self.banner = Banner()
        self.banner.show_message(
            self.tr("The microphone gives only zeros: is it muted? Open the system's sound settings."),
            mood="warn",
            action=self.tr("Settings"),
        )
        self.log_mel = ScrollImage(40, 300)
        self.heat = ScrollImage(12, 300, lut="heat_lut", row_labels=("silence", "unknown", *WORDS))
        self.heat.set_highlighted_row(6)
        self.log_mel.set_label_width(self.heat.label_width())
        self.log_mel.append(_speech_like())
        self.heat.append(_scores_like())
        self.tiles = [WordTile(word) for word in WORDS]
        for index, tile in enumerate(self.tiles):
            tile.set_fill(index / 10)
            tile.set_count(index * 3)
        self.tiles[4].set_heard(True)
        tile_row = QHBoxLayout()
        for tile in self.tiles:
            tile_row.addWidget(tile)
        self.chips = [
            NumberChip(self.tr("from word to answer"), size="large", widest="000", widest_unit="ms"),
            NumberChip(self.tr("network"), widest="00.00", widest_unit="ms"),
            NumberChip(self.tr("memory"), widest="00.0", widest_unit="KB"),
            NumberChip(self.tr("power"), widest="0.0", widest_unit="mW"),
            NumberChip(self.tr("price"), widest="0.00", widest_unit="€"),
        ]
        values = (
            ("187", "ms", "measured", "median of 41 words, 160 to 233 ms"),
            ("0.21", "ms", "derived", "sum of the layers"),
            ("16.4", "KB", "cited", "the book, table 3.2"),
            ("1.2", "mW", "assumed", "a chip of this class"),
            ("−0.05", "€", "measured", ""),
        )
        chip_row = QHBoxLayout()
        for chip, value in zip(self.chips, values, strict=True):
            chip.set_value(*value)
            chip_row.addWidget(chip, 0, Qt.AlignmentFlag.AlignBottom)
        chip_row.addStretch(1)
        self.plot = Plot("time", "score", x_unit="s", x_range=(0, 3), y_range=(0, 1.05))
        x = np.linspace(0, 3, 200)
        for index, word in enumerate(("left", "go", "no", "off")):
            curve = self.plot.curve(word, index=index, dash=index == 3)
            curve.set_data(x, np.clip(np.exp(-(((x - 0.8 - index * 0.5) * 2.5) ** 2)) * (1 - 0.2 * index), 0, 1))
            self.plot.direct_label(curve, word, at="peak")
        first = self.plot.curves()[0]
        first.set_ghost(x, np.clip(np.exp(-(((x - 0.6) * 2.5) ** 2)) * 0.8, 0, 1), self.tr("−200 ms"))
        self.threshold = ThresholdLine(self.plot, self.tr("Threshold"), SliderScale(0, 1, 0.01), 0.7)
        self.states = [StateBox() for _ in STATES]
        state_row = QHBoxLayout()
        sentences = (
            self.tr("No word yet: say one."),
            self.tr("Reading the recordings"),
            self.tr("From 120 of 1,000 clips"),
            self.tr("The file is cut short: choose another."),
        )
        for box, state, text in zip(self.states, STATES, sentences, strict=True):
            action = self.tr("Choose a file") if state == "failed" else ""
            box.set_state(state, text, action=action, progress=0.4 if state == "loading" else None)
            state_row.addWidget(box)
        for part in (self.question, self.banner, self.log_mel, self.heat):
            self._page.addWidget(part)
        self._page.addLayout(tile_row)
        self._page.addLayout(chip_row)
        self._page.addWidget(self.plot)
        self._page.addLayout(state_row)

    def _fill_drawer(self) -> None:
        knobs = Card(self.tr("Decision"))
        self.slider = ValueSlider(self.tr("Threshold"), 0, 1, 0.7)
        self.slider.set_value(0.55)
        window = ValueSlider(
            self.tr("Averaging window"), 20, 2000, 300, step=0.05, unit="ms", logarithmic=True, decimals=0
        )
        locked = ValueSlider(self.tr("Noise"), -10, 40, 20, step=1, unit="dB")
        locked.set_disabled_reason(self.tr("The microphone brings its own noise: choose the talker to mix some in."))
        for knob in (self.slider, window, locked):
            knobs.add(knob)
        source = Card(self.tr("Source"), foldable=True)
        self.segmented = Segmented(
            [("microphone", self.tr("Mic")), ("file", self.tr("File")), ("talker", self.tr("Talker"))],
            label=self.tr("Source"),
        )
        self.meter = LevelMeter()
        self.meter.set_level(-23.0, -11.0)
        clipping = LevelMeter()
        clipping.set_level(-3.0, 0.0, clipped=True)
        self.switch = Switch(self.tr("Play through the speaker"), checked=True)
        device = Choice(self.tr("Device"))
        device.addItems(["Built-in microphone", "USB audio"])
        name = QLineEdit()
        name.setPlaceholderText(self.tr("Name of the scene"))
        listen = QPushButton(self.tr("Listen"))
        listen.setProperty("primary", True)
        disabled = QPushButton(self.tr("Save"))
        disabled.setEnabled(False)
        for part in (
            self.segmented,
            self.meter,
            clipping,
            self.switch,
            Switch(self.tr("Hold to talk")),
            device,
            name,
            listen,
            QPushButton(self.tr("Choose a folder")),
            disabled,
        ):
            source.add(part)
        self.predict = PredictReveal()
        self.predict.ask_value(
            self.tr("How long does the network itself take?"),
            SliderScale(0.01, 1000, 0.05, logarithmic=True),
            lambda value: f"{value:.0f} ms" if value >= 10 else f"{value:.2g} ms",
        )
        folded = Card(self.tr("Rarely used"), foldable=True, folded=True)
        folded.add(QLabel("…"))
        for card in (self.predict, knobs, source, folded, KeyHint("Space", self.tr("freeze"))):
            self.drawer.add(card)

    def _register_help(self) -> None:
        section = self.tr("Book: chapter 3, section 2")
        self.help.register(self.log_mel, self.tr("Log-mel picture"), self.tr("Energy per band, low at the bottom."))
        self.help.register(
            self.chips[0],
            self.tr("Response time"),
            self.tr("From the end of the word to the paint event that shows it."),
            lambda: "t = block + hop + network + averaging = 20 + 10 + 0.2 + 157 = 187 ms",
            section,
        )
        self.help.register(self.tiles[4], self.tr("Word tile"), self.tr("Lit when its word is heard."), None, section)
        self.help.register(self.plot, self.tr("Scores"), self.tr("The leading words and the threshold."), None, section)

    def _on_full(self) -> None:
        self.full_screen.show_widget(self.plot, self.tr("Score of the leading words"))

    def _apply_tokens(self, current: tokens.Tokens) -> None:
        margin = current.space(2)
        self._page.setContentsMargins(margin, margin, margin, margin)
        self._page.setSpacing(current.space(1.5))
        self.log_mel.setMinimumHeight(current.px(96))
        self.heat.setMinimumHeight(current.px(190))
        self.plot.setMinimumHeight(current.px(200))
        self.log_mel.set_label_width(self.heat.label_width())


def _speech_like() -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    time = np.arange(300)[:, None] / 100
    band = np.arange(40)[None, :]
    voiced = np.exp(-(((time % 1.0) - 0.5) ** 2) / 0.03)
    formants = sum(np.exp(-((band - centre - 4 * np.sin(time * 5)) ** 2) / 9) for centre in (6, 16, 28))
    noise = np.random.default_rng(1).normal(0, 12, (300, 40))
    picture: np.ndarray[tuple[int, int], np.dtype[np.uint8]]
    picture = np.clip(30 + 200 * voiced * np.minimum(formants, 1) + noise, 0, 255).astype(np.uint8)
    return picture


def _scores_like() -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    scores = np.zeros((300, 12), np.uint8)
    scores[:, 0] = 200
    for start, row in ((40, 6), (140, 11), (240, 3)):
        scores[start : start + 40, row] = 240
        scores[start : start + 40, 0] = 20
        scores[start : start + 10, 1] = 120
    return scores


def show(name: str, width: int, height: int) -> Gallery:
    """Open the gallery in a theme and size; an application must exist."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise RuntimeError("make a QApplication first")
    for file in sorted(FONTS.glob("*.otf")):
        QFontDatabase.addApplicationFont(str(file))
    style.apply(app, palettes.tokens_for(name, height))
    gallery = Gallery()
    gallery.resize(width, height)
    gallery.drawer.set_open(starts_open(name, width))
    gallery.show()
    return gallery


def main(arguments: list[str] | None = None) -> int:
    """Show the gallery, or write its picture to a file."""
    parser = argparse.ArgumentParser(prog="widgets.gallery", description="Show every widget.")
    parser.add_argument("--theme", choices=palettes.THEMES, default="dark")
    parser.add_argument("--size", default="1280x720", help="width x height in pixels")
    parser.add_argument("--save", metavar="FILE.png", help="write a picture and end")
    options = parser.parse_args(arguments)
    width, height = (int(part) for part in options.size.split("x"))
    app = QApplication.instance() or QApplication(sys.argv[:1])
    gallery = show(options.theme, width, height)
    if not options.save:
        return int(app.exec())
    app.processEvents()
    gallery.grab().save(options.save)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
