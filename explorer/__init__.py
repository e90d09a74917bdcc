"""ML Systems Explorer: machine-learning systems made visible, measured on this machine."""

from __future__ import annotations

import os

__version__ = "0.1.0"

# numpy's linear algebra takes one thread: its matrices here are small, and with a second thread that has to wait for a
# busy core a front end of one second took 2.0 ms instead of 0.4.  Read when numpy loads, so it is set before.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
