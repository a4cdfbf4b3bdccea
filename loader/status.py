"""`edu2lms status`: the coverage table and the rejected rows, as the databases hold them."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from rich.table import Table

from loader.config import Settings
from loader.connection import Connection, connected, one_line
from loader.errors import NotRunError, RemoteConnectError
from loader.plan import row, rows
from loader.results import Conflict, EntityStatus, Rejected, StatusResult

_LAST_PROMISED = "assessment_submissions"


def status(settings: Settings) -> StatusResult:
    """Read the coverage table.

    Raises:
        NotRunError: no run has built it yet.
    """
    with connected(settings, "lms", settings.lms) as lms:
        _require(settings, lms, "migration_status")
        try:
            entities = tuple(EntityStatus(**found) for found in rows(lms, "report/status"))
        except psycopg.errors.SqlclientUnableToEstablishSqlconnection as error:
            # the legacy side is counted in edu itself
            raise RemoteConnectError(where=settings.where("edu"), reason=settings.mask(one_line(error))) from None
        batch = row(lms, "status_batch")
    return StatusResult(batch=batch["batch_id"] if batch else None, published=batch is not None, entities=entities)


def rejects(settings: Settings) -> tuple[Rejected, ...]:
    """Read the rejected rows.

    Raises:
        NotRunError: no run has built them yet.
    """
    with connected(settings, "lms", settings.lms) as lms:
        _require(settings, lms, "rejected_rows")
        return tuple(Rejected(**found) for found in rows(lms, "status_rejects"))


def conflicts(settings: Settings) -> tuple[Conflict, ...]:
    """Read the legacy changes that were not published, because the application decides about the row.

    Raises:
        NotRunError: no run has built them yet.
    """
    with connected(settings, "lms", settings.lms) as lms:
        _require(settings, lms, "conflicts")
        return tuple(Conflict(**found) for found in rows(lms, "status_conflicts"))


def refusals(settings: Settings) -> tuple[list[str], int]:
    """Why nothing was published: one sentence per entity and reason, and the largest number of rejects of one entity."""
    with connected(settings, "lms", settings.lms) as lms:
        if not _exists(lms, "rejected_rows"):
            return [], 0
        found = rows(lms, "refusals")
    per_entity: dict[str, int] = {}
    lines = []
    for entry in found:
        per_entity[entry["entity"]] = per_entity.get(entry["entity"], 0) + entry["n"]
        line = f"{entry['entity']}: {entry['n']:,} {entry['reason']}, for example legacy id {', '.join(entry['examples'])}"
        lines.append(line + (f". Repair: {entry['repair']}" if entry["repair"] else ""))
    return lines, max(per_entity.values(), default=0)


def _exists(lms: Connection, relation: str) -> bool:
    found = lms.execute("select to_regclass(%s) is not null", (f"migration.{relation}",)).fetchone()
    return bool(found and found[0])


def _require(settings: Settings, lms: Connection, relation: str) -> None:
    if not _exists(lms, relation):
        raise NotRunError(relation=relation, where=f"lms ({settings.where('lms')})")


def coverage_text(entity: EntityStatus) -> str:
    """Coverage in per cent; never rounded up to 100 %."""
    if entity.coverage is None:
        return "–"
    if entity.coverage >= 1:
        return "100 %"
    return f"{min(entity.coverage * 100, 99.9):.1f} %"


def coverage_table(result: StatusResult) -> Table:
    """The coverage table for people."""
    title = f"published, batch {result.batch}" if result.published else "nothing published yet"
    table = Table(title=f"Status ({title})", title_justify="left")
    table.add_column("entity")
    for heading in ("edu (in scope)", "lms before", "lms now", "folded", "rejected", "missing", "coverage"):
        table.add_column(heading, justify="right")
    for entity in result.entities:
        name = entity.entity if entity.source == entity.entity else f"{entity.source} → {entity.entity}"
        counts = (
            entity.in_scope,
            entity.target_before,
            entity.target_total,
            entity.folded,
            entity.rejected,
            entity.missing,
        )
        table.add_row(
            name,
            *(f"{count:,}" for count in counts),
            coverage_text(entity),
            end_section=entity.entity == _LAST_PROMISED,  # below stand the entities that support the promised ones
        )
    return table


def rejects_table(found: Sequence[Rejected]) -> Table:
    """The rejected rows for people."""
    table = Table(title=f"{len(found):,} rejected rows", title_justify="left")
    for heading in ("entity", "legacy id", "reason", "detail", "repair"):
        table.add_column(heading, overflow="fold")
    for reject in found:
        table.add_row(reject.entity, reject.legacy_id, reject.reason, reject.detail or "", reject.repair or "")
    return table


def conflicts_table(found: Sequence[Conflict]) -> Table:
    """The conflicts for people."""
    table = Table(title=f"{len(found):,} conflicts: the application decides", title_justify="left")
    for heading in ("entity", "legacy id", "live id", "conflict", "what happened", "what to do"):
        table.add_column(heading, overflow="fold")
    for entry in found:
        table.add_row(entry.entity, entry.legacy_id, entry.live_id, entry.conflict, entry.detail or "", entry.repair or "")
    return table
