"""`edu2lms load`: brings schema staging to one snapshot of edu, in one transaction, and proves that it is that snapshot.

The first time, and with `full`, the tables are copied whole (`transfer`), and the checksums that lms computes from its copy equal
those that edu computed in its snapshot, or nothing is loaded. Afterwards, where both sides can tell which row
versions have been written since (`row_versions`), only those are looked at, and the proof covers what they brought. Where one
of them cannot, because the copy has been edited by hand or edu is another server, edu and lms each compute block checksums, and
where they differ, the ids and hashes of the rows tell which rows to replace.

Rows that are replaced come from the very connection that holds edu's snapshot. That is also why a writer in edu cannot keep
a load from its end: what he wrote between the snapshots of the foreign tables, where these are used, and of the checksums is
repaired once, from the latter.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any

import psycopg
from psycopg import errors, sql
from psycopg.pq import TransactionStatus
from psycopg.types.json import Jsonb

from loader import queries
from loader.checksums import Blocks, Checksum, RowHashes, Side, block_count, differing, encoding, pin_settings, portions, together
from loader.config import Settings
from loader.connection import Connection, connected, one_line
from loader.console import Bar, Progress
from loader.differences import Difference
from loader.errors import (
    BusyError,
    ConnectError,
    Edu2lmsError,
    LoadFailedError,
    LoadNotProvenError,
    NotPreparedError,
    RemoteConnectError,
    SourceChangedError,
    UnknownTableError,
)
from loader.forward import Forward
from loader.locks import LOAD_OR_RUN, advisory_lock
from loader.plan import columns_of, differences, rows
from loader.planner_statistics import analyze
from loader.project import SourceTable
from loader.results import LoadedTable, LoadResult
from loader.row_versions import Moment, Versions, claimed, count, is_durable, moment, written
from loader.snapshot import Snapshot, open_side, snapshot
from loader.stream import SourceError, pour
from loader.transfer import ForeignTables, Stream, Told, Transfer, through

_LOCK_TIMEOUT = "60s"
_IDS_AT_A_TIME = 100_000
_WRITTEN = 0.02
"""When a larger share of a table's rows has been written in edu, copying all of them is faster."""
_MANY = 0.3
"""When a larger share of a table's rows is to be replaced, all of them are: that is faster, and leaves no dead rows."""
_CROWDED = 0.35
"""When a larger share of the blocks differs, finding the rows takes as long as copying all."""
_LARGE = 20_000
"""In tables with fewer rows they are found and counted, how many they are."""
_MOST_WRITTEN = 2_000_000
"""When more rows have been written, the table is copied whole: their ids and hashes would take too much memory."""
_ANALYZE = 0.1
"""New statistics when a larger share of the rows has changed."""


_BY_ID = sql.SQL("{id} = any({some}::bigint[])")


def new_id(at: datetime | None = None) -> str:
    """Identifier of a load or batch: UTC time and four random hex digits, `20250131T235959Z-0a1b`."""
    return f"{(at or datetime.now(UTC)):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def choose(tables: Sequence[SourceTable], wanted: Sequence[str]) -> tuple[SourceTable, ...]:
    """The wanted tables in declared order; all of them when none is named.

    Raises:
        UnknownTableError: a name is not declared.
    """
    known = [table.name for table in tables]
    if unknown := [name for name in wanted if name not in known]:
        raise UnknownTableError(names=", ".join(unknown), known=", ".join(known))
    return tuple(table for table in tables if not wanted or table.name in wanted)


