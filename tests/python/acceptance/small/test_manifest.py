"""What dbt knows of the project: failed tests stop the publication, everything is described, nothing is built elsewhere."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

import pytest
from databases import ROOT, Databases, Step, rows

TYPES = """
select column_name, data_type from information_schema.columns where table_schema = 'migration' and table_name = %s
"""
PUBLICATION = "model.edu2lms.lms_publish"
# Tests of these stand behind the publication, or beside it: nothing that is published rests on them.
AFTERWARDS = {PUBLICATION, "model.edu2lms.migration_status"}


@pytest.fixture(scope="module")
def migrated(at_once: Step) -> Databases:
    """The databases of a publishing run."""
    return at_once.databases


@pytest.fixture(scope="module")
def manifest(migrated: Databases) -> dict[str, Any]:
    """dbt's manifest of that run: the parity tests are part of it."""
    found: dict[str, Any] = migrated.artifact("manifest.json")
    return found


def of_type(manifest: dict[str, Any], *types: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The nodes of some types."""
    for name, node in manifest["nodes"].items():
        if node["resource_type"] in types:
            yield name, node


def ancestors(manifest: dict[str, Any], node: str) -> set[str]:
    """All nodes and sources above one."""
    found: set[str] = set()
    pending = [node]
    while pending:
        for parent in manifest["parent_map"].get(pending.pop(), []):
            if parent not in found:
                found.add(parent)
                pending.append(parent)
    return found


def test_every_failed_test_that_is_no_parity_test_stops_the_publication(manifest: dict[str, Any]) -> None:
    above = ancestors(manifest, PUBLICATION)
    unused = {
        name
        for name, node in of_type(manifest, "model")
        if node["path"].startswith("staging/")
        and all(child.startswith(("test.", "unit_test.")) for child in manifest["child_map"][name])
    }
    loose = {}
    for name, node in of_type(manifest, "test"):
        if {"parity", "analytics"} & set(node["tags"]) or _is_of_analytics(manifest, name):
            continue
        beside = set(manifest["parent_map"][name]) - above - AFTERWARDS - unused
        if beside:
            loose[node["name"]] = sorted(beside)
    assert loose == {}


def test_every_parity_test_waits_for_the_publication(manifest: dict[str, Any]) -> None:
    parity = [(name, node) for name, node in of_type(manifest, "test") if "parity" in node["tags"]]
    assert len(parity) == len(list((ROOT / "tests" / "parity").glob("**/*.sql")))
    assert [node["name"] for name, node in parity if PUBLICATION not in manifest["parent_map"][name]] == []


def test_names_fit_into_an_identifier_of_the_database(manifest: dict[str, Any]) -> None:
    names = [node["name"] for node in manifest["nodes"].values()]
    names += [node["alias"] for node in manifest["nodes"].values()]
    assert [name for name in names if len(name.encode()) > 63] == []


def _is_of_analytics(manifest: dict[str, Any], test: str) -> bool:
    """Does it test nothing but models of analytics, which no publication waits for?"""
    parents = [manifest["nodes"][parent] for parent in manifest["parent_map"][test] if parent in manifest["nodes"]]
    return bool(parents) and all("analytics" in parent["tags"] for parent in parents)


def test_no_node_is_built_outside_of_our_schemas(manifest: dict[str, Any]) -> None:
    built = list(of_type(manifest, "model", "seed", "snapshot"))
    ours = {True: ("analytics", "analytics"), False: (None, "migration")}
    where = {name: (node["config"].get("schema"), node["schema"]) for name, node in built}
    assert {name for name, node in built if where[name] != ours["analytics" in node["tags"]]} == set()
    assert [name for name, node in built if node["config"].get("database")] == []
    assert {node["path"].split("/")[0] for _, node in built if "analytics" in node["tags"]} == {"analytics", "staging"}


def test_every_model_seed_and_source_is_described(manifest: dict[str, Any]) -> None:
    described = [*of_type(manifest, "model", "seed"), *manifest["sources"].items()]
    assert [name for name, node in described if len(node["description"].strip()) < 5] == []


def test_every_column_is_described_and_every_described_column_exists(manifest: dict[str, Any], migrated: Databases) -> None:
    columns: dict[str, set[str]] = {}
    for table, column in rows(
        migrated.lms,
        """
        select pg_class.relname, pg_attribute.attname
        from pg_class
        inner join pg_attribute on pg_class.oid = pg_attribute.attrelid and attnum > 0 and not attisdropped
        where pg_class.relnamespace = 'migration'::regnamespace and relkind in ('r', 'v', 'm')
    """,
    ):
        columns.setdefault(table, set()).add(column)
    wrong = {}
    for name, node in of_type(manifest, "model", "seed"):
        if node["config"]["materialized"] == "ephemeral" or "analytics" in node["tags"]:  # no run builds these
            continue
        there = columns.get(node["alias"], set())
        described = {column for column, entry in node["columns"].items() if entry["description"].strip()}
        if described != there:
            wrong[name] = {"not described": sorted(there - described), "not there": sorted(described - there)}
    assert wrong == {}


def test_every_declared_column_of_a_source_is_described(manifest: dict[str, Any]) -> None:
    columns = [
        (name, column, entry["description"])
        for name, node in manifest["sources"].items()
        for column, entry in node["columns"].items()
    ]
    assert len(columns) > 150
    assert [(name, column) for name, column, text in columns if len(text.strip()) < 5] == []


def test_the_columns_of_the_live_tables_and_of_the_ledger_are_all_declared(manifest: dict[str, Any], migrated: Databases) -> None:
    wrong = {}
    for name, node in manifest["sources"].items():
        if node["source_name"] in ("lms", "ledger") and node["columns"]:
            there = {
                column
                for (column,) in rows(
                    migrated.lms,
                    "select column_name from information_schema.columns where table_schema = %s and table_name = %s",
                    node["schema"],
                    node["identifier"],
                )
            }
            if there != set(node["columns"]):
                wrong[name] = {"not declared": there - set(node["columns"]), "not there": set(node["columns"]) - there}
    assert wrong == {}


def test_every_exposure_is_described_and_reads_something(manifest: dict[str, Any]) -> None:
    assert {node["name"] for node in manifest["exposures"].values()} == {"lms_application", "migration_report"}
    for name, node in manifest["exposures"].items():
        assert len(node["description"]) > 20, name
        assert node["depends_on"]["nodes"], name


def test_what_the_report_asks_is_what_its_exposure_names(manifest: dict[str, Any]) -> None:
    report = next(node for node in manifest["exposures"].values() if node["name"] == "migration_report")
    named = {node.split(".")[-1] for node in report["depends_on"]["nodes"]}
    built = {node["alias"]: node["name"] for _, node in of_type(manifest, "model", "seed")}
    statements = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "loader" / "sql" / "report").glob("*.sql"))
    asked = {built[table] for table in re.findall(r"(?:migration|analytics)\.(\w+)", statements) if table in built}
    assert asked == named


def test_the_documentation_has_an_overview(manifest: dict[str, Any]) -> None:
    text = manifest["docs"]["doc.edu2lms.__overview__"]["block_contents"]
    folders = {path.name for path in (ROOT / "models").iterdir() if path.is_dir()}
    assert [folder for folder in sorted(folders) if f"`{folder}`" not in text] == []


def test_every_column_of_every_seed_is_text(manifest: dict[str, Any], migrated: Databases) -> None:
    wrong = {}
    for name, node in of_type(manifest, "seed"):
        with (ROOT / node["original_file_path"]).open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        types = dict(
            rows(
                migrated.lms,
                TYPES,
                node["alias"],
            )
        )
        if types != dict.fromkeys(header, "text") or node["config"]["column_types"] != types or "note" not in header:
            wrong[name] = types
    assert wrong == {}
