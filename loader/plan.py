"""What `prepare` wants both databases to look like, and the statements that are missing until they do.

Planning only reads catalogs: it takes no lock on a live table. Every step is left out when it is done already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from psycopg import sql
from psycopg.rows import dict_row

from loader import queries
from loader.config import APPLICATION_NAME, KEEPALIVES, Settings
from loader.connection import Connection
from loader.errors import ConflictingObjectError, SourceChangedError, UnsafeRoleError
from loader.project import SourceTable

Actor = Literal["edu_admin", "lms_admin", "lms"]
Statement = sql.SQL | sql.Composed

SCHEMAS = ("edu_fdw", "staging", "migration", "ledger")

INSERT_TABLES = (
    "users",
    "persons",
    "students",
    "staff_members",
    "academic_terms",
    "courses",
    "course_offerings",
    "course_instructors",
    "course_enrollments",
    "assessments",
    "assessment_submissions",
)
READ_TABLES = (*INSERT_TABLES, "organization_units")

LEDGER_TABLES = (
    "table_loads",
    "batches",
    "batch_tables",
    "crosswalk",
    "changes",
    "content_columns",
    "value_warnings",
    "dbt_invocations",
    "last_run",
)
LEDGER_UPGRADES = {
    "table_loads": "row_versions",
    "batches": "undone_at",
    "batch_tables": "withdrawn",
    "crosswalk": "is_withdrawn",
}
"""A column that the table has not got in older ledgers; `loader/sql/ledger_<table>_upgrade.sql` adds it."""

# What a later run brings up to date in rows that the migration made. It also needs the right to update some column of a parent to
# lock it FOR KEY SHARE.
UPDATE_COLUMNS: dict[str, tuple[str, ...]] = {
    "users": ("username", "email", "is_active", "is_locked", "updated_at"),
    "persons": ("first_name", "last_name", "middle_name", "date_of_birth", "gender", "national_id", "updated_at"),
    "students": ("student_number", "enrollment_date", "status", "study_mode", "funding_type", "updated_at"),
    "staff_members": ("position_title", "employment_type", "hire_date", "contract_end_date", "is_active", "updated_at"),
    "academic_terms": ("term_number", "start_date", "end_date", "updated_at"),
    "courses": ("name", "credit_hours", "course_level", "is_active", "updated_at"),
    "course_offerings": (
        *("old_course_id", "course_id", "academic_term_id", "section_code", "language_of_instruction"),
        *("current_enrollment", "max_enrollment", "enrollment_status", "updated_at"),
    ),
    "course_instructors": ("course_offering_id", "instructor_id", "assigned_date", "updated_at"),
    "course_enrollments": (
        *("old_journal_id", "course_offering_id", "student_id", "enrollment_date", "enrollment_status"),
        *("status_changed_date", "grade", "is_retake", "updated_at"),
    ),
    "assessments": (
        *("course_offering_id", "title", "assessment_type", "weight_percentage", "total_marks"),
        *("passing_marks", "due_date", "duration_minutes", "updated_at"),
    ),
    "assessment_submissions": ("assessment_id", "student_id", "attempt_number", "submission_date", "status", "updated_at"),
}


@dataclass(frozen=True, slots=True)
class Tracking:
    """A column on a live table that holds the legacy id, and its unique index."""

    table: str
    column: str

    @property
    def index(self) -> str:
        """Name of the unique index."""
        return f"{self.table}_{self.column}_key"


TRACKING = (Tracking("course_offerings", "old_course_id"), Tracking("course_enrollments", "old_journal_id"))


@dataclass(frozen=True, slots=True)
class Step:
    """One missing thing, who adds it, and with which statements.

    Attributes:
        live_table: the live table that is locked for a moment; the step waits for `lock_timeout` only and is tried again.
        builds_index: builds or drops an index concurrently, which may take long but blocks nobody.
        secret: a statement holds a password; it is kept out of the server's log.
        superuser: statements that only a superuser may run, as text for a human, when the admin is not one.
        optional: the migration works without it, slower.
    """

    name: str
    actor: Actor
    statements: tuple[Statement, ...]
    live_table: str | None = None
    builds_index: bool = False
    secret: bool = False
    superuser: tuple[str, ...] = ()
    optional: str | None = None


def names(values: Iterable[str]) -> sql.Composed:
    """Identifiers, separated by commas."""
    return sql.SQL(", ").join(sql.Identifier(value) for value in values)


def rows(connection: Connection, query: str, **parameters: Any) -> list[dict[str, Any]]:
    """All rows of a query in `loader/sql` as dictionaries."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(queries.read(query), parameters or None).fetchall()


