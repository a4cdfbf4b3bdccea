"""Compares what a migration did with what it had to do. Every answer is a list of sentences; an empty one is an acquittal."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import psycopg
from databases import orphans
from migrate import Migration
from oracle import Oracle, Verdict
from psycopg import sql
from psycopg.rows import dict_row
from university import LMS_TABLES, University

# entity → (legacy table, what dbt says about each of its rows)
ENTITIES = {
    "users": ("users", "int_users_classified"),
    "persons": ("persons", "int_persons_classified"),
    "students": ("students", "int_students_classified"),
    "staff_members": ("teachers", "int_staff_members_classified"),
    "courses": ("subject_catalog", "int_courses_classified"),
    "course_offerings": ("course", "int_course_offerings_classified"),
    "course_instructors": ("course_teacher", "int_course_instructors_classified"),
    "course_enrollments": ("journal", "int_course_enrollments_classified"),
    "assessments": ("exam", "int_assessments_classified"),
    "assessment_submissions": ("exam_student", "int_assessment_submissions_classified"),
}
MOVES = ("matched", "inserted", "folded")
# what the migration may give a row of the application
GIVEN = {
    "course_offerings": {"old_course_id", "current_enrollment", "max_enrollment"},
    "course_enrollments": {"old_journal_id"},
}
MADE = ("inserted", "own_login")


class Snapshot:
    """The live tables at one moment: rows by id, as dictionaries."""

    def __init__(self, migration: Migration) -> None:
        self.tables: dict[str, dict[Any, dict[str, Any]]] = {}
        with psycopg.connect(migration.databases.lms, row_factory=dict_row) as connection:
            for table in LMS_TABLES:
                rows = connection.execute(sql.SQL("select * from public.{}").format(sql.Identifier(table))).fetchall()
                self.tables[table] = {row["id"]: row for row in rows}
            self.audit = connection.execute("select count(*) from public.audit_logs").fetchone()
            self.ledger = {
                name: connection.execute(sql.SQL("select to_jsonb(x)::text as x from ledger.{} as x").format(sql.Identifier(name))).fetchall()
                for name in migration.ledger_tables
            }


class Findings:
    """What dbt and the ledger say after a run."""

    def __init__(self, migration: Migration) -> None:
        with psycopg.connect(migration.databases.lms, row_factory=dict_row) as connection:
            self.classified = {
                entity: connection.execute(
                    sql.SQL("select legacy_id, outcome, reason, live_id from migration.{}").format(sql.Identifier(model))
                ).fetchall()
                for entity, (_, model) in ENTITIES.items()
            }
            self.crosswalk = connection.execute("select entity, legacy_id, live_id, method from ledger.crosswalk").fetchall()

    def most_rejects(self) -> int:
        """Rejected rows of the entity that has most of them: what max_rejected has to allow."""
        return max(sum(line["outcome"] == "rejected" for line in lines) for lines in self.classified.values())


def accounting(university: University, findings: Findings, before: Snapshot, after: Snapshot) -> list[str]:
    """§1: one outcome for every legacy row; live rows are matched, inserted or the application's. Counted on both sides."""
    found = []
    links: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    for line in findings.crosswalk:
        links[line["entity"]][line["legacy_id"]] = line
    for entity, (table, _) in ENTITIES.items():
        legacy = Counter(row["id"] for row in university.edu.get(table, []))
        said = Counter(line["legacy_id"] for line in findings.classified[entity])
        if legacy != said:
            found.append(f"{entity}: edu has {legacy - said} more, the accounting has {said - legacy} more")
        moved = Counter(line["legacy_id"] for line in findings.classified[entity] if line["outcome"] in MOVES)
        if moved != Counter(links[entity].keys()):
            found.append(f"{entity}: moved are {sorted(moved)}, in the crosswalk {sorted(links[entity])}")
    made: dict[str, set[Any]] = defaultdict(set)
    matched: dict[str, set[Any]] = defaultdict(set)
    for line in findings.crosswalk:
        entity = "users" if line["entity"] in ("accounts", "student_logins", "staff_logins") else line["entity"]
        if line["method"] in MADE:
            made[entity].add(line["live_id"])
        elif line["method"] != "folded":
            matched[entity].add(line["live_id"])
        if line["live_id"] not in after.tables[entity]:
            found.append(f"{entity} {line['legacy_id']}: its live row {line['live_id']} does not exist")
    for table, rows in after.tables.items():
        new = set(rows) - set(before.tables[table])
        if new != made[table]:
            found.append(f"{table}: new rows {sorted(map(str, new - made[table]))} unexplained, {sorted(map(str, made[table] - new))} not new")
        if strange := matched[table] - set(before.tables[table]):
            found.append(f"{table}: matched, but not there before: {sorted(map(str, strange))}")
        application = set(before.tables[table]) - matched[table]
        if len(rows) != len(matched[table]) + len(made[table]) + len(application):
            found.append(f"{table}: {len(rows)} rows are not {len(matched[table])} + {len(made[table])} + {len(application)}")
    return found


