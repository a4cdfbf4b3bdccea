"""A load copies what has changed and nothing else, and its proof holds: edu and the copies, row by row."""

from __future__ import annotations

import itertools
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from demo_servers import DemoServers
from hypothesis import HealthCheck, given, settings, strategies
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus

import loader.load as module
import loader.snapshot
from loader.checksums import Side
from loader.config import Settings
from loader.console import Progress
from loader.demo.demo import Pair
from loader.drift import drift
from loader.errors import ConnectError, LoadFailedError, LoadNotProvenError, NotPreparedError
from loader.load import load
from loader.prepare import prepare
from loader.project import SourceColumn, SourceTable
from loader.results import LoadedTable, LoadResult
from loader.row_versions import is_durable, moment
from loader.snapshot import open_side
from loader.stream import form, pour
from loader.transfer import ForeignTables, Stream, through

QUIET = Progress(quiet=True)
NOTES = {
    "id": "bigint",
    "body": "text",
    "mark": "numeric",
    "active": "smallint",
    "update_date": "timestamp with time zone",
}
HOSTILE = (
    "",
    " ",
    'O\'Neill \\ "quoted"',
    "a|b,c(d)\t\n\r\\N",
    "Ə İ ş ı – \ufeff",
    "👩\u200d👧",
    "עברית \u202eالعربية",
    "NULL",
    "\x01\x7f",
    "x" * 100_000,
)


@dataclass
class Laboratory:
    """Two databases with tables of edu that a test makes for itself."""

    servers: DemoServers
    tables: tuple[SourceTable, ...] = ()
    way: str = "loader"
    """Which way whole tables take."""

    @property
    def settings(self) -> Settings:
        return self.servers.settings.model_copy(update={"copy_through": self.way})

    def make(self, *names: str, columns: dict[str, str] | None = None, key: bool = True, undeclared: str = "") -> None:
        """Tables of edu: declared, prepared, empty; id is the primary key when there is to be one."""
        columns = columns or NOTES
        for name in names:
            self.edu(f"drop table if exists {name}")
            run(self.servers.lms_admin, f"drop table if exists staging.{name}")
            parts = [f"{column} {kind}" + (" primary key" * (key and column == "id")) for column, kind in columns.items()]
            self.edu(f"create table {name} ({', '.join([*parts, *filter(None, [undeclared])])})")
        self.tables += tuple(SourceTable(name, tuple(itertools.starmap(SourceColumn, columns.items()))) for name in names)
        prepare(self.servers.settings, self.tables, dry_run=False, report=lambda _: None)

    def edu(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        return run(self.servers.edu_admin, statement, *parameters)

    def lms(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        return run(self.servers.settings.lms, statement, *parameters)

    def load(self, **options: Any) -> LoadResult:
        """Load, and compare every row with edu, as text, without any of the loader's hashes."""
        result = load(self.settings, self.tables, progress=QUIET, **options)
        for table in self.tables:
            assert self.content(self.edu, "public", table) == self.content(self.lms, "staging", table)
        return result

    def one(self, **options: Any) -> LoadedTable:
        (loaded,) = self.load(**options).tables
        return loaded

    def content(self, where: Callable[..., list[tuple[Any, ...]]], schema: str, table: SourceTable) -> Counter[tuple[Any, ...]]:
        columns = ", ".join(f"{name}::text" for name in table.column_names)
        return Counter(where(f"select {columns} from {schema}.{table.name}"))

    def places(self) -> list[list[tuple[Any, ...]]]:
        """Which row version stands where in the copies: every write shows."""
        statement = "select tableoid, ctid::text, xmin::text, pg_relation_filenode('staging.{0}') from staging.{0} order by 2"
        return [self.lms(statement.format(table.name)) for table in self.tables]


def run(conninfo: str, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(conninfo, autocommit=True, options="-c timezone=UTC") as connection:
        cursor = connection.execute(statement, parameters or None)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []


def what(loaded: LoadedTable) -> tuple[str, int, int, int]:
    return loaded.mode, loaded.inserted, loaded.changed, loaded.deleted


def _let_autovacuum(pair: Pair, value: str) -> None:
    """Its transactions hold the horizon back now and then, and a load looks at the content: right, but not what is tested."""
    for cluster in pair.clusters.values():
        for statement in (f"alter system set autovacuum = {value}", "select pg_reload_conf()"):
            run(cluster.conninfo(), statement)


@pytest.fixture(scope="module")
def databases(demo_pair: Pair) -> Iterator[DemoServers]:
    names = {"edu": "edu_changes", "lms": "lms_changes"}
    for original, name in names.items():
        with psycopg.connect(demo_pair.clusters[original].conninfo(), autocommit=True) as connection:
            connection.execute(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(original)))
    env = demo_pair.environment()
    env |= {"EDU_DBNAME": names["edu"], "EDU_USER": "edu_reader_changes"}
    env |= {"LMS_DBNAME": names["lms"], "LMS_USER": "edu2lms_changes"}
    addresses = [make_conninfo(getattr(demo_pair, side), dbname=name) for side, name in names.items()]
    _let_autovacuum(demo_pair, "off")
    yield DemoServers(addresses[0], addresses[1], env, demo_pair.root)
    _let_autovacuum(demo_pair, "on")
    for original, name in names.items():
        with psycopg.connect(demo_pair.clusters[original].conninfo(), autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(params=["loader", "foreign-tables"])
def way(request: pytest.FixtureRequest) -> str:
    """Both ways that whole tables can take."""
    return str(request.param)


@pytest.fixture
def laboratory(databases: DemoServers) -> Laboratory:
    return Laboratory(databases)


def test_inserts_updates_deletes_and_soft_deletes_arrive_and_are_counted(laboratory: Laboratory) -> None:
    laboratory.make("notes")
    laboratory.edu("insert into notes select 20240101000000000 + n, 'body ' || n, n, 1, now() from generate_series(1, 1000) as n")
    assert what(laboratory.one()) == ("full", 1000, 0, 0)
    laboratory.edu("insert into notes values (3, 'first', 0, 1, now()), (999999999999999999, 'last', 0, 1, null)")
    laboratory.edu("update notes set body = null where id % 100 = 7")
    laboratory.edu("update notes set active = 0 where id % 100 = 8")  # a soft delete is a changed row
    laboratory.edu("update notes set body = body where id % 100 = 9")  # writes, and changes nothing
    laboratory.edu("delete from notes where id % 250 = 1")
    loaded = laboratory.one()
    assert what(loaded) == ("incremental", 2, 20, 4)
    assert loaded.rows == 998
    ledger = laboratory.lms(
        "select row_count, fingerprint, mode, inserted, changed, deleted from ledger.table_loads "
        "where table_name = 'notes' order by loaded_at desc, load_id desc limit 1"
    )
    assert ledger == [(998, loaded.fingerprint, "incremental", 2, 20, 4)]
    assert what(laboratory.one(full=True)) == ("full", 998, 0, 0)


def test_a_load_that_finds_nothing_writes_nothing_to_staging(laboratory: Laboratory) -> None:
    laboratory.make("notes", "more_notes")
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 500) as n")
    first = laboratory.load()
    before = laboratory.places()
    with psycopg.connect(laboratory.servers.settings.lms) as reader:
        reader.execute("select count(*) from staging.notes")  # and whoever reads the copies does not hold it up
        second = laboratory.load()
    assert [what(loaded) for loaded in second.tables] == [("incremental", 0, 0, 0)] * 2
    assert [loaded.fingerprint for loaded in second.tables] == [loaded.fingerprint for loaded in first.tables]
    assert laboratory.places() == before


def test_only_what_has_changed_is_written(laboratory: Laboratory) -> None:
    laboratory.make("notes")
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 2000) as n")
    laboratory.load()
    before = set(laboratory.places()[0])
    laboratory.edu("update notes set body = 'new' where id in (5, 1500)")
    laboratory.load()
    assert len(set(laboratory.places()[0]) - before) == 2


def test_a_table_that_is_emptied_and_filled_again(laboratory: Laboratory) -> None:
    laboratory.make("notes")
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 300) as n")
    laboratory.load()
    laboratory.edu("truncate notes")
    assert what(laboratory.one()) == ("incremental", 0, 0, 300)
    assert what(laboratory.one()) == ("incremental", 0, 0, 0)
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 300) as n")
    assert what(laboratory.one()) == ("incremental", 300, 0, 0)


