"""The SQL of the loader: one file per idea in `loader/sql`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def read(name: str) -> str:
    """Text of `loader/sql/<name>.sql`; the name may have a folder: `verify/walk`."""
    return (files("loader") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
