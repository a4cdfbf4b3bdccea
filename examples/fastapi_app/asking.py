"""Asking the database in a coroutine. One transaction each: it ends before the connection goes back."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Any
from uuid import UUID

from database.audit import context
from database.connection_manager import get_db_manager
from database.errors import TransactionLost
from examples.common.answers import Origin
from examples.common.reading import PATIENCE, Rows
from examples.common.screens import ACT_AS, ENROLLMENT, SCREENS, USER_BY_NAME, WRITE_NOTES


async def aread(name: str, user: UUID | None, parameters: Mapping[str, Any]) -> tuple[Rows, Origin]:
    """The rows of a screen; as `read` of examples/common/reading.py."""

    async def ask() -> tuple[Rows, Origin]:
        async with get_db_manager().aconnection(dict_cursor=True) as conn:
            await conn.execute(ACT_AS, (str(user or ""),))
            cursor = await conn.execute(SCREENS[name].statement, parameters)
            return await cursor.fetchall(), Origin.of(conn)

    deadline = monotonic() + PATIENCE
    while True:
        try:
            return await ask()
        except TransactionLost:
            if monotonic() > deadline:
                raise


async def write_notes(user: UUID | None, enrollment: UUID, notes: str | None) -> tuple[dict[str, Any] | None, Origin]:
    """Change the notes; no row when there is no such enrollment that the user may change. Never repeated by itself."""
    async with get_db_manager().aconnection(dict_cursor=True) as conn:
        await conn.execute(ACT_AS, (str(user or ""),))
        await context.alink(conn)  # the trigger that captures the change writes who and in which request
        cursor = await conn.execute(WRITE_NOTES, {"id": enrollment, "notes": notes})
        row = await cursor.fetchone()
        await conn.commit()
        return row, Origin.of(conn)


async def one(statement: bytes, user: UUID | None, parameters: Mapping[str, Any]) -> tuple[dict[str, Any] | None, Origin]:
    """The only row of a statement, or none."""
    async with get_db_manager().aconnection(dict_cursor=True) as conn:
        await conn.execute(ACT_AS, (str(user or ""),))
        cursor = await conn.execute(statement, parameters)
        return await cursor.fetchone(), Origin.of(conn)


async def user_by_name(username: str) -> UUID | None:
    """The id of a user."""
    row, _ = await one(USER_BY_NAME, None, {"username": username.replace("\0", "")})
    return None if row is None else row["id"]


async def enrollment(user: UUID | None, enrollment_id: UUID) -> tuple[dict[str, Any] | None, Origin]:
    """One enrollment, as far as the user may see it."""
    return await one(ENROLLMENT, user, {"id": enrollment_id})
