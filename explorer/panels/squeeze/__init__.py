"""Squeeze: numbers in few bits, and how well the network still hears, measured while the slider moves."""

from explorer.panels.squeeze.panel import SqueezePanel as PANEL

__all__ = ["PANEL"]
