"""`edu2lms fallback publish`: from one snapshot of lms to one transaction in edu; and the comparison at any later time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import IsolationLevel, errors, sql

from loader import queries
from loader.checksums import pin_settings
from loader.config import Settings
from loader.connection import Connection, connected, one_line
from loader.console import Progress
from loader.errors import (
    FallbackDiffersError,
    FallbackFailedError,
    ForeignSchemaError,
    NoFallbackError,
    NothingPublishedError,
)
from loader.fallback.build import ABOUT, MARK, NEW, OLD, SCHEMA, Builder
from loader.fallback.catalog import LOGS, Shape, collation_of, columns_of, read_shapes, security_note
from loader.fallback.proof import Proof
from loader.fallback.relations import NAMES, Source
from loader.fallback.results import FallbackRelation, FallbackResult, FallbackVerification
from loader.fallback.role import ensure_role, prove_login, prove_rights
from loader.guard import refuse_hidden_rows
from loader.locks import FALLBACK, advisory_lock
from loader.plan import row
from loader.project import Project

_DROP_TIMEOUT = "200ms"
"""Below the server's deadlock_timeout: whoever reads the old relations is never the one who is thrown out."""
_DROP_PAUSE = 0.5


def publish(settings: Settings, project: Project, *, dry_run: bool, progress: Progress) -> FallbackResult:
    """Install the fallback in edu, or replace it as a whole.

    Everything happens in one transaction of edu; until its end, and if it fails, the previous fallback answers.

    Args:
        settings: where and as whom.
        project: dbt_project.yml has the time zone, seeds/ the statuses.
        dry_run: do everything, prove it, and roll it back.
        progress: is told each relation.

    Raises:
        MissingSettingError: EDU_ADMIN_USER is not set.
        NothingPublishedError: there is nothing in lms yet that could be published.
        ForeignSchemaError: edu has a schema of this name that is somebody else's.
        FallbackDiffersError: what was built is not equal to lms.
        FallbackRightsError: the role could do more than read it.
        FallbackFailedError: a statement failed.
        FallbackLoginError: it is published, but the role cannot use it.
        BusyError: another one is being published.
    """
    started, admin = time.monotonic(), settings.edu_admin
    with _snapshot(settings) as lms, connected(settings, "edu", admin) as edu, _busy(settings, edu):
        head = _head(settings, lms)
        pin_settings(edu, lock_timeout=f"{settings.lock_timeout:g}s")
        edu.execute("set client_min_messages = warning")
        notes: list[str] = []
        publication = _Publication(settings, project, lms, edu, head, notes, progress)
        with _explained(settings):
            for schema in (SCHEMA, NEW, OLD):
                _refuse_foreign(settings, edu, schema)
            if not dry_run and not _drop_old(settings, edu):
                reason = f"somebody still reads the relations of schema {OLD}, which an earlier publication has replaced"
                fix = "end that transaction (pg_stat_activity in edu), then run `edu2lms fallback publish` again."
                raise FallbackFailedError(where=settings.where("edu"), reason=reason, fix=fix)
            edu.isolation_level = IsolationLevel.REPEATABLE_READ
            with edu.transaction(force_rollback=dry_run):
                relations = publication.build()
            if not dry_run and not _drop_old(settings, edu):
                notes.append(f"Somebody still reads the previous relations: schema {OLD} stays until the next publication.")
    if not dry_run:
        prove_login(settings, head["batch_id"])
    return FallbackResult(
        dry_run=dry_run,
        batch=head["batch_id"],
        published_at=publication.published_at.isoformat(),
        role=settings.fallback_user,
        crosswalk_rows=head["crosswalk_rows"],
        relations=relations,
        notes=tuple(notes),
        seconds=round(time.monotonic() - started, 3),
    )


