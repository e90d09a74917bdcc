"""Gestures: what opens the microphone.  Nothing else does."""

from __future__ import annotations

from explorer.panels.base import Context
from explorer.panels.listen.session import ListenSession


def open_microphone(context: Context, session: ListenSession, device: str | None = None) -> None:
    """Open the microphone because the user asked for it, and remember that he did.

    Parameters
    ----------
    context, session
        The application, and what listens.
    device
        "name | host API", or empty for the system's default; None takes the one of last time.
    """
    device = context.settings.values.device if device is None else device
    session.sources.permitted = True
    context.settings.update(microphone_allowed=True, device=device)
    state = context.workbench.state
    if (state.source_kind, state.source_detail) == ("microphone", device):
        session.sources.follow(state)  # a state file named it, and it was not opened
    else:
        context.workbench.update(source_kind="microphone", source_detail=device)


def close_microphone(context: Context) -> None:
    """Give the microphone back; the talker speaks again."""
    context.workbench.update(source_kind="talker", source_detail="")
