from __future__ import annotations

import pytest

from database.statements import leaves_traces, may_commit, only_reads, speaks_of_read_only


@pytest.mark.parametrize(
    "text",
    [
        "COMMIT",
        " commit and chain",
        "insert into t values (1); COMMIT",
        "-- done\nend",
        "/* x */commit",
        "prepare transaction 'x'",
        "call p()",
    ],
)
def test_what_may_commit(text: str) -> None:
    assert may_commit(text)


@pytest.mark.parametrize(
    "text", ["select case when a then b end", "select 'x'", "update t set committed = true", "rollback", "RELEASE x"]
)
def test_what_does_not(text: str) -> None:
    assert not may_commit(text)


@pytest.mark.parametrize(
    "text",
    ["select 1", "-- why\nSELECT 1", "/* a */ with a as (select 1) select * from a", "table t", "select update_date from t"],
)
def test_reads(text: str) -> None:
    assert only_reads(text)


@pytest.mark.parametrize(
    "text",
    [
        "insert into t values (1)",
        "with a as (delete from t returning *) select 1",
        "select * from t for update",
        "copy t from stdin",
        "select 1 into t",
    ],
)
def test_writes(text: str) -> None:
    assert not only_reads(text)


@pytest.mark.parametrize(
    "text",
    [
        "set role x",
        "SET search_path = a",
        "select set_config('a', 'b', false)",
        "select set_config('a', 'b', %s)",
        "select set_config('a.b', %s, true), set_config('c', %s, false)",
        "select set_config('a', ', true)', false)",
        "listen x",
        "select pg_advisory_lock(1)",
        "create temp table x (a int)",
        "select 1; set a = 1",
        "do $$ begin execute 'set role x'; end $$",
        "call becomes_somebody()",
        "prepare x as select 1",
        "/* again */ execute x",
        "select 1 as a into temp x",
        "with y as (select 1) select * into temporary table x from y",
        "create or replace temp view x as select 1",
        "create table pg_temp.x (a int)",
        'declare "c" no scroll cursor with hold for select 1',
        'declare "x cursor for" cursor with hold for select 1',
    ],
)
def test_traces(text: str) -> None:
    assert leaves_traces(text)


@pytest.mark.parametrize(
    "text",
    [
        "set local a = 1",
        "update t set a = 1",
        "SET TRANSACTION READ ONLY",
        "select pg_advisory_xact_lock(1)",
        "select 1",
        "select set_config('app.current_user_id', %s, true)",
        "SELECT set_config('a', 'b', TRUE ), set_config('c', $1, true)",
        'DECLARE "my cursor" NO SCROLL CURSOR FOR select 1',
        "declare c cursor without hold for select 1",
        "prepare transaction 'x'",
        "select * into x from y",
        "select executed, done, called from t",
    ],
)
def test_no_traces(text: str) -> None:
    assert not leaves_traces(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("set default_transaction_read_only = on", True),
        ("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", True),
        ("select set_config('default_transaction_read_only', 'on', false)", True),
        ("set timezone = 'UTC'", False),
        ("insert into t (readonly) values (1)", False),
    ],
)
def test_what_speaks_of_read_only(text: str, expected: bool) -> None:
    assert speaks_of_read_only(text) is expected
