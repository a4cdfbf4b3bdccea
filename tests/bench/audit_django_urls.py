"""One page of students, one write, and whether the site is there."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db.models import TextField
from django.db.models.functions import Cast
from django.http import HttpResponse, JsonResponse
from django.urls import include, path

from tests.bench.audit_django_app.models import Enrollment, Student


def students(request: Any) -> Any:
    """The screen."""
    del request
    rows = Student.objects.order_by("id").annotate(key=Cast("id", TextField())).values("key", "student_number", "status")[:50]
    return JsonResponse(list(rows), safe=False)


def notes(request: Any, enrollment: Any) -> Any:
    """The write, through a model: that is what the other packages see."""
    del request
    row = Enrollment.objects.get(pk=enrollment)
    row.notes = uuid4().hex
    row.save(update_fields=["notes"])
    return HttpResponse(status=204)


urlpatterns = [
    path("students", students),
    path("notes/<uuid:enrollment>", notes),
    path("", include("database.health.django")),
]
