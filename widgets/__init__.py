"""Widgets: the pieces every panel is built from.

They know nothing of the application: colours and sizes come from `widgets.tokens`, words are passed in,
and what the user does leaves as a signal.  `python -m widgets.gallery` shows them all.
"""

from __future__ import annotations
