"""Months come, rows move out of the default partition, old months go."""

from __future__ import annotations

import psycopg
import pytest
from demo_servers import DemoServers

from loader.guard import read_facts

PARTITIONS = """
select child.relname from pg_inherits inner join pg_class as child on child.oid = inhrelid
where inhparent = %s::regclass order by 1
"""
EVENT = "insert into audit_logs (action_type, user_id, action_timestamp) values ('login', %s, {})"


def partitions(connection: psycopg.Connection, table: str = "public.audit_logs") -> list[str]:
    """Names of the partitions."""
    return [name for (name,) in connection.execute(PARTITIONS, (table,))]


def maintained(connection: psycopg.Connection, keep: str | None = None, ahead: int = 3) -> list[str]:
    """What one call says."""
    return [line for (line,) in connection.execute("select maintain_audit_partitions(%s, %s)", (keep, ahead))]


def home(connection: psycopg.Connection, user: str) -> list[str]:
    """The partitions in which somebody's events are."""
    query = "select tableoid::regclass::text from audit_logs where user_id = %s order by 1"
    return [name for (name,) in connection.execute(query, (user,))]


@pytest.mark.parametrize("table", ["audit_logs", "page_views"])
def test_there_is_a_partition_from_last_month_to_three_months_ahead(owner: psycopg.Connection, table: str) -> None:
    expected = owner.execute(
        "select array_agg(%s || to_char(m, '_YYYY_MM')) from generate_series(date_trunc('month', now() at time zone 'UTC')"
        " - interval '1 month', date_trunc('month', now() at time zone 'UTC') + interval '3 months', '1 month') as m",
        (table,),
    ).fetchone()
    assert expected is not None
    assert partitions(owner, f"public.{table}") == [*expected[0], f"{table}_default"]


def test_a_second_call_has_nothing_to_do_and_a_longer_view_adds_months(owner: psycopg.Connection) -> None:
    assert maintained(owner) == []
    assert [line.split("_20")[0] for line in maintained(owner, ahead=5)] == ["made audit_logs"] * 2 + ["made page_views"] * 2
    assert maintained(owner, ahead=5) == []


def test_rows_of_the_default_partition_move_to_their_month(owner: psycopg.Connection) -> None:
    for when in ("now() + interval '6 months'", "now() - interval '5 months'", "now() + interval '30 years'"):
        owner.execute(EVENT.format(when).encode(), ("mover",))
    assert home(owner, "mover") == ["audit_logs_default"] * 3
    said = maintained(owner, ahead=7)
    assert sum(", 1 rows moved" in line for line in said) == 2
    moved = home(owner, "mover")
    assert len(moved) == 3
    assert [name for name in moved if name == "audit_logs_default"] == ["audit_logs_default"], "the far future stays"


def test_what_is_past_its_time_goes_and_nothing_else(owner: psycopg.Connection) -> None:
    for when in ("now() - interval '14 months'", "now() - interval '4 months'", "now()"):
        owner.execute(EVENT.format(when).encode(), ("old",))
    maintained(owner)
    assert len(home(owner, "old")) == 3
    before = partitions(owner)
    said = maintained(owner, keep="12 months")
    assert len(said) == 1
    assert said[0].startswith("dropped audit_logs_20")
    assert set(before) - set(partitions(owner)) == {said[0].removeprefix("dropped ")}
    assert len(home(owner, "old")) == 2
    assert maintained(owner, keep="12 months") == []


def test_old_rows_of_the_default_partition_go_as_well(owner: psycopg.Connection) -> None:
    owner.execute(EVENT.format("now() - interval '40 years'").encode(), ("ancient",))
    maintained(owner, keep="12 months")
    assert home(owner, "ancient") == []


SESSION = """
insert into user_sessions (session_id, login_timestamp, logout_timestamp) values
('long ago', now() - interval '15 months', now() - interval '14 months'),
('not closed', now() - interval '15 months', null),
('ended later', now() - interval '15 months', now() - interval '1 month'),
('new', now() - interval '1 hour', now())
"""
COUNTED = """
create table analytics.{0} (activity_date date);
insert into analytics.{0} values (current_date - 600), (current_date + 400)
"""


