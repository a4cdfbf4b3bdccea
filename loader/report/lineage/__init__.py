"""Lineage inside the report: dbt's documentation, the origin of every column, and both databases as entity diagrams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import yaml

from loader.config import Settings
from loader.console import Progress
from loader.decisions import as_dbt_takes_it
from loader.project import Project
from loader.report.lineage.columns import Origins
from loader.report.lineage.docs import generate
from loader.report.lineage.entities import diagrams
from loader.report.lineage.models import layers
from loader.report.tables import as_csv

if TYPE_CHECKING:
    from loader.report.pages import Site

_ALL_COLUMNS = ("model", "column", "made_of", "description")


def lineage(site: Site, settings: Settings, project: Project, progress: Progress) -> tuple[str, ...]:
    """Add the pages of the lineage to a report.

    Args:
        site: the report.
        settings: become dbt's environment.
        project: the dbt project.
        progress: is told what happens.

    Returns:
        Notes about models whose columns could not be followed.

    Raises:
        LineageError: dbt did not write its documentation.
    """
    # compiled into the statements: under other decisions the columns would have another origin
    variables = site.run.variables if site.run.nodes else decided(site.questions.ask("decisions_in_force").rows)
    docs = generate(settings, project, variables)
    progress.line("report: dbt has written its documentation")
    site.files["dbt/index.html"] = docs.page
    origins = Origins(docs.manifest, docs.catalog)
    live = origins.live_columns(site.questions.ask("lms_tables").rows)
    site.files["data/column_lineage.csv"] = as_csv(origins.table(), _ALL_COLUMNS)
    drawn = diagrams(site.questions, docs.manifest)
    site.add("lineage", layers=layers(docs.manifest), has_docs=True)
    site.add("columns", live_columns=live)
    site.add("entities", diagrams=drawn)
    return tuple(f"The columns of {name} could not be followed: {reason}" for name, reason in origins.unread.items())


def decided(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The vars that are not as dbt_project.yml has them, from the rows of `decisions_in_force`."""
    values = {row["decision"]: row["value"] for row in rows if row["kind"] == "var" and not row["is_default"]}
    return {name: as_dbt_takes_it(yaml.safe_load(value)) if value else "" for name, value in values.items()}
