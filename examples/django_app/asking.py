"""Asking through the ORM: what examples/sql asks for the same screens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Left

from examples.common.answers import Origin
from examples.common.asked import INDEXED
from examples.common.reading import Rows
from examples.common.screens import ACT_AS
from examples.django_app.models import CourseEnrollment, Student

_STUDENT = ("id", "student_number", "last_name", "first_name", "middle_name", "status", "study_mode", "funding_type",
            "enrollment_date")  # fmt: skip
_ROSTER = ("id", "student_id", "student_number", "last_name", "first_name", "enrollment_status", "enrollment_date", "grade")
_NAMES = {name: F(f"person__{name}") for name in ("last_name", "first_name", "middle_name")}
_BY_NAME = {"by_last": Left("person__last_name", INDEXED), "by_first": Left("person__first_name", INDEXED)}


@contextmanager
def acting_as(user: UUID | None) -> Iterator[None]:
    """A transaction in which row-level security knows who asks."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(ACT_AS, [str(user or "")])
        yield


def origin() -> Origin:
    """Where the rows of this thread's connection come from."""
    return Origin.of(connection.connection)


def students(user: UUID | None, page: dict[str, Any]) -> tuple[Rows, Origin]:
    """A page of the students by name; those without a person come last."""
    last, first, after, limit = page["last_name"], page["first_name"], page["id"], page["limit"]
    with acting_as(user):
        rows: Rows = []
        if last is not None:
            last, first = last[:INDEXED], first[:INDEXED]
            later = Q(by_last__gt=last) | Q(by_last=last, by_first__gt=first)
            same = Q(by_last=last, by_first=first, id__gt=after)
            # the first condition is what the index understands, the second is exact
            named = Student.objects.alias(**_BY_NAME).filter(by_last__gte=last).filter(later | same)
            rows = _page(named.order_by("by_last", "by_first", "id"), limit)
        if len(rows) < limit:
            nameless = Student.objects.filter(person__id=None)
            if last is None:
                nameless = nameless.filter(id__gt=after)
            rows += _page(nameless.order_by("id"), limit - len(rows))
        return rows, origin()


def _page(found: QuerySet[Any], limit: int) -> Rows:
    return list(found.annotate(**_NAMES).values(*_STUDENT)[:limit])


def roster(user: UUID | None, section: UUID) -> tuple[Rows, Origin]:
    """Who is in one section."""
    with acting_as(user):
        found = (
            CourseEnrollment.objects.filter(course_offering_id=section)
            .order_by("student__person__last_name", "student__person__first_name", "id")
            .annotate(
                student_number=F("student__student_number"),
                last_name=F("student__person__last_name"),
                first_name=F("student__person__first_name"),
            )
            .values(*_ROSTER)
        )
        return list(found), origin()


def write_notes(user: UUID | None, enrollment: UUID, notes: str | None) -> tuple[dict[str, Any] | None, Origin]:
    """Change the notes of an enrollment; no row when there is none that the user may change."""
    with acting_as(user):
        changed = CourseEnrollment.objects.filter(id=enrollment).update(notes=notes)
        return ({"id": enrollment, "notes": notes} if changed else None), origin()


def enrollment(user: UUID | None, enrollment_id: UUID) -> tuple[dict[str, Any] | None, Origin]:
    """One enrollment, as far as the user may see it."""
    with acting_as(user):
        row = CourseEnrollment.objects.filter(id=enrollment_id).values("id", "enrollment_status", "notes").first()
        return row, origin()
