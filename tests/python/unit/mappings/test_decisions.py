"""Decisions: what each may be stands beside it, and what is none is refused before anything is loaded."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest
import yaml
from seed_files import ROOT

from loader.cli import main
from loader.decisions import check_decisions
from loader.errors import DecisionError, UnknownVarError
from loader.project import Project
from loader.run import parse_vars

PROJECT = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
SPECIFICATION: dict[str, dict[str, Any]] = PROJECT["vars"]["decisions"]


def test_the_project_is_delivered_with_the_defaults() -> None:
    assert {name: PROJECT["vars"][name] for name in SPECIFICATION} == {
        name: item["default"] for name, item in SPECIFICATION.items()
    }
    check_decisions(Project.find(), {})


@pytest.mark.parametrize("name", SPECIFICATION)
def test_every_decision_is_explained_where_it_is_set_and_in_the_docs(name: str) -> None:
    lines = (ROOT / "dbt_project.yml").read_text(encoding="utf-8").splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith(f"  {name}:"))
    assert lines[place - 1].strip().startswith("#")
    assert re.search(rf"`{name}`", (ROOT / "docs/decisions.md").read_text(encoding="utf-8"))
    assert SPECIFICATION[name]["question"].endswith(("?", "."))


POSSIBLE: list[dict[str, Any]] = [
        {"as_of_date": "2024-03-01"}, {"as_of_date": ""}, {"cutoff_date": None}, {"enrollment_grain": "section"},
        {"roster_threshold": 1}, {"roster_threshold": 0.55}, {"roster_margin": 0}, {"create_missing_courses": False},
        {"max_rejected": 100000}, {"lock_timeout": "1s"},
]  # fmt: skip


@pytest.mark.parametrize("variables", POSSIBLE)
def test_possible_decisions_pass(variables: dict[str, Any]) -> None:
    check_decisions(Project.find(), variables)


IMPOSSIBLE: list[dict[str, Any]] = [
        {"as_of_date": "01.03.2024"}, {"as_of_date": "2024-02-30"}, {"cutoff_date": 2024}, {"enrollment_grain": "sections"},
        {"enrollment_grain": None}, {"roster_threshold": 80}, {"roster_threshold": "0.8"}, {"roster_margin": -0.1},
        {"roster_threshold": True}, {"create_missing_courses": "no"}, {"create_missing_courses": 0}, {"max_rejected": -1},
        {"max_rejected": 0.5}, {"max_rejected": True}, {"max_rejected": "5"},
]  # fmt: skip


@pytest.mark.parametrize("variables", IMPOSSIBLE)
def test_impossible_decisions_are_refused(variables: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    ((name, value),) = variables.items()
    with pytest.raises(DecisionError) as caught:
        check_decisions(Project.find(), variables)
    assert name in caught.value.message
    assert repr(value) in caught.value.message
    assert SPECIFICATION[name]["must_be"] in caught.value.message
    # the command line says it before it connects to anything
    assert main(["run", "--vars", json.dumps(variables)]) == 2
    assert "docs/decisions.md" in capsys.readouterr().err


def test_a_misspelt_decision_is_refused_and_the_right_one_named() -> None:
    with pytest.raises(UnknownVarError, match="is cutoff_date meant"):
        check_decisions(Project.find(), {"cutof_date": "2020-01-01"})
    with pytest.raises(UnknownVarError):
        check_decisions(Project.find(), {"decisions": {}})


def test_a_date_without_quotation_marks_is_a_date() -> None:
    assert parse_vars("{as_of_date: 2024-03-01, max_rejected: 5}") == {"as_of_date": "2024-03-01", "max_rejected": 5}


def render(variables: dict[str, Any]) -> str:
    """The macro that dbt runs first, with these vars."""
    values = {**PROJECT["vars"], **variables}
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
    text = (ROOT / "macros/check_decisions.sql").read_text(encoding="utf-8")

    def refuse(message: str) -> None:
        raise ValueError(message)

    context = {"var": values.__getitem__, "execute": True, "return": lambda value: value}
    context |= {"modules": SimpleNamespace(re=re), "exceptions": SimpleNamespace(raise_compiler_error=refuse)}
    return environment.from_string(text + "{{ check_decisions() }}").render(context).strip()


@pytest.mark.parametrize("variables", POSSIBLE)
def test_dbt_takes_possible_decisions_too(variables: dict[str, Any]) -> None:
    assert render(variables) == ""


# dbt cannot tell "0.8" from 0.8, nor a day that there is from one that there is not
@pytest.mark.parametrize(
    "variables",
    [
        item
        for item in IMPOSSIBLE
        if item not in ({"roster_threshold": "0.8"}, {"max_rejected": "5"}, {"as_of_date": "2024-02-30"})
    ],
)
def test_dbt_refuses_impossible_decisions_too(variables: dict[str, Any]) -> None:
    ((name, _),) = variables.items()
    with pytest.raises(ValueError, match=f"The decision {name} cannot be"):
        render(variables)
