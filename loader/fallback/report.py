"""What the verbs of `edu2lms fallback` print for people."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from loader.fallback.results import FallbackResult, FallbackVerification


def publication_report(result: FallbackResult) -> RenderableType:
    """The relations, what was proven, and the notes."""
    title = f"Fallback lms_compat in edu, batch {result.batch}" + (" (dry run: nothing has changed)" if result.dry_run else "")
    table = Table(title=title, title_justify="left", show_footer=True)
    seconds = sum(entry.seconds for entry in result.relations)
    table.add_column("relation", "all")
    for heading, name in (("rows", "rows"), ("rows in lms", "rows_in_lms"), ("following edu", "following")):
        total = sum(getattr(entry, name) for entry in result.relations)
        table.add_column(heading, f"{total:,}", justify="right")
    table.add_column("coverage", justify="right")
    table.add_column("columns NULL")
    table.add_column("seconds", f"{seconds:.1f}", justify="right")
    for entry in result.relations:
        counts = (f"{count:,}" for count in (entry.rows, entry.rows_in_lms, entry.following))
        nulls = ", ".join(entry.columns_without_source)
        table.add_row(entry.relation, *counts, coverage_text(entry.coverage), nulls, f"{entry.seconds:.1f}")
    proven = "would answer" if result.dry_run else "answers"
    said = (
        f"Proven: every row of lms with a legacy source is there, equal in every column that has a source. "
        f"{result.role} {proven} from it and can read nothing else in edu."
    )
    return Group(table, Text(said), *(Text(f"Note: {note}") for note in result.notes), Text(f"Seconds: {result.seconds:.1f}"))


def coverage_text(coverage: float) -> str:
    """Percent; never rounded up to 100 %."""
    return "100 %" if coverage >= 1 else f"{min(coverage * 100, 99.99):.2f} %"


def verification_report(result: FallbackVerification) -> RenderableType:
    """The relations and how they differ."""
    verdict = "equal to lms" if result.equal else "lms has moved on, or the fallback was changed"
    table = Table(title=f"Fallback of {result.published_at}, batch {result.batch}: {verdict}", title_justify="left")
    table.add_column("relation")
    for heading in ("rows", "rows in lms", "missing", "too many", "changed"):
        table.add_column(heading, justify="right")
    table.add_column("columns that differ")
    for entry in result.relations:
        counts = (entry.rows, entry.rows_in_lms, entry.missing, entry.surplus, entry.changed)
        table.add_row(entry.relation, *(f"{count:,}" for count in counts), ", ".join(entry.columns))
    return Group(table, Text(f"Seconds: {result.seconds:.1f}"))
