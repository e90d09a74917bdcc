"""The cards of the inspector about sound: where it comes from, how it fares, what is kept of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QWidget

from explorer.engine.audio.devices import list_inputs
from explorer.engine.audio.level import dbfs
from explorer.engine.audio.source import RATE_HZ
from explorer.engine.audio.synthetic import SIGNALS
from explorer.engine.errors import ExplorerError
from explorer.panels.base import Context
from explorer.panels.listen.gestures import open_microphone
from explorer.panels.listen.prompts import privacy
from explorer.panels.listen.session import ListenSession
from explorer.workbench import State
from widgets.card import Card
from widgets.choice import Choice
from widgets.elided_label import ElidedLabel
from widgets.meter import LevelMeter
from widgets.switch import Switch

FILE_FILTER = "*.wav *.flac *.aiff *.aif *.ogg"


class SourcePicker(Choice):
    """Talker, microphones, file and signals in one list; devices are looked up when it opens."""

    opened = Signal()
    """The list is about to be shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Source of sound"), parent)
        self.setMaxVisibleItems(16)
        self._devices: list[tuple[str, str]] = []
        self._file = ""
        self.fill()

    def showPopup(self) -> None:
        """Look for devices, then show the list."""
        self.look_up()
        super().showPopup()

    def look_up(self) -> None:
        """Look for devices."""
        self._devices = [(device.name, f"{device.name} | {device.host_api}") for device in list_inputs()]
        self.fill()

    def fill(self) -> None:
        """Write the entries, and keep the one that is chosen."""
        chosen = self.currentData()
        self.blockSignals(True)
        self.clear()
        self.addItem(self.tr("Talker (recorded voices)"), ("talker", ""))
        self.addItem(self.tr("Microphone: the system's"), ("microphone", ""))
        for name, detail in self._devices:
            self.addItem(self.tr("Microphone: {name}").format(name=name), ("microphone", detail))
        if self._file:
            self.addItem(self.tr("File: {name}").format(name=Path(self._file).name), ("file", self._file))
        self.addItem(self.tr("Sound file …"), ("file", ""))
        for signal in SIGNALS:
            self.addItem(self.tr("Signal: {name}").format(name=signal), ("synthetic", signal))
        self.blockSignals(False)
        if chosen is not None:
            self.show_choice(*chosen)

    def show_choice(self, kind: str, detail: str) -> None:
        """Show what is chosen, without a signal; a device that is not listed is added."""
        if kind == "file" and detail and detail != self._file:
            self._file = detail
            self.fill()
        if kind == "microphone" and detail and all(known != detail for _, known in self._devices):
            self._devices.append((detail.partition(" | ")[0], detail))
            self.fill()
        for index in range(self.count()):
            if self.itemData(index) == (kind, detail):
                self.setCurrentIndex(index)
                return


class SourceCard(Card):
    """Choose what is heard.

    Parameters
    ----------
    context, session
        The application, and what listens.
    """

    def __init__(self, context: Context, session: ListenSession) -> None:
        super().__init__(QCoreApplication.translate("SourceCard", "Source"))
        self._context, self._session = context, session
        self.picker = SourcePicker()
        self.picker.activated.connect(self._on_picked)
        self.aloud = Switch(self.tr("Talker through the loudspeaker"))
        self.aloud.clicked.connect(self._on_aloud)
        self.hold_to_talk = Switch(self.tr("Hold to talk (key T)"))
        self.hold_to_talk.clicked.connect(self._on_hold_to_talk)
        self.hold = QPushButton(self.tr("Hold to talk"))
        self.hold.pressed.connect(self._on_hold)
        self.hold.released.connect(self._on_let_go)
        self.hold.hide()
        self.at_start = Switch(self.tr("Open microphone at start"))
        self.at_start.setChecked(context.settings.values.microphone_at_start)
        self.at_start.clicked.connect(self._on_at_start)
        self.meter = LevelMeter(self.tr("Level of the sound"))
        self.health = ElidedLabel("", size_px=12, role="quiet_ink", lines=3)
        for widget in (self.picker, self.meter, self.health, self.aloud, self.hold_to_talk, self.hold, self.at_start):
            self.add(widget)
        self.show_state(context.workbench.state)

    def show_state(self, state: State) -> None:
        """Show what the user chose."""
        self.picker.show_choice(state.source_kind, state.source_detail)
        allowed = self._context.settings.values.microphone_allowed
        reason = None if allowed else self.tr("Open the microphone once by hand first (Space).")
        self.at_start.set_disabled_reason(reason)

    def on_frame(self) -> None:
        """Move the meter."""
        hop = self._session.last_hop
        if hop is not None:
            self.meter.set_level(hop.level_dbfs, dbfs(hop.peak), hop.clipped)

    def on_slow_tick(self) -> None:
        """Say how the source fares."""
        status = self._session.sources.status()
        self.hold.setVisible(self._session.sources.hold_to_talk)
        if status is None:
            return
        lag = "" if status.lag_ms is None else self.tr(" · {lag:.0f} ms behind").format(lag=max(0.0, status.lag_ms))
        counts = self.tr("Lost {lost:.2f} s{lag} · late {late} · clipped {clipped}").format(
            lost=status.lost_samples / RATE_HZ, lag=lag, late=status.late_blocks, clipped=status.clipped
        )
        self.health.set_text(f"{status.sentence} {counts}")

    @Slot(int)
    def _on_picked(self, index: int) -> None:
        kind, detail = self.picker.itemData(index)
        if kind == "microphone":
            open_microphone(self._context, self._session, detail)
        elif kind == "file" and not detail:
            self._ask_for_file()
        elif (kind, detail) == (self._context.workbench.state.source_kind, self._context.workbench.state.source_detail):
            self._session.sources.play_again()
        else:
            self._context.workbench.update(source_kind=kind, source_detail=detail)

    def _ask_for_file(self) -> None:
        title = self.tr("Listen to a sound file")
        path = QFileDialog.getOpenFileName(self, title, "", self.tr("Sound ({kinds})").format(kinds=FILE_FILTER))[0]
        if path:
            self._context.workbench.update(source_kind="file", source_detail=path)
        self.show_state(self._context.workbench.state)

    @Slot(bool)
    def _on_aloud(self, wanted: bool) -> None:
        problem = self._session.sources.set_heard_aloud(wanted)
        if problem:
            self._context.notify(problem, None, "warn")

    @Slot(bool)
    def _on_hold_to_talk(self, wanted: bool) -> None:
        self._session.sources.set_hold_to_talk(wanted)
        self.hold.setVisible(wanted)

    @Slot()
    def _on_hold(self) -> None:
        self._session.sources.hold(True)

    @Slot()
    def _on_let_go(self) -> None:
        self._session.sources.hold(False)

    @Slot(bool)
    def _on_at_start(self, wanted: bool) -> None:
        self._context.settings.update(microphone_at_start=wanted)


