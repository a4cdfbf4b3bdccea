"""What `edu2lms mappings` prints for people."""

from __future__ import annotations

from itertools import groupby

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from loader.mappings.check import one_line
from loader.mappings.evidence import readable
from loader.mappings.results import CheckedSeeds, Confidence, Coverage, Proposal, Severity, Suggestions, counted


def check_report(result: CheckedSeeds) -> str:
    """One line for each finding, as compilers write them, then the sum."""
    lines = [f"{finding.severity}: {one_line(finding)}" for finding in result.findings]
    errors = len(result.errors)
    warnings = sum(finding.severity is Severity.WARNING for finding in result.findings)
    lines.append(f"{result.files} files, {result.lines} lines: {counted(errors, 'errors')}, {counted(warnings, 'warnings')}.")
    return "\n".join([*lines, *(f"Note: {note}" for note in result.notes)])


def suggestions_report(result: Suggestions) -> str:
    """For each file its lines, ready to paste, each under its evidence; then what no line repairs."""
    parts = []
    for file, proposals in groupby(result.proposals, key=lambda proposal: proposal.file):
        listed = list(proposals)
        added = result.written.get(file)
        parts += ["", f"# {file}: {counted(len(listed), 'lines')} proposed" + (f", {added} written" if added else "")]
        for question, alternatives in groupby(listed, key=lambda proposal: proposal.question):
            parts += _question(question, list(alternatives), written=file in result.written)
    parts += [""] * bool(result.unsolved)
    for item in result.unsolved:
        parts.append(f"No line repairs: {counted(item.rows, item.unit)}: {item.what}. Repair: {item.repair}.")
    if not result.proposals:
        parts.append("Everything that a line can decide is decided.")
    elif not result.written and any(item.confidence is Confidence.LIKELY for item in result.proposals):
        parts.append("`edu2lms mappings suggest --write` adds the lines that are not marked `choose one`.")
    return "\n".join(parts).strip("\n")


def _question(question: str, alternatives: list[Proposal], *, written: bool) -> list[str]:
    choose = alternatives[0].confidence is Confidence.CHOOSE
    mark = "choose one" if choose else ("written" if written else "likely")
    lines = ["", f"{question} ({counted(alternatives[0].rows, alternatives[0].unit)}, {mark}):"]
    for proposal in alternatives:
        lines += [*(f"  - {piece}" for piece in proposal.evidence), proposal.line]
    return lines


def coverage_report(result: Coverage) -> RenderableType:
    """A table for each file: what its lines decide, and what no line does."""
    parts: list[RenderableType] = []
    for file, lines in groupby(result.lines, key=lambda line: line.file):
        listed = list(lines)
        table = Table(title=file, title_justify="left")
        for heading, justify in (("line", "right"), (", ".join(listed[0].key), "left"), (listed[0].unit, "right")):
            table.add_column(heading, justify="right" if justify == "right" else "left", overflow="fold")
        for line in listed:
            table.add_row(str(line.line), Text(readable(" ".join(line.key.values()))), f"{line.rows:,}")
        parts.append(table)
    for line in result.unmapped:
        named = ", ".join(f"{name} {value}" for name, value in line.key.items())
        rest = "decided by the line *" if line.default else "decided by no line"
        parts.append(Text(f"{line.file}: {readable(named)}: {counted(line.rows, line.unit)}, {rest}"))
    return Group(*parts)
