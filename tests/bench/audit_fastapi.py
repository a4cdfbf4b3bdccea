"""A light page of students and a screen of the examples in FastAPI, with the audit (BENCH_AUDIT=ours) or without it."""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.middleware.sessions import SessionMiddleware

from database.audit import signing
from database.audit.asgi import install
from database.connection_manager import get_db_manager
from database.health.asgi import HealthMiddleware
from examples.common import answers
from examples.common.screens import SCREENS
from examples.fastapi_app.asking import aread
from tests.bench.audit_page import USER, page

SQL = "select id::text, student_number, status from students order by students.id limit 50"
IS_OURS = os.environ["BENCH_AUDIT"] == "ours"


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    gc.collect()
    gc.freeze()  # as the examples do
    yield


app = FastAPI(lifespan=_lifespan, openapi_url=None)
app.add_middleware(SessionMiddleware, secret_key="of a measurement")
app.add_middleware(HealthMiddleware)
if IS_OURS:
    install(app)


@app.post("/login", status_code=204)
async def login(request: Request) -> None:
    """Sign in; nobody is asked for a password."""
    request.session["user_id"] = USER
    if IS_OURS:
        request.session[signing.SESSION_KEY] = signing.login(USER)


@app.get("/students")
async def students(request: Request) -> HTMLResponse:
    """The light page."""
    async with get_db_manager().aconnection() as conn:
        rows = await (await conn.execute(SQL)).fetchall()
    return HTMLResponse(page(request.session.get("user_id"), rows))


@app.get("/students/{student_id}/courses")
async def student_courses(request: Request, student_id: UUID) -> HTMLResponse:
    """The screen."""
    request.session.get("user_id")
    rows, origin = await aread("student_courses", None, {"student_id": student_id})
    return HTMLResponse(answers.answer(request.url.path, {"courses": rows}, origin, SCREENS["student_courses"]).body)
