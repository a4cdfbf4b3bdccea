"""From an answer of examples/common to Django's, and from an error to an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse

from database.audit import context
from database.errors import DatabaseError
from examples.common import answers, asked


def response(answer: answers.Answer) -> HttpResponse:
    """Django's form of it."""
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type, headers=answer.headers)


def user(request: HttpRequest) -> UUID | None:
    """Who asks: who has signed in, else whom the header or the cookie names."""
    signed_in = request.session.get(SESSION_KEY)
    found = UUID(signed_in) if signed_in else asked.user(request.headers, request.COOKIES)
    context.identify(found)
    return found


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    del exception
    return response(answers.problem(request.path, 404, "Not Found"))


def problems(get_response: Callable[[HttpRequest], Any]) -> Any:
    """Middleware: what the database cannot do is 503, what makes no sense is 400."""

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DatabaseError):
            context.note_error(error)
            return response(answers.database_problem(request.path, error))
        if isinstance(error, asked.BadRequestError):
            return response(answers.problem(request.path, 400, str(error)))
        return None

    def middleware(request: HttpRequest) -> Any:
        return get_response(request)

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware
