"""lms is stopped and started under both applications; writes while it is out; both databases out."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime
from typing import Any

import pytest
from database_world import until
from example_sites import Site, Sites

_NOTES = "select notes from course_enrollments where id = %s"
_MINE = """
select students.user_id, enrollments.id
from course_enrollments as enrollments
inner join students on enrollments.student_id = students.id
where students.user_id is not null and enrollments.old_journal_id is not null
order by enrollments.id
limit 1
"""


def write(site: Site, user: object, enrollment: object, notes: object) -> Any:
    headers = {"X-User-Id": str(user)}
    return site.client.patch(f"/api/enrollments/{enrollment}", json={"notes": notes}, headers=headers)


def test_people_go_on_reading_while_lms_is_stopped_and_started(sites: Sites) -> None:
    """The server itself, not the path to it. Whoever reads meanwhile gets an answer, whatever the moment."""
    (path,) = [f"/api/students/{student}/courses" for (student,) in sites.lms_rows("select id from students limit 1")]
    ended, statuses, seen = threading.Event(), Counter[int](), Counter[str]()

    def reader(site: Site) -> None:
        while not ended.is_set():
            response = site.get(path)
            statuses[response.status_code] += 1
            seen[response.headers.get("X-Data-Source", "none")] += 1

    readers = [threading.Thread(target=reader, args=(site,)) for site in sites.sites.values() for _ in range(2)]
    published = sites.edu_rows("select published_at from lms_compat.publication")[0][0]
    for thread in readers:
        thread.start()
    try:
        sites.pair.clusters["lms"].stop()
        sites.wait_for("edu")
        for site in sites.sites.values():
            as_of = datetime.fromisoformat(site.get(path).headers["X-Data-As-Of"])
            assert as_of == published.replace(microsecond=0)
        sites.pair.clusters["lms"].start()
        sites.wait_for("lms")
        for site in sites.sites.values():
            assert datetime.fromisoformat(site.get(path).headers["X-Data-As-Of"]) > published
    finally:
        ended.set()
        for thread in readers:
            thread.join(30)
    problems = [line for site in sites.sites.values() for line in site.log.read_text().splitlines() if "/api/" in line]
    assert set(statuses) == {200}, "\n".join(problems)
    assert set(seen) == {"lms", "edu"}
    assert sum(statuses.values()) > 100


def test_writes_are_kept_by_lms_and_refused_by_the_fallback(sites: Sites) -> None:
    ((user, enrollment),) = sites.lms_rows(_MINE)
    for site in sites.sites.values():
        response = write(site, user, enrollment, f"by {site.name}")
        assert (response.status_code, response.headers["X-Data-Source"]) == (200, "lms")
        assert response.json() == {"enrollment": {"id": str(enrollment), "notes": f"by {site.name}"}}
        assert sites.lms_rows(_NOTES, enrollment) == [(f"by {site.name}",)]
    before = sites.edu_rows("select notes from lms_compat.all_course_enrollments where id = %s", enrollment)
    sites.paths["lms"].refuse()
    sites.wait_for("edu")
    for site in sites.sites.values():
        response = write(site, user, enrollment, "lost")
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) >= 1
        assert "read-only" in response.json()["detail"]
    assert sites.edu_rows("select notes from lms_compat.all_course_enrollments where id = %s", enrollment) == before
    sites.paths["lms"].repair()
    sites.wait_for("lms")
    assert sites.lms_rows(_NOTES, enrollment) == [("by django",)]
    assert all(write(site, user, enrollment, None).status_code == 200 for site in sites.sites.values())
    assert sites.lms_rows(_NOTES, enrollment) == [(None,)]


@pytest.mark.parametrize("sites", ["for_students"], indirect=True)
def test_a_write_that_is_not_allowed_or_makes_no_sense(sites: Sites) -> None:
    ((user, enrollment),) = sites.lms_rows(_MINE)
    ((stranger,),) = sites.lms_rows("select user_id from students where user_id <> %s order by 1 limit 1", user)
    for site in sites.sites.values():
        assert write(site, stranger, enrollment, "not mine").status_code == 404
        assert write(site, user, enrollment, 1).status_code == 400
        assert write(site, user, enrollment, "x" * 2001).status_code == 400
        assert site.client.patch(f"/api/enrollments/{enrollment}", content=b"{").status_code == 400
    assert sites.lms_rows(_NOTES, enrollment) == [(None,)]


def test_the_health_pages_tell_what_is_in_use(sites: Sites) -> None:
    for site in sites.sites.values():
        assert site.rows("/health/live") == {"status": "alive"}
        assert site.rows("/health/ready") == {"status": "ready", "source": "lms", "read_only": False}
        assert 'database_in_use{source="lms"} 1.0' in site.get("/metrics").text
    sites.paths["lms"].refuse()
    sites.wait_for("edu")
    for site in sites.sites.values():
        assert site.rows("/health/ready") == {"status": "ready", "source": "edu", "read_only": True}
        assert site.rows("/health/status")["primary"]["reason"] == "refused"
        assert 'database_in_use{source="edu"} 1.0' in site.get("/metrics").text
    sites.paths["edu"].refuse()
    for site in sites.sites.values():
        until(lambda site=site: all(site.get("/health/ready").status_code == 503 for _ in range(20)), 30)
        assert site.get("/health/live").status_code == 200
        for path in ("/api/students", "/students"):
            response = site.get(path)
            assert response.status_code == 503
            assert response.headers["Retry-After"] == "1"
            assert "not available" in response.text
            assert "127.0.0.1" not in response.text
