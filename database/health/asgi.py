"""The pages as a pure ASGI application.

Alone (`uvicorn database.health.asgi:app`), mounted (`app.mount("/ops", health_app())`), or in front of another application
(`HealthMiddleware(app)`), which then never sees these paths.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from database.connection_manager import DatabaseConnectionManager, get_db_manager
from database.health.pages import PAGES, Page

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_NOT_FOUND = Page(404, b'{"status": "not found"}')


class HealthMiddleware:
    """Answers the pages itself and hands everything else on."""

    def __init__(self, app: Application | None = None, *, manager: DatabaseConnectionManager | None = None) -> None:
        """Wrap an application.

        Args:
            app: what is behind; None: nothing, other paths are 404.
            manager: by default the manager of the process, asked for at each request.
        """
        self._app = app
        self._manager = manager

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        if scope["type"] == "lifespan" and self._app is None:
            await _lifespan(receive, send)
            return
        make = PAGES.get(_path(scope)) if scope["type"] == "http" else None
        if make is None and self._app is not None:
            await self._app(scope, receive, send)
            return
        manager = self._manager or get_db_manager()
        # the first look may take a second: not in the event loop
        page = _NOT_FOUND if make is None else await asyncio.to_thread(make, manager)
        headers = {"Content-Type": page.content_type, "Content-Length": str(len(page.body)), **page.headers}
        await send(
            {
                "type": "http.response.start",
                "status": page.status,
                "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            }
        )
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else page.body})


def health_app(manager: DatabaseConnectionManager | None = None) -> HealthMiddleware:
    """The pages and nothing else."""
    return HealthMiddleware(manager=manager)


app = health_app()


def _path(scope: Scope) -> str:
    """The path below the place where the application is mounted."""
    path = str(scope["path"])
    return path.removeprefix(str(scope.get("root_path", ""))).rstrip("/")


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
