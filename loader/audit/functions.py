"""The functions of the audit schema: made anew when their file has changed, which the hash in their comment tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from psycopg import sql

from loader.audit.names import FOR_THE_OWNER
from loader.audit.statements import comment, function_comment, read
from loader.config import Settings
from loader.connection import Connection
from loader.errors import ConflictingObjectError
from loader.plan import Step, rows


def plan_functions(settings: Settings, admin: Connection, names: Iterable[str]) -> Iterator[Step]:
    """The functions that are missing or of an older edition.

    Raises:
        ConflictingObjectError: the application has a function of that name.
    """
    wanted = list(names)
    found: dict[str, list[str | None]] = {}
    for entry in rows(admin, "audit/read/functions", names=wanted):
        found.setdefault(entry["name"], []).append(entry["comment"])
    for name in wanted:
        comments = found.get(name, [])
        if comments == [function_comment(name)]:
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
        yield sql.SQL("revoke all on function {} from public").format(sql.Identifier("public", name))
