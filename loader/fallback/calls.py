"""The functions that log in lms, as the fallback has them: a call is refused as a write is."""

from __future__ import annotations

import re

from psycopg import sql

from loader import queries

CALLS = ("log_user_action", "update_session_activity", "close_user_session", "close_idle_sessions")
"""What the application may call in lms."""


def signature(name: str) -> tuple[sql.SQL, sql.SQL]:
    """Arguments and result of a function of the audit schema, as the file that makes it in lms has them."""
    text = queries.read(f"audit/{name}")
    found = re.search(rf"function public\.{name}\((.*?)\) returns (.*?)\nlanguage", text, re.DOTALL)
    if found is None:
        raise ValueError(f"loader/sql/audit/{name}.sql makes no function {name}")
    return sql.SQL(found[1]), sql.SQL(found[2])
