"""Migrates a small university for real, in a second or two instead of half a minute.

Most of the 28 seconds of a `dbt build` are dbt's own. So dbt builds once, for real, and its debug log tells every statement that
it sent, node by node; each further migration sends the same statements again. What dbt decides between two statements (a failed
test skips what stands below it) is decided here from dbt's own graph. A test holds the two together.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
from databases import Databases
from psycopg import sql
from psycopg.types.json import Jsonb
from university import EDU_TABLES, LMS_TABLES, Row, University

from loader.config import Settings
from loader.console import Progress
from loader.dbt import BUILD
from loader.load import load
from loader.project import Project

# Values that dbt was given when it was recorded; a replay puts the wanted ones in their place.
RECORDED_DAY = "2024-11-03"
RECORDED_REJECTS = 999_983
RECORDED_BATCH = "20010101T000000Z-feed"

# Said about relations, read from the catalog, or asked with `limit 0`: half of all statements, and no row depends on them.
_IDLE = re.compile(
    r"comment on (table|view|column) |select\s+column_name,\s+data_type,|select \* from \((.|\n)*where false\s+limit 0\s*$"
)
_QUERY_COMMENT = re.compile(r"^/\* \{.*?\} \*/\s*", re.DOTALL)
_COLUMNS = "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum"
_PRIMARY_KEYS = """
select conrelid::regclass::text, conname::text from pg_constraint where contype = 'p' and connamespace = 'public'::regnamespace
"""
# what the loads brought stays on record: it says what staging holds
_LEDGER = "select tablename::text from pg_tables where schemaname = 'ledger' and tablename !~ 'load' order by 1"
_KNOWN_MATERIALIZATIONS = {"table", "view", "seed", "publish", "test"}


@dataclass(frozen=True)
class Node:
    """One node of dbt's graph and the statements it stands for; `COMMIT` is one of them."""

    unique_id: str
    kind: str
    name: str
    relation: str
    severity: str
    compiled: str = field(repr=False)
    statements: tuple[str, ...] = field(repr=False)
    blocks: frozenset[str] = field(repr=False)
    is_refusal: bool = False


@dataclass(frozen=True, repr=False)
class Recording:
    """One `dbt build`, in the order in which its nodes ended."""

    database: str
    nodes: tuple[Node, ...]

    def with_compiled(self, manifest: Mapping[str, Any]) -> Recording:
        """The same build under other vars: each node's SQL is exchanged for what dbt compiled with them."""
        compiled = {node.unique_id: manifest["nodes"][node.unique_id].get("compiled_code") or "" for node in self.nodes}
        return replace(self, nodes=tuple(_exchanged(node, compiled[node.unique_id]) for node in self.nodes))

    @property
    def seeds(self) -> tuple[str, ...]:
        """Relations of the seeds."""
        return tuple(node.relation for node in self.nodes if node.kind == "seed")


@dataclass
class Outcome:
    """What a replayed build said."""

    failed: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    warned: dict[str, int] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)

    @property
    def is_published(self) -> bool:
        """Was `lms_publish` reached?"""
        return "lms_publish" not in self.skipped

    def statuses(self) -> dict[str, str]:
        """Name of each node that failed, warned or was skipped."""
        found = dict.fromkeys(self.skipped, "skipped") | dict.fromkeys(self.warned, "warn")
        return found | dict.fromkeys((*self.failed, *self.refused), "fail")


class BrokenNodeError(AssertionError):
    """A statement of the build raised an error: rows of edu must never be able to do that."""


def record(databases: Databases, variables: Mapping[str, Any]) -> Recording:
    """Builds with the real dbt and returns what it did.

    Args:
        databases: loaded; they are published by this.
        variables: dbt's vars; `RECORDED_DAY` and `RECORDED_REJECTS` stand for what each replay decides.
    """
    log_file = databases.folder / "logs" / "dbt.log"
    log_file.unlink(missing_ok=True)  # dbt appends
    logging = ("--log-format-file", "json", "--log-level-file", "debug", "--log-file-max-bytes", "0", "--quiet")
    _dbt(databases, *logging, *BUILD, "--vars", json.dumps(_vars(variables)))
    manifest = databases.artifact("manifest.json")
    statements: dict[str, list[str]] = {}
    order: list[str] = []
    with log_file.open(encoding="utf-8") as log:
        for event in map(json.loads, log):
            unique_id = (event["data"].get("node_info") or {}).get("unique_id")
            if str(unique_id).startswith("operation."):
                continue  # hooks around the whole build: they guard it, and their rows name the one call of dbt
            if event["info"]["name"] == "SQLQuery" and unique_id:
                statement = _QUERY_COMMENT.sub("", event["data"]["sql"]).strip()
                if not _IDLE.match(statement):
                    statements.setdefault(unique_id, []).append(statement)
            elif event["info"]["name"] == "NodeFinished":
                order.append(str(unique_id))
    blocks = _blocks(databases.artifact("graph_summary.json")["with_test_edges"])
    assert set(statements) <= set(order), "dbt sent statements for a node that never ended"
    nodes = tuple(_node(manifest["nodes"][name], statements.get(name, []), blocks[name]) for name in order)
    return Recording(databases.settings["LMS_DBNAME"], nodes)


