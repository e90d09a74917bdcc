"""The cards of the inspector about deciding: knobs, noise, network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QPushButton

from explorer.engine.errors import ExplorerError
from explorer.engine.kws.decision import DecisionSettings
from explorer.engine.nn.cost import flash_bytes
from explorer.engine.nn.network import Network
from explorer.engine.nn.registry import names
from explorer.panels.base import Context
from explorer.panels.listen.prompts import kilobytes
from explorer.panels.listen.score_plot import THRESHOLD
from explorer.panels.listen.session import ListenSession
from explorer.panels.view import Words
from explorer.workbench import NOISE_KINDS, State
from widgets.card import Card
from widgets.elided_label import ElidedLabel
from widgets.segmented import Segmented
from widgets.slider import ValueSlider


class DecisionCard(Card):
    """The knobs between scores and words; each re-scores the last five minutes at once.

    Parameters
    ----------
    context, session
        The application, and what listens.
    """

    moved = Signal()
    """The user moved a knob."""

    def __init__(self, context: Context, session: ListenSession) -> None:
        super().__init__(QCoreApplication.translate("DecisionCard", "Decision"), foldable=True)
        self._context, self._session = context, session
        start = DecisionSettings()
        self.threshold = ValueSlider(
            self.tr("Threshold"), THRESHOLD.minimum, THRESHOLD.maximum, start.threshold, step=THRESHOLD.step
        )
        self.average = ValueSlider(self.tr("Averaging window"), 50, 1500, start.average_ms, step=50, unit="ms")
        self.refractory = ValueSlider(self.tr("Refractory time"), 0, 3000, start.refractory_ms, step=100, unit="ms")
        self.rearm = ValueSlider(self.tr("Re-arm level"), 0.01, 0.95, start.rearm, step=0.01)
        self.count = ValueSlider(self.tr("Minimum count"), 1, 20, start.minimum_count, step=1, decimals=0)
        self._sliders: dict[str, ValueSlider] = {
            "threshold": self.threshold,
            "average_ms": self.average,
            "refractory_ms": self.refractory,
            "rearm": self.rearm,
            "minimum_count": self.count,
        }
        for knob, slider in self._sliders.items():
            slider.valueChanged.connect(self._setter(knob))
            self.add(slider)
        self.tuned = ElidedLabel("", size_px=12, role="warn", lines=2)
        self.defaults = QPushButton(self.tr("Back to the defaults"))
        self.defaults.clicked.connect(self._on_defaults)
        self.add(self.tuned)
        self.add(self.defaults)
        self.show_state(context.workbench.state)

    def show_state(self, state: State) -> None:
        """Show the knobs in force."""
        for knob, slider in self._sliders.items():
            if slider.value() != getattr(state.decision, knob):
                slider.set_value(getattr(state.decision, knob))
        tuned_on = self._session.tuned_on
        self.tuned.setVisible(bool(tuned_on))
        text = self.tr("Tuned on this recording ({name}): its figures flatter these knobs.")
        self.tuned.set_text(text.format(name=tuned_on) if tuned_on else "")
        self.defaults.setVisible(state.decision != DecisionSettings())

    def set_knob(self, knob: str, value: float) -> None:
        """Move a knob; levels that must not cross are kept apart."""
        settings = self._context.workbench.state.decision
        if knob == "rearm":
            value = min(value, settings.threshold)
        if knob == "minimum_count":
            value = round(value)
        try:
            moved = settings.adjusted(**{knob: value})
        except ExplorerError as error:
            self._context.notify(str(error), None, "warn")
            return
        self._context.workbench.update(decision=moved)
        self.moved.emit()

    def _setter(self, knob: str) -> Callable[[float], None]:
        def changed(value: float) -> None:
            self.set_knob(knob, value)

        return changed

    @Slot()
    def _on_defaults(self) -> None:
        self._context.workbench.update(decision=DecisionSettings())
        self.moved.emit()


class NoiseCard(Card):
    """Noise mixed into any source.

    Parameters
    ----------
    context
        The application.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(QCoreApplication.translate("NoiseCard", "Noise"), foldable=True)
        self._context = context
        words = {
            "none": self.tr("none"),
            "babble": self.tr("babble"),
            "white": self.tr("white"),
            "pink": self.tr("pink"),
            "hum": self.tr("hum"),
        }
        self.kind = Segmented([(kind, words[kind]) for kind in NOISE_KINDS], label=self.tr("Kind of noise"))
        self.snr = ValueSlider(self.tr("Signal to noise"), -10, 40, State().noise_snr_db, step=1, unit="dB", decimals=0)
        self.kind.chosen.connect(self._on_kind)
        self.snr.valueChanged.connect(self._on_snr)
        self.add(self.kind)
        self.add(self.snr)
        self.show_state(context.workbench.state)

    def show_state(self, state: State) -> None:
        """Show what the user chose."""
        self.kind.set_key(state.noise_kind)
        self.snr.set_value(state.noise_snr_db)
        self.snr.set_disabled_reason(self.tr("Choose a noise first.") if state.noise_kind == "none" else None)

    @Slot(str)
    def _on_kind(self, kind: str) -> None:
        self._context.workbench.update(noise_kind=kind)

    @Slot(float)
    def _on_snr(self, value: float) -> None:
        self._context.workbench.update(noise_snr_db=value)


