"""Steps of backpropagation as they are set in print."""

from __future__ import annotations

from explorer.engine.training.backprop import Step

_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def symbol(step: Step) -> str:
    """Return the name of a step in two or three signs."""
    return step.name if step.name == "loss" else ("∂" + step.of if step.of else step.name).translate(_LOWERED)


def formula(step: Step) -> str:
    """Return the formula as it is set in print."""
    text = step.formula if not step.of else f"{step.name} = {step.formula}"
    for name in ("A", "L", "W"):
        for digit in range(5):
            text = text.replace(f"{name}{digit}", f"{name}{digit}".translate(_LOWERED))
    text = text.replace("dloss/d", "∂loss/∂").replace("^T", "ᵀ").replace("^2", "²").replace("sum ", "Σ ")
    return text.replace(" * ", " ⊙ ").replace("-", "−")
