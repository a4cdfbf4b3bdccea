"""What is asked of the example applications, and the comparison of their answers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

from example_sites import Site, Sites

SAMPLE = 1000
Question = tuple[str, object]
"""A path, and the user who asks."""
_OWN = """
select id::text from {table}
where id not in (select live_id from ledger.crosswalk where entity = '{table}')
"""
_TABLES = ("students", "course_enrollments", "assessment_submissions", "course_offerings", "course_instructors")
_STUDENTS = "select id, user_id from students where user_id is not null order by md5(id::text) limit %s"
_TEACHERS = "select distinct instructor_id from course_instructors order by 1"
_SECTIONS = "select id from course_offerings order by md5(id::text) limit %s"


def of_everybody(sites: Sites) -> list[Question]:
    """As the registry: the screens of a sample of the students, of all teachers, and of a sample of the sections."""
    asked = [f"/api/students/{student}/{screen}" for student, _ in _students(sites) for screen in ("courses", "submissions")]
    asked += [f"/api/teachers/{teacher}/courses" for (teacher,) in sites.lms_rows(_TEACHERS)]
    asked += [f"/api/sections/{section}/roster" for (section,) in sites.lms_rows(_SECTIONS, SAMPLE)]
    return [(path, None) for path in asked]


def of_each_for_themselves(sites: Sites) -> list[Question]:
    """As the students themselves, and as the teachers themselves with one of their sections."""
    asked: list[Question] = []
    for student, user in _students(sites):
        asked += [("/api/students", user), (f"/api/students/{student}/courses", user)]
        asked += [(f"/api/students/{student}/submissions", user)]
    given = "select instructor_id, min(course_offering_id::text) from course_instructors group by 1 order by 1"
    for teacher, section in sites.lms_rows(given):
        asked += [(f"/api/teachers/{teacher}/courses", teacher), (f"/api/sections/{section}/roster", teacher)]
    return asked


def _students(sites: Sites) -> list[tuple[Any, Any]]:
    return [(student, user) for student, user in sites.lms_rows(_STUDENTS, SAMPLE)]


def ask(site: Site, questions: Iterable[Question]) -> dict[str, str]:
    """The answers, byte by byte as they were sent."""

    def one(question: Question) -> tuple[str, str]:
        response = site.get(*question)
        assert response.status_code == 200, (site.name, question, response.text, site.log.read_text()[-3000:])
        return f"{question[0]} as {question[1]}", response.text

    with ThreadPoolExecutor(4) as crowd:
        return dict(crowd.map(one, questions))


def ask_both(sites: Sites, questions: list[Question], source: str) -> dict[str, str]:
    """The same questions to both applications, which must say the same, from this source."""
    sites.wait_for(source)
    fastapi, django = (ask(site, questions) for site in sites.sites.values())
    different = [question for question in fastapi if fastapi[question] != django[question]]
    assert different == [], (len(different), [(fastapi[question], django[question]) for question in different[:2]])
    assert all(site.source() == source for site in sites.sites.values())
    return fastapi


def every_student(site: Site, limit: int) -> list[dict[str, Any]]:
    """The whole list, page by page."""
    found, after = [], ""
    while True:
        page = site.rows(f"/api/students?limit={limit}&after={quote(after)}")
        found += page["students"]
        after = page["next"]
        if after is None:
            return found


def own_rows(sites: Sites) -> set[str]:
    """Ids of what the application made without edu: the fallback cannot have them."""
    return {id_ for table in _TABLES for (id_,) in sites.lms_rows(_OWN.format(table=table))}


def without(document: str, own: set[str]) -> Any:
    """An answer without the application's own rows."""
    return {
        name: [row for row in rows if row["id"] not in own] if isinstance(rows, list) else rows
        for name, rows in json.loads(document).items()
    }
