"""The five screens on the fallback against lms, and against views over the legacy tables alone.

Fairness: the same questions in the same order to each in turn, beginning with another one each time, over one connection each,
as a role that meets no row-level security; from Python, result included. The views over the legacy tables alone find their rows
in `journal` and `exam_student`, which have no index but that on the primary key; they stand for what a fallback without tables
of its own could do at best: they translate no id, and read no other column.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Sequence

import psycopg
from databases import rows
from fallback_world import SCREENS, Pair, pages

from tests.bench.options import Options
from tests.bench.results import Goal, Result
from tests.bench.world import command, world

QUESTIONS = 500
PAGE = 50
_LEGACY = {
    "student_courses": "select id, course_id, point from public.journal where student_id = %(legacy_student_id)s and active = 1",
    "section_roster": "select id, student_id, point from public.journal where course_id = %(legacy_course_id)s and active = 1",
    "student_submissions": "select id, exam_id from public.exam_student where student_id = %(legacy_student_id)s and active = 1",
}
_STUDENTS = """
select legacy_id, live_id from ledger.crosswalk where entity = 'students' and method <> 'folded' order by md5(legacy_id::text)
"""
_SECTIONS = """
select legacy_id, live_id from ledger.crosswalk where entity = 'course_offerings' order by md5(legacy_id::text)
"""
_TEACHERS = "select distinct instructor_id from course_instructors order by 1"


def measure(options: Options) -> Result:
    """The measurement."""
    result = Result("fallback", options.scale, options.repeat)
    with world(options.scale, folder=options.folder) as servers:
        databases = servers.databases()
        command(databases, "run", "--publish")
        settings = {name: text for name, text in databases.settings.items() if name != "LMS_APP_USER"}
        pair = Pair(databases.edu, databases.lms, settings, databases.folder)
        seconds = []
        for _ in range(options.repeat):
            started = time.perf_counter()
            command(pair, "fallback", "publish")
            seconds.append(time.perf_counter() - started)
        found = _ask(pair, QUESTIONS)
    result.notes.append(f"`edu2lms fallback publish`, the whole command with its proof: {statistics.median(seconds):.1f} s.")
    for screen in SCREENS:
        lms = found[screen, "lms"]
        for place in ("lms", "fallback", "legacy tables alone"):
            if times := found.get((screen, place)):
                result.add(
                    f"{screen}: {place}",
                    mean_ms=statistics.fmean(times) * 1000,
                    p50_ms=_percentile(times, 50),
                    p95_ms=_percentile(times, 95),
                    p99_ms=_percentile(times, 99),
                    ratio=statistics.fmean(times) / statistics.fmean(lms),
                )
    worst = max(statistics.fmean(times) * 1000 for (_, place), times in found.items() if place == "fallback")
    result.goals.append(Goal("mean ms of the slowest screen on the fallback", worst, 100))
    slowest = max(_percentile(times, 99) for (_, place), times in found.items() if place == "fallback")
    result.goals.append(Goal("p99 ms of the slowest screen on the fallback", slowest, 20))
    return result


def _ask(pair: Pair, number: int) -> dict[tuple[str, str], list[float]]:
    """Seconds by screen and place."""
    students, sections = rows(pair.lms, _STUDENTS), rows(pair.lms, _SECTIONS)
    teachers, chance = [found[0] for found in rows(pair.lms, _TEACHERS)], random.Random(1)
    listed = pages(pair.lms, PAGE)
    times: dict[tuple[str, str], list[float]] = {}
    with (
        psycopg.connect(pair.lms, autocommit=True) as lms,
        psycopg.connect(pair.fallback, autocommit=True) as fallback,
        psycopg.connect(pair.edu, autocommit=True) as edu,
    ):
        for question in range(number):
            (legacy_student, student), (legacy_section, section) = chance.choice(students), chance.choice(sections)
            parameters = {
                "student_id": student,
                "course_offering_id": section,
                "user_id": chance.choice(teachers),
                "legacy_student_id": legacy_student,
                "legacy_course_id": legacy_section,
                **chance.choice(listed),
            }
            for screen, statement in SCREENS.items():
                asked = [("lms", lms, statement), ("fallback", fallback, statement)]
                if screen in _LEGACY and question % 10 == 0:
                    asked.append(("legacy tables alone", edu, _LEGACY[screen]))
                shift = question % len(asked)
                for place, connection, text in asked[shift:] + asked[:shift]:
                    started = time.perf_counter()
                    connection.execute(text.encode(), parameters).fetchall()
                    times.setdefault((screen, place), []).append(time.perf_counter() - started)
    return times


def _percentile(seconds: Sequence[float], percent: int) -> float:
    """Milliseconds."""
    return statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1] * 1000
