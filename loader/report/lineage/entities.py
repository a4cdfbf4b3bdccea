"""Both databases as entity diagrams: edu with the references that its columns imply, lms with its foreign keys."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from loader.report.lineage.diagram import Box, Line, Table, draw
from loader.report.questions import Questions

_REFERENCE = re.compile(r"\b([a-z_]+)\.id\b")
_KEYS = ("id",)


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that names rows of another table; of an inferred one, how many of its active values find their row."""

    child: str
    column: str
    parent: str
    values: int | None = None
    found: int | None = None
    question: str = ""

    @property
    def share(self) -> float | None:
        """Share of the values that find their row; None without values or where the database guarantees it."""
        return self.found / self.values if self.values and self.found is not None else None


def diagrams(questions: Questions, manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Both diagrams with their references.

    Args:
        questions: the proof of each inferred reference is asked of the copies of edu.
        manifest: dbt's; the descriptions of edu's columns say to which table they refer.
    """
    edu = {source["name"]: source["columns"] for source in manifest["sources"].values() if source["source_name"] == "edu"}
    inferred = [_proven(questions, *found) for found in inferred_references(edu)]
    declared = [Reference(row["child"], row["child_column"], row["parent"]) for row in questions.ask("lms_references").rows]
    lms: dict[str, list[str]] = {}
    for row in questions.ask("lms_tables").rows:
        lms.setdefault(row["table_name"], []).append(row["column_name"])
    declared = [reference for reference in declared if {reference.child, reference.parent} <= lms.keys()]
    return [
        _diagram("edu", {name: list(columns) for name, columns in edu.items()}, inferred, is_inferred=True),
        _diagram("lms", lms, declared, is_inferred=False),
    ]


def inferred_references(tables: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Child, column and parent of every column whose description names the id of a table, as `References persons.id.` does."""
    result = []
    for child, columns in tables.items():
        for column, entry in columns.items():
            parent = next((name for name in _REFERENCE.findall(entry["description"]) if name in tables), None)
            if parent is not None:
                result.append((child, column, parent))
    return result


def _proven(questions: Questions, child: str, column: str, parent: str) -> Reference:
    answer = questions.ask_of("edu_reference", child=child, column=column, parent=parent)
    return Reference(child, column, parent, answer.first["values_there"], answer.first["values_found"], answer.name)


def _diagram(
    name: str, tables: Mapping[str, Sequence[str]], references: Sequence[Reference], *, is_inferred: bool
) -> dict[str, Any]:
    of_child: dict[str, list[Reference]] = {}
    for reference in references:
        of_child.setdefault(reference.child, []).append(reference)
    boxes = [Table(table, _lines(columns, of_child.get(table, ())), len(columns)) for table, columns in tables.items()]
    return {
        "id": f"references-{name}",
        "title": f"entities.{name}",
        "note": f"entities.{name}_note",
        "svg": Markup(draw(name, [Box.of(table) for table in boxes], is_inferred=is_inferred)),  # noqa: S704  (the template escapes)
        "references": references,
        "is_inferred": is_inferred,
    }


def _lines(columns: Sequence[str], references: Sequence[Reference]) -> tuple[Line, ...]:
    by_column = {reference.column: reference for reference in references}
    keys = [Line(key) for key in _KEYS if key in columns]
    named = [by_column[column] for column in columns if column in by_column]
    return (*keys, *(Line(found.column, found.parent, found.share) for found in named))