def verify(settings: Settings) -> FallbackVerification:
    """Compare the fallback with lms as both are now. Changes nothing.

    Raises:
        NoFallbackError: there is none.
        NothingPublishedError: lms holds nothing any more that could be compared.
    """
    started = time.monotonic()
    with _snapshot(settings) as lms, connected(settings, "edu", settings.edu_admin) as edu:
        _head(settings, lms)
        pin_settings(edu, lock_timeout=f"{settings.lock_timeout:g}s")
        if not _is_ours(edu, SCHEMA):
            raise NoFallbackError(where=settings.where("edu"))
        edu.isolation_level, edu.read_only = IsolationLevel.REPEATABLE_READ, True
        with edu.transaction():
            batch, published_at = edu.execute(queries.read("fallback/publication")).fetchone() or ("", datetime.now(UTC))
            proof = Proof(lms, edu, SCHEMA)
            differences = tuple(proof.compare(shape)[1] for shape in read_shapes(settings, lms, edu))
    return FallbackVerification(
        equal=not any(difference.total for difference in differences),
        batch=batch,
        published_at=published_at.isoformat(),
        relations=differences,
        seconds=round(time.monotonic() - started, 3),
    )


class _Publication:
    """One publication, inside its transaction."""

    def __init__(
        self,
        settings: Settings,
        project: Project,
        lms: Connection,
        edu: Connection,
        head: dict[str, Any],
        notes: list[str],
        progress: Progress,
    ) -> None:
        self.settings, self.project, self.lms, self.edu = settings, project, lms, edu
        self.head, self.notes, self.progress = head, notes, progress
        self.published_at = datetime.now(UTC)

    def build(self) -> tuple[FallbackRelation, ...]:
        settings, edu = self.settings, self.edu
        ensure_role(settings, edu)
        collation, note = collation_of(self.lms, edu)
        self.notes += [said for said in (note, security_note(settings, self.lms)) if said]
        shapes = read_shapes(settings, self.lms, edu)
        time_zone = self.project.variable("time_zone")
        builder = Builder(self.lms, edu, role=settings.fallback_user, time_zone=time_zone, collation=collation)
        builder.begin(self.project.root)
        built = [self._relation(builder, shape) for shape in shapes]
        builder.views(shapes)
        logs = columns_of(self.lms, LOGS)
        for name, columns in logs.items():
            builder.empty(name, columns)
        relations = self._proven(shapes, built)
        self._about(builder, shapes, relations)
        self.notes += prove_rights(settings, edu, (*NAMES, *logs))
        if _is_ours(edu, SCHEMA) and not _is_ours(edu, OLD):  # which only a dry run meets
            self._rename(SCHEMA, OLD)
        if not _is_ours(edu, SCHEMA):
            self._rename(NEW, SCHEMA)
        return relations

    def _relation(self, builder: Builder, shape: Shape) -> tuple[int, int, float]:
        started = time.monotonic()
        number, following = builder.relation(shape)
        if shape.relation.live_columns and not shape.is_live:
            self.notes.append(
                f"{shape.name} does not follow edu: edu.{shape.relation.legacy} has no unique index on id, so its rows could "
                "not be looked up. It stands as published."
            )
        seconds = time.monotonic() - started
        self.progress.line(f"fallback: {shape.name}: {number:,} rows, {seconds:.2f} s")
        return number, following, seconds

    def _proven(self, shapes: tuple[Shape, ...], built: list[tuple[int, int, float]]) -> tuple[FallbackRelation, ...]:
        proof, relations, differences = Proof(self.lms, self.edu, NEW), [], []
        for shape, (number, following, seconds) in zip(shapes, built, strict=True):
            started = time.monotonic()
            checksum, difference = proof.compare(shape)
            if difference.total or checksum.rows != number:
                differences.append(str(difference))
            count = sql.SQL("select count(*) from {}").format(sql.Identifier("public", shape.name))
            ((in_lms,),) = self.lms.execute(count).fetchall()
            relations.append(
                FallbackRelation(
                    relation=shape.name,
                    rows=number,
                    rows_in_lms=in_lms,
                    coverage=round(number / in_lms, 6) if in_lms else 1.0,
                    following=following,
                    columns=len(shape.columns),
                    columns_without_source=tuple(shape.from_source(Source.NONE)),
                    fingerprint=checksum.fingerprint,
                    seconds=round(seconds + time.monotonic() - started, 3),
                )
            )
        if differences:
            raise FallbackDiffersError(where=self.settings.where("edu"), differences="\n".join(differences))
        self.progress.line("fallback: every relation is equal to lms, row by row and column by column")
        return tuple(relations)

    def _about(self, builder: Builder, shapes: tuple[Shape, ...], relations: tuple[FallbackRelation, ...]) -> None:
        builder.run("about", role=sql.Identifier(self.settings.fallback_user))
        self._insert("publication", [(self.published_at, self.head["batch_id"], self.head["crosswalk_rows"])])
        self._insert(
            "coverage",
            [
                (
                    *(entry.relation, entry.rows_in_lms, entry.rows, entry.following),
                    *(list(entry.columns_without_source), shape.from_source(Source.LMS)),
                )
                for entry, shape in zip(relations, shapes, strict=True)
            ],
        )
        self._insert(
            "column_sources",
            [
                (shape.name, place, column.name, column.data_type, column.origin.source.value, column.origin.legacy)
                for shape in shapes
                for place, column in enumerate(shape.columns, 1)
            ],
        )

    def _insert(self, name: str, lines: list[tuple[Any, ...]]) -> None:
        assert name in ABOUT, name  # noqa: S101  (what the role may read is listed there)
        places = sql.SQL(", ").join(sql.Placeholder() * len(lines[0]))
        statement = sql.SQL("insert into {} values ({})").format(sql.Identifier(NEW, name), places)
        with self.edu.cursor() as cursor:
            cursor.executemany(statement, lines)

    def _rename(self, schema: str, name: str) -> None:
        parts = {"new": sql.Identifier(schema), "current": sql.Identifier(name)}
        self.edu.execute(sql.SQL(queries.read("fallback/swap")).format(**parts))


