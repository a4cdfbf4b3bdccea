"""Before the first write of a transaction, the ORM tells the database who acts: the triggers write it beside every change."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.db import transaction

from database import queries
from database.audit.context import current, settings

_LINK = queries.read("audit/link")
_WRITES = re.compile(r"\s*(?:insert|update|delete|merge|with|call|select\s+.*\bfor\s+update)\b", re.IGNORECASE | re.DOTALL)
_BACK = re.compile(r"\s*rollback\b", re.IGNORECASE)
_TOLD = "_audit_told"
_IDLE = 0
_KEPT = 2000
Execute = Callable[[Any, Any, bool, dict[str, Any]], Any]


def link_first(execute: Execute, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """An execute wrapper of Django's."""
    observation, connection = current(), context["connection"]
    if not _is_under_way(connection):
        setattr(connection, _TOLD, None)
    if observation is None or not isinstance(sql, str) or not _writes(sql):
        if isinstance(sql, str) and _BACK.match(sql):  # to a savepoint: what was told since then is taken back
            setattr(connection, _TOLD, None)
        return execute(sql, params, many, context)
    if connection.in_atomic_block or not connection.get_autocommit():
        _tell(connection, observation)
        return execute(sql, params, many, context)
    with transaction.atomic(using=connection.alias):  # a statement by itself: a transaction for both
        _tell(connection, observation)
        return execute(sql, params, many, context)


def _writes(sql: str) -> bool:
    return _known(sql) if len(sql) <= _KEPT else _looked_at(sql)


def _looked_at(sql: str) -> bool:
    return _WRITES.match(sql) is not None


_known = lru_cache(maxsize=1024)(_looked_at)
"""An application repeats its statements; long ones are not kept."""


def _tell(connection: Any, observation: object) -> None:
    """Once for each transaction and request."""
    if getattr(connection, _TOLD, None) is not observation:
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            cursor.execute(_LINK, settings())
        setattr(connection, _TOLD, observation)


def _is_under_way(connection: Any) -> bool:
    raw = connection.connection
    return raw is not None and raw.info.transaction_status != _IDLE
