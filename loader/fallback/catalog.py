"""The shape of the fallback's relations, read from lms: columns, types, order of texts, row-level security."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from loader import queries
from loader.config import Settings
from loader.connection import Connection
from loader.errors import NotPreparedError, UnsafeRoleError
from loader.fallback.relations import KNOWN_KEYS, NAMES, RELATIONS, Origin, Relation, Source
from loader.plan import row, rows
from loader.project import SourceColumn, SourceTable

# Written at every request, read by nobody who looks at a screen: offered empty, so that a write says that it is refused.
LOGS = ("audit_logs", "user_sessions", "page_views")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type as `format_type` spells it, and whether it is ordered as the database orders texts."""

    name: str
    data_type: str
    is_builtin: bool
    is_text: bool
    origin: Origin

    @property
    def type_sql(self) -> sql.SQL:
        """The type as SQL: it comes from the catalog."""
        return sql.SQL(self.data_type)

    def in_lms(self, relation: str) -> sql.Composable:
        """What is copied of the column `live.<name>`, and compared with."""
        column = sql.Identifier("live", self.name)
        if self.origin.source is Source.NONE:
            return sql.SQL("null::{}").format(self.type_sql)
        if not self.is_builtin:
            return sql.SQL("{}::text").format(column)
        if keys := KNOWN_KEYS.get((relation, self.name)):
            return sql.SQL(queries.read("fallback/known_keys")).format(column=column, keys=sql.Literal(list(keys)))
        return column


@dataclass(frozen=True, slots=True)
class Shape:
    """A relation with the columns that lms has at this moment.

    Attributes:
        relation: what is known about it.
        columns: in lms's order.
        condition: the row-level security that the application's role meets in lms, over the columns; None: it sees every row.
        is_live: the legacy table has a unique index on its id, so that its rows can be looked up.
    """

    relation: Relation
    columns: tuple[Column, ...]
    condition: str | None
    is_live: bool

    @property
    def name(self) -> str:
        """The application's table."""
        return self.relation.name

    @property
    def live_columns(self) -> tuple[Column, ...]:
        """Columns that the view reads from edu."""
        return tuple(column for column in self.columns if self.is_live and column.origin.source is Source.LIVE)

    def from_source(self, source: Source) -> list[str]:
        """Names of the columns that come from there."""
        return [column.name for column in self.columns if column.origin.source is source]

    @property
    def table(self) -> SourceTable:
        """As the checksums want it."""
        return SourceTable(self.name, tuple(SourceColumn(column.name, column.data_type) for column in self.columns))

    def select(self) -> sql.Composed:
        """The rows of lms that have a legacy source, in the fallback's shape after legacy_id and is_made."""
        named = (sql.SQL("{} as {}").format(column.in_lms(self.name), sql.Identifier(column.name)) for column in self.columns)
        return sql.SQL(queries.read("fallback/lms_rows")).format(
            columns=sql.SQL(", ").join(named),
            table=sql.Identifier(self.name),
            entities=sql.Literal(list(self.relation.entities)),
        )


def columns_of(lms: Connection, tables: Sequence[str]) -> dict[str, tuple[Column, ...]]:
    """Columns of tables of lms, by table."""
    found: dict[str, list[Column]] = {}
    known = {relation.name: relation for relation in RELATIONS}
    nowhere = Origin(Source.NONE, "offered empty")
    for entry in rows(lms, "fallback/lms_columns", tables=list(tables)):
        table, name = entry["table_name"], entry["column_name"]
        column = Column(
            name,
            entry["data_type"] if entry["is_builtin"] else "text",
            entry["is_builtin"],
            entry["has_default_collation"] or not entry["is_builtin"],
            known[table].origin(name) if table in known else nowhere,
        )
        found.setdefault(table, []).append(column)
    return {table: tuple(columns) for table, columns in found.items()}


def read_shapes(settings: Settings, lms: Connection, edu: Connection) -> tuple[Shape, ...]:
    """The shape of every relation.

    Raises:
        NotPreparedError: lms has one of the tables not.
        UnsafeRoleError: LMS_APP_USER names no role of lms.
    """
    columns = columns_of(lms, NAMES)
    if absent := [name for name in NAMES if name not in columns]:
        raise NotPreparedError(what=f"Table {', '.join(absent)}", where=settings.where("lms"))
    conditions = _conditions(settings, lms)
    legacy = [relation.legacy for relation in RELATIONS if relation.legacy]
    unique = {entry["table_name"] for entry in rows(edu, "fallback/unique_id", tables=legacy)}
    return tuple(
        Shape(relation, columns[relation.name], conditions.get(relation.name), relation.legacy in unique)
        for relation in RELATIONS
    )


def _conditions(settings: Settings, lms: Connection) -> dict[str, str]:
    """The row-level security of lms as conditions: what one permissive policy lets through and no restrictive one holds back."""
    if settings.lms_app_user is None:
        return {}
    if row(lms, "role", role=settings.lms_app_user) is None:
        raise UnsafeRoleError(
            role=settings.lms_app_user,
            where=settings.where("lms"),
            reason="there is no such role, so nobody can say which rows it may see",
            fix="correct LMS_APP_USER: the role as which the application connects to lms.",
        )
    lms.execute("set local search_path = public")  # so that the policies name tables without schema
    found = rows(lms, "fallback/lms_policies", role=settings.lms_app_user, tables=list(NAMES))
    lms.execute("set local search_path = pg_catalog")
    result = {}
    for table in {entry["table_name"] for entry in found}:
        policies = [entry for entry in found if entry["table_name"] == table and entry["policy"]]
        permissive = [f"({entry['condition']})" for entry in policies if entry["is_permissive"]]
        restrictive = [f"({entry['condition']})" for entry in policies if not entry["is_permissive"]]
        result[table] = " and ".join([f"({' or '.join(permissive) or 'false'})", *restrictive])
    return result


def security_note(settings: Settings, lms: Connection) -> str | None:
    """A sentence where rows are shown that row-level security may hide in lms."""
    secured = [entry["table_name"] for entry in rows(lms, "fallback/lms_secured", tables=list(NAMES))]
    if settings.lms_app_user is not None or not secured:
        return None
    return (
        f"lms has row-level security on {', '.join(secured)}, and LMS_APP_USER is not set: every row is shown. If the "
        "application connects to lms as a role to which it applies, name that role in LMS_APP_USER and publish again."
    )


def collation_of(lms: Connection, edu: Connection) -> tuple[sql.SQL | None, str | None]:
    """How texts must be ordered in edu so that they come in lms's order.

    Returns:
        A collation, None where none is needed or none is found; and a note in the latter case.
    """
    wanted, own = row(lms, "fallback/collation") or {}, row(edu, "fallback/collation") or {}
    if wanted == own:
        return None, None
    found = row(edu, "fallback/collation_like", **wanted)
    if found:
        return sql.SQL(found["name"]), None
    return None, (
        f"lms orders texts by {wanted['locale']}, and edu has no such collation: where a query orders by a text, edu's order "
        f"({own['locale']}) holds."
    )