def row(connection: Connection, query: str, **parameters: Any) -> dict[str, Any] | None:
    """The only row, or None."""
    found = rows(connection, query, **parameters)
    return found[0] if found else None


def columns_of(connection: Connection, schema: str, tables: Sequence[str] | None) -> dict[str, dict[str, str]]:
    """Columns and types of tables: {table: {column: type}}, columns in their order."""
    result: dict[str, dict[str, str]] = {}
    for found in rows(connection, "columns", schema=schema, tables=list(tables) if tables is not None else None):
        result.setdefault(found["table_name"], {})[found["column_name"]] = found["data_type"]
    return result


def differences(tables: Iterable[SourceTable], live: dict[str, dict[str, str]]) -> list[str]:
    """What edu has not got, or has with another type, in sentences that name table.column."""
    result = []
    for table in tables:
        if table.name not in live:
            result.append(f"{table.name}: the table does not exist in edu")
            continue
        for column in table.columns:
            found = live[table.name].get(column.name)
            if found is None:
                result.append(f"{table.name}.{column.name}: declared as {column.data_type}, does not exist in edu")
            elif found != column.data_type:
                result.append(f"{table.name}.{column.name}: declared as {column.data_type}, is {found} in edu")
    return result


def scram(connection: Connection, role: str, password: str) -> str:
    """The password as the server would store it, so that the password itself is not sent."""
    return connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()


# ── edu ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def plan_edu(settings: Settings, tables: Sequence[SourceTable], admin: Connection, *, can_log_in: bool) -> list[Step]:
    """What is missing in edu: the role that can read the declared columns and nothing else.

    Args:
        settings: names and passwords.
        tables: the declared tables.
        admin: a connection as EDU_ADMIN_USER.
        can_log_in: can the reader log in with its password?

    Raises:
        SourceChangedError: a declared table or column is not there or has another type.
        UnsafeRoleError: the reader is an administrator.
    """
    live = columns_of(admin, "public", [table.name for table in tables])
    if changes := differences(tables, live):
        raise SourceChangedError(where=settings.where("edu"), changes="\n".join(changes))
    user, role = settings.edu_user, row(admin, "role", role=settings.edu_user)
    _refuse_admin(settings, "edu", user, settings.edu_admin_user, role)
    steps = _role_steps(settings, "edu", admin, role, can_log_in=can_log_in)
    alter = sql.SQL("alter role {} set default_transaction_read_only = on").format(sql.Identifier(user))
    if role is None or not role["reads_only"]:
        steps.append(Step("edu: the reader's transactions are read-only", "edu_admin", (alter,)))
    rights = row(admin, "role_rights", role=user)
    if not rights or not rights["connects"]:
        grant = sql.SQL("grant connect on database {} to {}").format(sql.Identifier(settings.edu_dbname), sql.Identifier(user))
        steps.append(Step("edu: the reader may connect", "edu_admin", (grant,)))
    if not rights or not rights["uses_public"]:
        grant = sql.SQL("grant usage on schema public to {}").format(sql.Identifier(user))
        steps.append(Step("edu: the reader may use schema public", "edu_admin", (grant,)))
    steps += _reader_grants(user, tables, admin)
    return steps


