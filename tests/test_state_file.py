"""State files: what was saved comes back whole; what a stranger wrote is either right or refused in one sentence."""

from __future__ import annotations

import copy
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer import state_file
from explorer.engine.errors import ExplorerError
from explorer.engine.kws.decision import DecisionSettings
from explorer.engine.quantization.recipe import FLOAT, PRESETS, Recipe
from explorer.state_file import Document, View, from_json, load, save, to_json
from explorer.workbench import NOISE_KINDS, SOURCE_KINDS, State

KEYS = ("listen", "teach")
DOCUMENT = Document(
    State(source_kind="synthetic", source_detail="hum", network="small", seed=2**53 - 1, selected_layer="conv_1"),
    View("listen", "projector", False),
    {"listen": {"span_s": 4.0, "frozen": True}},
)

lines = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
documents = st.builds(
    Document,
    st.builds(
        State,
        source_kind=st.sampled_from(SOURCE_KINDS),
        source_detail=lines,
        network=st.sampled_from(["tiny", "small", "large", "ds-cnn"]),
        network_version=st.integers(1, 999),
        decision=st.builds(DecisionSettings, average_ms=st.floats(0, 3000), threshold=st.floats(0.3, 1.0)),
        noise_kind=st.sampled_from(NOISE_KINDS),
        noise_snr_db=st.floats(-40, 120),
        evaluation_folder=st.none() | lines,
        seed=st.integers(0, 2**53 - 1),
        selected_layer=st.none() | lines,
        hop_ms=st.floats(10, 1000),
        precision=st.sampled_from([*PRESETS.values(), Recipe(4).with_layer("stem", weights="ternary", activations=5)]),
        listen_squeezed=st.booleans(),
        retrained=st.booleans(),
    ),
    st.builds(View, st.sampled_from(["", *KEYS]), st.sampled_from(["dark", "light", "projector"]), st.booleans()),
    st.dictionaries(st.sampled_from(KEYS), st.dictionaries(lines, st.integers() | lines | st.booleans(), max_size=3)),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents)
def test_what_was_saved_comes_back(tmp_path: Path, document: Document) -> None:
    path = tmp_path / "new folder" / "a.mlstate"
    save(path, document)
    assert load(path, KEYS) == document
    assert os.listdir(path.parent) == ["a.mlstate"]


def changed(*place_and_value: Any) -> dict[str, Any]:
    """Give the document as JSON with one value replaced."""
    *place, value = place_and_value
    whole: dict[str, Any] = copy.deepcopy(to_json(DOCUMENT))
    part = whole
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    return whole


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("format",), "something else"),
        (("version",), "1"),
        (("version",), True),
        (("workbench",), []),
        (("workbench", "source_kind"), "webcam"),
        (("workbench", "source_kind"), ["microphone"]),
        (("workbench", "source_detail"), "x" * 5000),
        (("workbench", "source_detail"), "a\x00b"),
        (("workbench", "source_detail"), "\ud800"),
        (("workbench", "network"), "../../etc/passwd"),
        (("workbench", "network"), ""),
        (("workbench", "network_version"), 0),
        (("workbench", "network_version"), 1.5),
        (("workbench", "seed"), -1),
        (("workbench", "seed"), 2**53),
        (("workbench", "seed"), 10**400),
        (("workbench", "seed"), 3.0),
        (("workbench", "noise_kind"), "brown"),
        (("workbench", "noise_snr_db"), 1e300),
        (("workbench", "noise_snr_db"), "20"),
        (("workbench", "noise_snr_db"), True),
        (("workbench", "hop_ms"), 0),
        (("workbench", "hop_ms"), float("inf")),
        (("workbench", "evaluation_folder"), 7),
        (("workbench", "decision"), None),
        (("workbench", "decision", "threshold"), 1.5),
        (("workbench", "decision", "threshold"), 10**400),
        (("workbench", "decision", "minimum_count"), 2.5),
        (("workbench", "decision", "rearm"), "low"),
        (("workbench", "decision", "extra"), 1),
        (("workbench", "extra"), 1),
        (("workbench", "listen_squeezed"), "yes"),
        (("workbench", "retrained"), 1),
        (("workbench", "precision"), []),
        (("workbench", "precision"), {"weights": 17}),
        (("view", "theme"), "purple"),
        (("view", "panel"), "nowhere"),
        (("view", "drawer"), 0),
        (("panels", "nowhere"), {}),
        (("panels", "listen"), []),
        (("extra",), 1),
    ],
)
def test_a_bad_value_is_refused_in_one_sentence_that_names_it(place: tuple[str, ...], value: object) -> None:
    with pytest.raises(ExplorerError) as caught:
        from_json(changed(*place, value), KEYS, "a.mlstate")
    sentence = str(caught.value)
    assert "a.mlstate" in sentence
    assert place[-1] in sentence
    assert "\n" not in sentence
    assert len(sentence) < 400


