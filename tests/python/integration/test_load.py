from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import psycopg
import pytest
from demo_servers import DemoServers

import loader.load as module
from loader.cli import main
from loader.console import Progress
from loader.errors import BusyError, LoadFailedError, NotPreparedError, RemoteConnectError, SourceChangedError
from loader.load import load
from loader.locks import LOAD_OR_RUN, advisory_lock
from loader.prepare import prepare
from loader.project import SourceTable

Tables = tuple[SourceTable, ...]
QUIET = Progress(quiet=True)


@pytest.fixture
def prepared(in_demo: DemoServers, source_tables: Tables) -> DemoServers:
    prepare(in_demo.settings, source_tables, dry_run=False, report=lambda _: None)
    return in_demo


def counts(query: Any, conninfo: str, schema: str, tables: Tables) -> dict[str, int]:
    return {table.name: query(conninfo, f"select count(*) from {schema}.{table.name}")[0][0] for table in tables}


def test_every_declared_row_arrives_and_the_ledger_says_so(prepared: DemoServers, source_tables: Tables, query: Any) -> None:
    result = load(prepared.settings, source_tables, progress=QUIET)
    lms = prepared.settings.lms
    assert counts(query, lms, "staging", source_tables) == counts(query, prepared.edu_admin, "public", source_tables)
    ledger = query(
        lms,
        "select table_name, row_count, byte_count, fingerprint, columns from ledger.table_loads where load_id = %s",
        result.load_id,
    )
    assert {row[0]: row[1:4] for row in ledger} == {
        table.table: (table.rows, table.bytes, table.fingerprint) for table in result.tables
    }
    assert all(row[2] > 0 and row[3].endswith(f":{row[1]}") for row in ledger)
    assert {row[0]: row[4] for row in ledger} == {
        table.name: {column.name: column.data_type for column in table.columns} for table in source_tables
    }
    types = query(
        lms,
        "select format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'staging.journal'::regclass and attnum > 0",
    )
    assert [name for (name,) in types] == [
        column.data_type for table in source_tables if table.name == "journal" for column in table.columns
    ]


def test_the_fingerprint_is_that_of_the_content(prepared: DemoServers, source_tables: Tables, query: Any) -> None:
    first = load(prepared.settings, source_tables, progress=QUIET)
    query(prepared.edu_admin, "update journal set point = point where id = (select min(id) from journal)")
    query(prepared.lms_admin, f"alter role {prepared.settings.lms_user} set timezone = 'Asia/Tokyo'")
    query(prepared.lms_admin, f"alter role {prepared.settings.lms_user} set datestyle = 'German'")
    second = load(prepared.settings, source_tables, progress=QUIET)
    assert [table.fingerprint for table in second.tables] == [table.fingerprint for table in first.tables]
    query(prepared.edu_admin, "update journal set point = point || '.' where id = (select min(id) from journal)")
    third = load(prepared.settings, source_tables, progress=QUIET)
    changed = [new.table for old, new in zip(second.tables, third.tables, strict=True) if old.fingerprint != new.fingerprint]
    assert changed == ["journal"]


def test_passwords_never_reach_lms(prepared: DemoServers, source_tables: Tables, query: Any) -> None:
    load(prepared.settings, source_tables, progress=QUIET)
    columns = query(
        prepared.lms_admin,
        "select attrelid::regclass::text, attname from pg_attribute where attname like '%%password%%' and not attisdropped "
        "and attrelid in (select oid from pg_class "
        "where relnamespace::regnamespace::text in ('staging', 'edu_fdw', 'migration', 'ledger'))",
    )
    assert columns == []
    (password,) = query(prepared.edu_admin, "select password from accounts where length(password) > 6 order by id limit 1")[0]
    assert (
        query(prepared.settings.lms, "select 1 from staging.accounts as copied where copied::text like %s", f"%{password}%") == []
    )


