"""Accuracy: what noise costs the network in use, and what bytes buy, ours beside published ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.evaluate import Accuracy
from explorer.engine.nn.cost import flash_bytes
from explorer.engine.nn.registry import names, shipped
from explorer.panels.base import HelpEntry
from explorer.panels.listen.analysis_base import ListenView, Session
from explorer.panels.listen.bytes_plot import BytesPlot, Ours
from explorer.panels.listen.cards import human_figures
from explorer.panels.listen.compact_plot import CompactPlot
from explorer.panels.listen.dots import Dot, Dots
from explorer.panels.listen.evaluations import Evaluations, Question
from explorer.panels.listen.published import PUBLISHED
from explorer.panels.view import Words
from widgets.segmented import Segmented
from widgets.state_box import StateBox

if TYPE_CHECKING:
    from explorer.engine.nn.network import Network
    from explorer.panels.base import Context
    from explorer.workbench import State

SNRS_DB = (None, 20.0, 10.0, 5.0, 0.0)
"""Where noise is added, in dB below the word; None: as recorded."""


class AccuracyView(ListenView):
    """Two plots, one at a time: accuracy against the signal-to-noise ratio, and against bytes.

    Parameters
    ----------
    context
        What the application lends.
    session
        What is being listened to.
    evaluations
        Measures, and keeps what was measured.
    """

    def __init__(self, context: Context, session: Session, evaluations: Evaluations) -> None:
        super().__init__(context, session)
        self.evaluations = evaluations
        self._network: Network | None = None
        evaluations.subscribe(self._show)
        self.choice = Segmented(
            [("noise", self.tr("In noise")), ("bytes", self.tr("For its bytes"))], label=self.tr("Accuracy against")
        )
        self.choice.chosen.connect(self._on_choice)
        self.noise = CompactPlot(
            self.tr("word above pink noise"),
            self.tr("accuracy"),
            x_unit="dB",
            y_unit="%",
            x_range=(-0.4, len(SNRS_DB) - 0.4),
            y_range=(0, 102),
        )
        self.noise.set_axis_ticks(
            "bottom", [(i, self.tr("as recorded") if snr is None else f"{snr:g}") for i, snr in enumerate(SNRS_DB)]
        )
        self.curve = self.noise.curve(self.tr("accuracy"))
        self.noise_dots = Dots(self.noise)
        self.bytes = BytesPlot()
        self.sentence = Words(size_px=14)
        self.note = Words(size_px=12, role="quiet_ink")
        self.box = StateBox()
        self.box.actionRequested.connect(self._ask)
        self.page.addWidget(self.choice)
        self.page.addWidget(self.sentence)
        self.page.addWidget(self.note)  # names the set: never below the fold
        for widget in (self.box, self.noise, self.bytes):
            self.page.addWidget(widget, 1)
        self.lend(self.noise)
        self.lend(self.bytes)
        self._show()

    def activate(self) -> None:
        """Measure what is not known yet."""
        self._ask()

    def on_slow_tick(self) -> None:
        """Follow another network and the progress."""
        if self.session.network is not self._network:
            if self._network is not None and len(self.curve.data()[0]):
                self.curve.remember(self._network.title)
            self._ask()
        elif any(self._value(snr) is None for snr in SNRS_DB):
            self._show()

    def on_state(self, old: State, new: State) -> None:
        """Nothing of the workbench is drawn but the network, which comes with the slow tick."""

    def describe(self) -> str:
        """Return what is seen."""
        return self.sentence.text() or self.box.text()

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Explain both plots."""
        return (
            HelpEntry(
                self.noise,
                self.tr("Accuracy in noise"),
                self.tr("The same clips with pink noise added below the word, measured here."),
                lambda: "SNR = 10 log10(P word / P noise), 0 to 8000 Hz",
                "5.2",
            ),
            HelpEntry(
                self.bytes,
                self.tr("Accuracy for its bytes"),
                self.tr(
                    "Filled: measured here on synthetic voices. Hollow: as the model cards and publications say, on "
                    "human voices. The two are never one number."
                ),
                self._formula,
                "5.2",
            ),
        )

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the numbers of the plot in front."""
        if self.choice.key() == "noise":
            rows: list[tuple[object, ...]] = [("network", "set", "accuracy", "low", "high", "clips")]
            for snr in SNRS_DB:
                value = self._value(snr)
                if value is not None and self._network is not None:
                    rows.append(
                        (self._network.title, value.set_name, value.accuracy, value.low, value.high, value.clips)
                    )
            return rows if len(rows) > 1 else []
        found: list[tuple[object, ...]] = [("network", "bytes", "accuracy", "kind", "source")]
        for network in self._shipped():
            size = flash_bytes(network.graph)
            found += [(network.name, size, f.accuracy, "cited", f.sentence()) for f in human_figures(network.card)[:1]]
            measured = self.evaluations.get(network, Question())
            if measured is not None:
                found.append((network.name, size, measured.accuracy.accuracy, "measured", measured.accuracy.set_name))
        return found + [(p.name, p.file_bytes, p.accuracy, "cited", p.source) for p in PUBLISHED]

    def pictures(self) -> tuple[QWidget, ...]:
        """Return both plots, the one in front first."""
        return (self.noise, self.bytes) if self.choice.key() == "noise" else (self.bytes, self.noise)

    def _formula(self) -> str:
        return "; ".join(f"{n.name}: {flash_bytes(n.graph):,} bytes" for n in self._shipped())

    def _shipped(self) -> list[Network]:
        found = []
        for name in names():
            try:
                found.append(shipped(name))
            except ExplorerError:  # one that is missing leaves the others
                continue
        return found

    def _value(self, snr_db: float | None) -> Accuracy | None:
        if self._network is None:
            return None
        measured = self.evaluations.get(self._network, Question(snr_db=snr_db))
        return None if measured is None else measured.accuracy

    @Slot()
    def _ask(self) -> None:
        self._network = network = self.session.network
        if network is not None and self.choice.key() == "noise":
            self.evaluations.ask(network, *(Question(snr_db=snr) for snr in SNRS_DB))
        elif self.choice.key() == "bytes":
            for one in self._shipped():
                self.evaluations.ask(one, Question())
        self._show()

    @Slot()
    def _on_choice(self) -> None:
        self._ask()

    def _show(self) -> None:
        noise = self.choice.key() == "noise"
        self.bytes.setVisible(not noise)
        if not noise:
            self.box.hide()
            self.noise.hide()
            self._show_bytes()
            return
        known = [(i, snr, value) for i, snr in enumerate(SNRS_DB) if (value := self._value(snr)) is not None]
        self.noise.setVisible(bool(known))
        self.box.setVisible(not known)
        if not known:
            self._show_box()
            return
        self.curve.set_data([i for i, _, _ in known], [100 * value.accuracy for _, _, value in known])
        self.noise_dots.set_dots(
            [
                Dot(
                    i,
                    100 * value.accuracy,
                    f"{100 * value.accuracy:.1f}",
                    "data0",
                    100 * value.low,
                    100 * value.high,
                    side="upper right",
                )
                for i, _, value in known
            ]
        )
        self._write_noise([(snr, value) for _, snr, value in known])

    def _write_noise(self, known: list[tuple[float | None, Accuracy]]) -> None:
        assert self._network is not None
        first, last = known[0], known[-1]
        if len(known) == len(SNRS_DB):
            self.sentence.setText(
                self.tr("{network}: {clean} % as recorded, {noisy} % where noise is as loud as the word.").format(
                    network=self._network.title,
                    clean=f"{100 * first[1].accuracy:.1f}",
                    noisy=f"{100 * last[1].accuracy:.1f}",
                )
            )
        else:
            self.sentence.setText(
                self.tr("{network}: estimating, {done} of {all} ratios measured.").format(
                    network=self._network.title, done=len(known), all=len(SNRS_DB)
                )
            )
        self.note.setText(
            self.tr(
                "Measured here: bundled synthetic voices, evaluate part, n = {clips} at each ratio; lines: 95 % "
                "interval over clips. The clips have noise of their own, 15 dB or more below the word."
            ).format(clips=first[1].clips)
            + (f" {self._network.title}: {self._network.badge}." if self._network.badge else "")
        )
        self.noise.set_described(self.sentence.text())

    def _show_box(self) -> None:
        self.sentence.setText("")
        self.note.setText("")
        if self._network is None:
            self.box.set_state("loading", self.tr("The network is being loaded."))
            return
        errors = [e for snr in SNRS_DB if (e := self.evaluations.error(self._network, Question(snr_db=snr)))]
        if errors:
            self.box.set_state("failed", errors[0], action=self.tr("Try again"))
            return
        progress = self.evaluations.progress(self._network, Question())
        self.box.set_state(
            "estimating",
            self.tr("{network} listens to a thousand words, five times.").format(network=self._network.title),
            progress=progress,
        )

    def _show_bytes(self) -> None:
        ours = []
        for network in self._shipped():
            figures, measured = human_figures(network.card), self.evaluations.get(network, Question())
            ours.append(
                Ours(
                    network.name,
                    flash_bytes(network.graph),
                    figures[0] if figures else None,
                    None if measured is None else measured.accuracy,
                )
            )
        self.bytes.set_networks(ours)
        self._write_bytes(sum(one.synthetic is not None for one in ours))

    def _write_bytes(self, synthetic: int) -> None:
        tiny = next((n for n in self._shipped() if n.name == "tiny"), None)
        figures = human_figures(tiny.card) if tiny is not None else []
        if tiny is not None and figures:
            self.sentence.setText(
                self.tr("tiny: {share} % on human voices in {size} bytes.").format(
                    share=f"{100 * figures[0].accuracy:.1f}", size=f"{flash_bytes(tiny.graph):,}"
                )
            )
        else:
            self.sentence.setText(self.tr("Accuracy of the three networks, and of published ones."))
        waiting = "" if synthetic == len(self._shipped()) else self.tr("Synthetic voices: estimating. ")
        self.note.setText(
            waiting
            + self.tr(
                "Hollow: cited. Ours on human voices: model cards, validation speakers of Speech Commands. "
                "Published: official test clips, so not the same ones; BC-ResNet (Kim et al. 2021) at one byte a "
                "parameter, DS-CNN and MicroNet (Arm ML-zoo) as int8 files. Filled: measured here on synthetic voices."
            )
        )
        self.bytes.set_described(self.sentence.text())
