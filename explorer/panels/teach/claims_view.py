"""Claims: what the book prints in chapters 6 and 7 that does not reconcile, each checked live when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from explorer.panels.base import HelpEntry
from explorer.panels.claims import Checkable, ClaimsList
from explorer.panels.view import View

if TYPE_CHECKING:
    from explorer.panels.base import Context


class ClaimsView(View):
    """Every claim as printed, its check, and the verdict with the numbers behind it.

    Parameters
    ----------
    context
        What the application lends.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
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

    def shutdown(self) -> None:
        """Stop checking."""
        self.list.stop()


VIEW = ClaimsView
