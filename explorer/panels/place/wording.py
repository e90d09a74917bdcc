"""Numbers and sentences of the Place panel, as a person would write them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from explorer.engine.deployment.units import in_days
from explorer.engine.quantity import Kind, Quantity

if TYPE_CHECKING:
    from explorer.engine.deployment.placement import Strike
    from explorer.engine.deployment.profile import Tier
    from explorer.panels.place.evaluation import Place, Stage
    from explorer.panels.place.session import PlaceSession


def in_time(time_ms: float) -> str:
    """Return milliseconds, as seconds from one second on."""
    if math.isinf(time_ms):
        return _tr("never")
    if time_ms >= 1000:
        return f"{time_ms / 1000:.3g} s"
    if time_ms >= 99.95:
        return f"{time_ms:.0f} ms"
    if 0 < time_ms < 0.001:
        return _tr("< 0.001 ms")
    return f"{time_ms:.3g} ms"


def in_bytes(count: float) -> str:
    """Return bytes with the prefix a person would use, powers of 1024."""
    for factor, unit in ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if count >= factor:
            return f"{_digits(count / factor)} {unit}"
    return f"{count:.0f} bytes"


def in_joules(microjoules: float) -> str:
    """Return an energy with the prefix a person would use."""
    for factor, unit in ((1e6, "J"), (1e3, "mJ")):
        if microjoules >= factor:
            return f"{_digits(microjoules / factor)} {unit}"
    return f"{_digits(microjoules)} µJ"


def in_percent(share: float) -> str:
    """Return a share in percent, as a multiple from ten times on."""
    if share >= 10:
        return f"{_digits(share)} ×"
    return "< 0.1 %" if 0 < share < 0.001 else f"{_digits(100 * share)} %"


def interval(quantity: Quantity, factor: float = 1.0) -> str:
    """Return "[20.5, 55.9]", or nothing where there is none."""
    if quantity.low is None or quantity.high is None:
        return ""
    return f"[{_digits(factor * quantity.low)}, {_digits(factor * quantity.high)}]"


def with_interval(time_ms: Quantity) -> str:
    """Return a time with its interval in one unit: "33.8 ms [20.5, 55.9]"."""
    if time_ms.value >= 1000:
        return f"{in_time(time_ms.value)} {interval(time_ms, 1e-3)}".strip()
    return f"{in_time(time_ms.value)} {interval(time_ms)}".strip()


def details(quantity: Quantity) -> str:
    """Return source, interval and number of samples of a number, for whoever asks."""
    parts = [quantity.source]
    if quantity.low is not None and quantity.high is not None:
        parts.append(f"[{_digits(quantity.low)}, {_digits(quantity.high)}] {quantity.unit}".strip())
    if quantity.count is not None:
        parts.append(f"n = {quantity.count:,}")
    return "; ".join(parts)


def tier_name(tier: Tier) -> str:
    """Return a tier as it is printed."""
    return {"cloud": _tr("Cloud"), "edge": _tr("Edge"), "mobile": _tr("Mobile"), "tiny": _tr("Tiny")}[tier]


def stage_name(stage: Stage) -> str:
    """Return a stage as it is printed on its bar."""
    return {
        "uplink": _tr("way there"),
        "front end": _tr("front end"),
        "network": _tr("network"),
        "way back": _tr("way back"),
        "jitter": _tr("jitter"),
    }[stage.key]


def rests_on(place: Place) -> str:
    """Return in short what a time rests on; where the network was measured there, beside its prediction."""
    prediction, time = place.estimate.prediction, place.estimate.latency
    low, high = prediction.low_ms, prediction.high_ms
    if time is not None and time.kind is Kind.MEASURED and prediction.latency_ms is not None:
        told = _tr("measured here, n = {count:,}; predicted {predicted} [{low}, {high}], {factor} times that")
        return told.format(
            count=time.count or 0,
            predicted=in_time(prediction.latency_ms),
            low=_digits(low or 0.0),
            high=_digits(high or 0.0),
            factor=f"{prediction.latency_ms / time.value:.2g}",
        )
    if prediction.published is not None or low is None or high is None:
        return prediction.basis
    told = _tr("{rests} [{low}, {high}] ms; this network has never run on this board")
    head = prediction.basis.partition(": ")[0].partition(", ")[0]
    return told.format(rests=head, low=_digits(low), high=_digits(high))


def parts(place: Place) -> str:
    """Return where the time goes, part by part; nothing where there is but one."""
    if len(place.stages) < 2:
        return ""
    return " + ".join(f"{stage_name(stage)} {in_time(stage.time_ms.value)}" for stage in place.stages)


def verdict(place: Place) -> str:
    """Return what strikes a place, decisive first, or that it remains."""
    if place.remains:
        doubts = place.verdict.doubts if place.verdict is not None else ()
        beaten = [_tr("beaten in time, energy and cost")] if place.beaten else []
        return " · ".join([_tr("remains"), *beaten, *(_in_doubt(doubt.partition(":")[0]) for doubt in doubts)])
    if place.option is None:
        return place.estimate.prediction.reason
    first, *others = place.strikes
    told = f"{struck_by(first)}: {first.sentence}"
    if others:
        told += _tr(" · also {names}").format(names=", ".join(struck_by(strike) for strike in others))
    return told


def money(place: Place) -> str:
    """Return what a million answers cost, and where buying becomes cheaper, for the end of a line."""
    cost = None if place.option is None else place.option.cost_per_million
    if cost is None:
        return ""
    told = _tr("; a million answers cost {usd} USD: {source}").format(usd=_digits(cost.value), source=cost.source)
    if place.buying is not None:
        often = _tr("; above {count} answers a day the device of the tile Tiny is cheaper: {source}")
        told += often.format(count=_digits(place.buying.value), source=place.buying.source)
    return told


def _in_doubt(constraint: str) -> str:
    """Return what the interval of a place that remains leaves open."""
    names = {
        "keeps up": _tr("may be too slow"),
        "deadline": _tr("may miss the deadline"),
        "battery": _tr("the battery may fall short"),
        "power": _tr("may draw too much"),
        "cost": _tr("may cost too much"),
    }
    return names[constraint]


def struck_by(strike: Strike) -> str:
    """Return a constraint as it is printed beside what it struck."""
    names = {
        "keeps up": _tr("too slow"),
        "deadline": _tr("deadline"),
        "battery": _tr("battery"),
        "power": _tr("power"),
        "cost": _tr("cost"),
        "precision": _tr("precision"),
        "flash": _tr("flash"),
        "sound stays in the room": _tr("sound leaves the room"),
    }
    return names.get(strike.constraint, strike.constraint)


def other_time(place: Place, before: Place | None) -> float | None:
    """Return the time to the answer before the last change, where it was another one."""
    now, then = place.answer_ms, None if before is None else before.answer_ms
    if now is None or then is None or abs(now.value / then.value - 1) < 0.005:
        return None
    return then.value


def other_verdict(place: Place, before: Place | None) -> str:
    """Return, for the end of a line, what was so before the last change, where it was something else."""
    if before is None:
        return ""
    now, then = ([strike.constraint for strike in each.strikes[:1]] for each in (place, before))
    if now == then:
        return ""
    was = struck_by(before.strikes[0]) if then else _tr("remained")
    return _tr(" · before: {was}").format(was=was)


def sentence(session: PlaceSession) -> str:
    """Return in one sentence who answers first and who is still running."""
    if session.problem:
        return session.problem
    places = session.places
    if not places:
        return _tr("The four places are being estimated.")
    running = {tier: place for tier, place in places.items() if place.option is not None}
    by_answer = sorted(running, key=lambda tier: running[tier].option.answers.p50_ms)  # type: ignore[union-attr] # runs
    parts: list[str] = []
    if by_answer:
        told = _tr("{first} answers first ({time}), {last} last ({late})")
        times = [running[tier].answer_ms for tier in (by_answer[0], by_answer[-1])]
        parts.append(
            told.format(
                first=tier_name(by_answer[0]),
                time="–" if times[0] is None else with_interval(times[0]),
                last=tier_name(by_answer[-1]).lower(),
                late="–" if times[1] is None else with_interval(times[1]),
            )
        )
    left = [tier for tier in places if places[tier].remains]
    words = {tier: tier_name(tier).lower() for tier in places}
    if left:
        days = [_lasts(places[tier], words[tier]) for tier in left]
        parts.append(_tr("what is asked leaves {left}").format(left=", ".join(days)))
    else:
        struck = ", ".join(f"{words[tier]} ({struck_by(place.strikes[0])})" for tier, place in places.items())
        parts.append(_tr("what is asked strikes out all: {struck}").format(struck=struck))
    return "; ".join(parts) + "."


def _lasts(place: Place, name: str) -> str:
    days = None if place.option is None else place.option.battery_days
    return name if days is None else f"{name} ({in_days(days.value)})"


def _digits(value: float) -> str:
    """Write a number with three digits, as a person would."""
    return f"{value:,.0f}" if abs(value) >= 99.95 else f"{value:.3g}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Place", text)
