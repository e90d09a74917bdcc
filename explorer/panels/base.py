"""What a panel is: one question, one primary picture, one sentence of what is seen, an inspector of knobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QImageWriter
from PySide6.QtWidgets import QWidget

from explorer.engine.errors import ExplorerError
from explorer.files import write_atomically
from explorer.panels.ear import Ear

if TYPE_CHECKING:
    from explorer.background import Background
    from explorer.frame_clock import FrameClock
    from explorer.settings import Settings
    from explorer.workbench import State, Workbench


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person may press: a button of a message, an entry of a menu.

    Parameters
    ----------
    text
        A verb and what it acts on, already translated.
    run
        What happens then.
    """

    text: str
    run: Callable[[], None]


class Notify(Protocol):
    """Show one sentence above the panel in front."""

    def __call__(self, sentence: str, action: Action | None = None, mood: str = "info") -> None:
        """Show `sentence`, with a button or without; the mood is "info", "good", "warn" or "bad"."""


@dataclass(frozen=True, slots=True)
class HelpEntry:
    """An element that `?` numbers and explains.

    Parameters
    ----------
    widget
        The element.
    title, meaning
        Its name, and what it means in a sentence or two.
    formula
        Gives the formula with its present values, asked for when the explanation is opened.
    section
        Where the book treats it.
    """

    widget: QWidget
    title: str
    meaning: str
    formula: Callable[[], str] | None = None
    section: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What the application lends to every panel.

    Parameters
    ----------
    workbench
        What the user chose; the only way to change it.
    clock
        Drives what is visible; `set_fast` while listening.
    settings
        What is remembered between starts.
    background
        Starts work in the background, visible in the foot of the window.
    notify
        Shows one sentence above the panel; see `Notify`.
    pulse
        Sends one pulse along the thread: a word was recognised.
    ear
        The running source of sound, shared by all panels.
    """

    workbench: Workbench
    clock: FrameClock
    settings: Settings
    background: Background
    notify: Notify
    pulse: Callable[[], None]
    ear: Ear = field(default_factory=Ear)


@dataclass(frozen=True, slots=True)
class Recipe:
    """The active network in words, beside the thread.

    Parameters
    ----------
    network, version
        "tiny" and 7 are shown as "tiny v7".
    precision
        "float32", or "w4a8 per channel".
    file_bytes
        What a device would flash.
    accuracy, low, high
        Fractions with their 95 % interval; None while nothing was measured.
    evaluation_set
        The set that the accuracy was measured on, named on the screen with it.
    badge
        What must be said of a network changed in the window; empty for one as shipped.
    """

    network: str
    version: int
    precision: str
    file_bytes: float | None = None
    accuracy: float | None = None
    low: float | None = None
    high: float | None = None
    evaluation_set: str = ""
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """What the beads of the thread show now; None leaves a bead as it is drawn when nothing is known.

    Parameters
    ----------
    level
        Level of the sound, 0 (silent) to 1 (clipping).
    features
        Log-mel of the last second, frames by bands (98, 40), scaled to 0..1.
    layer_bits
        Bits of each layer's weights, first layer first; 32 for floats.
    word
        The word decided last, empty when there is none.
    place
        Where the network runs.
    recipe
        The active network in words.
    """

    level: float | None = None
    features: np.ndarray[Any, np.dtype[np.floating[Any]]] | None = None
    layer_bits: tuple[int, ...] | None = None
    word: str | None = None
    place: str | None = None
    recipe: Recipe | None = None


@dataclass(frozen=True, slots=True)
class FootNotes:
    """What a panel contributes to the foot of the window.

    Parameters
    ----------
    lost_samples
        Samples of sound lost since the source was opened; None when no sound is running.
    lag_ms
        How far listening is behind the sound, in milliseconds.
    privacy
        The sentence on what became of the sound.
    """

    lost_samples: int | None = None
    lag_ms: float | None = None
    privacy: str = ""


class Panel(QWidget):
    """A panel of the window.  Subclass it in a file of its own and name it `PANEL` there.

    Attributes
    ----------
    key
        Name in state files, settings and on the command line; never changes.
    title, icon
        Word and icon in the rail.
    question
        The question above the picture, verbatim.
    order
        Place in the rail.
    beads
        The beads of the thread that pressing leads to this panel.
    """

    key: ClassVar[str] = ""
    title: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    question: ClassVar[str] = ""
    order: ClassVar[int] = 0
    beads: ClassVar[tuple[str, ...]] = ()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context

    def inspector(self) -> QWidget:
        """Return the controls for the drawer at the right, a column of cards; asked for once.

        The drawer scrolls and gives a heading, so neither is needed here.
        """
        return QWidget()

    def start(self) -> None:
        """Begin: the window is on the screen and the clock runs.  Called once, before anything else moves."""

    def on_frame(self, now_s: float) -> None:
        """Draw what is new; called once per frame while the panel can be seen."""

    def on_slow_tick(self) -> None:
        """Renew what is text; called twice a second while the panel can be seen."""

    def on_state(self, old: State, new: State) -> None:
        """Follow a change of what the user chose."""

    def describe(self) -> str:
        """Return one sentence of what is seen now: for the line below the picture, screen readers and captions."""
        return ""

    def tells_itself(self) -> bool:
        """Say whether the panel shows its sentence inside the picture, so that the line below it can leave."""
        return False

    def glyphs(self) -> Glyphs:
        """Return what this panel's beads show now; asked for every frame, also while the panel is not in front."""
        return Glyphs()

    def foot_notes(self) -> FootNotes:
        """Return what the foot of the window says about this panel's sound."""
        return FootNotes()

    def commands(self) -> tuple[PanelCommand, ...]:
        """Return the panel's own commands, which the window puts into its menu with their keys."""
        return ()

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return the elements that `?` numbers; asked for once, and only what can be seen is numbered."""
        return ()

    def full_screen_target(self) -> QWidget | None:
        """Return the plot that F shows alone: the one in focus, else the primary picture."""
        return None

    def save_state(self) -> dict[str, Any]:
        """Return what this panel keeps to itself, as plain JSON values.  No path belongs in it."""
        return {}

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned; an empty dict is the start state.

        Raises
        ------
        ExplorerError
            One sentence naming the key whose value does not fit; the panel is then restored from what it saved before.
        """

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return the numbers of the primary picture, the first row naming the columns with their units."""
        return []

    def export_csv(self, path: Path) -> None:
        """Write the numbers of the primary picture.

        Raises
        ------
        ExplorerError
            When there is nothing to write yet or the file cannot be written.
        """
        write_csv(self.csv_rows(), path)

    def export_png(self, path: Path) -> None:
        """Write the panel as a picture, at twice the size of the screen.

        Raises
        ------
        ExplorerError
            When the file cannot be written.
        """
        image = QImage(self.size() * 2, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(2.0)
        image.fill(self.palette().window().color())
        self.render(image)
        write_atomically(path, png_bytes(image))

    def shutdown(self) -> None:
        """Stop the panel's jobs, then its streams; nothing may be left running."""


