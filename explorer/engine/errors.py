"""The one error a user may read: a sentence that says what is wrong, where, and what to do."""

from __future__ import annotations


class ExplorerError(Exception):
    """A problem told to the user in one plain sentence.

    Raise it where the cause is known, with a message of the form "what is wrong, where: what to do".
    The window shows the sentence, the command line prints it and exits with status 2; neither shows a traceback.
    """
