"""The scorecard: what the book asks for, judged on what was measured, and what 16 KB leaves out."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from pathlib import Path

import pytest

from explorer.engine.kws.scoring import StreamScore
from explorer.engine.nn.cost import flash_bytes, macs
from explorer.engine.nn.graph import Add, AveragePool, Conv, Dense, Graph, ReLU
from explorer.engine.nn.liveness import peak_activations
from explorer.engine.nn.network import Network
from explorer.engine.quantity import Kind
from explorer.panels.listen.analysis import KEYS, AnalysisView
from explorer.panels.listen.cards import human_figures
from explorer.panels.listen.evaluations import Evaluations
from explorer.panels.listen.scorecard import Verdict, memory_beside, scorecard
from explorer.panels.listen.scorecard_view import ScorecardView
from tests.panels.listen.analysis_lab import Lab, random_network, response


def with_card(human: float, synthetic: float) -> Network:
    row = {"low": 0.9, "high": 0.99, "clips": 4445}
    return replace(
        random_network(),
        card={
            "accuracy": {
                "pictures": {"accuracy": human, "set": "human pictures, validation", **row},
                "synthetic": {"accuracy": synthetic, "set": "bundled synthetic voices", **row},
            }
        },
    )


def verdicts(network: Network, responses: list[float], stream: StreamScore | None = None) -> dict[str, Verdict]:
    return {row.key: row.verdict for row in scorecard(network, responses, stream, 50.0)}


@pytest.mark.parametrize(
    ("human", "synthetic", "verdict"),
    [(0.985, 0.8, Verdict.PASSED), (0.979, 0.8, Verdict.NOT_PASSED), (0.5, 1.0, Verdict.NOT_PASSED)],
)
def test_only_human_voices_pass_the_accuracy_row(human: float, synthetic: float, verdict: Verdict) -> None:
    rows = scorecard(with_card(human, synthetic), [], None, 50.0)
    assert rows[0].verdict is verdict
    assert rows[0].value is not None
    assert rows[0].value.kind is Kind.CITED


def test_synthetic_voices_alone_pass_nothing() -> None:
    card = {"accuracy": {"synthetic": {"accuracy": 1.0, "low": 0.99, "high": 1.0, "clips": 1000, "set": "synthetic"}}}
    assert verdicts(replace(random_network(), card=card), [])["accuracy"] is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "card", [{}, {"accuracy": None}, {"accuracy": {"pictures": 3}}, {"accuracy": {"pictures": {"accuracy": "x"}}}]
)
def test_a_card_without_figures_claims_nothing(card: dict[str, object]) -> None:
    assert human_figures(card) == []


def test_response_is_judged_by_its_median() -> None:
    network = random_network()
    assert verdicts(network, [])["response"] is Verdict.UNKNOWN
    assert verdicts(network, [100.0, 190.0, 900.0])["response"] is Verdict.PASSED
    assert verdicts(network, [100.0, 210.0, 900.0])["response"] is Verdict.NOT_PASSED


def test_size_and_clock_follow_from_the_graph() -> None:
    tiny, large = random_network(), random_network(0, "large")
    rows = {row.key: row for row in scorecard(tiny, [], None, 50.0)}
    assert rows["size"].value is not None
    assert rows["size"].value.value == flash_bytes(tiny.graph) <= 16384
    assert rows["clock"].value is not None
    assert rows["clock"].value.value == pytest.approx(macs(tiny.graph) * 20 / 1e6)
    assert verdicts(tiny, [])["size"] is Verdict.PASSED
    assert verdicts(large, [])["size"] is Verdict.NOT_PASSED
    assert verdicts(tiny, [])["power"] is Verdict.IMPOSSIBLE


def test_false_alarms_come_with_their_interval() -> None:
    stream = StreamScore(words=50, hits=40, false_alarms=0, wrong_words=0, exposure_s=180.0, responses_ms=(10.0,))
    row = next(r for r in scorecard(random_network(), [], stream, 50.0) if r.key == "false alarms")
    assert row.verdict is Verdict.NO_LIMIT
    assert row.value is not None
    assert row.value.value == 0.0
    assert row.value.high == pytest.approx(59.9, abs=0.1)


def test_peak_activations_by_hand() -> None:
    graph = Graph(
        "g",
        (1, 4, 4),
        (
            Conv("a", "input", 2, (1, 1)),  # 16 in, 32 out
            ReLU("a_relu", "a"),  # in place
            Conv("b", "a_relu", 3, (1, 1)),  # 32 in, 48 out
            AveragePool("mean", "b", ("time",)),  # 48 in, 12 out
            Add("sum", "b", "mean"),  # 48 + 12 in, 48 out
            Dense("logits", "sum", 5),
        ),
    )
    assert peak_activations(graph) == (48 + 12 + 48, "sum")


def test_what_16_kb_leaves_out_is_computed() -> None:
    network = random_network()
    parts = {part.key: part for part in memory_beside(network)}
    assert [key for key, part in parts.items() if part.counted] == ["weights"]
    assert parts["weights"].count == flash_bytes(network.graph)
    largest = max(prod(shape) for shape in network.graph.shapes.values())
    assert parts["activations"].count >= largest
    assert parts["features"].count == 98 * 40
    assert all(part.formula for part in parts.values())


def test_the_view_judges_again_as_words_come_in(lab: Lab) -> None:
    view = ScorecardView(lab.context, lab.session, Evaluations(lab.context.background))
    lab.session.network = with_card(0.97, 0.99)
    view.evaluations.ask = lambda *asked: None  # type: ignore[method-assign]
    lab.show(view)
    assert view.marks["accuracy"].word() == "not passed"
    assert view.marks["response"].word() == "not measured yet"
    assert view.chips["response"].text() == "–"
    view.on_event(response())
    for _ in range(4):
        view.on_slow_tick()
    # 150 ms of sound, 8.5 ms on the way in, 0.7 ms of computing
    assert view.chips["response"].text() == "159"
    assert view.marks["response"].word() == "passed"
    assert "cannot be measured here" in view.marks["power"].word()
    assert "n = 4445" in view.notes["accuracy"].text()
    assert view.csv_rows()[1][6:8] == ("cited", "not passed")


def test_views_are_made_when_looked_at_and_described(lab: Lab, tmp_path: Path) -> None:
    analysis = AnalysisView(lab.context, lab.session)
    lab.qtbot.addWidget(analysis)
    analysis.resize(860, 600)
    with lab.qtbot.waitExposed(analysis):
        analysis.show()
    made = [key for key in KEYS if key in analysis._views]
    assert made == ["waterfall"]
    lab.session.hear(3.0)
    analysis.show_moment(2.0)
    assert analysis.key() == "inside"
    lab.finish(analysis.view())
    assert "2.00 s" in analysis.describe()
    assert analysis.full_screen_target() is not None
    assert len(analysis.help_entries()) > 5
    analysis.export_csv(tmp_path / "numbers.csv")
    assert (tmp_path / "numbers.csv").read_text().startswith("frame,band,energy,grey")
    analysis.shutdown()