def load(
    settings: Settings,
    tables: Sequence[SourceTable],
    *,
    wanted: Sequence[str] = (),
    full: bool = False,
    progress: Progress,
    locked: bool = False,
) -> LoadResult:
    """Bring the copies to one snapshot of edu.

    Args:
        settings: where and as whom.
        tables: the declared tables.
        wanted: names of the tables to load; all when empty. What is not loaded stays at the snapshot of its own last load.
        full: copy whole tables, whatever is there.
        progress: is told rows per table.
        locked: the caller holds the advisory lock already.

    Raises:
        SourceChangedError: a declared column has gone or has another type.
        NotPreparedError: `prepare` has not been run, or the declared list has changed since.
        LoadFailedError: a statement failed; the previous copy is untouched.
        LoadNotProvenError: something in lms alters rows as they are copied; the previous copy is untouched.
        ConnectError: edu went away; the previous copy is untouched.
        BusyError: another load or run is at work.
    """
    chosen = choose(tables, wanted)
    with ExitStack() as stack:
        lms = stack.enter_context(connected(settings, "lms", settings.lms))
        if not locked:
            stack.enter_context(advisory_lock(settings, lms, LOAD_OR_RUN))
        last = _last_loads(settings, lms)
        edu = stack.enter_context(connected(settings, "edu", settings.edu))
        estimates = _compare_with_edu(settings, edu, chosen, last)
        _require_foreign_tables(settings, chosen, lms)
        reader = None
        if settings.copy_through == "loader":
            reader = stack.enter_context(connected(settings, "edu", settings.edu))
        return _Load(settings, lms, edu, reader, chosen, progress, estimates, last, full=full).run()


def _last_loads(settings: Settings, lms: Connection) -> dict[str, dict[str, Any]]:
    ledger = columns_of(lms, "ledger", ["table_loads", "last_run"])
    for table, column in (("table_loads", "row_versions"), ("last_run", "inputs")):
        if column not in ledger.get(table, ()):
            what = f"ledger.{table}.{column}" if table in ledger else f"ledger.{table}"
            raise NotPreparedError(what=what, where=settings.where("lms"))
    return {found["table_name"]: found for found in rows(lms, "load_last")}


def _compare_with_edu(
    settings: Settings, edu: Connection, tables: Sequence[SourceTable], last: dict[str, dict[str, Any]]
) -> dict[str, int]:
    """Compare edu as it is now with the declared list; returns the expected rows per table."""
    names = [table.name for table in tables]
    found = differences(tables, columns_of(edu, "public", names))
    if found:
        changes = [f"{change}{_last_had(change, last)}" for change in found]
        raise SourceChangedError(where=settings.where("edu"), changes="\n".join(changes))
    estimates = {entry["table_name"]: entry["estimate"] for entry in rows(edu, "load_estimates", tables=names)}
    for name, entry in last.items():
        if estimates.get(name, -1) < 0 and name in estimates:
            estimates[name] = entry["row_count"]
    return {name: max(estimate, 0) for name, estimate in estimates.items()}


def _last_had(change: str, last: dict[str, dict[str, Any]]) -> str:
    table, _, column = change.partition(":")[0].partition(".")
    if table not in last:
        return " (never loaded before)"
    when, had = f"{last[table]['loaded_at']:%Y-%m-%d %H:%M}", last[table]["columns"].get(column)
    if not column:
        return f" (the last load, {when}, had {last[table]['row_count']} rows)"
    return f" (the last load, {when}, had {had})" if had else f" (the last load, {when}, did not have it)"


def _require_foreign_tables(settings: Settings, tables: Sequence[SourceTable], lms: Connection) -> None:
    found = columns_of(lms, "edu_fdw", [table.name for table in tables])
    for table in tables:
        if found.get(table.name) != {column.name: column.data_type for column in table.columns}:
            what = f"The foreign table edu_fdw.{table.name} with exactly the declared columns"
            raise NotPreparedError(what=what, where=settings.where("lms"))


