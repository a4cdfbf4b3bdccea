"""The SQL of the loader: one file per idea in `loader/sql`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import LiteralString, cast


@cache
def read(name: str) -> LiteralString:
    """Text of `loader/sql/<name>.sql`."""
    text = (files("loader") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    return cast(LiteralString, text)  # our own file, not a user's input
