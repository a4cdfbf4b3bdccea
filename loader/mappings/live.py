"""`edu2lms mappings check --database`: ids that do not exist in edu or lms, and lines that no row uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import psycopg
from psycopg import sql

from loader import queries
from loader.config import Settings
from loader.connection import Connection, connected
from loader.errors import NotRunError
from loader.mappings.check import check_files, in_order, read_all
from loader.mappings.coverage import read_coverage
from loader.mappings.files import SeedFile
from loader.mappings.results import CheckedSeeds, Problem, SeedFinding, Severity
from loader.mappings.rules import ColumnRule
from loader.mappings.tables import nearest_of

_FOR_LATER = "seeds/academic_terms.csv"  # terms to come are no mistake, and a wrong one shows in term_mapping.csv
_SCHEMAS = {"edu": "edu_fdw", "lms": "public"}
NO_MODELS = "Whether any row uses a line was not looked up: nothing has been run yet (`edu2lms run`, a dry run will do)."
NO_EDU = "Ids of edu were not looked up: the lms server cannot reach edu (`edu2lms check` says why)."


def check_against_databases(settings: Settings, root: Path) -> CheckedSeeds:
    """Check every seed file, and look up in the databases what can only be known there.

    Args:
        settings: where lms is; edu is asked through its foreign tables.
        root: the project's folder.

    Raises:
        ConnectError: lms cannot be reached.
        SeedRulesError: seeds/_seeds.yml cannot be used.
    """
    offline, files = check_files(root), read_all(root)
    findings, notes = list(offline.findings), []
    with connected(settings, "lms", settings.lms) as lms:
        try:
            for file in files.values():
                findings += _unknown(lms, file, offline)
        except (psycopg.errors.FdwError, psycopg.errors.SqlclientUnableToEstablishSqlconnection, psycopg.errors.UndefinedTable):
            notes.append(NO_EDU)
        try:
            findings += _unused(lms, files)
        except NotRunError:
            notes.append(NO_MODELS)
    ok = all(finding.severity is Severity.WARNING for finding in findings)
    return replace(offline, ok=ok, findings=in_order(findings), notes=tuple(notes))


def _unknown(lms: Connection, file: SeedFile, offline: CheckedSeeds) -> Iterable[SeedFinding]:
    named = {(finding.file, finding.line, finding.column) for finding in offline.findings}
    for column in file.rule.columns:
        if not column.refers_to:
            continue
        lines = [
            (line.number, value)
            for line in file.lines
            if (value := line.values.get(column.name, ""))
            and value != column.also
            and "\x00" not in value  # PostgreSQL has no such character
            and (file.rule.file, line.number, column.name) not in named  # what is wrong with it has been said
        ]
        known = _known(lms, column.refers_to, [value for _, value in lines])
        for number, value in lines:
            if value not in known:
                problem = _missing(lms, column, value)
                place = (file.rule.file, number, column.name, value)
                yield SeedFinding(*place, problem.rule, problem.message, problem.fix, problem.severity)


def _known(lms: Connection, target: tuple[str, str, str], values: list[str]) -> set[str]:
    database, table, column = target
    if not values:
        return set()
    statement = sql.SQL(queries.read("mappings/known_values")).format(
        table=sql.Identifier(_SCHEMAS[database], table), column=sql.Identifier(column)
    )
    return {known for (known,) in lms.execute(statement, {"values": sorted(set(values))})}


def _missing(lms: Connection, column: ColumnRule, value: str) -> Problem:
    database, table, name = column.refers_to or ("", "", "")
    near = nearest_of(value, _known(lms, (database, table, name), _zero_padded(value)))
    if column.must_exist:
        fix = near or f"take it from {database} again, or delete the line: it decides nothing."
        return Problem("unknown_id", f"there is no such {table}.{name} in {database}", fix)
    message = f"there is no such {table}.{name} in {database} yet: one is made, unless create_missing_courses is false"
    return Problem("unknown_id", message, near or "leave it if that is meant.", Severity.WARNING)


def _zero_padded(value: str) -> list[str]:
    """Forms that the value may have had before a spreadsheet took its zeros away."""
    letters, digits = value.rstrip("0123456789"), value[len(value.rstrip("0123456789")) :]
    return [f"{letters}{digits.zfill(width)}" for width in range(len(digits) + 1, len(digits) + 8)]


def _unused(lms: Connection, files: Mapping[str, SeedFile]) -> Iterable[SeedFinding]:
    for line in read_coverage(lms, files).lines:
        if line.rows or line.default or line.file == _FOR_LATER:
            continue
        value = " ".join(line.key.values())
        message = (
            f"no row uses the line: nothing of edu or lms is {', '.join(f'{name} {held}' for name, held in line.key.items())}"
        )
        fix = "look for a typing error; if the line is for later, leave it: this is only a warning."
        column = list(line.key)[-1]
        yield SeedFinding(line.file, line.line, column, value, "unused_line", message, fix, Severity.WARNING)
