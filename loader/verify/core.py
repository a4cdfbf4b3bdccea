"""The comparison itself, on one connection and in its open transaction: it reads one snapshot and writes work tables only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from loader import queries
from loader.connection import Connection
from loader.verify import seeds
from loader.verify.entities import CHECKS, GROUND, KINDS, NOT_COMPARED, OWN, OWN_CHECKS, REFERENCES, SEEDS, SOURCES, WITHDRAWAL
from loader.verify.results import Difference, DifferenceCount, Drift, EntityVerification, VerificationVerdict

BLOCK_SIZE = 50_000
FIRST = 20

_SETTINGS = (
    "set local enable_nestloop = off",
    "set local jit = off",
    "set local work_mem = '256MB'",
    # enough to tell large tables from small ones, which is all that hash joins need
    "set local default_statistics_target = 10",
    # in this style the publication took the hashes of the rows as it left them
    "set local time zone 'UTC'",
    "set local datestyle = 'ISO, YMD'",
    "set local extra_float_digits = 1",
    "set local intervalstyle = 'iso_8601'",
)


@dataclass(slots=True)
class Tally:
    """The differences of one entity so far: all of them counted, the first ones kept."""

    first_wanted: int
    counts: dict[tuple[str, str | None, bool], int] = field(default_factory=dict)
    first: list[Difference] = field(default_factory=list)

    def add(self, counts: list[DifferenceCount], first: list[Difference]) -> None:
        """Take over what one block or check has found."""
        for count in counts:
            key = (count.what, count.label, count.is_excused)
            self.counts[key] = self.counts.get(key, 0) + count.n
        self.first = (self.first + first)[: self.first_wanted]

    def total(self, *, excused: bool) -> int:
        """Number of the differences that count, or of those that do not."""
        return sum(n for (_, _, is_excused), n in self.counts.items() if is_excused == excused)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the comparison is. `upper` is the highest legacy id that is done."""

    entity: str
    block: int
    blocks: int
    upper: int | None


