"""A light page of students, a screen of the examples, one write, the sign-in, and whether the site is there."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import auth
from django.contrib.auth.models import User
from django.db.models import TextField
from django.db.models.functions import Cast
from django.http import HttpResponse
from django.urls import include, path

from examples.common import answers
from examples.common.reading import read
from examples.common.screens import SCREENS
from tests.bench.audit_django_app.models import Enrollment, Student
from tests.bench.audit_page import USER, page


def login(request: Any) -> Any:
    """Sign in; nobody is asked for a password."""
    auth.login(request, User.objects.get(username=USER))
    return HttpResponse(status=204)


def students(request: Any) -> Any:
    """The light page."""
    rows = Student.objects.order_by("id").annotate(key=Cast("id", TextField())).values_list("key", "student_number", "status")
    return HttpResponse(page(request.session.get(auth.SESSION_KEY), rows[:50]))


def student_courses(request: Any, student: Any) -> Any:
    """The screen."""
    request.session.get(auth.SESSION_KEY)
    rows, origin = read("student_courses", None, {"student_id": student})
    return HttpResponse(answers.answer(request.path, {"courses": rows}, origin, SCREENS["student_courses"]).body)


def notes(request: Any, enrollment: Any) -> Any:
    """The write, through a model: that is what the other packages see."""
    request.session.get(auth.SESSION_KEY)
    row = Enrollment.objects.get(pk=enrollment)
    row.notes = uuid4().hex
    row.save(update_fields=["notes"])
    return HttpResponse(status=204)


urlpatterns = [
    path("login", login),
    path("students", students),
    path("students/<uuid:student>/courses", student_courses),
    path("notes/<uuid:enrollment>", notes),
    path("", include("database.health.django")),
]