def test_ids_that_repeat_or_are_null_in_a_table_without_a_key(laboratory: Laboratory) -> None:
    laboratory.make("notes", key=False)
    laboratory.edu(
        "insert into notes (id, body) values "
        "(1, 'a'), (1, 'a'), (1, 'b'), (2, 'c'), (null, 'd'), (null, 'd'), (null, null), (0, 'e')"
    )
    assert laboratory.one().rows == 8
    laboratory.edu("insert into notes (id, body) values (1, 'a'), (null, 'd'), (0, 'e')")
    assert what(laboratory.one()) == ("incremental", 3, 0, 0)
    laboratory.edu("delete from notes where ctid in (select min(ctid) from notes where id = 1 and body = 'a')")
    laboratory.edu("update notes set body = 'f' where id = 1 and body = 'b'")
    laboratory.edu("update notes set body = 'g' where id is null and body is null")
    laboratory.edu("update notes set id = null where id = 2")
    # a row without an id cannot be changed: it goes, and another one comes
    assert what(laboratory.one()) == ("incremental", 2, 1, 3)
    laboratory.edu("delete from notes where id is null")
    assert what(laboratory.one()) == ("incremental", 0, 0, 5)


@pytest.mark.parametrize("columns", [{"name": "text", "size": "integer"}, {"id": "text", "size": "integer"}])
def test_a_table_without_integer_ids_is_compared_by_content(laboratory: Laboratory, columns: dict[str, str]) -> None:
    laboratory.make("words", columns=columns, key=False)
    laboratory.edu("insert into words select 'word ' || n, n from generate_series(1, 400) as n")
    laboratory.load()
    laboratory.edu("update words set size = -1 where size = 77")
    laboratory.edu("insert into words values ('word 1', 1)")
    assert what(laboratory.one()) == ("incremental", 2, 0, 1)