def _reader_grants(user: str, tables: Sequence[SourceTable], admin: Connection) -> list[Step]:
    # xmin says which rows have been written since the last load
    wanted = [(table.name, column, "SELECT") for table in tables for column in (*table.column_names, "xmin")]
    missing = missing_rights(admin, user, wanted)
    flat_tables, flat_columns = [entry[0] for entry in wanted], [entry[1] for entry in wanted]
    excess = [found["table_name"] for found in rows(admin, "excess_rights", role=user, tables=flat_tables, columns=flat_columns)]
    role, steps = sql.Identifier(user), []
    if excess:
        revokes = tuple(sql.SQL("revoke all on table public.{} from {}").format(sql.Identifier(name), role) for name in excess)
        steps.append(Step("edu: the reader loses every other right", "edu_admin", revokes))
    grants = tuple(
        sql.SQL("grant select ({}) on table public.{} to {}").format(
            names((*table.column_names, "xmin")), sql.Identifier(table.name), role
        )
        for table in tables
        if table.name in excess or any(entry[0] == table.name for entry in missing)
    )
    if grants:
        steps.append(Step("edu: the reader may read the declared columns", "edu_admin", grants))
    return steps


# ── lms ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def plan_lms(
    settings: Settings,
    tables: Sequence[SourceTable],
    edu_columns: dict[str, dict[str, str]],
    admin: Connection,
    *,
    as_user: Connection | None,
) -> list[Step]:
    """What is missing in lms.

    Args:
        settings: names, passwords and addresses.
        tables: the declared tables.
        edu_columns: all columns that the declared tables have in edu; IMPORT FOREIGN SCHEMA brings them all.
        admin: a connection as LMS_ADMIN_USER.
        as_user: a connection as LMS_USER; None when it cannot log in (yet).

    Raises:
        UnsafeRoleError: the migration's role is an administrator, or owns tables of the application.
        ConflictingObjectError: something of the wanted name exists and is something else.
    """
    facts = row(admin, "lms_facts") or {}
    role = row(admin, "role", role=settings.lms_user)
    _refuse_admin(settings, "lms", settings.lms_user, settings.lms_admin_user, role)
    if owned := [found["relation"] for found in rows(admin, "owned_in_public", role=settings.lms_user)]:
        raise UnsafeRoleError(
            role=settings.lms_user,
            where=settings.where("lms"),
            reason=f"it owns {', '.join(owned[:5])}, so that a mistake could drop a live table",
            fix="name another role in LMS_USER, or give these tables to the application's owner.",
        )
    found = columns_of(admin, "public", READ_TABLES)
    if absent := sorted(set(READ_TABLES) - set(found)):
        raise ConflictingObjectError(
            what="Schema public",
            where=settings.where("lms"),
            reason=f"it has no table {', '.join(absent)}",
            fix="correct LMS_HOST, LMS_PORT and LMS_DBNAME: this is not the application's database.",
        )
    rights = row(admin, "role_rights", role=settings.lms_user)
    return [
        *_role_steps(settings, "lms", admin, role, can_log_in=as_user is not None),
        *_membership_steps(settings, admin, facts),
        *_extension_steps(settings, admin, facts),
        *_schema_steps(settings, admin, facts),
        *_server_steps(settings, admin, as_user, rights),
        *_foreign_table_steps(tables, edu_columns, admin),
        *_ledger_steps(settings, admin, facts),
        *_tracking_steps(settings, admin, found),
        *_live_grants(settings, admin, facts, rights),
        *_replication_steps(settings, rights),
    ]


def _refuse_admin(settings: Settings, database: str, user: str, admin: str | None, role: dict[str, Any] | None) -> None:
    prefix = database.upper()
    if user == admin:
        reason = f"{prefix}_USER and {prefix}_ADMIN_USER are the same"
    elif role is not None and role["rolsuper"]:
        reason = "it is a superuser, whom no missing right holds back"
    else:
        return
    raise UnsafeRoleError(
        role=user,
        where=settings.where(database),
        reason=reason,
        fix=f"name a role of its own in {prefix}_USER; `edu2lms prepare` makes it.",
    )