def application_untouched(before: Snapshot, after: Snapshot) -> list[str]:
    """§5: a live row that was there keeps everything; it only gains its tracking id, an offering its counts."""
    found = []
    for table, rows in before.tables.items():
        for identifier, row in rows.items():
            now = after.tables[table].get(identifier)
            if now is None:
                found.append(f"{table} {identifier} has gone")
                continue
            changed = {name for name in row if row[name] != now[name]} - GIVEN.get(table, set())
            found += [f"{table} {identifier}.{name}: {row[name]!r} became {now[name]!r}" for name in sorted(changed)]
    return found


def constraints_hold(migration: Migration, after: Snapshot) -> list[str]:
    """Foreign keys, the partial unique index, and counts that fit: foreign keys are suspended while the migration writes."""
    found = [f"{name}: {number} rows without parent" for name, number in orphans(migration.databases.lms).items()]
    enrolled = Counter(
        (row["course_offering_id"], row["student_id"])
        for row in after.tables["course_enrollments"].values()
        if row["enrollment_status"] == "enrolled"
    )
    found += [f"enrolled twice: {pair}" for pair, number in enrolled.items() if number > 1]
    places = Counter(offering for offering, _ in enrolled)
    for offering in after.tables["course_offerings"].values():
        if offering["old_course_id"] is not None and offering["current_enrollment"] != places[offering["id"]]:
            found.append(f"offering {offering['id']} counts {offering['current_enrollment']}, enrolled are {places[offering['id']]}")
        if offering["current_enrollment"] > offering["max_enrollment"]:
            found.append(f"offering {offering['id']} holds more than it may")
    return found


def nothing_written(before: Snapshot, after: Snapshot) -> list[str]:
    """§10: publishing what is there already writes nothing."""
    found = [f"{table} was written" for table in LMS_TABLES if before.tables[table] != after.tables[table]]
    found += [f"ledger.{name} was written" for name in before.ledger if before.ledger[name] != after.ledger[name]]
    return found + (["audit_logs was written"] if before.audit != after.audit else [])


def agrees(oracle: Oracle, findings: Findings, after: Snapshot) -> list[str]:
    """The oracle's verdict on every legacy row, every decided column of every written row, every partner."""
    found = []
    for entity, verdicts in oracle.verdicts().items():
        if not verdicts:
            continue
        lines: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for line in findings.classified[entity]:
            lines[line["legacy_id"]].append(line)
        for legacy_id, verdict in verdicts.items():
            found += _row(entity, legacy_id, verdict, lines[legacy_id], after)
    return found


def _row(entity: str, legacy_id: int, verdict: Verdict, lines: list[dict[str, Any]], after: Snapshot) -> list[str]:
    name = f"{entity} {legacy_id}"
    duplicates = [line for line in lines if line["reason"] == "duplicate_legacy_id"]
    others = [line for line in lines if line not in duplicates]
    if len(others) != 1:
        return [f"{name}: {len(others)} of {len(lines)} rows are not called duplicates: {lines}"]
    line = others[0]
    if line["outcome"] != verdict.outcome or (verdict.reasons and line["reason"] not in verdict.reasons):
        due = f"{verdict.outcome} {'/'.join(sorted(verdict.reasons))}".strip()
        return [f"{name}: should be {due}, is {line['outcome']} {line['reason'] or ''}".rstrip()]
    if verdict.moves and line["live_id"] != verdict.live_id:
        return [f"{name}: should be live row {verdict.live_id}, is {line['live_id']}"]
    row = after.tables[entity].get(verdict.live_id) if verdict.moves else None
    if verdict.moves and row is None:
        return [f"{name}: live row {verdict.live_id} does not exist"]
    found = [
        f"{name}.{column}: should be {due!r}, is {row[column]!r}"
        for column, due in (verdict.row if row else {}).items()
        if row is not None and row[column] != due
    ]
    tracking = {"course_offerings": "old_course_id", "course_enrollments": "old_journal_id"}.get(entity)
    if row is not None and tracking and verdict.outcome != "folded" and row[tracking] != legacy_id:
        found.append(f"{name}: tracking id is {row[tracking]}")
    return found
