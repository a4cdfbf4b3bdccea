"""What belongs to the request that is under way, for whoever is called by it: tasks, threads, the triggers of the database.

with get_db_manager().get_connection() as conn:
    context.link(conn)  # the triggers write user and correlation id beside every change of this transaction
    conn.execute("update …")
    conn.commit()
"""

from __future__ import annotations

import re
import time
from asyncio import CancelledError
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Protocol

import psycopg

from database import queries
from database.audit.cleaning import LONGEST, text
from database.audit.counts import logger
from database.audit.events import Event
from database.audit.fingerprint import error_class, fingerprint
from database.audit.identifiers import chance
from database.audit.masking import Masker

_LINK = queries.read("audit/link").encode()
_SETTINGS = ("user_id", "session_id", "correlation_id", "ip_address", "request_path", "request_method")
_VALID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}")


class Framework(Protocol):
    """What the framework knows of one request.

    It must not keep the observation: in a circle only the garbage collector would find both, and all that the request holds.
    """

    def resolve(self, observation: Observation) -> None:
        """Fill in user and session, as far as they are known by now."""

    def find(self, path: str) -> Mapping[str, Any] | None:
        """What a path of this site holds, by the names of its route; None: it leads nowhere."""

    def realm(self) -> Hashable:
        """What else decides where a path leads: the host, for example. None: nobody can tell."""


@dataclass(slots=True)
class Notes:
    """What few requests have.

    Attributes:
        details: for `action_details`.
        metadata: for the column of that name.
        reported: views that the browser has told of.
    """

    details: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    reported: list[Event] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Observation:
    """One request, filled in on its way. All may be None: nobody knows.

    Many are under way at a time, and Python looks for garbage when so many objects have come that have not gone: few, therefore.
    """

    correlation_id: str
    method: str | None = None
    path: str | None = None
    query: str = ""
    ip_address: str | None = None
    user_agent: str | None = None
    referrer: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    route: str | None = None
    parameters: Mapping[str, Any] | None = None
    status: int | None = None
    body: Any = None
    viewed: tuple[str, float] | None = None
    """Id of the view, and when the page was answered, in seconds since 1970."""
    error: tuple[str, str] | None = None
    """Class and fingerprint."""
    is_excluded: bool = False
    session_ended: bool = False
    notes: Notes | None = None
    framework: Framework | None = None
    masker: Masker | None = None
    started: float = field(default_factory=time.time)
    begun: float = field(default_factory=perf_counter)
    ended: float | None = None
    """When the last part of the answer was sent; what the application does afterwards is no time that anybody waits."""

    @property
    def noted(self) -> Notes:
        """To write into."""
        if self.notes is None:
            self.notes = Notes()
        return self.notes

    def resolve(self) -> None:
        """Find out user and session now, not only when the request is over."""
        if self.framework is not None:
            self.framework.resolve(self)

    @property
    def masked_path(self) -> str | None:
        """The path as it may be recorded."""
        if not self.path or self.masker is None:
            return self.path
        return self.masker.path(self.path, self.found(self.path) if self.parameters is None else self.parameters)

    def found(self, path: str) -> Mapping[str, Any] | None:
        """What a path of this site holds, by the names of its route, also with another end (`/`); None: it leads nowhere."""
        if self.framework is None:
            return None
        try:
            found = self.framework.find(path)
            return self.framework.find(path.rstrip("/") if path.endswith("/") else path + "/") if found is None else found
        except Exception:  # routes may do anything
            logger.debug("the route of a path cannot be told", exc_info=True)
            return None

    def where(self) -> Hashable:
        """The realm; None: nobody can tell."""
        try:
            return None if self.framework is None else self.framework.realm()
        except Exception:  # it is the application's
            logger.debug("the realm of a request cannot be told", exc_info=True)
            return None

    @property
    def milliseconds(self) -> float:
        """From its beginning until the last part of its answer was sent, or until now."""
        return ((self.ended or perf_counter()) - self.begun) * 1000

    def note_error(self, error: BaseException) -> None:
        """Keep what the error is; the first one counts. Being cancelled is none: the browser has gone, or the server ends."""
        if isinstance(error, CancelledError):
            self.noted.metadata["cancelled"] = True
        elif self.error is None:
            self.error = (error_class(error), fingerprint(error))


_current: ContextVar[Observation | None] = ContextVar("audit_observation", default=None)


def current() -> Observation | None:
    """The request that is under way."""
    return _current.get()


class observing:
    """With an observation, for the time of a request."""

    __slots__ = ("_observation", "_token")

    def __init__(self, observation: Observation) -> None:
        """Take it."""
        self._observation = observation

    def __enter__(self) -> Observation:
        self._token: Token[Observation | None] = _current.set(self._observation)
        return self._observation

    def __exit__(self, *_error: object) -> None:
        _current.reset(self._token)


@contextmanager
def acting(user_id: object = None, *, correlation_id: str | None = None, **metadata: Any) -> Iterator[Observation]:
    """The same for what is no request: a command, a task, a script.

    Args:
        user_id: on whose behalf.
        correlation_id: one that came from elsewhere; by default a new one.
        metadata: whatever describes it.
    """
    made = Observation(
        correlation(correlation_id), user_id=None if user_id is None else str(user_id), notes=Notes(metadata=metadata)
    )
    with observing(made):
        yield made


def identify(user_id: object, session_id: str | None = None) -> None:
    """Say who makes the request that is under way: for applications whose own sign-in nobody else understands."""
    observation = _current.get()
    if observation is not None:
        observation.user_id = None if user_id is None else str(user_id)
        observation.session_id = str(session_id) if session_id else observation.session_id


def note_error(error: BaseException) -> None:
    """An error that the application answers itself: its class and fingerprint are recorded with the request."""
    observation = _current.get()
    if observation is not None:
        observation.note_error(error)


def note(**details: Any) -> None:
    """More for `action_details` of the request that is under way."""
    observation = _current.get()
    if observation is not None:
        observation.noted.details.update(details)


def correlation(given: str | None) -> str:
    """A correlation id from outside when it is harmless, else a new one."""
    return given if given and _VALID.fullmatch(given) else chance()


def settings() -> dict[str, str]:
    """The parameters of `link`; empty: not known."""
    observation = _current.get()
    if observation is None:
        return dict.fromkeys(_SETTINGS, "")
    observation.resolve()
    values = {name: getattr(observation, name) for name in _SETTINGS[:4]}
    values |= {"request_path": observation.masked_path, "request_method": observation.method}
    return {name: text(value or "", LONGEST[name]) for name, value in values.items()}


def link(connection: psycopg.Connection[Any]) -> None:
    """Tell the triggers who acts, until the end of the connection's transaction; in autocommit it has no effect."""
    if _current.get() is not None:
        connection.execute(_LINK, settings())


async def alink(connection: psycopg.AsyncConnection[Any]) -> None:
    """The same for a task."""
    if _current.get() is not None:
        await connection.execute(_LINK, settings())
