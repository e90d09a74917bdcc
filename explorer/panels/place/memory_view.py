"""Memory: where each activation lies and for how long, and the whole program around the network."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.engine.deployment.estimate import RUNTIME_OF_TIER
from explorer.engine.deployment.memory_plan import IN_PLACE, PLANNERS, InPlace, MemoryPlan, Planner, memory_plan
from explorer.engine.deployment.profile import Profile
from explorer.engine.deployment.program import Program, program_of
from explorer.engine.errors import ExplorerError
from explorer.panels.base import Context, HelpEntry
from explorer.panels.place.analysis import AnalysisView, Answers, row_of
from explorer.panels.place.log_axis import number
from explorer.panels.place.memory_picture import MemoryPicture
from explorer.panels.place.memory_stack import MemoryStack
from explorer.panels.place.session import PlaceSession
from explorer.panels.place.wording import in_bytes
from explorer.panels.view import ExportMenu
from widgets import tokens
from widgets.choice import Choice
from widgets.elided_label import ElidedLabel
from widgets.segmented import Segmented
from widgets.switch import Switch
from widgets.tokens import Tokens

if TYPE_CHECKING:
    from explorer.background import Report

BUDGET_BYTES = 16_384  # the always-on budget of the book, section 5.2
GESTURE_S = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A plan, and the program around it on the chosen device."""

    plan: MemoryPlan
    program: Program


