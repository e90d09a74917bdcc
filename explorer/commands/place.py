"""`mlsys-explorer place`: which devices remain under constraints, and what struck out the rest."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from explorer.commands._devices import device
from explorer.commands._numbers import finite, positive
from explorer.engine.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.engine.deployment.duty import Battery
    from explorer.engine.deployment.estimate import Estimate
    from explorer.engine.deployment.placement import Option, Placement
    from explorer.engine.deployment.scenario import Scenario

NOTHING_REMAINS = 3


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser("place", help="which devices remain under constraints; exit status 3 when none does")
    parser.add_argument("--network", default="tiny", help="as for `estimate` (default: %(default)s)")
    parser.add_argument("--wbits", default="8", metavar="N", help="bits of the weights (default: %(default)s)")
    parser.add_argument("--abits", default="8", metavar="N", help="bits of the activations (default: %(default)s)")
    parser.add_argument("--deadline-ms", type=positive, metavar="MS", help="99 %% of the answers must be there by then")
    parser.add_argument("--max-power-mw", type=positive, metavar="MW", help="average power of what stands in the room")
    parser.add_argument(
        "--battery", metavar="NAME|WH", help="CR2032, 2 x AA, ..., or watt hours (default: LiPo 500 mAh)"
    )
    parser.add_argument("--min-days", type=positive, metavar="DAYS", help="the battery must last so long")
    parser.add_argument(
        "--rate", type=positive, metavar="N", help="keep up with N decisions per second; power counts 20 without it"
    )
    parser.add_argument("--max-usd", type=positive, metavar="USD", help="cost of a million answers")
    parser.add_argument("--sound-stays", action="store_true", help="no sound may leave the room")
    parser.add_argument("--profile", action="append", metavar="NAME|FILE.toml", help="only this device; repeatable")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")
    parser.set_defaults(run_command=run)


def run(arguments: argparse.Namespace) -> int:
    """Place and print; the exit status says whether anything remains."""
    from explorer.engine.deployment.estimate import as_option, estimate
    from explorer.engine.deployment.placement import Constraints, place
    from explorer.engine.deployment.precision import recipe_of
    from explorer.engine.deployment.profiles import available
    from explorer.engine.quantization.recipe import parse_width
    from explorer.files import profile_folder

    recipe = recipe_of(parse_width(arguments.wbits), parse_width(arguments.abits))
    constraints = Constraints(
        deadline_ms=arguments.deadline_ms,
        decisions_per_s=arguments.rate,
        max_power_w=None if arguments.max_power_mw is None else arguments.max_power_mw / 1e3,
        min_battery_days=arguments.min_days,
        max_cost_per_million=arguments.max_usd,
        sound_stays=arguments.sound_stays,
    )
    scenario = _scenario(arguments.rate, arguments.battery)
    if arguments.profile:
        profiles = [device(name) for name in arguments.profile]
    else:
        found, problems = available(profile_folder())
        profiles = list(found.values())
        for problem in problems:
            print(problem, file=sys.stderr)
    estimates = [estimate(arguments.network, profile, recipe, scenario.decisions_per_s) for profile in profiles]
    options = [(each, as_option(each, scenario)) for each in estimates]
    placement = place([option for _, option in options if option is not None], constraints)
    cannot = [each for each, option in options if option is None]
    print(json.dumps(as_json(placement, cannot)) if arguments.json else text_of(placement, cannot))
    return 0 if placement.remaining else NOTHING_REMAINS


def as_json(placement: Placement, cannot: list[Estimate]) -> dict[str, Any]:
    """Return the answer under stable keys; the first strike of a device is the decisive one."""
    removed = [
        _option(verdict.option)
        | {
            "strikes": [
                {
                    "constraint": strike.constraint,
                    "sentence": strike.sentence,
                    "factor": finite(strike.factor),
                    "certain": strike.certain,
                }
                for strike in verdict.strikes
            ]
        }
        for verdict in placement.removed
    ]
    removed += [
        {
            "profile": each.profile.key,
            "tier": each.profile.tier,
            "strikes": [
                {"constraint": "precision", "sentence": each.prediction.reason, "factor": None, "certain": True}
            ],
        }
        for each in cannot
    ]
    return {
        "remaining": [_option(each.option) | {"doubts": list(each.doubts)} for each in placement.remaining],
        "removed": removed,
        "front": [option.profile.key for option in placement.front],
        "struck_by": dict(Counter(each["strikes"][0]["constraint"] for each in removed)),
    }


def text_of(placement: Placement, cannot: list[Estimate]) -> str:
    """Return the answer as a person reads it."""
    lines = [f"{len(placement.remaining)} remain{'s' if len(placement.remaining) == 1 else ''}"]
    best = {option.profile.key for option in placement.front}
    for verdict in placement.remaining:
        option = verdict.option
        answer = f"{option.answers.p50_ms:,.4g} ms, 99 % by {option.answers.quantile(0.99):,.4g} ms"
        power = "" if option.average_power_w is None else f", {1e3 * option.average_power_w.value:,.4g} mW"
        days = "" if option.battery_days is None else f", {option.battery_days.value:,.3g} days"
        front = "  no other is better in time, energy and cost at once" if option.profile.key in best else ""
        lines.append(f"  {option.profile.key:28}{answer}{power}{days}{front}")
        lines += [f"  {'':28}{doubt}" for doubt in verdict.doubts]
    lines.append(f"{len(placement.removed) + len(cannot)} removed")
    for verdict in placement.removed:
        strikes = "; ".join(f"{strike.constraint}: {strike.sentence}" for strike in verdict.strikes)
        lines.append(f"  {verdict.option.profile.key:28}{strikes}")
    lines += [f"  {each.profile.key:28}{each.prediction.reason}" for each in cannot]
    return "\n".join(lines)


def _option(option: Option) -> dict[str, Any]:
    def value(quantity: Any) -> float | None:
        return None if quantity is None else finite(quantity.value)

    return {
        "profile": option.profile.key,
        "tier": option.profile.tier,
        "latency_ms": finite(option.compute_ms.value),
        "low_ms": finite(option.compute_ms.low),
        "high_ms": finite(option.compute_ms.high),
        "kind": option.compute_ms.kind.value,
        "answer_p50_ms": finite(option.answers.p50_ms),
        "answer_p99_ms": finite(option.answers.quantile(0.99)),
        "ram_bytes": option.ram_bytes,
        "flash_bytes": option.flash_bytes,
        "energy_uj": None if option.energy is None else finite(option.energy.microjoules.value),
        "average_power_mw": None if option.average_power_w is None else finite(1e3 * option.average_power_w.value),
        "battery_days": value(option.battery_days),
        "cost_per_million_usd": value(option.cost_per_million),
        "leaves": option.leaving.words,
    }


def _scenario(rate: float | None, battery: str | None) -> Scenario:
    from explorer.engine.deployment.scenario import Scenario

    plain = Scenario()
    return Scenario(
        decisions_per_s=rate or plain.decisions_per_s,
        battery=plain.battery if battery is None else _battery(battery),
    )


def _battery(text: str) -> Battery:
    """Return a battery by its name, or one of so many watt hours.

    Raises
    ------
    ExplorerError
        When it is neither.
    """
    from explorer.engine.deployment.duty import BATTERIES, Battery
    from explorer.engine.quantity import Kind, Quantity

    for battery in BATTERIES:
        if battery.name.casefold() == text.strip().casefold():
            return battery
    try:
        watt_hours = positive(text)
    except ExplorerError:
        names = ", ".join(battery.name for battery in BATTERIES)
        raise ExplorerError(f"There is no battery {text!r}: name one of {names}, or give watt hours.") from None
    return Battery(f"{watt_hours:g} Wh", Quantity(watt_hours, "Wh", Kind.ASSUMED, "as given on the command line"))
