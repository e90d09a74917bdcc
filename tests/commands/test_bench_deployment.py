"""`bench deployment`: a thousand estimates are timed, and the errors of predictions stand in a table."""

from __future__ import annotations

import json

import pytest

from explorer import cli
from explorer.benchmarks import deployment
from explorer.engine.deployment.validation import summaries


@pytest.fixture(autouse=True)
def few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure twice, not seven times."""
    monkeypatch.setattr(deployment, "REPETITIONS", 2)


def test_json_holds_times_and_errors(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "deployment", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    times = found["estimates"]
    assert times["combinations"] == 1000
    assert 0 < times["all_profiles_ms"] < times["median_ms"] <= times["longest_ms"]
    groups = found["predictions"]["groups"]
    assert {name: (g["n"], g["median"], g["worst"], g["covered"]) for name, g in groups.items()} == {
        s.group: (s.count, s.median, s.worst, s.covered) for s in summaries()
    }
    assert len(found["predictions"]["boards"]) == 57


def test_estimates_are_kept_so_that_a_slider_is_answered_at_once() -> None:
    """A thousand estimates of a network counted before take less than half of the time of the first thousand."""
    from explorer.engine.deployment import cost, estimate, memory_plan, program, workload

    for kept in (cost.work_of, memory_plan.memory_plan, program.program_of, workload.workload, estimate._demand):
        kept.cache_clear()
    times = deployment.estimate_times("large")
    assert times["median_ms"] < 0.5 * times["first_ms"]


def test_the_table_names_groups_and_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "deployment"]) == 0
    text = capsys.readouterr().out
    for each in summaries():
        assert f"{each.covered} of {each.count}" in text
        assert each.group in text


def test_a_network_that_does_not_exist_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "deployment", "--network", "huge", "--json"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "There is no network 'huge'" in output.err
