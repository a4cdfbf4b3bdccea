"""Data with rows that cannot move: the run refuses, says why, and after a recorded decision publishes the rest."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from databases import ROOT, Databases, content, ledger, orphans, rows, value

CHILD = ("course_enrollments", "missing_section")
EXPECTED = "select entity, reason, n from demo.demo_expected_rejects"


@dataclass(frozen=True)
class Refused:
    """A run that refused to publish."""

    databases: Databases
    before: dict[str, tuple[int, str]]
    after: dict[str, tuple[int, str]]
    ledger: dict[str, int]
    said: subprocess.CompletedProcess[str]
    results: dict[str, str]
    expected: dict[tuple[str, str], int]


@pytest.fixture(scope="module")
def refused(make_databases: Callable[..., Databases]) -> Refused:
    """`run --publish` on the damaged data."""
    databases = make_databases("damaged", damaged=True)
    before = content(databases.lms)
    said = databases.edu2lms("run", "--publish", code=4)
    results = {result["unique_id"]: result["status"] for result in databases.artifact("run_results.json")["results"]}
    expected = {(entity, reason): n for entity, reason, n in rows(databases.edu, EXPECTED)}
    return Refused(databases, before, content(databases.lms), ledger(databases.lms), said, results, expected)


@dataclass(frozen=True)
class Accepted:
    """The run after the decision to leave the rejected rows behind."""

    databases: Databases
    document: dict[str, Any]
    rejects: list[dict[str, Any]]


@pytest.fixture(scope="module")
def accepted(refused: Refused) -> Accepted:
    """`run --publish` with `max_rejected` raised."""
    document = refused.databases.document("run", "--publish", "--vars", "{max_rejected: 100000}")
    return Accepted(refused.databases, document, refused.databases.document("status", "--rejects"))


def test_the_refusal_publishes_nothing(refused: Refused) -> None:
    assert refused.after == refused.before
    assert refused.ledger == {"batches": 0, "batch_tables": 0, "crosswalk": 0}
    assert refused.results["model.edu2lms.lms_publish"] == "skipped"


def test_the_refusal_names_entity_reason_number_examples_and_repair(refused: Refused) -> None:
    text = " ".join(refused.said.stderr.split())
    repairs = dict(rows(refused.databases.lms, "select reason, repair from migration.reject_reasons"))
    assert len(refused.expected) >= 14
    for (entity, reason), n in refused.expected.items():
        examples = rows(
            refused.databases.lms,
            "select legacy_id::text from migration.rejected_rows where entity = %s and reason = %s order by legacy_id limit 3",
            entity,
            reason,
        )
        sentence = f"{entity}: {n:,} {reason}, for example legacy id {', '.join(row[0] for row in examples)}"
        assert f"{sentence}. Repair: {' '.join(repairs[reason].split())}" in text


def test_the_refusal_names_the_way_on(refused: Refused) -> None:
    per_entity: Counter[str] = Counter()
    for (entity, _), n in refused.expected.items():
        per_entity[entity] += n
    assert f"--vars '{{max_rejected: {max(per_entity.values())}}}'" in refused.said.stderr
    assert refused.said.stdout == ""


def test_every_reject_is_the_expected_one(accepted: Accepted, refused: Refused) -> None:
    assert Counter((reject["entity"], reject["reason"]) for reject in accepted.rejects) == refused.expected
    assert refused.expected["course_offerings", "unmapped_subject"] == 6
    assert refused.expected["course_offerings", "ambiguous_match"] == 4


def test_every_reject_has_reason_detail_and_repair(accepted: Accepted) -> None:
    for reject in accepted.rejects:
        assert set(reject) == {"entity", "legacy_id", "reason", "detail", "repair"}
        assert int(reject["legacy_id"]) > 0
    lacking = [reject for reject in accepted.rejects if not (reject["reason"] and reject["detail"] and reject["repair"])]
    assert Counter((reject["entity"], reject["reason"]) for reject in lacking) == Counter()


def test_the_detail_of_a_rejected_parents_child_names_the_parents_reason(accepted: Accepted) -> None:
    reasons = {reject["legacy_id"]: reject["reason"] for reject in accepted.rejects if reject["entity"] == "course_offerings"}
    section_of = dict(rows(accepted.databases.edu, "select id::text, course_id::text from journal where active = 1"))
    orphaned = [reject for reject in accepted.rejects if (reject["entity"], reject["reason"]) == CHILD]
    children = [(reject, reasons.get(section_of[reject["legacy_id"]])) for reject in orphaned]
    assert sum(reason is not None for _, reason in children) == 11 * 3 * 2 + 4 * 10
    assert [child for child, reason in children if reason and reason not in child["detail"]] == []


def test_the_classes_add_up(accepted: Accepted) -> None:
    for line in accepted.document["status"]["entities"]:
        moved = line["matched"] + line["inserted"] + line["folded"]
        assert line["in_scope"] == moved + line["rejected"], line
        assert line["source_total"] == line["in_scope"] + line["out_of_scope"], line
        assert line["target_before"] == line["matched"], line
        assert line["target_total"] == line["matched"] + line["inserted"], line
        assert round(line["coverage"] * line["in_scope"]) == moved, line


def test_the_legacy_side_of_the_sum_is_the_table_itself(accepted: Accepted) -> None:
    for line in accepted.document["status"]["entities"]:
        if line["entity"] != "academic_terms":
            assert line["source_total"] == value(accepted.databases.edu, f"select count(*) from {line['source']}"), line["entity"]


def test_the_rest_is_published(accepted: Accepted) -> None:
    lms, status = accepted.databases.lms, {line["entity"]: line for line in accepted.document["status"]["entities"]}
    moved = status["course_enrollments"]["matched"] + status["course_enrollments"]["inserted"]
    assert value(lms, "select count(*) from course_enrollments where old_journal_id is not null") == moved
    moved = status["course_offerings"]["matched"] + status["course_offerings"]["inserted"]
    assert value(lms, "select count(*) from course_offerings where old_course_id is not null") == moved
    assert orphans(lms) == {}


def test_no_rejected_row_was_published(accepted: Accepted) -> None:
    # of rows that share an id, one moves
    single = [reject for reject in accepted.rejects if reject["reason"] != "duplicate_legacy_id"]
    rejected = {(reject["entity"], int(reject["legacy_id"])) for reject in single}
    published = set(rows(accepted.databases.lms, "select entity, legacy_id from ledger.crosswalk"))
    assert rejected & published == set()


def test_undecided_offerings_are_left_alone(accepted: Accepted) -> None:
    statement = "select count(*), count(old_course_id) from course_offerings where section_code like '2022/2023_PY_ZZ- A0%%'"
    assert rows(accepted.databases.lms, statement.replace("%%", "%")) == [(2, 0)]


def test_the_parity_tests_passed(accepted: Accepted) -> None:
    results = {result["unique_id"]: result["status"] for result in accepted.databases.artifact("run_results.json")["results"]}
    parity = [path.stem for path in (ROOT / "tests" / "parity").glob("**/*.sql")]
    assert {name: results.get(f"test.edu2lms.{name}") for name in parity} == dict.fromkeys(parity, "pass")


def test_the_decision_is_recorded_with_the_batch(accepted: Accepted) -> None:
    recorded = rows(accepted.databases.lms, "select decisions ->> 'max_rejected' from ledger.batches")
    assert recorded == [("100000",)]
