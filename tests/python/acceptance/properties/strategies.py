"""Random small universities with random damage. The first of each list of choices is the plain one, and the most frequent."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from university import Row, University

PY, YZ = 110000135, 110000136
AZ, EN, RU = 110000065, 110000066, 110000067
LECTURE, SEMINAR = 110000111, 110000112
LARGEST, SMALLEST = 2**63 - 1, -(2**63)
MISSING = 990101000000000007
EDGES = (0, -1, 1, LARGEST, SMALLEST, 2**53 + 1, -(2**53) - 1)

HOSTILE = (
    "O'Brien; drop table users; --",
    'a"b\\c\\',
    "100 % %s %(id)s {0} :x",
    "{{ ref('users') }} {% raw %} {#",
    "$publish$ $$ $1",
    "😀👩‍👩‍👧 emoji",
    "مرحبا \u202eright to left\u202c",
    "e\u0301\u0323 İıəŞ ß ﬁ",
    "a\u00a0b\u200bc\ufeffd",
    "\x01\x08\x1b[31m\x7f\x85",
    "line\nbreak\ttab\r\n",
    "NULL",
    "x" * 3000,
)

NAMES = ("Əli", "Aysel", "", "   ", "\u00a0\t", None, " Nigar ", *HOSTILE)
BIRTHDATES = (
    "01/09/1999",
    "31/02/2003",
    "",
    None,
    "29/02/2000",
    "29/02/1900",
    "00/00/0000",
    "2003-02-31",
    " 05/06/1990 ",
    "31/12/9999999",
    "٠١/٠١/٢٠٠٠",
    "12/31/1999",
    "no date",
    *HOSTILE[:4],
)
MARKS = (
    "85",
    "85,5",
    " 90 ",
    "100",
    "100.0",
    "0",
    "7",
    "",
    None,
    "A",
    "B+",
    "F-",
    "G",
    "A++",
    "101",
    "-1",
    "100,5",
    "1e1",
    "NaN",
    "Infinity",
    "٨٥",
    "½",
    "1,000.5",
    "5%",
    "8.50",
    "66.6666667",
    "\u00a075\t",
    "8 5",
    *HOSTILE[:7],
)
TIMES = ("09:00", "14:30", "00:00", "23:59", None, "", "25:00", "9 o'clock", "12:60")
CARDS = ("C{n}", "C0", None, "", " C0 ", "STU{other}", "{hostile}")
STAMPS = (0, 1, 30, 200, 400, 900)
TERMS = (("2023/2024", PY), ("2023/2024", YZ), ("2024/2025", PY), ("2024/2025", YZ), ("2016/2017", PY))
# the borders of the terms: the last day, the day after, the day before the first, the first
DAYS = (
    date(2024, 11, 3),
    date(2025, 1, 31),
    date(2025, 2, 1),
    date(2024, 9, 14),
    date(2024, 6, 30),
    date(2024, 7, 1),
    date(2031, 1, 1),
)
TERM_DATES = {
    ("2023/2024", PY): ("2023-2024", "fall", 1, date(2023, 9, 15), date(2024, 1, 31)),
    ("2023/2024", YZ): ("2023-2024", "spring", 2, date(2024, 2, 15), date(2024, 6, 30)),
    ("2024/2025", PY): ("2024-2025", "fall", 1, date(2024, 9, 15), date(2025, 1, 31)),
    ("2024/2025", YZ): ("2024-2025", "spring", 2, date(2025, 2, 15), date(2025, 6, 30)),
}


def moment(days: int, *, hours: int = 9) -> datetime:
    """A time stamp some days after the first of September 2023, 09:00 UTC."""
    return datetime(2023, 9, 1, tzinfo=UTC) + timedelta(days=days, hours=hours)


class _Dice:
    """Draws with the plain choice first and most often."""

    def __init__(self, draw: DrawFn) -> None:
        self.draw = draw

    def number(self, least: int, most: int) -> int:
        return self.draw(st.integers(least, most))

    def often(self, *choices: Any, plain: int = 6) -> Any:
        """The first choice `plain` times as often as each other one."""
        place = self.draw(st.integers(0, plain + len(choices) - 2))
        return choices[max(0, place - plain + 1)]

    def any(self, choices: Sequence[Any]) -> Any:
        return choices[self.draw(st.integers(0, len(choices) - 1))]

    def chance(self, one_in: int) -> bool:
        return self.draw(st.integers(0, one_in - 1)) == one_in - 1

    def active(self) -> int | None:
        return self.often(1, 0, None, 2, plain=9)  # type: ignore[no-any-return]

    def stamps(self, *, late: bool = True) -> Row:
        """create_date and update_date: close to midnight now and then, where a time zone moves the day."""
        hours = self.often(9, 19, 20, 21, 3)
        created = self.often(moment(self.any(STAMPS), hours=hours), None, plain=12)
        updated = self.often(None, moment(self.any(STAMPS), hours=hours) if late else None, plain=2)
        return {"create_date": created, "update_date": updated}


class _Builder:
    """Builds one university, table after table."""

    def __init__(self, draw: DrawFn, size: int) -> None:
        self.dice, self.size = _Dice(draw), size
        self.made = University()
        self.used: dict[str, set[int]] = {}

    def new_id(self, table: str, base: int) -> int:
        """A new id: 18 digits, now and then at an edge of bigint."""
        used = self.used.setdefault(table, set())
        edge = self.dice.often(None, *EDGES, plain=25)
        found = base + len(used) if edge is None or edge in used else edge
        used.add(found)
        return int(found)

    def some(self, rows: list[Row], *, broken: int = 30) -> int | None:
        """The id of one of the rows; rarely one that does not exist, or NULL."""
        if not rows or self.dice.chance(broken):
            return self.dice.any((MISSING, None))
        return int(self.dice.any(rows)["id"])

    # ── edu ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def catalogue(self) -> None:
        dice, made = self.dice, self.made
        for identifier, name in ((AZ, "az"), (EN, "en"), (RU, "ru"), (PY, "payız"), (YZ, "yaz"), (LECTURE, "m"), (SEMINAR, "s")):
            made.add("dictionaries", id=identifier, name_az=name)
        for number, year in enumerate(("2016/2017", "2023/2024", "2024/2025", "2031/2032")):
            made.add("edu_years", id=150000000000000000 + number, name=year, order_by=number)
        for number in range(dice.number(1, 3)):
            name_id = 110001000 + number
            made.add(
                "dictionaries",
                id=name_id,
                name_az=dice.often("Riyaziyyat", *NAMES[2:]),
                name_en=dice.often("Mathematics", None, ""),
                name_ru=dice.often("Математика", None, HOSTILE[1]),
            )
            # ids that differ by 100000 lead to one course code
            apart = dice.often(1, 100000, plain=5)
            identifier = 140000000000012345 + number * apart
            made.add("subject_catalog", id=identifier, subject_name_id=dice.often(name_id, None, MISSING), active=dice.active())
        for _ in range(dice.number(1, 3)):
            made.add(
                "education_plan_subject",
                id=self.new_id("education_plan_subject", 160000000000000001),
                subject_id=self.some(made.edu["subject_catalog"]),
                code="HF- B03.1",
                active=dice.active(),
            )

    def people(self) -> None:
        for number in range(self.dice.number(0, 6 * self.size)):
            self.person(number)

    def person(self, number: int) -> None:
        dice, made = self.dice, self.made
        person = self.new_id("persons", 170000000000000001)
        made.add(
            "persons",
            id=person,
            firstname=dice.often(NAMES[0], *NAMES),
            lastname=dice.often("Məmmədov", *NAMES),
            patronymic=dice.often("Vəli", *NAMES),
            gender_id=dice.often(1, 2, 110000003, 110000004, None, 9),
            pincode=dice.often(f"PIN{number}", None, "", HOSTILE[0]),
            birthdate=dice.often(BIRTHDATES[0], *BIRTHDATES),
            active=dice.active(),
            **dice.stamps(),
        )
        accounts = dice.often(1, 0, 2, plain=8)
        users: list[int] = []
        for _ in range(accounts):
            account = self.new_id("accounts", 180000000000000001)
            made.add(
                "accounts",
                id=account,
                person_id=dice.often(person, None, MISSING, plain=12),
                username=dice.often(f"user{number}", "user0", None, "", "ab", "user0-2", " user1 ", *HOSTILE, plain=12),
                password="c2VjcmV0",
                email=dice.often(
                    f"u{number}@uni.edu.az", "u0@uni.edu.az", " U0@UNI.edu.az ", "u0@uni", None, "", *HOSTILE, plain=12
                ),
                active=dice.active(),
                **dice.stamps(),
            )
            for _ in range(dice.often(1, 0, 2, 3, plain=5)):
                user = self.new_id("users", 190000000000000001)
                made.add(
                    "users",
                    id=user,
                    account_id=dice.often(account, None, MISSING, plain=15),
                    is_blocked=dice.often(0, 1, None),
                    user_type="STUDENT",
                    active=dice.active(),
                    **dice.stamps(),
                )
                users.append(user)
        for _ in range(dice.often(1, 0, 2, plain=5)):
            student = self.new_id("students", 200000000000000001)
            others = made.edu.get("students", [])
            made.add(
                "students",
                id=student,
                person_id=dice.often(person, None, MISSING, plain=15),
                user_id=dice.often(users[0] if users else None, None, MISSING, users[-1] if users else None, plain=8),
                card_number=dice.often(*CARDS, plain=6),
                education_type_id=dice.often(110000101, 110000102, 110000103, None, 5),
                education_payment_type_id=dice.often(110000121, 110000122, 110000123, None, 5),
                score="675",
                active=dice.active(),
                **dice.stamps(),
            )
            row = made.edu["students"][-1]
            if row["card_number"]:
                other = dice.any(others)["id"] if others else student
                row["card_number"] = row["card_number"].format(n=number, other=other, hostile="{hostile}")
                if row["card_number"] == "{hostile}":
                    row["card_number"] = dice.any(HOSTILE)
        for _ in range(dice.often(0, 1, plain=2)):
            made.add(
                "teachers",
                id=self.new_id("teachers", 210000000000000001),
                person_id=dice.often(person, None, MISSING, plain=15),
                user_id=dice.often(users[0] if users else None, None, MISSING, plain=8),
                in_action_date=dice.often("01/09/2010", *BIRTHDATES),
                out_action_date=dice.often(None, "", "01/01/2020", *BIRTHDATES),
                position_id=dice.often(110001000, None, MISSING),
                contract_type_id=dice.often(110000161, 110000162, 110000163, None, 7),
                active=dice.active(),
                **dice.stamps(),
            )

    def sections(self) -> None:
        dice, made = self.dice, self.made
        years = {row["name"]: row["id"] for row in made.edu["edu_years"]}
        for number in range(dice.number(0, 5 * self.size)):
            name, semester = dice.any(TERMS)
            letters = {PY: "PY", YZ: "YZ"}[semester]
            code = f"{name}_{letters}_HF- B03.1_{dice.number(1, 3)}"
            others = [row["code"] for row in made.edu.get("course", []) if row["code"]]
            code = dice.often(
                code,
                None,
                "",
                " \u00a0 ",
                f"  {code} ",
                f"{code}#2",
                f"{code}#3",
                others[0] if others else code,
                f"{name}_YZ_x_1",
                "garbage",
                f"{name}__x",
                HOSTILE[0],
                HOSTILE[3],
                HOSTILE[5],
                HOSTILE[8],
                plain=12,
            )
            made.add(
                "course",
                id=self.new_id("course", 220000000000000001),
                code=code,
                education_plan_subject_id=self.some(made.edu["education_plan_subject"]),
                semester_id=dice.often(semester, None, AZ, PY, YZ, plain=12),
                education_year_id=dice.often(years[name], None, years["2031/2032"], MISSING, plain=12),
                education_lang_id=dice.often(AZ, EN, RU, None, MISSING, plain=12),
                student_count=dice.often(0, 25, 1, None, -5, 32767),
                active=dice.active(),
                **dice.stamps(),
            )
            made.edu["course"][-1]["number"] = number
            del made.edu["course"][-1]["number"]
        sections, teachers = made.edu.get("course", []), made.edu.get("teachers", [])
        for _ in range(dice.number(0, 4 * self.size) if sections else 0):
            made.add(
                "course_teacher",
                id=self.new_id("course_teacher", 230000000000000001),
                course_id=self.some(sections),
                teacher_id=self.some(teachers),
                lesson_type_id=dice.often(LECTURE, SEMINAR, None),
                active=dice.active(),
                **dice.stamps(),
            )

    def marks(self) -> None:
        dice, made = self.dice, self.made
        sections, students = made.edu.get("course", []), made.edu.get("students", [])
        for _ in range(dice.number(0, 14 * self.size) if sections or students else 0):
            made.add(
                "journal",
                id=self.new_id("journal", 240000000000000001),
                course_id=self.some(sections),
                student_id=self.some(students),
                course_eva_id=dice.often(1, None),
                point=dice.often(MARKS[0], *MARKS, plain=20),
                active=dice.active(),
                **dice.stamps(),
            )
        for _ in range(dice.number(0, 2 * self.size) if sections else 0):
            made.add(
                "course_student",
                id=self.new_id("course_student", 250000000000000001),
                course_id=self.some(sections),
                student_id=self.some(students),
                active=dice.active(),
            )

    def exams(self) -> None:
        dice, made = self.dice, self.made
        sections, students = made.edu.get("course", []), made.edu.get("students", [])
        for _ in range(dice.number(0, 2 * self.size) if sections else 0):
            made.add(
                "exam",
                id=self.new_id("exam", 260000000000000001),
                course_id=self.some(sections),
                start_date=dice.often("15/01/2024", *BIRTHDATES),
                start_time=dice.often(TIMES[0], *TIMES),
                duration=dice.often(90, None),
                passing_grade=dice.often(51, None, 0, 100, 101, -1),
                active=dice.active(),
                **dice.stamps(),
            )
        exams = made.edu.get("exam", [])
        for _ in range(dice.number(0, 5 * self.size) if exams else 0):
            made.add(
                "exam_student",
                id=self.new_id("exam_student", 270000000000000001),
                exam_id=self.some(exams),
                student_id=self.some(students),
                finish_status=dice.often(1, 2, 3, None, 9),
                active=dice.active(),
                **dice.stamps(),
            )

    def repeated_ids(self) -> None:
        """Rows that share an id with another one, changed at another time."""
        dice, made = self.dice, self.made
        tables = [
            name
            for name in (
                "journal",
                "students",
                "course",
                "exam_student",
                "exam",
                "teachers",
                "course_teacher",
                "persons",
                "users",
            )
            if made.edu.get(name)
        ]
        for _ in range(dice.often(0, 1, 2, plain=4) if tables else 0):
            table = dice.any(tables)
            original = dice.any(made.edu[table])
            moments = [row["update_date"] for row in made.edu[table] if row["id"] == original["id"]]
            latest = max((found for found in moments if found), default=moment(1000))
            twin = original | {"active": dice.active(), "update_date": latest + timedelta(days=1)}
            made.edu[table].append(twin)

    # ── lms ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def live(self) -> None:
        self.live_people()
        self.live_catalogue()
        self.live_offerings()

    def live_people(self) -> None:
        dice, made = self.dice, self.made
        if dice.chance(2):
            made.add_live("users", username="app.own", email="own@uni.edu.az", password_hash="$2b$12$own", metadata={})
            made.add_live("persons", user_id=made.lms["users"][-1]["id"], first_name="İşçi", last_name="Öz", gender="other")
        taken_users: set[uuid.UUID] = set()
        first: dict[int | None, Row] = {}
        for user in sorted(made.edu.get("users", []), key=lambda row: row["id"]):
            first.setdefault(user["account_id"], user)
        for account in made.edu.get("accounts", []):
            bearer = first.get(account["id"])
            if bearer is None or not dice.chance(3):
                continue
            number = len(made.lms.get("users", []))
            keys = dice.often(("old_user_id", "old_account_id"), ("old_account_id",), ("old_user_id",), plain=3)
            values = {"old_user_id": bearer["id"], "old_account_id": account["id"]}
            text = dice.chance(2)
            made.add_live(
                "users",
                username=f"live{number}",
                email=f"live{number}@uni.edu.az",
                password_hash="$2b$12$live",
                metadata={key: str(values[key]) if text else values[key] for key in keys},
            )
        by_account: dict[int, Row] = {}
        for row in made.lms.get("users", []):
            for account, bearer in first.items():
                keys = {str(value) for value in row["metadata"].values()}
                if str(account) in keys or str(bearer["id"]) in keys:
                    by_account[account] = row
        accounts_of_users = {row["id"]: row["account_id"] for row in made.edu.get("users", [])}
        numbers: set[str] = set()
        for student in made.edu.get("students", []):
            evidence = dice.often(None, "number", "text", "login", "card", plain=2)
            live_user = by_account.get(accounts_of_users.get(student["user_id"]))
            user_id = live_user["id"] if live_user and live_user["id"] not in taken_users else None
            card = (student["card_number"] or "").strip(" \t\r\n\u00a0")
            if (
                evidence is None
                or (evidence == "login" and not user_id)
                or (evidence == "card" and (not card or card in numbers))
            ):
                continue
            if evidence == "card":
                user_id = None
            number = card if (card and card not in numbers and dice.chance(2)) or evidence == "card" else f"STU{student['id']}"
            if number in numbers:
                number = f"S-{len(numbers)}"
            numbers.add(number)
            metadata = {"number": {"old_student_id": student["id"]}, "text": {"old_student_id": str(student["id"])}}.get(
                evidence, {}
            )
            made.add_live(
                "students",
                user_id=user_id,
                student_number=number,
                enrollment_date=date(2020, 9, 15),
                status="active",
                metadata=metadata | {"note": HOSTILE[0]},
            )
            if user_id:
                taken_users.add(user_id)
        for teacher in made.edu.get("teachers", []):
            if dice.chance(2) and not any(
                row["employee_number"] == f"TCH{teacher['id']}" for row in made.lms.get("staff_members", [])
            ):
                live_user = by_account.get(accounts_of_users.get(teacher["user_id"]))
                user_id = (
                    live_user["id"]
                    if live_user and not any(row["user_id"] == live_user["id"] for row in made.lms.get("staff_members", []))
                    else None
                )
                made.add_live(
                    "staff_members",
                    user_id=user_id,
                    employee_number=f"TCH{teacher['id']}",
                    position_title={"az": "Müəllim"},
                    hire_date=date(2015, 9, 15),
                )

    def live_catalogue(self) -> None:
        dice, made = self.dice, self.made
        for year, kind, number, start, end in TERM_DATES.values():
            if dice.chance(2):
                made.add_live(
                    "academic_terms",
                    academic_year=year,
                    term_type=kind,
                    term_number=number,
                    start_date=start,
                    end_date=end,
                    is_current=(start, kind) == (date(2024, 9, 15), "fall"),
                )
        codes = sorted({f"SUBJ{row['id'] % 100000:05}" for row in made.edu["subject_catalog"]})
        for code in [*codes, "OWN01"]:
            if dice.chance(2):
                made.add_live("courses", code=code, name={"az": "Fənn"}, credit_hours=5, course_level="graduate")
        for plan in made.edu["education_plan_subject"]:
            if dice.chance(8):
                made.course_mapping.append((plan["id"], dice.any([*codes, "OWN01", "NEW99"])))

    def live_offerings(self) -> None:
        dice, made = self.dice, self.made
        terms = {(row["academic_year"], row["term_type"]): row["id"] for row in made.lms.get("academic_terms", [])}
        courses, students = made.lms.get("courses", []), made.lms.get("students", [])
        keys = set()
        legacy = {str(row["metadata"].get("old_student_id")): row["id"] for row in students}
        for section in made.edu.get("course", []):
            term = next((found for found in terms.values()), None)
            code = section["code"]
            if not courses or term is None or not code or not code.strip(" \t\r\n\u00a0") or not dice.chance(2):
                continue
            plan = next(
                (row for row in made.edu["education_plan_subject"] if row["id"] == section["education_plan_subject_id"]), None
            )
            wanted = f"SUBJ{plan['subject_id'] % 100000:05}" if plan and plan["subject_id"] is not None else None
            course = next((row for row in courses if row["code"] == wanted), dice.any(courses))
            years = {row["id"]: row["name"] for row in made.edu["edu_years"]}
            spec = TERM_DATES.get((years.get(section["education_year_id"]), section["semester_id"]))
            term = terms.get(spec[:2], term) if spec else term
            is_exact = course["code"] == wanted and spec is not None and terms.get(spec[:2]) == term
            cut = code.strip(" \t\r\n\u00a0")[:20] if dice.chance(3) is False else code.strip(" \t\r\n\u00a0")
            if (course["id"], term, cut) in keys:
                continue
            keys.add((course["id"], term, cut))
            offering = made.add_live(
                "course_offerings",
                course_id=course["id"],
                academic_term_id=term,
                section_code=cut,
                language_of_instruction="az",
                max_enrollment=dice.often(30, 5),
                current_enrollment=0,
                enrollment_status=dice.often("open", "closed"),
                old_course_id=dice.often(None, section["id"] if is_exact else None, plain=8),
            )
            roster = [row["student_id"] for row in made.edu.get("journal", []) if row["course_id"] == section["id"]]
            enrolled = {legacy[str(student)] for student in roster if str(student) in legacy and not dice.chance(5)}
            if dice.chance(6) and students:
                enrolled.add(dice.any(students)["id"])
            for student in sorted(enrolled):
                made.add_live(
                    "course_enrollments",
                    course_offering_id=offering["id"],
                    student_id=student,
                    enrollment_date=date(2023, 10, 1),
                    enrollment_status=dice.often("enrolled", "completed", "dropped"),
                    grade=dice.often(None, "77"),
                )
            if (teaching := [row["user_id"] for row in made.lms.get("staff_members", []) if row["user_id"]]) and dice.chance(3):
                made.add_live(
                    "course_instructors",
                    course_offering_id=offering["id"],
                    instructor_id=dice.any(teaching),
                    role=dice.often("primary", "secondary"),
                )
            if is_exact and dice.chance(8):
                made.offering_overrides.append((offering["id"], section["id"]))
            for exam in made.edu.get("exam", []):
                if exam["course_id"] == section["id"] and dice.chance(2):
                    self.live_exam(offering, exam, legacy)

    def live_exam(self, offering: Row, exam: Row, legacy: dict[str, uuid.UUID]) -> None:
        dice, made = self.dice, self.made
        if any(str(row["rubric"]["old_exam_id"]) == str(exam["id"]) for row in made.lms.get("assessments", [])):
            return
        assessment = made.add_live(
            "assessments",
            course_offering_id=offering["id"],
            title={"az": "İmtahan"},
            assessment_type="exam",
            weight_percentage=50,
            total_marks=100,
            rubric={"old_exam_id": dice.any((exam["id"], str(exam["id"])))},
        )
        attempts: dict[uuid.UUID, int] = {}
        for row in made.edu.get("exam_student", []):
            student = legacy.get(str(row["student_id"]))
            if row["exam_id"] == exam["id"] and student and dice.chance(2):
                attempts[student] = attempts.get(student, 0) + 1 + dice.often(0, 1)
                made.add_live(
                    "assessment_submissions",
                    assessment_id=assessment["id"],
                    student_id=student,
                    attempt_number=attempts[student],
                    status="graded",
                )


@st.composite
def universities(draw: DrawFn, size: int = 1) -> University:
    """A small university, most of it in order, some of it damaged.

    Args:
        draw: hypothesis.
        size: 1 for up to a dozen rows a table, 2 for twice as many.
    """
    builder = _Builder(draw, size)
    builder.made.as_of_date = builder.dice.often(*DAYS, plain=2)
    builder.catalogue()
    builder.people()
    builder.sections()
    builder.marks()
    builder.exams()
    builder.live()
    builder.repeated_ids()
    return builder.made
