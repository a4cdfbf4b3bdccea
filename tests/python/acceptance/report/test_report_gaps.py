"""What the report says when something that it needs is not there: it must not look as if all were well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from reported import Reported


@contextmanager
def changed(reported: Reported, change: str, back: str) -> Iterator[None]:
    """Something of lms is not as the report expects it."""
    with psycopg.connect(reported.databases.lms, autocommit=True) as lms:
        lms.execute(change.encode())
        try:
            yield
        finally:
            lms.execute(back.encode())


def test_without_the_status_table_nobody_is_told_that_all_is_there(reported: Reported, tmp_path: Path) -> None:
    """dbt's tables are dropped with the views over them: a run that fails before the view's turn leaves it away."""
    site = tmp_path / "site"
    away = ("alter view migration.migration_status rename to away", "alter view migration.away rename to migration_status")
    with changed(reported, *away):
        reported.databases.edu2lms("report", "--no-lineage", "--out", str(site))
    for page in ("index.html", "accounting.html"):
        text = (site / page).read_text(encoding="utf-8")
        assert "Not there yet: migration.migration_status" in text, page
        assert 'id="status"' not in text, page
        assert 'id="total"' not in text, page
    text = (site / "index.html").read_text(encoding="utf-8")
    assert '<p class="verdict bad">' in text
    assert "Not known: the status table could not be read" in text
    assert "Complete:" not in text