def test_values_that_move_between_rows_and_columns_are_changes(laboratory: Laboratory) -> None:
    laboratory.make("pairs", columns={"id": "bigint", "first": "text", "second": "text", "one": "bigint", "two": "bigint"})
    laboratory.edu("insert into pairs select n, 'a' || n, 'b' || n, n, n + 1 from generate_series(1, 60) as n")
    laboratory.load()
    for change in (
        "update pairs set first = case id when 1 then 'a2' else 'a1' end where id in (1, 2)",  # exchanged between two rows
        "update pairs set first = second, second = first where id in (1, 2)",
        "update pairs set one = two, two = one where id in (1, 2)",
        "update pairs set first = left(first, 1), second = substr(first, 2) || second where id in (1, 2)",
        "update pairs set first = '', second = null where id in (1, 2)",
        "update pairs set first = null, second = '' where id in (1, 2)",
        "update pairs set one = 0, two = null where id in (1, 2)",
        "update pairs set one = null, two = 0 where id in (1, 2)",
        "update pairs set one = 1, two = 4294967296 where id in (1, 2)",  # one and the same to the 32 bits of hashint8
        "update pairs set one = 4294967296, two = 1 where id in (1, 2)",
        "update pairs set one = -1, two = -4294967296 where id in (1, 2)",
    ):
        laboratory.edu(change)
        assert what(laboratory.one()) == ("incremental", 0, 2, 0), change


def test_hostile_text_and_times_survive(laboratory: Laboratory, way: str) -> None:
    laboratory.way = way
    laboratory.make("notes")
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 200) as n")
    laboratory.load()
    for number, text in enumerate(HOSTILE, 1):
        laboratory.edu("update notes set body = %s where id = %s", text, number)
    assert what(laboratory.one()) == ("incremental", 0, len(HOSTILE), 0)
    times = (
        "2024-02-29 23:59:59.999999+04", "2024-02-29 23:59:59.999998+04", "-infinity", "infinity", "epoch", None,
        "4714-11-24 00:00:00+00 BC", "294276-12-31 23:59:59.999999+00", "0044-03-15 12:00:00.000001+00 BC",
        "2024-02-29 22:59:59.999999+04",
    )  # fmt: skip
    laboratory.edu("update notes set update_date = 'epoch' where id = 50")
    laboratory.load()
    seen = set()
    for time in times:
        laboratory.edu("update notes set update_date = %s where id = 50", time)
        seen.add(laboratory.one().fingerprint)
    assert len(seen) == len(times)
    # 2^32 microseconds away, the 32-bit halves trade places: only the hour tells the two apart
    laboratory.edu("update notes set update_date = timestamptz '2000-01-01 00:00:00.000001+00' where id = 50")
    laboratory.load()
    laboratory.edu("update notes set update_date = timestamptz '2000-01-01 01:11:34.967296+00' where id = 50")
    assert what(laboratory.one()) == ("incremental", 0, 1, 0)
    for number, time in enumerate(times, 1000):
        laboratory.edu("insert into notes (id, update_date) values (%s, %s)", number, time)
    assert what(laboratory.one(full=True)) == ("full", 200 + len(times), 0, 0)


def test_types_of_which_nothing_is_known_are_copied_as_text(laboratory: Laboratory, way: str) -> None:
    laboratory.way = way
    known = {"id": "bigint", "price": "numeric(8,2)", "code": "character(4)", "at": "timestamp(3) with time zone"}
    laboratory.make("known", columns=known)
    laboratory.make("oddities", columns={**known, "bits": "bit varying(7)", "words": "text[]", "place": "point"})
    assert [form(table.columns) for table in laboratory.tables] == [sql.SQL("binary"), sql.SQL("text")]
    laboratory.edu("insert into known select n, n + 0.25, 'c', now() from generate_series(1, 2000) as n")
    laboratory.edu(
        "insert into oddities select n, n + 0.25, 'c', now(), b'101', array['a', null, E'b\\n'], point(n, 1) "
        "from generate_series(1, 2000) as n"
    )
    laboratory.edu("insert into oddities (id) values (0)")
    assert [what(table) for table in laboratory.load(full=True).tables] == [("full", 2000, 0, 0), ("full", 2001, 0, 0)]


def test_a_load_through_the_loader_needs_no_second_look(laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows are those of the checksums' own snapshot, whatever is written before the session that reads them sees it."""
    laboratory.make("notes")
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 5000) as n")
    see, repaired = Stream.see, []

    def write_before(self: Stream, *arguments: Any) -> None:
        laboratory.edu("update notes set body = 'late'")
        laboratory.edu("delete from notes where id > 100")
        see(self, *arguments)

    monkeypatch.setattr(Stream, "see", write_before)
    monkeypatch.setattr(module._Load, "_repair", lambda _, work, __: repaired.append(work))
    loaded = load(laboratory.settings, laboratory.tables, full=True, progress=QUIET)
    assert (loaded.rows, repaired) == (5000, [])
    assert laboratory.lms("select count(*) from staging.notes where body = 'body'") == [(5000,)]
    monkeypatch.undo()
    laboratory.load()


