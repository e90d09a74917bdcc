"""Splits: training, validation and test, and the nine ways to fool oneself with them, each a switch."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from explorer.engine.errors import ExplorerError
from explorer.engine.intervals import Z_95
from explorer.engine.training.sampling import standard_error
from explorer.engine.training.splits import Outcome, Pitfall, Plan, simulate, with_pitfall
from explorer.panels.base import HelpEntry
from explorer.panels.teach.splits_bar import LEAST, Shares, SplitBar
from explorer.panels.teach.splits_picture import SplitsPicture
from explorer.panels.teach.views import TeachView
from explorer.panels.view import ExportMenu, Words
from widgets import tokens
from widgets.card import Card
from widgets.slider import ValueSlider
from widgets.switch import Switch
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from explorer.background import Report, Task
    from explorer.panels.base import Context
    from explorer.panels.teach.session import TeachSession

REPETITIONS = 40
LOW_PX = 260
GROUPS = 100
TAKES = 4


class SplitsCards(QWidget):
    """How much is recorded, and the nine switches in the book's order."""

    def __init__(self) -> None:
        super().__init__()
        self.recorded = Card(_tr("Recorded"), foldable=True)
        self.groups = ValueSlider(_tr("Voices, four takes each"), 40, 400, GROUPS, step=10)
        self.recorded.add(self.groups)
        self.pitfalls = Card(_tr("Pitfalls"), foldable=True)
        self.switches = {pitfall: Switch(words) for pitfall, words in pitfalls().items()}
        for switch in self.switches.values():
            self.pitfalls.add(switch)
        self.honest = QPushButton(_tr("All off: the honest way"))
        self.pitfalls.add(self.honest)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.pitfalls)
        self._column.addWidget(self.recorded)
        self._column.addStretch(1)
        self._unfollow = tokens.follow(self._apply_tokens)

    def _apply_tokens(self, current: Tokens) -> None:
        gap = current.space(1)
        self._column.setContentsMargins(0, 0, gap, gap)
        self._column.setSpacing(gap)


