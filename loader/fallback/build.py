"""Makes the schema: copies of what cannot be derived in edu, indexes on them, and the views that the application reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from loader import queries
from loader.connection import Connection, one_line
from loader.errors import FallbackPolicyError
from loader.fallback.calls import CALLS, signature
from loader.fallback.catalog import Column, Shape
from loader.fallback.relations import Beginning, Source
from loader.plan import rows

SCHEMA, NEW, OLD = "lms_compat", "lms_compat_new", "lms_compat_old"
MARK = "edu2lms fallback: made by `edu2lms fallback publish`, which replaces it as a whole"
STATUSES = Path("seeds/submission_status_mapping.csv")

# Relations about the fallback itself; the role may read them, too.
ABOUT = ("publication", "coverage", "column_sources")

_CHUNK = 1 << 20


class Builder:
    """Builds the schema `lms_compat_new` inside the caller's transaction."""

    def __init__(self, lms: Connection, edu: Connection, *, role: str, time_zone: str, collation: sql.SQL | None) -> None:
        """Take both connections, inside their transactions.

        Args:
            lms: in a snapshot; only read.
            edu: as the owner of the new schema.
            role: reads what is offered.
            time_zone: of the wall-clock dates in edu.
            collation: in which texts are ordered; None: edu's own.
        """
        self.lms, self.edu = lms, edu
        self.role, self.time_zone, self.collation = sql.Identifier(role), time_zone, collation

    def begin(self, root: Path) -> None:
        """Make the schema with what all relations need."""
        self.run("create_schema", mark=sql.Literal(MARK), role=self.role)
        self.run("refuse_write")
        for name in CALLS:
            arguments, result = signature(name)
            self.run("refuse_call", name=sql.Identifier(name), arguments=arguments, result=result, role=self.role)
        self.run("submission_statuses")
        with (root / STATUSES).open(encoding="utf-8") as lines, self.edu.cursor() as cursor:
            statement = sql.SQL(queries.read("fallback/copy_statuses")).format(schema=sql.Identifier(NEW))
            with cursor.copy(statement) as copy:
                while chunk := lines.read(_CHUNK):
                    copy.write(chunk)

    def relation(self, shape: Shape) -> tuple[int, int]:
        """Copy what is published of one relation; its view comes later.

        Returns:
            Its rows, and those of them that follow edu.
        """
        columns = sql.SQL(", ").join(self._definition(column) for column in shape.columns)
        published = sql.Identifier(f"published_{shape.name}")
        self.run("incoming", columns=columns)
        self._copy(shape)
        self.run("published", published=published, columns=columns)
        self.run(
            "keep",
            published=published,
            columns=_listed(shape.columns),
            follows=self._follows(shape),
            derived=self._derived(shape),
        )
        self.run("primary_key", published=published)
        for index in shape.relation.indexes:
            parts = [part.column if isinstance(part, Beginning) else part for part in index]
            if all(any(column.name == wanted for column in shape.columns) for wanted in parts):
                self.run("index", published=published, columns=sql.SQL(", ").join(map(_indexed, index)))
        self.run("analyze", published=published)
        counted = sql.SQL(queries.read("fallback/count")).format(schema=sql.Identifier(NEW), published=published)
        ((number, following),) = self.edu.execute(counted).fetchall()
        return number, following

    def views(self, shapes: Sequence[Shape]) -> None:
        """Make the views, each after those that its row-level security looks at.

        Raises:
            FallbackPolicyError: the row-level security of a table means nothing in edu.
        """
        waiting = list(shapes)
        while waiting:
            failed: list[Shape] = []
            reasons: list[str] = []
            for shape in waiting:
                try:
                    with self.edu.transaction():
                        self._view(shape)
                except psycopg.Error as error:
                    if shape.condition is None:
                        raise
                    failed.append(shape)
                    reasons.append(one_line(error))
            if len(failed) == len(waiting):
                raise FallbackPolicyError(table=failed[0].name, reason=reasons[0])
            waiting = failed
        self._refuse_strangers(shapes)

    def _refuse_strangers(self, shapes: Sequence[Shape]) -> None:
        """Policies are text of lms: what they name must not be some table of edu by chance."""
        known = {f"public.{shape.relation.legacy}" for shape in shapes}
        for found in rows(self.edu, "fallback/foreign_dependencies", schema=NEW):
            if found["used"] not in known:
                raise FallbackPolicyError(table=found["view_name"], reason=f"it looks at {found['used']}")

    def _view(self, shape: Shape) -> None:
        self.run(
            "view",
            name=sql.Identifier(shape.name),
            every=sql.Identifier(f"all_{shape.name}"),
            published=sql.Identifier(f"published_{shape.name}"),
            columns=self._shown(shape),
            derived=self._derived(shape),
            condition=sql.SQL(shape.condition or "true"),
        )
        self.offer(shape.name)

    def empty(self, name: str, columns: Sequence[Column]) -> None:
        """Offer a table of lms without rows."""
        nulls = sql.SQL(", ").join(
            sql.SQL("null::{} as {}").format(column.type_sql, sql.Identifier(column.name)) for column in columns
        )
        self.run("empty", name=sql.Identifier(name), columns=nulls)
        self.offer(name)

    def offer(self, name: str) -> None:
        """Let the role read a relation, and say to everybody who writes it that it is read-only."""
        self.run("offer", name=sql.Identifier(name), role=self.role)

    def run(self, query: str, **parts: sql.Composable) -> None:
        """One statement of `loader/sql/fallback`."""
        self.edu.execute(sql.SQL(queries.read(f"fallback/{query}")).format(schema=sql.Identifier(NEW), **parts))

    def _copy(self, shape: Shape) -> None:
        out = sql.SQL("copy ({}) to stdout").format(shape.select())
        with (
            self.lms.cursor() as reader,
            self.edu.cursor() as writer,
            reader.copy(out) as source,
            writer.copy("copy pg_temp.incoming from stdin") as target,
        ):
            for block in source:
                target.write(block)

    def _definition(self, column: Column) -> sql.Composable:
        return sql.SQL("{} {}{}").format(sql.Identifier(column.name), column.type_sql, self._collate(column))

    def _collate(self, column: Column) -> sql.Composable:
        textual = column.is_text and column.data_type.partition("(")[0] in ("text", "character varying", "character")
        return sql.SQL(" collate {}").format(self.collation) if self.collation and textual else sql.SQL("")

    def _derived(self, shape: Shape) -> sql.Composable:
        """The join to the legacy row."""
        if not shape.live_columns:
            return sql.SQL("")
        legacy = sql.SQL(queries.read(f"fallback/live_{shape.name}")).format(
            schema=sql.Identifier(NEW), time_zone=sql.Literal(self.time_zone)
        )
        return sql.SQL("left join lateral (\n{}\n) as derived on published.follows").format(legacy)

    @staticmethod
    def _follows(shape: Shape) -> sql.Composable:
        """Whether what edu says now is what has been published; else the published value stays."""
        if not shape.live_columns:
            return sql.SQL("false")
        pairs = (
            sql.SQL("derived.{0}::{1} is not distinct from published.{0}").format(sql.Identifier(column.name), column.type_sql)
            for column in shape.live_columns
        )
        return sql.SQL("published.follows and coalesce(derived.is_there, false) and {}").format(sql.SQL(" and ").join(pairs))

    def _shown(self, shape: Shape) -> sql.Composable:
        live = {column.name for column in shape.live_columns}
        parts = []
        for column in shape.columns:
            name = sql.Identifier(column.name)
            if column.origin.source is Source.NONE:
                parts.append(sql.SQL("null::{}{} as {}").format(column.type_sql, self._collate(column), name))
            elif column.name in live:
                text = "(case when derived.is_there then derived.{0} else published.{0} end)::{1}{2} as {0}"
                parts.append(sql.SQL(text).format(name, column.type_sql, self._collate(column)))
            else:
                parts.append(sql.SQL("published.{}").format(name))
        return sql.SQL(",\n    ").join(parts)


def _indexed(part: str | Beginning) -> sql.Composable:
    if isinstance(part, Beginning):
        return sql.SQL("left({}, 100)").format(sql.Identifier(part.column))
    return sql.Identifier(part)


def _listed(columns: Sequence[Column]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier("published", column.name) for column in columns)