class Verification:
    """One verification. The caller opens the transaction and ends it; nothing of it stays.

    Args:
        connection: of a role that may read edu_fdw, public, ledger, staging and migration.
        seed_folder: the CSV files.
        block_size: legacy ids in one block.
        first: how many differences of each entity are kept.
        allow_edits: differences of rows that the application has edited or deleted do not count.
    """

    def __init__(
        self,
        connection: Connection,
        seed_folder: Path,
        *,
        block_size: int = BLOCK_SIZE,
        first: int = FIRST,
        allow_edits: bool = False,
    ) -> None:
        self.connection = connection
        self.seeds = seeds.seed_tables(seed_folder, SEEDS)
        self.block_size = block_size
        self.first = first
        self.allow_edits = allow_edits
        self.batch: str | None = None
        self.drift: tuple[Drift, ...] = ()
        self._is_partial = False
        self._time_zone = "UTC"
        self._has_conflicts = False
        self._columns: dict[str, tuple[str, ...]] = {}

    # ── before the entities ────────────────────────────────────────────────────────────────────────────────────────────────

    def begin(self) -> None:
        """Make all work tables, empty."""
        # by this clock the run took "today"
        ((self._time_zone,),) = self.connection.execute("select current_setting('TimeZone')").fetchall()
        for setting in _SETTINGS:
            self.connection.execute(setting)
        self._has_conflicts = self._has("migration", "conflicts", "conflict")
        for function in ("parse_date_function", "computed_id_function"):
            self.connection.execute(_read(function))
        for name, (header, _) in self.seeds.items():
            seeds.create(self.connection, name, header)
        for source, columns in SOURCES.items():
            self._create(f"raw_{source}", self._raw("edu_fdw", source, columns))
        for name in ("differing", "drifted"):
            self._create(name, _read(name))
        for name in (*GROUND, *(table for tables in OWN.values() for table in tables)):
            self._create(name, self._query(name))

    def seal(self) -> None:
        """Make the transaction read-only: from now on only the work tables can be written."""
        self.connection.execute("set transaction read only")

    def read(self, now: Callable[[str], None] = lambda _: None) -> None:
        """Read edu, and find out what has changed there since the load.

        Args:
            now: is told which table is being read.
        """
        for name, (_, lines) in self.seeds.items():
            seeds.fill(self.connection, name, lines)
        changed = []
        for source, columns in SOURCES.items():
            now(source)
            self._fill(f"raw_{source}", self._raw("edu_fdw", source, columns))
            drift = self._drift(source, columns)
            if drift:
                changed.append(drift)
            self.connection.execute(_compose("delete_duplicates", relation=sql.Identifier(f"raw_{source}")))
        self.drift = tuple(changed)

    def lay_ground(self) -> None:
        """Derive what several entities stand on: terms, sections, who migrates, logins."""
        for name in GROUND:
            self._fill(name, self._query(name))
        found = self.connection.execute("select last_batch_id, is_partial from settings").fetchone()
        if found:
            self.batch, self._is_partial = found

    # ── one entity ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def compare(
        self,
        entity: str,
        tally: Tally | None = None,
        *,
        after: int | None = None,
        on: Callable[[Place, Tally], None] = lambda *_: None,
    ) -> tuple[EntityVerification, tuple[Difference, ...]]:
        """Compare one entity.

        Args:
            entity: its name.
            tally: what an interrupted verification has found in it already.
            after: the highest legacy id that was done then.
            on: is told after each block where the comparison is and what it has found.

        Returns:
            The verdict, and the first differences.
        """
        tally = tally or Tally(self.first)
        for name in OWN[entity]:
            self._fill(name, self._query(name))
        bounds = [row[0] for row in self._rows("bounds", want=_want(entity), block_size=self.block_size)]
        hashes = self._hashes(entity, bounds)
        if not all(hashes.values()):
            ended = self.connection.execute(_compose("forget_ended", have=_have(entity), want=_want(entity)))
            hashes = self._hashes(entity, bounds) if ended.rowcount else hashes
        blocks = len(bounds) + 1
        for block in range(blocks):
            upper = bounds[block] - 1 if block < len(bounds) else None
            if after is not None and upper is not None and upper <= after:
                continue
            if not hashes.get(block, True):
                self._drill_down(entity, bounds, block, tally)
            on(Place(entity, block + 1, blocks, upper), tally)
        for check in self._checks(entity):
            ((n,),) = self._rows("check_finds", query=check)
            if n:
                self.connection.execute(_compose("fill", table=sql.Identifier("differing"), query=check))
        self._harvest(entity, tally)
        return self._result(entity, tally, blocks), tuple(tally.first)

    def _drill_down(self, entity: str, bounds: list[int], block: int, tally: Tally) -> None:
        columns = self._compared(entity)
        query = _compose(
            "drill_down",
            entity=entity,
            want=_want(entity),
            have=_have(entity),
            bounds=_bounds(bounds),
            block=block,
            counts=self._counts(entity),
            want_columns=_listed(columns, "want"),
            have_columns=_listed(columns, "have"),
        )
        found = self.connection.execute(_compose("fill", table=sql.Identifier("differing"), query=query)).rowcount
        if not found:
            # Rows that stand there twice on one side: a fault of the derivation, and never a match.
            tally.add([DifferenceCount("the hashes of a block differ, and no row does", None, False, 1)], [])
        self._harvest(entity, tally)

    def _harvest(self, entity: str, tally: Tally) -> None:
        """Label what was found, count it, and make room for the next block."""
        there = self.connection.execute("select exists (select 1 from differing)").fetchone()
        if not there or not there[0]:
            return
        self._label(entity)
        with self.connection.cursor(row_factory=dict_row) as cursor:
            counts = [DifferenceCount(**row) for row in cursor.execute(_compose("found_counts", entity=entity))]
            first = [Difference(**row) for row in cursor.execute(_compose("found", entity=entity, first=self.first))]
        tally.add(counts, first)
        self.connection.execute("delete from differing")

    def _label(self, entity: str) -> None:
        live = sql.Identifier("public", entity)
        found = self.connection.execute("select columns from ledger.content_columns where entity = %s", (entity,)).fetchone()
        if found:
            columns = _listed(tuple(found[0]), "live")
            self.connection.execute(
                _compose("label_edited", entities=_kinds(entity), live=live, columns=columns, allow_edits=self.allow_edits)
            )
        self.connection.execute(_compose("label_deleted", entity=entity, allow_edits=self.allow_edits))
        if self._has_conflicts:
            self.connection.execute(_compose("label_conflict", entity=entity, allow_edits=self.allow_edits))
        if self.drift:
            self.connection.execute(_compose("label_drifted", entity=entity))

    def _result(self, entity: str, tally: Tally, blocks: int) -> EntityVerification:
        ((rejected, not_yet),) = self._rows("left_behind", entity=entity, want=_want(entity), counts=self._counts(entity))
        ((inserted, folded, matched, withdrawn),) = self._rows("kinds", entity=entity)
        ((application,),) = self._rows("application", entity=entity, live=sql.Identifier("public", entity))
        ((in_scope,),) = self.connection.execute(sql.SQL("select count(*) from {}").format(_want(entity))).fetchall()
        differences, why = tally.total(excused=False), []
        if differences:
            why += [
                f"{what}: {n:,}{f' ({label})' if label else ''}"
                for (what, label, excused), n in tally.counts.items()
                if not excused
            ]
        if not_yet:
            why.append(f"not published yet: {not_yet:,} (the last batch was a small one)")
        verdict = VerificationVerdict.MATCH
        if differences:
            verdict = VerificationVerdict.MISMATCH
        elif not_yet:
            verdict = VerificationVerdict.CANNOT_TELL
        return EntityVerification(
            entity=entity,
            verdict=verdict,
            why=tuple(why),
            in_scope=in_scope,
            matched=matched,
            inserted=inserted,
            folded=folded,
            withdrawn=withdrawn,
            rejected=rejected,
            not_yet=not_yet,
            application=application,
            blocks=blocks,
            differences=differences,
            excused=tally.total(excused=True),
            counts=tuple(DifferenceCount(what, label, excused, n) for (what, label, excused), n in tally.counts.items()),
        )

    # ── statements ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _checks(self, entity: str) -> Iterator[sql.Composable]:
        live = sql.Identifier("public", entity)
        for check in CHECKS:
            yield _compose(f"check_{check}", entity=entity, entities=_kinds(entity), live=live, want=_want(entity))
        for check in OWN_CHECKS.get(entity, ()):
            yield sql.SQL(queries.read(f"verify/check_{check}"))
        if entity in WITHDRAWAL:
            column, value = WITHDRAWAL[entity]
            yield _compose(
                "check_withdrawn",
                entity=entity,
                column_name=column,
                column=sql.Identifier(column),
                value=value,
                live=live,
                want=_want(entity),
            )
        for column, parent in REFERENCES.get(entity, ()):
            yield _compose(
                "check_orphans",
                entity=entity,
                what=f"{column} names no row of {parent}",
                column_name=column,
                column=sql.Identifier(column),
                child=live,
                parent=sql.Identifier("public", parent),
            )

    def _hashes(self, entity: str, bounds: list[int]) -> dict[int, bool]:
        """Block → whether both sides are equal."""
        found = self._rows(
            "block_hashes",
            want=_want(entity),
            have=_have(entity),
            bounds=_bounds(bounds),
            columns=_listed(self._compared(entity)),
            counts=self._counts(entity),
        )
        return {block: is_equal for block, _, _, is_equal in found}

    def _counts(self, entity: str) -> sql.Composable:
        """The condition on a wanted row to be there: plain where nothing may be left behind."""
        if not self._is_partial:
            one = "select 1 from rejected where entity = %s limit 1"
            if not self.connection.execute(one, (entity,)).fetchone():
                return sql.SQL("true")
        return _compose("counts", entity=entity, is_partial=self._is_partial)

    def _compared(self, entity: str) -> tuple[str, ...]:
        """The columns that are compared: those of the derivation that are no keys."""
        if entity not in self._columns:
            cursor = self.connection.execute(sql.SQL("select * from {} limit 0").format(_want(entity)))
            names = [column.name for column in cursor.description or ()]
            self._columns[entity] = tuple(name for name in names if name not in NOT_COMPARED)
        return self._columns[entity]

    def _drift(self, source: str, columns: tuple[str, ...]) -> Drift | None:
        raw, staging = sql.Identifier(f"raw_{source}"), sql.Identifier("staging", source)
        ((now, now_hash),) = self._rows("fingerprint", columns=_listed(columns), relation=raw)
        ((loaded, loaded_hash),) = self._rows("fingerprint", columns=_listed(columns), relation=staging)
        if (now, now_hash) == (loaded, loaded_hash):
            return None
        query = _compose(
            "drift",
            source=source,
            raw=raw,
            staging=staging,
            columns=_listed(columns),
            now_columns=_listed(columns, "now"),
            staged_columns=_listed(columns, "staged"),
        )
        changed = self.connection.execute(_compose("fill", table=sql.Identifier("drifted"), query=query)).rowcount
        return Drift(source, loaded, now, changed)

    def _query(self, name: str) -> sql.Composable:
        if name == "batches":
            return _compose("batches", time_zone=self._time_zone)
        if name == "rejected":
            known = self._has("migration", "rejected_rows", "reason")
            none = "(select null::text as entity, null::bigint as legacy_id, null::text as reason where false) as none"
            return _compose("rejected", rejected_rows=sql.SQL("migration.rejected_rows" if known else none))
        return _read(name)

    def _has(self, schema: str, table: str, column: str) -> bool:
        statement = (
            "select exists (select 1 from pg_attribute where attrelid = to_regclass(%s) and attname = %s and not attisdropped)"
        )
        found = self.connection.execute(statement, (f"{schema}.{table}", column)).fetchone()
        return bool(found and found[0])

    def _raw(self, schema: str, source: str, columns: tuple[str, ...]) -> sql.Composable:
        return _compose("raw", columns=_listed(columns), relation=sql.Identifier(schema, source))

    def _create(self, name: str, query: sql.Composable) -> None:
        self.connection.execute(_compose("create", table=sql.Identifier(name), query=query))

    def _fill(self, name: str, query: sql.Composable) -> None:
        self.connection.execute(_compose("fill", table=sql.Identifier(name), query=query))
        self.connection.execute(sql.SQL("analyze {}").format(sql.Identifier(name)))

    def _rows(self, name: str, **values: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(_compose(name, **values)).fetchall()


def _read(name: str) -> sql.SQL:
    return sql.SQL(queries.read(f"verify/{name}"))


def _compose(name: str, **values: Any) -> sql.Composed:
    """A statement with its values; what is no piece of SQL becomes a literal."""
    parts = {key: value if isinstance(value, sql.Composable) else sql.Literal(value) for key, value in values.items()}
    return _read(name).format(**parts)


def _want(entity: str) -> sql.Identifier:
    return sql.Identifier(f"want_{entity}")


def _have(entity: str) -> sql.Identifier:
    return sql.Identifier(f"have_{entity}")


def _kinds(entity: str) -> sql.Composable:
    return sql.SQL("{}::text[]").format(sql.Literal(list(KINDS[entity])))


def _bounds(bounds: list[int]) -> sql.Composable:
    return sql.SQL("{}::bigint[]").format(sql.Literal(bounds))


def _listed(columns: tuple[str, ...], table: str | None = None) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(table, column) if table else sql.Identifier(column) for column in columns)
