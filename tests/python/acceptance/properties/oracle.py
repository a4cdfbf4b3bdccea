"""What the rules say must become of a university, in plain Python: the second opinion that judges the migration.

Written from the rules of the migration and not from its SQL, and it reads nothing of what dbt built. Where the rules leave a
choice, every admissible answer is allowed.
"""

from __future__ import annotations

import csv
import re
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from university import Row, University

from loader.legacy_uuid import legacy_uuid
from loader.project import Project

BAKU = ZoneInfo("Asia/Baku")
EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
WHITE = " \t\r\n\u00a0"
MARK = re.compile(r"[0-9]+([.][0-9]+)?")
LETTER = re.compile(r"[A-F][+-]?")
DAY = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")
ADDRESS = re.compile(r"[a-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}")
CUT = 20


@dataclass
class Verdict:
    """What becomes of one legacy row.

    Attributes:
        outcome: matched, inserted, folded, rejected or out_of_scope.
        reasons: the codes that are right for a row that stays behind.
        live_id: the live row that stands for it.
        row: columns of the row that is written; only those that the rules decide.
    """

    outcome: str
    reasons: frozenset[str] = frozenset()
    live_id: uuid.UUID | None = None
    row: Row = field(default_factory=dict)

    @property
    def moves(self) -> bool:
        """Is there a live row for it?"""
        return self.outcome in ("matched", "inserted", "folded")


def rejected(*reasons: str) -> Verdict:
    """A row that cannot move, for one of these reasons."""
    return Verdict("rejected", frozenset(reasons))


INACTIVE = Verdict("out_of_scope", frozenset({"inactive"}))
DUPLICATE = rejected("duplicate_legacy_id")


def seed(name: str) -> list[dict[str, str | None]]:
    """The lines of an analysts' table; an empty cell is None."""
    with (Project.find().root / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{key: value or None for key, value in line.items()} for line in csv.DictReader(file)]


def mapping(name: str, key: str, value: str) -> Callable[[Any], str | None]:
    """One of the small mapping seeds, with its default line `*`."""
    lines = {line[key]: line[value] for line in seed(name)}
    return lambda legacy: lines.get(None if legacy is None else str(legacy), lines.get("*"))


def clean(text: str | None) -> str | None:
    """Without outer spaces, blank is nothing."""
    return (text or "").strip(WHITE) or None


def parse_day(text: str | None) -> date | None:
    """DD/MM/YYYY, when there is such a day."""
    found = DAY.fullmatch((text or "").strip(WHITE))
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None


def parse_mark(text: str | None) -> str | None:
    """Trimmed, comma read as point, 0 to 100, plain decimal text; or a letter."""
    cleaned = (clean(text) or "").replace(",", ".")
    if MARK.fullmatch(cleaned) and 0 <= Decimal(cleaned) <= 100:
        whole, point, rest = cleaned.partition(".")
        return f"{int(whole)}{point}{rest}"
    return cleaned if LETTER.fullmatch(cleaned) else None


def day_of(moment: datetime | None) -> date | None:
    """The day on which something happened, as the university counts it."""
    return moment.astimezone(BAKU).date() if moment else None


