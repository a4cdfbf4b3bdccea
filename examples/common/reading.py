"""Asking the database in a thread: one transaction for each screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from database.connection_manager import get_db_manager
from database.errors import TransactionLost
from examples.common.answers import Origin
from examples.common.screens import ACT_AS, SCREENS

Rows = list[dict[str, Any]]
_T = TypeVar("_T")


def reading(ask: Callable[[], _T]) -> _T:
    """What breaks in the middle is asked once more: reading twice does no harm, and by then there is another connection."""
    try:
        return ask()
    except TransactionLost:
        return ask()


def read(name: str, user: UUID | None, parameters: Mapping[str, Any]) -> tuple[Rows, Origin]:
    """The rows of a screen."""

    def ask() -> tuple[Rows, Origin]:
        with get_db_manager().get_connection(dict_cursor=True) as conn:
            conn.execute(ACT_AS, (str(user or ""),))
            return conn.execute(SCREENS[name].statement, parameters).fetchall(), Origin.of(conn)

    return reading(ask)
