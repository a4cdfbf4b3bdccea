"""`edu2lms mappings check`, the part that needs no database."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from loader.errors import SeedsRefusedError
from loader.mappings.files import SeedFile, read_bytes, read_file
from loader.mappings.results import CheckedSeeds, Problem, SeedFinding, Severity, counted
from loader.mappings.rules import FOLDER, SeedRule, read_rules
from loader.mappings.tables import check_lines, check_references

NOT_ASKED = (
    "Ids of edu and lms were not looked up, nor whether any row uses a line: `edu2lms mappings check --database` does, where the "
    "databases can be reached."
)
_LISTED = 20


def check_files(root: Path) -> CheckedSeeds:
    """Check every seed file, without a database.

    Args:
        root: the project's folder.

    Raises:
        SeedRulesError: seeds/_seeds.yml cannot be used.
    """
    rules = read_rules(root)
    files = {rule.name: read_file(root, rule) for rule in rules}
    return _judged(files, _undeclared(root, rules))


def check_contents(rules: Iterable[SeedRule], contents: Mapping[str, bytes]) -> CheckedSeeds:
    """The same for files that are not on the disk: content by name of the seed."""
    return _judged({rule.name: read_bytes(rule, contents[rule.name]) for rule in rules}, ())


def read_all(root: Path) -> dict[str, SeedFile]:
    """All files as far as they can be read."""
    return {rule.name: read_file(root, rule) for rule in read_rules(root)}


def require_sound(root: Path) -> None:
    """Refuse to go on with seed files that have errors.

    Raises:
        SeedsRefusedError: with the first of them, each with its line.
    """
    errors = check_files(root).errors
    if errors:
        lines = [one_line(finding) for finding in errors[:_LISTED]]
        if len(errors) > _LISTED:
            lines.append(f"… and {len(errors) - _LISTED} more")
        raise SeedsRefusedError(count=counted(len(errors), "errors"), findings="\n".join(lines))


def one_line(finding: SeedFinding) -> str:
    """A finding as compilers write it: file, line, column, value, message, rule, fix."""
    place = finding.file + (f":{finding.line}" if finding.line else "") + (f": {finding.column}" if finding.column else "")
    value = f" {finding.value!r}:" if finding.value is not None else ""
    return _visible(f"{place}:{value} {finding.message} [{finding.rule}] Fix: {finding.fix}")


def _visible(text: str) -> str:
    """What would break the line or write over the terminal, as its number."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def in_order(findings: Iterable[SeedFinding]) -> tuple[SeedFinding, ...]:
    """Errors first, then by file and line."""
    return tuple(sorted(findings, key=lambda finding: (finding.severity is Severity.WARNING, finding.file, finding.line or 0)))


def _judged(files: Mapping[str, SeedFile], others: Iterable[SeedFinding]) -> CheckedSeeds:
    for file in files.values():
        check_lines(file)
    check_references(files)
    for file in files.values():
        file.close()
    findings = in_order([*(finding for file in files.values() for finding in file.findings), *others])
    ok = all(finding.severity is Severity.WARNING for finding in findings)
    return CheckedSeeds(ok, len(files), sum(len(file.lines) for file in files.values()), findings, (NOT_ASKED,))


def _undeclared(root: Path, rules: Iterable[SeedRule]) -> Iterable[SeedFinding]:
    """Files beside the known ones: a copy that a spreadsheet made would become a table of its own."""
    known = {rule.file for rule in rules}
    for path in sorted((root / FOLDER).rglob("*")):
        name = os.fsencode(path.relative_to(root)).decode("utf-8", "backslashreplace")  # old archives write names in any encoding
        if not path.is_file() or name in known or path.suffix.lower() not in (".csv", ".tsv", ".xls", ".xlsx", ".ods"):
            continue
        message = "no seed is described with this name: dbt would make a table of it, and nothing would read it"
        problem = Problem("unknown_file", message, "delete or rename it, or describe it in seeds/_seeds.yml.")
        yield SeedFinding(name, None, None, None, problem.rule, problem.message, problem.fix)
