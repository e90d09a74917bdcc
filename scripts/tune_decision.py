"""Measure the knobs of the decision layer on labelled streams: hits, false alarms per hour and median response.

    python scripts/tune_decision.py [DIR] [--network tiny small large] [--minutes 20]

Streams: a word every two seconds in 20 dB pink noise, one in four unknown to the networks; of the validation speakers
of a Speech Commands folder DIR (nobody was trained on them), and of the bundled voices of the part "calibrate".  The
part "evaluate" is never touched: knobs that were tuned on a set say nothing when judged on it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.engine.kws.clips import load_part, require_purpose
from explorer.engine.kws.decision import DecisionSettings
from explorer.engine.kws.folders import read_label_folder
from explorer.engine.kws.labelled_stream import make_stream, scores_of_stream
from explorer.engine.kws.recorded import clip_set
from explorer.engine.kws.tradeoff import score_knobs
from explorer.engine.nn.inference import Executor
from explorer.engine.nn.registry import shipped

if TYPE_CHECKING:
    from explorer.engine.kws.clips import ClipSet
    from explorer.engine.kws.scoring import StreamScore

AVERAGES_MS = (150.0, 200.0, 250.0, 300.0, 400.0, 500.0)
THRESHOLDS = (0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
MOST_PER_HOUR, SLOWEST_MS = 40.0, 200.0


def main() -> int:
    """Print one table per network and stream, and the knobs that meet the aim best."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="Speech Commands folder")
    parser.add_argument("--network", nargs="+", default=["tiny"])
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--snr", type=float, default=20.0, help="speech to noise in dB")
    parser.add_argument("--noise", default="pink", choices=["pink", "white", "babble", "hum", "off"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--all", action="store_true", help="print every combination of knobs")
    arguments = parser.parse_args()
    sets: list[ClipSet] = [require_purpose(load_part("calibrate"), "calibrate")]
    if arguments.folder:
        from explorer.engine.training.pictures import official_split

        folder = read_label_folder(arguments.folder)
        sets.insert(0, clip_set(folder, chosen=lambda recording: official_split(recording.path.name) == "val"))
    for clips in sets:
        sound, spans = make_stream(
            clips, 60 * arguments.minutes, 2.0, arguments.snr, arguments.noise, arguments.seed
        )
        words = sum(span.label != "unknown" for span in spans)
        print(f"\n{clips.name}: {arguments.minutes:g} min, {words} keywords, {len(spans) - words} other words")
        for name in arguments.network:
            executor = Executor(shipped(name))
            times, scores = scores_of_stream(executor, sound)
            print(f"\n{name:28}  hits %              false alarms per hour   median response, ms")
            results = []
            for average_ms in AVERAGES_MS:
                for threshold in THRESHOLDS:
                    knobs = DecisionSettings().adjusted(average_ms=average_ms, threshold=threshold)
                    score = score_knobs(times, scores, spans, executor.labels, 50.0, knobs)
                    results.append((knobs, score))
                    if arguments.all or knobs == DecisionSettings():
                        _print("present" if knobs == DecisionSettings() else "", knobs, score)
            for rearm in (0.1, 0.2, 0.4, 0.5):
                knobs = DecisionSettings(rearm=rearm)
                _print(f"re-arm {rearm:g}", knobs, score_knobs(times, scores, spans, executor.labels, 50.0, knobs))
            _best(results)
            sys.stdout.flush()
    return 0


def _best(results: list[tuple[DecisionSettings, StreamScore]]) -> None:
    """Print the most hits within the aims, and the most hits at few false alarms whatever the delay."""
    few = [r for r in results if r[1].false_alarms_per_hour <= MOST_PER_HOUR and r[1].response_ms]
    fast = [r for r in few if r[1].response_ms and r[1].response_ms[0] <= SLOWEST_MS]
    for name, candidates in (("best, few and fast", fast), ("best, few", few)):
        for knobs, score in sorted(candidates, key=lambda r: (-r[1].hits, r[1].false_alarms))[:3]:
            _print(name, knobs, score)


def _print(name: str, knobs: DecisionSettings, score: StreamScore) -> None:
    hits, alarms = score.hit_interval, score.false_alarm_interval
    response = score.response_ms or (float("nan"),) * 3
    print(
        f"{name:20}{knobs.average_ms:4.0f} {knobs.threshold:4.2f}"
        f"  {100 * (score.hit_rate or 0):5.1f} [{100 * hits[0]:.1f}, {100 * hits[1]:.1f}]"
        f"  {score.false_alarms_per_hour:6.0f} [{alarms[0]:.0f}, {alarms[1]:.0f}] ({score.wrong_words} wrong)"
        f"  {response[0]:6.0f} [{response[1]:.0f}, {response[2]:.0f}]"
    )


if __name__ == "__main__":
    sys.exit(main())
