"""How many rows each line of a mapping file decides, and which values no line decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from loader import queries
from loader.config import Settings
from loader.connection import Connection, connected
from loader.errors import NotRunError
from loader.mappings.check import read_all
from loader.mappings.files import SeedFile
from loader.mappings.results import Coverage, LineCoverage
from loader.mappings.rules import Decides
from loader.plan import row, rows

MODELS = (
    "int_sections_scoped",
    "int_terms_mapped",
    "int_plan_subjects_mapped",
    "int_subjects_mapped",
    "int_courses_classified",
    "int_offering_candidates_scored",
    "int_course_offerings_matched",
    "int_course_offerings_classified",
    "stg_edu__exam_attempts",
)
_DEFAULT = "*"


@dataclass(frozen=True, slots=True)
class Demand:
    """A value of edu (or an offering of lms) that a mapping file is asked about.

    Attributes:
        key: values of the file's key columns; an empty one where edu has none.
        rows: rows in scope that ask.
        all_rows: all rows that do.
        unit: what is counted.
        row: everything that the query says.
    """

    key: tuple[str, ...]
    rows: int
    all_rows: int
    unit: str
    row: Mapping[str, Any]


def coverage(settings: Settings, root: Path) -> Coverage:
    """Read from the databases, as the last run left them, what each line of the files decides.

    Args:
        settings: where lms is.
        root: the project's folder.

    Raises:
        NotRunError: nothing has been run yet.
    """
    with connected(settings, "lms", settings.lms) as lms:
        return read_coverage(lms, read_all(root))


def require_models(lms: Connection) -> None:
    """Raises NotRunError when a run has not built what the questions need."""
    if missing := row(lms, "mappings/built", names=list(MODELS)):
        raise NotRunError(relation=missing["missing"], where="lms")


def demands(lms: Connection, file: SeedFile) -> list[Demand]:
    """What the databases ask of a file; empty for a file that maps nothing."""
    rule = file.rule
    own = f"mappings/demand_{rule.name}"
    if rule.decides is not None:
        asked = _of_dictionaries(lms, rule.key[0], rule.decides)
    elif (resources("loader") / "sql" / f"{own}.sql").is_file():
        asked = rows(lms, own)
    else:
        asked = []
    return [
        Demand(tuple(found[column] or "" for column in rule.key), found["row_count"], found["all_rows"], found["unit"], found)
        for found in asked
    ]


def _of_dictionaries(lms: Connection, key: str, decides: Decides) -> list[dict[str, Any]]:
    query = sql.SQL(queries.read("mappings/demand_of_dictionaries")).format(
        key=sql.Identifier(key),
        model=sql.Identifier("migration", decides.model),
        is_in_scope=sql.Identifier(decides.where),
        unit=decides.unit,
    )
    with lms.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query).fetchall()


def read_coverage(lms: Connection, files: Mapping[str, SeedFile]) -> Coverage:
    """The same on an open connection, for files that have been read."""
    require_models(lms)
    lines: list[LineCoverage] = []
    unmapped: list[LineCoverage] = []
    asked: dict[str, list[Demand]] = {}
    for name, file in files.items():
        asked[name] = found = demands(lms, file)
        if found:
            _match(file, found, lines, unmapped)
    _terms(files, asked.get("term_mapping", []), lines)
    return Coverage(tuple(lines), tuple(unmapped))


def _match(file: SeedFile, found: list[Demand], lines: list[LineCoverage], unmapped: list[LineCoverage]) -> None:
    rule, unit = file.rule, found[0].unit
    by_key = {demand.key: demand for demand in found}
    held = {line.key(rule.key) for line in file.lines}
    has_default = (_DEFAULT,) in held
    rest = [demand for demand in found if demand.key not in held]
    for line in file.lines:
        key = line.key(rule.key)
        named = dict(zip(rule.key, key, strict=True))
        if key == (_DEFAULT,):
            lines.append(LineCoverage(rule.file, line.number, named, sum(demand.all_rows for demand in rest), unit, default=True))
        else:
            number = by_key[key].all_rows if key in by_key else 0
            lines.append(LineCoverage(rule.file, line.number, named, number, unit))
    for demand in rest:
        if demand.rows and all(demand.key) and is_needed(rule.name, demand):
            named = dict(zip(rule.key, demand.key, strict=True))
            unmapped.append(LineCoverage(rule.file, None, named, demand.rows, unit, default=has_default))


def is_needed(seed: str, demand: Demand) -> bool:
    """Does the value want a line of its own? Most subjects have a course by their id."""
    if seed == "course_mapping":
        found = demand.row
        return bool(found["is_ambiguous"] or found["has_no_course"] or not found["has_subject"])
    return True


def _terms(files: Mapping[str, SeedFile], asked: list[Demand], lines: list[LineCoverage]) -> None:
    """A term decides the rows of the lines of term_mapping.csv that lead to it."""
    if not {"term_mapping", "academic_terms"} <= set(files):
        return
    mapping, terms = files["term_mapping"], files["academic_terms"]
    leads = {line.key(mapping.rule.key): line.key(("academic_year", "term_type")) for line in mapping.lines}
    decided: dict[tuple[str, ...], int] = {}
    for demand in asked:
        if demand.key in leads:
            decided[leads[demand.key]] = decided.get(leads[demand.key], 0) + demand.all_rows
    for line in terms.lines:
        key = line.key(terms.rule.key)
        named = dict(zip(terms.rule.key, key, strict=True))
        lines.append(LineCoverage(terms.rule.file, line.number, named, decided.get(key, 0), "sections"))
