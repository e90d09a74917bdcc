"""The headless forms, as a script would call them: with a network that is known to the last number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from explorer import cli
from explorer.engine.kws.labels import KEYWORDS, LABELS
from tests.engine.kws.tones import ToneNetwork, stream


@pytest.fixture(autouse=True)
def tone_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.engine.nn.inference.Executor", lambda network: ToneNetwork())


def speech(path: Path, **form: Any) -> Path:
    sound = stream({1.5: "left", 3.5: "go"}, 5.0)
    soundfile.write(path, sound, 16_000, **form)
    return path


def test_a_file_gives_its_events_as_json_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["listen", str(speech(tmp_path / "a.wav")), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert list(said) == ["events"]
    assert [event["label"] for event in said["events"]] == ["left", "go"]
    for event, start_s in zip(said["events"], (1.5, 3.5), strict=True):
        assert list(event) == ["label", "time_s", "start_s", "score"]
        assert event["start_s"] == pytest.approx(start_s, abs=0.06)
        assert start_s < event["time_s"] < start_s + 0.8
        assert 0.7 <= event["score"] <= 1.0


def test_the_same_sound_gives_the_same_events_every_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = speech(tmp_path / "a.flac")
    said = []
    for _ in range(2):
        cli.main(["listen", str(path), "--json"])
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("rate_hz", "channels", "subtype", "suffix"),
    [
        (8_000, 1, "PCM_U8", "wav"),
        (44_100, 2, "PCM_24", "wav"),
        (48_000, 6, "FLOAT", "wav"),
        (192_000, 1, "PCM_16", "flac"),
    ],
)
def test_files_of_all_kinds_say_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rate_hz: int, channels: int, subtype: str, suffix: str
) -> None:
    import soxr

    sound = soxr.resample(stream({1.5: "left", 3.5: "go"}, 5.0), 16_000, rate_hz)
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, np.tile(sound[:, None], channels), rate_hz, subtype=subtype)
    assert cli.main(["listen", str(path), "--json"]) == 0
    events = json.loads(capsys.readouterr().out)["events"]
    assert [event["label"] for event in events] == ["left", "go"]
    assert [event["time_s"] for event in events] == pytest.approx([2.0, 4.0], abs=0.051)


def test_a_person_reads_a_line_per_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["listen", str(speech(tmp_path / "a.wav"))]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["2.00", "s", "left", "0.75"]
    assert lines[-1] == "2 words in 5.0 s of sound."


def test_seconds_limit_how_much_is_heard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["listen", str(speech(tmp_path / "a.wav")), "--seconds", "3", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["events"]) == 1


def test_a_tone_holds_no_words(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli.main(["listen", "--source", "synthetic", "--seconds", "3"]) == 0
    out = capsys.readouterr().out
    assert "of sound." in out


def test_the_talker_says_how_many_of_its_words_were_recognised(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["listen", "--source", "talker", "--seconds", "30"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert "known keywords were recognised" in last


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_text("not sound"), "not a sound file"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: None, "There is no file"),
        (lambda path: soundfile.write(path, np.zeros(0), 16_000), "no samples"),
        (lambda path: (speech(path), path.write_bytes(path.read_bytes()[:5000])), "cut short"),
    ],
)
def test_a_bad_file_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make: Any, said: str
) -> None:
    path = tmp_path / "a.wav"
    make(path)
    assert cli.main(["listen", str(path), "--json"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert said in output.err
    assert len(output.err.splitlines()) == 1


def test_settings_that_make_no_sense_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(speech(tmp_path / "a.wav"))
    assert cli.main(["listen", path, "--seconds", "-1"]) == 2
    assert cli.main(["listen", path, "--seconds", "nan"]) == 2
    assert cli.main(["listen", "--source", "synthetic", "--seconds", "inf"]) == 2
    assert cli.main(["listen", path, "--network", "huge"]) == 2
    assert "choose one of tiny" in capsys.readouterr().err


def test_a_file_that_is_interrupted_gives_no_half_an_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from explorer.engine.audio.files import FileSource

    path = str(speech(tmp_path / "a.wav"))
    take = FileSource._take

    def interrupt(source: FileSource, n: int) -> Any:
        if source._at >= 32_000:
            raise KeyboardInterrupt
        return take(source, n)

    monkeypatch.setattr(FileSource, "_take", interrupt)
    assert cli.main(["listen", path, "--json"]) == 130
    assert capsys.readouterr().out == ""


def test_a_machine_without_a_microphone_says_so_and_ends(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from explorer.engine.audio import devices

    def none(wanted: object) -> None:
        raise devices.NoPortAudioError("not installed here")

    monkeypatch.setattr(devices, "find_input", none)
    assert cli.main(["listen", "--source", "microphone", "--json"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "PortAudio" in output.err


def test_accuracy_of_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for word, number in (("left", 0), ("left", 1), ("go", 0), ("_silence_", 0)):
        folder = tmp_path / "words" / word
        folder.mkdir(parents=True, exist_ok=True)
        words = {0.3: word} if word in KEYWORDS else {}
        soundfile.write(folder / f"{number}.wav", stream(words, 1.0), 16_000)
    assert cli.main(["evaluate", str(tmp_path / "words"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["accuracy"] == said["mean_recall"] == said["high"] == 1.0
    assert 0.0 < said["low"] < 1.0
    assert said["clips"] == 4
    assert said["per_class"]["left"] == {"recall": 1.0, "precision": 1.0, "clips": 2}
    assert said["per_class"]["up"] == {"recall": None, "precision": None, "clips": 0}
    assert said["labels"] == list(LABELS)
    assert said["confusion"][LABELS.index("left")][LABELS.index("left")] == 2
    assert said["set"] == "recordings in words"
    assert cli.main(["evaluate", str(tmp_path / "words")]) == 0
    assert "100.0 %" in capsys.readouterr().out


def test_conditions_are_measured_when_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for word in KEYWORDS:
        (tmp_path / "words" / word).mkdir(parents=True)
        soundfile.write(tmp_path / "words" / word / "0.wav", stream({0.3: word}, 1.0), 16_000)
    assert cli.main(["evaluate", str(tmp_path / "words"), "--conditions", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["conditions"]
    assert list(rows["as recorded"]) == ["kind", "value", "low", "high", "count"]
    assert (rows["as recorded"]["value"], rows["as recorded"]["count"]) == (1.0, 10)
    assert rows["100 ms late"]["value"] == 1.0
    assert rows["digital silence"]["kind"] == "false accepts"
    assert rows["digital silence"]["value"] == 0.0


def test_a_folder_without_labels_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evaluate", str(tmp_path), "--json"]) == 2
    assert "has no labels" in capsys.readouterr().err


def test_accuracy_on_the_bundled_voices_says_whose_voices(capsys: pytest.CaptureFixture[str]) -> None:
    from explorer.engine.kws.evaluate import evaluate_part

    assert cli.main(["evaluate", "--bundled", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    result = evaluate_part(ToneNetwork())
    assert (said["accuracy"], said["low"], said["high"]) == (result.accuracy, result.low, result.high)
    assert said["confusion"] == result.confusion
    assert "synthetic voices, evaluate" in said["set"]
    assert "interval over clips, not over speakers" in said["set"]