def _role_steps(
    settings: Settings, database: str, admin: Connection, role: dict[str, Any] | None, *, can_log_in: bool
) -> list[Step]:
    lms = database == "lms"
    user, secret = (settings.lms_user, settings.lms_password) if lms else (settings.edu_user, settings.edu_password)
    actor: Actor = "lms_admin" if lms else "edu_admin"
    identifier = sql.Identifier(user)
    # Row-level security would hide the application's rows from a role without this attribute, without any error.
    attributes = sql.SQL(" login bypassrls" if lms else " login")
    me = row(admin, "role", role=admin.info.user) or {}
    helpless = not me.get("rolsuper") and (lms or not me.get("rolcreaterole"))
    plain = attributes.as_string(admin)
    steps = []
    if role is None:
        by_hand = (f"create role {identifier.as_string(admin)}{plain};",) if helpless else ()
        create = sql.SQL("create role ") + identifier + attributes
        steps.append(Step(f"{database}: role {user}", actor, (create,), superuser=by_hand))
    elif not role["rolcanlogin"] or (lms and not role["rolbypassrls"]):
        by_hand = (f"alter role {identifier.as_string(admin)}{plain};",) if helpless else ()
        alter = sql.SQL("alter role ") + identifier + attributes
        steps.append(Step(f"{database}: attributes of role {user}", actor, (alter,), superuser=by_hand))
    if secret is not None and not can_log_in:
        variable = f"{database.upper()}_PASSWORD"
        by_hand = (f"\\password {user}  -- in psql: the value of {variable}",) if helpless else ()
        alter = sql.SQL("alter role {} password {}").format(
            identifier, sql.Literal(scram(admin, user, secret.get_secret_value()))
        )
        steps.append(Step(f"{database}: password of role {user}", actor, (alter,), secret=True, superuser=by_hand))
    return steps


def _is_superuser(admin: Connection) -> bool:
    return admin.info.parameter_status("is_superuser") == "on"


def _membership_steps(settings: Settings, admin: Connection, facts: dict[str, Any]) -> list[Step]:
    """An admin that is not a superuser must be a member of the role to make schemas that belong to it."""
    if _is_superuser(admin):
        return []
    by_hand, me = [], sql.Identifier(admin.info.user).as_string(admin)
    if not (row(admin, "admin_rights", role=settings.lms_user) or {}).get("is_member"):
        by_hand.append(f"grant {sql.Identifier(settings.lms_user).as_string(admin)} to {me};")
    if not facts["may_create_schemas"]:
        by_hand.append(f"grant create on database {sql.Identifier(settings.lms_dbname).as_string(admin)} to {me};")
    return [Step("lms: the admin may act for the role", "lms_admin", (), superuser=tuple(by_hand))] if by_hand else []


def _extension_steps(settings: Settings, admin: Connection, facts: dict[str, Any]) -> list[Step]:
    superuser, steps = _is_superuser(admin), []
    if not facts["has_extension"]:
        create = sql.SQL("create extension postgres_fdw")
        by_hand = () if superuser else ("create extension postgres_fdw;",)
        steps.append(Step("lms: extension postgres_fdw", "lms_admin", (create,), superuser=by_hand))
    if not superuser and not (row(admin, "admin_rights", role=settings.lms_user) or {}).get("uses_wrapper"):
        grant = f"grant usage on foreign data wrapper postgres_fdw to {sql.Identifier(admin.info.user).as_string(admin)};"
        steps.append(Step("lms: the admin may use postgres_fdw", "lms_admin", (), superuser=(grant,)))
    return steps


def _schema_steps(settings: Settings, admin: Connection, facts: dict[str, Any]) -> list[Step]:
    steps, user = [], sql.Identifier(settings.lms_user)
    for schema in SCHEMAS:
        if not facts[f"has_{schema}"]:
            create = sql.SQL("create schema {} authorization {}").format(sql.Identifier(schema), user)
            steps.append(Step(f"lms: schema {schema}", "lms_admin", (create,)))
            continue
        owner = (row(admin, "schema_owner", schema=schema) or {})["owner"]
        if owner != settings.lms_user:
            raise ConflictingObjectError(
                what=f"Schema {schema}",
                where=settings.where("lms"),
                reason=f"it belongs to {owner}, not to {settings.lms_user}",
                fix=f"if it is a leftover, give it over: alter schema {schema} owner to {settings.lms_user}.",
            )
    return steps


def server_options(settings: Settings) -> dict[str, str]:
    """Options of the foreign server: the address of edu as the lms server reaches it, and how to read."""
    return {
        **({"host": settings.edu_host} if settings.edu_host else {}),
        "port": str(settings.edu_port),
        "dbname": settings.edu_dbname,
        "connect_timeout": str(settings.connect_timeout),
        "application_name": APPLICATION_NAME,
        "fetch_size": "10000",  # the default of 100 makes the copy a third slower
        "updatable": "false",
        "truncatable": "false",
        **KEEPALIVES,
    }


