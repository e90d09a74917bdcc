"""Predict and reveal: a question asked before the picture moves, and the answer beside the guess afterwards.

Guessing first is what makes a picture stick: C. H. Crouch, A. P. Fagen, J. P. Callan, E. Mazur, "Classroom
demonstrations: Learning tools or entertainment?", American Journal of Physics 72, 2004.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from widgets import tokens
from widgets.card import Card
from widgets.prediction_axis import PredictionAxis
from widgets.segmented import Segmented

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from widgets.slider_scale import SliderScale
    from widgets.tokens import Tokens


class PredictReveal(Card):
    """A card that asks, keeps the guess, and shows guess and truth together.

    `ask_choice` or `ask_value`, then wait for `predicted` or `dismissed`, let the picture move, and call `reveal`.
    Enter gives the answer, Escape is "just show me".
    """

    predicted = Signal(object)
    """The user guessed: the key of a choice (str) or a value (float).  Now the picture may move."""
    dismissed = Signal()
    """The user wants to see it without guessing.  Now the picture may move."""
    closed = Signal()
    """The user has read the answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._question = QLabel()
        self._question.setWordWrap(True)
        self._answer = QLabel()
        self._answer.setWordWrap(True)
        for label in (self._question, self._answer):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._field: Segmented | PredictionAxis | None = None
        self._words: dict[str, str] = {}
        self._prediction: str | float | None = None
        self._state = "idle"
        self._commit = QPushButton(self.tr("That is my guess"))
        self._commit.setProperty("primary", True)
        self._skip = QPushButton(self.tr("Just show me"))
        self._skip.setProperty("quiet", True)
        self._done = QPushButton(self.tr("Close"))
        self._commit.clicked.connect(self._on_commit)
        self._skip.clicked.connect(self._on_skip)
        self._done.clicked.connect(self.close_question)
        self._row = QHBoxLayout()
        for button in (self._commit, self._skip, self._done):
            self._row.addWidget(button)
        self._row.insertWidget(0, self._answer, 1)
        self._row.addStretch()
        self.add(self._question)
        self.content().addLayout(self._row)
        self.hide()
        self._unfollow_self = tokens.follow(self._apply_own_tokens)

    def ask_choice(self, question: str, choices: Sequence[tuple[str, str]]) -> None:
        """Ask which of a few (key and visible word of each)."""
        self._words = dict(choices)
        self._ask(question, Segmented(choices, label=question))

    def ask_value(self, question: str, scale: SliderScale, text: Callable[[float], str] | None = None) -> None:
        """Ask where on an axis; `text` prints a value with its unit."""
        self._words = {}
        axis = PredictionAxis(scale, text or scale.text)
        axis.setAccessibleName(question)
        self._ask(question, axis)

    def prediction(self) -> str | float | None:
        """Give the guess; None before it, or if the user did not want to guess."""
        return self._prediction

    def state(self) -> str:
        """Say where we are: "idle", "asking", "waiting" (for the picture) or "revealed"."""
        return self._state

    def reveal(self, actual: str | float, sentence: str) -> None:
        """Show the truth beside the guess.

        Parameters
        ----------
        actual
            Key of the right choice, or the measured value.
        sentence
            What is to be learnt from it.
        """
        guess = self._prediction
        parts = []
        if isinstance(self._field, PredictionAxis):
            self._field.set_actual(float(actual), guessed=guess is not None)
        else:
            truth = self._words.get(str(actual), str(actual))
            if guess is None:
                parts.append(self.tr("It is: {truth}.").format(truth=truth))
            elif guess == actual:
                parts.append(self.tr("You said {guess}, and so it is.").format(guess=truth))
            else:
                said = self._words.get(str(guess), str(guess))
                parts.append(self.tr("You said {guess}; it is {truth}.").format(guess=said, truth=truth))
            if isinstance(self._field, Segmented):
                self._field.set_key(str(actual))
        parts.append(sentence)
        self._answer.setText(" ".join(parts))
        self._enter("revealed")

    @Slot()
    def close_question(self) -> None:
        """Put the question away."""
        self._enter("idle")
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Answer with Enter, show (or close) with Escape."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._state == "asking":
            self._on_commit()
        elif key == Qt.Key.Key_Escape and self._state == "asking":
            self._on_skip()
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._state == "revealed":
            self.close_question()
        else:
            super().keyPressEvent(event)

    def _ask(self, question: str, field: Segmented | PredictionAxis) -> None:
        if self._field is not None:
            self._field.hide()
            self._field.deleteLater()
        self._field = field
        self._prediction = None
        self._question.setText(question)
        self._answer.setText("")
        self.setAccessibleName(question)
        self.content().insertWidget(1, field)
        self._enter("asking")
        field.show()  # at once: what is not shown yet cannot take the keyboard
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_commit(self) -> None:
        if isinstance(self._field, PredictionAxis):
            self._prediction = self._field.current_value()
        elif self._field is not None:
            self._prediction = self._field.key()
        self._enter("waiting")
        self.predicted.emit(self._prediction)

    @Slot()
    def _on_skip(self) -> None:
        self._enter("waiting")
        self.dismissed.emit()

    def _enter(self, state: str) -> None:
        self._state = state
        self.setVisible(state != "idle")
        self._commit.setVisible(state == "asking")
        self._skip.setVisible(state == "asking")
        self._done.setVisible(state == "revealed")
        self._answer.setVisible(state == "revealed")
        if self._field is not None:
            self._field.setEnabled(state == "asking")
            # of a choice the answer says both, guess and truth; the picture needs the room
            self._field.setVisible(state == "asking" or isinstance(self._field, PredictionAxis))
        self.setAccessibleDescription(self._answer.text())
        if state == "revealed":
            self._done.setFocus(Qt.FocusReason.OtherFocusReason)

    def _apply_own_tokens(self, current: Tokens) -> None:
        self._question.setFont(current.font(16, 600))
        self._answer.setFont(current.font(16))
        self._row.setSpacing(current.space(1))
