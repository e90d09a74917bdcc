"""Claims of the book as a list: each as printed, checked when asked, with its verdict and the numbers behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from explorer.engine.deployment.claims import Finding
from explorer.engine.errors import ExplorerError
from explorer.panels.claims_row import ClaimRow
from explorer.panels.view import Words
from widgets import tokens
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from explorer.background import Background, Report, Task

Outcome = Finding | str
"""What a check found, or the sentence that says why it could not be made."""


@dataclass(frozen=True, slots=True)
class Checkable:
    """One statement and its check.

    Parameters
    ----------
    key
        Names it in tables and state files.
    where
        Place in the book.
    printed
        What is printed there, in short.
    check
        Computes the finding in a thread; looks at the stop event at least every 100 ms and returns None, or raises,
        when it was told to stop.
    way
        How it is checked: "arithmetic", "training"; empty where that goes without saying.
    """

    key: str
    where: str
    printed: str
    check: Callable[[threading.Event], Finding | None]
    way: str = ""


class ClaimsList(QWidget):
    """A row for each claim, a button that checks all of them in the background, and how many held.

    Up and Down move from row to row, Enter opens the numbers behind a verdict.

    Parameters
    ----------
    background
        Where checks run.
    claims
        The statements, in the order of the book.
    title
        What the foot of the window calls the check.
    heavy
        Whether checks take turns with other heavy work; arithmetic need not wait for a training run.
    """

    changed = Signal()
    """A verdict became known, or checking began or ended."""

    def __init__(self, background: Background, claims: Sequence[Checkable], title: str, *, heavy: bool = True) -> None:
        super().__init__()
        self._background = background
        self._claims = {claim.key: claim for claim in claims}
        self._title = title
        self._heavy = heavy
        self._outcomes: dict[str, Outcome] = {}
        self._task: Task | None = None
        self.rows = {claim.key: ClaimRow(claim.where, claim.printed, claim.way) for claim in claims}
        self.button = QPushButton()
        self.button.clicked.connect(self._on_button)
        self.tally = Words(size_px=14, weight=600)
        self._head = QHBoxLayout()
        self._head.addWidget(self.tally, 1)
        self._head.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._head)
        for key, row in self.rows.items():
            row.again.connect(lambda _=False, key=key: self.check((key,)))
            self._column.addWidget(row)
        self.setAccessibleName(title)
        self._unfollow = tokens.follow(self._apply_tokens)
        self._show()

    # -- what is known ---------------------------------------------------------------------------------------------

    def outcomes(self) -> dict[str, Outcome]:
        """Return what is known by key: findings, and sentences where a check could not be made."""
        return dict(self._outcomes)

    @property
    def checking(self) -> bool:
        """Whether checks run or wait for their turn."""
        return self._task is not None

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        found = [outcome for outcome in self._outcomes.values() if isinstance(outcome, Finding)]
        if not self._outcomes:
            return _tr("{count} claims, not checked yet.").format(count=len(self._claims))
        counts = [sum(each.holds is verdict for each in found) for verdict in (True, False, None)]
        told = _tr(
            "{checked} of {count} claims checked: {yes} hold, {no} do not, {open} are not decided by the numbers."
        )
        yes, no, undecided = counts
        return told.format(checked=len(self._outcomes), count=len(self._claims), yes=yes, no=no, open=undecided)

    def table(self) -> list[tuple[object, ...]]:
        """Return claims, verdicts and every number with its source, for CSV."""
        rows: list[tuple[object, ...]] = [
            ("claim", "where", "printed", "verdict", "finding", "number", "unit", "kind", "source")
        ]
        for key, claim in self._claims.items():
            outcome = self._outcomes.get(key)
            head = (key, claim.where, claim.printed, verdict_word(outcome))
            if not isinstance(outcome, Finding):
                rows.append((*head, outcome or "", "", "", "", ""))
                continue
            numbers: list[tuple[object, ...]] = [(n.value, n.unit, n.kind.value, n.source) for n in outcome.numbers]
            rows += [(*head, outcome.sentence, *number) for number in numbers or [("", "", "", "")]]
        return rows

    # -- what the user does ----------------------------------------------------------------------------------------

    def check(self, keys: Sequence[str] | None = None) -> None:
        """Check some claims in the background, by default those that are not known yet, else all again."""
        if self._task is not None:
            return
        if keys is None:
            keys = tuple(key for key in self._claims if key not in self._outcomes) or tuple(self._claims)
        wanted = tuple(self._claims[key] for key in keys)
        for claim in wanted:
            self._outcomes.pop(claim.key, None)

        def work(stop: threading.Event, put: Callable[[dict[str, Outcome]], None], report: Report) -> None:
            found: dict[str, Outcome] = {}
            for index, claim in enumerate(wanted):
                report(index / len(wanted), claim.printed)
                outcome = run_check(claim, stop)
                if stop.is_set():
                    return
                if outcome is not None:
                    found = found | {claim.key: outcome}
                    put(found)

        self._task = self._background.start(self._title, work, self._on_found, self._on_end, heavy=self._heavy)
        self._show()
        self.changed.emit()

    def stop(self) -> None:
        """Ask the check to end; what was found stays."""
        if self._task is not None:
            self._task.stop()

    @Slot()
    def _on_button(self) -> None:
        if self._task is None:
            self.check()
        else:
            self.stop()

    def _on_found(self, found: dict[str, Outcome]) -> None:
        self._outcomes |= found
        self._show()
        self.changed.emit()

    def _on_end(self, error: BaseException | None) -> None:
        self._task = None
        if error is not None:
            self._outcomes |= {key: str(error) for key in self._claims if key not in self._outcomes}
        self._show()
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move from row to row."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        rows = list(self.rows.values())
        at = next((index for index, row in enumerate(rows) if row.hasFocus()), None)
        if step is None or at is None:
            super().keyPressEvent(event)
        else:
            rows[min(max(at + step, 0), len(rows) - 1)].setFocus(Qt.FocusReason.TabFocusReason)

    def _show(self) -> None:
        self.tally.setText(self.describe())
        if self._task is not None:
            self.button.setText(_tr("Stop"))
        elif len(self._outcomes) == len(self._claims):
            self.button.setText(_tr("Check again"))
        else:
            self.button.setText(_tr("Check the claims"))
        for key, row in self.rows.items():
            row.set_outcome(self._outcomes.get(key), busy=self._task is not None and key not in self._outcomes)

    def _apply_tokens(self, current: Tokens) -> None:
        self._column.setSpacing(current.space(0.5))
        self._head.setSpacing(current.space(2))


def run_check(claim: Checkable, stop: threading.Event) -> Outcome | None:
    """Return what a check finds, the sentence that says why it could not be made, or None when it was stopped."""
    try:
        return claim.check(stop)
    except ExplorerError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - told in the row; the other claims are checked all the same
        return None if stop.is_set() else _tr("The check failed: {reason}").format(reason=error)


def verdict_word(outcome: Outcome | None) -> str:
    """Return the verdict in a word or two: colour and mark never stand alone."""
    if outcome is None:
        return _tr("not checked")
    if isinstance(outcome, str):
        return _tr("could not be checked")
    words = {True: _tr("holds"), False: _tr("does not hold"), None: _tr("not decided")}
    return words[outcome.holds]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Claims", text)
