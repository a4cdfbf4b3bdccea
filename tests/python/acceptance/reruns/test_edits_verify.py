"""`verify` while both sides go on working: it says what differs and whose doing it is. Stands before the tests that run again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import World

LOAD = "changed in edu since the load"
EDIT = "edited in lms since batch"

# scenario → what is said before the second run, and part of the label
BEFORE = {
    "mark changed": ("different", LOAD),
    "deleted": ("unexpected", LOAD),
    "soft-deleted": ("unexpected", LOAD),
    "moved": ("different", LOAD),
    "edited by the application": ("different", EDIT),
    "deleted by the application": ("deleted", "deleted in lms since batch"),
    "mark changed, edited": ("different", EDIT),
    "deleted, edited": ("unexpected", EDIT),
    "application's own, deleted": ("unexpected", LOAD),
    "application's own, moved": ("different", LOAD),
}
# … and after it: only what the application decides about
AFTER = {
    "edited by the application": ("different", EDIT),
    "deleted by the application": ("deleted", "listed as a conflict: deleted_in_lms"),
    "mark changed, edited": ("different", "listed as a conflict: edited_in_lms"),
    "deleted, edited": ("unexpected", "listed as a conflict: gone_and_edited"),
    "mark changed on both sides alike": None,
    "application's own, mark changed": None,
    "application's own, deleted": ("unexpected", "listed as a conflict: gone_in_edu"),
    "application's own, moved": ("different", "listed as a conflict: moved_in_edu"),
}
OTHERS = ("persons", "students", "course_offerings", "assessments", "assessment_submissions", "users")


@pytest.fixture(scope="module")
def before(edited: World) -> dict[str, Any]:
    """What is said when both sides have been edited and nothing has been run."""
    document: dict[str, Any] = edited.databases.document("verify", "--first", "200", code=1)
    return document


@pytest.fixture(scope="module")
def after(before: dict[str, Any], request: pytest.FixtureRequest) -> dict[str, Any]:  # noqa: ARG001  (the order is the point)
    """What is said after the second run."""
    document: dict[str, Any] = request.getfixturevalue("rerun").databases.document("verify", "--first", "200", code=1)
    return document


def said(document: dict[str, Any], legacy_id: int, entity: str = "course_enrollments") -> tuple[str, str] | None:
    """What and label of one row's difference."""
    found = [entry for entry in document["first"] if (entry["entity"], entry["legacy_id"]) == (entity, str(legacy_id))]
    assert len(found) <= 1
    return (found[0]["what"], found[0]["label"] or "") if found else None


@pytest.mark.parametrize("scenario", BEFORE)
def test_before_the_run_it_says_what_differs_and_why(before: dict[str, Any], edited: World, scenario: str) -> None:
    found, wanted = said(before, edited.rows[scenario].legacy_id), BEFORE[scenario]
    assert found is not None
    assert (found[0], wanted[1] in found[1]) == (wanted[0], True), found


@pytest.mark.parametrize("entity", OTHERS)
def test_before_the_run_the_other_tables_differ_too(before: dict[str, Any], edited: World, entity: str) -> None:
    assert said(before, edited.rows[entity].legacy_id, entity) == ("different", LOAD)


def test_edu_is_seen_to_have_changed_since_the_load(before: dict[str, Any], after: dict[str, Any]) -> None:
    changed = {drift["table"] for drift in before["drift"]}
    assert changed == {"journal", "persons", "students", "course", "exam", "exam_student", "accounts"}
    assert after["drift"] == []


@pytest.mark.parametrize("scenario", AFTER)
def test_after_the_run_only_what_the_application_decides_differs(after: dict[str, Any], edited: World, scenario: str) -> None:
    found, wanted = said(after, edited.rows[scenario].legacy_id), AFTER[scenario]
    if wanted is None:
        assert found is None
    else:
        assert found is not None
        assert (found[0], wanted[1] in found[1]) == (wanted[0], True), found


def test_after_the_run_nothing_else_differs(after: dict[str, Any], edited: World) -> None:
    wanted = {str(edited.rows[scenario].legacy_id) for scenario, what in AFTER.items() if what}
    assert {entry["legacy_id"] for entry in after["first"]} == wanted
    assert {entity["entity"] for entity in after["entities"] if entity["verdict"] != "match"} == {"course_enrollments"}


def test_what_was_withdrawn_is_right_and_counted(after: dict[str, Any]) -> None:
    (enrollments,) = [entity for entity in after["entities"] if entity["entity"] == "course_enrollments"]
    assert enrollments["withdrawn"] == 4


def test_with_allow_edits_it_matches_and_lists_them_apart(after: dict[str, Any], edited: World) -> None:
    document = edited.databases.document("verify", "--allow-edits")
    (enrollments,) = [entity for entity in document["entities"] if entity["entity"] == "course_enrollments"]
    assert (enrollments["verdict"], enrollments["differences"]) == ("match", 0)
    assert enrollments["excused"] == len(after["first"])
    assert all(entry["is_excused"] for entry in document["first"])
