"""Reading: what the session is doing now, as sentences, glyphs and rows."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from explorer.engine.kws.decision import Event
from explorer.engine.kws.frontend import FRAMES
from explorer.engine.kws.voice import explain
from explorer.engine.nn.cost import flash_bytes, layer_costs
from explorer.engine.nn.network import Network
from explorer.engine.quantization.packing import image_bytes
from explorer.engine.quantization.recipe import FLOAT, stored_bits
from explorer.engine.quantization.recipe import Recipe as Precision
from explorer.engine.quantization.steps import steps_of
from explorer.panels.base import FootNotes, Glyphs, Recipe
from explorer.panels.listen import prompts
from explorer.panels.listen.cards import human_figures
from explorer.panels.listen.prompts import Situation
from explorer.panels.listen.session import ListenSession
from explorer.panels.listen.waterfall_rows import Response

_EXPLAINED_TICKS = 4
_TICK_HOPS = 20  # more than come between two slow ticks


class Reader:
    """Put the state of a session into words.

    Parameters
    ----------
    session
        What is read.
    """

    def __init__(self, session: ListenSession) -> None:
        self._session = session
        self.last: Event | None = None
        self._last_at_s = 0.0
        self._from_you = False
        self._begun_s = 0.0
        self._loud_s = 0.0
        self._explained: tuple[int, str] = (0, "")
        self._glyphs = Glyphs()
        self._glyphs_hop = -1

    def heard(self, event: Event, now_s: float) -> None:
        """Take a word that was just reported."""
        if event.time_s <= self._begun_s:
            return  # the source before said it
        self.last, self._last_at_s = event, now_s
        self._explained = (0, "")
        spoken = self._session.sources.kind == "microphone" and not self._recorded(event)
        self._from_you = self._from_you or spoken

    def passed_seam(self) -> bool:
        """Say whether another source began since the last call; what was heard before it is not that source's."""
        seams = self._session.seams
        if not seams or seams[-1].time_s <= self._begun_s:
            return False
        self._begun_s = seams[-1].time_s
        if self.last is not None and self.last.time_s <= self._begun_s:
            self.last = None
        return True

    def _recorded(self, event: Event) -> bool:
        """Say whether the word was put in on request: a recorded voice said it."""
        return any(span.start_s <= event.time_s <= span.end_s + 1.0 for span in self._session.sources.inserted())

    def new_source(self) -> None:
        """Begin anew: another source was chosen."""
        self._from_you = False
        self._explained = (0, "")
        self._loud_s = self._session.now_s

    def forget(self) -> None:
        """Forget what was heard."""
        self.last = None
        self.new_source()

    def tick(self) -> None:
        """Find out why the last stretch of voice was no word; called twice a second."""
        session = self._session
        reason = explain(list(session.recent), session.settings)
        ticks, last = self._explained
        if reason is not None:
            self._explained = (_EXPLAINED_TICKS, reason)
        else:
            self._explained = (ticks - 1, last) if ticks > 1 else (0, "")
        for hop in list(session.recent)[-_TICK_HOPS:]:
            if hop.level_dbfs > prompts.SILENT_DBFS or session.sources.shut:
                self._loud_s = hop.time_s

    def age_s(self, now_s: float) -> float:
        """Return how long ago the last word was reported."""
        return now_s - self._last_at_s if self.last is not None else float("inf")

    def total_ms(self) -> float | None:
        """Return how long the last word took from its end to the end of painting, as far as that is measured."""
        if self.last is None:
            return None
        event = self._session.settled(self.last)
        if event.waterfall is None or event.waterfall.word_end_s is None:
            return None
        painted_s = self._session.painted_s(event)
        paint_ms = None if painted_s is None else 1000.0 * (painted_s - event.waterfall.decided_s)
        return Response(event.label, event.waterfall, paint_ms).total_ms

    def word_scores(self) -> dict[str, float]:
        """Return the averaged score of every label now."""
        hop = self._session.last_hop
        return dict(zip(hop.labels, hop.averaged.tolist(), strict=True)) if hop is not None else {}

    def situation(self, frozen_s: float | None) -> Situation:
        """Return what the headline is about."""
        session, sources = self._session, self._session.sources
        status = sources.status()
        source = sources.source
        return Situation(
            loading=session.network is None and session.loading,
            trouble=session.trouble or session.squeezed.trouble or sources.trouble or session.pipeline.trouble or "",
            kind=sources.kind,
            status=status,
            device=source.label if source is not None else "",
            frozen_s=None if frozen_s is None else session.now_s - frozen_s,
            silent_s=session.now_s - self._loud_s,
            shut=sources.shut,
            hold_to_talk=sources.hold_to_talk,
            explained=self._explained[1] or None,
            heard_from_you=self._from_you,
        )

    def answer(self, now: Situation) -> str:
        """Return the sentence with live values: of the last word, or why the last voice was none."""
        session = self._session
        if now.kind != "microphone" and now.explained:
            return prompts.explanation(now.explained)
        if self.last is None or session.network is None:
            return ""
        recorder = session.recorder
        name = recorder.path.name if recorder.recording and recorder.path else ""
        size = session.squeezed.file_bytes
        return prompts.answer(self.last, session.network, recorded_as=name, file_bytes=size)

    def sentence(self, frozen_s: float | None) -> str:
        """Return one sentence of what is seen now."""
        session, now = self._session, self.situation(frozen_s)
        if now.trouble:
            return now.trouble
        if not now.kind:
            return _tr("Nothing is heard yet: the recorded voices are being read.")
        recorded = self.last is not None and self._recorded(self.last)
        heard = prompts.source_name("talker" if recorded else now.kind, now.device)
        if self.last is None:
            return _tr("{source}: no word was recognised yet.").format(source=heard)
        ago_s = max(0.0, (session.now_s if frozen_s is None else frozen_s) - self.last.time_s)
        text = _tr("{source}, {ago:.0f} s ago: “{word}”, score {score:.2f}")
        waterfall = self.last.waterfall
        told = text.format(source=heard, word=self.last.label, ago=ago_s, score=self.last.score)
        if session.duel.on:
            both = _tr("{told}; {first}, beside {second}: {count}.")
            first, second = session.duel.names
            return both.format(told=told, first=first, second=second, count=session.duel.sentence())
        if waterfall is None:
            return told + "."
        more = _tr("; network {network}, being sure {sure}.")
        return told + more.format(
            network=prompts.milliseconds(waterfall.network_ms), sure=prompts.milliseconds(waterfall.averaging_ms)
        )

    def glyphs(self) -> Glyphs:
        """Return what the beads show; the same object until the next result."""
        session, hop = self._session, self._session.last_hop
        if hop is None or hop.index == self._glyphs_hop:
            return self._glyphs
        self._glyphs_hop = hop.index
        network = session.network
        picture: NDArray[np.floating[Any]] = session.trace.frames(session.now_s, FRAMES).astype(np.float32) / 255.0
        self._glyphs = Glyphs(
            level=min(1.0, max(0.0, 1.0 + hop.level_dbfs / 60.0)),
            features=picture,
            layer_bits=_layer_bits(network, session.squeezed.recipe) if network is not None else None,
            word=self.last.label if self.last is not None else "",
            recipe=_recipe(network, session.squeezed.recipe) if network is not None else None,
        )
        return self._glyphs

    def foot_notes(self) -> FootNotes:
        """Return lost sound, lag and the privacy line."""
        session = self._session
        status = session.sources.status()
        recorder = session.recorder
        name = recorder.path.name if recorder.recording and recorder.path else ""
        return FootNotes(
            lost_samples=status.lost_samples if status is not None else None,
            lag_ms=None if status is None or status.lag_ms is None else max(0.0, status.lag_ms),
            privacy=prompts.privacy(session.sources.kind, name),
        )

    def csv_rows(self, end_s: float, seconds: float = 8.0) -> list[tuple[object, ...]]:
        """Return the results of the seconds before `end_s`, the first row naming the columns."""
        session, trace = self._session, self._session.trace
        if session.last_hop is None:
            return []
        hops = round(seconds / trace.hop_s)
        values, words = trace.leading(end_s, hops)
        single = trace.scores(end_s, hops)
        header = ("time_s", "leading_word", "averaged_score", "reported", "said")
        duel = session.duel
        more = ("other_word", "other_score") if duel.on else ()
        rows: list[tuple[object, ...]] = [(*header, *(f"score_{label}" for label in trace.labels), *more)]
        for i in range(hops):
            time_s = end_s - (hops - 1 - i) * trace.hop_s
            if time_s <= 0:
                continue
            reported = [e.label for e in session.events if abs(e.time_s - time_s) < trace.hop_s / 2]
            said = [s.word for s in session.truth if s.start_s <= time_s <= s.end_s]
            scores = (float(score) for score in single[i])
            word = trace.labels[int(words[i])]
            echo = duel.echo_at(time_s) if duel.on else None
            other = (echo.label, echo.score) if echo is not None else ("", "") if duel.on else ()
            rows.append((float(time_s), word, float(values[i]), "".join(reported), "".join(said), *scores, *other))
        return rows


@lru_cache(maxsize=8)
def _layer_bits(network: Network, precision: Precision) -> tuple[int, ...]:
    names = (cost.name for cost in layer_costs(network.graph) if cost.weights)
    return tuple(stored_bits(precision.weights_of(name)) for name in names)


@lru_cache(maxsize=8)
def _recipe(network: Network, precision: Precision) -> Recipe:
    if precision != FLOAT:  # its accuracy is what Squeeze measures
        size = sum(image_bytes(steps_of(network), precision).values())
        return Recipe(network.name, network.version, str(precision), size, badge=network.badge)
    figures = human_figures(network.card)
    best = figures[0] if figures else None
    return Recipe(
        network=network.name,
        version=network.version,
        precision="float32",
        file_bytes=flash_bytes(network.graph, 32),
        accuracy=best.accuracy if best else None,
        low=best.low if best else None,
        high=best.high if best else None,
        evaluation_set=best.set_name if best else "",
        badge=network.badge,
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Listen", text)
