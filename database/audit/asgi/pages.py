"""The two addresses of the script for time on page, behind the application's sessions."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from database.audit import reports
from database.audit.asgi.middleware import AuditMiddleware
from database.audit.asgi.watch import Headers, Receive, Scope, Send
from database.audit.context import current
from database.audit.recorder import Recorder, get_recorder
from database.audit.reports import ReportError


def install(app: Any, *, recorder: Recorder | None = None, **options: Any) -> None:
    """Add middleware and script to a FastAPI or Starlette application.

    The middleware goes around everything, also around what Starlette itself puts outermost, which answers the exceptions that
    nobody has expected: their 500 carries the correlation id, too.

    Args:
        app: the application.
        recorder: by default that of the process.
        options: as of `AuditMiddleware`.

    Raises:
        RuntimeError: the application has started.
    """
    if app.middleware_stack is not None:
        raise RuntimeError("install the audit before the application starts")
    recorder = recorder or get_recorder()
    prefix = quote(recorder.config.pages_path)
    app.router.routes.insert(0, Route(prefix + "page.js", page_script, methods=["GET"], include_in_schema=False))
    app.router.routes.insert(0, Route(prefix + "views", ReportEndpoint(recorder), methods=["POST"], include_in_schema=False))
    inner = app.build_middleware_stack  # add_middleware would put it inside of Starlette's ServerErrorMiddleware
    app.build_middleware_stack = lambda: AuditMiddleware(inner(), recorder=recorder, **options)


async def page_script(request: Any) -> Any:
    """The script."""
    text, tag = reports.script()
    headers = {**reports.SCRIPT_HEADERS, "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(text, headers=headers)


class ReportEndpoint:
    """Takes reports; an ASGI application, behind the sessions, so that the middleware learns whose it is."""

    def __init__(self, recorder: Recorder) -> None:
        """Take the recorder whose masks apply."""
        self._recorder = recorder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """204: taken; 400: no report; 403: from another site."""
        header = Headers(scope)
        status = 204
        if not reports.is_own(header("Sec-Fetch-Site"), header("Origin"), header("Host")):
            status = 403
        else:
            try:
                self._take(await _read(receive))
            except ReportError:
                status = 400
        await send({"type": "http.response.start", "status": status, "headers": [(b"cache-control", b"no-store")]})
        await send({"type": "http.response.body", "body": b""})

    def _take(self, body: bytes) -> None:
        observation = current()
        if observation is not None:
            observation.noted.reported.append(reports.understand(body, observation, self._recorder.masker))


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while len(body) <= reports.LONGEST:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return bytes(body)
