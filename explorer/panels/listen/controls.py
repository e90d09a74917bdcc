"""The inspector of the Listen panel: cards of controls, most used first."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from explorer.panels.base import Context
from explorer.panels.listen.knob_cards import DecisionCard, NetworkCard, NoiseCard
from explorer.panels.listen.session import ListenSession
from explorer.panels.listen.source_card import MemoryCard, SourceCard
from explorer.workbench import State
from widgets import tokens
from widgets.tokens import Tokens


class Inspector(QWidget):
    """A column of cards.

    Parameters
    ----------
    context, session
        The application, and what listens.
    """

    def __init__(self, context: Context, session: ListenSession) -> None:
        super().__init__()
        self.source = SourceCard(context, session)
        self.decision = DecisionCard(context, session)
        self.noise = NoiseCard(context)
        self.network = NetworkCard(context, session)
        self.memory = MemoryCard(context, session)
        self._column = QVBoxLayout(self)
        for card in (self.source, self.decision, self.noise, self.network, self.memory):
            self._column.addWidget(card)
        self._column.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._unfollow = tokens.follow(self._apply_tokens)

    def show_state(self, state: State) -> None:
        """Show what the user chose."""
        self.source.show_state(state)
        self.decision.show_state(state)
        self.noise.show_state(state)
        self.network.show_state(state)

    def on_frame(self) -> None:
        """Move what moves."""
        self.source.on_frame()

    def on_slow_tick(self) -> None:
        """Renew what is text."""
        self.source.on_slow_tick()
        self.network.on_slow_tick()
        self.memory.on_slow_tick()

    def _apply_tokens(self, current: Tokens) -> None:
        gap = current.space(1)
        self._column.setContentsMargins(0, 0, gap, gap)
        self._column.setSpacing(gap)
