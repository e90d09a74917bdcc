"""Roofline: what the chosen device can do at best, where each layer stands below it, and this machine, measured."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from explorer.engine.deployment.cost import INT8
from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.recipe import FLOAT, Recipe
from explorer.panels.base import Context, HelpEntry
from explorer.panels.place.analysis import AnalysisView, Answers, row_of
from explorer.panels.place.log_axis import number, with_prefix
from explorer.panels.place.roofline_chart import RoofLine, RooflineChart
from explorer.panels.place.roofline_dots import LayerDot, RooflinePicture, dot_words, measured_dots, picture_of
from explorer.panels.place.roofline_words import machine_words, roof_formula
from explorer.panels.place.session import PlaceSession
from explorer.panels.view import ExportMenu
from widgets import tokens
from widgets.choice import Choice
from widgets.elided_label import ElidedLabel
from widgets.segmented import Segmented
from widgets.slider import ValueSlider
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from explorer.background import Report, Task

MOST_INPUTS = 64
GESTURE_S = 0.7
"""Changes closer together than this are one gesture: its ghost is what was there before it began."""
REST_S = 0.4
_PRECISIONS: dict[str, Recipe | None] = {"squeezed": None, "float32": FLOAT, "int8": INT8, "int4": Recipe(4, 8)}


class RooflineView(AnalysisView):
    """Roof and layers of the active network on a device; this machine's, measured on request, over it.

    Parameters
    ----------
    context
        What the application lends.
    session
        What was asked and what is known of it.
    """

    def __init__(self, context: Context, session: PlaceSession) -> None:
        super().__init__(context, session)
        self.devices = Choice(_tr("Device"))
        words = {"squeezed": _tr("as squeezed"), "float32": "float32", "int8": "int8", "int4": "int4"}
        self.precision = Segmented(list(words.items()), label=_tr("Precision"))
        self.batch = ValueSlider(
            _tr("Inputs at a time"), 1, MOST_INPUTS, 1, step=1, text=lambda value: f"{round(value)}"
        )
        self.measure = QPushButton(_tr("Measure this machine"))
        self.chart = RooflineChart()
        self.words = ElidedLabel("", size_px=12, lines=2, role="quiet_ink")
        self.told = ElidedLabel("", size_px=12, lines=2)
        self._answers: Answers[RooflinePicture] = Answers(context.background, _tr("Roofline"), self.mark)
        self._task: Task | None = None
        self._wants_here = False
        self._problem = ""
        self._shown: RooflinePicture | None = None
        self._drawn: tuple[object, ...] | None = None
        self._ghosts: tuple[LayerDot, ...] = ()
        self._ghost_ms: float | None = None
        self._changed_s = 0.0
        first, second = QWidget(), QWidget()
        self._rows = (QHBoxLayout(first), QHBoxLayout(second))
        row_of(self._rows[0], self.devices, self.precision, stretch=0)
        row_of(self._rows[1], self.batch, self.measure, stretch=0)
        self.stage(first, second, self.chart, self.told, self.words)
        self._menu = ExportMenu(self.chart, self.chart.table, _tr("operations per byte"), self)
        self.devices.activated.connect(self._on_device)
        self.precision.chosen.connect(self._on_change)
        self.batch.valueChanged.connect(self._on_change)
        self.measure.clicked.connect(self._on_measure)
        self.chart.cursorMoved.connect(self._on_cursor)
        self.chart.layerChosen.connect(self._on_layer)
        self._device: str | None = None
        self._unfollow = tokens.follow(self._apply_tokens)

    # -- what the panel asks ---------------------------------------------------------------------------------------

    def renew(self) -> None:
        """Draw roofs and dots as far as they are known."""
        self._fill_devices()
        self.measure.setText(_tr("Stop measuring") if self._task is not None else _tr("Measure this machine"))
        active, device, batch = self.active(), self.device(), self.inputs()
        if active is None:
            self.show_state(self.chart, "loading", self.session.problem or _tr("The network is being loaded …"))
            return
        network, recipe = active[0], self.recipe()
        profile = self.session.profiles[device]
        key = (network.fingerprint, recipe, device, batch)

        def compute(stop: threading.Event, report: Report) -> RooflinePicture:
            return picture_of(network.graph, recipe, profile, batch)

        found = self._answers.ask(key, compute)
        problem = self._answers.problem(key)
        if found is None and (problem or self._shown is None):
            words = problem or _tr("The predictor is being fitted to published results …")
            self.show_state(self.chart, "failed" if problem else "estimating", words)
            return
        if found is not None:
            self._take(found, key)
        self._draw()

    def on_slow_tick(self) -> None:
        """Measure the network anew once another batch stands, where this machine is shown."""
        rested = time.monotonic() - self._changed_s >= REST_S
        if self._wants_here and self._task is None and rested and not self._problem and self._measured() is None:
            self._measure()

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        picture = self._shown
        if picture is None:
            return _tr("The roofline is being computed.")
        latency_ms = picture.prediction.latency_ms
        if latency_ms is None:
            return picture.words
        dots = picture.dots
        slowest = max(dots, key=lambda dot: dot.time_ms)
        told = _tr("{device}, {precision}: {time} ms predicted for {batch}, {share:.0f} % of it in {layer}")
        text = told.format(
            device=self.session.profiles[self.device()].title,
            precision=picture.prediction.precision,
            time=number(latency_ms),
            batch=self._batch_words(),
            layer=slowest.name,
            share=100 * slowest.time_ms / latency_ms,
        )
        if picture.roof is not None:
            waiting = sum(dot.bound == "memory" for dot in dots)
            told = _tr("; {waiting} of {count} layers wait for memory")
            text += told.format(waiting=waiting, count=len(dots))
        if self._ghost_ms is not None and self._ghosts:
            text += _tr("; before it was {time} ms").format(time=number(self._ghost_ms))
        here = self._measured()
        if here is not None:
            told = _tr("; measured on this machine: {time} ms in float32")
            text += told.format(time=number(1e3 * here.latency_s.value))
        return f"{text}."

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the chart."""
        return (self.chart,)

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return layers and roofs."""
        if self._shown is None:
            return []
        head = ("layer or roof", "kind", "measured", "operations per byte", "OP/s", "time (ms)", "waits for", "source")
        rows: list[tuple[object, ...]] = [head]
        for dot in self.chart.dots():
            waits = dot.bound or ""
            basis = "" if dot.measured else self._shown.prediction.basis
            rows.append((dot.name, dot.kind, dot.measured, dot.intensity, dot.rate_per_s, dot.time_ms, waits, basis))
        for line in self.chart.roofs():
            peak, width = line.roof.peak, line.roof.bandwidth
            rows.append((f"peak: {line.roof.title}", peak.kind.value, "", "", peak.value, "", "", peak.source))
            source = f"{width.value:.4g} B/s; {width.source}"
            rows.append((f"ridge: {line.roof.title}", width.kind.value, "", line.roof.ridge, "", "", "", source))
        return rows

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return the elements that `?` numbers."""
        return (
            HelpEntry(
                self.chart,
                _tr("Roofline"),
                _tr(
                    "No layer runs above the roof: left of the ridge it waits for bytes, right of it for arithmetic. "
                    "Hollow marks are predicted, filled ones ran on this machine; shapes name the kind of layer."
                ),
                self._formula,
                _tr("Williams, Waterman and Patterson, CACM 2009"),
            ),
            HelpEntry(
                self.batch,
                _tr("Inputs at a time"),
                _tr("Weights are read once for all inputs of a batch, so that dots move to the right."),
            ),
            HelpEntry(
                self.precision,
                _tr("Precision"),
                _tr(
                    "Fewer bits are fewer bytes, and more products a second where there are units for them. Where "
                    "there are none, it is emulated, and the words below say how."
                ),
                lambda: "" if self._shown is None else self._shown.prediction.reason,
            ),
            HelpEntry(
                self.measure,
                _tr("This machine"),
                _tr(
                    "One thread multiplies well-shaped matrices and copies memory for a second; the best of many runs "
                    "is the roof. Then the active network runs, layer by layer."
                ),
                lambda: machine_words(self.session.measured.roof),
            ),
        )

    def save_state(self) -> dict[str, Any]:
        """Return device, precision and batch."""
        return {"device": self._device, "precision": self.precision.key(), "batch": self.inputs()}

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned; a device that is not there gives way to the chosen tile's.

        Raises
        ------
        ExplorerError
            When a value does not fit.
        """
        device, precision = saved.get("device"), saved.get("precision", "squeezed")
        batch = saved.get("batch", 1)
        if device is not None and not isinstance(device, str):
            raise ExplorerError("In the panel Place, 'device' must be the name of a profile.")
        if precision not in _PRECISIONS:
            known = ", ".join(_PRECISIONS)
            raise ExplorerError(f"In the panel Place, 'precision' is {precision!r:.40}: one of {known}.")
        if isinstance(batch, bool) or not isinstance(batch, int) or not 1 <= batch <= MOST_INPUTS:
            raise ExplorerError(f"In the panel Place, 'batch' is {batch!r:.40}: 1 to {MOST_INPUTS}.")
        self._device = device
        self.precision.set_key(precision)
        self.batch.set_value(batch)
        self._ghosts, self._ghost_ms, self._drawn = (), None, None
        self.mark()

    def shutdown(self) -> None:
        """Ask what runs to end; the background joins it."""
        self._answers.stop()
        if self._task is not None:
            self._task.stop()

    # -- what is shown ---------------------------------------------------------------------------------------------

    def device(self) -> str:
        """Give the key of the device: the one chosen here, else that of the chosen tile."""
        if self._device is not None and self._device in self.session.profiles:
            return self._device
        return self.session.setup.tiles[self.session.setup.chosen]

    def recipe(self) -> Recipe:
        """Give the precision: the one chosen here, else that of the workbench."""
        active, chosen = self.active(), _PRECISIONS[self.precision.key()]
        return chosen if chosen is not None else (FLOAT if active is None else active[1])

    def inputs(self) -> int:
        """Give the inputs at a time."""
        return round(self.batch.value())

    def _take(self, found: RooflinePicture, key: tuple[object, ...]) -> None:
        """Take a picture; what was there before a change stays as ghosts."""
        if self._drawn is not None and key != self._drawn and self._shown is not None:
            now_s = time.monotonic()
            if now_s - self._changed_s > GESTURE_S or not self._ghosts:
                self._ghosts, self._ghost_ms = self._shown.dots, self._shown.prediction.latency_ms
            self._changed_s = now_s
        self._shown, self._drawn = found, key

    def _draw(self) -> None:
        picture = self._shown
        assert picture is not None
        lines: list[RoofLine] = []
        dots = list(picture.dots)
        if picture.roof is not None:
            words = f"{picture.roof.title}: {with_prefix(picture.roof.peak.value)}OP/s"
            lines.append(RoofLine(picture.roof, words, 0))
        here = self.session.measured.roof
        if here is not None:
            cache, memory = here.roofs("float32")  # in which the network runs here
            words = _tr("this machine, float32, measured: {peak}OP/s").format(peak=with_prefix(cache.peak.value))
            lines += [RoofLine(cache, words, 1), RoofLine(memory, _tr("this machine, data in memory"), 1, dash=True)]
            time_here = self._measured()
            if time_here is not None:
                dots += measured_dots(time_here, cache)
        if not lines and not dots:
            self.show_state(self.chart, "empty", picture.words)
        else:
            self.show_state(self.chart, "")
            self.chart.set_picture(lines, dots, self._ghosts)
        self.chart.set_selected(self.session.state.selected_layer or "")
        basis = picture.prediction.basis if picture.dots else ""
        self.words.set_text(self._problem or " ".join(part for part in (picture.words, basis) if part))
        self._on_cursor()

    def _measured(self) -> Any:
        network = self.session.network
        return None if network is None else self.session.measured.network(network, self.inputs())

    def _batch_words(self) -> str:
        count = self.inputs()
        return _tr("one input") if count == 1 else _tr("{count} inputs at a time").format(count=count)

    def _formula(self) -> str:
        return "" if self._shown is None else roof_formula(self._shown.roof, self.chart.dot())

    def _fill_devices(self) -> None:
        titles = {key: profile.title for key, profile in self.session.profiles.items()}
        if [self.devices.itemData(i) for i in range(self.devices.count())] != list(titles):
            self.devices.clear()
            for key, title in titles.items():
                self.devices.addItem(title, key)
        self.devices.setCurrentIndex(self.devices.findData(self.device()))

    # -- what the user does ----------------------------------------------------------------------------------------

    def _measure(self) -> None:
        """Measure this machine's roof, once, and the active network on it."""
        network, measured, batch = self.session.network, self.session.measured, self.inputs()
        if network is None:
            return

        def work(stop: threading.Event, put: Callable[[object], None], report: Report) -> None:
            measured.measure_roof(stop, lambda share: report(0.7 * share, _tr("the roof of this machine")))
            report(0.75, _tr("the network, layer by layer"))
            measured.measure_network(network, batch, stop)

        self._wants_here, self._problem = True, ""
        self._task = self.context.background.start(_tr("Measuring this machine"), work, None, self._on_measured)
        self.mark()

    def _on_measured(self, error: BaseException | None) -> None:
        task, self._task = self._task, None
        if task is not None and task.stopping:
            self._wants_here = False
        elif error is not None:
            self._problem = str(error)
        self.mark()

    @Slot()
    def _on_measure(self) -> None:
        if self._task is not None:
            self._task.stop()
        else:
            self._measure()

    @Slot()
    def _on_device(self) -> None:
        self._device = str(self.devices.currentData())
        self.mark()

    @Slot()
    def _on_change(self) -> None:
        self.mark()

    @Slot()
    def _on_cursor(self) -> None:
        dot, dots = self.chart.dot(), self.chart.dots()
        total_ms = sum(each.time_ms for each in dots if dot is not None and each.measured is dot.measured)
        self.told.set_text("" if dot is None else f"{dot_words(dot, total_ms)}.")

    @Slot(str)
    def _on_layer(self, name: str) -> None:
        self.context.workbench.update(selected_layer=name)

    def _apply_tokens(self, current: Tokens) -> None:
        for row in self._rows:
            row.setSpacing(current.space(1.5))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)


VIEW = RooflineView
