"""The performance indexes: `indexes.yml`, what of it is missing, and the statements that make it without blocking a writer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from psycopg import sql

from loader.connection import Connection
from loader.plan import Statement, Step, rows

_LONGEST_NAME = 63
_PLAIN = re.compile(r"USING \w+ \(\w+(, \w+)*\)")


@dataclass(frozen=True, slots=True)
class Index:
    """One wanted index.

    Attributes:
        name: its name.
        table: the application's table, or one of ours.
        columns: what the table must have.
        definition: as `pg_get_indexdef` spells it after the table's name.
        serves: what the application asks, in words.
        query: the same as SQL, which runs on any lms.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    definition: str
    serves: str
    query: str

    def create(self, *, name: str | None = None, relation: str | None = None, how: str = "concurrently") -> Statement:
        """`create index`; how: `concurrently`, `only` (a partitioned table, without its partitions), or nothing."""
        return sql.SQL("create index {}{} on {}{} {}").format(
            sql.SQL("concurrently " if how == "concurrently" else ""),
            sql.Identifier(name or self.name),
            sql.SQL("only " if how == "only" else ""),
            sql.Identifier("public", relation or self.table),
            sql.SQL(self.definition),
        )


@cache
def wanted() -> tuple[Index, ...]:
    """The list of `indexes.yml`."""
    entries = yaml.safe_load((files("loader") / "audit" / "indexes.yml").read_text(encoding="utf-8"))
    return tuple(Index(**{**entry, "columns": tuple(entry["columns"])}) for entry in entries)


def of_table(table: str) -> tuple[Index, ...]:
    """The wanted indexes of one table."""
    return tuple(index for index in wanted() if index.table == table)


def drop(name: str) -> Statement:
    """What an interrupted build leaves behind costs every write and serves nothing."""
    return sql.SQL("drop index concurrently {}").format(sql.Identifier("public", name))


@dataclass
class Found:
    """The indexes of some tables, from the catalogs. Some definitions are read only when needed: reading them waits for locks."""

    admin: Connection
    entries: list[dict[str, Any]]

    @classmethod
    def read(cls, admin: Connection, tables: Iterable[str]) -> Found:
        """Indexes of the tables and of their partitions."""
        entries = rows(admin, "audit/read/indexes", tables=list(tables))
        return cls(admin, [{**entry, "is_plain": entry["definition"] is not None} for entry in entries])

    def named(self, name: str) -> dict[str, Any] | None:
        """The index of this name."""
        return next((entry for entry in self.entries if entry["index_name"] == name), None)

    def alike(self, index: Index, relation: str) -> list[dict[str, Any]]:
        """Valid indexes of a relation that do the same, whatever they are called."""
        plain = _PLAIN.fullmatch(index.definition) is not None
        return [
            entry
            for entry in self.entries
            if entry["table_name"] == relation
            and entry["is_valid"]
            and entry["is_plain"] == plain
            and self._definition(entry) == index.definition
        ]

    def _definition(self, entry: dict[str, Any]) -> str:
        if entry["definition"] is None:
            (found,) = rows(self.admin, "audit/read/index_definition", oid=entry["oid"])
            entry["definition"] = re.sub(r"^CREATE (UNIQUE )?INDEX .+? ON (ONLY )?\S+ ", "", found["definition"])
        return str(entry["definition"])


def plan_indexes(
    admin: Connection, columns: dict[str, dict[str, str]], partitions: dict[str, Sequence[str]], skipped: Iterable[str]
) -> tuple[list[Step], list[str]]:
    """The indexes that are missing.

    Args:
        admin: a connection as LMS_ADMIN_USER.
        columns: columns of the tables that lms has.
        partitions: partitions of the tables that are partitioned.
        skipped: tables that get theirs when they are made.

    Returns:
        Steps, and notes about what is left out.
    """
    skipped = set(skipped)
    found = Found.read(admin, {index.table for index in wanted()})
    steps: list[Step] = []
    notes: list[str] = []
    for index in wanted():
        if index.table in skipped:
            continue
        if absent := [name for name in index.columns if name not in columns.get(index.table, {})]:
            what = f"column {absent[0]} of {index.table}" if index.table in columns else f"table {index.table}"
            notes.append(f"index {index.name} is left out: lms has no {what}")
            continue
        if index.table in partitions:
            steps += _partitioned(index, found, partitions[index.table])
        else:
            steps += _plain(index, found)
    return [*steps, *_statistics(steps)], notes


def _plain(index: Index, found: Found) -> Iterator[Step]:
    mine = found.named(index.name)
    if mine is not None and mine["is_valid"] and mine["table_name"] == index.table:
        return
    if found.alike(index, index.table):
        return
    if mine is None:
        yield _build(f"lms: index {index.name}", index.table, index.create())
    elif mine["table_name"] == index.table:
        yield _build(f"lms: index {index.name} was invalid, is built again", index.table, drop(index.name), index.create())


def _partitioned(index: Index, found: Found, partitions: Sequence[str]) -> Iterator[Step]:
    """CONCURRENTLY does not work on a partitioned table: an empty shell, an index for each partition, and these joined to it."""
    shell = found.named(index.name)
    if shell is not None and shell["is_valid"]:
        return
    if shell is None:
        create = index.create(how="only")
        yield Step(f"lms: index {index.name}", "lms_admin", (create,), live_table=index.table)
    for partition in partitions:
        alike = found.alike(index, partition)
        if any(entry["parent"] == index.name for entry in alike):
            continue
        free = next((entry for entry in alike if entry["parent"] is None), None)
        name = free["index_name"] if free else partition_index(index, partition)
        if free is None:
            create = index.create(name=name, relation=partition)
            left = found.named(name)
            statements = (drop(name), create) if left is not None else (create,)
            yield _build(f"lms: index {index.name} of {partition}", partition, *statements)
        attach = sql.SQL("alter index {} attach partition {}").format(
            sql.Identifier("public", index.name), sql.Identifier("public", name)
        )
        yield Step(f"lms: index {index.name} takes in that of {partition}", "lms_admin", (attach,), live_table=partition)


def partition_index(index: Index, partition: str) -> str:
    """Name of the index of a partition."""
    return f"{partition}_{index.name.removeprefix(f'idx_{index.table}_')}_idx"[:_LONGEST_NAME]


def _build(name: str, table: str, *statements: Statement) -> Step:
    return Step(name, "lms_admin", statements, live_table=table, builds_index=True)


def _statistics(steps: Sequence[Step]) -> list[Step]:
    """An index on an expression is not used before the expression's values have been counted."""
    tables = dict.fromkeys(step.live_table for step in steps if step.live_table is not None)
    if not tables:
        return []
    names = sql.SQL(", ").join(sql.Identifier("public", table) for table in tables)
    analyze = sql.SQL("analyze {}").format(names)
    return [Step("lms: statistics of the indexed tables", "lms_admin", (analyze,), builds_index=True)]
