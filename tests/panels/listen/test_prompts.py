"""What the panel says, case by case."""

from __future__ import annotations

import pytest

from explorer.engine.audio.source import SourceState, SourceStatus
from explorer.engine.audio.states import describe
from explorer.panels.listen.prompts import Situation, headline, kilobytes, milliseconds, privacy


def status(state: SourceState) -> SourceStatus:
    sentence, action = describe(state, "Desk microphone")
    return SourceStatus(state, sentence, action, 0, None, -40.0, 0.1, 0, 0)


LISTENING = status(SourceState.LISTENING)


@pytest.mark.parametrize(
    ("now", "text"),
    [
        (Situation(loading=True, kind="talker"), "Loading the network …"),
        (Situation(kind="talker", status=LISTENING), "Now you. Press Space and say left."),
        (Situation(kind="microphone", status=LISTENING), "You are on. Say left."),
        (Situation(kind="microphone", status=LISTENING, heard_from_you=True), "Say another of the words below."),
        (Situation(kind="microphone", status=LISTENING, frozen_s=0.0), "Frozen. Space goes on."),
        (Situation(kind="microphone", status=LISTENING, frozen_s=12.4), "Frozen 12 s ago. Space goes on."),
        (Situation(kind="microphone", device="desk", silent_s=4.0), "Desk: nothing for 4 s. Muted?"),
        (Situation(kind="microphone", silent_s=9.0, shut=True), "Hold T and speak: only then the network hears you."),
        (
            Situation(kind="microphone", explained="closest: go 0.41, needs 0.70"),
            "A voice, but no word: closest: go 0.41, needs 0.70.",
        ),
        (
            Situation(kind="microphone", explained="too quiet"),
            "A voice, but too quiet: come closer to the microphone.",
        ),
        (Situation(trouble="The network fails: no.", kind="talker", frozen_s=1.0), "The network fails: no."),
    ],
)
def test_the_large_line_says_what_is_the_case(now: Situation, text: str) -> None:
    assert headline(now).text == text


HEARD = (SourceState.LISTENING, SourceState.CLOSED, SourceState.ALL_ZERO)
OF_FILES = (SourceState.ENDED,)


@pytest.mark.parametrize("state", [state for state in SourceState if state not in HEARD + OF_FILES])
def test_every_state_of_a_device_has_its_sentence_and_its_action(state: SourceState) -> None:
    told = headline(Situation(kind="microphone", status=status(state), silent_s=60.0))
    assert (told.text, told.action) == describe(state, "Desk microphone")


def test_after_the_end_of_a_file_the_large_line_says_what_can_be_done() -> None:
    told = headline(Situation(kind="file", status=status(SourceState.ENDED)))
    assert (told.mood, told.action) == ("info", "P plays it again. Press a word below, or Space and speak.")


def test_zeros_are_a_muted_device_only_after_four_seconds() -> None:
    zeros = status(SourceState.ALL_ZERO)
    assert headline(Situation(kind="microphone", status=zeros, silent_s=1.5)).text == "You are on. Say left."
    muted = headline(Situation(kind="microphone", status=zeros, device="desk", silent_s=4.2))
    assert (muted.text, muted.action) == ("Desk: nothing for 4 s. Muted?", zeros.action)


def test_a_frozen_picture_is_told_before_a_muted_device_but_not_before_a_lost_one() -> None:
    muted = Situation(kind="microphone", status=status(SourceState.STALLED), frozen_s=0.0)
    lost = Situation(kind="microphone", status=status(SourceState.LOST), frozen_s=0.0)
    assert headline(muted).text == "Frozen. Space goes on."
    assert headline(lost).mood == "bad"


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0.00 ms"), (0.413, "0.41 ms"), (0.96, "1.0 ms"), (3.14, "3.1 ms"), (149.96, "150 ms")]
)
def test_times_have_two_digits_that_mean_something(value: float, text: str) -> None:
    assert milliseconds(value) == text


def test_kilobytes_are_1024_bytes() -> None:
    assert kilobytes(16_384) == "16.0 KB"


def test_privacy_is_never_claimed_while_recording() -> None:
    assert "nothing is stored" in privacy("microphone")
    assert "stored" not in privacy("microphone", "kept.wav")
