"""Knobs: controls that set one field of a run each, and show what is in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Slot

from explorer.panels.view import Words
from widgets.card import Card
from widgets.choice import Choice
from widgets.slider import ValueSlider
from widgets.switch import Switch

Setter = Callable[..., None]


class SliderKnob(ValueSlider):
    """A slider that sets a number of a run.

    Parameters
    ----------
    name
        Of the field.
    change
        Called with the field and its new value, as a keyword.
    label, minimum, maximum, default, **look
        As of `ValueSlider`.
    whole
        Whether the field is a whole number.
    """

    def __init__(
        self,
        name: str,
        change: Setter,
        label: str,
        minimum: float,
        maximum: float,
        default: float,
        *,
        whole: bool = False,
        **look: Any,
    ) -> None:
        super().__init__(label, minimum, maximum, default, **look)
        self.name, self._change, self._whole = name, change, whole
        self.valueChanged.connect(self._on_moved_by_hand)

    def show_field(self, value: Any) -> None:
        """Move the handle without a signal."""
        if value != self.value():
            self.set_value(float(value))

    @Slot(float)
    def _on_moved_by_hand(self, value: float) -> None:
        self._change(**{self.name: round(value) if self._whole else value})


class ChoiceKnob(Choice):
    """A list that sets a word of a run.

    Parameters
    ----------
    name, change
        As of `SliderKnob`.
    label
        What is chosen.
    words
        Visible words by value.
    """

    def __init__(self, name: str, change: Setter, label: str, words: Mapping[str, str]) -> None:
        super().__init__(label)
        self.name, self._change = name, change
        self._keys = tuple(words)
        self.addItems(list(words.values()))
        self.activated.connect(self._on_activated)

    def key(self) -> str:
        """Give the value chosen."""
        return self._keys[self.currentIndex()]

    def choose(self, key: str) -> None:
        """Choose as a person does."""
        self.setCurrentIndex(self._keys.index(key))
        self._on_activated(self.currentIndex())

    def show_field(self, value: Any) -> None:
        """Show the value in force without a signal."""
        index = self._keys.index(value)
        if index != self.currentIndex():
            self.setCurrentIndex(index)

    @Slot(int)
    def _on_activated(self, index: int) -> None:
        self._change(**{self.name: self._keys[index]})


class SwitchKnob(Switch):
    """A switch that sets a yes or no of a run."""

    def __init__(self, name: str, change: Setter, label: str) -> None:
        super().__init__(label)
        self.name, self._change = name, change
        self.clicked.connect(self._on_clicked)

    def show_field(self, value: Any) -> None:
        """Show the value in force without a signal."""
        self.setChecked(bool(value))

    @Slot()
    def _on_clicked(self) -> None:
        self._change(**{self.name: self.isChecked()})


Knob = SliderKnob | ChoiceKnob | SwitchKnob


class KnobCard(Card):
    """A card of knobs; a list has its label above it."""

    def __init__(self, title: str, *, folded: bool = False) -> None:
        super().__init__(title, foldable=True, folded=folded)
        self.knobs: dict[str, Knob] = {}

    def put(self, knob: Knob) -> None:
        """Put a knob below the others."""
        if isinstance(knob, ChoiceKnob):
            self.add(Words(knob.accessibleName(), size_px=12, role="quiet_ink"))
        self.add(knob)
        self.knobs[knob.name] = knob

    def show_fields(self, fields: Any) -> None:
        """Show what is in force.

        Parameters
        ----------
        fields
            A blueprint or settings, with an attribute for each knob that belongs to it.
        """
        for name, knob in self.knobs.items():
            if hasattr(fields, name):
                knob.show_field(getattr(fields, name))