def sessions(connection: psycopg.Connection) -> set[str]:
    """Which are there."""
    return {name for (name,) in connection.execute("select session_id from user_sessions")}


def test_closed_sessions_go_with_their_months(owner: psycopg.Connection) -> None:
    owner.execute(SESSION)
    before = sessions(owner)
    assert maintained(owner) == []
    assert sessions(owner) == before
    assert maintained(owner, keep="12 months") == ["deleted 1 closed sessions"]
    assert sessions(owner) == before - {"long ago"}


def test_what_analytics_has_not_counted_is_left(owner: psycopg.Connection) -> None:
    owner.execute(EVENT.format("now() - interval '14 months'").encode(), ("old",))
    owner.execute(EVENT.format("now() - interval '40 years'").encode(), ("ancient",))
    owner.execute("insert into page_views (page_path, view_timestamp) values ('/old', now() - interval '14 months')")
    owner.execute(SESSION)
    maintained(owner)
    for model in ("daily_active_users", "most_viewed_pages", "session_durations"):
        owner.execute(COUNTED.format(model).encode())
    said = maintained(owner, keep="12 months")
    assert [line.split("_20")[0] for line in said] == ["left audit_logs", "left page_views"]
    assert said[0].endswith("analytics.daily_active_users has not counted all of it")
    assert len(home(owner, "old")) == 1
    assert home(owner, "ancient") == [], "these were counted"
    assert "long ago" in sessions(owner)
    owner.execute("insert into analytics.daily_active_users values (current_date)")
    owner.execute("insert into analytics.session_durations values (current_date)")
    said = maintained(owner, keep="12 months")
    assert [line.split("_20")[0] for line in said] == ["deleted 1 closed sessions", "left page_views", "dropped audit_logs"]
    assert home(owner, "old") == []
    owner.execute("truncate analytics.most_viewed_pages")
    assert [line.split("_20")[0] for line in maintained(owner, keep="12 months")] == ["left page_views"]


def test_an_owner_who_cannot_read_what_is_counted_is_told(fresh: DemoServers) -> None:
    with psycopg.connect(fresh.lms_admin) as connection:
        connection.execute(EVENT.format("now() - interval '14 months'").encode(), ("old",))
        connection.execute("select maintain_audit_partitions()")
        connection.execute(COUNTED.format("daily_active_users").encode())
        connection.execute("create role keeper_audit; grant lms_owner to keeper_audit")  # as the tables' owner, but no superuser
        connection.execute("set local role keeper_audit")
        said = maintained(connection, keep="12 months")
        assert said[0] == "keeper_audit may not read analytics.daily_active_users: grant it that"
        assert said[1].startswith("left audit_logs_20")
        connection.rollback()


def test_a_partition_in_use_is_left_for_the_next_time(fresh: DemoServers) -> None:
    with psycopg.connect(fresh.lms_admin, autocommit=True) as cron, psycopg.connect(fresh.lms_admin) as reader:
        reader.execute("select count(*) from page_views")
        assert {line.split(" is in use")[0] for line in maintained(cron, ahead=4) if "in use" in line} == {"page_views"}
        reader.rollback()
        assert [line.split("_20")[0] for line in maintained(cron, ahead=4)] == ["made page_views"]
        for table in ("audit_logs", "page_views"):  # as it was before
            cron.execute(f"drop table public.{partitions(cron, f'public.{table}')[-2]}".encode())


def test_the_live_table_guard_does_not_mind(owner: psycopg.Connection) -> None:
    before = read_facts(owner, lock_timeout=5)
    assert maintained(owner, ahead=6)
    assert read_facts(owner, lock_timeout=5) == before


def test_autovacuum_comes_soon(owner: psycopg.Connection) -> None:
    found = owner.execute(
        "select class.relname, class.reloptions from pg_class as class where class.relnamespace = 'public'::regnamespace"
        " and class.relkind = 'r' and class.relname ~ '^(audit_logs|page_views|user_sessions)'"
    ).fetchall()
    assert len(found) > 10
    for name, options in found:
        scale = "0.05" if name == "user_sessions" else "0.02"
        assert f"autovacuum_vacuum_scale_factor={scale}" in options, name
