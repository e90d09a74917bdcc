"""Boards: the same board with other software, the same network on all boards, and how well each is predicted."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.engine.deployment.cost import INT8
from explorer.engine.deployment.estimate import graph_of
from explorer.engine.deployment.measurements import NETWORKS
from explorer.engine.deployment.validation import LEVEL, Summary, summaries
from explorer.engine.errors import ExplorerError
from explorer.panels.base import Context, HelpEntry
from explorer.panels.place.analysis import AnalysisView, Answers, row_of
from explorer.panels.place.boards_chart import BoardsChart
from explorer.panels.place.boards_errors import ErrorTable
from explorer.panels.place.boards_rows import (
    BoardRow,
    boards_with_software,
    predicted_rows,
    published_rows,
    spread,
)
from explorer.panels.place.log_axis import number
from explorer.panels.place.session import PlaceSession
from explorer.panels.view import ExportMenu
from widgets import tokens
from widgets.choice import Choice
from widgets.elided_label import ElidedLabel
from widgets.segmented import Segmented
from widgets.switch import Switch
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from explorer.background import Report

ACTIVE = "active"
_MODES = ("boards", "software")
_WITHOUT = ("board", "network")


@dataclass(frozen=True, slots=True)
class Found:
    """The rows, and the errors of all predictions."""

    rows: tuple[BoardRow, ...]
    errors: tuple[Summary, ...]


class BoardsView(AnalysisView):
    """Measured and predicted times on one axis; see `BoardsChart`.

    Parameters
    ----------
    context
        What the application lends.
    session
        What was asked and what is known of it.
    """

    def __init__(self, context: Context, session: PlaceSession) -> None:
        super().__init__(context, session)
        self.mode = Segmented(
            [("boards", _tr("Same network")), ("software", _tr("Same board"))],
            label=_tr("What is compared"),
        )
        self.networks = Choice(_tr("Network"))
        self.boards = Choice(_tr("Board"))
        self.without = Segmented(
            [("board", _tr("without this board")), ("network", _tr("without this network"))],
            label=_tr("What a prediction has never seen"),
        )
        self.others = Switch(_tr("also boards that nobody measured"))
        self.chart = BoardsChart()
        self.told = ElidedLabel("", size_px=12, lines=3)
        self.errors = ErrorTable()
        self._answers: Answers[Found] = Answers(context.background, _tr("Fitting published results"), self.mark)
        for key, word in {"active": _tr("active network"), **{n: n for n in NETWORKS.values()}}.items():
            self.networks.addItem(word, key)
        self.networks.setCurrentIndex(1)
        self._fill_boards()
        first, second = QWidget(), QWidget()
        self._first, self._second = QHBoxLayout(first), QHBoxLayout(second)
        row_of(self._first, self.mode, self.networks, self.boards)
        row_of(self._second, self.without, self.others)
        self._second.addStretch(1)
        self.page.addWidget(first)
        self.page.addWidget(self.chart, 1)
        self.page.addWidget(self.state_box, 1)
        for widget in (self.told, second, self.errors):
            self.page.addWidget(widget)
        self._menu = ExportMenu(self.chart, self.chart.table, _tr("row"), self)
        self.mode.chosen.connect(self._on_choice)
        self.without.chosen.connect(self._on_choice)
        self.networks.activated.connect(self._on_choice)
        self.boards.activated.connect(self._on_choice)
        self.others.toggled.connect(self._on_choice)
        self.chart.cursorMoved.connect(self._on_cursor)
        self._unfollow = tokens.follow(self._apply_tokens)

    # -- what the panel asks ---------------------------------------------------------------------------------------

    def renew(self) -> None:
        """Draw what is known of the rows that were asked for."""
        alone = self.mode.key() == "software"
        ours = self._network() == ACTIVE and not alone
        self.boards.setVisible(alone)
        self.networks.setItemText(0, _tr("{name}, the active network").format(name=self.session.state.network))
        nobody = _tr("Nobody published our own network: every row is a prediction.") if ours else None
        self.others.set_disabled_reason(nobody or (_tr("One board is compared with itself here.") if alone else None))
        for key in _WITHOUT:
            self.without.set_choice_enabled(key, nobody)
        found = self._ask()
        problem = self._answers.problem(self._key())
        if found is None:
            words = problem or _tr("57 published results are being fitted, each left out once …")
            self.show_state(self.chart, "failed" if problem else "estimating", words)
        else:
            self.show_state(self.chart, "")
            self.chart.set_rows(found.rows)
            self.errors.set_lines(found.errors)
        self.told.setVisible(found is not None)
        self.errors.setVisible(found is not None)
        self._on_cursor()

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        found = self._answers.known(self._key())
        if found is None:
            return self._answers.problem(self._key()) or _tr("Published results are being fitted.")
        ends = spread(found.rows)
        if ends is None:
            return self._predicted_words(found.rows)
        low, high = (number(time) for time in ends)
        ratio = number(ends[1] / ends[0])
        measured = [row for row in found.rows if row.measured_ms is not None]
        inside = sum(row.inside is True for row in measured)
        if self.mode.key() == "software":
            told = _tr(
                "The same {board} takes {low} to {high} ms for {network}: {ratio} times between software; {inside} of "
                "{count} lie in the interval predicted without it."
            )
        else:
            told = _tr(
                "{network} takes {low} to {high} ms, {ratio} times between boards; {inside} of {count} measured times "
                "lie in the {level:.0f} % interval predicted without them."
            )
        return told.format(
            board=self.boards.currentText(),
            network=self._network_word(),
            low=low,
            high=high,
            ratio=ratio,
            inside=inside,
            count=len(measured),
            level=100 * LEVEL,
        )

    def _predicted_words(self, rows: tuple[BoardRow, ...]) -> str:
        """Return in a sentence what is predicted where nothing was measured."""
        times = [row.predicted_ms for row in rows if row.predicted_ms is not None]
        if not times:
            return _tr("{network}: no device here can run it.").format(network=self._network_word())
        told = _tr(
            "{network}: {low} to {high} ms predicted on {count} devices, {rest} cannot run it; it has never run on any "
            "of them."
        )
        ends = {"low": number(min(times)), "high": number(max(times))}
        return told.format(network=self._network_word(), count=len(times), rest=len(rows) - len(times), **ends)

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the chart."""
        return (self.chart,)

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the rows of the chart."""
        found = self._answers.known(self._key())
        if found is None:
            return []
        head = (
            "network", "board", "software", "measured (ms)", "predicted (ms)", "low (ms)", "high (ms)", "error factor",
            "extrapolation", "in words",
        )  # fmt: skip
        rows: list[tuple[object, ...]] = [head]
        for row in found.rows:
            numbers = (row.measured_ms, row.predicted_ms, row.low_ms, row.high_ms, row.error_factor)
            cells = tuple("" if value is None else value for value in numbers)
            rows.append((self._network_word(), row.board, row.software, *cells, row.extrapolation, row.sentence))
        return rows

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return the elements that `?` numbers."""
        return (
            HelpEntry(
                self.chart,
                _tr("Measured and predicted"),
                _tr(
                    "A diamond is a published time, a ring is predicted without it, with the interval that holds 90 % "
                    "of such predictions; dashed where nothing like it was measured elsewhere. ! marks a time outside."
                ),
                self._formula,
            ),
            HelpEntry(
                self.without,
                _tr("What a prediction has never seen"),
                _tr(
                    "Leave out the board with all its results, or the network on all boards. A prediction that has "
                    "seen the answer proves nothing."
                ),
            ),
            HelpEntry(
                self.errors,
                _tr("Errors"),
                _tr(
                    "Predicted over published time or the other way round, whichever is above 1; and how many "
                    "published times lie in an interval that was set without them."
                ),
                self.errors.text,
            ),
        )

    def save_state(self) -> dict[str, Any]:
        """Return what is compared."""
        return {
            "mode": self.mode.key(),
            "network": self._network(),
            "board": str(self.boards.currentData()),
            "without": self.without.key(),
            "others": self.others.isChecked(),
        }

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned.

        Raises
        ------
        ExplorerError
            When a value does not fit.
        """
        boards = [str(self.boards.itemData(i)) for i in range(self.boards.count())]
        choices: dict[str, tuple[str, ...]] = {
            "mode": _MODES,
            "network": (ACTIVE, *NETWORKS.values()),
            "board": tuple(boards),
            "without": _WITHOUT,
        }
        starts = {"mode": "boards", "network": NETWORKS["kws"], "board": boards[0], "without": "board"}
        values = {key: saved.get(key, start) for key, start in starts.items()}
        for key, value in values.items():
            if value not in choices[key]:
                known = ", ".join(choices[key])
                raise ExplorerError(f"In the panel Place, {key!r} is {value!r:.40}: one of {known}.")
        others = saved.get("others", False)
        if not isinstance(others, bool):
            raise ExplorerError("In the panel Place, 'others' must be true or false.")
        self.mode.set_key(values["mode"])
        self.without.set_key(values["without"])
        self.networks.setCurrentIndex(self.networks.findData(values["network"]))
        self.boards.setCurrentIndex(self.boards.findData(values["board"]))
        self.others.setChecked(others)
        self.mark()

    def shutdown(self) -> None:
        """Ask the fit to end; the background joins it."""
        self._answers.stop()

    # -- what is computed ------------------------------------------------------------------------------------------

    def _network(self) -> str:
        return str(self.networks.currentData())

    def _network_word(self) -> str:
        """Give the network as it is told: our own has no published times, so software is compared on another one."""
        if self._network() == ACTIVE:
            return NETWORKS["kws"] if self.mode.key() == "software" else self.session.state.network
        return self._network()

    def _key(self) -> tuple[object, ...]:
        alone, active = self.mode.key() == "software", self.active()
        board = str(self.boards.currentData()) if alone else ""
        ours = (active[0].fingerprint, active[1]) if self._network() == ACTIVE and active is not None else ()
        others = self.others.isChecked() and not alone
        return (self._network_word(), self.without.key(), board, others, ours, tuple(self.session.profiles))

    def _ask(self) -> Found | None:
        network, without_network = self._network_word(), self.without.key() == "network"
        alone = self.mode.key() == "software"
        board = str(self.boards.currentData()) if alone else ""
        others, profiles = self.others.isChecked() and not alone, dict(self.session.profiles)
        ours = self._network() == ACTIVE and not alone
        active = self.active()
        if ours and active is None:
            return None

        def compute(stop: threading.Event, report: Report) -> Found:
            if ours and active is not None:
                rows = predicted_rows(active[0].graph, active[1], profiles)
            else:
                rows = published_rows(network, without_network=without_network, board=board)
                if others:
                    rows += predicted_rows(graph_of(network), INT8, profiles)
            return Found(rows, summaries())

        return self._answers.ask(self._key(), compute)

    def _formula(self) -> str:
        row = self.chart.row()
        if row is None or row.measured_ms is None or row.predicted_ms is None:
            return self.chart.accessible_value()
        return _tr("max({predicted} / {measured}, {measured} / {predicted}) = ×{factor:.2f}").format(
            predicted=number(row.predicted_ms), measured=number(row.measured_ms), factor=row.error_factor
        )

    def _fill_boards(self) -> None:
        for board in boards_with_software():
            self.boards.addItem(board, board)

    @Slot()
    def _on_choice(self) -> None:
        self.mark()

    @Slot()
    def _on_cursor(self) -> None:
        self.told.set_text(self.chart.accessible_value())

    def _apply_tokens(self, current: Tokens) -> None:
        self._first.setSpacing(current.space(1.5))
        self._second.setSpacing(current.space(2))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)


VIEW = BoardsView
