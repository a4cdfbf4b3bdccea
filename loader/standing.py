"""Is everything still as the last run left it? Then the next one, asked the same, would build the same and write nothing.

What dbt builds follows from the raw copies, the live tables, its own tables, the ledger, the files of the project, the decisions
and the day. Files and decisions are compared by their hash; of the tables it is asked whether any row version has been written
since by anybody else (`row_versions`), and whether there are as many rows. Of the live tables that is asked from before dbt read
them, and the only writer that is allowed is the publication itself; so what the application wrote meanwhile counts as a change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from typing import Any

from psycopg import IsolationLevel
from psycopg.types.json import Jsonb

from loader import queries
from loader.checksums import Side
from loader.connection import Connection
from loader.plan import READ_TABLES, row, rows
from loader.project import Project, SourceTable
from loader.row_versions import Versions, claimed, count, moment

_LIVE = "public"
_PROGRAMS = ("edu2lms", "dbt-core", "dbt-postgres")
_FILES = ("dbt_project.yml", "profiles.example.yml")
_FOLDERS = {"models": "*", "macros": "*.sql", "seeds": "*", "tests": "*.sql"}


@dataclass(frozen=True, slots=True)
class Kept:
    """A table as it was: which row versions count as written since, and how many rows there were."""

    versions: Versions
    rows: int


Tables = dict[tuple[str, str], Kept]
"""By schema and name."""


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last run that went through to its end."""

    batch_id: str
    finished_at: datetime
    outcome: dict[str, Any]


def inputs(lms: Connection, project: Project, decisions: Mapping[str, Any]) -> str:
    """A hash over everything that a run is asked: files, decisions, versions of the programs, the day.

    Args:
        lms: says which day it is.
        project: the files.
        decisions: dbt's vars.
    """
    found = sha256()
    files = [project.root / name for name in _FILES]
    for folder, pattern in _FOLDERS.items():
        files += sorted(path for path in (project.root / folder).rglob(pattern) if path.is_file())
    for path in files:
        content = path.read_bytes()
        found.update(f"{path.relative_to(project.root)} {len(content)}\n".encode() + content)
    (day,) = lms.execute("select current_date::text").fetchone() or ("",)
    rest = {"decisions": dict(decisions), "day": day, "programs": {name: version(name) for name in _PROGRAMS}}
    found.update(json.dumps(rest, sort_keys=True, default=str).encode())
    return found.hexdigest()


def look(lms: Connection) -> Tables:
    """The live tables, before dbt reads them."""
    lms.isolation_level, lms.read_only = IsolationLevel.REPEATABLE_READ, True
    try:
        with lms.transaction():
            return _look(lms, {_LIVE: list(READ_TABLES)})
    finally:
        lms.isolation_level, lms.read_only = None, None


def keep(lms: Connection, batch_id: str, asked: str, live: Tables, outcome: Mapping[str, Any]) -> None:
    """Remember a run that went through to its end.

    Args:
        lms: a connection in autocommit.
        batch_id: the run.
        asked: its `inputs`.
        live: the live tables before it, from `look`.
        outcome: what is to be told of it later.
    """
    own = tuple(found["transaction"] for found in rows(lms, "standing_own", batch=batch_id))
    inserted = {(_LIVE, found["table_name"]): found["inserted"] for found in rows(lms, "standing_inserted", batch=batch_id)}
    tables = {
        name: Kept(replace(kept.versions, own=(*kept.versions.own, *own)), kept.rows + inserted.get(name, 0))
        for name, kept in live.items()
    }
    with lms.transaction():
        lms.execute("set transaction isolation level repeatable read")
        tables |= _look(lms, _built(lms))
        values = {
            "batch_id": batch_id,
            "inputs": asked,
            "definitions": _definitions(lms),
            "tables": Jsonb([[*name, kept.versions.as_json(), kept.rows] for name, kept in tables.items()]),
            "outcome": Jsonb(dict(outcome)),
        }
        lms.execute(queries.read("standing_keep"), values)


def unchanged_since(lms: Connection, asked: str) -> LastRun | None:
    """The last run, if it was asked the same and nobody has written anything since.

    Args:
        lms: a connection in autocommit.
        asked: `inputs` of now.
    """
    last = row(lms, "standing_last")
    if last is None or last["inputs"] != asked or last["definitions"] != _definitions(lms):
        return None
    kept = {(schema, name): Kept(Versions.from_json(versions), found) for schema, name, versions, found in last["tables"]}
    wanted: dict[str, list[str]] = {}
    for schema, name in kept:
        wanted.setdefault(schema, []).append(name)
    with lms.transaction():
        lms.execute("set transaction isolation level repeatable read read only")
        if {schema: sorted(names) for schema, names in wanted.items()} != _names(lms):
            return None
        for schema, names in wanted.items():
            side = Side(lms, schema, recode=False)
            now = moment(side, _as_tables(names), guarded=True).tables
            for name in names:
                before = kept[schema, name]
                if not before.versions.since(now.get(name)):
                    return None
                if count(side, SourceTable(name, ()), before.versions) != (before.rows, 0):
                    return None
    return LastRun(last["batch_id"], last["finished_at"], last["outcome"])


def _names(lms: Connection) -> dict[str, list[str]]:
    return {schema: sorted(names) for schema, names in ({_LIVE: list(READ_TABLES)} | _built(lms)).items()}


def _built(lms: Connection) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for found in rows(lms, "standing_tables"):
        result.setdefault(found["schema_name"], []).append(found["table_name"])
    return result


def _look(lms: Connection, schemas: Mapping[str, Sequence[str]]) -> Tables:
    result: Tables = {}
    for schema, names in schemas.items():
        side = Side(lms, schema, recode=False)
        # Whose rows a policy hides is part of the definitions, and the guard has made sure that the role sees every row.
        for name, versions in moment(side, _as_tables(names), guarded=True).tables.items():
            table = SourceTable(name, ())
            found, written = count(side, table, versions)
            # somebody's older transaction may hold the horizon back behind what we have built ourselves
            result[schema, name] = Kept(claimed(side, table, versions) if written else versions, found)
    return result


def _as_tables(names: Sequence[str]) -> list[SourceTable]:
    return [SourceTable(name, ()) for name in names]


def _definitions(lms: Connection) -> str:
    (found,) = lms.execute(queries.read("standing_definitions")).fetchone() or ("",)
    return str(found)
