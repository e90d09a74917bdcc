"""What the Squeeze panel says: the steps of its story, its figures and its sentence, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from explorer.engine.quantization.anytime import Estimate
from explorer.engine.quantization.class_changes import ClassChange
from explorer.engine.quantization.recipe import FLOAT, STORY, Recipe, Width
from explorer.engine.quantization.retrained import RETRAINED
from explorer.engine.quantization.statistics import Comparison
from explorer.panels.squeeze.headline import Figures
from explorer.panels.squeeze.session import SqueezeSession
from explorer.panels.squeeze.step_buttons import StepWords
from explorer.workbench import State

RETRAINED_STEP = "retrained"
"""The step after those of `STORY`, for networks with weights trained for few bits."""
_TOLD_WIDTHS: tuple[Width, ...] = (3, "ternary", "binary", 4)


def story_steps() -> list[StepWords]:
    """Return the words of the steps."""
    told = {
        "float": (
            _tr("1  Float"),
            _tr("1  Float"),
            _tr("32 bits for every number: what was trained."),
        ),
        "naive": (
            _tr("2  Four bits, one ruler"),
            _tr("2  Four bits"),
            _tr("Four bits for every weight, one scale for each layer: small channels drown."),
        ),
        "own ruler per channel": (
            _tr("3  Own ruler per channel"),
            _tr("3  Own rulers"),
            _tr("The same four bits, but each channel has a scale of its own."),
        ),
        "few activation bits": (
            _tr("4  Five-bit activations"),
            _tr("4  Activations"),
            _tr("What the layers store gets five bits too, with the whole range on the grid."),
        ),
        "calibrated": (
            _tr("5  Calibrated"),
            _tr("5  Calibrated"),
            _tr("The same five bits, but the rarest 0.1 % of the values are cut off."),
        ),
        "below four bits": (
            _tr("6  Three-bit weights"),
            _tr("6  Three bits"),
            _tr("Three bits leave seven values for a weight: what is lost now no ruler brings back, only training."),
        ),
    }
    told[RETRAINED_STEP] = (
        _tr("7  Retrained"),
        _tr("7  Retrained"),
        _tr("As few bits, but these weights were trained on their grid."),
    )
    return [StepWords(key, *told[key]) for key in (*STORY, RETRAINED_STEP)]


def retrained_recipe(state: State) -> Recipe | None:
    """Return the last step of the story: few bits with weights trained for them; None where there are none."""
    widths = RETRAINED.get(state.network, ()) if state.network_version == 1 else ()
    width = next((width for width in _TOLD_WIDTHS if width in widths), None)
    return None if width is None else Recipe(width, 8)


def story_step(session: SqueezeSession) -> str | None:
    """Return the step of the story that is in force; None when another setting is."""
    if session.trained_for is not None:
        return RETRAINED_STEP if session.recipe == retrained_recipe(session.state) else None
    return next((key for key, known in STORY.items() if known == session.recipe), None)


def setting(session: SqueezeSession) -> str:
    """Return the setting in force: "w4a8 per channel", "w3a8 per channel, retrained", "float32"."""
    told = str(session.recipe) if session.recipe != FLOAT else "float32"
    return told if session.trained_for is None else _tr("{setting}, retrained").format(setting=told)


def percent(fraction: float) -> str:
    """Return a fraction as per cent with one digit."""
    return f"{100 * fraction:.1f}"


def interval(low: float, high: float) -> str:
    """Return an interval of fractions in per cent."""
    return f"[{percent(low)}, {percent(high)}]"


def points(comparison: Comparison) -> str:
    """Return a difference with its interval as numbers: "−1.8 [−3.0, −0.6]" in points."""
    value, low, high = (f"{100 * part:+.1f}" for part in (comparison.difference, comparison.low, comparison.high))
    return f"{value} [{low}, {high}]".replace("-", "−")


def difference(comparison: Comparison) -> str:
    """Return a difference with its interval, in points."""
    return _tr("{points} points").format(points=points(comparison))


def class_words(change: ClassChange) -> str:
    """Return what became of a word: its share before and now, how many clips it lost, and to which other words."""
    told = _tr("“{word}”: {before} to {after} % of {clips} clips; {lost} lost, {gained} gained{taken}")
    taken = ", ".join(f"“{word}” {count}×" for word, count in change.taken_for[:3])
    return told.format(
        word=change.label,
        before=percent(change.before),
        after=percent(change.after),
        clips=change.clips,
        lost=change.comparison.only_first,
        gained=change.comparison.only_second,
        taken=_tr("; now heard as {words}").format(words=taken) if taken else "",
    )


def figures(session: SqueezeSession) -> Figures:
    """Return what the headline shows."""
    size = session.file_bytes(session.recipe)
    size_words = "" if size is None else _tr("{count:,} bytes").format(count=size)
    note = _tr("simulated in float; size if packed")
    if session.recipe == FLOAT:
        note = _tr("as float32")
    shown = session.current or session.before
    if shown is None:
        status = session.problem or session.stage or _tr("measuring …")
        return Figures(status=status, size=size_words, size_note=note)
    stale = shown is not session.current
    total = len(shown.evaluation_set)
    if stale:
        status = session.problem or _tr("measuring …")
    elif shown.complete:
        status = _tr("complete")
    else:
        status = _tr("estimate, {done:,} of {count:,}").format(done=shown.done, count=total)
    against = session.against_float()
    compared = "" if against is None or stale else _tr("{value} from float").format(value=difference(against))
    return Figures(
        accuracy=f"{percent(shown.accuracy)} %",
        interval=interval(*shown.interval),
        stale=stale,
        status=status,
        measured_on=measured_on(shown),
        done=0.0 if stale else shown.done / total,
        compared=compared,
        size=size_words,
        size_note=note,
    )


def measured_on(estimate: Estimate) -> str:
    """Return the set of clips, as printed beside every figure, and which words of the network it lacks."""
    clips = estimate.evaluation_set
    name, semicolon, more = clips.name.partition(";")
    there = set(clips.labels.tolist())
    lacking = [word for index, word in enumerate(clips.classes) if index not in there]
    if 0 < len(lacking) <= 2:
        name += _tr(", none of {words}").format(words=", ".join(f"“{word}”" for word in lacking))
    elif lacking:
        name += _tr(", none of {count} words").format(count=len(lacking))
    return _tr("on {name}").format(name=name + semicolon + more)


def short_set(estimate: Estimate) -> str:
    """Return the set of clips in few words, for the thread: what it is, and how many."""
    clips = estimate.evaluation_set
    return _tr("{name}, n = {count:,}").format(name=clips.name.partition(", n = ")[0], count=len(clips))


def sentence(session: SqueezeSession) -> str:
    """Return one sentence of what is seen now."""
    if session.problem:
        return session.problem
    estimate = session.current
    if estimate is None:
        return (session.stage or _tr("Measuring")) + "."
    recipe = session.recipe
    step = story_step(session)
    meaning = next((words.meaning for words in story_steps() if words.key == step), "")
    what = f"{session.state.network}, {setting(session)}"
    size = _tr("{count:,} bytes").format(count=session.file_bytes(recipe) or 0)
    if not estimate.complete:
        told = _tr("{what}: about {accuracy} % right, an estimate from {done:,} of {all:,} clips, in {size}.")
        total = len(estimate.evaluation_set)
        return told.format(what=what, accuracy=percent(estimate.accuracy), done=estimate.done, all=total, size=size)
    if meaning:
        told = _tr("{meaning} {accuracy} % in {size}.")
        return told.format(meaning=meaning, accuracy=percent(estimate.accuracy), size=size)
    against = session.against_float()
    tail = ""
    if against is not None and against.distinct:
        value = f"{100 * against.difference:+.1f}".replace("-", "−")
        tail = _tr(", {value} points from float").format(value=value)
    elif against is not None:
        tail = _tr(", which these clips cannot tell from float")
    told = _tr("{what}: {accuracy} % right in {size}{tail}.")
    return told.format(what=what, accuracy=percent(estimate.accuracy), size=size, tail=tail)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Squeeze", text)
