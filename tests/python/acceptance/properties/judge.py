"""Compares what a migration did with what it had to do. Every answer is a list of sentences; an empty one is an acquittal."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Any

import psycopg
from databases import orphans
from migrate import Migration
from oracle import ADDRESS, Oracle, Verdict
from psycopg import sql
from psycopg.rows import dict_row
from strategies import LECTURE
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
                name: connection.execute(
                    sql.SQL("select to_jsonb(x)::text as x from ledger.{} as x").format(sql.Identifier(name))
                ).fetchall()
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
            unexplained, old = sorted(map(str, new - made[table])), sorted(map(str, made[table] - new))
            found.append(f"{table}: new rows {unexplained} unexplained, {old} not new")
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
            found.append(
                f"offering {offering['id']} counts {offering['current_enrollment']}, enrolled are {places[offering['id']]}"
            )
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


def people_agree(oracle: Oracle, findings: Findings, before: Snapshot, after: Snapshot) -> list[str]:
    """§9, §11: persons, and the logins of new students and staff."""
    found = []
    for line in findings.classified["persons"]:
        verdict = oracle.persons[line["legacy_id"]]
        if line["reason"] == "duplicate_legacy_id" or (line["outcome"] == "matched" and verdict.moves):
            continue
        found += _row("persons", line["legacy_id"], verdict, [line], after)
    for entity, table, verdicts in (("students", "students", oracle.students), ("staff_members", "teachers", oracle.staff)):
        for legacy_id, verdict in verdicts.items():
            row = after.tables[entity].get(verdict.live_id) if verdict.outcome == "inserted" else None
            if row is not None:
                found += [
                    f"{entity} {legacy_id}: {said}" for said in _login(oracle, table, legacy_id, row["user_id"], before, after)
                ]
    addresses = Counter(row["email"].strip().casefold() for row in after.tables["users"].values())
    found += [f"address {address!r} is given {number} times" for address, number in addresses.items() if number > 1]
    for identifier in set(after.tables["users"]) - set(before.tables["users"]):
        row = after.tables["users"][identifier]
        if row["password_hash"] != "!" or row["metadata"].get("password_reset_required") is not True or row["email_verified"]:
            found.append(f"new user {identifier} could log in: {row}")
        wanted = [account for account in oracle.rows("accounts") if str(account) == str(row["metadata"].get("old_account_id"))]
        if not wanted:
            found.append(f"new user {identifier} names no account: {row['metadata']}")
            continue
        account = oracle.rows("accounts")[wanted[0]]
        name, address = oracle.unique_text(account.get("username")), (oracle.unique_text(account.get("email")) or "").casefold()
        if name and len(name) >= 3 and not re.fullmatch(re.escape(name) + "(-[0-9]+)?", row["username"]):
            found.append(f"new user {identifier} is called {row['username']!r} and not {name!r}")
        if row["email"] not in (address, f"{row['username']}@placeholder.invalid") and not row["email"].endswith(
            "@placeholder.invalid"
        ):
            found.append(f"new user {identifier} has the address {row['email']!r}, the account {address!r}")
        if ADDRESS.fullmatch(address) and not addresses[address]:
            found.append(f"the valid address {address!r} was given to nobody")
    return found


def _login(oracle: Oracle, table: str, legacy_id: int, user: Any, before: Snapshot, after: Snapshot) -> list[str]:
    """The login of a new student or member of staff."""
    row = oracle.rows(table)[legacy_id]
    account = oracle.account_of(row)
    if account is None:
        return [] if user is None else [f"has no account, and yet the login {user}"]
    if user is None:
        return [f"its account is {account}, and it has no login"]
    entity = {"students": "students", "teachers": "staff_members"}[table]
    live = oracle.live_user(account)
    seats = {seat["user_id"] for seat in before.tables[entity].values()}
    verdicts = oracle.students if table == "students" else oracle.staff
    rivals = [
        i
        for i, verdict in verdicts.items()
        if verdict.outcome == "inserted" and oracle.account_of(oracle.rows(table)[i]) == account
    ]
    if live is not None and live not in seats and legacy_id == min(rivals) and user != live:
        return [f"the live user {live} of its account {account} is free, its login is {user}"]
    if user in before.tables["users"]:
        return [] if user == live else [f"has the login {user} of the application"]
    owner = after.tables["users"][user]["metadata"].get("old_account_id")
    return [] if str(owner) == str(account) else [f"its account is {account}, its login says {owner}"]


def instructors_agree(oracle: Oracle, findings: Findings, before: Snapshot, after: Snapshot) -> list[str]:
    """§8: once per (offering, user), the lecture teacher with the lowest row id is primary unless the application named one."""
    found, groups = [], defaultdict(list)
    lines = {
        line["legacy_id"]: line for line in findings.classified["course_instructors"] if line["reason"] != "duplicate_legacy_id"
    }

    def user_of(teacher: int) -> Any:
        """§11: the login of the member of staff; of a live one without, which stays so, that of the account."""
        verdict = oracle.staff[teacher]
        seat = after.tables["staff_members"][verdict.live_id]["user_id"] if verdict.live_id else None
        return seat or _account_login(oracle, findings, oracle.account_of(oracle.rows("teachers")[teacher]))

    for identifier, row in oracle.rows("course_teacher").items():
        verdict = oracle.teaching(row, user_of)
        if isinstance(verdict, Verdict):
            found += _row("course_instructors", identifier, verdict, [lines[identifier]], after)
        else:
            groups[verdict].append(identifier)
    existing = {(row["course_offering_id"], row["instructor_id"]): row for row in before.tables["course_instructors"].values()}
    named = {place for (place, _), row in existing.items() if row["role"] == "primary"}
    lectures = {i for i, row in oracle.rows("course_teacher").items() if row.get("lesson_type_id") == LECTURE}
    for (offering, user), rows in groups.items():
        outcomes = sorted(lines[identifier]["outcome"] for identifier in rows)
        due = sorted(["matched" if (offering, user) in existing else "inserted", *["folded"] * (len(rows) - 1)])
        if outcomes != due:
            found.append(f"course_instructors {rows}: should be {due}, are {outcomes}")
            continue
        (bearer,) = [line["live_id"] for line in map(lines.__getitem__, rows) if line["outcome"] != "folded"]
        first = min(
            (i for (place, _), others in groups.items() if place == offering for i in others if i in lectures), default=None
        )
        role = "primary" if first in rows and offering not in named else "secondary"
        live = after.tables["course_instructors"].get(bearer)
        if live is None or (live["course_offering_id"], live["instructor_id"]) != (offering, user):
            found.append(f"course_instructors {rows}: should lead to {(offering, user)}, is {live}")
        elif "inserted" in outcomes and live["role"] != role:
            found.append(f"course_instructors {rows}: should be {role}, is {live['role']}")
    return found


def _account_login(oracle: Oracle, findings: Findings, account: int | None) -> Any:
    """§11: the users rows of an account are one live user, an additional login of a second student apart."""
    users = {row["id"] for row in oracle.rows("users").values() if row.get("account_id") == account is not None}
    logins = {
        line["live_id"]
        for line in findings.crosswalk
        if (line["entity"] == "users" and line["legacy_id"] in users and line["method"] != "own_login")
        or (line["entity"] == "accounts" and line["legacy_id"] == account)
    }
    live = oracle.live_user(account)
    return live if live in logins or not logins else min(logins)


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
