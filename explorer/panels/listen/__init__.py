"""Listen: live keyword spotting, and where every millisecond and every byte of it went."""

from explorer.panels.listen.panel import ListenPanel as PANEL

__all__ = ["PANEL"]
