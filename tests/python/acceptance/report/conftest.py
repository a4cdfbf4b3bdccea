"""Reports of a damaged migration: refused, then in two batches with a conflict, so that every page has something to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from browser import Browser, Page, browser
from databases import Databases, rows, value
from reported import Reported

__all__ = ["browser"]
ACCEPTED = "{max_rejected: 100000, as_of_date: '2024-03-01'}"
PUBLISHED = "select legacy_id, live_id from ledger.crosswalk where entity = 'course_enrollments' and method = 'inserted' limit 1"

# What an application records of its use: sessions, pages, an error.
USED = (
    "insert into user_sessions (session_id, user_id, login_timestamp, device_type, session_duration_seconds, end_reason) "
    "select 's' || n, 'u' || n % 7, now() - n * interval '7 hours', 'desktop', n * 10, 'logout' from generate_series(1, 60) as n",
    "insert into page_views (view_timestamp, session_id, user_id, page_path, route, time_on_page_seconds) "
    "select now() - n * interval '7 hours', 's' || n, 'u' || n % 7, '/page/' || n, '/page/' || n % 3, n "
    "from generate_series(1, 60) as n",
    "insert into audit_logs (action_timestamp, session_id, user_id, action_type, route, response_status, error_class, "
    "error_fingerprint) select now() - n * interval '7 hours', 's' || n, 'u' || n % 7, 'request', '/page', "
    "case when n % 9 = 0 then 500 else 200 end, case when n % 9 = 0 then 'ValueError' end, 'f1' from generate_series(1, 60) as n",
)
# What holds the name of somebody: titles, and paths that no route of the application fits.
SOMEBODY = "select firstname || ' ' || lastname from persons where firstname || lastname ~ '^\\w{6,}$' order by id limit 1"
NAMED = (
    "insert into page_views (view_timestamp, session_id, user_id, page_path, page_title, route) "
    "select now() - n * interval '7 hours', 's' || n, 'u1', '/people/' || %(name)s::text, %(name)s::text, "
    "case when n = 1 then '/page/1' end from generate_series(1, 5) as n",
    "insert into audit_logs (action_timestamp, session_id, user_id, action_type, request_path, response_status, error_class, "
    "error_fingerprint) select now() - n * interval '7 hours', 's' || n, 'u1', 'request', '/people/' || %(name)s::text, 500, "
    "'KeyError', 'f2' from generate_series(1, 5) as n",
)


@pytest.fixture(scope="session")
def reported(make_databases: Callable[..., Databases]) -> Reported:
    """Run, run, run, report."""
    databases = make_databases("report", damaged=True)
    refused, site = databases.folder / "refused", databases.folder / "site"
    databases.edu2lms("run", "--publish", "--report", str(refused), code=4)
    databases.edu2lms("run", "--publish", "--courses", "20", "--vars", ACCEPTED)
    ((legacy_id, live_id),) = rows(databases.lms, PUBLISHED)
    with psycopg.connect(databases.lms, autocommit=True) as lms:
        lms.execute("update course_enrollments set notes = 'seen by the dean' where id = %s", (live_id,))
    with psycopg.connect(databases.edu, autocommit=True) as edu:
        edu.execute("update journal set point = '41', update_date = now() where id = %s", (legacy_id,))
    with psycopg.connect(databases.lms, autocommit=True) as lms:
        for statement in USED:
            lms.execute(statement)
        for statement in NAMED:
            lms.execute(statement, {"name": value(databases.edu, SOMEBODY)})
    databases.dbt("build", "--select", "tag:analytics", "--exclude-resource-types", "unit_test")
    run = databases.document("run", "--publish", "--vars", ACCEPTED.replace("100000", "100001"))
    return Reported(databases, site, refused, databases.document("report", "--out", str(site)), run)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with the window of a desk; whatever it did, it asked nothing of the network and nothing broke."""
    opened = browser.page()
    opened.size(1280, 900)
    opened.prefers(scheme="light")
    yield opened
    opened.run("localStorage.clear()")
    assert opened.external_requests == []
    assert opened.problems == []
    opened.close()
