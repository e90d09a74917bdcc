"""Four places: the tiles, the race between them, and where each number comes from."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import count

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from explorer.background import Report, Task
from explorer.engine.deployment.profile import TIERS, Profile, Tier
from explorer.engine.deployment.profiles import THIS_MACHINE
from explorer.engine.kws.labels import SILENCE, UNKNOWN
from explorer.engine.quantity import Quantity
from explorer.engine.quantization.recipe import FLOAT
from explorer.panels.base import Context
from explorer.panels.place import wording
from explorer.panels.place.device_choice import MEASURE
from explorer.panels.place.evaluation import Answer, Place
from explorer.panels.place.guess import Survivors
from explorer.panels.place.lane import Running
from explorer.panels.place.race import Race
from explorer.panels.place.race import start as start_race
from explorer.panels.place.session import PlaceSession
from explorer.panels.place.tiles import Tiles
from explorer.panels.place.views import PlaceView
from explorer.panels.view import ExportMenu
from widgets import tokens
from widgets.elided_label import ElidedLabel
from widgets.painting import line_height
from widgets.tokens import Tokens

LOW_PX = 350
SHOWN_S = 4.0
"""How long the tiles stay lit after a race."""


class TilesView(PlaceView):
    """The primary picture with what belongs to it.

    Parameters
    ----------
    context
        What the application lends.
    session
        What estimates.
    """

    def __init__(self, context: Context, session: PlaceSession) -> None:
        super().__init__(context, session)
        self.guess = Survivors(session)
        self.tiles = Tiles(session.setup.deadline_ms)
        self.start = QPushButton()
        self.start.setProperty("primary", True)
        self.told = ElidedLabel(size_px=12, role="quiet_ink", lines=2)
        policy = self.told.sizePolicy()
        policy.setHeightForWidth(False)
        self.told.setSizePolicy(policy)
        self._race: Race | None = None
        self._races = count(1)
        self._word = 0
        self._heard_read = -1
        self._last = self._source = ""
        self._low = False
        self._tried = ""
        self._drawn: Answer | None = None
        self._task: Task | None = None
        self._row = QHBoxLayout()
        self._row.addWidget(self.start)
        self._row.addWidget(self.told, 1)
        self.page.addWidget(self.guess)
        self.page.addWidget(self.tiles, 1)
        self.page.addLayout(self._row)
        self._unfollow_row = tokens.follow(self._apply_row_tokens)
        self._menu = ExportMenu(self.tiles, self.tiles.table, _tr("tile, from cloud to tiny"), self)
        self.start.clicked.connect(self.race_next_word)
        self.tiles.asked.connect(self.tell)
        self.tiles.tierChosen.connect(self.choose_tier)
        self.tiles.deviceChosen.connect(self.choose_device)
        self.tiles.axis.deadlineChanged.connect(lambda value: session.change(deadline_ms=value))
        self.guess.changed.connect(self._on_guess)
        self._show_word()
        self._tell_sentence()

    # -- what the panel asks ---------------------------------------------------------------------------------------

    def on_frame(self, now_s: float) -> None:
        """Draw what is new, hear words, move the runners."""
        super().on_frame(now_s)
        self._hear(now_s)
        self._run(now_s)

    def on_slow_tick(self) -> None:
        """Measure another network where this machine is in a tile: what was measured was the one before."""
        session, network = self.session, self.session.network
        if network is None or THIS_MACHINE not in session.setup.tiles.values() or self._task is not None:
            return
        measured = session.measured.network(network) is not None
        if session.state.precision == FLOAT and not measured and network.fingerprint != self._tried:
            self.measure_machine()

    def renew(self) -> None:
        """Draw the setup and the newest answer."""
        session = self.session
        self.tiles.show_setup(session.setup, session.profiles)
        if session.answer is not None:
            if session.answer is not self._drawn:
                # the number that was asked for is another one now, and so is the race
                self._drawn, self._source = session.answer, ""
                self._last = "" if self._race is None else self._last
            self.tiles.show_answer(session.answer, session.ghost)
            self._show_word()
        self.guess.on_new()
        self.tiles.set_secret(self.guess.asking)
        self._tell_sentence()
        self.tiles.setAccessibleDescription(self.describe())

    def describe(self) -> str:
        """Return one sentence of what is seen now."""
        if self.guess.asking:
            return self.guess.question.text()
        return self._last or wording.sentence(self.session)

    def pictures(self) -> tuple[QWidget, ...]:
        """Return the tiles."""
        return (self.tiles,)

    def csv_rows(self) -> list[tuple[object, ...]]:
        """Return one row per tile, each number beside its kind and source."""
        places = self.session.places
        if not places:
            return []
        rows: list[tuple[object, ...]] = [
            (
                "tier", "device", "software", "network", "precision", "answer ms", "low ms", "high ms", "99 % by ms",
                "kind", "real-time factor", "RAM bytes", "RAM there", "flash bytes", "flash there", "energy uJ",
                "power W", "battery days", "USD per million", "struck by", "source",
            )
        ]  # fmt: skip
        return rows + [_row(place) for place in places.values()]

    def shutdown(self) -> None:
        """Ask the measurement to end; the background joins it."""
        if self._task is not None:
            self._task.stop()

    def tells_itself(self) -> bool:
        """Say whether the sentence stands under the tiles, in a low window."""
        return self._low

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what there is not the height for."""
        super().resizeEvent(event)
        self._fit()

    # -- what the user does ----------------------------------------------------------------------------------------

    @Slot(str)
    def tell(self, source: str) -> None:
        """Tell where a number comes from."""
        self._source = source
        self._tell_sentence()

    @Slot(str)
    def choose_tier(self, tier: Tier) -> None:
        """Let other views and the thread look at this tier."""
        self.session.change(chosen=tier)
        self.mark()

    @Slot(str, str)
    def choose_device(self, tier: Tier, key: str) -> None:
        """Put another device into a tile; this machine is measured first."""
        if key == MEASURE:
            self.mark()  # the list shows the device in force until the measurement is there
            self.measure_machine()
        else:
            self.session.change(tiles={**self.session.setup.tiles, tier: key}, chosen=tier)

    @Slot()
    def race_next_word(self) -> None:
        """Let the four places race for the next word of the network; no sound is needed."""
        words = self._words()
        if words and not self.guess.asking:
            self.race(words[self._word % len(words)])
            self._word += 1
            self._show_word()

    def race(self, word: str) -> None:
        """Let the four places race for a word that was just said."""
        session = self.session
        if not session.places:
            return
        seed = (self.context.workbench.state.seed, next(self._races))
        self._race = start_race(word, session.places, seed, time.perf_counter(), session.setup.slow)
        self._last = self._source = ""
        self.context.pulse()
        self._tell_sentence()

    def running(self) -> Race | None:
        """Give the race that is shown; None outside one."""
        return self._race

    def measure_machine(self) -> None:
        """Measure what this machine can do and how long the active network takes on it, in the background."""
        session = self.session
        network = session.network
        if self._task is not None or network is None:
            return
        self._tried = network.fingerprint

        def work(stop: threading.Event, put: Callable[[Profile], None], report: Report) -> None:
            roof = session.measured.measure_roof(stop, lambda share: report(0.7 * share, _tr("arithmetic and memory")))
            report(0.7, network.title)
            session.measured.measure_network(network, stop=stop)
            put(roof.profile())

        title = _tr("How fast this machine is")
        self._task = self.context.background.start(title, work, session.take_machine, self._on_measured)

    def _on_measured(self, error: BaseException | None) -> None:
        task, self._task = self._task, None
        if error is not None and task is not None and not task.stopping:
            self.context.notify(str(error), None, "warn")

    # -- the race --------------------------------------------------------------------------------------------------

    def _hear(self, now_s: float) -> None:
        """Race for every word that Listen reports while this view is in front."""
        listening = self.context.ear.session
        if listening is None or not self.session.setup.hears:
            self._heard_read = -1
            return
        if self._heard_read < 0:  # what was heard before is over
            _, self._heard_read = listening.events_since(1 << 60)
        events, self._heard_read = listening.events_since(self._heard_read)
        if events and not self.guess.asking:
            self.race(events[-1].label)

    def _run(self, now_s: float) -> None:
        running = self._race
        if running is None:
            return
        over = running.over(now_s) or tokens.current().reduced_motion
        if over and not self._last:
            self._last = running.sentence()
            self._tell_sentence()
        shown_at = float("inf") if over else now_s
        order = running.arrived(shown_at)
        runners: dict[Tier, Running] = {}
        for tier in TIERS:
            there = tier in order
            rank = order.index(tier) + 1 if there else 0
            elapsed = 1e9 if over else running.elapsed_ms(now_s)
            runners[tier] = Running(elapsed, running.delays_ms[tier] if there else None, rank, running.word)
        if now_s > running.end_s + SHOWN_S:
            self._race = None  # the sentence stays until something changes: somebody may be reading it aloud
            self._tell_sentence()
            runners = {}
        self.tiles.show_race(runners)

    @Slot()
    def _on_guess(self) -> None:
        self._source = ""  # it would give the answer away
        self._fit()
        self.mark()

    def _apply_row_tokens(self, current: Tokens) -> None:
        # of a fixed height, so that the tiles do not move when words come and go
        self.told.setFixedHeight(2 * line_height(current.font(12)))
        self._row.setSpacing(current.space(1.5))

    def _fit(self) -> None:
        room = self.height() - (self.guess.sizeHint().height() if self.guess.isVisibleTo(self) else 0)
        self._low = room < tokens.current().px(LOW_PX)
        self.tiles.set_low(self._low)
        self.start.setVisible(not self._low)
        self.told.set_role("ink" if self._low else "quiet_ink")
        self._tell_sentence()

    def _tell_sentence(self) -> None:
        """Tell the source that was asked for; else, in a low window, what is seen."""
        running, quiet = self._race, self.describe() if self._low else _hint()
        if running is not None and not self._last:
            quiet = _tr("“{word}” is on its way, as it is.").format(word=running.word)
            if running.slow > 1:
                quiet = _tr("“{word}” is on its way, {slow} times slower than it is.").format(
                    word=running.word, slow=running.slow
                )
        self.told.set_text(self._source or quiet)

    def _words(self) -> tuple[str, ...]:
        network = self.session.network
        return () if network is None else tuple(word for word in network.labels if word not in (SILENCE, UNKNOWN))

    def _show_word(self) -> None:
        words = self._words()
        word = words[self._word % len(words)] if words else ""
        self.start.setText(_tr("Race for “{word}”").format(word=word) if word else _tr("Race"))
        self.start.setEnabled(bool(word))


def _row(place: Place) -> tuple[object, ...]:
    found, option, answer = place.estimate, place.option, place.answer_ms

    def value(quantity: Quantity | None) -> object:
        return "" if quantity is None else quantity.value

    energy = None if option is None or option.energy is None else option.energy.microjoules
    strikes = "; ".join(f"{strike.constraint}: {strike.sentence}" for strike in place.strikes)
    return (
        place.tier, place.profile.title, place.profile.software, place.network, found.prediction.precision,
        value(answer), "" if answer is None or answer.low is None else answer.low,
        "" if answer is None or answer.high is None else answer.high,
        "" if option is None else option.answers.p99_ms, "" if answer is None else answer.kind.value,
        value(found.real_time_factor), found.ram.value, found.profile.ram_bytes.value, found.flash.value,
        found.profile.flash_bytes.value, value(energy), value(None if option is None else option.average_power_w),
        value(None if option is None else option.battery_days),
        value(None if option is None else option.cost_per_million), strikes,
        "" if answer is None else answer.source,
    )  # fmt: skip


def _hint() -> str:
    return _tr("Press a number or a part of a bar to see where it comes from.")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)


VIEW = TilesView
