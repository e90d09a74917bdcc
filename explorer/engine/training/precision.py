"""Number formats of training: what is left of a gradient when it is kept in 16 bits.

BF16 has the range of FP32 and 8 bits of significand; FP16 has 11 bits, but nothing below 6e-8 and nothing above
65,504.  Here values are kept in FP32 and rounded to the format after each operation ("emulated"), which gives the same
numbers on every processor; the first copy of the weights stays FP32 ("master weights", Micikevicius et al. 2018).
"""

from __future__ import annotations

import torch
from torch import Tensor

PRECISIONS: dict[str, torch.dtype] = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
EMULATED = "emulated: rounded after each operation"
"""Said beside BF16 and FP16."""


def rounded(x: Tensor, precision: str) -> Tensor:
    """Return x as the format holds it; too small becomes 0, too large infinite.  FP32 returns x itself."""
    if precision == "fp32":
        return x
    return x.to(PRECISIONS[precision]).to(x.dtype)


class LossScaler:
    """Multiply the loss, so that small gradients stay above what FP16 can hold; divide before the update.

    With a fixed scale nothing else happens.  With scale 0 it is dynamic (Micikevicius et al. 2018): a gradient that is
    not finite halves the scale and skips the update, and `GROWTH_STEPS` good steps double it.
    """

    FIRST, GROWTH_STEPS, SMALLEST = 65536.0, 200, 1.0

    def __init__(self, scale: float) -> None:
        self.chosen = scale
        self.scale = scale or self.FIRST
        self.good_steps = 0

    @property
    def dynamic(self) -> bool:
        """Whether the scale adapts itself."""
        return self.chosen == 0

    def accept(self, finite: bool) -> bool:
        """Take note of one step's gradients; False when a dynamic scale skips the update."""
        if not self.dynamic:
            return True
        if not finite and self.scale > self.SMALLEST:
            self.scale, self.good_steps = self.scale / 2, 0
            return False
        self.good_steps += 1
        if self.good_steps == self.GROWTH_STEPS:
            self.scale, self.good_steps = self.scale * 2, 0
        return True
