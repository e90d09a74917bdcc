"""Place: the same network in the cloud, at the edge, on a phone and on a microcontroller, predicted beside measured."""

from explorer.panels.place.panel import PlacePanel as PANEL

__all__ = ["PANEL"]
