"""FastAPI and Starlette: a pure ASGI middleware, and the two addresses of the script for time on page.

from database.audit.asgi import install

app = FastAPI()
install(app)
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from functools import partial
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import quote

from database.audit import reports
from database.audit.context import Observation, current, observing
from database.audit.counts import logger
from database.audit.recorder import Recorder, get_recorder
from database.audit.reports import ReportError
from database.audit.requests import Requests
from database.audit.signing import SESSION_KEY

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Lookup = Callable[[Scope], object]


class AuditMiddleware:
    """Records each request when it is over. Outermost: whatever the others do is then in what it sees."""

    def __init__(
        self,
        app: Application,
        *,
        user: Lookup | None = None,
        session: Lookup | None = None,
        session_cookie: str | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        """Wrap an application.

        Args:
            app: what is behind.
            user: the user's id from the ASGI scope, asked for after the view (a JWT, for example); None: nobody. By default
                what `identify` was told, else `scope["user"]`, `scope["state"]["user_id"]`, `scope["session"]["user_id"]`.
            session: the session's id likewise; never the secret key itself.
            session_cookie: name of the cookie whose SHA-256 is the session's id where nothing else tells it.
            recorder: by default that of the process.
        """
        self._app, self._recorder = app, recorder
        self._user, self._session, self._cookie = user, session, session_cookie
        self._made: Requests | None = None

    @property
    def _requests(self) -> Requests:
        if self._made is None:
            self._made = Requests(self._recorder or get_recorder())
        return self._made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, and look on."""
        if scope["type"] == "lifespan":
            await self._app(scope, self._living(receive), send)
        elif scope["type"] != "http":
            await self._app(scope, receive, send)
        else:
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        requests = self._requests
        header = _headers(scope)
        observation = requests.begin(
            scope["method"],
            scope["path"],
            scope.get("query_string", b"").decode("latin-1"),
            (scope.get("client") or ("",))[0],
            header,
        )
        observation.resolve = partial(self._resolve, scope, observation, header)
        watch = _Watch(requests, observation, header, receive, send)
        with observing(observation):
            try:
                await self._app(scope, watch.receive, watch.send)
            except BaseException as error:
                observation.note_error(error)
                if isinstance(error, Exception) and observation.status is None:
                    observation.status = 500
                raise
            finally:
                self._resolve(scope, observation, header)
                watch.finish()
                requests.finish(observation)

    def _resolve(self, scope: Scope, observation: Observation, header: Callable[[str], str | None]) -> None:
        _place(scope, observation)
        observation.user_id = observation.user_id or self._ask(self._user or _user, scope)
        if observation.session_id is None:
            observation.session_id = self._ask(self._session or _session, scope) or self._of_cookie(header("Cookie"))

    @staticmethod
    def _ask(lookup: Lookup, scope: Scope) -> str | None:
        try:
            found = lookup(scope)
        except Exception:  # a broken token must not break the request
            logger.debug("user or session of a request cannot be told", exc_info=True)
            return None
        return None if found is None else str(found)

    def _of_cookie(self, cookies: str | None) -> str | None:
        if self._cookie is None or not cookies:
            return None
        try:
            found = SimpleCookie(cookies).get(self._cookie)
        except CookieError:
            return None
        return None if found is None else hashlib.sha256(found.value.encode()).hexdigest()

    def _living(self, receive: Receive) -> Receive:
        """The recorder ends before the application closes its connections."""

        async def living() -> Message:
            message = await receive()
            recorder = self._requests.recorder
            if message["type"] == "lifespan.startup":
                recorder.reopen()
            elif message["type"] == "lifespan.shutdown":
                await asyncio.to_thread(recorder.close)
            return message

        return living


class _Watch:
    """What goes to and fro during one request."""

    def __init__(
        self, requests: Requests, observation: Observation, header: Callable[[str], str | None], receive: Receive, send: Send
    ) -> None:
        self._requests, self._observation, self._header = requests, observation, header
        self._receive, self._send = receive, send
        self._body = bytearray()
        self._keeps_body = requests.config.record_body
        self._begun = self._complete = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect" and not self._complete:
            self._observation.metadata["disconnected"] = True
        elif self._keeps_body and len(self._body) <= self._requests.config.body_bytes:
            self._body += message.get("body", b"")
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message.setdefault("headers", [])
            kind = next((value.decode("latin-1") for name, value in headers if name.lower() == b"content-type"), None)
            added = self._requests.responding(self._observation, message["status"], kind, self._header)
            own = self._requests.header.lower().encode()
            message = {**message, "headers": [(name, value) for name, value in headers if name.lower() != own]}
            message["headers"] += [(name.lower().encode(), value.encode("latin-1")) for name, value in added.items()]
            self._begun = True
        elif not message.get("more_body", False):
            self._complete = True
        await self._send(message)

    def finish(self) -> None:
        if self._body:
            self._observation.body = self._requests.body(self._header("Content-Type"), bytes(self._body))
        if self._begun and not self._complete:
            self._observation.metadata["incomplete"] = True


def _headers(scope: Scope) -> Callable[[str], str | None]:
    given: Iterable[tuple[bytes, bytes]] = scope["headers"]

    def header(name: str) -> str | None:
        wanted = name.lower().encode()
        found = [value for key, value in given if key == wanted]
        return b",".join(found).decode("latin-1") if found else None

    return header


def _place(scope: Scope, observation: Observation) -> None:
    """The template of the route that was taken, and what it found in the path."""
    route = scope.get("route")
    path = getattr(route, "path_format", None) or getattr(route, "path", None)
    observation.route = observation.route or (path if isinstance(path, str) else None)
    observation.parameters = scope.get("path_params")


def _user(scope: Scope) -> object:
    user = scope.get("user")
    if user is not None and getattr(user, "is_authenticated", True):
        for name in ("id", "pk", "identity", "username"):
            try:
                found = getattr(user, name, None)
            except NotImplementedError:  # Starlette's BaseUser
                continue
            if found is not None:
                return found
    state = scope.get("state") or {}
    return state.get("user_id") or _in_session(scope, "user_id")


def _session(scope: Scope) -> object:
    return _in_session(scope, SESSION_KEY)


def _in_session(scope: Scope, key: str) -> object:
    session = scope.get("session")
    return session.get(key) if hasattr(session, "get") else None


# ── the script ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def install(app: Any, *, recorder: Recorder | None = None, **options: Any) -> None:
    """Add middleware and script to a FastAPI or Starlette application; call it after its other middlewares.

    Args:
        app: the application.
        recorder: by default that of the process.
        options: as of `AuditMiddleware`.
    """
    from starlette.routing import Route

    recorder = recorder or get_recorder()
    prefix = quote(recorder.config.pages_path)
    app.router.routes.insert(0, Route(prefix + "page.js", page_script, methods=["GET"], include_in_schema=False))
    app.router.routes.insert(0, Route(prefix + "views", ReportEndpoint(recorder), methods=["POST"], include_in_schema=False))
    app.add_middleware(AuditMiddleware, recorder=recorder, **options)


async def page_script(request: Any) -> Any:
    """The script."""
    from starlette.responses import Response

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
        header = _headers(scope)
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
            observation.reported.append(reports.understand(body, observation, self._recorder.masker))


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while len(body) <= reports.LONGEST:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return bytes(body)
