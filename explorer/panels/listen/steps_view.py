"""Step by step: one second of sound on its way to the picture that the network looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from explorer.engine.kws.frontend import BANDS, FRAME, FRAMES, HOP, RATE_HZ, grey, mel_power
from explorer.engine.kws.steps import Stage, stages
from explorer.panels.base import HelpEntry
from explorer.panels.listen.array_picture import ArrayPicture
from explorer.panels.listen.flow import Flow
from explorer.panels.view import Words
from widgets import tokens
from widgets.plot import Plot
from widgets.plot_curve import Curve
from widgets.slider import ValueSlider

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from widgets.tokens import Tokens

_STEP_S, _FRAME_S = HOP / RATE_HZ, FRAME / RATE_HZ


class StepsView(QWidget):
    """Seven pictures in a row, one frame followed through all of them, one band marked in the last four."""

    frameChosen = Signal(int)
    """The user followed another frame."""

    def __init__(self) -> None:
        super().__init__()
        self._samples: NDArray[np.float32] = np.zeros(RATE_HZ, np.float32)
        self._picture: NDArray[np.floating[Any]] = np.zeros((FRAMES, BANDS))
        self._frame, self._band = FRAMES // 2, BANDS // 3
        self._stages: dict[str, Stage] = stages(self._samples, self._frame)
        self._titles = {
            "samples": self.tr("1  Samples"),
            "frame": self.tr("2  Frame and window"),
            "spectrum": self.tr("3  Power spectrum"),
            "triangles": self.tr("4  Mel triangles"),
            "bands": self.tr("5  Bands"),
            "log": self.tr("6  Logarithm"),
            "picture": self.tr("7  Picture"),
        }
        self.slider = ValueSlider(
            self.tr("Frame"), 0, FRAMES - 1, FRAMES // 2, step=1, decimals=0, text=self._frame_text
        )
        self.plots = self._make_plots()
        self.picture = ArrayPicture(self.tr("log-mel picture, band by frame"), "log_mel_lut", self._cell_text)
        self._curves = self._make_curves()
        self._region = pg.LinearRegionItem(movable=False)
        self.plots["samples"].addItem(self._region)
        self.plots["samples"].follow_tokens(self._color_region)
        self._words = {key: Words(size_px=12, role="quiet_ink") for key in self._titles}
        self._heads = {key: Words(title, size_px=14, weight=600) for key, title in self._titles.items()}
        self._tiles = Flow([self._tile(key) for key in self._titles], 196, 4)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.slider)
        self._column.addWidget(self._tiles, 1)
        self.slider.valueChanged.connect(self._on_slider)
        self.picture.cellChosen.connect(self._on_cell)
        self.plots["samples"].scene().sigMouseClicked.connect(self._on_samples_clicked)
        self._unfollow = tokens.follow(self._apply_tokens)
        self._show()

    def set_sound(self, samples: NDArray[np.float32]) -> None:
        """Take a second apart, [16000]."""
        self._samples = samples
        self._picture = grey(mel_power(np.asarray(samples, np.float64)))
        self.picture.set_array(np.rint(self._picture.T).astype(np.uint8))
        # the loudest place first: in a silent frame there is nothing to follow
        self._frame, self._band = (int(i) for i in np.unravel_index(self._picture.argmax(), self._picture.shape))
        self.slider.set_value(self._frame)
        peak = max(0.02, float(np.abs(samples).max()))
        for key in ("samples", "frame"):
            self.plots[key].setYRange(-peak, peak, padding=0.05)
        top = max(1e-3, float(mel_power(np.asarray(samples, np.float64)).max()))
        self.plots["bands"].setYRange(0.0, top, padding=0.05)
        self._show()

    def frame(self) -> int:
        """Give the frame that is followed, 0 to 97."""
        return self._frame

    def band(self) -> int:
        """Give the band that is marked, 0 to 39."""
        return self._band

    def set_frame(self, frame: int) -> None:
        """Follow another frame through all pictures."""
        self._frame = min(max(frame, 0), FRAMES - 1)
        self.slider.set_value(self._frame)
        self._show()

    def stage(self, key: str) -> Stage:
        """Give a step as it is drawn."""
        return self._stages[key]

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Explain every step with its formula and numbers."""
        return tuple(
            HelpEntry(
                self.picture if key == "picture" else self.plots[key],
                title,
                self._stages[key].caption,
                lambda key=key: f"{self._stages[key].formula}; {self._stages[key].shape}",  # type: ignore[misc]
                "5.2",
            )
            for key, title in self._titles.items()
        )

    def rows(self) -> list[tuple[object, ...]]:
        """Return the bands of the frame that is followed."""
        energy = self._stages["bands"].values["energy"]
        levels = self._stages["log"].values["grey"]
        found: list[tuple[object, ...]] = [("frame", "band", "energy", "grey")]
        return found + [
            (self._frame, b, float(e), float(g)) for b, (e, g) in enumerate(zip(energy, levels, strict=True))
        ]

    def _make_plots(self) -> dict[str, Plot]:
        hertz, band = self.tr("frequency"), self.tr("band")
        plots = {
            "samples": Plot(self.tr("time"), self.tr("pressure"), x_unit="s", x_range=(0.0, 1.0)),
            "frame": Plot(self.tr("time"), self.tr("pressure"), x_unit="ms", x_range=(0.0, 1000 * _FRAME_S)),
            "spectrum": Plot(hertz, self.tr("power"), x_unit="kHz", y_unit="dB", x_range=(0, 8), y_range=(-90, 50)),
            "triangles": Plot(hertz, self.tr("weight"), x_unit="kHz", x_range=(0, 8), y_range=(0, 1.05)),
            "bands": Plot(band, self.tr("energy"), x_range=(-0.5, BANDS - 0.5)),
            "log": Plot(band, self.tr("grey level"), x_range=(-0.5, BANDS - 0.5), y_range=(0, 255)),
        }
        for key, plot in plots.items():
            plot.setAccessibleName(self._titles[key])
        return plots

    def _make_curves(self) -> dict[str, Curve]:
        plots = self.plots
        curves = {
            "samples": plots["samples"].curve(self.tr("pressure")),
            "frame": plots["frame"].curve(self.tr("frame"), role="quiet_ink"),
            "window": plots["frame"].curve(self.tr("window"), index=1, dash=True),
            "windowed": plots["frame"].curve(self.tr("after the window")),
            "spectrum": plots["spectrum"].curve(self.tr("power")),
            "triangles": plots["triangles"].curve(self.tr("triangles"), role="quiet_ink"),
            "one": plots["triangles"].curve(self.tr("marked band"), index=1),
            "bands": plots["bands"].curve(self.tr("energy")),
            "one_band": plots["bands"].curve(self.tr("marked band"), index=1),
            "log": plots["log"].curve(self.tr("grey level")),
            "one_log": plots["log"].curve(self.tr("marked band"), index=1),
        }
        weights = self._stages["triangles"].values["weights"]
        khz = self._stages["triangles"].values["hertz"] / 1000.0
        curves["triangles"].set_data(
            np.tile(np.append(khz, np.nan), len(weights)),
            np.append(np.where(weights > 0, weights, np.nan), np.full((BANDS, 1), np.nan), 1),
        )
        return curves

    def _tile(self, key: str) -> QWidget:
        tile = QWidget()
        column = QVBoxLayout(tile)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        picture = self.picture if key == "picture" else self.plots[key]
        for widget in (self._heads[key], picture, self._words[key]):
            column.addWidget(widget)
        column.addStretch(1)
        tile.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        return tile

    def _show(self) -> None:
        self._stages = made = stages(self._samples, self._frame)
        values = {key: stage.values for key, stage in made.items()}
        curves, frame, band = self._curves, values["frame"], self._band
        curves["samples"].set_data(values["samples"]["time_s"], values["samples"]["samples"])
        begin_s = self._frame * _STEP_S
        self._region.setRegion((begin_s, begin_s + _FRAME_S))
        time_ms = (frame["time_s"] - begin_s) * 1000.0
        peak = max(0.02, float(np.abs(self._samples).max()))
        curves["frame"].set_data(time_ms, frame["samples"])
        curves["window"].set_data(time_ms, frame["window"] * peak)
        curves["windowed"].set_data(time_ms, frame["windowed"])
        curves["spectrum"].set_data(values["spectrum"]["hertz"] / 1000.0, values["spectrum"]["power_db"])
        weight = values["triangles"]["weights"][band]
        near = np.flatnonzero(weight)
        around = slice(max(0, near[0] - 1), near[-1] + 2) if len(near) else slice(0, 0)
        curves["one"].set_data(values["triangles"]["hertz"][around] / 1000.0, weight[around])
        for name, one, numbers in (
            ("bands", "one_band", values["bands"]["energy"]),
            ("log", "one_log", values["log"]["grey"]),
        ):
            curves[name].set_data(*_stairs(np.arange(BANDS), numbers))
            curves[one].set_data(*_stairs(np.array([band]), numbers[band : band + 1]))
        self.picture.set_cursor(band, self._frame)
        for key, words in self._words.items():
            words.setText(f"{made[key].caption} {made[key].shape.replace(' x ', ' × ')}.")
        self.plots["bands"].set_described(
            self.tr("Band {band}: energy {energy}").format(band=band, energy=f"{values['bands']['energy'][band]:.3g}")
        )

    def _frame_text(self, value: float) -> str:
        begin_ms = round(value) * 1000 * HOP // RATE_HZ
        return self.tr("{frame}: {begin} to {end} ms").format(frame=round(value), begin=begin_ms, end=begin_ms + 30)

    def _cell_text(self, band: int, frame: int) -> str:
        return self.tr("frame {frame}, band {band}: grey level {level}").format(
            frame=frame, band=band, level=f"{self._picture[frame, band]:.0f}"
        )

    @Slot(float)
    def _on_slider(self, value: float) -> None:
        self._choose(round(value))

    @Slot(int, int)
    def _on_cell(self, band: int, frame: int) -> None:
        self._band = band
        self._choose(frame)

    def _on_samples_clicked(self, event: object) -> None:
        plot = self.plots["samples"]
        if event.button() == Qt.MouseButton.LeftButton:  # type: ignore[attr-defined]
            at_s = plot.getViewBox().mapSceneToView(event.scenePos()).x()  # type: ignore[attr-defined]
            self._choose(round((at_s - _FRAME_S / 2) / _STEP_S))

    def _choose(self, frame: int) -> None:
        self.set_frame(frame)
        self.frameChosen.emit(self._frame)

    def _color_region(self, current: Tokens) -> None:
        self._region.setBrush(pg.mkBrush(current.color("accent", 0.35)))
        for line in self._region.lines:
            line.setPen(pg.mkPen(current.color("accent")))

    def _apply_tokens(self, current: Tokens) -> None:
        self._column.setSpacing(current.space(1))
        for plot in self.plots.values():
            plot.setFixedHeight(current.px(124))
        # as wide as the plots beside it: under their axes lies nothing
        self.picture.setFixedHeight(current.px(84))


def _stairs(x: NDArray[np.int_], y: NDArray[np.floating[Any]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a line that runs flat across each number, from zero to zero."""
    edges = np.repeat(x.astype(np.float64), 4) + np.tile([-0.5, -0.5, 0.5, 0.5], len(x))
    heights = np.repeat(np.asarray(y, np.float64), 4) * np.tile([0.0, 1.0, 1.0, 0.0], len(x))
    return edges, heights
