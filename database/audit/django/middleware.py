"""The middleware: first in MIDDLEWARE, so that it sees what all the others do. Works in sync and in async chains."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Hashable, Iterator, Mapping
from functools import cache, cached_property, partial
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http.request import HttpHeaders
from django.utils.module_loading import import_string

from database.audit.context import Observation, observing
from database.audit.counts import logger
from database.audit.django.places import captured, found, realm
from database.audit.django.receivers import SESSION_BEFORE
from database.audit.recorder import get_recorder
from database.audit.requests import Requests
from database.audit.signing import SESSION_KEY

USER_SETTING = "EDU2LMS_AUDIT_USER"
"""Dotted path of a function: request → the user's id or None, asked for after the view. For JWT and the like."""
_LONGEST_KEY = 64
_OBSERVATION = "audit_observation"


class AuditMiddleware:
    """Records each request when its answer is ready, or for a stream when it has been sent."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        """Take the next one."""
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    @cached_property
    def requests(self) -> Requests:
        """Made at the first request: with `preload_app`, settings are complete then."""
        return Requests(get_recorder())

    @cached_property
    def _user(self) -> Callable[[Any], object] | None:
        path = getattr(settings, USER_SETTING, None)
        return import_string(path) if path else None

    def __call__(self, request: Any) -> Any:
        """One request."""
        if self.is_async:
            return self._acall(request)
        observation = self._begin(request)
        with observing(observation):
            try:
                response = self.get_response(request)
            except BaseException as error:
                self._fail(request, observation, error)
                raise
            self._load_session(request, observation)
            return self._respond(request, observation, response)

    async def _acall(self, request: Any) -> Any:
        observation = self._begin(request)
        with observing(observation):
            try:
                response = await self.get_response(request)
            except BaseException as error:
                self._fail(request, observation, error)
                raise
            await self._aload_session(request, observation)
            return self._respond(request, observation, response)

    def process_exception(self, request: Any, error: BaseException) -> None:
        """An exception that no middleware further inside has answered."""
        observation = getattr(request, _OBSERVATION, None)
        if observation is not None:
            observation.note_error(error)

    def process_view(self, request: Any, *_more: Any) -> None:
        """The route is known."""
        match = request.resolver_match
        observation = getattr(request, _OBSERVATION, None)
        if observation is not None and match is not None:
            observation.route, observation.parameters = "/" + match.route.lstrip("^/"), captured(match)
            if request.method == "POST":  # whoever signs in as somebody else loses the session before any signal
                self._load_session(request, observation)
                setattr(request, SESSION_BEFORE, _loaded(request).get(SESSION_KEY, ""))

    # ── parts ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, request: Any) -> Observation:
        observation = self.requests.begin(
            request.method or "",
            request.path,
            request.META.get("QUERY_STRING", ""),
            request.META.get("REMOTE_ADDR"),
            partial(_header, request.META),
        )
        observation.framework = _Known(self, request)
        setattr(request, _OBSERVATION, observation)
        return observation

    def _fail(self, request: Any, observation: Observation, error: BaseException) -> None:
        observation.note_error(error)
        if isinstance(error, Exception):
            observation.status = 500
        self._finish(request, observation)

    def _respond(self, request: Any, observation: Observation, response: Any) -> Any:
        kind = response.get("Content-Type")
        for name, value in self.requests.responding(
            observation, response.status_code, kind, partial(_header, request.META)
        ).items():
            response[name] = f"{response[name]}, {value}" if name == "Server-Timing" and name in response else value
        if not response.streaming:
            self._finish(request, observation)
        elif response.is_async:
            response.streaming_content = self._awatched(request, observation, response.streaming_content)
        else:
            response.streaming_content = self._watched(request, observation, response.streaming_content)
        return response

    def _watched(self, request: Any, observation: Observation, content: Iterator[bytes]) -> Iterator[bytes]:
        observation.noted.metadata["incomplete"] = True
        try:
            yield from content
            del observation.noted.metadata["incomplete"]
        except Exception as error:
            observation.note_error(error)
            raise
        finally:
            self._finish(request, observation)

    async def _awatched(self, request: Any, observation: Observation, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        observation.noted.metadata["incomplete"] = True
        try:
            async for part in content:
                yield part
            del observation.noted.metadata["incomplete"]
        except Exception as error:
            observation.note_error(error)
            raise
        finally:
            self._finish(request, observation)

    def _finish(self, request: Any, observation: Observation) -> None:
        request.__dict__.pop(_OBSERVATION, None)  # in a circle only the garbage collector would find both
        self._resolve(request, observation)
        if self._user is not None:
            observation.user_id = self._asked(request) or observation.user_id
        if self.requests.config.record_body:
            observation.body = self._body(request)
        self.requests.finish(observation)

    def _asked(self, request: Any) -> str | None:
        try:
            found = self._user(request) if self._user else None
        except Exception:  # a broken token must not break the request
            logger.debug("the user of a request cannot be told", exc_info=True)
            return None
        return None if found is None else str(found)

    # ── who ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def look(self, request: Any, observation: Observation) -> None:
        """In the middle of a view: before a login, before the first write."""
        self._load_session(request, observation)
        self._resolve(request, observation)

    @staticmethod
    def _load_session(request: Any, observation: Observation) -> None:
        """A view may have looked at neither session nor user: then the session is read now, if there is one at all."""
        session = getattr(request, "session", None)
        if observation.user_id is None and session is not None and session.session_key is not None:
            try:
                session.get(SESSION_KEY)
            except Exception:
                logger.debug("the session of a request cannot be read", exc_info=True)

    @staticmethod
    async def _aload_session(request: Any, observation: Observation) -> None:
        session = getattr(request, "session", None)
        if observation.user_id is None and session is not None and session.session_key is not None:
            try:
                await session.aget(SESSION_KEY)
            except Exception:
                logger.debug("the session of a request cannot be read", exc_info=True)

    @staticmethod
    def _resolve(request: Any, observation: Observation) -> None:
        """User and session from what has been loaded."""
        loaded = _loaded(request)
        if observation.user_id is None:
            observation.user_id = _user_of(request) or loaded.get("_auth_user_id")
        if observation.session_id is None:
            observation.session_id = loaded.get(SESSION_KEY) or _of_before(getattr(request, "session", None), loaded)

    def _body(self, request: Any) -> Any:
        """Only what the view has read anyway."""
        body, posted = request.__dict__.get("_body"), request.__dict__.get("_post")
        if body:
            return self.requests.body(request.content_type, body)
        return self.requests.body("application/x-www-form-urlencoded", posted.urlencode().encode()) if posted else None


class _Known:
    """What Django knows of a request."""

    __slots__ = ("_middleware", "_request")

    def __init__(self, middleware: AuditMiddleware, request: Any) -> None:
        self._middleware, self._request = middleware, request

    def resolve(self, observation: Observation) -> None:
        self._middleware.look(self._request, observation)

    def find(self, path: str) -> Mapping[str, Any] | None:
        return found(self._request, path)

    def realm(self) -> Hashable:
        return realm(self._request)


def _header(meta: Mapping[str, str], name: str) -> str | None:
    """`request.headers` would read all of them."""
    return meta.get(_key(name))


@cache
def _key(name: str) -> str:
    """As WSGI calls a header that the audit asks for."""
    return str(HttpHeaders.to_wsgi_name(name))


def _loaded(request: Any) -> dict[str, Any]:
    """What somebody has read of the session already."""
    return getattr(getattr(request, "session", None), "_session_cache", None) or {}


def _of_before(session: Any, loaded: dict[str, Any]) -> str | None:
    """The id of a session that is older than the audit. A signed cookie is a key that changes: it has none."""
    key = getattr(session, "session_key", None) if loaded.get("_auth_user_id") else None
    return hashlib.sha256(key.encode()).hexdigest() if key and len(key) <= _LONGEST_KEY else None


def _user_of(request: Any) -> str | None:
    """The user that somebody has asked for already: Django's own lazy one is not asked here, it would ask a database."""
    user = getattr(request, "_cached_user", None) or getattr(request, "_acached_user", None)
    if user is None:
        user = request.__dict__.get("user")  # REST framework puts it there; Django a lazy one
        if hasattr(user, "_wrapped"):
            user = None
    if user is None or not getattr(user, "is_authenticated", False):
        return None
    return str(user.pk)
