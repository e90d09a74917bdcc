"""Claims: what the book prints about places to run, and what the numbers say."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtWidgets import QWidget

from explorer.engine.deployment.claims import Claim, Finding, book_claims, check_edge_tpu
from explorer.engine.deployment.profiles import shipped
from explorer.engine.deployment.tiers import Place as TierPlace
from explorer.engine.deployment.tiers import Row, table_2_1
from explorer.engine.errors import ExplorerError
from explorer.panels.base import Context, HelpEntry
from explorer.panels.claims import Checkable, ClaimsList
from explorer.panels.place.analysis import AnalysisView
from explorer.panels.place.claims_tiers import TiersTable, short, verdict
from explorer.panels.place.claims_tpu import TpuChart
from explorer.panels.place.session import PlaceSession
from explorer.panels.view import ExportMenu
from widgets.elided_label import ElidedLabel
from widgets.segmented import Segmented

_PAGES = ("claims", "tiers", "tpu")


class ClaimsView(AnalysisView):
    """The claims with their checks, Table 2.1 with numbers, and the table of the Edge TPU.

    Parameters
    ----------
    context
        What the application lends.
    session
        What was asked and what is known of it.
    """

    def __init__(self, context: Context, session: PlaceSession) -> None:
        super().__init__(context, session)
        words = {
            "claims": _tr("Claims of the book"),
            "tiers": _tr("Table 2.1, with numbers"),
            "tpu": _tr("Edge TPU, Figure 8.6"),
        }
        self.pages = Segmented(list(words.items()), label=_tr("What is checked"))
        claims = [
            Checkable(str(index), claim.where, claim.printed, partial(_check, claim))
            for index, claim in enumerate(book_claims(shipped()), start=1)
        ]
        title = _tr("Checking claims of the book")
        self.claims = ClaimsList(context.background, claims, title, heavy=False)
        self.tiers = TiersTable()
        self.tpu = TpuChart()
        self.told = ElidedLabel("", size_px=12, lines=4)
        self.page.addWidget(self.pages)
        for widget in (self.claims, self.tiers, self.state_box, self.tpu):
            self.page.addWidget(widget, int(widget is not self.claims))
        self.page.addWidget(self.told)
        self.page.addStretch(0)
        self._menus = (
            ExportMenu(self.tiers, self.tiers.table, _tr("row"), self),
            ExportMenu(self.tpu, self.tpu.table, _tr("row"), self),
        )
        self.pages.chosen.connect(self._on_page)
        self.claims.changed.connect(self.mark)
        self.tiers.cursorMoved.connect(self._on_cursor)

    # -- what the panel asks ---------------------------------------------------------------------------------------

    def activate(self) -> None:
        """Become visible: check what was never checked."""
        super().activate()
        if not self.claims.outcomes():
            self.claims.check()

    def renew(self) -> None:
        """Draw the page in front."""
        page = self.pages.key()
        for key, widget in zip(_PAGES, (self.claims, self.tiers, self.tpu), strict=True):
            widget.setVisible(key == page)
        self.state_box.hide()
        if page == "tiers":
            self._renew_tiers()
        self.told.setVisible(page != "claims" and not self.state_box.isVisibleTo(self))
        self._on_cursor()

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        page = self.pages.key()
        if page == "claims":
            return self._claims_words()
        if page == "tpu":
            return f"{check_edge_tpu().sentence}."
        rows = self.tiers.rows()
        if not rows:
            return _tr("The three places are being predicted.")
        counts = [sum(row.holds is each for row in rows) for each in (True, False, None)]
        told = _tr(
            "Table 2.1 for this network and scenario: {yes} rows stand in the book's order, {no} the other way round, "
            "{open} are not decided."
        )
        return told.format(yes=counts[0], no=counts[1], open=counts[2])

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the page in front first."""
        pages: dict[str, QWidget] = {"claims": self.claims, "tiers": self.tiers, "tpu": self.tpu}
        first = pages.pop(self.pages.key())
        return (first, *pages.values())

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the numbers of the page in front."""
        page = self.pages.key()
        if page == "claims":
            return self.claims.table()
        if page == "tiers":
            return _tier_rows(self.tiers.rows())
        rows: list[tuple[object, ...]] = [("model", "processor", "speed-up", "source")]
        for number in check_edge_tpu().numbers:
            _, model, against = number.source.split(", ")
            rows.append((model, against, number.value, number.source))
        return rows

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return the elements that `?` numbers."""
        return (
            HelpEntry(
                self.claims,
                _tr("Claims"),
                _tr(
                    "Each is printed in the book and checked by computing it from the numbers beside it. None of the "
                    "verdicts is written down: change a profile, and they change."
                ),
                self.claims.describe,
            ),
            HelpEntry(
                self.tiers,
                _tr("Table 2.1"),
                _tr(
                    "The book's word above, the number for this network below. A row holds when the numbers stand in "
                    "the order of the words."
                ),
                self.tiers.accessible_value,
                _tr("Table 2.1"),
            ),
            HelpEntry(
                self.tpu,
                _tr("Edge TPU"),
                _tr("Milliseconds without over milliseconds with the accelerator; the text says 70 to 100 times."),
                self.tpu.accessible_value,
                _tr("section 8.5"),
            ),
        )

    def save_state(self) -> dict[str, Any]:
        """Return the page in front."""
        return {"page": self.pages.key()}

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned.

        Raises
        ------
        ExplorerError
            When there is no such page.
        """
        page = saved.get("page", _PAGES[0])
        if page not in _PAGES:
            raise ExplorerError(f"In the panel Place, 'page' is {page!r:.40}: one of {', '.join(_PAGES)}.")
        self.pages.set_key(page)
        self.mark()

    def shutdown(self) -> None:
        """Ask the checks to end; the background joins them."""
        self.claims.stop()

    # -- inside ----------------------------------------------------------------------------------------------------

    def _claims_words(self) -> str:
        """Return the first claim that does not hold, with its numbers, and how many more there are."""
        wrong = [
            (row.printed.text(), outcome.sentence)
            for key, row in self.claims.rows.items()
            for outcome in (self.claims.outcomes().get(key),)
            if isinstance(outcome, Finding) and outcome.holds is False
        ]
        if not wrong or self.claims.checking:
            return self.claims.describe()
        told = _tr("{claim} does not hold: {finding}; of {count} claims {wrong} do not.")
        printed, finding = wrong[0]
        return told.format(claim=printed, finding=finding, count=len(self.claims.rows), wrong=len(wrong))

    def _renew_tiers(self) -> None:
        places = self.session.same_network()
        self.tiers.hide()
        if not places:
            words = self.session.problem or _tr("The places are being predicted …")
            self.show_state(self.tiers, "failed" if self.session.problem else "estimating", words)
            return
        three: list[TierPlace] = []
        for tier in ("cloud", "edge", "tiny"):
            place = next(place for key, place in places.items() if key == tier)
            if place.option is None:
                told = _tr("{device} cannot run this network: {why}. Put another device into its tile.")
                words = told.format(device=place.profile.title, why=place.estimate.prediction.reason)
                self.show_state(self.tiers, "empty", words)
                return
            three.append(TierPlace(place.option, place.link))
        self.show_state(self.tiers, "")
        cloud, edge, tiny = three
        rows = table_2_1(cloud, edge, tiny, self.session.setup.deadline_ms)
        heads = tuple(f"{each.option.profile.tier}: {each.option.profile.title}" for each in three)
        self.tiers.set_rows(rows, (heads[0], heads[1], heads[2]))

    @Slot()
    def _on_page(self) -> None:
        self.mark()

    @Slot()
    def _on_cursor(self) -> None:
        tiers = self.pages.key() == "tiers"
        self.told.set_text(self.tiers.accessible_value() if tiers else f"{self.tpu.accessible_value()}.")


def _check(claim: Claim, stop: threading.Event) -> Finding:
    check: Callable[[], Finding] = claim.check
    return check()


def _tier_rows(rows: tuple[Row, ...]) -> list[tuple[object, ...]]:
    head = ("aspect", "measure", "place", "word", "number", "unit", "shown", "kind", "source", "verdict", "why")
    found: list[tuple[object, ...]] = [head] if rows else []
    for row in rows:
        for place, word, each in zip(("cloud", "edge", "tiny"), row.words, row.numbers, strict=True):
            numbers = ("", "", "–", "", "") if each is None else (
                each.value, each.unit, short(each), each.kind.value, each.source,
            )  # fmt: skip
            found.append((row.aspect, row.measure, place, word, *numbers, verdict(row), row.sentence))
    return found


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)


VIEW = ClaimsView
