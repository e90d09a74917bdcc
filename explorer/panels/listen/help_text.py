"""What `?` says about each element of the Listen panel: its meaning, and its formula at present values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from explorer.engine.kws.frontend import GREY_OFFSET, GREY_PER_NEPER
from explorer.panels.base import HelpEntry

if TYPE_CHECKING:
    from explorer.panels.listen.panel import ListenPanel

BOOK = "5.2"
"""Section of the book that defines the keyword spotting problem."""


def entries(panel: ListenPanel) -> tuple[HelpEntry, ...]:
    """Return the elements of the live part, in reading order."""
    return (*_pictures(panel), *_controls(panel))


def averaging(panel: ListenPanel) -> str:
    """Return the rule of the decision layer with its present values."""
    settings, hop_ms = panel.session.settings, panel.session.pipeline.hop_ms
    text = _tr(
        "averaged = mean of the last {count} results ({average:g} ms / {hop:g} ms); reported when averaged ≥ "
        "{threshold:.2f}, {refractory:g} s after the last report or later, and below {rearm:.2f} in between"
    )
    return text.format(
        count=settings.window(hop_ms),
        average=settings.average_ms,
        hop=hop_ms,
        threshold=settings.threshold,
        refractory=settings.refractory_ms / 1000.0,
        rearm=settings.rearm,
    )


def _pictures(panel: ListenPanel) -> tuple[HelpEntry, ...]:
    live = panel.live
    return (
        _entry(
            panel.status,
            _tr("Source and score"),
            _tr(
                "What is heard, and how well: hits by half a second after the word's end, false alarms per hour of "
                "this stream, median response from the end of the word, each with its 95 % interval. With a "
                "microphone nobody knows what was said: then there is only an upper bound on false alarms."
            ),
            lambda: _tr("hits: Wilson; false alarms: exact Poisson, and −ln(0.05) / time when there were none"),
        ),
        _entry(
            panel.duel,
            _tr("Float and squeezed"),
            _tr(
                "Both networks on the same sound, with the same knobs, while the recipe is not float. ≠ marks a word "
                "that only one of them reported within half a second, or that they took for different words."
            ),
            lambda: panel.session.duel.sentence(),
        ),
        _entry(
            live.wave,
            _tr("Waveform"),
            _tr("The sound itself, 16,000 numbers a second, on a square-root scale so that quiet sound is seen too."),
            lambda: _tr("height = √|sample|; the scale never changes"),
        ),
        _entry(
            live.mel,
            _tr("Log-mel picture"),
            _tr("What the network sees: the energy in 40 bands up to 4 kHz, every 10 ms, as a logarithm."),
            lambda: f"grey = {GREY_PER_NEPER:g} ln(E) + {GREY_OFFSET:g}, 0 … 255",
        ),
        _entry(
            live.heat,
            _tr("Scores"),
            _tr("Twenty times a second the network looks at the last second and divides 1 among its answers."),
            lambda: _tr("scores = softmax(logits): each column adds up to 1"),
        ),
        _entry(
            live.plot,
            _tr("Leading word and threshold"),
            _tr(
                "The averaged score of the word that leads. Drag the threshold: the last five minutes are decided "
                "anew at once. Higher means fewer false alarms, more misses, and later answers."
            ),
            lambda: averaging(panel),
        ),
        _entry(
            panel.stage,
            _tr("Answer"),
            _tr(
                "The word recognised last; how long the network computed, how long the averaging waited to be sure, "
                "and the bytes of all weights as they are stored now."
            ),
            lambda: panel.stage.answer.text(),
        ),
        _entry(
            panel.tiles,
            _tr("Words"),
            _tr(
                "The fill is the averaged score now, the number counts reports in the last five minutes. Press a "
                "tile: a recorded voice says the word, and the network hears it."
            ),
        ),
        _entry(
            panel.tabs,
            _tr("Views"),
            _tr(
                "Live: the picture alone. Time: where it goes; the number is the last word's, from its end to the "
                "answer on the screen; early: it was sure before the word had ended. Look inside: one second, step by "
                "step. Trade-off: hits against false alarms. Mistakes: what is taken for what. Accuracy: in noise, "
                "and for its bytes. Specification: what the book asks for."
            ),
            lambda: _tr("keys Alt+1 to Alt+7, Ctrl+Tab; Esc gives the room back to the picture"),
        ),
    )


def _controls(panel: ListenPanel) -> tuple[HelpEntry, ...]:
    cards, noise = panel.controls, panel.session.noise
    return (
        _entry(
            cards.source,
            _tr("Source"),
            _tr("Where the sound comes from, its level, and what was lost: samples are counted against the clock."),
        ),
        _entry(
            cards.decision,
            _tr("Decision"),
            _tr("Every part between scores and words. Figures of a recording that knobs were moved on flatter them."),
            lambda: averaging(panel),
        ),
        _entry(
            cards.noise,
            _tr("Noise"),
            _tr("Noise mixed into any source, at a chosen distance below the level of the speech."),
            lambda: _tr("SNR = 10 log₁₀(speech power / noise power) = {snr:g} dB, speech at {level:.0f} dBFS").format(
                snr=noise.snr_db, level=noise.level_dbfs
            ),
        ),
        _entry(
            cards.network,
            _tr("Network"),
            _tr("Three networks of one family. Accuracy on human and on synthetic voices is never one number."),
            lambda: cards.network.facts.text(),
        ),
        _entry(
            cards.memory,
            _tr("Memory and recording"),
            _tr("The last five minutes of sound and scores, in memory only. A file is written only while you record."),
            lambda: _tr("300 s × 16,000 samples × 2 bytes = 9.6 MB"),
        ),
    )


def _entry(widget: QWidget, title: str, meaning: str, formula: Callable[[], str] | None = None) -> HelpEntry:
    return HelpEntry(widget, title, meaning, formula, BOOK)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Listen", text)
