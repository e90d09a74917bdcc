"""The training command: what it refuses before it loads anything."""

from __future__ import annotations

import pytest

from explorer import cli


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--epochs", "0"),
        ("--batch", "-1"),
        ("--threads", "0"),
        ("--seed", "-1"),
        ("--rate", "nan"),
        ("--rate", "inf"),
        ("--weight-decay", "-1"),
    ],
)
def test_numbers_no_run_can_have_are_refused(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "--data", "nowhere", option, value]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith(f"{option} is {value}: give ")
