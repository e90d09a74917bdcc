"""`mlsys-explorer listen`: the live pipeline in the terminal, on a file or on a source."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.commands._seconds import seconds

if TYPE_CHECKING:
    from explorer.engine.audio.source import Source
    from explorer.engine.audio.watch import DeviceWatch
    from explorer.engine.kws.decision import Event
    from explorer.engine.kws.pipeline import Pipeline

SOURCES = ("talker", "synthetic", "microphone")
GRACE_S = 1.0  # a device may take that long to deliver its first block


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser("listen", help="recognise words in a file, or from a source")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", type=Path, metavar="FILE", help="WAV or FLAC file, any rate and channels")
    what.add_argument(
        "--source", choices=SOURCES, help="talker: bundled recorded voices; synthetic: a tone, no words; microphone"
    )
    parser.add_argument("--network", default="tiny", help="tiny, small or large (default: %(default)s)")
    parser.add_argument(
        "--seconds", type=seconds, help="seconds of sound (default: all of it; 10 of a tone; a microphone until Ctrl+C)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")
    parser.set_defaults(run_command=run)


def run(arguments: argparse.Namespace) -> int:
    """Listen until the sound ends, and print what was heard: as it comes, or as JSON at the end."""
    from explorer.engine.kws.pipeline import Pipeline
    from explorer.engine.nn.inference import Executor
    from explorer.engine.nn.registry import shipped

    executor = Executor(shipped(arguments.network))
    source = _source(arguments)
    pipeline = Pipeline(source, executor)
    source.open()
    try:
        _listen(pipeline, source, arguments.seconds, quiet=arguments.json)
    except KeyboardInterrupt:
        if not source.live:
            raise
        # the way to end a microphone; what was heard is still told
    finally:
        source.close()
    if arguments.json:
        print(json.dumps({"events": [as_json(event) for event in pipeline.events.since(0)[0]]}))
    else:
        _summary(pipeline, source)
    return 0


def as_json(event: Event) -> dict[str, str | float]:
    """Return an event under stable keys, in seconds and fractions."""
    return {
        "label": event.label,
        "time_s": round(event.time_s, 3),
        "start_s": round(event.start_s, 3),
        "score": round(event.score, 4),
    }


def _source(arguments: argparse.Namespace) -> Source:
    if arguments.source == "microphone":
        from explorer.engine.audio.microphone import Microphone

        return Microphone()
    if arguments.source == "synthetic":
        from explorer.engine.audio.synthetic import SyntheticSource

        return SyntheticSource("tone", paced=False, seconds=arguments.seconds or 10.0)
    if arguments.source == "talker":
        from explorer.engine.audio.talker import TalkerSource

        return TalkerSource(paced=False, repeat=False)
    from explorer.engine.audio.files import FileSource

    return FileSource(arguments.file, paced=False)


def _listen(pipeline: Pipeline, source: Source, seconds: float | None, *, quiet: bool) -> None:
    """Take hop after hop; a state of the source that changes is told on standard error."""
    state = None
    told: str | None = None
    begin_s = time.perf_counter()
    watch = _watch(source) if source.live else None
    while not pipeline.finished and (seconds is None or pipeline.now_s < seconds):
        # a microphone that hears nothing must not make "10 seconds" last for ever
        if watch is not None and seconds is not None and time.perf_counter() - begin_s > seconds + GRACE_S:
            break
        hop = pipeline.step()
        if hop is not None and hop.event is not None and not quiet:
            event = hop.event
            print(f"{event.time_s:8.2f} s  {event.label:<8} {event.score:.2f}", flush=True)
        if watch is not None:
            watch.tick()
            status = source.status()
            if status.state is not state:
                state = status.state
                print(f"{status.sentence} {status.action}".strip(), file=sys.stderr, flush=True)
        if pipeline.trouble != told:
            told = pipeline.trouble
            if told is not None:
                print(told, file=sys.stderr, flush=True)


def _watch(source: Source) -> DeviceWatch:
    """Return what opens the microphone again when it comes back; refuse one that cannot be opened at all."""
    from explorer.engine.audio.microphone import Microphone
    from explorer.engine.audio.source import SourceState
    from explorer.engine.audio.watch import DeviceWatch
    from explorer.engine.errors import ExplorerError

    status = source.status()
    if status.state not in (SourceState.OPENING, SourceState.LISTENING, SourceState.ALL_ZERO):
        raise ExplorerError(f"{status.sentence} {status.action}".strip())
    assert isinstance(source, Microphone)
    return DeviceWatch(source)


def _summary(pipeline: Pipeline, source: Source) -> None:
    """Say how many words were heard, and with known words how many of them were right."""
    from explorer.engine.audio.files import FileSource

    count, heard_s = len(pipeline.events), pipeline.now_s
    if isinstance(source, FileSource):
        heard_s = min(heard_s, source.duration_s)  # the pipeline goes on into silence, to decide the last word
    print(f"{count} {'word' if count == 1 else 'words'} in {heard_s:.1f} s of sound.")
    score = pipeline.score()
    if score is not None and score.hit_rate is not None:
        low, high = score.hit_interval
        print(
            f"{score.hits} of {score.words} known keywords were recognised "
            f"({100 * score.hit_rate:.0f} % [{100 * low:.0f}, {100 * high:.0f}]), "
            f"{score.false_alarms} false {'alarm' if score.false_alarms == 1 else 'alarms'}."
        )
