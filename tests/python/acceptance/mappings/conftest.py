"""A migration in a copy of the project, whose seed files a test may edit as an analyst would."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from databases import ROOT, Databases

PARTS = ("loader", "macros", "models", "seeds", "tests/generic", "tests/integrity", "tests/mapping", "tests/parity")
FILES = ("dbt_project.yml", "profiles.example.yml")


@pytest.fixture(scope="session")
def make_project(make_databases: Callable[..., Databases]) -> Callable[..., Databases]:
    """As `make_databases`, with a project of their own: the command line is called in its folder, and works on its files."""

    def make(name: str, *, damaged: bool = False) -> Databases:
        databases = make_databases(name, damaged=damaged)
        project = Path(databases.folder) / "project"
        for part in PARTS:
            shutil.copytree(ROOT / part, project / part, ignore=shutil.ignore_patterns("__pycache__"))
        for file in FILES:
            shutil.copy(ROOT / file, project)
        return replace(databases, folder=project)

    return make
