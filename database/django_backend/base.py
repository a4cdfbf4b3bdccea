"""A database backend that takes its connections from the connection manager: its pools, its decision, its errors.

Django holds one connection per thread from the first query of a request to its end; so do these. An answer therefore comes from
one source throughout, unless the connection breaks: outside `atomic`, the next query then takes a new one.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from typing import Any

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import get_adapters_template
from django.utils.asyncio import async_unsafe
from django.utils.functional import cached_property
from psycopg import IsolationLevel
from psycopg.adapt import AdaptersMap
from psycopg.pq import TransactionStatus

from database.connection_manager import get_db_manager
from database.connections import ManagedConnection
from database.django_backend.errors import ErrorWrapper
from database.managed import Noting

_OPTIONS = {"isolation_level", "server_side_binding"}
_left_to_parent: list[Any] = []


class Cursor(Noting, base.Cursor):  # type: ignore[misc]
    """Django's cursor, which binds parameters itself."""


class ServerBindingCursor(Noting, base.ServerBindingCursor):  # type: ignore[misc]
    """The same where the server binds: OPTIONS `server_side_binding`."""


class ServerSideCursor(Noting, base.ServerSideCursor):  # type: ignore[misc]
    """The named cursor of `iterator()`, where Django binds parameters itself."""


class DatabaseWrapper(base.DatabaseWrapper):  # type: ignore[misc]
    """Django's backend for PostgreSQL, with connections that are borrowed instead of made."""

    connection: ManagedConnection[Any] | None
    _loan: AbstractContextManager[ManagedConnection[Any]] | None = None
    _usual: dict[str, Any]
    _pid: int | None = None

    @property
    def pool(self) -> None:
        """Django's own pool is not used."""
        return None

    @cached_property  # type: ignore[untyped-decorator]
    def wrap_database_errors(self) -> ErrorWrapper:
        """Translates errors."""
        return ErrorWrapper(self)

    def get_connection_params(self) -> dict[str, Any]:
        """Nothing: where to connect is the manager's matter.

        Raises:
            ImproperlyConfigured: the entry in DATABASES says something else about it.
        """
        given = {name for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "CONN_MAX_AGE") if self.settings_dict.get(name)}
        given |= set(self.settings_dict["OPTIONS"]) - _OPTIONS
        if given:
            raise ImproperlyConfigured(
                f"DATABASES[{self.alias!r}] says {', '.join(sorted(given))}: database.django_backend connects through the "
                "connection manager. Set that in EDU2LMS_DATABASE or in the environment instead."
            )
        return {}

    @async_unsafe  # type: ignore[untyped-decorator]
    def get_new_connection(self, conn_params: dict[str, Any]) -> ManagedConnection[Any]:
        """Borrow a connection until `close`."""
        del conn_params
        options = self.settings_dict["OPTIONS"]
        try:
            self.isolation_level = IsolationLevel(options.get("isolation_level", IsolationLevel.READ_COMMITTED))
        except ValueError:
            raise ImproperlyConfigured("OPTIONS isolation_level is not one of psycopg.IsolationLevel") from None
        loan = get_db_manager().get_connection()
        connection = loan.__enter__()
        self._loan, self._pid = loan, os.getpid()
        if "isolation_level" in options:
            connection.isolation_level = self.isolation_level
        self._dress(connection)
        return connection

    def _dress(self, connection: ManagedConnection[Any]) -> None:
        """For the time of the loan: what Django gives a connection of its own when it makes it."""
        self._usual = {name: getattr(connection, name) for name in ("cursor_factory", "prepare_threshold", "_adapters")}
        binding = self.settings_dict["OPTIONS"].get("server_side_binding") is True
        connection.cursor_factory = ServerBindingCursor if binding else Cursor
        connection.prepare_threshold = None
        connection._adapters = AdaptersMap(get_adapters_template(settings.USE_TZ, self.timezone))

    def _close(self) -> None:
        """Give it back; what is unfinished is rolled back."""
        loan, connection = self._loan, self.connection
        self._loan = self.connection = None
        if loan is None or connection is None:
            return
        if self._pid != os.getpid():
            _left_to_parent.append((loan, connection))
            return
        for name, value in self._usual.items():
            setattr(connection, name, value)
        with self.wrap_database_errors:
            loan.__exit__(None, None, None)

    @async_unsafe  # type: ignore[untyped-decorator]
    def ensure_connection(self) -> None:
        """Take a connection if there is none; another one if this one has ended, and no transaction hangs on it."""
        if self.connection is not None and not self.in_atomic_block and self._is_left_behind(self.connection):
            self.close()
        super().ensure_connection()

    def _is_left_behind(self, connection: ManagedConnection[Any]) -> bool:
        """Broken, the parent process's, or of a database that has gone out of use: commands that run for days move on, too."""
        if connection.closed or self._pid != os.getpid():
            return True
        current = get_db_manager().core.current
        return current is not None and current is not connection.owner and self.autocommit

    @async_unsafe  # type: ignore[untyped-decorator]
    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor; on a connection that has broken, the error that told so, once more."""
        if name and self.settings_dict["OPTIONS"].get("server_side_binding") is not True:
            # Django takes a class of its own here, and not what the connection says
            return ServerSideCursor(self.connection, name=name, scrollable=False, withhold=self.autocommit)
        try:
            return super().create_cursor(name)
        except psycopg.OperationalError as error:
            if self.connection is None:
                raise
            self.connection.fail(error, TransactionStatus.UNKNOWN)

    def is_usable(self) -> bool:
        """Whether it can be used again; the pool looks closer when it is handed out."""
        return self.connection is not None and not self._is_left_behind(self.connection)
