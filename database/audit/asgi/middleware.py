"""The middleware: who made which request, what became of it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Hashable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from database.audit.asgi.places import found, single
from database.audit.asgi.watch import Application, Headers, Message, Receive, Scope, Send, Watch
from database.audit.context import Observation, observing
from database.audit.counts import logger
from database.audit.recorder import Recorder, get_recorder
from database.audit.requests import Requests
from database.audit.signing import SESSION_KEY

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
        self.app, self._recorder = app, recorder
        self._user, self._session, self._cookie = user, session, session_cookie
        self._made: Requests | None = None
        self._single: tuple[int, list[Any]] = (-1, [])

    @property
    def _requests(self) -> Requests:
        if self._made is None:
            self._made = Requests(self._recorder or get_recorder())
        return self._made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, and look on."""
        if scope["type"] == "lifespan":
            await self.app(scope, self._living(receive), send)
        elif scope["type"] != "http":
            await self.app(scope, receive, send)
        else:
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        requests, header = self._requests, Headers(scope)
        observation = requests.begin(
            scope["method"],
            scope["path"],
            scope.get("query_string", b"").decode("latin-1"),
            (scope.get("client") or ("",))[0],
            header,
        )
        observation.framework = _Known(self, scope, header, self._routes(scope))
        watch = Watch(requests, observation, header, receive, send)
        with observing(observation):
            try:
                await self.app(scope, watch.receive, watch.send)
            except BaseException as error:
                observation.note_error(error)
                if isinstance(error, Exception) and observation.status is None:
                    observation.status = 500
                raise
            finally:
                self.resolve(scope, header, observation)
                watch.finish()
                requests.finish(observation)

    def _routes(self, scope: Scope) -> list[Any]:
        """Of the application: looked up again when there are more of them."""
        try:
            routes = getattr(scope.get("app", self.app), "routes", ())
            if self._single[0] != len(routes):
                self._single = (len(routes), single(routes))
            return self._single[1]
        except Exception:  # whatever goes by that name there: the request goes on
            logger.debug("the routes of an application cannot be told", exc_info=True)
            return []

    def resolve(self, scope: Scope, header: Headers, observation: Observation) -> None:
        """Route, user and session, as far as the application has told by now."""
        try:
            _place(scope, observation)
        except Exception:  # routes may be anything
            logger.debug("the route of a request cannot be told", exc_info=True)
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


class _Known:
    """What the scope of a request tells."""

    __slots__ = ("_header", "_middleware", "_root", "_routes", "_scope")

    def __init__(self, middleware: AuditMiddleware, scope: Scope, header: Headers, routes: list[Any]) -> None:
        self._middleware, self._scope, self._header, self._routes = middleware, scope, header, routes
        self._root = scope.get("root_path", "")  # the application may change it, or see nothing of it

    def resolve(self, observation: Observation) -> None:
        self._middleware.resolve(self._scope, self._header, observation)

    def find(self, path: str) -> Mapping[str, Any] | None:
        return found(self._routes, path, root=self._root, headers=self._scope.get("headers", ()))

    def realm(self) -> Hashable:
        return self._header("Host"), self._root, len(self._routes)


def _place(scope: Scope, observation: Observation) -> None:
    """The template of the route that was taken, and what it found in the path."""
    route = scope.get("route")
    included = (scope.get("fastapi") or {}).get("effective_route_context")  # newer FastAPIs: with the prefix of its router
    if getattr(included, "original_route", None) is route:
        route = included or route
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
    return None if session is None else session.get(key)
