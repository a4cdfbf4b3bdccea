"""Makes a university that fails smaller, row by row, so that a person can read it.

Hypothesis would do it, too, but on its own draws, with hundreds of migrations; taking away rows needs a few dozen.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from university import EDU_TABLES, LMS_TABLES, Row, University


def reduced(university: University, fails: Callable[[University], bool], *, budget: int = 150) -> University:
    """A smaller university that fails as well.

    Args:
        university: fails.
        fails: migrates one and tells; a university that cannot even be filled does not count.
        budget: most migrations that this may cost.
    """
    left = budget

    def still_fails(candidate: University) -> bool:
        nonlocal left
        left -= 1
        return left >= 0 and fails(candidate)

    best, before = university, None
    while left > 0 and before is not best:
        before = best
        for side, tables in (("lms", reversed(LMS_TABLES)), ("edu", reversed(EDU_TABLES))):
            for table in tables:
                best = _fewer(best, lambda made, side=side, table=table: getattr(made, side).get(table, []), still_fails)  # type: ignore[misc]
        best = _fewer(best, lambda made: made.course_mapping, still_fails)
        best = _fewer(best, lambda made: made.offering_overrides, still_fails)
    return _plainer(best, still_fails)


def _fewer(university: University, rows_of: Callable[[University], list[Any]], fails: Callable[[University], bool]) -> University:
    """Without as many rows of one table as can be taken: all at once, halves, single ones."""
    size = len(rows_of(university))
    while size:
        place = 0
        while place < len(rows_of(university)):
            candidate = deepcopy(university)
            del rows_of(candidate)[place : place + size]
            if fails(candidate):
                university = candidate
            else:
                place += size
        size //= 2
    return university


_DULL = {"id", "active", "person_id", "account_id", "course_id", "student_id", "exam_id", "subject_id"}


def _plainer(university: University, fails: Callable[[University], bool]) -> University:
    """With NULL in as many columns of edu as possible."""
    for table in university.edu:
        for number, row in enumerate(university.edu[table]):
            spare = [name for name, value in row.items() if value is not None and name not in _DULL]
            for names in (spare, *([name] for name in spare)):
                candidate = deepcopy(university)
                target: Row = candidate.edu[table][number]
                target.update(dict.fromkeys(names))
                if candidate.edu != university.edu and fails(candidate):
                    university = candidate
    return university
