"""Claims: what the book prints in chapters 6 and 7 that does not reconcile, each checked live when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from explorer.panels.base import HelpEntry
from explorer.panels.claims import Checkable, ClaimsList
from explorer.panels.teach.views import TeachView

if TYPE_CHECKING:
    from explorer.panels.base import Context
    from explorer.panels.teach.session import TeachSession


class ClaimsView(TeachView):
    """Every claim as printed, its check, and the verdict with the numbers behind it.

    Parameters
    ----------
    context
        What the application lends.
    session
        The run behind the other views.
    """

    def __init__(self, context: Context, session: TeachSession) -> None:
        super().__init__(context, session)
        from explorer.engine.training.claims import CLAIMS

        claims = [Checkable(c.key, c.section, c.printed, c.check, c.way) for c in CLAIMS]
        self.list = ClaimsList(context.background, claims, self.tr("Claims of chapters 6 and 7"))
        self.page.addWidget(self.list)
        self.page.addStretch(1)

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        return self.list.describe()

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return claims, verdicts and every number with its source."""
        return self.list.table()

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the list."""
        return (self.list,)

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return every element with its meaning."""
        return (
            HelpEntry(
                self.list.button,
                self.tr("Check the claims"),
                self.tr(
                    "Each printed number is computed, simulated or trained again, here and now. A number within 5 % "
                    "of the printed one holds; Enter on a row opens what was found."
                ),
                self.list.describe,
                self.tr("chapters 6 and 7"),
            ),
        )

    def driver(self) -> ClaimsView:
        """Return what the keys of the run drive: the checks."""
        return self

    @property
    def playing(self) -> bool:
        """Whether claims are being checked."""
        return self.list.checking

    def toggle(self) -> None:
        """Check the claims, or stop."""
        self.list.button.click()

    def step_once(self) -> None:
        """Check the first claim that is not known yet."""
        known = self.list.outcomes()
        self.list.check(tuple(key for key in self.list.rows if key not in known)[:1] or None)

    def reset(self) -> None:
        """Check all again."""
        self.list.check(tuple(self.list.rows))

    def shutdown(self) -> None:
        """Stop checking."""
        self.list.stop()


VIEW = ClaimsView
