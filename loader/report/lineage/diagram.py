"""An entity diagram as SVG: tables in columns, those that others refer to on the left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from loader.report.numbers import share_text

_WIDTH, _GAP_X, _GAP_Y, _HEAD, _LINE, _EDGE = 218, 44, 22, 26, 18, 12
_CROWD = 7
"""To a table with so many references no lines are drawn: the columns name it."""
_WEAK = 0.99


@dataclass(frozen=True, slots=True)
class Line:
    """A column of a table that is shown: a key, or a reference with the share of its values that find their row."""

    column: str
    parent: str | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table with the columns that are shown, how many it has in all, and how many stand together in a line."""

    name: str
    lines: tuple[Line, ...]
    columns: int
    hidden: int = 0


@dataclass
class Box:
    """A table that has, or will have, its place."""

    table: Table
    level: int = 0
    x: float = 0.0
    y: float = 0.0
    parents: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, table: Table) -> Box:
        """A box without a place."""
        return cls(table, parents=[line.parent for line in table.lines if line.parent and line.parent != table.name])

    @property
    def height(self) -> float:
        """Height in units of the picture."""
        return _HEAD + _LINE * (len(self.table.lines) + 1) + 6

    def line_y(self, place: int) -> float:
        """Middle of one of its lines."""
        return self.y + _HEAD + _LINE * (place + 0.5) + 2


def draw(name: str, boxes: Sequence[Box], *, is_inferred: bool) -> str:
    """The picture.

    Args:
        name: of the database.
        boxes: its tables.
        is_inferred: the references are inferred: dashed, with their match.
    """
    crowded = {box.table.name for box in boxes if sum(other.parents.count(box.table.name) for other in boxes) >= _CROWD}
    boxes = [_without(box, crowded) for box in boxes]
    known = {box.table.name: box for box in boxes}
    _level(known)
    width, height = _place(known)
    return _template().render(
        name=name,
        width=width,
        height=height,
        box_width=_WIDTH,
        head=_HEAD,
        boxes=[_drawn(box, is_inferred) for box in boxes],
        edges=[edge for box in boxes for edge in _edges(box, known, is_inferred)],
    )


def _without(box: Box, crowded: set[str]) -> Box:
    """The references to a table that everything refers to as one line, with the weakest match; no line is drawn to it."""
    lines = [line for line in box.table.lines if line.parent not in crowded]
    for parent in sorted(crowded):
        found = [line for line in box.table.lines if line.parent == parent]
        if found:
            shares = [line.share for line in found if line.share is not None]
            lines.append(Line(f"{len(found)} × {parent}", share=min(shares, default=None)))
    return Box.of(Table(box.table.name, tuple(lines), box.table.columns, hidden=len(box.table.lines) - len(lines)))


def _level(boxes: Mapping[str, Box]) -> None:
    """A table stands to the right of all that it refers to; where references go in a circle, one of them leads back."""
    done: dict[str, int] = {}

    def level(name: str, above: tuple[str, ...]) -> int:
        if name in done:
            return done[name]
        parents = [parent for parent in boxes[name].parents if parent in boxes and parent not in above]
        found = max((level(parent, (*above, name)) + 1 for parent in parents if parent != name), default=0)
        if not above or len(parents) == len(boxes[name].parents):
            done[name] = found
        return found

    for name, box in boxes.items():
        box.level = level(name, ())


def _place(boxes: Mapping[str, Box]) -> tuple[float, float]:
    """Give each box its place; within a column as near as possible to what it refers to."""
    levels: dict[int, list[Box]] = {}
    for box in boxes.values():
        levels.setdefault(box.level, []).append(box)
    middle: dict[str, float] = {}
    bottoms = []
    for number in sorted(levels):
        column = levels[number]

        def wanted(box: Box) -> float:
            near = [middle[parent] for parent in box.parents if parent in middle]
            return sum(near) / len(near) if near else 0.0

        y = float(_EDGE)
        for box in sorted(column, key=lambda box: (wanted(box), box.table.name)):
            box.x, box.y = _EDGE + number * (_WIDTH + _GAP_X), y
            middle[box.table.name] = y + box.height / 2
            y += box.height + _GAP_Y
        bottoms.append(y - _GAP_Y + _EDGE)
    return 2 * _EDGE + (max(levels) + 1) * (_WIDTH + _GAP_X) - _GAP_X, max(bottoms)


def _drawn(box: Box, is_inferred: bool) -> dict[str, Any]:
    lines = []
    for place, line in enumerate(box.table.lines):
        says = share_text(line.share) if is_inferred and line.share is not None else ""
        if line.parent == box.table.name:
            says = f"↺ {says}".strip()
        elif says and line.parent is None:
            says = f"≥ {says}"
        lines.append({"y": box.line_y(place) + 4, "column": line.column, "says": says})
    more = box.table.columns - len(box.table.lines) - box.table.hidden
    return {"x": box.x, "y": box.y, "height": box.height, "name": box.table.name, "lines": lines, "more": more} | {
        "more_y": box.line_y(len(lines)) + 4
    }


def _edges(box: Box, known: Mapping[str, Box], is_inferred: bool) -> list[dict[str, str]]:
    result = []
    for place, line in enumerate(box.table.lines):
        parent = known.get(line.parent or "")
        if parent is None or parent is box:
            continue
        y, to_y = box.line_y(place), parent.y + _HEAD / 2
        if parent.level < box.level:
            start, end, bend = box.x, parent.x + _WIDTH, -_GAP_X / 2
        else:  # back, or within one column
            start, end, bend = box.x + _WIDTH, parent.x + _WIDTH, _GAP_X / 2
        kind = " ".join(
            name
            for name, applies in (("inferred", is_inferred), ("weak", line.share is not None and line.share < _WEAK))
            if applies
        )
        other = -bend if parent.level < box.level else bend
        path = f"M{start:g} {y:g} C{start + bend:g} {y:g} {end + other:g} {to_y:g} {end:g} {to_y:g}"
        result.append({"path": path, "kind": kind})
    return result


@cache
def _template() -> Template:
    text = (files("loader") / "report" / "templates" / "diagram.svg.jinja").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(text)
