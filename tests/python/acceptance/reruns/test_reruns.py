"""Rules §10: edu's changes follow, what has gone is withdrawn, the application wins and conflicts are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from databases import LIVE_TABLES, content, orphans, rows, value

from loader.standing import unchanged_since

if TYPE_CHECKING:
    from conftest import World

CONFLICTS = {
    "mark changed, edited": "edited_in_lms",
    "deleted, edited": "gone_and_edited",
    "application's own, deleted": "gone_in_edu",
    "application's own, moved": "moved_in_edu",
    "deleted by the application": "deleted_in_lms",
}


LOCK_TIMEOUT = 5  # seconds: the var lock_timeout


def test_the_application_goes_on_undisturbed(rerun: World) -> None:
    for application in rerun.at_work:
        assert application.errors == []
        assert application.statements > 500, "it was at work"
        assert application.longest < LOCK_TIMEOUT
    assert len(rerun.at_work) == 2


def test_a_changed_mark_follows(rerun: World) -> None:
    live = rerun.live("course_enrollments", "mark changed")
    assert live["grade"] == "99"
    assert live["updated_at"] > live["created_at"]


@pytest.mark.parametrize("scenario", ["deleted", "enrolled and deleted", "soft-deleted", "gone and back"])
def test_what_has_gone_from_edu_is_withdrawn_and_not_deleted(rerun: World, scenario: str) -> None:
    live = rerun.live("course_enrollments", scenario)
    assert live["enrollment_status"] == "withdrawn"
    assert live["status_changed_date"] is not None


def test_a_row_that_moved_in_edu_moves(rerun: World) -> None:
    legacy_id = rerun.rows["moved"].legacy_id
    ((section,),) = rows(rerun.databases.edu, "select course_id from journal where id = %s", legacy_id)
    offering = value(rerun.databases.lms, "select id from course_offerings where old_course_id = %s", section)
    assert rerun.live("course_enrollments", "moved")["course_offering_id"] == str(offering)


def test_the_application_wins(rerun: World) -> None:
    assert rerun.live("course_enrollments", "mark changed, edited")["grade"] != "99"
    assert rerun.live("course_enrollments", "deleted, edited")["enrollment_status"] == "completed"
    for scenario in ("edited by the application", "mark changed, edited", "deleted, edited"):
        assert rerun.live("course_enrollments", scenario)["notes"] == "seen by the dean"
    assert rerun.live("course_enrollments", "deleted by the application") == {}, "it is not written again"
    assert rerun.live("course_enrollments", "application's own, mark changed")["grade"] != "99"
    assert rerun.live("course_enrollments", "application's own, deleted")["enrollment_status"] == "enrolled"


def test_conflicts_are_listed_each_with_what_to_do(rerun: World) -> None:
    wanted = {("course_enrollments", rerun.rows[scenario].legacy_id): kind for scenario, kind in CONFLICTS.items()}
    assert rerun.conflicts() == wanted
    listed = rerun.databases.document("status", "--conflicts")
    assert {(entry["entity"], int(entry["legacy_id"])): entry["conflict"] for entry in listed} == wanted
    assert all(entry["detail"] and entry["repair"] for entry in listed)
    assert rerun.second["conflicts"] == len(wanted)


def test_other_entities_follow_too(rerun: World) -> None:
    assert rerun.live("persons", "persons")["first_name"] == "Ülkər"
    student = rerun.live("students", "students")
    assert (student["student_number"], student["enrollment_date"]) == ("NEW-CARD", "2019-09-15")
    assert rerun.live("course_offerings", "course_offerings")["section_code"] == "MOVED/1"
    assert rerun.live("assessments", "assessments")["due_date"] == "2021-05-15T06:30:00+00:00"
    login = rerun.live("users", "users")
    assert (login["username"], login["email"]) == ("brand.new", "brand.new@uni.example")
    assert login["password_hash"] == "!"


def test_new_rows_are_inserted_and_the_applications_own_stay(rerun: World) -> None:
    legacy_id = rerun.rows["mark changed"].legacy_id + 7
    ((grade, status),) = rows(
        rerun.databases.lms, "select grade, enrollment_status from course_enrollments where old_journal_id = %s", legacy_id
    )
    assert (grade, status) == ("55", "completed"), "the row of the pair that was there stays the primary one"
    assert value(rerun.databases.lms, "select count(*) from course_enrollments where enrollment_status = 'waitlisted'") == 1


def test_what_the_application_wrote_during_a_run_is_not_taken_for_unchanged(rerun: World) -> None:
    assert all(application.waits["edit"] for application in rerun.at_work)
    with psycopg.connect(rerun.databases.lms, autocommit=True) as connection:
        inputs = connection.execute("select inputs from ledger.last_run").fetchone()
        assert inputs is not None
        assert unchanged_since(connection, inputs[0]) is None


def test_only_what_changed_was_written(rerun: World) -> None:
    written = rerun.second["written"]
    # mark, move, person, student, offering, exam, attempt, login; the counts of the offerings that lost an enrolled student
    statement = "select kind, count(*) from ledger.changes where batch_id = %s group by 1"
    kinds = dict(rows(rerun.databases.lms, statement, rerun.second["batch_id"]))
    assert written["inserted"] == 1
    assert written["withdrawn"] == kinds["withdrawn"] == 4
    assert kinds["updated"] == 8
    assert written["updated"] == kinds["updated"] + kinds.get("counted", 0)


def test_counts_and_keys_hold(rerun: World) -> None:
    wrong = """
        select count(*) from course_offerings as o where current_enrollment <> (
            select count(*) from course_enrollments as e where e.course_offering_id = o.id and enrollment_status = 'enrolled')
    """
    assert value(rerun.databases.lms, wrong) == 0
    assert orphans(rerun.databases.lms) == {}


def test_the_next_run_writes_nothing_but_what_came_back(rerun: World) -> None:
    rerun.edu("update journal set active = 1 where id = %s", rerun.rows["gone and back"].legacy_id)
    with rerun.editing_after_the_load(rerun.rows["mark changed"].legacy_id):
        third = rerun.databases.document("run", "--publish", "--vars", "{as_of_date: '2024-03-01'}")
    # a row that came to edu after the load is not this run's: it is said, and is no failure
    assert [(table["table"], table["inserted"], table["changed"], table["deleted"]) for table in third["drifted"]] == [
        ("journal", 1, 0, 0)
    ]
    assert third["tests"]["parity_passed"] >= 13
    assert (third["written"]["inserted"], third["written"]["tracked"], third["written"]["withdrawn"]) == (0, 0, 0)
    assert rerun.live("course_enrollments", "gone and back")["enrollment_status"] == "enrolled"
    changed = "select count(*) from ledger.changes where batch_id = %s and kind = 'updated'"
    assert value(rerun.databases.lms, changed, third["batch_id"]) == 1
    assert len(rerun.conflicts()) == len(CONFLICTS), "what nobody has decided stays listed"


def test_undo_takes_the_batches_back_one_by_one(rerun: World) -> None:
    lms = rerun.databases.lms
    batches = [batch for (batch,) in rows(lms, "select batch_id from ledger.batches order by published_at")]
    refused = rerun.databases.document("undo", "--batch", batches[0], code=4)
    assert batches[-1] in refused["error"]["fix"], "the latest one first"

    tables = list(LIVE_TABLES)
    third = content(lms, tables=tables)
    dry = rerun.databases.document("undo", "--batch", batches[-1], "--dry-run")
    assert dry["dry_run"] is True
    assert content(lms, tables=tables) == third
    rerun.databases.document("undo", "--batch", batches[-1])
    assert {name: found for name, found in rerun.after.items() if name in tables} == content(lms, tables=tables)

    rerun.databases.document("undo", "--batch", batches[-2])
    between = content(lms, tables=tables, without=("updated_at",))
    assert {name: found for name, found in rerun.between.items() if name in tables} == between

    # of the first batch the application has edited some rows since: they stay, and so does what they need
    first = rerun.databases.document("undo", "--batch", batches[0])
    kept = {(entry["entity"], int(entry["legacy_id"])): entry["reason"] for entry in first["left"]}
    for scenario in ("edited by the application", "mark changed, edited", "deleted, edited"):
        picked = rerun.rows[scenario]
        assert kept[("course_enrollments", picked.legacy_id)] == "edited in the application"
        assert rerun.live("course_enrollments", scenario)["notes"] == "seen by the dean"
    assert set(kept.values()) >= {"edited in the application", "needed by course_enrollments"}
    assert orphans(lms) == {}
    left = value(lms, "select count(*) from course_enrollments where old_journal_id is not null")
    assert left == sum(entity == "course_enrollments" for entity, _ in kept)
    assert value(lms, "select count(*) from ledger.crosswalk") >= len(kept)
    assert rerun.databases.document("status")["published"] is False
    again = rerun.databases.document("undo", "--batch", batches[0], code=2)
    assert "no published batch" in again["error"]["message"]
