"""Asking the database in a thread: one transaction for each screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, TypeVar
from uuid import UUID

from database.connection_manager import get_db_manager
from database.errors import TransactionLost
from examples.common.answers import Origin
from examples.common.screens import ACT_AS, SCREENS

Rows = list[dict[str, Any]]
PATIENCE = 1.0
"""Seconds."""
_T = TypeVar("_T")


def reading(ask: Callable[[], _T]) -> _T:
    """What breaks in the middle is asked again: reading twice does no harm.

    A server that shuts down ends one connection after the other, so that the next one may break, too, until the manager has
    decided: a matter of milliseconds.
    """
    deadline = monotonic() + PATIENCE
    while True:
        try:
            return ask()
        except TransactionLost:
            if monotonic() > deadline:
                raise


def read(name: str, user: UUID | None, parameters: Mapping[str, Any]) -> tuple[Rows, Origin]:
    """The rows of a screen."""

    def ask() -> tuple[Rows, Origin]:
        with get_db_manager().get_connection(dict_cursor=True) as conn:
            conn.execute(ACT_AS, (str(user or ""),))
            return conn.execute(SCREENS[name].statement, parameters).fetchall(), Origin.of(conn)

    return reading(ask)
