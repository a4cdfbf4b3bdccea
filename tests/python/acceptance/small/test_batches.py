"""Dry run, small batch, full run: what each writes, and that the way there does not matter."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from databases import LIVE_TABLES, TIME_STAMPS, TRACKING, Databases, Step, by_id, content, orphans, rows, value

SECTIONS = 20
COUNTS = ("current_enrollment", "max_enrollment")


def ids(conninfo: str, statement: str) -> set[Any]:
    """The first column of a statement."""
    return {row[0] for row in rows(conninfo, statement)}


# ── the dry run ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_dry_run_changes_no_live_row(dry_run: Step) -> None:
    assert dry_run.document["publish"] is False
    assert dry_run.after == dry_run.before


def test_a_dry_run_leaves_no_trace_in_the_ledger(dry_run: Step) -> None:
    assert dry_run.ledger == {"batches": 0, "batch_tables": 0, "crosswalk": 0}
    assert dry_run.document["status"]["batch"] is None
    assert dry_run.document["status"]["published"] is False


def test_a_dry_run_reports_the_coverage_before_the_migration(dry_run: Step) -> None:
    for line in dry_run.document["status"]["entities"]:
        assert line["target_total"] == line["target_before"] == line["matched"], line["entity"]
        expected = (line["matched"] + line["folded"]) / line["in_scope"]
        if not line["folded"]:  # a folded row is covered as soon as the row that it shares is there
            assert line["coverage"] == pytest.approx(expected, abs=1e-6), line["entity"]
    promised = {line["entity"]: line["coverage"] for line in dry_run.document["status"]["entities"][:5]}
    assert all(0 < coverage < 1 for coverage in promised.values()), promised


# ── the small batch ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_small_batch_publishes_exactly_its_sections(small_batch: Step) -> None:
    lms = small_batch.databases.lms
    assert small_batch.document["courses"] == SECTIONS
    assert value(lms, "select count(*) from course_offerings where old_course_id is not null") == SECTIONS
    assert value(lms, "select count(*) from ledger.crosswalk where entity = 'course_offerings'") == SECTIONS
    assert rows(lms, "select courses from ledger.batches") == [(SECTIONS,)]


def test_the_enrollments_of_a_small_batch_are_complete_and_no_others_are_there(small_batch: Step) -> None:
    databases = small_batch.databases
    sections = sorted(ids(databases.lms, "select old_course_id from course_offerings where old_course_id is not null"))
    wanted = rows(databases.edu, "select id, course_id from journal where active = 1 and course_id = any(%s)", sections)
    there = rows(
        databases.lms,
        """
        select course_enrollments.old_journal_id, course_offerings.old_course_id
        from course_enrollments
        inner join course_offerings on course_enrollments.course_offering_id = course_offerings.id
        where course_enrollments.old_journal_id is not null
    """,
    )
    assert len(wanted) > SECTIONS
    assert sorted(there) == sorted(wanted)


def test_after_a_small_batch_all_foreign_keys_hold(small_batch: Step) -> None:
    assert orphans(small_batch.databases.lms) == {}


@pytest.mark.parametrize("table", LIVE_TABLES)
def test_a_small_batch_changes_nothing_that_was_there_but_the_tracking_of_its_own_rows(
    small_batch: Step, untouched: str, table: str
) -> None:
    lms = small_batch.databases.lms
    theirs = {"course_offerings": (*TRACKING, *COUNTS), "course_enrollments": TRACKING}.get(table, ())
    before, after = by_id(untouched, table, without=theirs), by_id(lms, table, without=theirs)
    assert {key: after.get(key) for key in before} == before
    # and what may change does so only in rows of the batch
    before, after = by_id(untouched, table, without=TRACKING), by_id(lms, table, without=TRACKING)
    changed = {key for key, row in before.items() if after[key] != row}
    assert changed <= ids(lms, "select live_id from ledger.crosswalk where entity = 'course_offerings'")


# What the rows of a batch need: each new row must be wanted by another one of it.
PERSONS_OF = """
select person_id from students where id = any(%s) union select person_id from teachers where id = any(%s)
"""
WANTED = {
    "course_offerings": "select id from course_offerings where old_course_id is not null",
    "course_enrollments": "select id from course_enrollments where old_journal_id is not null",
    "course_instructors": """
        select id from course_instructors
        where course_offering_id in (select id from course_offerings where old_course_id is not null)""",
    "assessments": """
        select id from assessments
        where course_offering_id in (select id from course_offerings where old_course_id is not null)""",
    "assessment_submissions": """
        select submissions.id
        from assessment_submissions as submissions
        inner join assessments on submissions.assessment_id = assessments.id
        inner join course_offerings on assessments.course_offering_id = course_offerings.id
        where course_offerings.old_course_id is not null""",
    "academic_terms": "select academic_term_id from course_offerings where old_course_id is not null",
    "courses": "select course_id from course_offerings where old_course_id is not null",
    "students": """
        select student_id from course_enrollments where old_journal_id is not null
        union select student_id from assessment_submissions""",
    "staff_members": "select id from staff_members where user_id in (select instructor_id from course_instructors)",
    "users": """
        select user_id from students union select user_id from staff_members union select user_id from persons
        union select instructor_id from course_instructors""",
    "organization_units": "select null::uuid where false",
    "grades": "select null::uuid where false",
}


def test_a_small_batch_writes_only_the_persons_of_its_students_and_teachers(small_batch: Step) -> None:
    lms = small_batch.databases.lms
    legacy = {
        entity: sorted(ids(lms, f"select legacy_id from ledger.crosswalk where entity = '{entity}'"))
        for entity in ("students", "staff_members", "persons")
    }
    wanted = {row[0] for row in rows(small_batch.databases.edu, PERSONS_OF, legacy["students"], legacy["staff_members"])}
    assert set(legacy["persons"]) == wanted


@pytest.mark.parametrize("table", [table for table in LIVE_TABLES if table != "persons"])
def test_a_small_batch_writes_only_what_its_sections_need(small_batch: Step, untouched: str, table: str) -> None:
    lms = small_batch.databases.lms
    new = ids(lms, f"select id from {table}") - ids(untouched, f"select id from {table}")
    assert new <= ids(lms, WANTED[table])
    assert new <= ids(lms, f"select live_id from ledger.crosswalk where entity in ('{table}', 'accounts', 'student_logins')")


# ── the full run after it, and the full run at once ────────────────────────────────────────────────────────────────────────────


def test_the_full_run_completes_the_small_batch(completed: Step, small_batch: Step) -> None:
    assert {line["entity"]: line["coverage"] for line in completed.document["status"]["entities"]} == {
        line["entity"]: 1.0 for line in completed.document["status"]["entities"]
    }
    assert completed.ledger["batches"] == 2
    assert completed.document["status"]["batch"] == completed.document["batch_id"] != small_batch.document["batch_id"]
    rows_now = completed.databases.lms
    assert value(rows_now, "select count(*) from course_offerings where old_course_id is not null") == 130
    assert value(rows_now, "select count(*) from course_enrollments where old_journal_id is not null") == 11000


@pytest.mark.parametrize("table", LIVE_TABLES)
def test_the_full_run_changes_nothing_that_was_there_but_tracking_and_counts(at_once: Step, untouched: str, table: str) -> None:
    theirs = (*TRACKING, *COUNTS) if table == "course_offerings" else TRACKING
    before = by_id(untouched, table, without=theirs)
    after = by_id(at_once.databases.lms, table, without=theirs)
    assert {key: (row, after.get(key)) for key, row in before.items() if after.get(key) != row} == {}


@pytest.mark.parametrize("table", LIVE_TABLES)
def test_a_small_batch_and_the_full_run_write_the_same_rows_as_the_full_run_at_once(
    completed: Step, at_once: Step, table: str
) -> None:
    left, right = completed.databases.lms, at_once.databases.lms
    if content(left, without=TIME_STAMPS, tables=[table]) == content(right, without=TIME_STAMPS, tables=[table]):
        return
    in_batches, together = by_id(left, table, without=TIME_STAMPS), by_id(right, table, without=TIME_STAMPS)
    different = {key: (in_batches.get(key), together.get(key)) for key in in_batches | together}
    assert {key: pair for key, pair in list(different.items()) if pair[0] != pair[1]} == {}


def test_both_ways_lead_to_the_same_crosswalk(completed: Step, at_once: Step) -> None:
    statement = "select entity, legacy_id, live_id from ledger.crosswalk order by 1, 2"
    assert rows(completed.databases.lms, statement) == rows(at_once.databases.lms, statement)


# ── the slower way ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def without_the_right(make_databases: Any) -> Databases:
    """Published by a role that may not suspend triggers and foreign key checks."""
    databases: Databases = make_databases("slow")
    rows(databases.lms, f"revoke set on parameter session_replication_role from {databases.settings['LMS_USER']}")
    databases.document("run", "--publish", "--vars", "{as_of_date: '2024-03-01'}")
    return databases


def test_without_the_right_the_slower_way_is_taken(without_the_right: Databases, at_once: Step) -> None:
    assert value(without_the_right.lms, "select bool_or(is_fast) from migration.lms_publish") is False
    assert value(at_once.databases.lms, "select bool_and(is_fast) from migration.lms_publish") is True


@pytest.mark.parametrize("table", LIVE_TABLES)
def test_the_slower_way_writes_the_same_rows(without_the_right: Databases, at_once: Step, table: str) -> None:
    slow = content(without_the_right.lms, without=TIME_STAMPS, tables=[table])
    assert slow == content(at_once.databases.lms, without=TIME_STAMPS, tables=[table])


def test_on_the_slower_way_the_applications_triggers_write_one_audit_row_per_change(
    without_the_right: Databases, untouched: str
) -> None:
    lms = without_the_right.lms
    old = ids(untouched, "select id from audit_logs")
    logged = Counter(
        (table, action)
        for key, table, action in rows(lms, "select id, resource_type, action from audit_logs")
        if key not in old and action != "migrate"
    )
    wrote = rows(lms, "select entity, inserted, tracked, updated from ledger.batch_tables")
    audited = {"users", "students", "staff_members", "course_offerings", "course_enrollments"}
    expected = {(entity, "insert"): inserted for entity, inserted, _, _ in wrote if entity in audited and inserted}
    expected |= {(entity, "update"): tracked + updated for entity, _, tracked, updated in wrote if tracked + updated}
    assert dict(logged) == expected


def test_on_the_fast_way_no_trigger_of_the_application_fires(at_once: Step, untouched: str) -> None:
    old = ids(untouched, "select id from audit_logs")
    logged = rows(at_once.databases.lms, "select id, action from audit_logs")
    assert {action for key, action in logged if key not in old} == {"migrate"}
    newer = "select count(*) from course_enrollments where updated_at > %s and created_at < %s"
    start = value(at_once.databases.lms, "select started_at from ledger.batches")
    assert value(at_once.databases.lms, newer, start, start) == 0
