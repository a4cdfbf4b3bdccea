"""The page about the use of the application: pictures of schema analytics, when `dbt build` has made it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from loader.report.numbers import thousands
from loader.report.plots import Column, bar, columns
from loader.report.questions import Questions

QUESTIONS = (
    "usage_days",
    "usage_periods",
    "usage_pages",
    "usage_sessions",
    "usage_devices",
    "usage_hours",
    "usage_errors",
    "usage_top_errors",
    "usage_funnel",
)
_WEEKDAYS = range(1, 8)
_HOURS = range(24)
_SHADES = 5
Row = Mapping[str, Any]


def usage(questions: Questions) -> dict[str, Any]:
    """What the page shows: plots, the week, the funnel, devices."""
    rows = {name: questions.ask(name).rows for name in QUESTIONS}
    opened, everywhere = (
        max(sum(row["sessions"] for row in found), 1) for found in (rows["usage_funnel"][:1], rows["usage_devices"])
    )
    return {
        "is_there": bool(rows["usage_days"]),
        "plots": _plots(rows),
        "week": _week(rows["usage_hours"]),
        "funnel": _shares(rows["usage_funnel"], "step", opened),
        "devices": _shares(rows["usage_devices"], "device_type", everywhere),
    }


def _plots(rows: Mapping[str, Sequence[Row]]) -> list[dict[str, Any]]:
    wanted = (
        ("usage.users", "usage_days", "active_users", 1.0, ""),
        ("usage.median_minutes", "usage_sessions", "median_seconds", 60.0, ""),
        ("usage.error_rate", "usage_errors", "error_rate", 0.01, " %"),
    )
    found = []
    for title, question, column, unit, sign in wanted:
        drawn = [_column(row, float(row[column] or 0) / unit, sign) for row in rows[question]]
        if drawn:
            found.append({"title": title, "question": question, "plot": columns(title.partition(".")[2], drawn, unit=sign)})
    return found


def _column(row: Row, value: float, sign: str) -> Column:
    return Column(f"{row['activity_date']:%d.%m}", value, f"{row['activity_date']}: {value:,.4g}{sign}")


def _week(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Seven lines of 24 cells, shaded by their share of the busiest hour; nothing when nothing was counted."""
    actions = {(row["weekday"], row["hour_of_day"]): row["actions"] for row in rows}
    if not actions:
        return []
    most = max(actions.values())

    def cell(number: int) -> dict[str, int]:
        return {"actions": number, "shade": math.ceil(number * _SHADES / most)}

    return [{"weekday": weekday, "cells": [cell(actions.get((weekday, hour), 0)) for hour in _HOURS]} for weekday in _WEEKDAYS]


def _shares(rows: Sequence[Row], name: str, whole: float) -> list[dict[str, Any]]:
    return [
        {
            "name": row[name],
            "sessions": row["sessions"],
            "share": row["sessions"] / whole,
            "bar": bar([("matched", row["sessions"])], whole, thousands(row["sessions"])),
        }
        for row in rows
    ]
