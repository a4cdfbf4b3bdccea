"""Analytics on a real lms: against an oracle in plain Python, late events, retention, and the questions that were asked for."""

from __future__ import annotations

import random
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import psycopg
import pytest
from databases import Databases, rows, value
from psycopg import sql

BAKU = ZoneInfo("Asia/Baku")
BUILD = ("build", "--select", "tag:analytics", "--exclude-resource-types", "unit_test")
PERIODS = ("build", "--select", "active_users_by_period", "--exclude-resource-types", "unit_test")
MONTHS = "select period_start, active_users from analytics.active_users_by_period where period = 'month' order by 1"
# as it was asked for, word by word
DAILY_ACTIVE_USERS = """
SELECT DATE(action_timestamp) as date, COUNT(DISTINCT user_id) as daily_active_users
FROM audit_logs WHERE action_type = 'login'
GROUP BY DATE(action_timestamp) ORDER BY date DESC;
"""


class Action(NamedTuple):
    at: datetime
    user: str | None
    session: str | None
    kind: str
    route: str | None
    status: int | None


def local_day(at: datetime) -> date:
    return at.astimezone(BAKU).date()


def some_actions(rng: random.Random, first: datetime, days: int) -> list[Action]:
    """Logins, requests, changes, errors, around the clock, of users who come on some days only."""
    found = []
    for _ in range(400):
        kind = rng.choice(["login", "login_failed", "request", "request", "request", "update", "logout"])
        user = rng.choice(["7", "12", "0190b3c2-0000-7000-8000-000000000001", None]) if kind != "login" else "7"
        at = first + timedelta(seconds=rng.uniform(0, days * 86400))
        is_request = kind == "request"
        status = rng.choice([200, 200, 200, 302, 404, 500]) if is_request else None
        route = rng.choice(["/students/{id}", "/courses"]) if is_request else None
        found.append(Action(at, user, rng.choice(["s1", "s2", None]), kind, route, status))
    return found


def write_actions(lms: str, actions: list[Action]) -> None:
    with psycopg.connect(lms) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "insert into audit_logs (action_timestamp, user_id, session_id, action_type, route, request_path, response_status) "
            "values (%s, %s, %s, %s, %s, %s, %s)",
            [(each.at, each.user, each.session, each.kind, each.route, each.route, each.status) for each in actions],
        )


def daily(lms: str) -> dict[date, tuple[int, int, int]]:
    found = rows(lms, "select activity_date, active_users, logins, actions from analytics.daily_active_users")
    return {day: (active, logins, actions) for day, active, logins, actions in found}


def expected_daily(actions: list[Action]) -> dict[date, tuple[int, int, int]]:
    days: defaultdict[date, list[Action]] = defaultdict(list)
    for each in actions:
        days[local_day(each.at)].append(each)
    return {
        day: (
            len({each.user for each in those if each.user and each.kind != "login_failed"}),
            sum(each.kind == "login" for each in those),
            len(those),
        )
        for day, those in days.items()
    }


@pytest.fixture(scope="module")
def databases(make_databases: Callable[..., Databases]) -> Databases:
    return make_databases("analytics")


def test_the_migration_leaves_analytics_alone(databases: Databases) -> None:
    databases.edu2lms("run")
    assert value(databases.lms, "select count(*) from pg_class where relnamespace = 'analytics'::regnamespace") == 0


