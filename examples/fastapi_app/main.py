"""The application: `uvicorn examples.fastapi_app.main:app`, from the root of the repository.

Each screen is one function with two addresses: an HTML page, and the same rows as JSON below /api. Some are `async`, some are
plain functions, which FastAPI runs in threads: both ways of asking are there.
"""

from __future__ import annotations

import gc
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.sessions import SessionMiddleware

from database.audit import context, signing
from database.audit.asgi import install
from database.connection_manager import get_db_manager
from database.errors import DatabaseError
from database.health.asgi import HealthMiddleware
from examples.common import answers, asked, signing_in
from examples.common.reading import read
from examples.common.screens import SCREENS
from examples.fastapi_app.asking import aread, user_by_name, write_notes
from examples.fastapi_app.asking import enrollment as one_enrollment


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    get_db_manager().config  # noqa: B018 - a setting that is missing is told at the start, not to the first visitor
    gc.collect()
    gc.freeze()  # what is there now stays: Python need not look through all of it for garbage again and again
    yield
    await run_in_threadpool(get_db_manager().close_all)


app = FastAPI(lifespan=_lifespan, openapi_url=None)
app.add_middleware(SessionMiddleware, secret_key=os.environ.get("EXAMPLES_SECRET_KEY") or secrets.token_urlsafe(50))
app.add_middleware(HealthMiddleware)
install(app)


def _response(answer: answers.Answer) -> Response:
    return Response(answer.body, answer.status, answer.headers, answer.content_type)


def _user(request: Request) -> UUID | None:
    signed_in = request.session.get("user_id")
    user = UUID(signed_in) if signed_in else asked.user(request.headers, request.cookies)
    context.identify(user)
    return user


User = Annotated[UUID | None, Depends(_user)]


@app.get("/")
def home(request: Request, user: User) -> Response:
    """The first page; it keeps in a cookie who asks."""
    chosen = request.query_params.get("user")
    if chosen is None:
        return _response(answers.home(user))
    user = asked.user({}, {asked.USER_COOKIE: chosen})
    response = _response(answers.home(user))
    response.set_cookie(asked.USER_COOKIE, chosen, httponly=True, samesite="lax")
    return response


@app.get("/login")
def sign_in_form() -> Response:
    """The form for signing in."""
    return _response(answers.sign_in())


@app.post("/login")
async def sign_in(request: Request) -> Response:
    """Sign in: a session begins."""
    form = asked.form(await request.body())
    username = form.get("username", "")
    user = await user_by_name(username) if signing_in.accepts(form.get("password", "")) else None
    if user is None:
        signing.login_failed(username)
        return _response(answers.sign_in(failed=True))
    request.session.clear()
    request.session.update({"user_id": str(user), signing.SESSION_KEY: signing.login(user)})
    return RedirectResponse("/", 303)


@app.post("/logout")
def sign_out(request: Request) -> Response:
    """Sign out: the session ends."""
    user = request.session.get("user_id")
    if user is not None:
        signing.logout(user, request.session.get(signing.SESSION_KEY))
        request.session.clear()
    return RedirectResponse("/", 303)


@app.get("/students")
@app.get("/api/students")
async def students(request: Request, user: User) -> Response:
    """All students by name, one page of them."""
    page = asked.page(request.query_params)
    rows, origin = await aread("students_list", user, page)
    document = {"students": rows, "next": asked.following(rows, page["limit"])}
    return _response(answers.answer(request.url.path, document, origin, SCREENS["students_list"]))


@app.get("/students/{student_id:uuid}/courses")
@app.get("/api/students/{student_id:uuid}/courses")
async def student_courses(request: Request, student_id: UUID, user: User) -> Response:
    """One student's courses, the latest first."""
    rows, origin = await aread("student_courses", user, {"student_id": student_id})
    return _response(answers.answer(request.url.path, {"courses": rows}, origin, SCREENS["student_courses"]))


@app.get("/students/{student_id:uuid}/submissions")
@app.get("/api/students/{student_id:uuid}/submissions")
async def student_submissions(request: Request, student_id: UUID, user: User) -> Response:
    """The examinations that one student has sat."""
    rows, origin = await aread("student_submissions", user, {"student_id": student_id})
    return _response(answers.answer(request.url.path, {"submissions": rows}, origin, SCREENS["student_submissions"]))


@app.get("/teachers/{user_id:uuid}/courses")
@app.get("/api/teachers/{user_id:uuid}/courses")
def teacher_courses(request: Request, user_id: UUID, user: User) -> Response:
    """The sections that one teacher gives."""
    rows, origin = read("teacher_courses", user, {"user_id": user_id})
    return _response(answers.answer(request.url.path, {"courses": rows}, origin, SCREENS["teacher_courses"]))


@app.get("/sections/{section_id:uuid}/roster")
@app.get("/api/sections/{section_id:uuid}/roster")
def section_roster(request: Request, section_id: UUID, user: User) -> Response:
    """Who is in one section."""
    rows, origin = read("section_roster", user, {"course_offering_id": section_id})
    return _response(answers.answer(request.url.path, {"roster": rows}, origin, SCREENS["section_roster"]))


@app.patch("/api/enrollments/{enrollment_id:uuid}")
async def enrollment(request: Request, enrollment_id: UUID, user: User) -> Response:
    """Change the notes of an enrollment."""
    row, origin = await write_notes(user, enrollment_id, asked.notes(await request.body()))
    if row is None:
        raise HTTPException(404)
    return _response(answers.answer(request.url.path, {"enrollment": row}, origin))


@app.get("/enrollments/{enrollment_id:uuid}/notes")
async def notes_form(enrollment_id: UUID, user: User) -> Response:
    """The form for the notes of an enrollment."""
    row, origin = await one_enrollment(user, enrollment_id)
    if row is None:
        raise HTTPException(404)
    return _response(answers.edit_notes(row, origin))


@app.post("/enrollments/{enrollment_id:uuid}/notes")
async def save_notes(request: Request, enrollment_id: UUID, user: User) -> Response:
    """Save them."""
    row, _ = await write_notes(user, enrollment_id, asked.note(asked.form(await request.body()).get("notes", "")))
    if row is None:
        raise HTTPException(404)
    return RedirectResponse(request.url.path, 303)


@app.get("/broken")
def broken() -> Response:
    """An error that nobody expects: to see how it is recorded."""
    raise RuntimeError("broken on purpose")


@app.exception_handler(DatabaseError)
async def _database_problem(request: Request, error: DatabaseError) -> Response:
    context.note_error(error)
    return _response(answers.database_problem(request.url.path, error))


@app.exception_handler(asked.BadRequestError)
async def _bad_request(request: Request, error: asked.BadRequestError) -> Response:
    return _response(answers.problem(request.url.path, 400, str(error)))


@app.exception_handler(HTTPException)
async def _other_problem(request: Request, error: HTTPException) -> Response:
    return _response(answers.problem(request.url.path, error.status_code, error.detail, dict(error.headers or {})))
