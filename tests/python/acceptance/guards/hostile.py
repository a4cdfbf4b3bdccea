"""dbt projects that try to hurt the live tables, and what came of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from databases import ROOT, content
from dbt.cli.main import dbtRunner
from psycopg.conninfo import conninfo_to_dict

from loader.guard import read_facts

# The schema of a model is what it asks for, here: no protection at all.
_ANY_SCHEMA = "{% macro generate_schema_name(wanted, node) %}{{ wanted or target.schema }}{% endmacro %}"
_GUARD = 'on-run-start: "{{ guard_start() }}"\non-run-end: "{{ guard_end() }}"\n'
GUARDS_MESSAGE = "The definitions of live tables changed while dbt was at work"


@dataclass(frozen=True)
class State:
    """What may not change: definitions and rows."""

    facts: tuple[str, ...] = field(repr=False)
    rows: dict[str, tuple[int, str]] = field(repr=False)

    @classmethod
    def of(cls, lms: str) -> State:
        """The state of a database, seen by its administrator; empty where tables have gone."""
        with psycopg.connect(lms, autocommit=True) as connection:
            facts = read_facts(connection, lock_timeout=5)
        return cls(facts, content(lms))


@dataclass(frozen=True)
class Outcome:
    """What dbt said of a project, and what it did."""

    succeeded: bool
    nodes_succeeded: bool
    said: dict[str, str] = field(repr=False)
    before: State
    after: State

    @property
    def changed_facts(self) -> set[str]:
        """Facts that are not the same, in both directions."""
        return set(self.before.facts) ^ set(self.after.facts)

    @property
    def changed_tables(self) -> set[str]:
        """Tables whose rows are not the same."""
        names = {*self.before.rows, *self.after.rows}
        return {name for name in names if self.before.rows.get(name) != self.after.rows.get(name)}

    @property
    def noticed(self) -> bool:
        """Whether the guard of dbt rang."""
        return any(GUARDS_MESSAGE in text for text in self.said.values())

    @property
    def messages(self) -> str:
        """All that dbt said of failures, on one line each."""
        return "\n".join(" ".join(text.split()) for text in self.said.values() if text)


def write_project(folder: Path, lms: str, files: Mapping[str, str], *, schema: str = "public", own_macros: bool = False) -> None:
    """Write a project that builds in the application's schema with the rights of a connection string.

    Args:
        folder: where. What dbt has parsed there before is parsed once only, as long as `lms` is the same.
        lms: of the role whose rights it uses.
        files: its files by path, SQL or YAML.
        schema: of the profile.
        own_macros: use this repository's macros as they are; else only its guard, and every schema that a model asks for.
    """
    for part in ("models", "seeds", "snapshots", "macros"):
        shutil.rmtree(folder / part, ignore_errors=True)
    macros = folder / "macros"
    if own_macros:
        shutil.copytree(ROOT / "macros", macros)
    else:
        macros.mkdir(parents=True)
        shutil.copyfile(ROOT / "macros" / "guard.sql", macros / "guard.sql")
        (macros / "any_schema.sql").write_text(_ANY_SCHEMA)
    project = "name: hostile\nprofile: hostile\nflags:\n  send_anonymous_usage_stats: false\n"
    (folder / "dbt_project.yml").write_text(project + files.get("dbt_project.yml", _GUARD))
    where = conninfo_to_dict(lms)
    lines = {"type": "postgres", "threads": 1, "schema": schema, "user": where["user"], "password": where.get("password", "")}
    lines |= {"host": where["host"], "port": int(where["port"]), "dbname": where["dbname"]}
    profile = "".join(f"      {name}: {json.dumps(value)}\n" for name, value in lines.items())
    (folder / "profiles.yml").write_text(f"hostile:\n  target: it\n  outputs:\n    it:\n{profile}")
    for name, text in files.items():
        if name != "dbt_project.yml":
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def attack(folder: Path, admin: str, command: tuple[str, ...], before: State) -> Outcome:
    """Run dbt on a project for real, in this process.

    Args:
        folder: of the project.
        admin: connection string of a role that sees everything.
        command: dbt's command and its options.
        before: the state of the database.
    """
    folders = {"project-dir": folder, "profiles-dir": folder, "target-path": folder / "target", "log-path": folder / "logs"}
    options = [text for name, path in folders.items() for text in (f"--{name}", str(path))]
    errors: list[str] = []

    def hear(event: Any) -> None:
        if event.info.level == "error":
            errors.append(event.info.msg)

    quick = ("--quiet", "--no-use-colors", "--no-write-json")
    done = dbtRunner(callbacks=[hear]).invoke([*quick, *command, *options])
    found: Any = done.result
    results = [entry for entry in getattr(found, "results", None) or [] if hasattr(entry, "node")]
    said = {str(entry.node.name): str(entry.message or "") for entry in results}
    said["log"] = "\n".join(errors)
    nodes = [entry for entry in results if entry.node.resource_type != "operation"]
    fine = all(str(entry.status) in ("success", "pass") for entry in nodes) if nodes else done.success
    return Outcome(done.success, fine, said, before, State.of(admin))
