"""Survivors: tick the tiers that will meet deadline and battery, then see which constraint struck each."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton

from explorer.engine.deployment.profile import TIERS, Tier
from explorer.engine.deployment.units import in_days
from explorer.panels.place import wording
from explorer.panels.place.session import PlaceSession
from explorer.panels.view import Words
from widgets import tokens
from widgets.card import Card
from widgets.tokens import Tokens


class Survivors(Card):
    """A question with a button to tick for each tier; the answer names, for every tier, what struck it.

    Guessing first is what makes a picture stick (see `widgets.predict_reveal`, which asks for one choice or value).

    Parameters
    ----------
    session
        What estimates.

    Attributes
    ----------
    asking
        Whether the question is open: the tiles must not give the answer away.
    """

    changed = Signal()
    """The question was asked, answered or put away."""

    def __init__(self, session: PlaceSession) -> None:
        super().__init__()
        self._session = session
        self.asking = False
        self._revealed = False
        self.question = Words(size_px=14, weight=600)
        self.boxes: dict[Tier, QPushButton] = {tier: _box(tier) for tier in TIERS}
        self.answer = Words()
        self.commit = QPushButton(_tr("That is my guess"))
        self.commit.setProperty("primary", True)
        self.done = QPushButton(_tr("Close"))
        self._row = QHBoxLayout()
        for widget in (*self.boxes.values(), self.commit, self.done):
            self._row.addWidget(widget)
        self._row.addStretch(1)
        self.add(self.question)
        self.content().addLayout(self._row)
        self.add(self.answer)
        self.commit.clicked.connect(self.reveal)
        self.done.clicked.connect(self.put_away)
        self.hide()
        self._unfollow_self = tokens.follow(self._apply_own_tokens)

    def ask(self) -> None:
        """Ask which tiers survive what is asked now."""
        setup = self._session.setup
        wanted = [_tr("99 of 100 answers within {time}").format(time=wording.in_time(setup.deadline_ms))]
        if setup.min_days is not None:
            wanted.append(_tr("a battery that lasts {days}").format(days=in_days(setup.min_days)))
        wanted.append(_tr("{rate} decisions a second").format(rate=f"{setup.rate(self._session.state.hop_ms):.3g}"))
        self.question.setText(_tr("Which tiers survive: {wanted}?").format(wanted=", ".join(wanted)))
        self.asking, self._revealed = True, False
        for box in self.boxes.values():
            box.setChecked(False)
            box.setEnabled(True)
        self._show()
        self.show()
        self.boxes["cloud"].setFocus()
        self.changed.emit()

    def on_new(self) -> None:
        """Keep the answer that of the present setup."""
        if self._revealed:
            self._tell()

    @Slot()
    def reveal(self) -> None:
        """Show which constraint struck each."""
        self.asking, self._revealed = False, True
        for box in self.boxes.values():
            box.setEnabled(False)
        self._tell()
        self._show()
        self.done.setFocus()
        self.changed.emit()

    @Slot()
    def put_away(self) -> None:
        """Put the question away."""
        self.hide()
        self.asking = self._revealed = False
        self.changed.emit()

    def _tell(self) -> None:
        places = self._session.places
        right = [tier for tier, place in places.items() if self.boxes[tier].isChecked() == place.remains]
        head = _tr("{right} of {all} right.").format(right=len(right), all=len(places))
        parts = []
        for tier, place in places.items():
            told = _tr("{tier} {mark} {what} ({guess})")
            guess = _tr("guessed right") if tier in right else _tr("guessed wrong")
            mark, what = ("✓", _tr("remains")) if place.remains else ("✕", wording.verdict(place))
            parts.append(told.format(tier=wording.tier_name(tier), mark=mark, what=what, guess=guess))
        self.answer.setText(f"{head} {';  '.join(parts)}.")
        self.setAccessibleDescription(self.answer.text())

    def _show(self) -> None:
        self.commit.setVisible(not self._revealed)
        self.answer.setVisible(self._revealed)

    def _apply_own_tokens(self, current: Tokens) -> None:
        self._row.setSpacing(current.space(1.5))


def _box(tier: Tier) -> QPushButton:
    """Make a button that stays pressed, with a tick: it grows with the type, as a check box does not."""
    name = wording.tier_name(tier)
    box = QPushButton(f"○ {name}")
    box.setCheckable(True)
    box.setAccessibleName(_tr("{tier} survives").format(tier=name))
    box.toggled.connect(lambda on: box.setText(f"✓ {name}" if on else f"○ {name}"))
    return box


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