class Oracle:
    """Judges one university.

    Args:
        university: what there is.
        grain: var enrollment_grain.
        create_missing: var create_missing_courses.
    """

    def __init__(self, university: University, *, grain: str = "journal", create_missing: bool = True) -> None:
        self.university, self.grain, self.create_missing = university, grain, create_missing
        self.edu = {table: self._winners(table) for table in university.edu}
        self.defaults = {line["setting"]: line["value"] for line in seed("defaults")}

    def unclear(self) -> list[str]:
        """Where the rules do not say who wins: then the oracle has no opinion on this university."""
        found = []
        free = [live for live in self.live("students") if "old_student_id" not in live["metadata"]]
        keyed = {str(live["metadata"].get("old_student_id")) for live in self.live("students")}
        students = [row for row in self.rows("students").values() if str(row["id"]) not in keyed]
        for evidence in (self._same_login, self._same_number):
            pairs = [(row["id"], live["id"]) for row in students for live in free if evidence(row, live)]
            for side in (0, 1):
                if twice := [one for one, number in Counter(pair[side] for pair in pairs).items() if number > 1]:
                    found.append(f"students {twice} have several counterparts")
        for subject, plans in self.used_plans.items():
            if len({self.overridden.get(plan) for plan in plans}) > 1:
                found.append(f"the plan subjects {plans} of subject {subject} lead to several courses")
        for identifier, verdict in self.assessments.items():
            offering = self._offering_basics.get(self.rows("exam")[identifier].get("course_id"))  # type: ignore[arg-type]
            if verdict.outcome == "matched" and not (offering and offering.moves):
                found.append(f"exam {identifier} has a counterpart, its section has none")
        return found

    def verdicts(self) -> dict[str, dict[int, Verdict]]:
        """By entity and legacy id: what becomes of the row that moves under that id."""
        return {
            "students": self.students,
            "staff_members": self.staff,
            "courses": self.courses,
            "course_offerings": self.offerings,
            "course_enrollments": self.enrollments,
            "assessments": self.assessments,
            "assessment_submissions": self.submissions,
        }

    def unique_text(self, text: str | None) -> str | None:
        """Without outer spaces; nothing where it is too long for an index, in which it would have to be unique."""
        found = clean(text)
        return found if found and len(found.encode()) <= int(self.defaults["unique_text_bytes"] or 0) else None

    # ── which row of an id, which rows at all ──────────────────────────────────────────────────────────────────────────────

    def _winners(self, table: str) -> dict[int, Row]:
        """§11: of rows that share one id the one changed last moves."""
        found: dict[int, Row] = {}
        for row in self.university.edu[table]:
            known = found.get(row["id"])
            if known is None or _changed(row) > _changed(known):
                found[row["id"]] = row
        return found

    def rows(self, table: str) -> dict[int, Row]:
        """The rows of a legacy table by id."""
        return self.edu.get(table, {})

    def live(self, table: str) -> list[Row]:
        """The rows of a live table."""
        return self.university.lms.get(table, [])

    def active(self, table: str) -> list[Row]:
        """The rows with active = 1."""
        return [row for row in self.rows(table).values() if row["active"] == 1]

    def _in_scope(self, table: str, referred: Iterable[int | None]) -> set[int]:
        """§2: active, or referred to by a row in scope."""
        return {row["id"] for row in self.active(table)} | (set(referred) & set(self.rows(table)))  # type: ignore[arg-type]

    @cached_property
    def exams_in_scope(self) -> set[int]:
        return self._in_scope("exam", (row.get("exam_id") for row in self.active("exam_student")))

    @cached_property
    def sections_in_scope(self) -> set[int]:
        referred = [row.get("course_id") for row in self.active("journal")]
        return self._in_scope("course", referred + [self.rows("exam")[exam].get("course_id") for exam in self.exams_in_scope])

    @cached_property
    def students_in_scope(self) -> set[int]:
        referring = self.active("journal") + self.active("exam_student")
        return self._in_scope("students", (row.get("student_id") for row in referring))

    @cached_property
    def teachers_in_scope(self) -> set[int]:
        rows = [row for row in self.active("course_teacher") if row.get("course_id") in self.sections_in_scope]
        return self._in_scope("teachers", (row.get("teacher_id") for row in rows))

    # ── §3 terms, §4 subjects ──────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def calendar(self) -> dict[tuple[str, str], Row]:
        """Terms by (year, type): the live one, else the seed's with the id that it will get."""
        found: dict[tuple[str, str], Row] = {}
        for line in seed("academic_terms"):
            year, kind = str(line["academic_year"]), str(line["term_type"])
            found[year, kind] = {
                "id": legacy_uuid("academic_terms", int(year[:4]) * 10 + int(line["term_number"] or 0)),
                "start_date": date.fromisoformat(str(line["start_date"])),
                "end_date": date.fromisoformat(str(line["end_date"])),
            }
        return found | {(row["academic_year"], row["term_type"]): row for row in self.live("academic_terms")}

    def term(self, section: Row) -> Row | None:
        """§3: the section's own columns decide, where they are NULL its code."""
        fields = (clean(section.get("code")) or "").split("_")
        letters = {line["code_semester"]: int(line["legacy_semester_id"] or 0) for line in seed("semester_codes")}
        year_id, semester = section.get("education_year_id"), section.get("semester_id")
        # a year that does not exist says as little as NULL
        year = clean(self.rows("edu_years").get(year_id, {}).get("name")) or fields[0]  # type: ignore[arg-type]
        if semester is None and len(fields) > 1:
            semester = letters.get(fields[1])
        for line in seed("term_mapping"):
            if line["legacy_education_year"] == year and line["legacy_semester_id"] == str(semester):
                return self.calendar.get((str(line["academic_year"]), str(line["term_type"])))
        return None

    @cached_property
    def overridden(self) -> dict[int, str]:
        return dict(self.university.course_mapping)

    @cached_property
    def subjects_in_scope(self) -> set[int]:
        plans = (self.rows("course")[section].get("education_plan_subject_id") for section in self.sections_in_scope)
        referred = [self.rows("education_plan_subject").get(plan, {}).get("subject_id") for plan in plans]
        return self._in_scope("subject_catalog", referred)

    def code_of(self, subject: int) -> str:
        """§4: the seed overrides the computed code of a subject when it decides all its plan subjects."""
        plans = self.used_plans[subject]
        if plans and plans <= set(self.overridden):
            return min(self.overridden[plan] for plan in plans)
        # as the rule's SQL counts: the remainder has the sign of the id, lpad cuts what is too long
        remainder = abs(subject) % 100000 * (-1 if subject < 0 else 1)
        return "SUBJ" + str(remainder).rjust(5, "0")[:5]

    @cached_property
    def used_plans(self) -> dict[int | None, set[int]]:
        """The plan subjects of each subject that sections in scope use."""
        used = {self.rows("course")[section].get("education_plan_subject_id") for section in self.sections_in_scope}
        plans = defaultdict(set)
        for plan in self.rows("education_plan_subject").values():
            if plan["id"] in used:
                plans[plan.get("subject_id")].add(plan["id"])
        return plans

    @cached_property
    def colliding(self) -> set[int]:
        """§4: subjects that share a code, until the seed decides the plan subjects of one."""
        sharing = defaultdict(set)
        for subject in self.subjects_in_scope:
            if not self.used_plans[subject] or not self.used_plans[subject] <= set(self.overridden):
                sharing[self.code_of(subject)].add(subject)
        return {subject for group in sharing.values() if len(group) > 1 for subject in group}

    def _sharing(self, subject: int) -> set[int]:
        return {other for other in self.subjects_in_scope - self.colliding if self.code_of(other) == self.code_of(subject)}

    @cached_property
    def courses(self) -> dict[int, Verdict]:
        return {subject: self._course(subject) for subject in self.rows("subject_catalog")}

    def _course(self, subject: int) -> Verdict:
        if subject not in self.subjects_in_scope:
            return INACTIVE
        if subject in self.colliding:
            return rejected("ambiguous_match")
        if subject != (first := min(self._sharing(subject))):
            return Verdict("folded", live_id=self._course(first).live_id)  # two subjects that the seed makes one course
        code = self.code_of(subject)
        for row in self.live("courses"):
            if row["code"] == code:
                return Verdict("matched", live_id=row["id"])
        if not self.create_missing:
            return rejected("unmapped_subject")
        names = self.rows("dictionaries").get(self.rows("subject_catalog")[subject].get("subject_name_id"), {})
        found = {language: clean(names.get(f"name_{language}")) for language in ("az", "en", "ru")}
        row = {
            "code": code,
            "credit_hours": int(self.defaults["course_credit_hours"] or 0),
            "course_level": self.defaults["course_level"],
        }
        if found["az"]:
            row["name"] = {language: name for language, name in found.items() if name}
        return Verdict("inserted", live_id=legacy_uuid("courses", subject), row=row)

    def course_of(self, section: Row) -> uuid.UUID | None:
        """§4: the course of a section."""
        plan = self.rows("education_plan_subject").get(section.get("education_plan_subject_id"))  # type: ignore[arg-type]
        if plan is None:
            return None
        if code := self.overridden.get(plan["id"]):
            by_code = {row["code"]: row["id"] for row in self.live("courses")}
            if code in by_code:
                return by_code[code]  # type: ignore[no-any-return]
            same = [subject for subject, verdict in self.courses.items() if verdict.row.get("code") == code]
            return self.courses[same[0]].live_id if same else None
        found = self.courses.get(plan.get("subject_id"))  # type: ignore[arg-type]
        return found.live_id if found else None

    # ── §5, §8 offerings ───────────────────────────────────────────────────────────────────────────────────────────────────

    def language(self, section: Row) -> str | None:
        lines = {line["legacy_language_id"]: line["language"] for line in seed("language_mapping")}
        return lines.get(str(section.get("education_lang_id")))

    @cached_property
    def rosters(self) -> dict[int, set[uuid.UUID]]:
        """Live students by section, through the journal."""
        found = defaultdict(set)
        for row in self.active("journal"):
            verdict = self.students.get(row.get("student_id"))  # type: ignore[arg-type]
            if verdict and verdict.outcome == "matched" and verdict.live_id:
                found[row.get("course_id")].add(verdict.live_id)
        return found  # type: ignore[return-value]

    @cached_property
    def offering_matches(self) -> tuple[dict[int, uuid.UUID], set[int]]:
        """§5: (section → its live offering, sections for which the evidence names no winner)."""
        matches = {
            row["old_course_id"]: row["id"] for row in self.live("course_offerings") if row.get("old_course_id") is not None
        }
        untracked = {identifier: row for identifier, row in self.rows("course").items() if identifier not in matches}
        overrides = {live: section for live, section in self.university.offering_overrides if section in untracked}
        waiting: dict[uuid.UUID, set[int]] = {}
        claims: dict[int, dict[int, list[uuid.UUID]]] = defaultdict(lambda: defaultdict(list))
        for offering in self.live("course_offerings"):
            if offering.get("old_course_id") is not None:
                continue
            candidates = [identifier for identifier, section in untracked.items() if self._could_be(section, offering)]
            decided = overrides.get(offering["id"])
            winner = self._winner(offering, candidates)
            if (claimed := decided if winner is None else winner) is not None:
                strength = 2 if winner is None else int(len(candidates) > 1)
                claims[claimed][strength].append(offering["id"])
            waiting[offering["id"]] = {*candidates, *([] if decided is None else [decided])}
        for section, by_strength in claims.items():
            strongest = by_strength[min(by_strength)]
            if len(strongest) == 1:  # equal evidence names no winner
                matches[section] = strongest[0]
                del waiting[strongest[0]]
        return matches, set().union(*waiting.values()) - set(matches)

    def _could_be(self, section: Row, offering: Row) -> bool:
        term, code = self.term(section), clean(section.get("code"))
        if term is None or code is None or self.course_of(section) != offering["course_id"]:
            return False
        return term["id"] == offering["academic_term_id"] and offering["section_code"] in (
            code,
            code[:CUT],
            clean(section["code"][:CUT]),
        )

    def _winner(self, offering: Row, candidates: list[int]) -> int | None:
        if len(candidates) == 1:
            return candidates[0]
        roster = {row["student_id"] for row in self.live("course_enrollments") if row["course_offering_id"] == offering["id"]}
        if not candidates or not roster:
            return None
        scores = sorted(((len(roster & self.rosters[section]) / len(roster), section) for section in candidates), reverse=True)
        return scores[0][1] if scores[0][0] >= 0.8 and scores[0][0] - scores[1][0] >= 0.2 - 1e-9 else None

    @cached_property
    def _offering_basics(self) -> dict[int, Verdict]:
        """Outcomes of the sections, without the columns that depend on the enrollments."""
        matches, waiting = self.offering_matches
        found = {}
        for identifier, section in self.rows("course").items():
            reasons = self.unmapped(section) + (["ambiguous_match"] if identifier in waiting else [])
            if identifier not in self.sections_in_scope:
                found[identifier] = INACTIVE
            elif identifier in matches:
                found[identifier] = Verdict("matched", live_id=matches[identifier])
            elif reasons:
                found[identifier] = rejected(*reasons)
            else:
                found[identifier] = Verdict("inserted", live_id=legacy_uuid("course_offerings", identifier))
        return found

    def unmapped(self, section: Row) -> list[str]:
        """What a new offering would need and the section does not lead to."""
        found = {
            "unmapped_term": self.term(section),
            "unmapped_subject": self.course_of(section),
            "unmapped_language": self.language(section),
            "invalid_value": self.unique_text(section.get("code")) or clean(section.get("code")) is None or None,
        }
        return [reason for reason, target in found.items() if target is None]

    def _term_is_over(self, section: Row) -> bool:
        return self.term_of(section)["end_date"] < self.university.as_of_date  # type: ignore[no-any-return]

    def term_of(self, section: Row) -> Row:
        """The term of a section that moves: of its live offering where it has one."""
        live_offering = self.offering_matches[0].get(section["id"])
        for offering in self.live("course_offerings"):
            if offering["id"] == live_offering:
                return next(term for term in self.live("academic_terms") if term["id"] == offering["academic_term_id"])
        term = self.term(section)
        assert term is not None
        return term

    @cached_property
    def section_codes(self) -> dict[int, str]:
        """§8, §11: the full code, SEC- and the id without one, repeats within course and term numbered in id order."""
        wanted: dict[tuple[Any, Any], list[tuple[int, str]]] = defaultdict(list)
        for identifier, verdict in sorted(self._offering_basics.items()):
            if verdict.outcome == "inserted":
                section = self.rows("course")[identifier]
                place = self.course_of(section), self.term_of(section)["id"]
                wanted[place].append((identifier, clean(section.get("code")) or f"SEC-{identifier}"))
        given = {}
        for place, sections in wanted.items():
            live = {
                row["section_code"]
                for row in self.live("course_offerings")
                if (row["course_id"], row["academic_term_id"]) == place
            }
            given |= numbered(sections, live, "#")
        return given

    @cached_property
    def offerings(self) -> dict[int, Verdict]:
        enrolled: dict[Any, int] = defaultdict(int)
        for verdict in self.enrollments.values():
            if verdict.outcome == "inserted" and verdict.row["enrollment_status"] == "enrolled":
                enrolled[verdict.row["course_offering_id"]] += 1
        found = {}
        for identifier, verdict in self._offering_basics.items():
            if verdict.outcome == "inserted":
                section, number = self.rows("course")[identifier], enrolled[verdict.live_id]
                verdict.row = {
                    "course_id": self.course_of(section),
                    "academic_term_id": self.term_of(section)["id"],
                    "section_code": self.section_codes[identifier],
                    "language_of_instruction": self.language(section),
                    "max_enrollment": max(section.get("student_count") or 0, number, 1),
                    "current_enrollment": number,
                    "delivery_mode": self.defaults["offering_delivery_mode"],
                    "enrollment_status": "closed" if self._term_is_over(section) else "open",
                    "old_course_id": identifier,
                }
            found[identifier] = verdict
        return found

    # ── §7 enrollments ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def parents(self, section: int | None, student: int | None, *, section_reason: str) -> Verdict | None:
        """What a row becomes whose parents do not move; None when both do."""
        reasons = []
        if not (found := self._offering_basics.get(section)) or not found.moves:  # type: ignore[arg-type]
            reasons.append(section_reason)
        if not (other := self.students.get(student)) or not other.moves:  # type: ignore[arg-type]
            reasons.append("missing_student")
        return rejected(*reasons) if reasons else None

    @cached_property
    def enrollments(self) -> dict[int, Verdict]:
        found: dict[int, Verdict] = {}
        pairs: dict[tuple[int, int], list[Row]] = defaultdict(list)
        for identifier, row in self.rows("journal").items():
            section, student = row.get("course_id"), row.get("student_id")
            if row["active"] != 1:
                found[identifier] = INACTIVE
            elif broken := self.parents(section, student, section_reason="missing_section"):
                found[identifier] = broken
            else:
                pairs[section, student].append(row)  # type: ignore[index]
        for (section, student), rows in pairs.items():
            offering, person = self._offering_basics[section], self.students[student]
            live = [
                row
                for row in self.live("course_enrollments")
                if (row["course_offering_id"], row["student_id"]) == (offering.live_id, person.live_id)
            ]
            primary = max(rows, key=lambda row: (row.get("update_date") or row.get("create_date") or EARLIEST, row["id"]))
            partner = {primary["id"]: live[0]["id"]} if live else {}
            primary_id = partner.get(primary["id"]) or legacy_uuid("course_enrollments", primary["id"])
            for row in rows:
                if row["id"] in partner:
                    found[row["id"]] = Verdict("matched", live_id=partner[row["id"]])
                elif row is not primary and self.grain == "section":
                    found[row["id"]] = Verdict("folded", live_id=primary_id)
                else:
                    found[row["id"]] = self._new_enrollment(row, section, student, is_primary=row is primary)
        return found

    def _new_enrollment(self, row: Row, section: int, student: int, *, is_primary: bool) -> Verdict:
        term = self.term_of(self.rows("course")[section])
        is_running = term["end_date"] >= self.university.as_of_date
        written = {
            "course_offering_id": self._offering_basics[section].live_id,
            "student_id": self.students[student].live_id,
            "enrollment_date": day_of(row.get("create_date")) or term["start_date"],
            "enrollment_status": "enrolled" if is_primary and is_running else "completed",
            "grade": parse_mark(row.get("point")),
            "is_retake": self._is_retake(section, student),
            "old_journal_id": row["id"],
        }
        return Verdict("inserted", live_id=legacy_uuid("course_enrollments", row["id"]), row=written)

    @cached_property
    def _attended(self) -> dict[int, set[tuple[Any, date]]]:
        """§11: (course, start of the term) by student, over the rows that migrate."""
        found = defaultdict(set)
        for row in self.active("journal"):
            section, student = row.get("course_id"), row.get("student_id")
            if not self.parents(section, student, section_reason="missing_section"):
                found[student].add((self._course_that_counts(section), self.term_of(self.rows("course")[section])["start_date"]))  # type: ignore[index,arg-type]
        return found  # type: ignore[return-value]

    def _course_that_counts(self, section: int) -> Any:
        """The subject as the live offering says it, else as edu does."""
        live_offering = self.offering_matches[0].get(section)
        for offering in self.live("course_offerings"):
            if offering["id"] == live_offering:
                return offering["course_id"]
        return self.course_of(self.rows("course")[section])

    def _is_retake(self, section: int, student: int) -> bool:
        course, start = self._course_that_counts(section), self.term_of(self.rows("course")[section])["start_date"]
        return any(other == course and earlier < start for other, earlier in self._attended[student])

    # ── §11 people ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def account_of(self, holder: Row) -> int | None:
        """§11: through user_id, else through person → account."""
        user = self.rows("users").get(holder.get("user_id"))  # type: ignore[arg-type]
        if user and user.get("account_id") in self.rows("accounts"):
            return user["account_id"]  # type: ignore[no-any-return]
        owned = [row for row in self.rows("accounts").values() if row.get("person_id") == holder.get("person_id") is not None]
        owned.sort(key=lambda row: (row["active"] != 1, row["id"]))
        return owned[0]["id"] if owned else None

    def live_user(self, account: int | None) -> uuid.UUID | None:
        """The live user of an account: by old_user_id, else by old_account_id."""
        if account is None:
            return None
        owned = sorted(row["id"] for row in self.rows("users").values() if row.get("account_id") == account)
        for key, legacy in [("old_user_id", user) for user in owned] + [("old_account_id", account)]:
            for row in self.live("users"):
                if key in row["metadata"] and str(row["metadata"][key]) == str(legacy):
                    return row["id"]  # type: ignore[no-any-return]
        return None

    @cached_property
    def student_matches(self) -> dict[int, uuid.UUID]:
        """metadata.old_student_id, else the same login, else the card number of one student; each live row once."""
        found: dict[int, uuid.UUID] = {}
        candidates = [self.rows("students")[identifier] for identifier in sorted(self.rows("students"))]

        def take(pairs: Iterable[tuple[Row, Row]]) -> None:
            for student, live in pairs:
                if student["id"] not in found and live["id"] not in found.values():
                    found[student["id"]] = live["id"]

        live_students = self.live("students")
        keyed = [live for live in live_students if "old_student_id" in live["metadata"]]
        free = [live for live in live_students if live not in keyed]
        take(
            (student, live)
            for student in candidates
            for live in keyed
            if str(live["metadata"]["old_student_id"]) == str(student["id"])
        )
        for evidence in (self._same_login, self._same_number):
            take((student, live) for student in candidates for live in free if evidence(student, live))
        # §2 makes no difference between rows in scope; but where they carry one number the active student comes first
        carriers: dict[str | None, list[Row]] = defaultdict(list)
        for student in candidates:
            if student["id"] in self.students_in_scope and student["id"] not in found:
                carriers[self.unique_text(student.get("card_number"))].append(student)
        for live in free:
            carrying = carriers.get(live["student_number"], [])
            if len(best := [row for row in carrying if row["active"] == 1] or carrying) == 1:
                take([(best[0], live)])
        return found

    def _same_login(self, student: Row, live: Row) -> bool:
        user = self.live_user(self.account_of(student))
        return user is not None and live["user_id"] == user

    def _same_number(self, student: Row, live: Row) -> bool:
        return bool(live["student_number"] == f"STU{student['id']}")

    @cached_property
    def student_numbers(self) -> dict[int, str]:
        """§11: a card number belongs to the live student that has it, else to the lowest legacy id; others get STU and the id.

        A card number may look like the substitute of another student: it is real, and the substitute gives way to it.
        """
        taken = {row["student_number"] for row in self.live("students")}
        given, substitutes = {}, []
        for identifier in sorted(i for i, verdict in self._student_basics.items() if verdict.outcome == "inserted"):
            card = self.unique_text(self.rows("students")[identifier].get("card_number"))
            if card is None or card in taken:
                substitutes.append((identifier, f"STU{identifier}"))
            else:
                given[identifier] = card
                taken.add(card)
        return given | numbered(substitutes, taken, "-")

    @cached_property
    def _student_basics(self) -> dict[int, Verdict]:
        found = {}
        for identifier, row in self.rows("students").items():
            if identifier not in self.students_in_scope:
                found[identifier] = INACTIVE
            elif identifier in self.student_matches:
                found[identifier] = Verdict("matched", live_id=self.student_matches[identifier])
            elif row.get("person_id") not in self.rows("persons"):
                found[identifier] = rejected("missing_person")
            else:
                found[identifier] = Verdict("inserted", live_id=legacy_uuid("students", identifier))
        return found

    @cached_property
    def students(self) -> dict[int, Verdict]:
        study_mode = mapping("study_mode_mapping", "legacy_education_type_id", "study_mode")
        funding = mapping("funding_type_mapping", "legacy_payment_type_id", "funding_type")
        for identifier, verdict in self._student_basics.items():
            if verdict.outcome != "inserted":
                continue
            row = self.rows("students")[identifier]
            verdict.row = {
                "student_number": self.student_numbers[identifier],
                "enrollment_date": day_of(row.get("create_date"))
                or date.fromisoformat(str(self.defaults["student_enrollment_date"])),
                "status": "active" if row["active"] == 1 else "inactive",
                "study_mode": study_mode(row.get("education_type_id")),
                "funding_type": funding(row.get("education_payment_type_id")),
                "gpa": None,
            }
        return self._student_basics

    @cached_property
    def staff(self) -> dict[int, Verdict]:
        numbers = {row["employee_number"]: row["id"] for row in self.live("staff_members")}
        found = {}
        for identifier, row in self.rows("teachers").items():
            if identifier not in self.teachers_in_scope:
                found[identifier] = INACTIVE
            elif f"TCH{identifier}" in numbers:
                found[identifier] = Verdict("matched", live_id=numbers[f"TCH{identifier}"])
            elif row.get("person_id") not in self.rows("persons"):
                found[identifier] = rejected("missing_person")
            else:
                found[identifier] = Verdict(
                    "inserted", live_id=legacy_uuid("staff_members", identifier), row=self._new_staff(row)
                )
        return found

    def _new_staff(self, row: Row) -> Row:
        employment = mapping("employment_type_mapping", "legacy_contract_type_id", "employment_type")
        left = parse_day(row.get("out_action_date"))
        names = self.rows("dictionaries").get(row.get("position_id"), {})  # type: ignore[arg-type]
        found = {language: clean(names.get(f"name_{language}")) for language in ("az", "en", "ru")}
        if not found["az"]:
            found = {language: self.defaults[f"position_title_{language}"] for language in found}
        fallback = date.fromisoformat(str(self.defaults["staff_hire_date"]))
        return {
            "employee_number": f"TCH{row['id']}",
            "hire_date": parse_day(row.get("in_action_date")) or day_of(row.get("create_date")) or fallback,
            "employment_type": employment(row.get("contract_type_id")),
            "is_active": row["active"] == 1 and not (left and left < self.university.as_of_date),
        }

    # ── §9 people, §8 instructors: what does not depend on which login somebody gets ─────────────────────────────────────────

    @cached_property
    def persons(self) -> dict[int, Verdict]:
        """Scope and columns; whether a live person is the same one depends on the logins, so both answers are open here."""
        gender = mapping("gender_mapping", "legacy_gender_id", "gender")
        holders = [self.rows("students")[student] for student in self.students_in_scope]
        holders += [self.rows("teachers")[teacher] for teacher in self.teachers_in_scope]
        in_scope = self._in_scope("persons", (row.get("person_id") for row in holders))
        found = {}
        for identifier, row in self.rows("persons").items():
            written = {
                "first_name": clean(row.get("firstname")) or self.defaults["person_first_name"],
                "last_name": clean(row.get("lastname")) or self.defaults["person_last_name"],
                "middle_name": clean(row.get("patronymic")),
                "date_of_birth": parse_day(row.get("birthdate")),
                "gender": gender(row.get("gender_id")),
                "national_id": clean(row.get("pincode")),
            }
            new = Verdict("inserted", live_id=legacy_uuid("persons", identifier), row=written)
            found[identifier] = new if identifier in in_scope else INACTIVE
        return found

    def teaching(self, row: Row, user_of: Callable[[int], uuid.UUID | None]) -> Verdict | tuple[uuid.UUID | None, uuid.UUID]:
        """What becomes of a row of course_teacher, or the (offering, user) that it leads to.

        Args:
            row: of course_teacher.
            user_of: the login of a teacher that moves.
        """
        section, teacher = row.get("course_id"), row.get("teacher_id")
        if row["active"] != 1 or (section in self.rows("course") and section not in self.sections_in_scope):
            return INACTIVE
        offering, member = self._offering_basics.get(section), self.staff.get(teacher)  # type: ignore[arg-type]
        user = user_of(teacher) if member and member.moves and teacher is not None else None
        if not offering or not offering.moves:
            return rejected("missing_section", *(() if user else ("missing_person",)))
        return (offering.live_id, user) if user else rejected("missing_person")

    # ── §11 examinations ───────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def assessments(self) -> dict[int, Verdict]:
        known = {
            str(row["rubric"]["old_exam_id"]): row["id"] for row in self.live("assessments") if "old_exam_id" in row["rubric"]
        }
        found = {}
        for identifier, row in self.rows("exam").items():
            offering = self._offering_basics.get(row.get("course_id"))  # type: ignore[arg-type]
            if identifier not in self.exams_in_scope:
                found[identifier] = INACTIVE
            elif str(identifier) in known:
                found[identifier] = Verdict("matched", live_id=known[str(identifier)])
            elif not offering or not offering.moves:
                found[identifier] = rejected("missing_section")
            else:
                written = self._new_assessment(row) | {"course_offering_id": offering.live_id}
                found[identifier] = Verdict("inserted", live_id=legacy_uuid("assessments", identifier), row=written)
        return found

    def _new_assessment(self, row: Row) -> Row:
        grade, start, at = row.get("passing_grade"), parse_day(row.get("start_date")), row.get("start_time")
        found = {
            "title": {language: self.defaults[f"assessment_title_{language}"] for language in ("az", "en", "ru")},
            "assessment_type": "exam",
            "weight_percentage": Decimal(self.defaults["assessment_weight_percentage"] or 0),
            "total_marks": Decimal(self.defaults["assessment_total_marks"] or 0),
            "passing_marks": Decimal(grade) if grade is not None and 0 <= grade <= 100 else None,
            "duration_minutes": row.get("duration"),
        }
        clock = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", clean(at) or "")
        if start is None:
            found["due_date"] = None
        elif clock:
            found["due_date"] = datetime.combine(start, time(int(clock[1]), int(clock[2])), tzinfo=BAKU)
        return found

    @cached_property
    def submissions(self) -> dict[int, Verdict]:
        status = mapping("submission_status_mapping", "finish_status", "submission_status")
        found: dict[int, Verdict] = {}
        attempts: dict[tuple[int, int], list[Row]] = defaultdict(list)
        for identifier, row in self.rows("exam_student").items():
            exam, student = self.assessments.get(row.get("exam_id")), self.students.get(row.get("student_id"))  # type: ignore[arg-type]
            reasons = [
                reason
                for reason, parent in (("missing_exam", exam), ("missing_student", student))
                if parent is None or not parent.moves
            ]
            if row["active"] != 1:
                found[identifier] = INACTIVE
            elif reasons:
                found[identifier] = rejected(*reasons)
            else:
                attempts[row["exam_id"], row["student_id"]].append(row)
        for (exam_id, student_id), rows in attempts.items():
            place = self.assessments[exam_id].live_id, self.students[student_id].live_id
            live = [row for row in self.live("assessment_submissions") if (row["assessment_id"], row["student_id"]) == place]
            live.sort(key=lambda row: row["attempt_number"])
            latest = datetime.max.replace(tzinfo=UTC)
            for number, row in enumerate(sorted(rows, key=lambda row: (row.get("create_date") or latest, row["id"]))):
                if number < len(live):
                    found[row["id"]] = Verdict("matched", live_id=live[number]["id"])
                    continue
                written = {
                    "assessment_id": place[0],
                    "student_id": place[1],
                    "attempt_number": (live[-1]["attempt_number"] if live else 0) + number - len(live) + 1,
                    "submission_date": row.get("create_date"),
                    "status": status(row.get("finish_status")),
                }
                found[row["id"]] = Verdict("inserted", live_id=legacy_uuid("assessment_submissions", row["id"]), row=written)
        return found


def numbered(wanted: list[tuple[int, str]], taken: set[str], separator: str) -> dict[int, str]:
    """Unique names: the first free of name, name#2, name#3 …; a name that somebody wants as it stands is nobody else's number."""
    reserved, given = taken | {name for _, name in wanted}, {}
    used = set(taken)
    for identifier, name in wanted:
        found, number = name, 1
        while found in used or (number > 1 and found in reserved):
            number += 1
            found = f"{name}{separator}{number}"
        given[identifier] = found
        used.add(found)
    return given


def _changed(row: Row) -> tuple[datetime, datetime]:
    return row.get("update_date") or EARLIEST, row.get("create_date") or EARLIEST