@dataclass(frozen=True, slots=True)
class PanelCommand:
    """A command of a panel, for the menu and the list of keys.

    Parameters
    ----------
    key
        Name of the command, "freeze".
    text
        Entry of the menu, already translated.
    shortcut
        Keys as Qt writes them, "Space"; empty for none.
    run
        What happens; gets whether the entry is checked.
    checked
        Whether it is on, for a command that stays on; None for one that just happens.
    """

    key: str
    text: str
    shortcut: str
    run: Callable[[], None]
    checked: Callable[[], bool] | None = field(default=None)


def png_bytes(image: QImage) -> bytes:
    """Return the picture as the content of a PNG file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def write_csv(rows: Sequence[tuple[object, ...]], path: Path) -> None:
    """Write rows of numbers and words as spreadsheets read them, the first row naming the columns.

    Raises
    ------
    ExplorerError
        When there is nothing to write yet or the file cannot be written.
    """
    if not rows:
        raise ExplorerError("There are no numbers to export yet: let the picture fill first.")
    lines = [",".join(_csv_cell(cell) for cell in row) for row in rows]
    write_atomically(path, ("\r\n".join(lines) + "\r\n").encode("utf-8"))


def _csv_cell(value: object) -> str:
    text = f"{value:.9g}" if isinstance(value, float) else str(value)
    # a text cell that starts like a formula would be run by a spreadsheet
    if isinstance(value, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r"):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n') else text
