"""Teach: watch a network learn, break it and mend it, and see how much of the error reaches its first layer."""

from explorer.panels.teach.panel import TeachPanel as PANEL

__all__ = ["PANEL"]
