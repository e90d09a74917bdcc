"""Settings: whatever is in the file, the program starts; what is good in it is used, what is bad is told."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer import settings as settings_module
from explorer.settings import Settings, Values
from widgets.palettes import THEMES

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {
    "version": 1,
    "geometry": "",
    "theme": "light",
    "device": "USB Mic | ALSA",
    "panel": "listen",
    "drawer": False,
    "recent_states": ["/a.mlstate"],
    "microphone_allowed": True,
    "scenes": {"3": {"format": "x"}},
}


def write(home: Path, content: bytes) -> Path:
    path = home / "settings.json"
    path.write_bytes(content)
    return path


def test_without_a_file_the_start_values_hold_and_nothing_is_told(explorer_home: Path) -> None:
    remembered = Settings()
    assert remembered.values == Values()
    assert remembered.warnings == []
    assert remembered.path.parent == explorer_home
    assert not list(explorer_home.iterdir())


def test_what_is_remembered_comes_back(explorer_home: Path) -> None:
    first = Settings()
    first.update(theme="projector", device="Müllers Mikrofon | ALSA", microphone_allowed=True)
    first.remember_state_file("/tmp/b.mlstate")
    first.remember_state_file("/tmp/a.mlstate")
    first.remember_state_file("/tmp/b.mlstate")
    assert first.flush() is None
    second = Settings()
    assert second.warnings == []
    assert second.values == first.values
    assert second.values.recent_states == ("/tmp/b.mlstate", "/tmp/a.mlstate")
    assert [p.name for p in explorer_home.iterdir()] == ["settings.json"]


def test_nothing_is_written_when_nothing_changed(explorer_home: Path) -> None:
    remembered = Settings()
    remembered.update(theme="")
    assert remembered.flush() is None
    assert not (explorer_home / "settings.json").exists()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("theme", "purple"),
        ("theme", 7),
        ("drawer", 1),
        ("drawer", "yes"),
        ("microphone_allowed", None),
        ("geometry", "not base64 !"),
        ("geometry", 3.5),
        ("device", ["a"]),
        ("device", "two\nlines"),
        ("device", "x" * 100_000),
        ("panel", {"a": 1}),
        ("recent_states", "one"),
        ("recent_states", [1]),
        ("recent_states", ["\ud800"]),
        ("scenes", [1]),
        ("scenes", {"0": {}}),
        ("scenes", {"12": {}}),
        ("scenes", {"1": "text"}),
        ("colour", "blue"),
    ],
)
def test_one_bad_key_is_dropped_with_a_warning_and_the_others_are_used(
    explorer_home: Path, key: str, value: object
) -> None:
    write(explorer_home, json.dumps({**GOOD, key: value}).encode())
    remembered = Settings()
    assert len(remembered.warnings) == 1
    assert key in remembered.warnings[0]
    if key in GOOD:
        assert getattr(remembered.values, key) == getattr(Values(), key)
    assert remembered.values.panel == ("listen" if key != "panel" else "")
    assert remembered.values.theme == ("light" if key != "theme" else "")


BAD_FILES = {
    "empty": b"",
    "cut off": b'{"version": 1, "theme": "li',
    "list": b"[1, 2]",
    "number": b"7",
    "null": b"null",
    "not utf-8": b'{"version": 1, "theme": "\xff\xfe"}',
    "zeros": bytes(4096),
    "nan": b'{"version": NaN}',
    "other version": b'{"version": 99, "theme": "light"}',
    "no version": b'{"theme": "light"}',
    "deep": b"[" * 100_000,
    "deep objects": b'{"a":' * 500 + b"1" + b"}" * 500,
    "repeated key": b'{"version": 1, "theme": "light", "theme": "dark"}',
    "huge number": b'{"version": ' + b"9" * 10_000 + b"}",
}


@pytest.mark.parametrize("content", BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_bad_file_is_kept_aside_and_the_program_starts(explorer_home: Path, content: bytes) -> None:
    path = write(explorer_home, content)
    remembered = Settings()
    assert remembered.values == Values()
    assert len(remembered.warnings) == 1
    assert "settings.json.bad" in remembered.warnings[0]
    assert not path.exists()
    assert (explorer_home / "settings.json.bad").read_bytes() == content
    remembered.update(theme="dark")
    assert remembered.flush() is None
    assert Settings().values.theme == "dark"


def test_a_folder_or_a_pipe_in_place_of_the_file_does_not_stop_the_start(explorer_home: Path) -> None:
    (explorer_home / "settings.json").mkdir()
    assert Settings().values == Values()
    os.mkfifo(explorer_home / "settings.json")
    assert len(Settings().warnings) == 1  # and it did not wait for somebody to write into the pipe


def test_a_file_of_many_megabytes_is_not_read(explorer_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_module, "_FILE_LIMIT_BYTES", 1000)
    write(explorer_home, json.dumps({**GOOD, "device": "x" * 900}).encode())
    assert "larger than" in Settings().warnings[0]


def test_a_home_that_cannot_be_written_is_told_once(explorer_home: Path) -> None:
    blocked = explorer_home / "file"
    blocked.write_text("in the way")
    remembered = Settings(blocked / "settings.json")
    remembered.update(theme="dark")
    first = remembered.flush()
    assert first is not None
    assert "not kept" in first
    remembered.update(theme="light")
    assert remembered.flush() is None
    assert remembered.values.theme == "light"


def test_the_themes_remembered_are_those_that_can_be_drawn() -> None:
    assert settings_module.THEMES == THEMES


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(sorted(GOOD)) | st.text(max_size=5), json_values))
def test_no_json_stops_the_start_and_what_was_read_can_be_written(
    explorer_home: Path, document: dict[str, Any]
) -> None:
    path = write(explorer_home, json.dumps({"version": 1, **document}).encode())
    remembered = Settings(path)
    remembered.update(panel="x")
    assert remembered.flush() is None
    assert Settings(path).warnings == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_no_bytes_stop_the_start(explorer_home: Path, content: bytes) -> None:
    assert Settings(write(explorer_home, content)).values == Values()
