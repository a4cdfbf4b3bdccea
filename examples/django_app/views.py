"""The screens, each with two addresses: an HTML page, and the same rows as JSON below /api.

The list, the roster and the notes go through the ORM, the others ask the manager with the SQL of examples/sql.
"""

from __future__ import annotations

from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth import authenticate, login, logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from examples.common import answers, asked
from examples.common.reading import read, reading
from examples.common.screens import SCREENS
from examples.django_app import asking
from examples.django_app.web import response, user


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page; it keeps in a cookie who asks."""
    chosen = request.GET.get("user")
    if chosen is None:
        return response(answers.home(user(request)))
    kept = response(answers.home(asked.user({}, {asked.USER_COOKIE: chosen})))
    kept.set_cookie(asked.USER_COOKIE, chosen, httponly=True, samesite="Lax")
    return kept


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form, and signing in: Django's signals tell the audit."""
    if request.method == "GET":
        return response(answers.sign_in())
    found = authenticate(request, username=request.POST.get("username", ""), password=request.POST.get("password", ""))
    if found is None:
        return response(answers.sign_in(failed=True))
    login(request, found)
    return _see("/")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """The session ends."""
    logout(request)
    return _see("/")


def _see(path: str) -> HttpResponse:
    answer = HttpResponseRedirect(path)
    answer.status_code = 303
    return answer


@require_safe
def students(request: HttpRequest) -> HttpResponse:
    """All students by name, one page of them."""
    who, page = user(request), asked.page(request.GET)
    rows, origin = reading(lambda: asking.students(who, page))
    document = {"students": rows, "next": asked.following(rows, page["limit"])}
    return response(answers.answer(request.path, document, origin, SCREENS["students_list"]))


@require_safe
def student_courses(request: HttpRequest, student_id: UUID) -> HttpResponse:
    """One student's courses, the latest first."""
    rows, origin = read("student_courses", user(request), {"student_id": student_id})
    return response(answers.answer(request.path, {"courses": rows}, origin, SCREENS["student_courses"]))


@require_safe
def student_submissions(request: HttpRequest, student_id: UUID) -> HttpResponse:
    """The examinations that one student has sat."""
    rows, origin = read("student_submissions", user(request), {"student_id": student_id})
    return response(answers.answer(request.path, {"submissions": rows}, origin, SCREENS["student_submissions"]))


@require_safe
def teacher_courses(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """The sections that one teacher gives."""
    rows, origin = read("teacher_courses", user(request), {"user_id": user_id})
    return response(answers.answer(request.path, {"courses": rows}, origin, SCREENS["teacher_courses"]))


@require_safe
async def section_roster(request: HttpRequest, section_id: UUID) -> HttpResponse:
    """Who is in one section. In a coroutine, the ORM's transactions belong into a function of their own."""
    who = user(request)
    rows, origin = await sync_to_async(reading)(lambda: asking.roster(who, section_id))
    return response(answers.answer(request.path, {"roster": rows}, origin, SCREENS["section_roster"]))


@require_http_methods(["PATCH"])
def enrollment(request: HttpRequest, enrollment_id: UUID) -> HttpResponse:
    """Change the notes of an enrollment."""
    row, origin = asking.write_notes(user(request), enrollment_id, asked.notes(request.body))
    if row is None:
        raise Http404
    return response(answers.answer(request.path, {"enrollment": row}, origin))


@require_http_methods(["GET", "POST"])
def notes(request: HttpRequest, enrollment_id: UUID) -> HttpResponse:
    """The form for the notes of an enrollment, and saving them."""
    who = user(request)
    if request.method == "GET":
        row, origin = asking.enrollment(who, enrollment_id)
    else:
        row, origin = asking.write_notes(who, enrollment_id, asked.note(request.POST.get("notes", "")))
    if row is None:
        raise Http404
    return response(answers.edit_notes(row, origin)) if request.method == "GET" else _see(request.path)


@require_safe
def broken(request: HttpRequest) -> HttpResponse:
    """An error that nobody expects: to see how it is recorded."""
    del request
    raise RuntimeError("broken on purpose")