def compile_again(databases: Databases, variables: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The manifest of the project compiled with other vars; nothing is run."""
    _dbt(databases, "--quiet", "compile", "--vars", json.dumps(_vars(variables)), "--target-path", str(folder))
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def _vars(variables: Mapping[str, Any]) -> dict[str, Any]:
    return {"publish": True, "as_of_date": RECORDED_DAY, "max_rejected": RECORDED_REJECTS, **variables}


def _dbt(databases: Databases, *arguments: str) -> None:
    replace(databases, settings={**databases.settings, "EDU2LMS_BATCH_ID": RECORDED_BATCH}).dbt(*arguments)


def _blocks(graph: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """What dbt skips when a node fails: everything below it, in its graph with the edges from tests to what waits for them."""
    below: dict[str, frozenset[str]] = {}

    def follow(number: str) -> frozenset[str]:
        if number not in below:
            heirs = [str(heir) for heir in graph[number].get("succ", ())]
            below[number] = frozenset(graph[heir]["name"] for heir in heirs).union(*map(follow, heirs))
        return below[number]

    return {entry["name"]: follow(number) for number, entry in graph.items()}


def _node(entry: Mapping[str, Any], statements: Iterable[str], blocks: frozenset[str]) -> Node:
    materialized = entry["config"]["materialized"]
    assert materialized in _KNOWN_MATERIALIZATIONS, (
        f"{entry['unique_id']} is {materialized}: teach the replay what depends on its state"
    )
    node = Node(
        unique_id=entry["unique_id"],
        kind=entry["resource_type"],
        name=entry["name"],
        relation=entry["alias"],
        severity=str(entry["config"].get("severity", "error")).lower(),
        compiled=(entry.get("compiled_code") or "").strip(),
        statements=tuple(statements),
        blocks=blocks,
        is_refusal="refusal" in entry.get("tags", ()),
    )
    if node.kind != "seed":
        assert any(node.compiled in statement for statement in node.statements), f"{node.name}: dbt did not send what it compiled"
    return node


def _exchanged(node: Node, compiled: str) -> Node:
    compiled = compiled.strip()
    if node.kind == "seed" or compiled == node.compiled:
        return node
    statements = tuple(statement.replace(node.compiled, compiled) for statement in node.statements)
    return replace(node, compiled=compiled, statements=statements)


def _insert(connection: psycopg.Connection[Any], tables: Mapping[str, list[Row]]) -> None:
    order = EDU_TABLES if "dictionaries" in tables else LMS_TABLES
    for table in sorted(tables, key=order.index):
        for row in tables[table]:
            names = sql.SQL(", ").join(map(sql.Identifier, row))
            insert = sql.SQL("insert into {} ({}) values ({})").format(
                sql.Identifier("public", table), names, sql.SQL(", ").join(sql.Placeholder() * len(row))
            )
            connection.execute(insert, [Jsonb(value) if isinstance(value, dict) else value for value in row.values()])


class Migration:
    """Databases in which one university after the other is migrated."""

    def __init__(self, databases: Databases, recording: Recording) -> None:
        self.databases = databases
        self.seeds = recording.seeds
        self.settings = Settings(**{name.lower(): value for name, value in databases.settings.items()})  # type: ignore[arg-type]
        self.tables = Project.find().tables
        self.ledger_tables: list[str] = []
        self.connection: psycopg.Connection[Any] = psycopg.connect(self.settings.lms)

    def close(self) -> None:
        """Give the connection back."""
        self.connection.close()

    def open(self) -> None:
        """Empties both databases, and lets edu hold what the many legacy tables without a key can hold."""
        with psycopg.connect(self.databases.edu) as edu:
            for table, constraint in edu.execute(_PRIMARY_KEYS).fetchall():
                drop = "alter table {} drop constraint {}"
                edu.execute(sql.SQL(drop).format(sql.Identifier(table), sql.Identifier(constraint)))
            for table in EDU_TABLES:
                edu.execute(sql.SQL("alter table {} alter column id drop not null").format(sql.Identifier(table)))
        with psycopg.connect(self.databases.lms) as lms:
            self.ledger_tables = [name for (name,) in lms.execute(_LEDGER).fetchall()]
        self.empty()

    def empty(self) -> None:
        """Both databases as they were before there was a university."""
        for conninfo, tables in (
            (self.databases.edu, [("public", name) for name in EDU_TABLES]),
            (
                self.databases.lms,
                [("public", name) for name in (*LMS_TABLES, "audit_logs")] + [("ledger", name) for name in self.ledger_tables],
            ),
        ):
            with psycopg.connect(conninfo) as connection:
                names = sql.SQL(", ").join(sql.Identifier(*name) for name in tables)
                connection.execute(sql.SQL("truncate {} cascade").format(names))

    def fill(self, university: University) -> None:
        """Both databases hold this university, and nothing has been migrated."""
        self.empty()
        with psycopg.connect(self.databases.edu) as edu:
            _insert(edu, university.edu)
        with psycopg.connect(self.databases.lms) as lms:
            _insert(lms, university.lms)
            for seed, lines in (
                ("course_mapping", university.course_mapping),
                ("offering_overrides", university.offering_overrides),
            ):
                table = sql.Identifier("migration", seed)
                lms.execute(sql.SQL("truncate {}").format(table))
                for left, right in lines:
                    lms.execute(sql.SQL("insert into {} values (%s, %s)").format(table), (str(left), str(right)))

    def load(self) -> None:
        """`edu2lms load`."""
        load(self.settings, self.tables, progress=Progress(quiet=True))

    def build(
        self, recording: Recording, *, as_of_date: str, max_rejected: int = RECORDED_REJECTS, batch: str = "replayed"
    ) -> Outcome:
        """`dbt build`, sent again.

        Args:
            recording: what to send.
            as_of_date: the var, YYYY-MM-DD.
            max_rejected: the var.
            batch: name of the batch.

        Raises:
            BrokenNodeError: a statement raised an error.
        """
        self._forget_models()
        wanted = {RECORDED_DAY: as_of_date, str(RECORDED_REJECTS): str(max_rejected), RECORDED_BATCH: batch}
        wanted[f'"{recording.database}".'] = f'"{self.settings.lms_dbname}".'
        outcome = Outcome()
        skipped: set[str] = set()
        for node in recording.nodes:
            if node.kind == "seed":
                continue
            if node.unique_id in skipped:
                outcome.skipped.add(node.name)
                continue
            result = self._send(node, wanted)
            if node.kind != "test":
                continue
            failures, should_warn, should_error = result
            if should_error and node.severity == "error":
                (outcome.refused if node.is_refusal else outcome.failed)[node.name] = failures
                skipped |= node.blocks
            elif should_warn:
                outcome.warned[node.name] = failures
            else:
                outcome.passed.add(node.name)
        return outcome

    def _send(self, node: Node, wanted: Mapping[str, str]) -> tuple[Any, ...]:
        result: tuple[Any, ...] = ()
        try:
            for statement in node.statements:
                if statement == "COMMIT":
                    self.connection.commit()
                    continue
                for old, new in wanted.items():
                    statement = statement.replace(old, new)
                # no parameters: the text is sent as it stands, percent signs included
                cursor = self.connection.execute(statement)
                while cursor.nextset():
                    pass  # settings come before the query of a test
                if node.kind == "test" and cursor.description:
                    result = cursor.fetchone() or ()
            self.connection.commit()
        except psycopg.Error as error:
            self.connection.rollback()
            raise BrokenNodeError(f"{node.unique_id} broke: {error}") from error
        return result

    def _forget_models(self) -> None:
        """dbt's own relations go, the seeds excepted: the recorded build found none either."""
        found = self.connection.execute(
            "select relname, relkind from pg_class where relnamespace = 'migration'::regnamespace and relkind in ('r', 'v')"
        ).fetchall()
        relations = [(name, kind) for name, kind in found if name not in self.seeds]
        for kind, word in (("v", "view"), ("r", "table")):
            if names := [sql.Identifier("migration", name) for name, relkind in relations if relkind == kind]:
                drop = sql.SQL("drop {} if exists {} cascade").format(sql.SQL(word), sql.SQL(", ").join(names))
                self.connection.execute(drop)
        self.connection.commit()

    def take_seeds(self, source: str) -> None:
        """Copies the seeds' tables from where dbt built them.

        Args:
            source: conninfo of the recorded database.
        """
        with psycopg.connect(source) as other:
            for name in self.seeds:
                columns = [row[0] for row in other.execute(_COLUMNS, (f"migration.{name}",))]
                definition = sql.SQL(", ").join(sql.Identifier(column) + sql.SQL(" text") for column in columns)
                table = sql.Identifier("migration", name)
                self.connection.execute(sql.SQL("create table {} ({})").format(table, definition))
                with (
                    other.cursor().copy(sql.SQL("copy {} to stdout").format(table)) as source_copy,
                    self.connection.cursor().copy(sql.SQL("copy {} from stdin").format(table)) as target_copy,
                ):
                    for block in source_copy:
                        target_copy.write(block)
        self.connection.commit()