@dataclass(slots=True)
class _Work:
    """One table on its way."""

    table: SourceTable
    existing: dict[str, str] | None
    whole: bool
    blocks: int = 1
    """Number of blocks."""
    own: Blocks = field(default_factory=dict)
    theirs: Blocks = field(default_factory=dict)
    difference: Difference = field(default_factory=Difference)
    last: Checksum = field(default_factory=Checksum)
    """Of the last load."""
    since: Versions | None = None
    """Which rows of edu have been written since the last load, where that can be told and the copy is what it left."""
    since_here: Versions | None = None
    """Which rows of the copy have been written since by others than loads."""
    rows: int = 0
    written: Future[RowHashes] | None = None
    """Rows in edu, and those that have been written since, where it is they that bring the copy forward."""
    edited: bool = False
    seconds: float = 0.0

    @property
    def wanted(self) -> dict[str, str]:
        return {column.name: column.data_type for column in self.table.columns}

    @contextmanager
    def timed(self) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.seconds += time.monotonic() - started


class _Load:
    """One load, in one transaction."""

    def __init__(
        self,
        settings: Settings,
        lms: Connection,
        edu: Connection,
        reader: Connection | None,
        tables: Sequence[SourceTable],
        progress: Progress,
        estimates: dict[str, int],
        last: dict[str, dict[str, Any]],
        *,
        full: bool,
    ) -> None:
        recode = encoding(edu) != encoding(lms)
        self.settings = settings
        self.lms = lms
        self.of_edu = [connection for connection in (edu, reader) if connection is not None]
        self.copy = Side(lms, "staging", recode=recode)
        self.source = open_side(edu, recode=recode)
        self.transfer: Transfer = ForeignTables(self.source, self.copy)
        if reader is not None:
            self.transfer = Stream(open_side(reader, recode=recode), self.copy)
        self.tables = tables
        self.progress = progress
        self.estimates = estimates
        self.last = last
        self.full = full
        self.moment = datetime.now(UTC)
        self.load_id = new_id(self.moment)
        self.at = tables[0].name

    def run(self) -> LoadResult:
        started = time.monotonic()
        pin_settings(self.lms, lock_timeout=_LOCK_TIMEOUT)
        try:
            with self.progress.bar("load", sum(self.estimates.values())) as bar, self.lms.transaction():
                done, stale = self._load(bar)
            analyze(self.settings, self.copy, stale)
        except psycopg.Error as error:
            raise self._explain(error) from None
        return LoadResult(
            load_id=self.load_id,
            loaded_at=self.moment.isoformat(timespec="seconds"),
            tables=tuple(done),
            rows=sum(table.rows for table in done),
            bytes=sum(table.bytes for table in done),
            seconds=round(time.monotonic() - started, 3),
            inserted=sum(table.inserted for table in done),
            changed=sum(table.changed for table in done),
            deleted=sum(table.deleted for table in done),
        )

    def _load(self, bar: Bar) -> tuple[list[LoadedTable], list[SourceTable]]:
        try:
            works = self._plan()
            with (
                self.transfer.hold(self.tables, self._now),
                snapshot(self.source, self.tables, now=self._now) as edu,
            ):
                self.transfer.see(edu, self.tables, self._now)
                here, there = moment(self.copy, self.tables), edu.ask(moment, edu.side, self.tables).result()
                for work in works:
                    self._believe(work, here, there)
                self._compare(works, edu, bar)
                self._bring_forward(works, edu)
                for work in works:
                    if work.own != work.theirs:
                        self.at = work.table.name
                        bar.now(f"{work.table.name}: changed rows")
                        self._repair(work, edu)
                # Where an earlier horizon is left, a later one is not waited for.
                wait = any(work.since is None and work.table.name in there.tables for work in works)
                there = there if edu.ask(is_durable, edu.side, there, wait=wait).result() else Moment({})
            here = moment(self.copy, self.tables) if any(work.whole for work in works) else here  # tables made anew
            stale = sorted(filter(_is_stale, works), key=lambda work: -together(work.theirs).rows)
            return [self._record(work, here, there) for work in works], [work.table for work in stale]
        except SourceError as error:
            raise self._explain_edu(error.error) from None
        except psycopg.Error as error:
            if self.lms.broken or self.lms.info.transaction_status == TransactionStatus.INERROR:
                raise
            raise self._explain_edu(error) from None

    def _now(self, name: str) -> None:
        self.at = name

    # ── the steps ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _plan(self) -> list[_Work]:
        """Keep everybody else from writing to the copies, and decide which tables to copy whole."""
        existing = columns_of(self.lms, "staging", [table.name for table in self.tables])
        works = []
        for table in self.tables:
            work = _Work(table, existing.get(table.name), self.full, block_count(self.estimates.get(table.name, 0)))
            if work.existing is None or list(work.existing.items()) != list(work.wanted.items()):
                work.whole = True
            if work.existing is not None:
                self.at = table.name
                lock = sql.SQL("lock table {} in share row exclusive mode").format(self.copy.relation(table))
                self.lms.execute(lock)
            works.append(work)
        return works

    def _believe(self, work: _Work, here: Moment, there: Moment) -> None:
        """Where both sides can tell what has been written since the last load, that is enough."""
        last, name = self.last.get(work.table.name), work.table.name
        if work.whole or last is None or not last["row_versions"] or last["columns"] != work.wanted:
            return
        kept = {side: Versions.from_json(versions) for side, versions in last["row_versions"].items()}
        if kept["edu"].since(there.tables.get(name)) and there.tables[name].has_key and kept["copy"].since(here.tables.get(name)):
            work.last, work.since, work.since_here = Checksum.parse(last["fingerprint"]), kept["edu"], kept["copy"]

    def _compare(self, works: list[_Work], edu: Snapshot, bar: Bar) -> None:
        """Row versions or checksums of both sides, at the same time; of tables to copy whole, after they have been copied."""
        counts = [edu.ask(count, edu.side, work.table, work.since) if work.since else None for work in works]
        for work in works:
            if work.since and work.since_here:
                self.at = work.table.name
                with work.timed():
                    if count(self.copy, work.table, work.since_here) != (work.last.rows, 0):
                        work.since = None  # somebody else has written into the copy
        for work, answer in zip(works, counts, strict=True):
            self.at = work.table.name
            if work.since and answer:
                with work.timed():
                    self._ask_for_written(work, work.since, edu, answer.result())
        blocks = [None if work.since else edu.ask(_whole if work.whole else _blocks, edu.side, work) for work in works]
        for work, checksums in zip(works, blocks, strict=True):
            self.at = work.table.name
            bar.now(work.table.name)
            with work.timed():
                if checksums:
                    self._compare_checksums(work, checksums, bar.reached)
            rows = work.rows if work.since else together(work.theirs).rows
            bar.advance(work.table.name, rows, expected=self.estimates.get(work.table.name, 0))

    def _ask_for_written(self, work: _Work, since: Versions, edu: Snapshot, counted: tuple[int, int]) -> None:
        rows, written_rows = counted
        work.rows = rows
        if rows > _LARGE and written_rows > min(_WRITTEN * rows, _MOST_WRITTEN):
            work.since, work.whole = None, True
        elif written_rows or rows != work.last.rows:
            work.written = edu.ask(written, edu.side, work.table, since)
        else:
            work.own = work.theirs = {0: work.last}

    def _compare_checksums(self, work: _Work, answer: Future[Blocks], told: Told) -> None:
        if work.whole:
            self._copy_whole(work, told)
            work.own = _whole(self.copy, work)
        else:
            work.own = _blocks(self.copy, work)
            work.edited = self._is_edited(work)
        work.theirs = answer.result()

    def _is_edited(self, work: _Work) -> bool:
        """Is the copy no longer what the last load left? Fingerprints of the first version were computed differently."""
        last = self.last.get(work.table.name)
        if last is None or last["mode"] is None or last["columns"] != work.wanted:
            return False
        return bool(last["fingerprint"] != together(work.own).fingerprint)

    def _copy_whole(self, work: _Work, told: Told = lambda _: None) -> None:
        staging = self.copy.relation(work.table)
        if work.existing is not None and list(work.existing.items()) == list(work.wanted.items()):
            self.lms.execute(sql.SQL("truncate {}").format(staging))
        else:
            # Our own table, and what hangs on it are dbt's staging views, which the next build makes again.
            self.lms.execute(sql.SQL("drop table if exists {} cascade").format(staging))
            definitions = sql.SQL(", ").join(
                sql.Identifier(column.name) + sql.SQL(" ") + sql.SQL(column.data_type) for column in work.table.columns
            )
            self.lms.execute(sql.SQL("create table {} ({})").format(staging, definitions))
        self.transfer.copy(work.table, told)

    def _bring_forward(self, works: list[_Work], edu: Snapshot) -> None:
        """Replace and remove rows of the tables that the row versions tell about."""
        forwards = []
        for work in works:
            if work.written:
                self.at = work.table.name
                with work.timed():
                    forward = Forward(self.copy, edu, work.table, work.last, work.rows)
                    forward.replace(work.written.result(), partial(self._fetch_ids, work, edu))
                    forwards.append((work, forward))
        for _, forward in forwards:
            forward.ask_what_is_gone()
        for work, forward in forwards:
            self.at = work.table.name
            with work.timed():
                if forward.remove():
                    work.difference, work.own = forward.difference, {0: forward.now}
                    work.theirs = work.own
                else:  # the blocks will say where it is not, and whether that can be repaired
                    answer = edu.ask(_blocks, edu.side, work)
                    work.own, work.theirs = _blocks(self.copy, work), answer.result()

    def _repair(self, work: _Work, edu: Snapshot) -> None:
        """Replace the rows that differ by those of the snapshot, and prove that nothing differs any more.

        Raises:
            LoadNotProvenError: something still does.
        """
        table = work.table
        with work.timed():
            if work.whole:  # somebody has written between the two snapshots of edu
                answer = edu.ask(_blocks, edu.side, work)
                work.own = _blocks(self.copy, work)
                work.theirs = answer.result()
            numbers, present = differing(work.own, work.theirs), work.theirs.keys() | work.own.keys()
            if not work.whole and len(numbers) > _CROWDED * len(present) and together(work.theirs).rows > _LARGE:
                work.whole = True
                self._copy_whole(work)
                work.own = _blocks(self.copy, work)
                numbers = differing(work.own, work.theirs)
            for portion in portions(numbers, work.theirs, work.own):
                rows_there = edu.ask(edu.side.rows, table, work.blocks, portion).result()
                work.difference += self.copy.difference(table, work.blocks, portion, rows_there)
            if work.difference.rows > _MANY * together(work.theirs).rows:
                numbers = sorted(present)
                self.lms.execute(sql.SQL("truncate {}").format(self.copy.relation(table)))
                self._fetch(work, edu, sql.SQL("true"))
            else:
                self._replace(work, edu)
            have = self.copy.blocks(table, work.blocks, numbers)
            want = {number: work.theirs[number] for number in numbers if number in work.theirs}
            wrong = differing(have, want)
        if wrong:
            detail = (
                f"{len(wrong)} of {len(numbers)} blocks differ; they hold {together(have).rows} rows in lms and "
                f"{together(want).rows} in edu"
            )
            raise LoadNotProvenError(table=table.name, where=self.settings.where("lms"), detail=detail)

    def _replace(self, work: _Work, edu: Snapshot) -> None:
        by_hash = sql.SQL("{id} is null and {row_hash} = any({some}::bigint[])")
        for condition, values in ((_BY_ID, work.difference.ids), (by_hash, work.difference.hashes)):
            for some in _batches(values):
                here, there = (side.condition(work.table, condition, some=some) for side in (self.copy, self.source))
                self.lms.execute(self.copy.fill("load_delete", work.table, condition=here))
                self._fetch(work, edu, there)

    def _fetch_ids(self, work: _Work, edu: Snapshot, ids: Sequence[int]) -> None:
        for some in _batches(ids):
            self._fetch(work, edu, self.source.condition(work.table, _BY_ID, some=some))

    def _fetch(self, work: _Work, edu: Snapshot, condition: sql.Composable) -> None:
        """Rows of the snapshot."""
        out, into = through(self.source, self.copy, work.table, condition)
        edu.ask(pour, self.source.connection, out, self.lms, into).result()

    def _row_versions(self, work: _Work, here: Moment, there: Moment) -> Jsonb | None:
        """From which transactions on rows will count as written since this load."""
        name = work.table.name
        copy, edu = here.tables.get(name), there.tables.get(name)
        if work.since and not edu:
            edu = work.since  # what was told from there on still holds
        if copy is None or edu is None:
            return None
        (own,) = self.lms.execute("select pg_current_xact_id()::text::bigint").fetchone() or (0,)  # it returns a row
        if work.since and work.since_here:
            earlier = [number for number in work.since_here.own if number >= copy.horizon]
        else:
            earlier = [] if work.whole else list(claimed(self.copy, work.table, copy).own)
        return Jsonb({"edu": edu.as_json(), "copy": replace(copy, own=tuple({*earlier, own})).as_json()})

    def _record(self, work: _Work, here: Moment, there: Moment) -> LoadedTable:
        table, checksum = work.table.name, together(work.theirs)
        mode = "full" if work.whole else "incremental"
        inserted = checksum.rows if work.whole else work.difference.inserted
        changed, deleted = (0, 0) if work.whole else (work.difference.changed, work.difference.deleted)
        values = {
            "load_id": self.load_id,
            "table_name": table,
            "relation": self.copy.relation(work.table).as_string(self.lms),
            "loaded_at": self.moment,
            "row_count": checksum.rows,
            "seconds": round(work.seconds, 3),
            "fingerprint": checksum.fingerprint,
            "columns": Jsonb(work.wanted),
            "mode": mode,
            "inserted": inserted,
            "changed": changed,
            "deleted": deleted,
            "row_versions": self._row_versions(work, here, there),
        }
        found = self.lms.execute(queries.read("load_ledger"), values).fetchone() or (0,)  # it returns a row
        return LoadedTable(
            table=table,
            rows=checksum.rows,
            bytes=found[0],
            seconds=round(work.seconds, 3),
            fingerprint=checksum.fingerprint,
            mode=mode,
            inserted=inserted,
            changed=changed,
            deleted=deleted,
            edited=work.edited,
        )

    # ── errors ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _explain(self, error: psycopg.Error) -> Edu2lmsError:
        reason = self.settings.mask(one_line(error))
        if error.sqlstate == "08001":
            return RemoteConnectError(where=self.settings.where("edu"), reason=reason)
        if isinstance(error, errors.LockNotAvailable):
            return BusyError(where=self.settings.where("lms"), holder=f" (staging.{self.at} is in use)")
        return LoadFailedError(table=self.at, where=f"lms ({self.settings.where('lms')})", reason=reason)

    def _explain_edu(self, error: psycopg.Error) -> Edu2lmsError:
        where, reason = self.settings.where("edu"), self.settings.mask(one_line(error))
        if any(connection.broken or connection.closed for connection in self.of_edu):
            fix = "start edu, and run `edu2lms load` again; nothing was loaded, the previous copy is untouched."
            return ConnectError(database="edu", where=where, user=self.settings.edu_user, reason=reason, fix=fix)
        return LoadFailedError(table=self.at, where=f"lms ({self.settings.where('lms')})", reason=f"edu ({where}) says: {reason}")


def _whole(side: Side, work: _Work) -> Blocks:
    """The table as one block."""
    return {0: side.total(work.table)}


def _blocks(side: Side, work: _Work) -> Blocks:
    return side.blocks(work.table, work.blocks)


def _is_stale(work: _Work) -> bool:
    """Are the planner's statistics of the copy out of date?"""
    return work.whole or work.difference.rows > _ANALYZE * together(work.theirs).rows


def _batches(values: Sequence[int]) -> Iterator[list[int]]:
    remaining = iter(values)
    while batch := list(islice(remaining, _IDS_AT_A_TIME)):
        yield batch