def test_figures_late_events_and_retention(databases: Databases) -> None:
    rng = random.Random(7)
    now = datetime.now(UTC)
    start = now - timedelta(days=40)
    actions = some_actions(rng, start, 38)
    rows(databases.lms, "delete from audit_logs")
    write_actions(databases.lms, actions)
    databases.dbt(*BUILD)
    assert daily(databases.lms) == expected_daily(actions)
    _agree_on_routes(databases.lms, actions)
    _agree_on_weeks(databases.lms, actions)

    # events that were kept on disk during an outage arrive two days late; meanwhile days of a month ago leave the raw tables
    late = some_actions(rng, now - timedelta(days=4), 3)
    write_actions(databases.lms, late)
    gone = now - timedelta(days=20)
    rows(databases.lms, "delete from audit_logs where action_timestamp < %s", gone)
    before = daily(databases.lms)
    databases.dbt(*BUILD)
    after, wanted = daily(databases.lms), expected_daily(actions + late)
    assert after == wanted
    assert {day: before[day] for day in before if day < local_day(gone)} == {
        day: after[day] for day in after if day < local_day(gone)
    }

    _agree_on_weeks(databases.lms, actions + late)

    # one wrong clock does not stop the count of the days that come
    wrong = Action(now + timedelta(days=400), "7", None, "login", None, None)
    write_actions(databases.lms, [wrong])
    databases.dbt(*BUILD)
    assert daily(databases.lms) == wanted
    today = [Action(now, "8", None, "login", None, None)]
    write_actions(databases.lms, today)
    databases.dbt(*BUILD)
    wanted = expected_daily(actions + late + today)
    assert daily(databases.lms) == wanted
    _agree_on_weeks(databases.lms, actions + late + today)

    # a slip of the hand must not throw away what can never be counted again
    databases.dbt(*BUILD, "--full-refresh")
    assert daily(databases.lms) == wanted
    assert rows(databases.lms, DAILY_ACTIVE_USERS)


def test_a_day_of_the_future_in_a_model_does_not_stop_it(databases: Databases) -> None:
    now = datetime.now(UTC)
    rows(databases.lms, "delete from audit_logs")
    rows(databases.lms, "delete from analytics.daily_active_users")
    rows(databases.lms, "insert into analytics.daily_active_users (activity_date) values (current_date + 400)")
    write_actions(databases.lms, [Action(now, "7", None, "login", None, None)])
    databases.dbt("build", "--select", "daily_active_users", "--exclude-resource-types", "unit_test")
    assert daily(databases.lms)[local_day(now)] == (1, 1, 1)
    rows(databases.lms, "delete from analytics.daily_active_users")


def test_a_month_keeps_its_users_when_the_month_before_is_dropped(databases: Databases) -> None:
    """Partitions end by UTC: the first four hours of a month in Baku lie in the one before. A month of long ago stays."""
    now = datetime.now(UTC)
    start = now.astimezone(BAKU).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    long_ago = now - timedelta(days=100)
    rows(databases.lms, "delete from audit_logs")
    rows(databases.lms, "delete from analytics.active_users_by_period")
    moments = {"early": start + timedelta(hours=1), "late": start + timedelta(hours=5), "gone": long_ago}
    write_actions(databases.lms, [Action(at, user, None, "login", None, None) for user, at in moments.items()])
    databases.dbt(*PERIODS)
    before = dict(rows(databases.lms, MONTHS))
    assert before == {start.date(): 2, local_day(long_ago).replace(day=1): 1}
    rows(databases.lms, "delete from audit_logs where action_timestamp < %s", start.replace(tzinfo=UTC))
    write_actions(databases.lms, [Action(long_ago, user, None, "login", None, None) for user in ("a", "b")])
    databases.dbt(*PERIODS)
    assert dict(rows(databases.lms, MONTHS)) == before


def _agree_on_routes(lms: str, actions: list[Action]) -> None:
    requests = Counter((local_day(each.at), each.route) for each in actions if each.status)
    failed = Counter((local_day(each.at), each.route) for each in actions if each.status and each.status >= 500)
    found = rows(lms, "select activity_date, route, requests, failed_requests, error_rate from analytics.request_errors")
    assert {(day, route): number for day, route, number, _, _ in found} == requests
    for day, route, number, failures, rate in found:
        assert failures == failed[day, route]
        assert float(rate) == pytest.approx(failures / number)


def _agree_on_weeks(lms: str, actions: list[Action]) -> None:
    weeks: defaultdict[date, set[str]] = defaultdict(set)
    for each in actions:
        if each.user and each.kind != "login_failed":
            day = local_day(each.at)
            weeks[day - timedelta(days=day.weekday())].add(each.user)
    found = rows(lms, "select period_start, active_users from analytics.active_users_by_period where period = 'week'")
    assert dict(found) == {week: len(users) for week, users in weeks.items()}


