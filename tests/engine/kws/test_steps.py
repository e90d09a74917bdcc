from __future__ import annotations

import numpy as np
import pytest

from explorer.engine.kws.frontend import log_mel
from explorer.engine.kws.steps import stages
from tests.engine.kws.tones import stream


def test_each_step_follows_from_the_one_before_and_the_last_is_the_network_s_picture() -> None:
    samples = stream({0.2: "stop"}, 1.0)
    steps = stages(samples, frame=40)
    assert list(steps) == ["samples", "frame", "spectrum", "triangles", "bands", "log", "picture"]
    assert steps["picture"].values["picture"] == pytest.approx(log_mel(samples.astype(np.float64)))
    assert steps["log"].values["grey"] == pytest.approx(steps["picture"].values["picture"][40])
    frame = steps["frame"].values
    assert frame["samples"] == pytest.approx(samples[6400:6880])
    assert frame["windowed"] == pytest.approx(frame["samples"] * frame["window"])
    power = 10 ** (steps["spectrum"].values["power_db"] / 10) - 1e-10
    # Parseval: the power of all 512 bins is 512 times the energy of the windowed frame
    assert power[0] + power[-1] + 2 * power[1:-1].sum() == pytest.approx(512 * np.square(frame["windowed"]).sum())
    bands = steps["triangles"].values["weights"] @ power
    assert steps["bands"].values["energy"] == pytest.approx(bands, abs=1e-6)
    for step in steps.values():
        assert step.caption.endswith(".")
        assert step.formula
        assert step.shape


@pytest.mark.parametrize(("n", "frame"), [(15_999, 0), (16_000, 98), (16_000, -1)])
def test_what_is_not_a_second_or_not_a_frame_is_refused(n: int, frame: int) -> None:
    with pytest.raises(ValueError, match="need 16000 samples"):
        stages(np.zeros(n), frame)
