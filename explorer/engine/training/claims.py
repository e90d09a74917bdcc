"""All printed claims of chapters 6 and 7 that do not reconcile, each with a check that runs when asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from explorer.engine.deployment.claims import Finding
from explorer.engine.training import claims_data, claims_frameworks, claims_learning, claims_systems
from explorer.engine.training.claim import Cancelled, Claim

CLAIMS: tuple[Claim, ...] = tuple(
    sorted(
        claims_frameworks.CLAIMS + claims_data.CLAIMS + claims_learning.CLAIMS + claims_systems.CLAIMS,
        key=lambda claim: (int(claim.key.strip("Fb")), claim.key),
    )
)
"""In the order of the book."""


def check_all(stop: threading.Event, claims: tuple[Claim, ...] = CLAIMS) -> Iterator[tuple[Claim, Finding]]:
    """Run the checks one after the other and yield each finding, until told to stop.

    Parameters
    ----------
    stop
        Looked at before and during each check.
    claims
        Which; all by default.
    """
    for claim in claims:
        if stop.is_set():
            return
        try:
            yield claim, claim.check(stop)
        except Cancelled:
            return
