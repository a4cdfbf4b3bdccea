"""The picture of an application's latency: p50 and p99 over time, on a logarithmic axis.

Blue and orange of Okabe and Ito, which colour-blind readers tell apart, one line whole and one dashed; dark pages get the
lighter shades. Every line is named at its end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 860, 380, 70, 800, 40, 320


def picture(data: dict[str, Any]) -> str:
    """The SVG.

    Args:
        data: `points`, each [second, p50, p99] in milliseconds; `run` and `publish`, each [first, last second]; `title`.
    """
    points: list[list[float]] = data["points"]
    last = max(point[0] for point in points)
    lowest = 10 ** math.floor(math.log10(max(min(point[1] for point in points), 0.001)))
    highest = 10 ** math.ceil(math.log10(max(point[2] for point in points)))

    def x(second: float) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * second / last, 1)

    def y(value: float) -> float:
        share = math.log10(max(value, lowest) / lowest) / math.log10(highest / lowest)
        return round(_BOTTOM - (_BOTTOM - _TOP) * share, 1)

    ends = [y(points[-1][1]) + 4, y(points[-1][2]) + 4]
    if abs(ends[0] - ends[1]) < 16:
        ends[0] += 16 - (ends[0] - ends[1])  # the labels must not lie upon each other
    lines = [
        {
            "kind": kind,
            "key": key,
            "text": kind,
            "label_at": ends[column - 1],
            "path": _path([(x(p[0]), y(p[column])) for p in points]),
        }
        for column, kind, key in ((1, "p50", "key50"), (2, "p99", "key99"))
    ]
    bands = [
        {"kind": kind, "text": text, "line": line, "x": x(data[kind][0]), "width": round(x(data[kind][1]) - x(data[kind][0]), 1)}
        for kind, text, line in (("run", "run: load, build, test", 16), ("publish", "publication", 34))
    ]
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if last / step <= 10)
    template = Environment(autoescape=True).from_string(Path(__file__).with_name("latency.svg.jinja").read_text(encoding="utf-8"))
    powers = range(round(math.log10(lowest)), round(math.log10(highest)) + 1)
    return (
        template.render(
            title=data["title"],
            width=_WIDTH,
            height=_HEIGHT,
            left=_LEFT,
            right=_RIGHT,
            top=_TOP,
            bottom=_BOTTOM,
            bands=bands,
            lines=lines,
            y_ticks=[{"at": y(10.0**power), "text": f"{10.0**power:g}"} for power in powers],
            x_ticks=[{"at": x(second), "text": f"{second}"} for second in range(0, int(last) + 1, step)],
        )
        + "\n"
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x} {y}" for x, y in points)
