"""Small pictures: bars inside tables, and columns with a limit. Their colours are classes of site.css: they follow the theme."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 408, 210, 46, 392, 12, 172
_LABELS = 8
_LEAST = 4  # of 1000: what is there can be seen


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what stands below it, its value, what the pointer says, and its class."""

    label: str
    value: float
    says: str
    kind: str = "plain"


def bar(parts: Sequence[tuple[str, float]], total: float, says: str) -> Markup:
    """A bar across a table cell.

    Args:
        parts: class and value of each part, from the left.
        total: value of the whole width.
        says: the same in words, for those who do not see it.
    """
    x, shown = 0.0, []
    for kind, value in parts:
        if value > 0 and total > 0:
            width = min(max(1000 * value / total, _LEAST), 1000 - x)
            shown.append({"kind": kind, "x": round(x, 1), "width": round(width, 1)})
            x += width
    return Markup(_template("bar").render(parts=shown, says=says))  # noqa: S704  (the template escapes)


def columns(title: str, found: Sequence[Column], limit: float | None = None, unit: str = "") -> Markup:
    """A picture of columns.

    Args:
        title: for those who do not see it.
        found: the columns from the left; not empty.
        limit: drawn as a dashed line when it is near the values.
        unit: behind the numbers of the axis.
    """
    highest = max(column.value for column in found)
    drawn = limit if limit is not None and highest > 0 and limit <= 3 * highest else None
    ticks = _ticks(max(highest, drawn or 0.0))
    top = ticks[-1]
    step = (_RIGHT - _LEFT) / len(found)
    every = math.ceil(len(found) / _LABELS)

    def y(value: float) -> float:
        return round(_BOTTOM - (_BOTTOM - _TOP) * value / top, 1)

    drawn_columns = [
        {
            "x": round(_LEFT + step * place + step * 0.12, 1),
            "width": round(step * 0.76, 1),
            "y": y(column.value),
            "height": round(_BOTTOM - y(column.value), 1),
            "middle": round(_LEFT + step * (place + 0.5), 1),
            "label": column.label if place % every == 0 else "",
            "says": column.says,
            "kind": column.kind,
        }
        for place, column in enumerate(found)
    ]
    picture = _template("columns").render(
        title=title,
        width=_WIDTH,
        height=_HEIGHT,
        left=_LEFT,
        right=_RIGHT,
        top=_TOP,
        bottom=_BOTTOM,
        columns=drawn_columns,
        ticks=[{"y": y(tick), "text": f"{_short(tick)}{unit}"} for tick in ticks],
        limit=None if drawn is None else {"y": y(drawn), "text": f"{_short(drawn)}{unit}"},
    )
    return Markup(picture)  # noqa: S704  (the template escapes)


def _ticks(highest: float) -> list[float]:
    """Round numbers from 0 to at least the highest value; three to six of them."""
    if highest <= 0:
        return [0.0, 1.0]
    power = 10.0 ** math.floor(math.log10(highest / 4))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if highest / (power * factor) <= 5)
    return [round(step * count, 10) for count in range(math.ceil(highest / step - 1e-9) + 1)]


def _short(value: float) -> str:
    if value >= 10_000:
        return f"{value / 1000:g}k"
    return f"{value:g}"


@cache
def _template(name: str) -> Template:
    text = (files("loader") / "report" / "templates" / f"{name}.svg.jinja").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(text)
