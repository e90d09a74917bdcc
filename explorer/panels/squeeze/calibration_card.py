"""Calibration card: the sound over which the ranges of the activations are found."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, Slot

from explorer.engine.errors import ExplorerError
from explorer.panels.base import Context
from explorer.panels.squeeze.session import SqueezeSession
from explorer.panels.view import Words
from explorer.workbench import State
from widgets.card import Card
from widgets.segmented import Segmented

BUNDLED, LIVE = "bundled", "live"


class CalibrationCard(Card):
    """Bundled clips, or the last minute of what Listen hears; neither is ever what accuracy is reported on.

    Parameters
    ----------
    context, session
        The application, and what measures.
    """

    def __init__(self, context: Context, session: SqueezeSession) -> None:
        super().__init__(QCoreApplication.translate("CalibrationCard", "Calibration"), foldable=True)
        self._context, self._session = context, session
        self.choice = Segmented(
            [(BUNDLED, self.tr("bundled clips")), (LIVE, self.tr("last minute"))],
            label=self.tr("Sound that the ranges of the activations come from"),
        )
        self.words = Words(size_px=12, role="quiet_ink")
        self.choice.chosen.connect(self._on_chosen)
        self.add(self.choice)
        self.add(self.words)

    def show_state(self, state: State) -> None:
        """Show what is in force."""
        self.choice.set_key(LIVE if state.live_calibration else BUNDLED)
        self.words.set_role("quiet_ink")
        excerpt = self._context.workbench.sound.excerpt(state.live_calibration)
        if excerpt is None:
            self.words.setText(self.tr("Voices that are neither trained on nor reported."))
            return
        told = self.tr("{seconds:.0f} s of live sound, in memory only; press again for newer ones.")
        self.words.setText(told.format(seconds=excerpt.seconds))

    @Slot(str)
    def _on_chosen(self, key: str) -> None:
        workbench = self._context.workbench
        if key == BUNDLED:
            workbench.update(live_calibration=0)
            return
        try:
            require_apart(workbench.state)
            self._context.ear.listening()  # begins to listen, if nobody looked at that panel yet
            workbench.update(live_calibration=workbench.sound.keep_minute().number)
        except ExplorerError as error:
            self.show_state(workbench.state)
            self.words.setText(str(error))
            self.words.set_role("bad")


def require_apart(state: State) -> None:
    """Refuse live sound that is played from the clips on which accuracy is reported.

    Raises
    ------
    ExplorerError
        When the file that is heard lies in the evaluation folder.
    """
    folder = state.evaluation_folder
    if state.source_kind == "file" and folder is not None:
        heard = Path(state.source_detail).resolve()
        if heard.is_relative_to(Path(folder).resolve()):
            raise ExplorerError(
                f"{heard.name} lies in the folder that accuracy is measured on: listen to something else first."
            )
