"""The decisions in force: dbt's vars and the analysts' seed files, with where each value comes from."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_ASKED = ("publish", "courses")
"""Options of a run, not decisions about the data."""
_VAR = re.compile(r"^  (\w+):")


@dataclass(frozen=True, slots=True)
class Decision:
    """One var.

    Attributes:
        name: its name.
        project: value in dbt_project.yml, as JSON.
        batch: value that the last batch recorded, as JSON; None when it records none.
        run: value that the last run was given, as JSON; None when it was given none.
        meaning: its comment in dbt_project.yml.
    """

    name: str
    project: str
    batch: str | None
    run: str | None
    meaning: str

    @property
    def in_force(self) -> str:
        """What the last run used; without one, what the project says."""
        return self.project if self.run is None else self.run

    @property
    def is_raised(self) -> bool:
        """Somebody has decided otherwise than the project does."""
        recorded = self.batch is not None and self.batch != self.project
        return self.name not in _ASKED and (self.in_force != self.project or recorded)


@dataclass(frozen=True, slots=True)
class Seed:
    """One seed file: lines below the heading, and the SHA-256 of the file."""

    name: str
    lines: int
    sha256: str


def decisions(root: Path, batch: Mapping[str, Any], run: Mapping[str, Any]) -> tuple[Decision, ...]:
    """All vars of the project.

    Args:
        root: folder of dbt_project.yml.
        batch: what the last batch recorded.
        run: what the last run was given.
    """
    text = (root / "dbt_project.yml").read_text(encoding="utf-8")
    values: dict[str, Any] = yaml.safe_load(text).get("vars", {})
    meanings = _meanings(text)
    return tuple(
        Decision(name, _json(value), _known(batch, name), _known(run, name), meanings.get(name, ""))
        for name, value in values.items()
        if name != "decisions"  # what each of them may be
        if not isinstance(value, dict)  # what a decision may be is none itself
    )


def seeds(root: Path) -> tuple[Seed, ...]:
    """All seed files."""
    return tuple(_seed(path) for path in sorted((root / "seeds").glob("*.csv")))


def _seed(path: Path) -> Seed:
    content = path.read_bytes()
    lines = sum(1 for row in csv.reader(content.decode("utf-8-sig", "replace").splitlines()) if row) - 1
    return Seed(path.stem, max(lines, 0), hashlib.sha256(content).hexdigest())


def _meanings(text: str) -> dict[str, str]:
    """The comment above each var: the project explains them where they are set."""
    found: dict[str, str] = {}
    above: list[str] = []
    inside = False
    for line in text.splitlines():
        if re.match(r"\S", line) and not line.startswith("#"):
            inside = line.startswith("vars:")
        elif inside and line.strip().startswith("#"):
            above.append(line.strip().lstrip("# "))
        elif inside and (match := _VAR.match(line)):
            found[match[1]], above = " ".join(above), []
    return found


def _known(values: Mapping[str, Any], name: str) -> str | None:
    return _json(values[name]) if name in values else None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
