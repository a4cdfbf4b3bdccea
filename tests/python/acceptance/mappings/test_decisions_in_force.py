"""Each decision, decided otherwise, gives the other outcome; the accounting stays complete, and parity and verification hold."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from databases import ROOT, Databases, rows, value

DECIDED = "as_of_date: 2030-01-01, roster_threshold: 1, roster_margin: 1, create_missing_courses: false"
IN_FORCE = "select decision, value, default_value, is_default, batch_id from migration.decisions_in_force where kind = 'var'"
# a section of a subject that the application has no course for
NEW_SUBJECT = 990101060000099999
SUBJECT_WITHOUT_COURSE = f"""
insert into public.subject_catalog (id, active) values ({NEW_SUBJECT}, 1);
insert into public.education_plan_subject (id, subject_id, active) values (990101050000000001, {NEW_SUBJECT}, 1);
update public.course set education_plan_subject_id = 990101050000000001
where id = (select max(id) from public.course where active = 1)
"""
# best and second candidate of each live offering that has several
BEST = """
select max(overlap) as best, coalesce((array_agg(overlap order by overlap desc))[2], 0) as runner_up
from migration.int_offering_candidates_scored
where candidate_count > 1
group by course_offering_id
"""


@dataclass(frozen=True)
class Strict:
    """A run under strict decisions that was refused, and the same with the rejects accepted."""

    databases: Databases
    refusal: str
    document: dict[str, Any] = field(repr=False)
    rejects: list[dict[str, Any]] = field(repr=False)


@pytest.fixture(scope="module")
def strict(make_databases: Callable[..., Databases]) -> Strict:
    """Strict rosters, no new courses, every term over."""
    databases = make_databases("strict")
    rows(databases.edu, SUBJECT_WITHOUT_COURSE)
    refusal = databases.edu2lms("run", "--publish", "--vars", f"{{{DECIDED}}}", code=4).stderr
    assert value(databases.lms, "select count(*) from ledger.batches") == 0
    document = databases.document("run", "--publish", "--vars", f"{{{DECIDED}, max_rejected: 100000}}")
    return Strict(databases, refusal, document, databases.document("status", "--rejects"))


@dataclass(frozen=True)
class Folded:
    """A run at the grain of sections that leaves old terms behind."""

    databases: Databases
    document: dict[str, Any] = field(repr=False)


@pytest.fixture(scope="module")
def folded(make_databases: Callable[..., Databases]) -> Folded:
    """One enrollment per student and section, from the spring of 2021 on."""
    databases = make_databases("folded")
    variables = "{enrollment_grain: section, cutoff_date: 2021-02-01, as_of_date: 2024-03-01}"
    return Folded(databases, databases.document("run", "--publish", "--vars", variables))


def assert_complete(databases: Databases, document: dict[str, Any]) -> None:
    """Every legacy row in one class, counted in edu and in lms; every parity test passed; the second derivation agrees."""
    for line in document["status"]["entities"]:
        moved = line["matched"] + line["inserted"] + line["folded"]
        assert line["in_scope"] == moved + line["rejected"], line
        assert line["source_total"] == line["in_scope"] + line["out_of_scope"], line
        assert line["target_total"] == line["matched"] + line["inserted"], line
        if line["entity"] != "academic_terms":
            assert line["source_total"] == value(databases.edu, f"select count(*) from {line['source']}")
    assert document["tests"]["parity_passed"] == len(list((ROOT / "tests" / "parity").glob("*.sql")))
    assert databases.document("verify")["verdict"] == "match"


def line_of(document: dict[str, Any], entity: str) -> dict[str, Any]:
    """One line of the status table."""
    found: dict[str, Any] = next(line for line in document["status"]["entities"] if line["entity"] == entity)
    return found


def test_more_rejects_than_max_rejected_stop_the_run_and_as_many_do_not(strict: Strict) -> None:
    assert "unmapped_subject" in strict.refusal
    assert "ambiguous_match" in strict.refusal
    assert strict.document["publish"] is True
    assert sum(line["rejected"] for line in strict.document["status"]["entities"]) == len(strict.rejects) > 0


def test_roster_threshold_and_margin_decide_which_rosters_name_a_winner(strict: Strict) -> None:
    lms = strict.databases.lms
    by_default = value(lms, f"select count(*) from ({BEST}) as b where best >= 0.8 and best - runner_up >= 0.2")
    by_strict = value(lms, f"select count(*) from ({BEST}) as b where best >= 1 and best - runner_up >= 1")
    matched = value(lms, "select count(*) from migration.int_course_offerings_classified where match_method = 'roster'")
    assert matched == by_strict < by_default
    ambiguous = [reject for reject in strict.rejects if reject["reason"] == "ambiguous_match"]
    assert {reject["entity"] for reject in ambiguous} == {"course_offerings"}


def test_without_create_missing_courses_subjects_without_course_stay_behind(strict: Strict) -> None:
    assert line_of(strict.document, "courses")["inserted"] == 0
    subjects = [reject for reject in strict.rejects if (reject["entity"], reject["reason"]) == ("courses", "unmapped_subject")]
    assert [reject["legacy_id"] for reject in subjects] == [str(NEW_SUBJECT)]
    assert value(strict.databases.lms, "select count(*) from courses where code = 'SUBJ99999'") == 0


def test_as_of_date_decides_which_terms_are_over(strict: Strict, folded: Folded) -> None:
    new = """
        select count(*) filter (where course_enrollments.enrollment_status = 'enrolled')
        from course_enrollments
        inner join ledger.crosswalk on live_id = id and entity = 'course_enrollments' and method = 'inserted'
    """
    assert value(strict.databases.lms, new) == 0  # in 2030 every term is over
    running = """
        select count(*)
        from course_enrollments
        inner join ledger.crosswalk on live_id = course_enrollments.id and entity = 'course_enrollments' and method = 'inserted'
        inner join course_offerings on course_offering_id = course_offerings.id
        inner join academic_terms on academic_term_id = academic_terms.id
        where course_enrollments.enrollment_status = 'enrolled' and end_date < '2024-03-01'
    """
    assert value(folded.databases.lms, new) > 0
    assert value(folded.databases.lms, running) == 0


def test_every_row_is_accounted_for_under_strict_decisions(strict: Strict) -> None:
    assert_complete(strict.databases, strict.document)


def test_the_grain_of_sections_leaves_one_enrollment_for_each_student_and_section(folded: Folded) -> None:
    line, lms = line_of(folded.document, "course_enrollments"), folded.databases.lms
    assert line["folded"] > 0
    pairs = """
        select count(*), count(distinct (course_offering_id, student_id)) from course_enrollments where old_journal_id is not null
    """
    ((enrollments, students_in_sections),) = rows(lms, pairs)
    assert enrollments == students_in_sections == line["matched"] + line["inserted"]
    named = "select count(*) from ledger.crosswalk where entity = 'course_enrollments' and method = 'folded'"
    assert value(lms, named) == line["folded"]


def test_the_cutoff_leaves_earlier_terms_out_of_scope_with_all_that_hangs_on_them(folded: Folded) -> None:
    lms = folded.databases.lms
    ends = """
        select count(*) filter (where end_date < '2021-02-01') as early, count(*) filter (where end_date >= '2021-02-01') as late
        from course_offerings
        inner join academic_terms on academic_term_id = academic_terms.id
        inner join ledger.crosswalk on live_id = course_offerings.id and entity = 'course_offerings'
    """
    ((early, late),) = rows(lms, ends)
    assert early == 0
    assert late > 0
    left = dict(
        rows(lms, "select entity, sum(row_count)::int from migration.accounting where reason = 'before_cutoff' group by entity")
    )
    assert left["course_offerings"] == value(
        lms,
        """
        select count(*)
        from migration.int_course_offerings_classified
        where term_end_date < '2021-02-01' and reason is distinct from 'inactive'
    """,
    )
    assert {"academic_terms", "course_offerings", "course_enrollments", "assessments", "assessment_submissions"} <= set(left)


def test_every_row_is_accounted_for_at_the_other_grain(folded: Folded) -> None:
    assert_complete(folded.databases, folded.document)


def test_the_decisions_in_force_are_a_table(strict: Strict, folded: Folded) -> None:
    found = {row[0]: row[1:] for row in rows(strict.databases.lms, IN_FORCE)}
    batch = strict.document["batch_id"]
    assert found["roster_threshold"] == ("1", "0.8", False, batch)
    assert found["create_missing_courses"] == ("false", "true", False, batch)
    assert found["as_of_date"] == ("2030-01-01", "", False, batch)
    assert found["max_rejected"] == ("100000", "0", False, batch)
    assert found["enrollment_grain"] == ("journal", "journal", True, batch)
    found = {row[0]: row[1:] for row in rows(folded.databases.lms, IN_FORCE)}
    assert found["enrollment_grain"][:3] == ("section", "journal", False)
    assert found["cutoff_date"][:3] == ("2021-02-01", "", False)
    recorded = value(folded.databases.lms, "select decisions from ledger.batches")
    assert {name: str(entry) for name, entry in recorded.items() if name in ("enrollment_grain", "cutoff_date", "courses")} == {
        "enrollment_grain": "section", "cutoff_date": "2021-02-01", "courses": "0",
    }  # fmt: skip


def test_the_files_in_force_are_those_of_the_project(strict: Strict) -> None:
    statement = "select decision, value, file_hash from migration.decisions_in_force where kind = 'seed'"
    found = {decision: rest for decision, *rest in rows(strict.databases.lms, statement)}
    files = {f"seeds/{path.name}": path.read_text(encoding="utf-8") for path in (ROOT / "seeds").glob("*.csv")}
    assert set(found) == set(files)
    for name, text in files.items():
        assert found[name] == [f"{len(text.splitlines()) - 1} lines", hashlib.sha256(text.strip().encode()).hexdigest()], name


def test_dbt_by_hand_refuses_an_impossible_decision_before_it_builds(strict: Strict) -> None:
    arguments = ("run", "--select", "accounting", "--vars", "{enrollment_grain: sections}")
    said = " ".join(strict.databases.dbt(*arguments, code=2).stdout.split())
    assert "The decision enrollment_grain cannot be 'sections': it must be journal or section." in said
    assert "START sql" not in said
