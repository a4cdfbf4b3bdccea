"""What the verbs of `edu2lms fallback` print for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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


def drill_report(document: Mapping[str, Any]) -> RenderableType:
    """The phases of a drill, what stands beside them, and the verdict."""
    table = Table(title="Drill: " + ("passed" if document["passed"] else "not passed"), title_justify="left")
    table.add_column("phase")
    for heading in (
        *("seconds", "requests", "per s", "on lms", "on edu", "errors", "p50 ms", "p95 ms", "p99 ms", "longest ms"),
        *("to fallback s", "to lms s", "writes refused", "let through"),
    ):
        table.add_column(heading, justify="right")
    for phase in document["phases"]:
        table.add_row(phase["name"], *_figures(phase), end_section=phase["name"] in ("warm-up", "back"))
    probes = document["most_probes_in_flight"]
    lines = [
        f"{document['threads']} simulated users; the fallback is of {document['fallback_published_at']}.",
        "Probes of lms under way at a time: " + ("not seen (TLS)." if probes is None else f"at most {probes}."),
        *(
            f"Errors in phase {number}, {phase['name']}: "
            + ", ".join(f"{name} {count:,}" for name, count in phase["errors"].items())
            + f"; the first: {phase['first_error']}"
            for number, phase in enumerate(document["phases"], 1)
            if phase["errors"]
        ),
        *(f"Missed: {sentence}." for sentence in document["missed"]),
    ]
    return Group(table, *(Text(line) for line in lines))


def _figures(phase: Mapping[str, Any]) -> list[str]:
    counts = [phase["on_lms"], phase["on_edu"], sum(phase["errors"].values())]
    times = [phase[f"{name}_ms"] for name in ("p50", "p95", "p99", "longest")]
    moments = [phase["to_fallback_seconds"], phase["to_lms_seconds"]]
    return [
        *(f"{phase['seconds']:.1f}", f"{phase['requests']:,}", f"{phase['requests_per_second']:,.0f}"),
        *(f"{count:,}" for count in counts),
        *("" if value is None else f"{value:,.1f}" for value in times),
        *("" if value is None else f"{value:.2f}" for value in moments),
        *(f"{phase[name]:,}" for name in ("writes_refused", "writes_through")),
    ]
