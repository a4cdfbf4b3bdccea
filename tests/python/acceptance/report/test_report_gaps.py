"""What the report says when something that it needs is not there: it must not look as if all were well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from databases import value
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


def counts(reported: Reported) -> str:
    """What the start page has to say about the tests of the last run."""
    tests = reported.run["tests"]
    return f"Passed: {tests['passed']}, of them {tests['parity_passed']} that compare edu with the live tables."


def test_another_command_of_dbt_does_not_become_the_last_run(reported: Reported, tmp_path: Path) -> None:
    """The page of use sends its readers to dbt: what analytics' tests say is not what those of the migration have said."""
    site = tmp_path / "site"
    assert reported.run["tests"]["parity_passed"] > 10
    assert counts(reported) in reported.text("index.html")
    assert "Of the last run that went through" not in reported.text("index.html")
    reported.databases.dbt("test", "--select", "tag:analytics", "--exclude-resource-types", "unit_test")
    told = {found["unique_id"] for found in reported.databases.artifact("run_results.json")["results"]}
    assert "test.edu2lms.session_funnels__never_widen" in told
    reported.databases.edu2lms("report", "--no-lineage", "--out", str(site))
    start = (site / "index.html").read_text(encoding="utf-8")
    finished = value(reported.databases.lms, "select finished_at at time zone 'UTC' from ledger.last_run")
    assert counts(reported) in start
    assert f"{finished:%Y-%m-%d %H:%M} UTC" in start
    assert "another command of dbt has replaced them" in (site / "run.html").read_text(encoding="utf-8")


def test_what_an_older_version_has_counted_is_not_there_and_no_error_either(reported: Reported, tmp_path: Path) -> None:
    change = "alter table analytics.{} rename {} to {}"
    older = [
        (change.format(table, column, "away"), change.format(table, "away", column))
        for table, column in (("most_viewed_pages", "p90_seconds"), ("top_errors", "error_class"))
    ]
    with changed(reported, *older[0]), changed(reported, *older[1]):
        reported.databases.edu2lms("report", "--no-lineage", "--out", str(tmp_path / "site"))
    text = (tmp_path / "site" / "usage.html").read_text(encoding="utf-8")
    assert "Not there yet: analytics.most_viewed_pages" in text
    assert "Not there yet: analytics.top_errors" in text
    assert "No error was recorded" not in text