class SplitsView(TeachView):
    """A bar of three parts, and below it what is believed of a model and what is true.

    Parameters
    ----------
    context
        What the application lends.
    session
        The run behind the other views.
    """

    def __init__(self, context: Context, session: TeachSession) -> None:
        super().__init__(context, session)
        self.plan = Plan()
        self.outcome: Outcome | None = None
        self.honest: Outcome | None = None
        self._honest_of: Plan | None = None
        self._task: Task | None = None
        self._problem = ""
        self._cards = SplitsCards()
        self.bar = SplitBar()
        self.note = Words(size_px=12, role="quiet_ink")
        self.picture = SplitsPicture()
        for widget in (self.bar, self.note):
            self.page.addWidget(widget)
        self.page.addWidget(self.picture, 1)
        self.bar.moved.connect(self._on_shares)
        self._cards.groups.valueChanged.connect(self._on_groups)
        self._cards.honest.clicked.connect(self.all_off)
        for pitfall, switch in self._cards.switches.items():
            switch.clicked.connect(lambda on, pitfall=pitfall: self.switch(pitfall, on))
        ExportMenu(self.picture, self.picture.table, _tr("repetition"), self)
        self._show()

    # -- what the panel asks -----------------------------------------------------------------------------------------

    def cards(self) -> QWidget:
        """Return the view's own controls."""
        return self._cards

    def activate(self) -> None:
        """Become visible: run the experiment if it never was."""
        super().activate()
        if self.outcome is None and self._task is None:
            self._start()

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        if self._problem:
            return self._problem
        if self.outcome is None:
            return _tr("The experiment is being repeated {count} times.").format(count=REPETITIONS)
        believed, true = self.outcome.believed_mean[0], self.outcome.true_mean[0]
        bias, low, high = self.outcome.bias
        made = len(self.plan.pitfalls)
        how = (
            _tr("Without a mistake") if not made else _tr("With one mistake") if made == 1 else _tr("With {n} mistakes")
        )
        told = _tr(
            "{how}: {believed:.1f} % believed, {true:.1f} % true: {bias} points too hopeful [{low}, {high}]; a single "
            "experiment is off by {error:.1f}."
        )
        return told.format(
            how=how.format(n=made),
            believed=100 * believed,
            true=100 * true,
            bias=_signed(bias),
            low=_signed(low),
            high=_signed(high),
            error=100 * self.outcome.error,
        )

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the picture."""
        return (self.picture,)

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return every repetition."""
        if self.outcome is None:
            return []
        rows: list[tuple[object, ...]] = [
            ("repetition", "believed", "true", "share of the rarer word in test", "pitfalls")
        ]
        names = "; ".join(pitfall.value for pitfall in Pitfall if pitfall in self.plan.pitfalls)
        columns = zip(self.outcome.believed, self.outcome.true, self.outcome.positives, strict=True)
        return rows + [(index, *(float(v) for v in row), names) for index, row in enumerate(columns)]

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return every element with its meaning."""
        return (
            HelpEntry(
                self.bar,
                _tr("The split"),
                _tr("Fitted on training, chosen on validation, reported from test. Drag the borders."),
                self._validation_words,
                "7.4.1",
            ),
            HelpEntry(
                self.picture,
                _tr("Believed and true"),
                _tr(
                    "Simulated voices say two words while the way of speaking drifts. Believed: what the protocol "
                    "reports. True: on 200 new voices afterwards. Dots: repetitions; bar: 95 % interval of the mean."
                ),
                self.describe,
                "7.4.2",
            ),
            HelpEntry(
                self._cards.pitfalls,
                _tr("Nine pitfalls"),
                _tr("Each switch makes one mistake of the book's list. Some raise the belief, some lower the truth."),
                None,
                "7.4.2",
            ),
        )

    def save_state(self) -> dict[str, Any]:
        """Return what differs from the start."""
        saved: dict[str, Any] = {}
        if self.plan.pitfalls:
            saved["pitfalls"] = [pitfall.name for pitfall in Pitfall if pitfall in self.plan.pitfalls]
        if self.plan.groups != GROUPS:
            saved["groups"] = self.plan.groups
        if self.plan.shares != Plan().shares:
            saved["shares"] = list(self.plan.shares)
        return saved

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned.

        Raises
        ------
        ExplorerError
            When a value does not fit.
        """
        names, groups = saved.get("pitfalls", []), saved.get("groups", GROUPS)
        shares = saved.get("shares", list(Plan().shares))
        if not isinstance(names, list) or not set(map(str, names)) <= set(Pitfall.__members__):
            raise ExplorerError("In the view Splits, 'pitfalls' names one that is not known.")
        if isinstance(groups, bool) or not isinstance(groups, int) or not 40 <= groups <= 400:
            raise ExplorerError("In the view Splits, 'groups' must be a whole number from 40 to 400.")
        if not isinstance(shares, list) or len(shares) != 3 or not all(isinstance(s, int | float) for s in shares):
            raise ExplorerError("In the view Splits, 'shares' must be three numbers.")
        if abs(sum(shares) - 1) > 1e-6 or min(shares) < LEAST - 1e-9:
            raise ExplorerError("In the view Splits, 'shares' must sum to 1 and each be at least 0.05.")
        three = (float(shares[0]), float(shares[1]), float(shares[2]))
        self._change(Plan(frozenset(Pitfall[str(name)] for name in names), groups, three))

    def shutdown(self) -> None:
        """Stop simulating."""
        if self._task is not None:
            self._task.stop()

    # -- what the user does ------------------------------------------------------------------------------------------

    def driver(self) -> SplitsView:
        """Return what the keys of the run drive: the pitfalls, one after the other."""
        return self

    @property
    def playing(self) -> bool:
        """Never by itself."""
        return False

    def toggle(self) -> None:
        """Go on to the next pitfall."""
        self.step_once()

    def step_once(self) -> None:
        """Make the next mistake of the list alone; after the last one, none."""
        order = list(Pitfall)
        made = [order.index(pitfall) for pitfall in self.plan.pitfalls]
        following = max(made, default=-1) + 1
        self._change(replace(self.plan, pitfalls=frozenset(order[following : following + 1])))

    def reset(self) -> None:
        """Go back to the start: the usual split, and no mistake."""
        self._change(Plan())

    def switch(self, pitfall: Pitfall, on: bool) -> None:
        """Make a mistake, or make it no more."""
        self._change(with_pitfall(self.plan, pitfall, on))

    @Slot()
    def all_off(self) -> None:
        """Go back to the honest way."""
        self._change(replace(self.plan, pitfalls=frozenset()))

    @Slot(tuple)
    def _on_shares(self, shares: Shares) -> None:
        self._change(replace(self.plan, shares=shares))

    @Slot(float)
    def _on_groups(self, value: float) -> None:
        self._change(replace(self.plan, groups=round(value)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the note out where there is hardly room for the picture."""
        super().resizeEvent(event)
        self.note.setVisible(self.height() >= tokens.current().px(LOW_PX))

    # -- inside ------------------------------------------------------------------------------------------------------

    def _change(self, plan: Plan) -> None:
        if plan != self.plan:
            self.plan, self.outcome = plan, None
            self._start()
        self._show()

    def _start(self) -> None:
        """Repeat the experiment beside the interface; the newest plan wins."""
        if self._task is not None:
            self._task.stop()
        plan, honest, self._problem = self.plan, replace(self.plan, pitfalls=frozenset()), ""
        known = self.honest if self._honest_of == honest else None

        def work(stop: threading.Event, put: Callable[[Any], None], report: Report) -> None:
            compared = known
            if compared is None:
                for compared in simulate(honest, REPETITIONS, stop=stop):
                    report(len(compared.true) / REPETITIONS / 2, _tr("the honest way"))
            for outcome in simulate(plan, REPETITIONS, stop=stop):
                report(len(outcome.true) / REPETITIONS, _tr("as switched"))
                put((plan, outcome, compared))

        def update(found: tuple[Plan, Outcome, Outcome | None]) -> None:
            if found[0] == self.plan:
                self.outcome, self.honest, self._honest_of = found[1], found[2], honest
                self._show()

        def end(error: BaseException | None) -> None:
            if self._task is task:
                self._task = None
                if error is not None:
                    self._problem = str(error)

        task = self.context.background.start(_tr("Repeated experiments"), work, update, end, heavy=False)
        self._task = task

    def _show(self) -> None:
        self._cards.groups.set_value(self.plan.groups)
        for pitfall, switch in self._cards.switches.items():
            switch.setChecked(pitfall in self.plan.pitfalls)
        self.bar.show_shares(self.plan.shares, self.plan.recorded)
        self.note.setText(self._validation_words())
        self.picture.show_outcome(self.outcome, self.honest if self.plan.pitfalls else None)
        self.picture.set_described(self.describe())

    def _validation_words(self) -> str:
        voices = max(1, round(self.plan.shares[1] * self.plan.recorded))
        half = 100 * Z_95 * standard_error(0.9, voices)
        told = _tr("Validation on {voices} voices: 90 % is known to ±{half:.1f} points, 1.96 √(p (1 − p) / n).")
        return told.format(voices=voices, half=half)


def pitfalls() -> dict[Pitfall, str]:
    """Return the nine pitfalls in words, in the book's order."""
    return {
        Pitfall.TOO_LITTLE_DATA: _tr("Too little training data"),
        Pitfall.LEAKAGE: _tr("Same voices in training and test"),
        Pitfall.SMALL_VALIDATION: _tr("A small validation set"),
        Pitfall.TEST_REUSED: _tr("Test set used to choose"),
        Pitfall.ONE_SPLIT: _tr("One split for everything"),
        Pitfall.NOT_STRATIFIED: _tr("Classes not stratified"),
        Pitfall.TIME_IGNORED: _tr("Time order ignored"),
        Pitfall.NOTHING_UNSEEN: _tr("No unseen data kept"),
        Pitfall.TUNED_ON_VALIDATION: _tr("Reported where it was tuned"),
    }


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)


VIEW = SplitsView
