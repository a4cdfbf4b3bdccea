"""Which column is made of which: read from the compiled statements of the models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

Column = tuple[str, str]
"""Relation (`schema.table`) and column."""
_PUBLICATION = "lms_publish"
_EDU = "staging"
_LIVE = "public"


class Origins:
    """The columns that each column of each model is made of, directly and from the beginning."""

    def __init__(self, manifest: Mapping[str, Any], catalog: Mapping[str, Any]) -> None:
        """Read all models.

        Args:
            manifest: dbt's manifest with compiled statements.
            catalog: dbt's catalog: the columns of every table.
        """
        self._nodes = _relations(manifest)
        self._columns = _columns(catalog)
        self.unread: dict[str, str] = {}
        self._direct: dict[Column, frozenset[Column]] = {}
        schema = _schema(self._columns)
        for relation, node in self._nodes.items():
            is_query = node["resource_type"] == "model" and node["name"] != _PUBLICATION and node.get("compiled_code")
            if is_query and relation in self._columns:  # of what has not been built (analytics, perhaps), nothing is known
                self._read(relation, node, schema)

    def _read(self, relation: str, node: Mapping[str, Any], schema: dict[str, Any]) -> None:
        try:
            statement = qualify(
                parse_one(node["compiled_code"], read="postgres"),
                schema=schema,
                dialect="postgres",
                validate_qualify_columns=False,
                quote_identifiers=False,
            )
            scope = build_scope(statement)
            if scope is None:
                raise SqlglotError("it is no query")
            known = _Resolver()
            for column in statement.named_selects:  # type: ignore[attr-defined]  # every query has them
                self._direct[relation, column] = known.origins(scope, column)
        except (SqlglotError, RecursionError) as error:
            self.unread[node["name"]] = str(error).splitlines()[0] if str(error) else type(error).__name__

    def direct(self, column: Column) -> frozenset[Column]:
        """The columns that the statement of a model reads for one of its columns."""
        return self._direct.get(column, frozenset())

    def beginnings(self, column: Column) -> tuple[frozenset[Column], tuple[str, ...]]:
        """Where a column comes from: columns of tables that no model makes, and the models on the way, the nearest first."""
        found: set[Column] = set()
        seen = {column}
        passed: dict[str, None] = {}
        pending = [column]
        while pending:
            one = pending.pop(0)
            if one not in self._direct:
                found.add(one)
                continue
            passed.setdefault(one[0].partition(".")[2])
            fresh = self._direct[one] - seen
            seen |= fresh
            pending += sorted(fresh)
        return frozenset(found), tuple(passed)

    def live_columns(self, live: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Every live column that the publication writes: from which columns of edu, of mappings and of lms it is made.

        Args:
            live: columns of the live tables: `table_name`, `column_name`.
        """
        marts = {
            node["alias"]: relation
            for relation, node in self._nodes.items()
            if node["resource_type"] == "model" and node["path"].startswith("marts/")
        }
        result = []
        for row in live:
            relation = marts.get(row["table_name"], "")
            column = (relation, row["column_name"])
            if column in self._direct:
                found, passed = self.beginnings(column)
                result.append(
                    {
                        "table": row["table_name"],
                        "column": row["column_name"],
                        "description": self._description(column),
                        "edu": sorted(_short(one) for one in found if one[0].startswith(f"{_EDU}.")),
                        "other": sorted(self._named(one) for one in found if not one[0].startswith(f"{_EDU}.")),
                        "through": passed,
                    }
                )
        return result

    def table(self) -> Iterator[dict[str, Any]]:
        """Every column of every model with the columns that it is made of."""
        for column, origins in self._direct.items():
            yield {
                "model": self._nodes[column[0]]["name"],
                "column": column[1],
                "made_of": sorted(self._named(origin) for origin in origins),
                "description": self._description(column),
            }

    def _description(self, column: Column) -> str:
        node = self._nodes.get(column[0], {})
        return str(node.get("columns", {}).get(column[1], {}).get("description", ""))

    def _named(self, column: Column) -> str:
        """A column for people: seeds and the live tables are named as what they are."""
        node = self._nodes.get(column[0], {})
        if node.get("resource_type") == "seed":
            return f"seeds/{node['name']}.csv: {column[1]}"
        return f"lms {_short(column)}" if column[0].startswith(f"{_LIVE}.") else ".".join(column)


class _Resolver:
    """Follows the columns of one statement through its subqueries and common table expressions, each only once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], frozenset[Column]] = {}

    def origins(self, scope: Scope, column: str) -> frozenset[Column]:
        """Columns of tables that a column of a query is made of."""
        key = (id(scope), column)
        if key not in self._known:
            self._known[key] = frozenset()  # a recursive query meets itself here
            self._known[key] = frozenset(self._find(scope, column))
        return self._known[key]

    def _find(self, scope: Scope, column: str) -> Iterator[Column]:
        query: Any = scope.expression
        if isinstance(query, exp.SetOperation):
            place = query.named_selects.index(column)
            for branch in scope.set_operation_scopes:
                names: list[str] = getattr(branch.expression, "named_selects", [])
                if place < len(names):
                    yield from self.origins(branch, names[place])
            return
        for selected in query.selects:
            if selected.alias_or_name == column:
                read = list(selected.find_all(exp.Column))
                # where every column only decides between constants, they are what the value is made of
                for one in [one for one in read if not _only_decides(one, selected)] or read:
                    yield from self._follow(scope, one)

    def _follow(self, scope: Scope, read: exp.Column) -> Iterator[Column]:
        source = _source(scope, read.table)
        if isinstance(source, exp.Table):
            yield f"{source.db}.{source.name}", read.name
        elif isinstance(source, Scope):
            yield from self.origins(source, read.name)


def _only_decides(column: exp.Column, selected: Any) -> bool:
    """Does a column stand in a condition or an order, and not in the value itself?"""
    child: Any = column
    while child is not selected and (parent := child.parent) is not None:
        is_condition = isinstance(parent, exp.If) and child is parent.this
        is_window = isinstance(parent, exp.Window) and child is not parent.this
        if is_condition or is_window or isinstance(parent, exp.Order | exp.Where):
            return True
        child = parent
    return False


def _source(scope: Scope, name: str) -> Any:
    """The table or query behind a name: of this query, or of one that stands inside its select list."""
    if name in scope.sources:
        return scope.sources[name]
    return next((found for inner in scope.subquery_scopes if (found := _source(inner, name)) is not None), None)


def _short(column: Column) -> str:
    return f"{column[0].partition('.')[2]}.{column[1]}"


def _relations(manifest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Models, seeds and sources by their relation."""
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed")]
    found = {f"{source['schema']}.{source['identifier']}": source for source in manifest["sources"].values()}
    return found | {f"{node['schema']}.{node['alias']}": node for node in nodes}


def _columns(catalog: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Columns and types by relation."""
    tables = [*catalog["nodes"].values(), *catalog["sources"].values()]
    return {
        f"{table['metadata']['schema']}.{table['metadata']['name']}": {
            name: entry["type"] for name, entry in table["columns"].items()
        }
        for table in tables
    }


def _schema(columns: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """As sqlglot wants it: {schema: {table: {column: type}}}. The types are of no use here, and some are not known to it."""
    result: dict[str, Any] = {}
    for relation, found in columns.items():
        schema, _, table = relation.partition(".")
        result.setdefault(schema, {})[table] = dict.fromkeys(found, "text")
    return result