# ── around it ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _snapshot(settings: Settings) -> Iterator[Connection]:
    """Lms as it is at one moment, with every row."""
    with connected(settings, "lms", settings.lms) as lms:
        refuse_hidden_rows(settings, lms)
        pin_settings(lms, lock_timeout=f"{settings.lock_timeout:g}s")
        lms.isolation_level, lms.read_only = IsolationLevel.REPEATABLE_READ, True
        with lms.transaction():
            yield lms


@contextmanager
def _busy(settings: Settings, edu: Connection) -> Iterator[None]:
    with advisory_lock(settings, edu, FALLBACK, database="edu"):
        yield


@contextmanager
def _explained(settings: Settings) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        fix = "run `edu2lms check`; when the cause is gone, run `edu2lms fallback publish` again."
        if isinstance(error, errors.InsufficientPrivilege):
            fix = "let a role that may make schemas in edu and read its tables act as EDU_ADMIN_USER, best the owner of edu."
        elif isinstance(error, errors.LockNotAvailable):
            fix = "somebody alters a table of edu; run `edu2lms fallback publish` again when that transaction is over."
        reason = settings.mask(one_line(error))
        raise FallbackFailedError(where=settings.where("edu"), reason=reason, fix=fix) from None


def _head(settings: Settings, lms: Connection) -> dict[str, Any]:
    try:
        with lms.transaction():
            found = row(lms, "fallback/lms_published") or {}
    except (errors.UndefinedTable, errors.InvalidSchemaName):
        found = {}
    if not found.get("batch_id"):
        raise NothingPublishedError(where=settings.where("lms"))
    return found


def _is_ours(edu: Connection, schema: str) -> bool:
    found = row(edu, "fallback/schema_comment", schema=schema)
    return bool(found) and str((found or {})["comment"]) == MARK


def _refuse_foreign(settings: Settings, edu: Connection, schema: str) -> None:
    if row(edu, "fallback/schema_comment", schema=schema) and not _is_ours(edu, schema):
        raise ForeignSchemaError(schema=schema, where=settings.where("edu"))


def _drop_old(settings: Settings, edu: Connection) -> bool:
    """Drop the replaced relations when nobody reads them any more; returns whether they are gone."""
    edu.isolation_level = None
    statement = sql.SQL(queries.read("fallback/drop_old")).format(old=sql.Identifier(OLD))
    for attempt in range(settings.lock_attempts):
        if attempt:
            time.sleep(_DROP_PAUSE)
        try:
            with edu.transaction():
                edu.execute("select set_config('lock_timeout', %s, true)", (_DROP_TIMEOUT,))
                edu.execute(statement)
            return True
        except (errors.LockNotAvailable, errors.DeadlockDetected):
            continue
    return False