@pytest.mark.parametrize("full", [True, False])
def test_a_table_that_is_being_emptied_and_filled_is_waited_for(laboratory: Laboratory, full: bool, way: str) -> None:
    """A snapshot from before the commit would see nothing in it, and call that proven."""
    laboratory.way = way
    laboratory.make("notes", "more_notes")
    for name in ("notes", "more_notes"):
        laboratory.edu(f"insert into {name} select n, 'body', n, 1, now() from generate_series(1, 400) as n")
    laboratory.load()
    with psycopg.connect(laboratory.servers.edu_admin) as other, ThreadPoolExecutor(1) as executor:
        other.execute("truncate more_notes")
        other.execute("insert into more_notes select n, 'new', n, 1, now() from generate_series(1, 300) as n")
        loading = executor.submit(laboratory.load, full=full)
        while not laboratory.edu("select 1 from pg_locks where not granted"):
            assert not loading.done(), loading.result()
        other.commit()
        assert [table.rows for table in loading.result().tables] == [400, 300]


def test_limits_that_are_set_for_others_do_not_end_a_load(laboratory: Laboratory) -> None:
    role, limits = laboratory.servers.env["EDU_USER"], ("statement_timeout", "idle_in_transaction_session_timeout")
    for limit in limits:
        laboratory.edu(f"alter role {role} set {limit} = '7s'")
    try:
        with psycopg.connect(laboratory.settings.edu, autocommit=True) as edu:
            assert [edu.execute(f"show {limit}".encode()).fetchone() for limit in limits] == [("7s",), ("7s",)]
            open_side(edu, recode=False)
            assert [edu.execute(f"show {limit}".encode()).fetchone() for limit in limits] == [("0",), ("0",)]
    finally:
        for limit in limits:
            laboratory.edu(f"alter role {role} reset {limit}")


@pytest.mark.parametrize(
    "edit",
    [
        "update staging.notes set body = 'edited' where id = 9",
        "delete from staging.notes where id between 10 and 20",
        "insert into staging.notes values (77777, 'mine', 1, 1, now())",
        "insert into staging.notes select * from staging.notes where id = 3",
        "truncate staging.notes",
    ],
)
def test_a_copy_edited_by_hand_is_repaired_and_reported(laboratory: Laboratory, edit: str) -> None:
    laboratory.make("notes")
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 100) as n")
    laboratory.load()
    laboratory.lms(edit)
    assert laboratory.one().edited
    assert not laboratory.one().edited