class NetworkCard(Card):
    """Which of the shipped networks listens, what it weighs, and how well it does on which set.

    Parameters
    ----------
    context, session
        The application, and what listens.
    """

    def __init__(self, context: Context, session: ListenSession) -> None:
        super().__init__(QCoreApplication.translate("NetworkCard", "Network"), foldable=True)
        self._context, self._session = context, session
        self.choice = Segmented([(name, name) for name in names()], label=self.tr("Network"))
        self.choice.chosen.connect(self._on_chosen)
        self.facts = Words(size_px=12, role="quiet_ink")
        self.add(self.choice)
        self.add(self.facts)
        self.show_state(context.workbench.state)

    def show_state(self, state: State) -> None:
        """Show which network was chosen."""
        if state.network in names():
            self.choice.set_key(state.network)
        self.on_slow_tick()

    def on_slow_tick(self) -> None:
        """Say what is known of the network in use."""
        session = self._session
        if session.trouble:
            self.facts.setText(session.trouble)
        elif session.loading or session.network is None:
            self.facts.setText(self.tr("Loading {name} …").format(name=self._context.workbench.state.network))
        else:
            self.facts.setText(network_facts(session.network))

    @Slot(str)
    def _on_chosen(self, name: str) -> None:
        self._context.workbench.update(network=name)


def network_facts(network: Network) -> str:
    """Say in lines what a network's model card tells: bytes, then accuracy by set with its interval."""
    lines = [f"{network.name} v{network.version}, {network.badge}"] if network.badge else []
    lines.append(_tr("{count:,} parameters").format(count=network.parameters))
    floats, codes = (kilobytes(flash_bytes(network.graph, bits)) for bits in (32, 8))
    lines.append(_tr("{floats} as float32, {codes} at 8 bits").format(floats=floats, codes=codes))
    for row in accuracies(network):
        interval = f"[{100 * row['low']:.1f}, {100 * row['high']:.1f}]"
        count = "" if "n =" in row["set"] else f", n = {row['clips']:,}"
        lines.append(f"{100 * row['accuracy']:.1f} % {interval} {row['set']}{count}")
    return "\n".join(lines)


def accuracies(network: Network) -> list[dict[str, Any]]:
    """Return the rows of a model card that say accuracy, interval, set and number of clips."""
    found = network.card.get("accuracy")
    rows = found.values() if isinstance(found, dict) else ()
    wanted = {"accuracy", "low", "high", "set", "clips"}
    return [dict(row) for row in rows if isinstance(row, dict) and wanted <= set(row)]


def _tr(text: str) -> str:
    return QCoreApplication.translate("NetworkCard", text)
