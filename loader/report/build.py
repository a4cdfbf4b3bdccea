"""Makes the report: asks the questions in one snapshot, draws the pages, and writes the folder."""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import psycopg

from loader.config import Settings
from loader.console import Progress
from loader.errors import Edu2lmsError
from loader.project import Project
from loader.report import labels
from loader.report.artifacts import last_run
from loader.report.folder import claimed, write
from loader.report.pages import Site
from loader.report.questions import snapshot

START = "index.html"
_ASSETS = ("site.css", "theme.js", "site.js", "tables.js")


@dataclass(frozen=True, slots=True)
class ReportResult:
    """One report: where it starts, how large it is (bytes), how long each part took (seconds), and what it lacks."""

    folder: str
    start: str
    files: int
    bytes: int
    seconds: dict[str, float]
    notes: tuple[str, ...]


def build_report(settings: Settings, project: Project, out: Path, *, with_lineage: bool, progress: Progress) -> ReportResult:
    """Make the report.

    Args:
        settings: where and as whom.
        project: the dbt project.
        out: the folder; made when it is missing, replaced when it holds an earlier report, else refused.
        with_lineage: also dbt's documentation, the lineage of columns and the entity diagrams.
        progress: is told what happens.

    Raises:
        ReportFolderError: the folder cannot be used.
        NotPreparedError: the databases are not prepared.
        NotRunError: nothing has been run yet.
        Edu2lmsError: a database does not answer.
    """
    seconds: dict[str, float] = {}
    with claimed(out) as root:
        started = time.monotonic()
        with snapshot(settings) as questions:
            known = {row["invocation_id"] for row in questions.ask("dbt_invocations").rows}
            site = Site(questions, project, last_run(project.root, known))
            site.numbers()
            seconds["numbers"] = round(time.monotonic() - started, 3)
            progress.line(f"report: {len(questions.answers)} questions answered in {seconds['numbers']:.1f} s")
            notes: tuple[str, ...] = ()
            if with_lineage:
                from loader.report.lineage import lineage  # its parser of SQL takes a while to import

                started = time.monotonic()
                notes = lineage(site, settings, project, progress)
                seconds["lineage"] = round(time.monotonic() - started, 3)
                progress.line(f"report: lineage in {seconds['lineage']:.1f} s")
            content = site.finish() | _assets()
        write(root, content)
    size = sum(len(text) for text in content.values())
    return ReportResult(str(root), str(root / START), len(content), size, seconds, notes)


def report_of_refusal(settings: Settings, project: Project, out: Path, progress: Progress) -> None:
    """The report after a run that has failed: it shows what was refused. What hinders the report is said and hides nothing."""
    try:
        progress.line(report_summary(build_report(settings, project, out, with_lineage=False, progress=progress)))
    except (Edu2lmsError, psycopg.Error) as error:
        progress.line(f"No report: {error}")


def _assets() -> dict[str, bytes]:
    folder = files("loader") / "report" / "assets"
    found = {f"assets/{name}": (folder / name).read_bytes() for name in _ASSETS}
    return found | {"assets/labels.js": labels.script().encode()}


def report_summary(result: ReportResult) -> str:
    """The result for people."""
    lines = [f"Note: {note}" for note in result.notes]
    took = sum(result.seconds.values())
    return "\n".join([*lines, f"Report: {result.start} ({result.files} files, {result.bytes / 1e6:.1f} MB, {took:.1f} s)"])
