"""The training loop: it learns, repeats itself, resumes exactly, and its optimizer is torch's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from explorer.engine.errors import ExplorerError
from explorer.engine.training.loop import EpochReport, Recipe, Run
from explorer.engine.training.optimizers import SGD
from explorer.engine.training.schedule import warmup_cosine

RECIPE = Recipe(epochs=4, batch=20, peak_rate=0.2, seed=5)


class Stripes:
    """A toy task: which of three columns is bright."""

    def batches(self, epoch: int, batch: int, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
        generator = torch.Generator().manual_seed(1000 * seed + epoch)
        for _ in range(self.steps(batch)):
            yield self.draw(generator, batch)

    def draw(self, generator: torch.Generator, count: int) -> tuple[Tensor, Tensor]:
        y = torch.randint(0, 3, (count,), generator=generator)
        return torch.randn(count, 3, generator=generator) * 0.5 + nn.functional.one_hot(y, 3) * 2, y

    def steps(self, batch: int) -> int:
        return 200 // batch

    def validate(self, module: nn.Module) -> dict[str, tuple[int, int]]:
        x, y = self.draw(torch.Generator().manual_seed(99), 300)
        return {"held out": (int((module(x).argmax(1) == y).sum()), 300)}


def start(folder: Path | None = None, recipe: Recipe = RECIPE) -> Run:
    torch.manual_seed(recipe.seed)
    module = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))
    return Run(module, Stripes(), recipe, folder)


def finish(run: Run, after: int | None = None) -> list[EpochReport]:
    """Train to the end, or stop in the middle of the epoch that follows `after`."""
    stop = threading.Event()
    run.train(stop, lambda done: stop.set() if done.epoch == after else None)
    return run.history


def weights(run: Run) -> list[Tensor]:
    return [v.clone() for _, v in sorted(run.average.average.items())]


def test_it_learns() -> None:
    history = finish(start())
    right, total = history[-1].validation["held out"]
    assert right / total > 0.9
    assert history[-1].loss < history[0].loss


def test_the_same_seed_gives_the_same_weights() -> None:
    one, two, other = start(), start(), start(recipe=replace(RECIPE, seed=6))
    for run in (one, two, other):
        finish(run)
    assert all(torch.equal(a, b) for a, b in zip(weights(one), weights(two), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(weights(one), weights(other), strict=True))


def test_a_run_that_was_interrupted_ends_where_the_other_does(tmp_path: Path) -> None:
    whole = start()
    finish(whole)
    finish(start(tmp_path), after=2)
    again = start(tmp_path)
    assert again.resume()
    assert again.epoch == 2
    finish(again)
    assert all(torch.equal(a, b) for a, b in zip(weights(whole), weights(again), strict=True))
    assert [r.loss for r in whole.history] == [r.loss for r in again.history]


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    finish(start(tmp_path), after=1)
    other = Run(nn.Linear(3, 3), Stripes(), RECIPE, tmp_path)
    with pytest.raises(ExplorerError, match="belongs to another network"):
        other.resume()


@pytest.mark.parametrize("kept", [0, 7, 300, 2000])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, kept: int) -> None:
    finish(start(tmp_path), after=1)
    path = tmp_path / "checkpoint.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ExplorerError, match=r"checkpoint\.safetensors is damaged"):
        start(tmp_path).resume()


def test_weights_are_no_checkpoint(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(3)}, tmp_path / "checkpoint.safetensors", {"run": "[1]"})
    with pytest.raises(ExplorerError, match="is damaged"):
        start(tmp_path).resume()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file where the folder should be")
    with pytest.raises(ExplorerError, match="run cannot be written"):
        finish(start(tmp_path / "run"), after=1)


def test_fewer_examples_than_a_batch_are_told() -> None:
    with pytest.raises(ExplorerError, match="batch of 500"):
        finish(start(recipe=replace(RECIPE, batch=500)))


def test_a_loss_that_is_no_number_stops_the_run_with_a_sentence() -> None:
    run = start(recipe=replace(RECIPE, peak_rate=float("inf")))
    with pytest.raises(ExplorerError, match="became NaN in epoch 1"):
        finish(run)


def test_a_teacher_pulls_towards_its_opinion() -> None:
    class Certain(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.tensor([[8.0, 0.0, 0.0]]).expand(len(x), 3)

    alone, taught = start(), start()
    taught.teacher = ("certain", Certain())
    finish(alone)
    finish(taught)
    x = torch.zeros(1, 3)
    for run in (alone, taught):
        run.module.eval()
    assert taught.module(x).softmax(1)[0, 0] > alone.module(x).softmax(1)[0, 0] + 0.2


def test_sgd_is_torchs_step_by_step() -> None:
    torch.manual_seed(0)
    ours, theirs = nn.Linear(4, 3), nn.Linear(4, 3)
    theirs.load_state_dict(ours.state_dict())
    mine = SGD(list(ours.parameters()), 0.9, 1e-2)
    decayed = [{"params": [theirs.weight], "weight_decay": 1e-2}, {"params": [theirs.bias], "weight_decay": 0.0}]
    oracle = torch.optim.SGD(decayed, lr=0.1, momentum=0.9, nesterov=True)
    for _ in range(20):
        x = torch.randn(8, 4)
        for module in (ours, theirs):
            module.zero_grad()
            module(x).square().mean().backward()
        mine.step(0.1)
        oracle.step()
        torch.testing.assert_close(ours.weight, theirs.weight, rtol=1e-6, atol=1e-7)
        torch.testing.assert_close(ours.bias, theirs.bias, rtol=1e-6, atol=1e-7)


def test_the_schedule_by_hand() -> None:
    rates = [warmup_cosine(step, 12, 1.0, 2) for step in range(12)]
    assert rates[:3] == [0.5, 1.0, 1.0]
    assert rates[7] == pytest.approx(0.5)  # halfway down the cosine: (7 - 2) / 10
    assert rates[11] == pytest.approx(0.0245, abs=1e-4)
