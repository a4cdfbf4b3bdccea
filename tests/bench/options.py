"""What the command line says to a measurement."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """Options of all measurements.

    Attributes:
        scale: size of the data.
        repeat: how often short things are measured; the median counts.
        scales: the sizes that are compared by the measurement `scale`.
        sample: rows of each kind that the row-wise migration moves before it is extrapolated; 0 means all.
        folder: where the servers' temporary folder is made.
    """

    scale: float = 1.0
    repeat: int = 3
    scales: tuple[float, ...] = (1.0, 10.0, 30.0)
    sample: int = 0
    folder: Path | None = None
