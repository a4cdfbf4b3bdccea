"""FastAPI, as its documentation says; served by uvicorn with two workers."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import BackgroundTasks, FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from starlette.middleware.sessions import SessionMiddleware

from database.audit import context, signing
from database.audit.asgi import install
from database.connection_manager import get_db_manager
from database.health.asgi import HealthMiddleware


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    yield
    await asyncio.to_thread(get_db_manager().close_all)


def user_of_token(scope: Any) -> str | None:
    """A JWT, whose signature somebody else has checked; anything else: the session."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            payload = value.split(b".")[1]
            return str(json.loads(base64.urlsafe_b64decode(payload + b"=="))["sub"])
    found = scope.get("session", {}).get("user_id")
    return None if found is None else str(found)


class Handled(Exception):
    pass


SCRIPT = '<script src="/audit/page.js" defer></script>'
app = FastAPI(lifespan=lifespan)
app.add_middleware(SessionMiddleware, secret_key=os.environ["SITE_KEY"])
app.add_middleware(HealthMiddleware)
install(app, user=user_of_token)


@app.get("/page/{number}")
def page(number: int) -> HTMLResponse:
    return HTMLResponse(f"<title>Page {number}</title>{SCRIPT}<h1>{number}</h1><p>{os.getpid()}</p>")


@app.get("/kept")
def kept() -> HTMLResponse:
    return HTMLResponse(SCRIPT, headers={"Cache-Control": "max-age=3600"})


@app.get("/ahead")
def ahead() -> HTMLResponse:
    """Has two pages loaded in advance, and goes where it is told to."""
    rules = {"prerender": [{"urls": ["/early/8", "/early/9"], "eagerness": "immediate"}]}
    go = 'new BroadcastChannel("go").onmessage = (event) => { location.href = event.data; }'
    return HTMLResponse(f'<script type="speculationrules">{json.dumps(rules)}</script><script>{go}</script>')


@app.get("/early/{number}")
def early(number: int) -> HTMLResponse:
    """Tells when it has been loaded in advance, and everything in it has run."""
    tell = f'document.title = "in advance"; addEventListener("load", () => fetch("/read?early={number}"));'
    return HTMLResponse(f"<script>if (document.prerendering) {{ {tell} }}</script>{SCRIPT}")


@app.get("/tagged")
def tagged(request: Request) -> Response:
    headers = {"ETag": '"1"', "Cache-Control": "no-cache"}
    if request.headers.get("If-None-Match") == '"1"':
        return Response(status_code=304, headers=headers)
    return HTMLResponse(SCRIPT, headers=headers)


@app.get("/read")
async def read() -> dict[str, int]:
    return {"pid": os.getpid()}


@app.get("/reset/{token}")
def reset(token: str) -> dict[str, int]:
    return {"length": len(token)}


@app.post("/login")
async def login(request: Request) -> dict[str, str]:
    form = await request.json()
    if form["password"] != "right":
        signing.login_failed(form["username"])
        raise HTTPException(403)
    request.session.update({"user_id": form["username"], signing.SESSION_KEY: signing.login(form["username"])})
    return {"session": request.session[signing.SESSION_KEY]}


@app.post("/logout")
def logout(request: Request) -> dict[str, str]:
    signing.logout(request.session["user_id"])
    request.session.clear()
    return {}


@app.post("/notes/{number}")
async def notes(number: int) -> dict[str, str]:
    async with get_db_manager().aconnection() as conn:
        await context.alink(conn)
        await conn.execute("update notes set notes = notes || '!' where id = %s", (number,))
        await conn.commit()
    return {}


@app.get("/boom")
async def boom() -> None:
    raise LookupError("on purpose")


@app.get("/handled")
async def handled() -> None:
    raise Handled


@app.exception_handler(Handled)
async def answer(_request: Request, error: Exception) -> JSONResponse:
    context.note_error(error)
    return JSONResponse({}, 503)


@app.get("/stream")
async def stream() -> StreamingResponse:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"x" * 10_000
            await asyncio.sleep(0.02)

    return StreamingResponse(parts(), media_type="text/plain")


@app.get("/later")
async def later(tasks: BackgroundTasks) -> dict[str, str]:
    tasks.add_task(asyncio.sleep, 1.5)
    return {}


@app.post("/die")
def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