def believed(laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Load; was it the row versions that told what had been written, and nothing else?"""
    asked = []
    blocks = Side.blocks
    monkeypatch.setattr(Side, "blocks", lambda *args, **kwargs: asked.append(args) or blocks(*args, **kwargs))
    laboratory.load()
    monkeypatch.setattr(Side, "blocks", blocks)
    return not asked


def test_row_versions_tell_what_was_written_wherever_they_can(laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    laboratory.make("notes")
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 1000) as n")
    laboratory.load()
    for edit in (
        "select 1",
        "update notes set body = 'new' where id in (3, 700)",
        "update notes set body = body where id < 100",
        "delete from notes where id in (1, 500)",
        "delete from notes where id between 600 and 640",
        "insert into notes values (0, 'low', 0, 1, now()), (2000, 'high', 0, 1, now())",
        "update notes set id = -id where id = 10",
        "delete from notes where id = 20; insert into notes values (20, 'again', 1, 1, now())",
        "vacuum full notes",
        "vacuum freeze notes",
    ):
        laboratory.edu(edit)
        assert believed(laboratory, monkeypatch), edit
    laboratory.lms("vacuum full staging.notes")
    assert believed(laboratory, monkeypatch), "the versions of the copy are the same at other places"


@pytest.mark.parametrize(
    "edit",
    [
        "alter table notes drop column body; alter table notes add column body text default 'not written'",
        "alter table notes rename to old_notes; create table notes (like old_notes including all); "
        "insert into notes select * from old_notes; drop table old_notes",
        "alter table notes drop constraint notes_pkey; insert into notes select * from notes where id = 3",
        "create table more_notes (check (id > 1000)) inherits (notes); insert into more_notes values (1001, 'child', 1, 1)",
        "alter table notes enable row level security; create policy some_notes on notes using (id <> 7)",
    ],
)
def test_row_versions_are_not_believed_of_a_table_that_is_another(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch, edit: str
) -> None:
    laboratory.make("notes")
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 100) as n")
    laboratory.load()
    laboratory.edu("drop table if exists more_notes")
    for statement in edit.split("; "):
        laboratory.edu(statement)
    prepare(laboratory.servers.settings, laboratory.tables, dry_run=False, report=lambda _: None)
    reader = laboratory.servers.settings.edu
    asked = []
    blocks = Side.blocks
    monkeypatch.setattr(Side, "blocks", lambda *args, **kwargs: asked.append(args) or blocks(*args, **kwargs))
    load(laboratory.servers.settings, laboratory.tables, progress=QUIET)
    assert asked
    (table,) = laboratory.tables
    seen = laboratory.content(lambda statement: run(reader, statement), "public", table)
    assert seen == laboratory.content(laboratory.lms, "staging", table)
    laboratory.edu("drop table notes cascade")


def test_what_is_committed_after_the_horizon_is_seen_by_the_next_load(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    laboratory.make("notes")
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 100) as n")
    with psycopg.connect(laboratory.servers.edu_admin) as older:
        older.execute("update notes set body = 'from an older transaction' where id = 1")
        with older.transaction():
            older.execute("update notes set body = 'from its subtransaction' where id = 2")
        laboratory.edu("update notes set body = 'younger, committed earlier' where id = 3")
        laboratory.load()
    assert believed(laboratory, monkeypatch)
    laboratory.edu("insert into notes values (0, 'new', 1, 1, now())")
    with psycopg.connect(laboratory.servers.edu_admin) as older:
        older.execute("delete from notes where id = 5")
        assert believed(laboratory, monkeypatch)
    assert believed(laboratory, monkeypatch)


def test_without_the_right_to_read_row_versions_the_content_tells(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    laboratory.make("notes")
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 100) as n")
    laboratory.edu(f"revoke select (xmin) on notes from {laboratory.servers.settings.edu_user}")
    laboratory.load()
    laboratory.edu("update notes set body = 'new' where id = 3")
    assert not believed(laboratory, monkeypatch)


@pytest.mark.parametrize("changed", [{"cluster": "1/00000001"}, {"horizon": 3}, {"horizon": 1 << 40}])
def test_row_versions_of_another_cluster_or_another_round_are_not_believed(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any]
) -> None:
    laboratory.make("notes")
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 100) as n")
    if changed == {"horizon": 3}:  # the number comes round: the very same 32 bits, so many transactions ago
        (now,) = laboratory.edu("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")[0]
        changed = {"horizon": now - (1 << 31)}
    laboratory.load()
    for side in ("edu", "copy"):
        laboratory.lms(
            "update ledger.table_loads set row_versions = jsonb_set(row_versions, array[%s], row_versions -> %s || %s::jsonb) "
            "where table_name = 'notes'",
            side,
            side,
            json.dumps(changed),
        )
        laboratory.edu("update notes set body = 'new ' || body where id = 3")
        assert not believed(laboratory, monkeypatch)
        assert believed(laboratory, monkeypatch)


def test_an_older_transaction_in_lms_does_not_make_the_copy_unbelievable(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    laboratory.make("notes")
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 100) as n")
    with psycopg.connect(laboratory.servers.settings.lms) as older:
        older.execute("select pg_current_xact_id()")
        laboratory.load()
        laboratory.lms("update ledger.table_loads set row_versions = null where table_name = 'notes'")
        laboratory.edu("update notes set body = 'new' where id = 3")
        assert not believed(laboratory, monkeypatch)
        assert believed(laboratory, monkeypatch)
        older.execute("update staging.notes set body = 'by the older one' where id = 7")
    assert not believed(laboratory, monkeypatch)
    assert believed(laboratory, monkeypatch)


def test_what_a_crash_could_take_back_does_not_move_the_horizon(laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    laboratory.make("notes")
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 100) as n")

    def horizon() -> int:
        kept = "select (row_versions -> 'edu' ->> 'horizon')::bigint from ledger.table_loads where table_name = 'notes'"
        return int(laboratory.lms(f"{kept} order by loaded_at desc limit 1")[0][0])

    laboratory.load()
    first = horizon()
    laboratory.edu("update notes set body = 'new' where id = 3")
    monkeypatch.setattr(module, "is_durable", lambda *_, wait: wait)  # nobody waits for it here
    assert what(laboratory.one()) == ("incremental", 0, 1, 0)
    assert horizon() == first
    assert what(laboratory.one()) == ("incremental", 0, 0, 0)
    # PostgreSQL itself writes to the log now and then, so what is seen may not be on disk at once: here it is waited for.
    monkeypatch.setattr(module, "is_durable", lambda side, then, **_: is_durable(side, then, wait=True))
    laboratory.edu("select pg_logical_emit_message(false, 'not', 'flushed')")
    assert what(laboratory.one()) == ("incremental", 0, 0, 0)
    assert horizon() > first


def test_a_commit_that_is_not_on_disk_yet_is_waited_for_by_the_clock(laboratory: Laboratory) -> None:
    laboratory.make("notes")
    with psycopg.connect(laboratory.servers.edu_admin) as connection:
        side = Side(connection, "public", recode=False)
        then = moment(side, laboratory.tables)
        assert is_durable(side, replace(then, log_end="0/1"))
        assert not is_durable(side, replace(then, log_end="FFFFFFFF/0", seen_at=datetime.now(UTC)))
        assert is_durable(side, replace(then, log_end="FFFFFFFF/0", seen_at=datetime.now(UTC) - timedelta(minutes=1)))


def test_a_copy_that_alters_its_rows_is_never_called_equal(laboratory: Laboratory) -> None:
    laboratory.make("notes")
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 100) as n")
    laboratory.load()
    laboratory.lms(
        "create or replace function staging.trim() returns trigger language plpgsql as "
        "$$ begin new.body := left(new.body, 5); return new; end $$"
    )
    laboratory.lms("create trigger trim before insert on staging.notes for each row execute function staging.trim()")
    laboratory.edu("update notes set body = 'a longer body' where id = 5")
    before, loads = laboratory.places(), laboratory.lms("select count(*) from ledger.table_loads")
    for full in (False, True):
        with pytest.raises(LoadNotProvenError, match=r"staging\.notes") as caught:
            load(laboratory.servers.settings, laboratory.tables, full=full, progress=QUIET)
        assert "trigger" in caught.value.fix
        assert laboratory.places() == before
        assert laboratory.lms("select count(*) from ledger.table_loads") == loads
    laboratory.lms("drop trigger trim on staging.notes")
    assert what(laboratory.one()) == ("incremental", 0, 1, 0)


def test_many_changes_in_a_large_table_copy_it_whole(laboratory: Laboratory) -> None:
    laboratory.make("notes")
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 21000) as n")
    laboratory.edu("analyze notes")
    laboratory.load()
    laboratory.edu("update notes set body = 'new' where id <= 10000")
    assert what(laboratory.one()) == ("full", 21000, 0, 0)
    laboratory.edu("update notes set body = 'newer' where id % 5000 = 0")
    assert what(laboratory.one()) == ("incremental", 0, 4, 0)


def test_many_changes_in_a_small_table_are_still_counted(laboratory: Laboratory) -> None:
    laboratory.make("notes")
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 100) as n")
    laboratory.load()
    laboratory.edu("update notes set body = 'new' where id <= 80")
    assert what(laboratory.one()) == ("incremental", 0, 80, 0)


def test_undeclared_columns_are_neither_read_nor_compared(laboratory: Laboratory) -> None:
    laboratory.make("notes", undeclared="secret text")
    laboratory.edu("insert into notes select n, 'body', n, 1, now(), 'secret' from generate_series(1, 50) as n")
    first = laboratory.one()
    laboratory.edu("update notes set secret = 'other'")
    second = laboratory.one()
    assert what(second) == ("incremental", 0, 0, 0)
    assert second.fingerprint == first.fingerprint


def test_what_is_written_between_both_snapshots_of_a_full_load_is_repaired(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    laboratory.way = "foreign-tables"
    laboratory.make("notes", "more_notes")
    for name in ("notes", "more_notes"):
        laboratory.edu(f"insert into {name} select n, 'body', n, 1, now() from generate_series(1, 400) as n")
    hold = ForeignTables.hold

    @contextmanager
    def write_after(self: ForeignTables, *arguments: Any) -> Iterator[None]:
        with hold(self, *arguments):  # here the foreign tables have their snapshot, the checksums not yet
            laboratory.edu("insert into notes values (5000, 'late', 0, 1, now())")
            laboratory.edu("delete from more_notes where id <= 3")
            laboratory.edu("update more_notes set body = 'late' where id = 9")
            yield

    monkeypatch.setattr(ForeignTables, "hold", write_after)
    notes, more = laboratory.load(full=True).tables  # compares the copies with edu as it is
    assert (notes.rows, more.rows, notes.mode) == (401, 397, "full")


@pytest.mark.parametrize("full", [True, False])
def test_a_writer_in_edu_never_splits_its_transactions_over_a_load(laboratory: Laboratory, full: bool, way: str) -> None:
    """Each transaction writes into both tables: the copies hold all of it or nothing, whenever they were read."""
    laboratory.way = way
    laboratory.make("notes", "more_notes")
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 3000) as n")
    laboratory.edu("insert into more_notes select * from notes")
    settings_, stop, written = laboratory.settings, threading.Event(), threading.Semaphore(0)
    load(settings_, laboratory.tables, progress=QUIET)

    def write() -> None:
        with psycopg.connect(laboratory.servers.edu_admin) as connection:
            for number in itertools.count(10_000):
                for table in ("more_notes", "notes"):
                    connection.execute(f"insert into {table} values (%s, 'w', 0, 1, now())", (number,))
                    connection.execute(f"update {table} set mark = %s where id = %s", (number, number % 3000 + 1))
                    connection.execute(f"delete from {table} where id = %s", (number - 50,))
                connection.commit()
                written.release()
                if stop.is_set():
                    return

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(4):
            assert written.acquire(timeout=30)
            load(settings_, laboratory.tables, full=full, progress=QUIET)
            notes, more = (laboratory.content(laboratory.lms, "staging", table) for table in laboratory.tables)
            assert {(row[0], row[2]) for row in notes} == {(row[0], row[2]) for row in more}
    finally:
        stop.set()
        writer.join()
    laboratory.load()


def test_a_ledger_of_the_previous_version_is_upgraded(laboratory: Laboratory) -> None:
    laboratory.make("notes")
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 100) as n")
    laboratory.load()
    laboratory.lms("alter table ledger.table_loads drop mode, drop inserted, drop changed, drop deleted, drop row_versions")
    laboratory.lms("update ledger.table_loads set fingerprint = '-123:100'")  # it was computed in another way then
    with pytest.raises(NotPreparedError, match=r"ledger\.table_loads\.row_versions"):
        laboratory.load()
    done = prepare(laboratory.servers.settings, laboratory.tables, dry_run=False, report=lambda _: None)
    assert [step.name for step in done.steps] == ["lms: new columns of ledger.table_loads"]
    assert prepare(laboratory.servers.settings, laboratory.tables, dry_run=False, report=lambda _: None).steps == ()
    laboratory.edu("delete from notes where id = 1")
    loaded = laboratory.one()
    assert what(loaded) == ("incremental", 0, 0, 1)
    assert not loaded.edited
    assert laboratory.lms("select count(*) from ledger.table_loads where mode is null") > [(0,)]


def test_changed_declared_columns_copy_the_table_whole(laboratory: Laboratory) -> None:
    laboratory.make("notes", undeclared="extra text")
    laboratory.edu("insert into notes select n, 'body', n, 1, now(), 'extra' from generate_series(1, 20) as n")
    laboratory.load()
    (table,) = laboratory.tables
    laboratory.tables = (SourceTable("notes", (*table.columns, SourceColumn("extra", "text"))),)
    prepare(laboratory.servers.settings, laboratory.tables, dry_run=False, report=lambda _: None)
    assert what(laboratory.one()) == ("full", 20, 0, 0)


def test_somebody_who_alters_edu_is_not_waited_for_long(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    laboratory.way = way
    laboratory.make("notes")
    laboratory.load()
    monkeypatch.setattr(loader.snapshot, "_LOCK_TIMEOUT", "100ms")
    with psycopg.connect(laboratory.servers.edu_admin) as other:
        other.execute("lock table notes in access exclusive mode")
        with pytest.raises(LoadFailedError, match=r"notes.*edu .* says: canceling statement due to lock timeout"):
            laboratory.load()
    laboratory.load()


def test_an_edu_that_goes_away_halfway_is_3(laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    laboratory.make("notes")
    laboratory.load()
    compare = module._Load._compare

    def after_the_end(self: module._Load, *arguments: Any) -> None:
        laboratory.edu("select pg_terminate_backend(%s)", self.source.connection.info.backend_pid)
        compare(self, *arguments)

    monkeypatch.setattr(module._Load, "_compare", after_the_end)
    with pytest.raises(ConnectError, match="Cannot connect to edu") as caught:
        laboratory.load()
    assert caught.value.exit_code == 3
    monkeypatch.undo()
    laboratory.load()


def _fail(*_: object, **__: object) -> None:
    raise psycopg.OperationalError("no route to host")


@pytest.mark.parametrize("end", ["pg_terminate_backend", "pg_cancel_backend"])
def test_an_edu_that_goes_away_while_rows_come_is_not_mistaken_for_lms(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    laboratory.make("notes")
    laboratory.edu("insert into notes select n, repeat('b', 1000), n, 1, now() from generate_series(1, 20000) as n")
    laboratory.load()
    laboratory.edu("delete from notes where id < 10")
    before = laboratory.places()
    write, ended = psycopg.Copy.write, []

    def write_and_end(self: Any, piece: Any) -> None:
        write(self, piece)
        if not ended:  # the rest of the rows is more than what is on its way
            which = "query like '%copy (select%notes%' and pid <> pg_backend_pid()"
            statement = f"select {end}(pid) from pg_stat_activity where {which}"
            ended.extend(laboratory.edu(statement))

    monkeypatch.setattr(psycopg.Copy, "write", write_and_end)
    if "terminate" in end:  # the whole server is gone: nothing can be cancelled there either
        monkeypatch.setattr(psycopg.Connection, "cancel_safe", _fail)
    lost = (ConnectError, "Cannot connect to edu")
    error, text = lost if "terminate" in end else (LoadFailedError, r"edu .* says: canceling statement")
    with pytest.raises(error, match=text):
        laboratory.load(full=True)
    assert ended == [(True,)]
    monkeypatch.undo()
    assert laboratory.places() == before
    assert what(laboratory.one()) == ("incremental", 0, 0, 9)


def test_an_lms_that_refuses_a_row_is_named_and_edu_is_left_alone(laboratory: Laboratory) -> None:
    laboratory.make("notes")
    laboratory.edu("insert into notes select n, repeat('b', 1000), n, 1, now() from generate_series(1, 20000) as n")
    laboratory.load()
    before = laboratory.places()
    laboratory.lms(
        "create function staging.refuse() returns trigger language plpgsql as "
        "$$ begin if new.id = 500 then raise 'not this one'; end if; return new; end $$"
    )
    laboratory.lms("create trigger refuse before insert on staging.notes for each row execute function staging.refuse()")
    with pytest.raises(LoadFailedError, match=r"Loading notes from edu into lms \(.*failed: not this one"):
        laboratory.load(full=True)
    laboratory.lms("drop function staging.refuse() cascade")
    assert laboratory.places() == before


def test_rows_that_nobody_takes_any_more_are_not_sent_on(laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    laboratory.make("notes")
    laboratory.edu("insert into notes select n, repeat('b', 1000), n, 1, now() from generate_series(1, 20000) as n")
    laboratory.load()
    (table,), settings_ = laboratory.tables, laboratory.settings
    with psycopg.connect(settings_.edu) as edu, psycopg.connect(settings_.lms) as lms:
        out, into = through(Side(edu, "public", recode=False), Side(lms, "staging", recode=False), table, sql.SQL("true"))
        monkeypatch.setattr(psycopg.Copy, "write", _fail)
        with pytest.raises(psycopg.OperationalError, match="no route"):
            pour(edu, out, lms, into)
        assert edu.info.transaction_status == TransactionStatus.INERROR, "the rest of the rows was cancelled"
        edu.rollback()
        assert edu.execute("select 1").fetchone() == (1,)
        monkeypatch.undo()
        lms.rollback()
        lms.execute("truncate staging.notes")
        told: list[int] = []
        pour(edu, out, lms, into, told.append)
        assert lms.execute("select count(*) from staging.notes").fetchone() == (20_000,)
        assert 20_000 <= sum(told) <= 20_001
        assert len(told) > 100, "in pieces"
        assert edu.info.transaction_status == TransactionStatus.INTRANS


def test_drift_says_which_rows_differ_and_writes_nothing(laboratory: Laboratory) -> None:
    laboratory.make("notes", "more_notes")
    laboratory.edu("insert into notes select n, 'body', n, 1, now() from generate_series(1, 300) as n")
    servers = laboratory.servers.settings
    missing = drift(servers, laboratory.tables)
    assert not missing.equal
    assert {(table.same, table.detail) for table in missing.tables} == {(None, "it has never been loaded")}
    laboratory.load()
    same = drift(servers, laboratory.tables)
    assert same.equal
    assert [(table.edu_rows, table.staging_rows) for table in same.tables] == [(300, 300), (0, 0)]
    laboratory.edu("delete from notes where id in (5, 6)")
    laboratory.edu("update notes set body = 'new' where id = 3")
    laboratory.edu("insert into notes values (9223372036854775807, 'max', 0, 1, now())")
    laboratory.lms("update staging.notes set body = 'edited' where id = 200")
    before = laboratory.places()
    found = drift(servers, laboratory.tables, first=4)
    assert not found.equal
    notes, more = found.tables
    assert (notes.same, notes.inserted, notes.changed, notes.deleted) == (False, 1, 2, 2)
    assert notes.first_ids == ("3", "5", "6", "200")
    assert notes.edu_fingerprint != notes.staging_fingerprint
    assert more.same
    assert laboratory.places() == before
    assert drift(servers, laboratory.tables, wanted=["more_notes"]).equal
    laboratory.load()
    assert drift(servers, laboratory.tables).equal


small = strategies.one_of(strategies.none(), strategies.integers(-2, 6))
texts = strategies.one_of(
    strategies.none(), strategies.sampled_from(["", "a", "b", "ə"]), strategies.text("ab\\'\"|,ə👩\n\t ", max_size=5)
)
edits = strategies.one_of(
    strategies.tuples(strategies.just("insert into {} (id, body, mark) values (%s, %s, %s)"), small, texts, small),
    strategies.tuples(strategies.just("update {} set body = %s, active = %s where id = %s"), texts, small, small),
    strategies.tuples(strategies.just("update {} set id = %s where id is not distinct from %s"), small, small),
    strategies.tuples(strategies.just("update {} set mark = %s where body is null or body = %s"), small, texts),
    strategies.tuples(strategies.just("delete from {} where id is not distinct from %s"), small),
    strategies.tuples(strategies.just("delete from {} where body = %s"), texts),
)
tables_ = strategies.sampled_from(["notes", "more_notes"])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rounds=strategies.lists(strategies.lists(strategies.tuples(tables_, edits), max_size=8), min_size=1, max_size=3))
def test_any_sequence_of_edits_loads_like_a_full_load(databases: DemoServers, rounds: list[list[tuple[str, Any]]]) -> None:
    laboratory = _ready(databases)
    with psycopg.connect(databases.edu_admin, autocommit=True) as edu:
        for batch in rounds:
            for table, (statement, *values) in batch:
                edu.execute(statement.format(table), values)
            changes = laboratory.load()  # compares row by row
    assert drift(databases.settings, laboratory.tables).equal
    whole = laboratory.load(full=True)
    assert [table.fingerprint for table in whole.tables] == [table.fingerprint for table in changes.tables]
    assert all(table.mode == "incremental" for table in changes.tables)


_prepared: dict[int, Laboratory] = {}


def _ready(databases: DemoServers) -> Laboratory:
    """The two tables, made once: hypothesis runs the test many times, each on what the last left behind."""
    if id(databases) not in _prepared:
        laboratory = Laboratory(databases)
        laboratory.make("notes", "more_notes", key=False)
        laboratory.load()
        _prepared[id(databases)] = laboratory
    return _prepared[id(databases)]