def mapping_options(settings: Settings) -> dict[str, str]:
    """Options of the user mapping."""
    if settings.edu_password is None:
        return {"user": settings.edu_user, "password_required": "false"}
    return {"user": settings.edu_user, "password": settings.edu_password.get_secret_value()}


def _options(wanted: dict[str, str], found: dict[str, str] | None) -> sql.Composed | None:
    """`options (…)` that leads from the found options to the wanted ones; None when they are the same."""
    parts: list[Statement] = []
    for key, value in wanted.items():
        if found is None or key not in found:
            verb = "" if found is None else "add "
        elif found[key] != value:
            verb = "set "
        else:
            continue
        parts.append(sql.SQL(verb) + sql.Identifier(key) + sql.SQL(" ") + sql.Literal(value))
    parts += [sql.SQL("drop ") + sql.Identifier(key) for key in (found or {}) if key not in wanted]
    return sql.SQL("options ({})").format(sql.SQL(", ").join(parts)) if parts else None


def _server_steps(settings: Settings, admin: Connection, as_user: Connection | None, rights: dict[str, Any] | None) -> list[Step]:
    steps, user = [], sql.Identifier(settings.lms_user)
    server = row(admin, "foreign_server")
    if server is not None and server["wrapper"] != "postgres_fdw":
        raise ConflictingObjectError(
            what='The foreign server "edu"',
            where=settings.where("lms"),
            reason=f"it uses {server['wrapper']}",
            fix="rename it: alter server edu rename to …",
        )
    if change := _options(server_options(settings), server["options"] if server else None):
        create_or_alter = sql.SQL("alter server edu " if server else "create server edu foreign data wrapper postgres_fdw ")
        steps.append(Step("lms: foreign server edu", "lms_admin", (create_or_alter + change,)))
    if not rights or not rights["uses_server"]:
        grant = sql.SQL("grant usage on foreign server edu to {}").format(user)
        steps.append(Step("lms: the role may use the foreign server", "lms_admin", (grant,)))
    steps += _mapping_steps(settings, admin, as_user, exists=server is not None)
    return steps


def _mapping_steps(settings: Settings, admin: Connection, as_user: Connection | None, *, exists: bool) -> list[Step]:
    # An admin that is not a superuser cannot see the options; the role itself can.
    mapping = row(as_user or admin, "user_mapping", role=settings.lms_user) if exists else None
    is_hidden = mapping is not None and mapping["options"] is None
    change = _options(mapping_options(settings), mapping["options"] if mapping and not is_hidden else None)
    if change is None:
        return []
    target = sql.SQL(" user mapping for {} server edu").format(sql.Identifier(settings.lms_user))
    statements: tuple[Statement, ...] = (sql.SQL("alter" if mapping else "create") + target + sql.SQL(" ") + change,)
    if is_hidden:
        statements = (sql.SQL("drop") + target, sql.SQL("create") + target + sql.SQL(" ") + change)
    # Without a password the server logs in as its own system user: only a superuser may allow that.
    is_free = settings.edu_password is None and not _is_superuser(admin)
    by_hand = tuple(f"{statement.as_string(admin)};" for statement in statements) if is_free else ()
    return [Step("lms: user mapping of the role", "lms_admin", statements, secret=True, superuser=by_hand)]


