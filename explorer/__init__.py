"""ML Systems Explorer: machine-learning systems made visible, measured on this machine."""

from __future__ import annotations

__version__ = "0.1.0"
