"""Sources: where every number of every place comes from, and how to add a place of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from explorer.engine.deployment.profiles import THIS_MACHINE, shipped
from explorer.engine.errors import ExplorerError
from explorer.engine.quantity import Kind
from explorer.files import profile_folder
from explorer.panels.base import Context, HelpEntry
from explorer.panels.place.analysis import row_of
from explorer.panels.place.session import PlaceSession
from explorer.panels.place.sources_rows import chosen_rows, source_rows
from explorer.panels.place.sources_table import SourcesTable
from explorer.panels.place.views import PlaceView
from explorer.panels.view import Words
from widgets import tokens
from widgets.card import Card
from widgets.elided_label import ElidedLabel
from widgets.segmented import Segmented
from widgets.tokens import Tokens

LONGEST_SEARCH = 80
EXAMPLE = """\
title = "My board"
tier = "tiny"
core = "Cortex-M4F"
software = "X-CUBE-AI v9.0"
source = "data sheet of my board, page 1"
clock = "120 MHz"
ram = "640 KiB"
flash = "2 MiB"
"""


class SourcesView(PlaceView):
    """Every number with kind and source, to be searched; see `SourcesTable`.

    Parameters
    ----------
    context
        What the application lends.
    session
        What was asked and what is known of it.
    folder
        The user's own profiles.
    """

    def __init__(self, context: Context, session: PlaceSession, folder: Path | None = None) -> None:
        super().__init__(context, session)
        self.folder = profile_folder() if folder is None else folder
        self.search = QLineEdit()
        self.search.setPlaceholderText(_tr("Search: device, number, source …"))
        self.search.setAccessibleName(_tr("Search the numbers"))
        self.search.setMaxLength(LONGEST_SEARCH)
        kinds = [("", _tr("all")), *((kind.value, kind.value) for kind in Kind)]
        self.kinds = Segmented(kinds, label=_tr("Kind of number"))
        self.problems = Words(size_px=14, role="warn")
        self.table = SourcesTable()
        self.told = ElidedLabel("", size_px=12, lines=3)
        self.own = Card(_tr("Add your own board"), foldable=True, folded=True)
        self.open_folder = QPushButton(_tr("Open the folder of profiles"))
        self.copy_example = QPushButton(_tr("Copy an example"))
        self.read_again = QPushButton(_tr("Read the folder again"))
        self._fill_card()
        head = QWidget()
        self._head = QHBoxLayout(head)
        row_of(self._head, self.search, self.kinds, stretch=0)
        self.page.addWidget(head)
        self.page.addWidget(self.problems)
        self.page.addWidget(self.table, 1)
        self.page.addWidget(self.told)
        self.page.addWidget(self.own)
        self.search.textChanged.connect(self._on_change)
        self.kinds.chosen.connect(self._on_change)
        self.table.cursorMoved.connect(self._on_cursor)
        self.table.copied.connect(self._on_copied)
        self.open_folder.clicked.connect(self._on_open)
        self.copy_example.clicked.connect(self._on_example)
        self.read_again.clicked.connect(self._on_read)
        self._unfollow = tokens.follow(self._apply_tokens)

    # -- what the panel asks ---------------------------------------------------------------------------------------

    def renew(self) -> None:
        """Show the numbers that were searched for, and files that are no profile."""
        self.problems.setText("\n".join(f"⚠ {sentence}" for sentence in self.session.problems))
        self.problems.setVisible(bool(self.session.problems))
        rows = source_rows(self.session.profiles)
        self.table.set_rows(chosen_rows(rows, self.search.text(), self.kinds.key()))
        self._on_cursor()

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        rows = self.table.rows()
        counts = {kind: sum(row.quantity.kind is kind for row in rows) for kind in Kind}
        told = _tr(
            "{count} numbers: {measured} measured here, {derived} derived, {cited} cited, {assumed} assumed; "
            "{devices} devices."
        )
        return told.format(
            count=len(rows),
            measured=counts[Kind.MEASURED],
            derived=counts[Kind.DERIVED],
            cited=counts[Kind.CITED],
            assumed=counts[Kind.ASSUMED],
            devices=len(self.session.profiles),
        )

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the table."""
        return (self.table,)

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the rows that are shown."""
        found: list[tuple[object, ...]] = [("of", "number", "value", "unit", "kind", "date", "source")]
        for row in self.table.rows():
            q = row.quantity
            found.append((row.owner, row.name, q.value, q.unit, q.kind.value, row.date, q.source))
        return found

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return the elements that `?` numbers."""
        return (
            HelpEntry(
                self.table,
                _tr("Numbers and sources"),
                _tr(
                    "A filled dot was measured here, a half one derived, a quotation mark cited, a hollow one assumed "
                    "for a reason. A press copies the source."
                ),
                self.table.accessible_value,
            ),
            HelpEntry(
                self.own,
                _tr("Your own board"),
                _tr("A text file in the folder of profiles adds a device; every number in it says where it is from."),
            ),
        )

    def save_state(self) -> dict[str, Any]:
        """Return what is searched for."""
        return {"search": self.search.text(), "kind": self.kinds.key()}

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned.

        Raises
        ------
        ExplorerError
            When a value does not fit.
        """
        search, kind = saved.get("search", ""), saved.get("kind", "")
        if not isinstance(search, str) or len(search) > LONGEST_SEARCH:
            raise ExplorerError(f"In the panel Place, 'search' must be at most {LONGEST_SEARCH} letters.")
        if kind not in ("", *(each.value for each in Kind)):
            raise ExplorerError(f"In the panel Place, 'kind' is {kind!r:.40}: no kind of number.")
        self.search.setText(search)
        self.kinds.set_key(kind)
        self.mark()

    # -- what the user does ----------------------------------------------------------------------------------------

    def _fill_card(self) -> None:
        explained = Words(
            _tr(
                "Put a file like this one into the folder of profiles and let it be read again. Eight lines are "
                "enough for a board that nobody measured: the predictor knows its core. A number of another source is "
                "written {example}; an assumed one says its reason. A file with a mistake is named above the table, "
                "with the key to mend."
            ).format(example='ram = { value = "640 KiB", kind = "cited", source = "…" }'),
            size_px=12,
        )
        example = Words(EXAMPLE.strip(), size_px=12, role="quiet_ink")
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row_of(row, self.open_folder, self.copy_example, self.read_again)
        row.addStretch(1)
        for widget in (explained, example, buttons):
            self.own.add(widget)

    @Slot()
    def _on_change(self) -> None:
        self.mark()

    @Slot()
    def _on_cursor(self) -> None:
        self.told.set_text(self.table.accessible_value())

    @Slot(str)
    def _on_copied(self, source: str) -> None:
        QGuiApplication.clipboard().setText(source)
        self.say(_tr("Copied: {source}").format(source=source))

    @Slot()
    def _on_example(self) -> None:
        QGuiApplication.clipboard().setText(EXAMPLE)
        self.say(
            _tr("Copied: a profile to start from. Save it as my-board.toml in {folder}.").format(folder=self.folder)
        )

    @Slot()
    def _on_read(self) -> None:
        self.session.read_profiles()
        self.mark()
        own = len(self.session.profiles.keys() - shipped().keys() - {THIS_MACHINE})
        told = _tr("Boards of your own: {own}; files that are no profile: {bad}.")
        self.say(told.format(own=own, bad=len(self.session.problems)))

    @Slot()
    def _on_open(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            told = _tr("The folder {folder} cannot be made ({reason}): make it yourself.")
            self.say(told.format(folder=self.folder, reason=error.strerror or error))
            return
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.folder))):
            self.say(_tr("No program opens folders here; yours is {folder}.").format(folder=self.folder))

    def _apply_tokens(self, current: Tokens) -> None:
        self._head.setSpacing(current.space(1.5))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)


VIEW = SourcesView
