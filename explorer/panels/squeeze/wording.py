"""What the Squeeze panel says: the steps of its story, its figures and its sentence, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from explorer.engine.quantization.anytime import Estimate
from explorer.engine.quantization.recipe import FLOAT, STORY
from explorer.engine.quantization.statistics import Comparison
from explorer.panels.squeeze.headline import Figures
from explorer.panels.squeeze.session import SqueezeSession
from explorer.panels.squeeze.step_buttons import StepWords


def story_steps() -> list[StepWords]:
    """Return the words of the six steps."""
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
            _tr("Below four bits no ruler helps: the network would have to be trained for it."),
        ),
    }
    return [StepWords(key, *told[key]) for key in STORY]


def percent(fraction: float) -> str:
    """Return a fraction as per cent with one digit."""
    return f"{100 * fraction:.1f}"


def interval(low: float, high: float) -> str:
    """Return an interval of fractions in per cent."""
    return f"[{percent(low)}, {percent(high)}]"


def difference(comparison: Comparison) -> str:
    """Return a difference with its interval, in points."""
    told = _tr("{value} [{low}, {high}] points")
    signed = {key: f"{100 * getattr(comparison, key):+.1f}" for key in ("difference", "low", "high")}
    text = told.format(value=signed["difference"], low=signed["low"], high=signed["high"])
    return text.replace("-", "−")


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
        status = _tr("complete, n = {count:,}").format(count=total)
    else:
        status = _tr("estimate, {done:,} of {count:,}").format(done=shown.done, count=total)
    against = session.against_float()
    compared = "" if against is None or stale else _tr("against float {value}").format(value=difference(against))
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
    """Return the set of clips, as printed beside every figure."""
    return _tr("on {name}").format(name=estimate.evaluation_set.name)


def sentence(session: SqueezeSession) -> str:
    """Return one sentence of what is seen now."""
    if session.problem:
        return session.problem
    estimate = session.current
    if estimate is None:
        return (session.stage or _tr("Measuring")) + " …"
    step = next((key for key, recipe in STORY.items() if recipe == session.recipe), None)
    meaning = next((words.meaning for words in story_steps() if words.key == step), "")
    what = str(session.recipe) if session.recipe != FLOAT else _tr("float32")
    known = (
        _tr("{accuracy} % right")
        if estimate.complete
        else _tr("about {accuracy} % right so far, {done} of {all} clips").replace("{done}", str(estimate.done))
    ).format(accuracy=percent(estimate.accuracy), all=len(estimate.evaluation_set))
    against = session.against_float()
    tail = ""
    if against is not None and estimate.complete:
        if against.distinct:
            tail = _tr(", {value} against float").format(value=difference(against))
        else:
            tail = _tr(", which these clips cannot tell from float")
    told = _tr("{network}, {what}: {known} in {size:,} bytes{tail}.")
    size = session.file_bytes(session.recipe) or 0
    line = told.format(network=session.state.network, what=what, known=known, size=size, tail=tail)
    return f"{meaning} {line}".strip()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Squeeze", text)
