"""What the program says about itself: the list of keys, the licences, the numbered explanation of what is seen."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout

from explorer import __version__
from explorer.panels.base import HelpEntry
from widgets import tokens
from widgets.full_screen import FullScreen
from widgets.help_overlay import HelpOverlay

if TYPE_CHECKING:
    from explorer.main_window import MainWindow

_LICENCES = (
    ("Qt, PySide6", "LGPL-3.0", "https://www.qt.io/licensing"),
    ("Python", "PSF-2.0", "https://docs.python.org/3/license.html"),
    ("NumPy", "BSD-3-Clause", "https://numpy.org"),
    ("PyTorch", "BSD-3-Clause", "https://pytorch.org"),
    ("ONNX, ONNX Runtime", "Apache-2.0, MIT", "https://onnxruntime.ai"),
    ("pyqtgraph", "MIT", "https://www.pyqtgraph.org"),
    ("sounddevice, PortAudio", "MIT", "https://www.portaudio.com"),
    ("soundfile, libsndfile", "BSD-3-Clause, LGPL-2.1-or-later", "https://libsndfile.github.io/libsndfile"),
    ("soxr, libsoxr", "LGPL-2.1-or-later", "https://sourceforge.net/projects/soxr"),
    ("safetensors", "Apache-2.0", "https://github.com/huggingface/safetensors"),
    ("psutil, platformdirs", "BSD-3-Clause, MIT", "https://github.com/giampaolo/psutil"),
    ("Inter (type)", "OFL-1.1", "https://rsms.me/inter"),
    ("Lucide (icons)", "ISC", "https://lucide.dev"),
)
"""What the program is built from: name, licence as SPDX writes it, where to read more."""


class WindowHelp(QObject):
    """Open and close what explains the window.

    Parameters
    ----------
    window
        The window it explains.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._overlay = HelpOverlay(window)
        self._full_screen = FullScreen(window)

    def add(self, entries: Iterable[HelpEntry]) -> None:
        """Make elements known to the explanation."""
        for entry in entries:
            self._overlay.register(entry.widget, entry.title, entry.meaning, entry.formula, entry.section)

    def show_keys(self) -> None:
        """List every key."""
        rows = "".join(
            f"<tr><td><b>{escape(keys)}</b>&nbsp;&nbsp;</td><td>{escape(text)}</td></tr>"
            for keys, text in self._window.commands.key_table()
        )
        self._show(self.tr("Keys"), f"<table cellspacing='4'>{rows}</table>")

    def show_about(self) -> None:
        """Tell the version, and the licence of every part."""
        rows = "".join(
            f"<tr><td>{escape(name)}&nbsp;&nbsp;</td><td>{escape(licence)}&nbsp;&nbsp;</td><td>{escape(where)}</td></tr>"
            for name, licence, where in _LICENCES
        )
        told = self.tr("Machine-learning systems made visible, measured on this machine.")
        replace_qt = self.tr("Under the MIT licence; built from these parts, each of which can be replaced:")
        self._show(
            self.tr("About"),
            f"<h3>ML Systems Explorer {__version__}</h3><p>{escape(told)}</p><p>{escape(replace_qt)}</p>"
            f"<table cellspacing='4'>{rows}</table>",
        )

    def toggle_explanation(self) -> None:
        """Open the explanation that numbers every element, or close it."""
        self.add(self._window.front.help_entries())  # a panel makes some of its views only when they are looked at
        self._overlay.toggle()

    def toggle_picture(self) -> None:
        """Show one picture alone, or put it back."""
        if self._full_screen.is_active():
            self.leave_picture()
            return
        target = self._window.front.full_screen_target()
        if target is not None:
            self._full_screen.show_widget(target, target.accessibleName())

    def is_explaining(self) -> bool:
        """Whether the explanation is open."""
        return self._overlay.isVisible()

    def explained(self) -> list[str]:
        """Return the names of the elements that are numbered now."""
        return self._overlay.titles()

    def leave_picture(self) -> None:
        """Put a picture that fills the screen back into its place."""
        self._full_screen.leave()

    def _show(self, title: str, html: str) -> None:
        look = tokens.current()
        dialog = QDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(title)
        text = QTextBrowser()
        text.setAccessibleName(title)
        text.setHtml(html)
        column = QVBoxLayout(dialog)
        column.addWidget(text)
        dialog.resize(look.px(560), min(look.px(560), self._window.height()))
        dialog.show()
