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

BAKU = ZoneInfo("Asia/Baku")
BUILD = ("build", "--select", "tag:analytics", "--exclude-resource-types", "unit_test")
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

    # a slip of the hand must not throw away what can never be counted again
    databases.dbt(*BUILD, "--full-refresh")
    assert daily(databases.lms) == wanted
    assert rows(databases.lms, DAILY_ACTIVE_USERS)


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
            "insert into page_views (session_id, view_timestamp, page_path, time_on_page_seconds) values (%s, %s, %s, %s)", views
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


def test_every_column_is_described_and_every_described_column_exists(databases: Databases) -> None:
    """Those that an older version has not made come with the next build."""
    for table, column in (("most_viewed_pages", "is_route"), ("top_errors", "most_common_template")):
        rows(databases.lms, f"alter table if exists analytics.{table} drop column if exists {column}")
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
