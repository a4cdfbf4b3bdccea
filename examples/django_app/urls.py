"""Addresses; the health pages and /metrics are the manager's."""

from __future__ import annotations

from django.urls import include, path

from examples.django_app import views

_SCREENS = {
    "students": views.students,
    "students/<uuid:student_id>/courses": views.student_courses,
    "students/<uuid:student_id>/submissions": views.student_submissions,
    "teachers/<uuid:user_id>/courses": views.teacher_courses,
    "sections/<uuid:section_id>/roster": views.section_roster,
}

urlpatterns = [
    path("", views.home),
    *(path(prefix + where, view) for where, view in _SCREENS.items() for prefix in ("", "api/")),
    path("api/enrollments/<uuid:enrollment_id>", views.enrollment),
    path("login", views.sign_in),
    path("logout", views.sign_out),
    path("enrollments/<uuid:enrollment_id>/notes", views.notes),
    path("broken", views.broken),
    path("", include("database.audit.django.urls")),
    path("", include("database.health.django")),
]

handler404 = "examples.django_app.web.not_found"
