"""The machine a measurement was made on, in one line."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def machine_name() -> str:
    """Return processor, cores, system and Python, for the line below a table of measurements."""
    processor = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        processor = names[0] if names else processor
    except OSError:
        pass  # not Linux
    return (
        f"{processor}, {os.cpu_count()} cores, {platform.system()} {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}"
    )
