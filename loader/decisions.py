"""The decisions (dbt vars) that a run is asked: each must exist, and be what var `decisions` of dbt_project.yml says it may be.

dbt checks the same when it begins (macros/check_decisions.sql); here it is said before anything is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import yaml
from rapidfuzz import fuzz, process

from loader.errors import DecisionError, UnknownVarError
from loader.project import Project

_SPECIFICATION = "decisions"


def as_dbt_takes_it(value: Any) -> Any:
    """YAML reads 2024-03-01 as a date; dbt is told text."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else value


def check_decisions(project: Project, variables: Mapping[str, Any]) -> None:
    """Look at the vars of dbt_project.yml and those that were given.

    Args:
        project: the dbt project.
        variables: those of --vars; they win.

    Raises:
        UnknownVarError: there is no such var, so it would change nothing.
        DecisionError: the value is not one that the decision may have.
    """
    known: dict[str, Any] = yaml.safe_load((project.root / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    specification = known[_SPECIFICATION]
    names = [name for name in known if name != _SPECIFICATION]
    for name in variables:
        if name not in names:
            nearest = process.extractOne(name, names, scorer=fuzz.ratio, score_cutoff=70)
            raise UnknownVarError(name=name, nearest=f" (is {nearest[0]} meant?)" if nearest else "", known=", ".join(names))
    for name, entry in specification.items():
        value = variables.get(name, known[name])
        if not _is_possible(value, entry):
            raise DecisionError(name=name, value=repr(value), must_be=entry["must_be"])


def _is_possible(value: Any, entry: Mapping[str, Any]) -> bool:
    value = as_dbt_takes_it(value)
    match entry["type"]:
        case "date":
            return value in (None, "") or (isinstance(value, str) and _is_day(value))
        case "choice":
            return value in entry["choices"]
        case "flag":
            return isinstance(value, bool)
        case "count":
            return isinstance(value, int) and not isinstance(value, bool) and value >= 0
        case _:
            return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) is not None
