"""Reports of a damaged migration: refused, then in two batches with a conflict, so that every page has something to show."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from browser import browser
from databases import Databases, rows
from reported import Reported

__all__ = ["browser"]
ACCEPTED = "{max_rejected: 100000, as_of_date: '2024-03-01'}"
PUBLISHED = "select legacy_id, live_id from ledger.crosswalk where entity = 'course_enrollments' and method = 'inserted' limit 1"


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
    databases.edu2lms("run", "--publish", "--vars", ACCEPTED.replace("100000", "100001"))
    return Reported(databases, site, refused, databases.document("report", "--out", str(site)))
