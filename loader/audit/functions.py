"""The functions of the audit schema: made anew when their file has changed, which the hash in their comment tells.

Making one anew leaves its rights as they are, so those are looked at by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from psycopg import sql

from loader.audit.names import FOR_THE_OWNER
from loader.audit.statements import comment, function_comment, read
from loader.config import Settings
from loader.connection import Connection
from loader.errors import ConflictingObjectError
from loader.plan import Step, rows


def plan_functions(settings: Settings, admin: Connection, names: Iterable[str]) -> Iterator[Step]:
    """The functions that are missing or of an older edition, and those that others than their owner may call and must not.

    Raises:
        ConflictingObjectError: the application has a function of that name.
    """
    wanted = list(names)
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in rows(admin, "audit/read/functions", names=wanted):
        found.setdefault(entry["name"], []).append(entry)
    for name in wanted:
        comments = [entry["comment"] for entry in found.get(name, [])]
        if comments == [function_comment(name)]:
            if name in FOR_THE_OWNER and found[name][0]["is_for_others"]:
                yield Step(f"lms: function {name}() is for the owner only", "lms_admin", (_owner_only(name),))
            continue
        if any("[edu2lms " not in (text or "") for text in comments):
            raise ConflictingObjectError(
                what=f"The function {name}()",
                where=settings.where("lms"),
                reason="it is the application's own",
                fix=f"rename it: alter function public.{name} rename to …",
            )
        yield Step(f"lms: function {name}()", "lms_admin", tuple(function_statements(name)))


def function_statements(name: str) -> Iterator[sql.SQL | sql.Composed]:
    """Make a function, say what it is for, and keep others from what is the owner's."""
    yield read(name)
    yield comment("function", name, function_comment(name))
    if name in FOR_THE_OWNER:
        yield _owner_only(name)


def _owner_only(name: str) -> sql.Composed:
    return read("owner_only").format(quoted=sql.Literal(f"public.{name}"))