class MemoryCard(Card):
    """What is kept: five minutes in memory, and a file only on request.

    Parameters
    ----------
    context, session
        The application, and what listens.
    """

    cleared = Signal()
    """The memory was emptied."""

    def __init__(self, context: Context, session: ListenSession) -> None:
        super().__init__(QCoreApplication.translate("MemoryCard", "Memory and recording"), foldable=True, folded=True)
        self._context, self._session = context, session
        self.kept = ElidedLabel("", size_px=14, lines=2)
        self.clear = QPushButton(self.tr("Clear the memory"))
        self.record = QPushButton(self.tr("Record to a file …"))
        self.delete = QPushButton(self.tr("Delete the recording"))
        self.privacy = ElidedLabel("", size_px=12, role="quiet_ink", lines=4)
        self.clear.clicked.connect(self._on_clear)
        self.record.clicked.connect(self._on_record)
        self.delete.clicked.connect(self._on_delete)
        row = QHBoxLayout()
        row.addWidget(self.record, 1)
        row.addWidget(self.delete, 1)
        self.add(self.kept)
        self.add(self.clear)
        self.content().addLayout(row)
        self.add(self.privacy)
        self.on_slow_tick()

    def on_slow_tick(self) -> None:
        """Say what is kept now."""
        session, recorder = self._session, self._session.recorder
        seconds = session.now_s - session.trace.oldest_s
        self.kept.set_text(self.tr("Kept in memory: the last {time}").format(time=_minutes(seconds)))
        if recorder.recording:
            self.record.setText(self.tr("Stop ({time})").format(time=_minutes(recorder.seconds)))
        else:
            self.record.setText(self.tr("Record to a file …"))
        self.delete.setEnabled(recorder.path is not None)
        self.delete.setToolTip("" if recorder.path else self.tr("There is no recording."))
        name = recorder.path.name if recorder.recording and recorder.path else ""
        self.privacy.set_text(privacy(session.sources.kind, name))
        if recorder.trouble:
            self._context.notify(recorder.trouble, None, "bad")
            recorder.trouble = ""

    @Slot()
    def _on_clear(self) -> None:
        self._session.clear()
        self.on_slow_tick()
        self.cleared.emit()

    @Slot()
    def _on_record(self) -> None:
        recorder = self._session.recorder
        if recorder.recording:
            recorder.stop()
        else:
            path = QFileDialog.getSaveFileName(self, self.tr("Record what is heard"), "recording.wav", "WAV (*.wav)")[0]
            if path:
                self.start_recording(Path(path))
        self.on_slow_tick()

    def start_recording(self, path: Path) -> None:
        """Write what is heard from now on into `path`, or say why not."""
        try:
            self._session.recorder.start(path)
        except ExplorerError as error:
            self._context.notify(str(error), None, "bad")

    @Slot()
    def _on_delete(self) -> None:
        try:
            self._session.recorder.delete()
        except ExplorerError as error:
            self._context.notify(str(error), None, "bad")
        self.on_slow_tick()


def _minutes(seconds: float) -> str:
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d} min" if whole >= 60 else f"{whole} s"
