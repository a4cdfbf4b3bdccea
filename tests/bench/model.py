"""How time, disk and memory grow with the number of legacy rows: a + b · rows, from the two smaller sizes that were measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Values = Mapping[str, float]

UNIVERSITY = 842_502
"""Legacy rows in scope of the one that was measured."""
ENROLLMENTS = 510_269
"""Of them, enrollments in scope."""
REGISTER = 1_000_000_000
"""Enrollments of a national register."""


def line(few: int, at_few: Values, many: int, at_many: Values) -> dict[str, tuple[float, float]]:
    """Fixed part and part per row of each value, through two points."""
    found = {}
    for name in at_few.keys() & at_many.keys():
        per_row = (at_many[name] - at_few[name]) / (many - few)
        found[name] = (at_few[name] - per_row * few, per_row)
    return {name: found[name] for name in at_few if name in found}


def at(coefficients: Mapping[str, tuple[float, float]], rows: int) -> dict[str, float]:
    """The values that the straight line has at a number of rows."""
    return {name: fixed + per_row * rows for name, (fixed, per_row) in coefficients.items()}


def table(rows: Sequence[int], values: Sequence[Values]) -> str:
    """A table of Markdown: coefficients, what they predict for the largest size that was measured, and far beyond.

    Args:
        rows: legacy rows of each size that was measured, ascending.
        values: what was measured at each.
    """
    coefficients = line(rows[0], values[0], rows[1], values[1])
    many, register = 100 * UNIVERSITY, round(REGISTER / ENROLLMENTS * UNIVERSITY)
    headings = ["", "fixed", "per million rows", "100 universities", "a register of 10⁹ enrollments"]
    checked = len(rows) > 2
    if checked:
        headings[3:3] = [f"{rows[-1] / 1e6:.1f} million rows, predicted", "measured"]
    lines = [headings, ["---"] + ["---:"] * (len(headings) - 1)]
    for name, (fixed, per_row) in coefficients.items():
        cells: list[Any] = [name, f"{fixed:,.0f}", f"{per_row * 1e6:,.1f}"]
        if checked:
            cells += [f"{fixed + per_row * rows[-1]:,.0f}", f"{values[-1][name]:,.0f}"]
        unit = "MiB" if name.endswith("MiB") else "s"
        cells += [_large(fixed + per_row * total, unit) for total in (many, register)]
        lines.append(cells)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _large(value: float, unit: str) -> str:
    """Hours and TiB where seconds and MiB say little."""
    for size, name in ((3600, "h"), (60, "min")) if unit == "s" else ((1024**2, "TiB"), (1024, "GiB")):
        if value >= 2 * size:
            return f"{value / size:,.1f} {name}"
    return f"{value:,.0f} {unit}"
