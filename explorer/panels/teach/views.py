"""The views of the Teach panel: a file each, and a line each in the table of tabs."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from explorer.panels.tabbed import NewsView
from explorer.panels.view import View
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from explorer.panels.base import Context
    from explorer.panels.teach.session import TeachSession

DESCENT, TRAIN, BACKPROP = "descent", "train", "backprop"
SURFACE, LABS, SPLITS, WORDS, CLAIMS = "surface", "labs", "splits", "words", "claims"


def view_names() -> dict[str, str]:
    """Return the words of the tabs by key: the module `<key>_view` beside this file names its view `VIEW`."""
    return {
        DESCENT: _tr("Descent"),
        TRAIN: _tr("Train"),
        SURFACE: _tr("Surface"),
        BACKPROP: _tr("Backprop"),
        LABS: _tr("Labs"),
        SPLITS: _tr("Splits"),
        WORDS: _tr("Your word"),
        CLAIMS: _tr("Claims"),
    }


class Player(Protocol):
    """Something that Space begins and ends."""

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself."""

    def toggle(self) -> None:
        """Play where it stands, pause where it plays."""


class Driver(Player, Protocol):
    """Something that plays, steps and begins again."""

    def step_once(self) -> None:
        """Make one step."""

    def reset(self) -> None:
        """Begin again."""


class OwnView(View):
    """One view that has nothing to do with the run: controls of its own, and something of its own that Space begins."""

    @property
    def playing(self) -> bool:
        """Whether what Space begins goes on."""
        raise NotImplementedError

    def toggle(self) -> None:
        """Begin it, or end it."""
        raise NotImplementedError

    def cards(self) -> QWidget:
        """Return the view's own controls."""
        raise NotImplementedError

    def _apply_view_tokens(self, current: Tokens) -> None:
        self.page.setContentsMargins(0, 0, 0, 0)  # in line with the tabs above
        self.page.setSpacing(current.space(1))


class TeachView(NewsView):
    """One view of the run.

    Parameters
    ----------
    context
        What the application lends.
    session
        The run; `session.ready` is False until torch is loaded.
    """

    def __init__(self, context: Context, session: TeachSession) -> None:
        super().__init__(context, session)
        self.session = session

    def cards(self) -> QWidget | None:
        """Return the view's own controls, in place of those of the run; None where it has none."""
        return None

    def driver(self) -> Driver:
        """Return what plays, steps and begins again while this view is in front."""
        return self.session


def make_view(key: str, context: Context, session: TeachSession) -> View:
    """Make a view, its module imported only now: the first window does not wait for views that nobody sees."""
    kind = import_module(f"explorer.panels.teach.{key}_view").VIEW
    view = kind(context, session) if issubclass(kind, TeachView) else kind(context)  # some know nothing of the run
    assert isinstance(view, View)
    return view


def _tr(text: str) -> str:
    return QCoreApplication.translate("Teach", text)