def _foreign_table_steps(tables: Sequence[SourceTable], edu_columns: dict[str, dict[str, str]], admin: Connection) -> list[Step]:
    found = columns_of(admin, "edu_fdw", None)
    stale = [table for table in tables if found.get(table.name) != {column.name: column.data_type for column in table.columns}]
    declared = {table.name for table in tables}
    drops = [name for name in found if name not in declared or name in {table.name for table in stale}]
    statements: list[Statement] = []
    if drops:
        statements.append(
            sql.SQL("drop foreign table {}").format(sql.SQL(", ").join(sql.Identifier("edu_fdw", n) for n in drops))
        )
    if stale:
        statements.append(
            sql.SQL(
                "import foreign schema public limit to ({}) from server edu into edu_fdw "
                "options (import_collate 'false', import_default 'false', import_generated 'false', import_not_null 'false')"
            ).format(names(table.name for table in stale))
        )
    for table in stale:
        if undeclared := [name for name in edu_columns[table.name] if name not in table.column_names]:
            actions = sql.SQL(", ").join(sql.SQL("drop column {}").format(sql.Identifier(name)) for name in undeclared)
            statements.append(sql.SQL("alter foreign table {} ").format(sql.Identifier("edu_fdw", table.name)) + actions)
    return [Step("lms: foreign tables with the declared columns", "lms", tuple(statements))] if statements else []


def _ledger_steps(settings: Settings, admin: Connection, facts: dict[str, Any]) -> list[Step]:
    steps = []
    for table in LEDGER_TABLES:
        if not facts[f"has_{table}"]:
            files = [f"ledger_{table}"] + (["ledger_crosswalk_live_id"] if table == "crosswalk" else [])
            steps.append(Step(f"lms: ledger.{table}", "lms", tuple(sql.SQL(queries.read(file)) for file in files)))
        elif table in LEDGER_UPGRADES and LEDGER_UPGRADES[table] not in columns_of(admin, "ledger", [table])[table]:
            upgrade = sql.SQL(queries.read(f"ledger_{table}_upgrade"))
            steps.append(Step(f"lms: new columns of ledger.{table}", "lms", (upgrade,)))
    for function, arguments, actor in LEDGER_FUNCTIONS:
        text = function_text(function)
        mark = f"edu2lms {hashlib.sha256((text + settings.lms_user).encode()).hexdigest()[:16]}"
        found = row(admin, "function_comment", name=function)
        if found is not None and found["comment"] == mark:
            continue
        name = sql.SQL("ledger.{}({})").format(sql.Identifier(function), sql.SQL(arguments))
        statements: list[Statement] = [sql.SQL(text)]
        if actor == "lms_admin":
            statements.append(sql.SQL("revoke all on function {} from public").format(name))
            statements.append(sql.SQL("grant execute on function {} to {}").format(name, sql.Identifier(settings.lms_user)))
        statements.append(sql.SQL("comment on function {} is {}").format(name, sql.Literal(mark)))
        steps.append(Step(f"lms: ledger.{function}()", actor, tuple(statements)))
    return steps


def function_text(name: str) -> str:
    """The statement that makes a function of the ledger; `{query}` in it stands for a query that has a file of its own."""
    text = queries.read(f"ledger_{name}")
    return text.replace("{query}", queries.read(name).strip()) if "{query}" in text else text


# The ledger's functions: name, types of the arguments, whose rights they run with.
LEDGER_FUNCTIONS: tuple[tuple[str, str, Actor], ...] = (
    ("live_facts", "", "lms"),
    ("live_fingerprint", "", "lms"),
    ("analyze_live", "", "lms_admin"),
    ("delete_migrated", "text, uuid[]", "lms_admin"),
)


def _tracking_steps(settings: Settings, admin: Connection, found: dict[str, dict[str, str]]) -> list[Step]:
    steps = []
    for track in TRACKING:
        table, column = sql.Identifier("public", track.table), sql.Identifier(track.column)
        data_type = found[track.table].get(track.column)
        if data_type is None:
            add = sql.SQL("alter table {} add column {} bigint").format(table, column)
            steps.append(Step(f"lms: {track.table}.{track.column}", "lms_admin", (add,), live_table=track.table))
        elif data_type != "bigint":
            raise ConflictingObjectError(
                what=f"The column {track.table}.{track.column}",
                where=settings.where("lms"),
                reason=f"its type is {data_type}, and legacy ids need bigint",
                fix="rename the column, or change its type in a quiet hour (the table is rewritten under a lock).",
            )
        steps += _index_steps(settings, admin, track)
    return steps