@pytest.mark.parametrize("place", [("workbench",), ("view", "theme"), ("workbench", "decision", "rearm"), ("panels",)])
def test_a_missing_value_is_named(place: tuple[str, ...]) -> None:
    whole = part = copy.deepcopy(to_json(DOCUMENT))
    for key in place[:-1]:
        part = part[key]
    del part[place[-1]]
    with pytest.raises(ExplorerError, match=f"{'.'.join(place)} is missing"):
        from_json(whole, KEYS)


def test_a_newer_version_says_so() -> None:
    with pytest.raises(ExplorerError, match="newer version"):
        from_json(changed("version", 2), KEYS)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300))
def test_no_bytes_do_anything_but_be_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mlstate"
    path.write_bytes(content)
    with pytest.raises(ExplorerError):
        load(path, KEYS)


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
values: st.SearchStrategy[Any] = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
places = [(a, b) for a in ("workbench", "view") for b in to_json(DOCUMENT)[a]]


@given(place=st.sampled_from(places), value=values)
def test_any_value_anywhere_is_taken_or_refused_but_never_crashes(place: tuple[str, str], value: object) -> None:
    try:
        document = from_json(changed(*place, value), KEYS)
    except ExplorerError as error:
        assert place[1] in str(error)  # noqa: PT017 - both outcomes are right, each in its way
    else:
        json.dumps(to_json(document), allow_nan=False).encode()


HOSTILE = {
    "endless nesting": b"[" * 200_000,
    "endless objects": b'{"a":' * 100_000,
    "deep but closed": b"[" * 900 + b"]" * 900,
    "a number of a million digits": b'{"version": ' + b"1" * 900_000 + b"}",
    "a key twice": b'{"format": "a", "format": "b"}',
    "not a number": b'{"format": NaN}',
    "too large": b" " * 1_000_001,
    "utf-16": "{}".encode("utf-16"),
    "a pickle": b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}\x94.",
    "nothing": b"",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "gift.mlstate"
    path.write_bytes(content)
    with pytest.raises(ExplorerError, match=r"gift\.mlstate") as caught:
        load(path, KEYS)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "device", "NUL"])
def test_what_is_not_a_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path = Path("/dev/zero")
    elif kind == "NUL":
        path = tmp_path / "a\0b"
    with pytest.raises(ExplorerError):
        load(path, KEYS)


def test_a_path_in_a_document_is_known_and_can_be_left_out() -> None:
    state = State(source_kind="file", source_detail="/secret.wav", evaluation_folder="/home/me")
    document = replace(DOCUMENT, state=state)
    assert document.paths() == ("/secret.wav", "/home/me")
    bare = document.without_paths()
    assert bare.paths() == ()
    assert bare.state.source_kind == "talker"
    assert "secret" not in json.dumps(to_json(bare))
    assert replace(DOCUMENT, state=State(source_kind="microphone", source_detail="USB")).paths() == ()


def test_a_full_disk_leaves_the_old_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "folder" / "a.mlstate"
    save(path, DOCUMENT)
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExplorerError, match="No space left on device"):
        save(path, replace(DOCUMENT, state=State(seed=9)))
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["a.mlstate"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for path in (tmp_path / "file" / "a.mlstate", Path("/dev/full"), tmp_path, tmp_path / "a\0b"):
        with pytest.raises(ExplorerError):
            save(path, DOCUMENT)
    assert not Path("/dev/full").is_file()


def test_a_document_too_large_to_be_opened_again_is_not_saved(tmp_path: Path) -> None:
    large = replace(DOCUMENT, panels={"listen": {"x": "y" * state_file.LIMIT_BYTES}})
    with pytest.raises(ExplorerError, match="larger than"):
        save(tmp_path / "a.mlstate", large)
    assert not (tmp_path / "a.mlstate").exists()


def test_a_file_from_before_there_was_a_recipe_opens_as_float() -> None:
    whole: dict[str, Any] = copy.deepcopy(to_json(DOCUMENT))
    for key in ("precision", "listen_squeezed", "retrained"):
        del whole["workbench"][key]
    state = from_json(whole, KEYS).state
    assert (state.precision, state.listen_squeezed, state.retrained) == (FLOAT, False, False)