class MemoryView(AnalysisView):
    """The memory plan of the active network as a picture, and the stack of the whole program beside it.

    Parameters
    ----------
    context
        What the application lends.
    session
        What was asked and what is known of it.
    """

    def __init__(self, context: Context, session: PlaceSession) -> None:
        super().__init__(context, session)
        planners = {"by size": _tr("by size"), "by time": _tr("by time"), "apart": _tr("apart")}
        self.planner = Segmented(list(planners.items()), label=_tr("Planner"))
        places = {
            "nothing": _tr("not in place"),
            "sums": _tr("sums in place"),
            "sums and depthwise": _tr("sums and depthwise"),
        }
        self.in_place = Segmented(list(places.items()), label=_tr("What is computed in place"))
        self.devices = Choice(_tr("Device"))
        self.double = Switch(_tr("fill a second input meanwhile"))
        self.picture = MemoryPicture()
        self.stack = MemoryStack()
        self.told = ElidedLabel("", size_px=12, lines=2)
        self.left_out = ElidedLabel("", size_px=12, lines=2)
        self._answers: Answers[Found] = Answers(context.background, _tr("Memory plan"), self.mark)
        self._found: Found | None = None
        self._key: tuple[object, ...] | None = None
        self._before_bytes: int | None = None
        self._changed_s = 0.0
        self._device: str | None = None
        first, second, self.pair = QWidget(), QWidget(), QWidget()
        self._rows = (QHBoxLayout(first), QHBoxLayout(second), QHBoxLayout(self.pair))
        row_of(self._rows[0], self.planner, self.in_place)
        self._rows[0].addStretch(1)
        row_of(self._rows[1], self.devices, self.double, stretch=0)
        row_of(self._rows[2], self.picture, self.stack)
        self._rows[2].setStretch(0, 5)
        self._rows[2].setStretch(1, 4)
        self.stage(first, second, self.pair, self.told, self.left_out)
        self._menus = (
            ExportMenu(self.picture, self.picture.table, _tr("step"), self),
            ExportMenu(self.stack, self.stack.table, _tr("part"), self),
        )
        self.planner.chosen.connect(self._on_change)
        self.in_place.chosen.connect(self._on_change)
        self.double.toggled.connect(self._on_change)
        self.devices.activated.connect(self._on_device)
        self.picture.cursorMoved.connect(self._on_picture)
        self.stack.cursorMoved.connect(self._on_stack)
        self.picture.layerChosen.connect(self._on_layer)
        self._unfollow = tokens.follow(self._apply_tokens)

    # -- what the panel asks ---------------------------------------------------------------------------------------

    def renew(self) -> None:
        """Draw plan and program as far as they are known."""
        self._fill_devices()
        active = self.active()
        if active is None:
            self.show_state(self.pair, "loading", self.session.problem or _tr("The network is being loaded …"))
            return
        network, recipe = active
        planner, in_place, double = self._choices()
        runtime = RUNTIME_OF_TIER[self.device().tier]
        rate = self.session.setup.rate(self.session.state.hop_ms)
        key = (network.fingerprint, recipe, planner, in_place, double, runtime.name, rate)

        def compute(stop: threading.Event, report: Report) -> Found:
            plan = memory_plan(network.graph, recipe, planner, in_place, double)
            return Found(plan, program_of(network.graph, recipe, runtime, rate, planner, in_place))

        found = self._answers.ask(key, compute)
        problem = self._answers.problem(key)
        if found is None and (problem or self._found is None):
            self.show_state(self.pair, "failed" if problem else "estimating", problem or _tr("Placing buffers …"))
            return
        if found is not None:
            self._take(found, key)
        self._draw()

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        found = self._found
        if found is None:
            return _tr("The memory plan is being made.")
        plan, device = found.plan, self.device()
        need, have = found.program.ram_bytes.value, device.ram_bytes.value
        verdict = _tr("fits") if need <= have else _tr("over by {over}").format(over=in_bytes(need - have))
        told = _tr(
            "Arena {arena}, with {peak} kept at once at {step}; the whole program takes {ram} of the {have} RAM of "
            "{device}: {verdict}."
        )
        return told.format(
            arena=in_bytes(plan.ram_bytes),
            peak=in_bytes(plan.peak_bytes),
            step=plan.peak_step,
            ram=in_bytes(need),
            have=in_bytes(have),
            device=device.title,
            verdict=verdict,
        )

    def pictures(self) -> tuple[QWidget, ...]:
        """Return plan and stack."""
        return self.picture, self.stack

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return buffers, then parts of the program."""
        if self._found is None:
            return []
        plan, program = self._found.plan, self._found.program
        head = (
            "buffer or part",
            "address (bytes)",
            "size, RAM (bytes)",
            "flash (bytes)",
            "first step",
            "last step",
            "source",
        )
        rows: list[tuple[object, ...]] = [head]
        for buffer in plan.buffers:
            ends = (plan.steps[buffer.first], plan.steps[buffer.last])
            rows.append((" = ".join(buffer.holds), buffer.offset_bytes, buffer.size_bytes, "", *ends, "memory plan"))
        for part in program.parts:
            sides = (part.ram_bytes, part.flash_bytes)
            source = "; ".join(f"{each.kind.value}: {each.source}" for each in sides if each is not None)
            ram, flash = ("" if each is None else each.value for each in sides)
            rows.append((f"program: {part.name}", "", ram, flash, "", "", source))
        return rows

    def help_entries(self) -> tuple[HelpEntry, ...]:
        """Return the elements that `?` numbers."""
        return (
            HelpEntry(
                self.picture,
                _tr("Memory plan"),
                _tr(
                    "Time goes to the right, addresses up; a rectangle is a buffer from the step that writes it to the "
                    "last that reads it. Hatched ones live at the peak. The line is what must be kept, wherever it is."
                ),
                self._formula,
                _tr("section 6.8"),
            ),
            HelpEntry(
                self.planner,
                _tr("Planner"),
                _tr(
                    "By size: largest first, at the lowest free address. By time: in the order they are written. "
                    "Apart: no address twice."
                ),
            ),
            HelpEntry(
                self.in_place,
                _tr("In place"),
                _tr(
                    "A sum may be written over one of its operands; a depthwise convolution over its input, one "
                    "channel at a time."
                ),
            ),
            HelpEntry(
                self.stack,
                _tr("The whole program"),
                _tr(
                    "Part upon part, left what is kept in RAM, right what is flashed. The framed step is all that "
                    "“16 KB” counts; the glyphs say where each number comes from."
                ),
                self.stack.accessible_value,
                _tr("sections 5.2 and 6.9"),
            ),
        )

    def save_state(self) -> dict[str, Any]:
        """Return the choices of the plan, and the device."""
        planner, in_place, double = self._choices()
        return {"planner": planner, "in_place": in_place, "double_input": double, "device": self._device}

    def restore_state(self, saved: dict[str, Any]) -> None:
        """Take over what `save_state` returned; a device that is not there gives way to the chosen tile's.

        Raises
        ------
        ExplorerError
            When a value does not fit.
        """
        planner, in_place = saved.get("planner", PLANNERS[0]), saved.get("in_place", IN_PLACE[0])
        double, device = saved.get("double_input", False), saved.get("device")
        for key, value, known in (("planner", planner, PLANNERS), ("in_place", in_place, IN_PLACE)):
            if value not in known:
                raise ExplorerError(f"In the panel Place, {key!r} is {value!r:.40}: one of {', '.join(known)}.")
        if not isinstance(double, bool):
            raise ExplorerError("In the panel Place, 'double_input' must be true or false.")
        if device is not None and not isinstance(device, str):
            raise ExplorerError("In the panel Place, 'device' must be the name of a profile.")
        self.planner.set_key(planner)
        self.in_place.set_key(in_place)
        self.double.setChecked(double)
        self._device = device
        self._before_bytes = self._key = None
        self.mark()

    def shutdown(self) -> None:
        """Ask what runs to end; the background joins it."""
        self._answers.stop()

    # -- what is shown ---------------------------------------------------------------------------------------------

    def device(self) -> Profile:
        """Give the device: the one chosen here, else that of the chosen tile."""
        profiles, setup = self.session.profiles, self.session.setup
        return profiles[self._device if self._device in profiles else setup.tiles[setup.chosen]]

    def _choices(self) -> tuple[Planner, InPlace, bool]:
        planner = next(each for each in PLANNERS if each == self.planner.key())
        in_place = next(each for each in IN_PLACE if each == self.in_place.key())
        return planner, in_place, self.double.isChecked()

    def _take(self, found: Found, key: tuple[object, ...]) -> None:
        """Take a plan; the arena before a change stays as a ghost."""
        if self._key is not None and key != self._key and self._found is not None:
            now_s = time.monotonic()
            if now_s - self._changed_s > GESTURE_S or self._before_bytes is None:
                self._before_bytes = self._found.plan.ram_bytes
            self._changed_s = now_s
        self._found, self._key = found, key

    def _draw(self) -> None:
        assert self._found is not None
        self.show_state(self.pair, "")
        plan, program, device = self._found.plan, self._found.program, self.device()
        others = program.ram_bytes.value - program["activations"].ram_bytes.value  # type: ignore[union-attr]
        room = device.ram_bytes.value - others
        words = _tr("{device} has room for an arena of {room}").format(device=device.title, room=in_bytes(max(room, 0)))
        self.picture.set_plan(plan, (max(room, 0.0), words), self._before_bytes)
        self.picture.set_selected(self.session.state.selected_layer or "")
        self.stack.set_program(program, device.ram_bytes.value, device.flash_bytes.value)
        self.left_out.set_text(self._left_out(program))
        self._on_picture()

    def _left_out(self, program: Program) -> str:
        """Return what a budget of 16 KB for the network leaves out."""
        own = program["network"].flash_bytes
        assert own is not None
        flash = sum(part.flash_bytes.value for part in program.left_out if part.flash_bytes is not None)
        told = _tr(
            "“16 KB” counts the network in flash alone: {own} here, {share} % of 16,384 bytes. It leaves out {flash} "
            "of flash and all {ram} of RAM: {names}."
        )
        return told.format(
            own=in_bytes(own.value),
            share=number(100 * own.value / BUDGET_BYTES),
            flash=in_bytes(flash),
            ram=in_bytes(program.ram_bytes.value),
            names=", ".join(part.name for part in program.left_out),
        )

    def _formula(self) -> str:
        if self._found is None:
            return ""
        plan = self._found.plan
        told = _tr("arena {arena:,} bytes ≥ peak {peak:,} at {step}; all buffers apart {sum:,}")
        return told.format(arena=plan.ram_bytes, peak=plan.peak_bytes, step=plan.peak_step, sum=plan.sum_bytes)

    def _fill_devices(self) -> None:
        titles = {key: profile.title for key, profile in self.session.profiles.items()}
        if [self.devices.itemData(i) for i in range(self.devices.count())] != list(titles):
            self.devices.clear()
            for key, title in titles.items():
                self.devices.addItem(title, key)
        self.devices.setCurrentIndex(self.devices.findData(self.device().key))

    @Slot()
    def _on_change(self) -> None:
        self.mark()

    @Slot()
    def _on_device(self) -> None:
        self._device = str(self.devices.currentData())
        self.mark()

    @Slot()
    def _on_picture(self) -> None:
        self.told.set_text(self.picture.accessible_value())

    @Slot()
    def _on_stack(self) -> None:
        self.told.set_text(self.stack.accessible_value())

    @Slot(str)
    def _on_layer(self, name: str) -> None:
        self.context.workbench.update(selected_layer=name)

    def _apply_tokens(self, current: Tokens) -> None:
        for row in self._rows:
            row.setSpacing(current.space(1.5))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)


VIEW = MemoryView