def test_sessions_and_pages(databases: Databases) -> None:
    rng = random.Random(11)
    opened = datetime.now(UTC) - timedelta(days=2)
    day = local_day(opened)
    sessions: list[tuple[Any, ...]] = []
    for number in range(31):
        duration = rng.randrange(1, 5000)
        sessions.append((f"session {number}", str(number % 5), opened, rng.choice(["desktop", "mobile"]), duration, "logout"))
    views = [(f"session {rng.randrange(31)}", opened, rng.choice(["/", "/courses"]), rng.uniform(0, 90)) for _ in range(200)]
    with psycopg.connect(databases.lms) as connection, connection.cursor() as cursor:
        cursor.execute("truncate user_sessions, page_views")
        cursor.executemany(
            "insert into user_sessions (session_id, user_id, login_timestamp, device_type, session_duration_seconds, end_reason) "
            "values (%s, %s, %s, %s, %s, %s)",
            sessions,
        )
        cursor.executemany(
            "insert into page_views (session_id, view_timestamp, page_path, route, time_on_page_seconds) "
            "values (%s, %s, %s, %s, %s)",
            [(session, at, path, path, seconds) for session, at, path, seconds in views],
        )
    databases.dbt(*BUILD)
    durations = [session[4] for session in sessions]
    ((count, average, median),) = rows(
        databases.lms,
        "select sessions, average_seconds::float, median_seconds from analytics.session_durations "
        "where activity_date = %s and device_type = 'all'",
        day,
    )
    assert (count, median) == (31, statistics.median(durations))
    assert average == pytest.approx(statistics.fmean(durations))
    pages = rows(
        databases.lms, "select page, views, average_seconds from analytics.most_viewed_pages where activity_date = %s", day
    )
    for page, number, seconds in pages:
        times = [view[3] for view in views if view[2] == page]
        assert number == len(times)
        assert seconds == pytest.approx(statistics.fmean(times))
    assert value(databases.lms, "select sum(views) from analytics.most_viewed_pages where activity_date = %s", day) == 200


def test_no_path_is_kept(databases: Databases) -> None:
    """A scan for weak spots, and pages that only the browser knows: one row a day, and no id of a person in it."""
    at = datetime.now(UTC) - timedelta(days=1)
    paths = [f"/wp-{number}/person-4711.php" for number in range(300)]
    with psycopg.connect(databases.lms) as connection, connection.cursor() as cursor:
        cursor.execute("delete from audit_logs; delete from page_views")
        cursor.executemany(
            "insert into audit_logs (action_timestamp, action_type, request_path, response_status, error_class) "
            "values (%s, 'request', %s, 500, 'NotFound')",
            [(at, path) for path in paths],
        )
        cursor.executemany(
            "insert into page_views (view_timestamp, page_path, page_title) values (%s, %s, 'Person 4711')",
            [(at, path) for path in paths],
        )
    databases.dbt(*BUILD)
    day = local_day(at)
    of_day = {
        "request_errors": "select route, requests from analytics.request_errors where activity_date = %s",
        "most_viewed_pages": "select page, views from analytics.most_viewed_pages where activity_date = %s",
        "top_errors": "select most_common_route, errors from analytics.top_errors where activity_date = %s",
    }
    for table, question in of_day.items():
        assert rows(databases.lms, question, day) == [("(no route)", 300)], table
    tables = "select relname from pg_class where relkind = 'r' and relnamespace = 'analytics'::regnamespace"
    for (table,) in rows(databases.lms, tables):
        statement = sql.SQL("select count(*) from analytics.{} as counted where counted::text like '%4711%'")
        assert value(databases.lms, statement.format(sql.Identifier(table))) == 0, table


def test_every_column_is_described_and_every_described_column_exists(databases: Databases) -> None:
    databases.dbt(*BUILD)
    columns = rows(
        databases.lms, "select table_name, column_name from information_schema.columns where table_schema = 'analytics'"
    )
    nodes = databases.artifact("manifest.json")["nodes"].values()
    described = {
        (node["alias"], column)
        for node in nodes
        if node["resource_type"] == "model" and "analytics" in node["tags"]
        for column, entry in node["columns"].items()
        if entry["description"].strip()
    }
    assert set(columns) == described
