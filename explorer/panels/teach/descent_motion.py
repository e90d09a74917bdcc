"""Motion: a way of many steps, shown step by step, all at once, or by itself at a steady pace."""

from __future__ import annotations


class Motion:
    """Which step of a way is shown.

    Parameters
    ----------
    steps_per_s
        Pace while it plays.

    Attributes
    ----------
    last
        Number of the last step there is.
    at
        Number of the step that is shown.
    playing
        Whether it goes on by itself.
    """

    def __init__(self, steps_per_s: float) -> None:
        self.steps_per_s = steps_per_s
        self.last = self.at = 0
        self.playing = False
        self._since: float | None = None

    def show_all(self, last: int) -> None:
        """Show a new way to its end."""
        self.last = self.at = last
        self.playing = False

    def toggle(self) -> None:
        """Play, from the start where the end is shown; or pause."""
        self.playing = not self.playing
        self._since = None
        if self.playing and self.at >= self.last:
            self.at = 0

    def step_once(self) -> None:
        """Show one step more; after the end, the first."""
        self.playing = False
        self.at = self.at + 1 if self.at < self.last else min(1, self.last)

    def reset(self) -> None:
        """Go back to the start and stand still."""
        self.playing, self.at = False, 0

    def advance(self, now_s: float) -> bool:
        """Move on with time; True when another step is shown."""
        if not self.playing:
            return False
        if self._since is None:
            self._since = now_s
            return True
        steps = int((now_s - self._since) * self.steps_per_s)
        if steps < 1:
            return False
        self._since += steps / self.steps_per_s
        self.at = min(self.last, self.at + steps)
        self.playing = self.at < self.last
        return True