@pytest.mark.parametrize("way", ["loader", "foreign-tables"])
def test_a_failure_halfway_keeps_the_previous_copy(prepared: DemoServers, source_tables: Tables, query: Any, way: str) -> None:
    load(prepared.settings, source_tables, progress=QUIET)
    before = counts(query, prepared.settings.lms, "staging", source_tables)
    loads = query(prepared.settings.lms, "select count(*) from ledger.table_loads")
    query(prepared.edu_admin, "delete from accounts")
    # the sixteenth table fails on the other side, after fifteen were copied
    if way == "loader":
        query(prepared.edu_admin, "alter table exam_student enable row level security, force row level security")
        query(prepared.edu_admin, "create policy broken on exam_student using (1 / (id - id) = 1)")
    else:
        query(prepared.lms_admin, "alter foreign table edu_fdw.exam_student options (set table_name 'gone')")
    with pytest.raises(LoadFailedError, match="exam_student") as caught:
        load(prepared.settings.model_copy(update={"copy_through": way}), source_tables, full=True, progress=QUIET)
    assert "previous copy is untouched" in caught.value.message
    assert counts(query, prepared.settings.lms, "staging", source_tables) == before
    assert query(prepared.settings.lms, "select count(*) from ledger.table_loads") == loads


def test_an_edu_that_lms_cannot_reach_is_3_where_lms_must(
    prepared: DemoServers, query: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    query(prepared.lms_admin, "alter server edu options (set port '1')")
    assert main(["load", "--json"]) == 0
    capsys.readouterr()
    monkeypatch.setenv("EDU2LMS_COPY_THROUGH", "foreign-tables")
    assert main(["load", "--json"]) == 3
    document = json.loads(capsys.readouterr().out)
    assert document["error"]["type"] == RemoteConnectError.__name__
    assert "edu2lms prepare" in document["error"]["fix"]


@pytest.mark.usefixtures("prepared")
def test_a_way_that_does_not_exist_is_2(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDU2LMS_COPY_THROUGH", "fdw")
    assert main(["load", "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert "EDU2LMS_COPY_THROUGH" in error["message"]
    assert "foreign-tables" in error["message"]


def test_a_vanished_column_and_a_changed_type_are_named(prepared: DemoServers, source_tables: Tables, query: Any) -> None:
    load(prepared.settings, source_tables, progress=QUIET)
    before = counts(query, prepared.settings.lms, "staging", source_tables)
    query(prepared.edu_admin, "alter table course rename column m_hours to hours")
    query(prepared.edu_admin, "alter table exam alter column duration type text")
    query(prepared.edu_admin, "alter table edu_years rename to years")
    with pytest.raises(SourceChangedError) as caught:
        load(prepared.settings, source_tables, progress=QUIET)
    message = caught.value.message
    assert "course.m_hours: declared as integer, does not exist in edu (the last load, " in message
    assert "had integer)" in message
    assert "exam.duration: declared as integer, is text in edu" in message
    assert "edu_years: the table does not exist in edu" in message
    assert counts(query, prepared.settings.lms, "staging", source_tables) == before


@pytest.mark.parametrize("full", [True, False])
def test_all_tables_are_of_one_snapshot(
    prepared: DemoServers, source_tables: Tables, query: Any, monkeypatch: pytest.MonkeyPatch, full: bool
) -> None:
    """Rows that arrive in edu during the load are in none of the tables, however late these are read."""
    settings, compare = prepared.settings, module._Load._compare
    if not full:
        load(settings, source_tables, progress=QUIET)
    first = query(prepared.edu_admin, "select count(*) from exam_student")[0][0]
    written = threading.Event()

    def write_before(self: module._Load, *arguments: Any) -> None:
        query(prepared.edu_admin, "insert into exam_student (id, active) values (1, 1), (2, 1)")
        query(prepared.edu_admin, "insert into accounts (id, active) values (1, 1)")
        query(prepared.edu_admin, "delete from journal where id = (select min(id) from journal)")
        written.set()
        compare(self, *arguments)

    monkeypatch.setattr(module._Load, "_compare", write_before)
    result = load(prepared.settings, source_tables, progress=QUIET)
    assert written.is_set()
    assert query(prepared.settings.lms, "select count(*) from staging.exam_student") == [(first,)]
    monkeypatch.undo()
    later = load(settings, source_tables, progress=QUIET)
    assert (later.rows, later.inserted, later.changed, later.deleted) == (result.rows + 2, 3, 0, 1)
    assert query(settings.lms, "select count(*) from staging.exam_student") == [(first + 2,)]


@pytest.mark.usefixtures("prepared")
def test_one_table_can_be_loaded_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["load", "--table", "journal", "--table", "course", "--json"]) == 0
    out = capsys.readouterr()
    document = json.loads(out.out)
    assert [table["table"] for table in document["tables"]] == ["course", "journal"]
    assert document["rows"] == sum(table["rows"] for table in document["tables"]) > 0
    assert "load: journal: " in out.err
    assert "rows/s" in out.err


@pytest.mark.parametrize("sessions", [-1, 1])
def test_the_copies_have_statistics(prepared: DemoServers, source_tables: Tables, query: Any, sessions: int) -> None:
    settings = prepared.settings
    query(prepared.lms_admin, f"alter role {settings.lms_user} connection limit {sessions}")
    expected = {table.table: table.rows for table in load(settings, source_tables, progress=QUIET).tables}
    found = query(prepared.lms_admin, "select relname, reltuples::int from pg_class where relnamespace = 'staging'::regnamespace")
    assert {name: rows for name, rows in found if name in expected} == expected
    described = query(prepared.lms_admin, "select distinct tablename from pg_stats where schemaname = 'staging'")
    assert {name for (name,) in described} >= {name for name, rows in expected.items() if rows}


def test_a_copy_of_another_shape_is_replaced_with_its_views(prepared: DemoServers, source_tables: Tables, query: Any) -> None:
    load(prepared.settings, source_tables, progress=QUIET)
    lms = prepared.settings.lms
    query(lms, "create view migration.stg as select id, point from staging.journal")
    load(prepared.settings, source_tables, progress=QUIET)
    assert query(lms, "select count(*) from migration.stg")[0][0] > 0, "the same shape keeps dbt's views"
    query(lms, "alter table staging.journal add column extra int")
    load(prepared.settings, source_tables, progress=QUIET)
    assert query(lms, "select to_regclass('migration.stg') is null") == [(True,)]


def test_two_loads_at_the_same_time_are_refused(prepared: DemoServers, source_tables: Tables) -> None:
    settings = prepared.settings
    with (
        psycopg.connect(settings.lms, autocommit=True) as other,
        advisory_lock(settings, other, LOAD_OR_RUN),
        pytest.raises(BusyError, match=rf"pid \d+, role {settings.lms_user}") as caught,
    ):
        load(settings, source_tables, progress=QUIET)
    assert caught.value.exit_code == 4
    assert load(prepared.settings, source_tables, progress=QUIET).rows > 0


def test_nothing_is_prepared_yet(in_demo: DemoServers, source_tables: Tables, query: Any) -> None:
    assert main(["load"]) == 3
    prepare(in_demo.settings, source_tables, dry_run=False, report=lambda _: None)
    query(in_demo.settings.lms, "drop foreign table edu_fdw.journal")
    with pytest.raises(NotPreparedError, match=r"edu_fdw\.journal"):
        load(in_demo.settings, source_tables, progress=QUIET)
    query(in_demo.settings.lms, "drop table ledger.table_loads")
    with pytest.raises(NotPreparedError, match=r"ledger\.table_loads"):
        load(in_demo.settings, source_tables, progress=QUIET)
    assert main(["status"]) == 1


def test_an_interrupt_during_the_load_rolls_back(prepared: DemoServers, source_tables: Tables, query: Any) -> None:
    load(prepared.settings, source_tables, progress=QUIET)
    before = query(prepared.settings.lms, "select count(*) from ledger.table_loads")
    with psycopg.connect(prepared.settings.lms) as reader:
        reader.execute("select count(*) from staging.journal")  # a full load must wait here
        process = subprocess.Popen(
            [sys.executable, "-m", "loader", "load", "--full"], env=os.environ.copy(), stderr=subprocess.PIPE, text=True
        )
        deadline = time.monotonic() + 20
        waiting = "select count(*) from pg_locks where not granted"
        while query(prepared.lms_admin, waiting) == [(0,)]:
            assert time.monotonic() < deadline, "the load never waited"
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130, said
    assert query(prepared.settings.lms, "select count(*) from ledger.table_loads") == before
