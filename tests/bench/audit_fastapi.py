"""One page of students in FastAPI, with the audit (BENCH_AUDIT=ours) or without it."""

from __future__ import annotations

import os
from typing import Any

from fastapi import FastAPI

from database.audit.asgi import install
from database.connection_manager import get_db_manager
from database.health.asgi import HealthMiddleware

SQL = "select id::text, student_number, status from students order by id limit 50"

app = FastAPI(openapi_url=None)
app.add_middleware(HealthMiddleware)
if os.environ["BENCH_AUDIT"] == "ours":
    install(app)


@app.get("/students")
async def students() -> list[dict[str, Any]]:
    """The screen."""
    async with get_db_manager().aconnection(dict_cursor=True) as conn:
        return await (await conn.execute(SQL)).fetchall()
