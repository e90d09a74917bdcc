"""Classes: which words are lost and which are gained, and what the lost ones are taken for now."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPoint, Slot
from PySide6.QtWidgets import QWidget

from explorer.engine.errors import ExplorerError
from explorer.engine.quantization.class_changes import ClassChange, class_changes
from explorer.engine.quantization.recipe import FLOAT
from explorer.panels.base import Context, HelpEntry
from explorer.panels.squeeze import wording
from explorer.panels.squeeze.class_bars import ClassBars
from explorer.panels.squeeze.session import SqueezeSession
from explorer.panels.squeeze.views import SqueezeView, Still
from explorer.panels.view import ExportMenu, Words


class ClassesView(SqueezeView):
    """The words, the worst first, and the one under the cursor in a sentence.

    Parameters
    ----------
    context
        What the application lends.
    session
        What measures.
    """

    def __init__(self, context: Context, session: SqueezeSession) -> None:
        super().__init__(context, session)
        self.told = Words(size_px=14)
        self.bars = ClassBars()
        still = Still()
        still.column.addWidget(self.told)
        still.column.addWidget(self.bars, 1)
        self.page.addWidget(still)
        self._menu = ExportMenu(self.bars, self.bars.table, _tr("word"), self)
        self.bars.cursorMoved.connect(self._on_cursor)

    def renew(self) -> None:
        """Draw what is measured."""
        self.bars.set_changes(self._changes())
        self.bars.setAccessibleDescription(self.describe())
        self._on_cursor()

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        session, changes = self.session, self._changes()
        if not changes or session.current is None:
            return wording.sentence(session)
        if session.recipe == FLOAT:
            weakest = min(changes, key=lambda change: change.after)
            told = _tr("In float the word recognised least is “{word}”, {share} %; squeeze, and see which words go.")
            return told.format(word=weakest.label, share=wording.percent(weakest.after))
        surely = [change for change in changes if change.comparison.distinct]
        if not surely:
            told = _tr("{recipe}: no word's change can be told from chance on these {count:,} clips.")
            return told.format(recipe=session.recipe, count=session.current.done)
        worst = changes[0]
        told = _tr("{count} of {all} words change beyond chance, “{word}” most: {before} to {after} %.")
        return told.format(
            count=len(surely),
            all=len(changes),
            word=worst.label,
            before=wording.percent(worst.before),
            after=wording.percent(worst.after),
        )

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the words."""
        return (self.bars,)

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the words with their shares, the difference, and the new confusions."""
        changes, estimate = self._changes(), self.session.current
        rows: list[tuple[object, ...]] = [
            (
                "word",
                "clips",
                "float",
                "now",
                "difference",
                "low",
                "high",
                "p_value",
                "lost",
                "gained",
                "taken_for",
                "set",
            )
        ]
        for change in changes:
            paired = change.comparison
            taken = "; ".join(f"{word} {count}" for word, count in change.taken_for)
            rows.append(
                (
                    change.label,
                    change.clips,
                    change.before,
                    change.after,
                    paired.difference,
                    paired.low,
                    paired.high,
                    paired.p_value,
                    paired.only_first,
                    paired.only_second,
                    taken,
                    "" if estimate is None else estimate.evaluation_set.name,
                )
            )
        return rows

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return the elements that `?` numbers."""
        return (
            HelpEntry(
                self.bars,
                _tr("Word by word"),
                _tr(
                    "Ring: share recognised by the float network; dot: share recognised now, on the same clips. The "
                    "bar between them is filled where the exact McNemar test tells the two apart at 5 %, hatched "
                    "where it does not; of words that do not change, one in twenty looks different all the same."
                ),
                self.bars.accessible_value,
            ),
        )

    @Slot()
    def _on_cursor(self) -> None:
        change = self.bars.current()
        if change is None:
            self.told.setText((self.session.problem or self.session.stage or _tr("Measuring")) + " …")
        else:
            self.told.setText(wording.class_words(change))
            inside = self.area.widget()
            assert inside is not None
            at = self.bars.mapTo(inside, QPoint(0, self.bars.row_y()))
            self.area.ensureVisible(0, at.y(), 0, self.bars.row_height())

    def _changes(self) -> list[ClassChange]:
        """Return the change of each word from float, as far as both are measured."""
        exact, current = self.session.float_result, self.session.current
        if exact is None or current is None:
            return []
        try:
            return class_changes(exact, current)
        except ExplorerError:
            return []


def _tr(text: str) -> str:
    return QCoreApplication.translate("Squeeze", text)


VIEW = ClassesView
