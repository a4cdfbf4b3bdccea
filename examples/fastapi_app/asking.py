"""Asking the database in a coroutine. One transaction each: it ends before the connection goes back."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Any
from uuid import UUID

from database.connection_manager import get_db_manager
from database.errors import TransactionLost
from examples.common.answers import Origin
from examples.common.reading import PATIENCE, Rows
from examples.common.screens import ACT_AS, SCREENS, WRITE_NOTES


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
        cursor = await conn.execute(WRITE_NOTES, {"id": enrollment, "notes": notes})
        row = await cursor.fetchone()
        await conn.commit()
        return row, Origin.of(conn)
