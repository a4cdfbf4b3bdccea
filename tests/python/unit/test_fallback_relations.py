"""The list behind the fallback agrees with dbt's, with the loader's, and with the page that people read."""

from __future__ import annotations

import os
import re

import pytest

from loader.fallback.page import columns_table
from loader.fallback.relations import KNOWN_KEYS, NAMES, RELATIONS, Source
from loader.plan import INSERT_TABLES, TRACKING
from loader.project import Project

ROOT = Project.find().root
PAGE = ROOT / "docs" / "fallback.md"
BLOCK = re.compile(r"(<!-- columns -->\n).*?(<!-- end of columns -->)", re.DOTALL)
ENTITY = re.compile(r"'entity': '(\w+)'.*?(?='entity':|\Z)", re.DOTALL)
LISTS = re.compile(r"'(?:columns|own)': \[(.*?)\]", re.DOTALL)


def entities() -> dict[str, set[str]]:
    """Columns that the migration knows, by table, as macros/entities.sql has them."""
    text = (ROOT / "macros" / "entities.sql").read_text(encoding="utf-8")
    text = text[: text.index("endmacro")]
    return {
        found[1]: {name for listed in LISTS.findall(found[0]) for name in re.findall(r"'(\w+)'", listed)}
        for found in ENTITY.finditer(text)
    }


def test_the_relations_are_the_tables_of_the_migration() -> None:
    assert set(NAMES) == set(INSERT_TABLES)
    assert set(entities()) == set(NAMES)


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: relation.name)
def test_every_column_that_the_migration_knows_is_listed_and_no_other(relation: object) -> None:
    assert isinstance(relation, type(RELATIONS[0]))
    tracking = {track.column for track in TRACKING if track.table == relation.name}
    assert set(relation.columns) == entities()[relation.name] | tracking | {"created_at", "updated_at"}


def test_what_is_live_has_a_legacy_table_and_a_derivation() -> None:
    for relation in RELATIONS:
        assert bool(relation.live_columns) == bool(relation.legacy)
        if relation.legacy:
            path = ROOT / "loader" / "sql" / "fallback" / f"live_{relation.name}.sql"
            text = path.read_text(encoding="utf-8")
            assert f"public.{relation.legacy} as legacy" in text
            assert [name for name in relation.live_columns if f"as {name}" not in text] == []


def test_secrets_are_not_offered() -> None:
    for relation in RELATIONS:
        for name, origin in relation.columns.items():
            if re.search("password|secret|token|hash", name):
                assert origin.source is Source.NONE, name
    assert all(column in dict.fromkeys(RELATIONS[NAMES.index(table)].columns) for table, column in KNOWN_KEYS)


def test_an_unknown_column_has_no_source() -> None:
    assert RELATIONS[0].origin("two_factor_secret").source is Source.NONE


def test_the_page_says_what_the_code_does() -> None:
    text = PAGE.read_text(encoding="utf-8")
    wanted = BLOCK.sub(lambda found: found[1] + columns_table() + found[2], text)
    if os.environ.get("EDU2LMS_WRITE_DOCS"):
        PAGE.write_text(wanted, encoding="utf-8")
    assert columns_table() in wanted
    assert PAGE.read_text(encoding="utf-8") == wanted
