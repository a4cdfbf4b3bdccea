"""The SQL of the runtime: one statement per file in `database/sql`, that of the drill in a folder below it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def read(name: str) -> str:
    """Text of `database/sql/<name>.sql`."""
    return (files("database") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
