"""Who may do what with the audit tables: the application writes, the migration's role reads what analytics is made of."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from loader.audit.names import APPLICATION_RIGHTS, FOR_THE_OWNER, FUNCTIONS, READ_COLUMNS, UPDATED_COLUMNS
from loader.config import Settings
from loader.connection import Connection
from loader.plan import Statement, Step, missing_rights, names, row, rows

Right = tuple[str, str | None, str]

APPLICATION_FUNCTIONS = tuple(name for name in FUNCTIONS if name not in FOR_THE_OWNER)


def migration_rights() -> list[Right]:
    """Of the migration's role: (table, column or None for all, privilege)."""
    reads: list[Right] = [(table, column, "SELECT") for table, columns in READ_COLUMNS.items() for column in columns]
    return [*reads, ("audit_logs", None, "INSERT")]


def application_rights() -> list[Right]:
    """Of the application's role: (table, column or None for all, privilege)."""
    whole: list[Right] = [(table, None, privilege) for table, those in APPLICATION_RIGHTS.items() for privilege in those]
    return [*whole, *((table, column, "UPDATE") for table, columns in UPDATED_COLUMNS.items() for column in columns)]


def grants(role: str, rights: Sequence[Right]) -> list[Statement]:
    """The statements that give rights on the audit tables to a role, one for each table."""
    statements: list[Statement] = []
    for table in dict.fromkeys(entry[0] for entry in rights):
        mine = [entry for entry in rights if entry[0] == table]
        parts: list[Statement] = [sql.SQL(privilege.lower()) for _, column, privilege in mine if column is None]
        for privilege in dict.fromkeys(privilege for _, column, privilege in mine if column is not None):
            columns = [column for _, column, each in mine if column is not None and each == privilege]
            parts.append(sql.SQL("{} ({})").format(sql.SQL(privilege.lower()), names(columns)))
        statements.append(
            sql.SQL("grant {} on table {} to {}").format(
                sql.SQL(", ").join(parts), sql.Identifier("public", table), sql.Identifier(role)
            )
        )
    return statements


def plan_rights(settings: Settings, admin: Connection) -> tuple[list[Step], list[str]]:
    """The rights that are missing, and a note where nobody has said which role is the application's."""
    steps = list(_step("the migration's role", settings.lms_user, missing_rights(admin, settings.lms_user, migration_rights())))
    application = settings.lms_app_user
    if application is None or row(admin, "role", role=application) is None:
        why = "LMS_APP_USER is not set" if application is None else f"LMS_APP_USER names no role of lms ({application})"
        return steps, [f"{why}: the application's role gets no rights on audit_logs, page_views and user_sessions"]
    functions = rows(admin, "audit/read/function_rights", role=application, names=list(APPLICATION_FUNCTIONS))
    wanted = missing_rights(admin, application, application_rights())
    steps += _step("the application", application, wanted, [entry["name"] for entry in functions if not entry["granted"]])
    return steps, []


def _step(who: str, role: str, missing: Sequence[Right], functions: Sequence[str] = ()) -> list[Step]:
    statements = grants(role, missing)
    statements += [
        sql.SQL("grant execute on function {} to {}").format(sql.Identifier("public", name), sql.Identifier(role))
        for name in functions
    ]
    return [Step(f"lms: rights of {who} on the audit tables", "lms_admin", tuple(statements))] if statements else []
