"""A person in a real browser, on both example applications: every event is there once, with user, session, page and duration."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from browser import Browser
from database_world import until
from example_sites import PASSWORD, Site, Sites

pytestmark = pytest.mark.parametrize("sites", ["for_registry"], indirect=True)
TOLERANCE = 0.5
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
# The browser's own clock: for each document, from the first byte of the answer until it is left, without the time it was hidden.
CLOCK = """
(() => {
  let hidden = 0, since = document.visibilityState === "hidden" ? 0 : null;
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") { since = performance.now(); }
    else if (since !== null) { hidden += performance.now() - since; since = null; }
  });
  addEventListener("pagehide", () => {
    if (location.protocol !== "http:") { return; }
    const begun = performance.getEntriesByType("navigation")[0].responseStart;
    const kept = JSON.parse(localStorage.clocks ?? "[]");
    kept.push([location.pathname, (performance.now() - begun - hidden) / 1000, hidden / 1000]);
    localStorage.clocks = JSON.stringify(kept);
  }, { capture: true });
})();
"""


@pytest.fixture
def chrome(tmp_path: Path) -> Iterator[Browser]:
    """A browser that says which one it is."""
    running = Browser(tmp_path / "chromium", f"--user-agent={AGENT}")
    yield running
    running.stop()


@pytest.mark.parametrize("name", ["fastapi", "django"])
def test_a_person_in_a_browser(sites: Sites, name: str, chrome: Browser) -> None:
    site = sites.sites[name]
    ((user, username),) = sites.lms_rows("select id::text, username from users where is_active order by id limit 1")
    ((enrollment,),) = sites.lms_rows("select id::text from course_enrollments order by id limit 1")
    ((begun,),) = sites.lms_rows("select clock_timestamp()")
    notes = f"/enrollments/{enrollment}/notes"

    clocks = _work(chrome, site, username, notes)

    until(lambda: (found := _events(sites, begun))["logout"] and found["page_view"] == 7, 20)
    _check_events(sites, begun, user, notes)
    _check_times(sites, begun, user, notes, clocks)


def _work(chrome: Browser, site: Site, username: str, notes: str) -> list[tuple[str, float, float]]:
    """Log in, at the second try; read; look at another tab; edit; break something; log out. What the browser has measured."""
    address = str(site.client.base_url).rstrip("/")
    tab = chrome.page()
    tab.before_each(CLOCK)
    tab.open(f"{address}/login")
    for password in ("wrong", PASSWORD):
        tab.fill("#username", username)
        tab.fill("#password", password)
        tab.follow("#sign-in")
    tab.open(f"{address}/students")
    _read(1.2)
    chrome.page().to_front()
    _read(1.5)
    tab.to_front()
    _read(0.3)
    tab.open(address + notes)
    tab.fill("#notes", "seen in a browser")
    tab.follow("#save")
    tab.run(f"history.pushState(null, '', {json.dumps(notes + '/single')})")
    _read(0.7)
    tab.open(f"{address}/broken")
    tab.open(f"{address}/")
    tab.follow("#sign-out")
    found = json.loads(tab.run("localStorage.clocks"))
    return [(path, seconds, hidden) for path, seconds, hidden in found]


def _read(seconds: float) -> None:
    """A person reads: the one thing here that takes time for its own sake."""
    time.sleep(seconds)


def _events(sites: Sites, begun: datetime) -> Counter[str]:
    rows = sites.lms_rows("select action_type from audit_logs where action_timestamp >= %s", begun)
    return Counter(action for (action,) in rows)


def _check_events(sites: Sites, begun: datetime, user: str, notes: str) -> None:
    rows = sites.lms_rows(
        "select action_type, request_method, request_path, response_status, user_id, session_id is not null "
        "from audit_logs where action_timestamp >= %s",
        begun,
    )
    me, nobody = (user, True), (None, False)
    assert Counter(rows) == Counter(
        [
            ("page_view", "GET", "/login", 200, *nobody),
            ("login_failed", "POST", "/login", None, *nobody),
            ("request", "POST", "/login", 403, *nobody),
            ("login", "POST", "/login", None, *me),
            ("request", "POST", "/login", 303, *me),
            ("page_view", "GET", "/", 200, *me),
            ("page_view", "GET", "/students", 200, *me),
            ("page_view", "GET", notes, 200, *me),
            ("update", "POST", notes, None, *me),
            ("request", "POST", notes, 303, *me),
            ("page_view", "GET", notes, 200, *me),
            ("error", "GET", "/broken", 500, *me),
            ("page_view", "GET", "/", 200, *me),
            ("logout", "POST", "/logout", None, *me),
            ("request", "POST", "/logout", 303, *me),
            ("page_view", "GET", "/", 200, *nobody),
        ]
    )  # fmt: skip
    sessions = sites.lms_rows(
        "select user_id, device_type, browser, operating_system, end_reason, "
        "session_duration_seconds - extract(epoch from logout_timestamp - login_timestamp) "
        "from user_sessions where login_timestamp >= %s",
        begun,
    )
    assert [row[:5] for row in sessions] == [(user, "desktop", "Chrome 130", "Linux", "logout")]
    assert abs(sessions[0][5]) <= 1


def _check_times(sites: Sites, begun: datetime, user: str, notes: str, clocks: list[tuple[str, float, float]]) -> None:
    rows = sites.lms_rows(
        "select page_path, time_on_page_seconds, user_id, page_title from page_views where view_timestamp >= %s "
        "order by view_timestamp",
        begun,
    )
    paths = ["/login", "/login", "/", "/students", notes, notes, notes + "/single", "/", "/"]
    assert [row[0] for row in rows] == paths
    assert [row[2] for row in rows] == [None, *[user] * 7, None]
    assert rows[3][3].startswith("Students")
    measured = [row[1] for row in rows[:-1]]  # the last one is still open
    assert None not in measured
    # the clock measures documents: the last one of the notes was two views
    assert 0.6 < measured[6] < 0.7 + TOLERANCE
    measured[5:7] = [sum(measured[5:7])]
    documents = [(path, seconds) for path, seconds, _ in clocks if path != "/broken"]
    assert len(documents) == len(measured)
    for found, (path, seconds) in zip(measured, documents, strict=True):
        assert abs(found - seconds) < TOLERANCE, (path, found, seconds)
    ((_, students, hidden),) = [clock for clock in clocks if clock[0] == "/students"]
    assert hidden > 1.0, "the other tab was in front"
    assert 1.2 < students < 1.2 + 0.3 + 4 * TOLERANCE