def _index_steps(settings: Settings, admin: Connection, track: Tracking) -> list[Step]:
    # Partial on purpose: a total unique index makes the column a key column, and then giving a row its tracking id would
    # lock it against every foreign key that the application inserts at the same moment.
    create = sql.SQL("create unique index concurrently {} on {} ({}) where {} is not null").format(
        sql.Identifier(track.index),
        sql.Identifier("public", track.table),
        sql.Identifier(track.column),
        sql.Identifier(track.column),
    )
    index = row(admin, "tracking_index", index=track.index)
    if index is None:
        return [Step(f"lms: unique index {track.index}", "lms_admin", (create,), live_table=track.table, builds_index=True)]
    if index["table_name"] != track.table or index["columns"] != [track.column] or not index["is_unique"]:
        raise ConflictingObjectError(
            what=f"The index {track.index}",
            where=settings.where("lms"),
            reason=f"it is not a unique index on {track.table}({track.column})",
            fix=f"rename it: alter index {track.index} rename to …",
        )
    if index["is_valid"] and index["is_partial"]:
        return []
    # What an interrupted build leaves behind costs every write and proves nothing.
    drop = sql.SQL("drop index concurrently {}").format(sql.Identifier("public", track.index))
    name = f"lms: unique index {track.index} was {'total' if index['is_valid'] else 'invalid'}, is built again"
    return [Step(name, "lms_admin", (drop, create), live_table=track.table, builds_index=True)]


def live_rights(facts: dict[str, Any]) -> list[tuple[str, str | None, str]]:
    """The rights of the migration's role in schema public: (table, column or None for all, privilege)."""
    wanted: list[tuple[str, str | None, str]] = [(table, None, "SELECT") for table in READ_TABLES]
    wanted += [(table, None, "INSERT") for table in INSERT_TABLES]
    wanted += [(table, column, "UPDATE") for table, columns in UPDATE_COLUMNS.items() for column in columns]
    if facts["has_audit_logs"]:
        wanted.append(("audit_logs", None, "INSERT"))  # the audit triggers write as the role that changes a row
    return wanted


def missing_rights(
    admin: Connection, user: str, wanted: Sequence[tuple[str, str | None, str]]
) -> list[tuple[str, str | None, str]]:
    """Those of the rights (table, column or None for all, privilege) in schema public that a role has not got."""
    found = rows(
        admin,
        "rights",
        role=user,
        tables=[entry[0] for entry in wanted],
        columns=[entry[1] for entry in wanted],
        privileges=[entry[2] for entry in wanted],
    )
    return [(entry["table_name"], entry["column_name"], entry["privilege"]) for entry in found if not entry["granted"]]


def missing_live_rights(settings: Settings, connection: Connection, facts: dict[str, Any]) -> list[tuple[str, str | None, str]]:
    """Rights that the migration's role has not got yet."""
    return missing_rights(connection, settings.lms_user, live_rights(facts))


def _live_grants(settings: Settings, admin: Connection, facts: dict[str, Any], rights: dict[str, Any] | None) -> list[Step]:
    user, statements = sql.Identifier(settings.lms_user), []
    if not rights or not rights["uses_public"]:
        statements.append(sql.SQL("grant usage on schema public to {}").format(user))
    missing = missing_live_rights(settings, admin, facts)
    for table in dict.fromkeys(entry[0] for entry in missing):
        parts: list[Statement] = [sql.SQL(entry[2].lower()) for entry in missing if entry[0] == table and entry[1] is None]
        if updated := [entry[1] for entry in missing if entry[0] == table and entry[1] is not None]:
            parts.append(sql.SQL("update ({})").format(names(updated)))
        statements.append(
            sql.SQL("grant {} on table {} to {}").format(sql.SQL(", ").join(parts), sql.Identifier("public", table), user)
        )
    return [Step("lms: rights on the live tables", "lms_admin", tuple(statements))] if statements else []


def _replication_steps(settings: Settings, rights: dict[str, Any] | None) -> list[Step]:
    if rights and rights["sets_replication_role"]:
        return []
    grant = sql.SQL("grant set on parameter session_replication_role to {}").format(sql.Identifier(settings.lms_user))
    return [
        Step(
            "lms: the role may suspend triggers in its own transaction",
            "lms_admin",
            (grant,),
            optional="without it the publication is slower, and the audit triggers write one row per migrated row",
        )
    ]
