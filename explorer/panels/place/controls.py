"""The inspector of the Place panel: how it is used, what is asked, and the network, most used first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.engine.deployment.duty import BATTERIES
from explorer.engine.deployment.link import LINKS
from explorer.engine.deployment.profile import TIERS
from explorer.engine.deployment.units import in_days
from explorer.engine.quantization.recipe import FLOAT, Recipe
from explorer.panels.base import Context
from explorer.panels.place import setup as limits
from explorer.panels.place import wording
from explorer.panels.place.device_choice import DeviceChoice
from explorer.panels.place.session import PlaceSession
from explorer.panels.place.setup import Setup
from explorer.panels.view import Words
from widgets import tokens
from widgets.card import Card
from widgets.choice import Choice
from widgets.segmented import Segmented
from widgets.slider import ValueSlider
from widgets.switch import Switch
from widgets.tokens import Tokens

Change = Callable[..., None]
BITS: dict[str, Recipe] = {"32": FLOAT, "8": Recipe(8, 8), "4": Recipe(4, 8), "2": Recipe(2, 8)}
"""The precisions of the switch, by the bits of the weights; activations keep 8 below 32."""


class UseCard(Card):
    """How often it decides, listens and is asked, on which battery, over which links."""

    def __init__(self, change: Change) -> None:
        super().__init__(_tr("How it is used"), foldable=True)
        self._change = change
        self._hop_ms = 50.0
        self.rate = _log(_tr("Decisions a second"), limits.RATES, 20.0)
        self.listening = _log(
            _tr("Listens"), limits.LISTENING, Setup().listening, text=lambda share: wording.in_percent(share)
        )
        self.requests = _log(_tr("Words a day"), limits.REQUESTS, 100.0, text=lambda count: f"{count:,.0f}")
        self.battery = _choice(_tr("Battery"), [battery.name for battery in BATTERIES])
        names = [link.name for link in LINKS]
        self.cloud_link, self.edge_link = (
            _choice(_tr("Link to the cloud"), names),
            _choice(_tr("Link to the edge"), names),
        )
        self.distance = _log(_tr("Distance to the cloud"), limits.DISTANCES_KM, 1000.0, text=_kilometres)
        self.rate.valueChanged.connect(self._on_rate)
        self.listening.valueChanged.connect(lambda value: change(listening=value))
        self.requests.valueChanged.connect(lambda value: change(requests_per_day=value))
        self.distance.valueChanged.connect(lambda value: change(distance_km=value))
        self.battery.textActivated.connect(lambda name: change(battery=name))
        self.cloud_link.textActivated.connect(lambda name: change(cloud_link=name, distance_km=None))
        self.edge_link.textActivated.connect(lambda name: change(edge_link=name))
        for slider in (self.rate, self.listening, self.requests):
            self.add(slider)
        for told, choice in (
            (_tr("Battery of what has none"), self.battery),
            (_tr("Way to the cloud"), self.cloud_link),
            (_tr("Way to the edge"), self.edge_link),
        ):
            self.add(Words(told, size_px=12, role="quiet_ink"))
            self.add(choice)
        self.add(self.distance)

    @Slot(float)
    def _on_rate(self, value: float) -> None:
        # at Listen's own rate the panel goes on following it
        same = abs(value * self._hop_ms / 1e3 - 1) < 0.02
        self._change(decisions_per_s=None if same else value)

    def show_setup(self, setup: Setup, hop_ms: float) -> None:
        """Show what is in force."""
        self._hop_ms = hop_ms
        self.rate.set_value(setup.rate(hop_ms))
        self.listening.set_value(setup.listening)
        self.requests.set_value(setup.requests_per_day)
        self.battery.setCurrentText(setup.battery)
        self.cloud_link.setCurrentText(setup.cloud_link)
        self.edge_link.setCurrentText(setup.edge_link)
        link = setup.links()["cloud"]
        if link is not None:
            self.distance.set_value(link.distance_km)


class AskedCard(Card):
    """What is asked of a place; a switch before each constraint that need not be asked."""

    def __init__(self, change: Change) -> None:
        super().__init__(_tr("What is asked"), foldable=True)
        self.deadline = _log(_tr("Deadline, 99 of 100"), limits.DEADLINES_MS, 300.0, text=wording.in_time)
        self.deadline.valueChanged.connect(lambda value: change(deadline_ms=value))
        self.add(self.deadline)
        self.days = self._optional(change, "min_days", _tr("Battery lasts"), limits.DAYS, 7.0, in_days)
        self.power = self._optional(
            change, "max_power_mw", _tr("Power in the room"), limits.POWERS_MW, 10.0, lambda value: f"{value:.3g} mW"
        )
        self.cost = self._optional(
            change, "max_usd", _tr("Cost of a million"), limits.COSTS_USD, 100.0, lambda value: f"{value:,.3g} USD"
        )
        self.stays = Switch(_tr("Sound stays in the room"))
        self.stays.toggled.connect(lambda on: change(sound_stays=on))
        self.add(self.stays)

    def _optional(
        self,
        change: Change,
        key: str,
        title: str,
        ends: tuple[float, float],
        default: float,
        text: Callable[[float], str],
    ) -> tuple[Switch, ValueSlider]:
        switch, slider = Switch(title), _log("", ends, default, text=text)
        switch.setAccessibleName(title)
        slider.setAccessibleName(title)
        slider.hide()
        switch.toggled.connect(lambda on: change(**{key: slider.value() if on else None}))
        slider.valueChanged.connect(lambda value: change(**{key: value}))
        self.add(switch)
        self.add(slider)
        return switch, slider

    def show_setup(self, setup: Setup) -> None:
        """Show what is in force."""
        self.deadline.set_value(setup.deadline_ms)
        values = (setup.min_days, setup.max_power_mw, setup.max_usd)
        for (switch, slider), value in zip((self.days, self.power, self.cost), values, strict=True):
            _check(switch, value is not None)
            slider.setVisible(value is not None)
            if value is not None:
                slider.set_value(value)
        _check(self.stays, setup.sound_stays)


class DevicesCard(Card):
    """Which device stands for each tier."""

    deviceChosen = Signal(str, str)
    """The user wants another device; tier and key."""

    def __init__(self) -> None:
        super().__init__(_tr("Devices"), foldable=True)
        self.by_tier = {tier: DeviceChoice(tier) for tier in TIERS}
        for tier, choice in self.by_tier.items():
            self.add(Words(wording.tier_name(tier), size_px=12, role="quiet_ink"))
            self.add(choice)
            choice.deviceChosen.connect(partial(self.deviceChosen.emit, tier))

    def show_setup(self, session: PlaceSession) -> None:
        """Show what is in force."""
        for tier, choice in self.by_tier.items():
            choice.show_devices(session.profiles, session.setup.tiles[tier])


class NetworkCard(Card):
    """Which network, and the precision of the workbench, which Squeeze sets too."""

    def __init__(self, context: Context, change: Change) -> None:
        super().__init__(_tr("Network and precision"), foldable=True)
        self._context = context
        self.which = Segmented(
            [("same", _tr("same everywhere")), ("best", _tr("best that fits"))], label=_tr("Network of each place")
        )
        self.which.chosen.connect(lambda key: change(best=key == "best"))
        self.add(self.which)
        self.bits = Segmented(
            [("32", _tr("float")), ("8", "8"), ("4", "4"), ("2", "2")], label=_tr("Bits of the weights")
        )
        self.told = Words(size_px=12, role="quiet_ink")
        self.bits.chosen.connect(self._on_bits)
        self.add(self.bits)
        self.add(self.told)

    def show_recipe(self, recipe: Recipe, best: bool) -> None:
        """Show what is in force, also when Squeeze set what the switch does not have."""
        self.which.set_key("best" if best else "same")
        self.told.setText(
            _tr("In force, as set here or in Squeeze: {recipe}").format(
                recipe=_tr("float32") if recipe == FLOAT else recipe
            )
        )
        key = next((key for key, known in BITS.items() if _widths(known) == _widths(recipe)), "")
        if key:
            self.bits.set_key(key)

    def _on_bits(self, key: str) -> None:
        recipe, wanted = self._context.workbench.state.precision, BITS[key]
        new = replace(recipe, weights=wanted.weights, activations=wanted.activations)
        self._context.workbench.update(precision=replace(new, layer_weights=(), layer_activations=()))


class CompareCard(Card):
    """Two setups, A and B: keep one, change it, go from one to the other and see what differs as ghosts."""

    def __init__(self, context: Context, session: PlaceSession) -> None:
        super().__init__(_tr("Compare A and B"), foldable=True)
        self._context, self._session = context, session
        self._other: tuple[Setup, Recipe] | None = None
        self._shown = "A"
        self.told = Words(size_px=12, role="quiet_ink")
        self.keep, self.swap = QPushButton(), QPushButton()
        self.keep.clicked.connect(self._on_keep)
        self.swap.clicked.connect(self._on_swap)
        for widget in (self.told, self.keep, self.swap):
            self.add(widget)
        self.show_setup()

    def show_setup(self) -> None:
        """Say which of the two is in force."""
        kept = self._other is not None
        self.keep.setText(_tr("Keep this as A, go on as B"))
        self.swap.setText(_tr("Show {other}").format(other="B" if self._shown == "A" else "A"))
        self.swap.setVisible(kept)
        told = _tr("{shown} is in force.").format(shown=self._shown)
        self.told.setText(told if kept else _tr("Keep this setting, change it, then go back and forth."))

    def _on_keep(self) -> None:
        self._other = (self._session.setup, self._context.workbench.state.precision)
        self._shown = "B"
        self.show_setup()

    def _on_swap(self) -> None:
        if self._other is None:
            return
        (setup, precision), now = self._other, (self._session.setup, self._context.workbench.state.precision)
        self._other, self._shown = now, "B" if self._shown == "A" else "A"
        self._session.take(setup)
        self._context.workbench.update(precision=precision)
        self._context.notify(_tr("{shown} is in force.").format(shown=self._shown))
        self.show_setup()


class Inspector(QWidget):
    """A column of cards.

    Parameters
    ----------
    context, session
        The application, and what estimates.
    """

    guessAsked = Signal()
    """The user wants to guess who survives."""
    raceAsked = Signal()
    """The user wants a race."""
    deviceChosen = Signal(str, str)
    """The user wants another device; tier and key."""

    def __init__(self, context: Context, session: PlaceSession) -> None:
        super().__init__()
        self._context, self._session = context, session
        self.use = UseCard(self._change)
        self.asked = AskedCard(self._change)
        self.network = NetworkCard(context, self._change)
        self.devices = DevicesCard()
        self.more = Card(_tr("Race"), foldable=True)
        self.speed = Segmented(
            [("1", _tr("real time")), ("10", _tr("10 times slower"))], label=_tr("Speed of the race")
        )
        self.start = QPushButton(_tr("Race for the next word"))
        self.speed.chosen.connect(lambda key: self._change(slow=int(key)))
        self.start.clicked.connect(self.raceAsked)
        self.devices.deviceChosen.connect(self.deviceChosen)
        self.guess = QPushButton(_tr("Guess first: who survives?"))
        self.guess.clicked.connect(self.guessAsked)
        self.hears = Switch(_tr("For every word that Listen hears"))
        self.hears.toggled.connect(self._on_hears)
        for widget in (self.start, self.speed, self.hears, self.guess):
            self.more.add(widget)
        self.compare = CompareCard(context, session)
        self._column = QVBoxLayout(self)
        for card in (self.network, self.use, self.asked, self.more, self.compare, self.devices):
            self._column.addWidget(card)
        self._column.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._unfollow = tokens.follow(self._apply_tokens)
        self.show_setup()

    def show_setup(self) -> None:
        """Show what is in force."""
        session = self._session
        self.use.show_setup(session.setup, session.state.hop_ms)
        self.asked.show_setup(session.setup)
        self.network.show_recipe(session.state.precision, session.setup.best)
        self.devices.show_setup(session)
        self.speed.set_key(str(session.setup.slow))
        _check(self.hears, session.setup.hears)
        self.compare.show_setup()

    def _change(self, **changes: Any) -> None:
        self._session.change(**changes)

    def _on_hears(self, on: bool) -> None:
        if on:
            self._context.ear.listening()  # begun now, if nobody listened before
        self._change(hears=on)

    def _apply_tokens(self, current: Tokens) -> None:
        gap = current.space(1)
        self._column.setContentsMargins(0, 0, gap, gap)
        self._column.setSpacing(gap)


def _log(
    label: str, ends: tuple[float, float], default: float, text: Callable[[float], str] | None = None
) -> ValueSlider:
    return ValueSlider(label, *ends, default, step=0.05, logarithmic=True, text=text or _three)


def _three(value: float) -> str:
    return f"{value:.3g}"


def _kilometres(value: float) -> str:
    return f"{1000 * value:.0f} m" if value < 1 else f"{value:,.0f} km"


def _choice(label: str, names: list[str]) -> Choice:
    choice = Choice(label)
    choice.addItems(names)
    return choice


def _check(switch: Switch, on: bool) -> None:
    """Set a switch without its signal."""
    blocked = switch.blockSignals(True)
    switch.setChecked(on)
    switch.blockSignals(blocked)
    switch.update()


def _widths(recipe: Recipe) -> tuple[object, ...]:
    own = bool(recipe.layer_weights or recipe.layer_activations)
    return recipe.weights, recipe.activations, own


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
