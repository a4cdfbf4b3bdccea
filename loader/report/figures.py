"""The pictures of the pages: what each shows, from the rows of its question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from markupsafe import Markup

from loader.report.numbers import thousands
from loader.report.plots import Column, bar, columns

Row = Mapping[str, Any]
_CLASSES = ("matched", "inserted", "folded", "rejected", "out_of_scope")
_TERMS = ("fall", "spring", "summer", "winter")
_STEPS = (0.5, 0.8, 0.95, 0.99, 1.0)


def status_bar(row: Row) -> Markup:
    """One line of the status table: what was there, what came, what is missing, as shares of what has to be there."""
    moved = row["in_scope"] - row["missing"]
    # in a dry run nothing has moved yet: the rest is open, whatever it is going to become
    folded = min(row["folded"], max(moved - row["matched"], 0))
    came = max(moved - row["matched"] - folded, 0)
    left = row["missing"] - min(row["rejected"], row["missing"])
    parts = [("matched", row["matched"]), ("inserted", came), ("folded", folded)]
    parts += [("rejected", min(row["rejected"], row["missing"])), ("open", left)]
    return bar(parts, row["in_scope"], _says([*parts[:4], ("missing", row["missing"])]))


def classes_bar(row: Row, total: float) -> Markup:
    """The five classes of one line of the accounting."""
    parts = [(name, row[name]) for name in _CLASSES]
    return bar(parts, total, _says(parts))


def _says(parts: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {thousands(value)}" for name, value in parts if value) or "0"


def section_sizes(rows: Sequence[Row]) -> Markup:
    """How many sections have how many students."""
    found = [
        Column(
            str(row["from_students"]),
            row["sections"],
            f"{row['from_students']}–{row['to_students']}: {thousands(row['sections'])}",
        )
        for row in rows
    ]
    return columns("Sections by number of students", found)


def rows_per_pair(rows: Sequence[Row]) -> Markup:
    """How many journal rows one student has in one section."""
    found = [
        Column(f"{row['rows_each']}{'+' if row['rows_each'] >= 10 else ''}", row["pairs"], thousands(row["pairs"]))
        for row in rows
    ]
    return columns("Pairs of student and section by number of rows", found)


def findings(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """One picture per finding: its value in each term, with the limit."""
    result = []
    for finding, found in groupby(rows, key=lambda row: row["finding"]):
        lines = sorted(found, key=lambda row: _term_order(row["term"]))
        drawn = [
            Column(
                line["term"][2:4] + "/" + line["term"][7:9],
                line["measured_value"],
                f"{line['term']}: {line['measured_value']:g}",
                "implausible" if line["is_implausible"] else "plain",
            )
            for line in lines
        ]
        picture = columns(finding.replace("_", " "), drawn, lines[0]["limit_value"])
        result.append({"finding": finding, "plot": picture, "note": lines[0]["note"]})
    return result


def heat_maps(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Year × term: the share of sections that have their offering, and of enrollments that move."""
    years = sorted({row["academic_year"] for row in rows}, key=lambda year: (year is None, year or ""))
    types = sorted({row["term_type"] for row in rows}, key=_type_order)
    cells = {(row["academic_year"], row["term_type"]): row for row in rows}

    def lines(moving: str, total: str, with_reasons: bool) -> list[dict[str, Any]]:
        return [
            {
                "year": year,
                "cells": [_cell(cells.get((year, term_type)), moving, total, with_reasons) for term_type in types],
            }
            for year in years
        ]

    return [
        {"id": "heat-sections", "title": "mapping.sections", "types": types, "lines": lines("mapped", "sections", True)},
        {
            "id": "heat-enrollments",
            "title": "mapping.enrollments",
            "types": types,
            "lines": lines("enrollments_moving", "enrollments", False),
        },
    ]


def _cell(row: Row | None, moving: str, total: str, with_reasons: bool) -> dict[str, Any] | None:
    if row is None or not row[total]:
        return None
    share = row[moving] / row[total]
    return {
        "share": share,
        "step": sum(share >= step for step in _STEPS),
        "moving": row[moving],
        "all": row[total],
        "left": row[total] - row[moving],
        "ambiguous": row["ambiguous"] if with_reasons else None,
        "unmapped": row["unmapped"] if with_reasons else None,
    }


def _type_order(term_type: str | None) -> tuple[int, str]:
    return (_TERMS.index(term_type) if term_type in _TERMS else len(_TERMS), term_type or "")


def _term_order(term: str) -> tuple[str, int]:
    year, _, term_type = term.partition(" ")
    return year, _type_order(term_type)[0]
