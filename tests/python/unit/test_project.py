from __future__ import annotations

from pathlib import Path

import pytest

from loader.errors import SourcesFileError
from loader.project import Project, SourceTable, catalog_type, read_sources

GOOD = """
sources:
  - name: other
    tables: []
  - name: edu
    tables:
      - name: journal
        columns:
          - {name: id, data_type: bigint}
          - {name: create_date, data_type: timestamptz}
"""


def test_types_are_spelled_as_in_the_catalog() -> None:
    assert catalog_type("timestamptz") == "timestamp with time zone"
    assert catalog_type("VARCHAR(20)") == "character varying(20)"
    assert catalog_type("text") == "text"


def test_tables_and_columns_are_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "s.yml").write_text(GOOD)
    (table,) = read_sources(tmp_path / "s.yml")
    assert table.column_names == ("id", "create_date")
    assert table.columns[1].data_type == "timestamp with time zone"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sources: [", "flow"),
        ("sources: [{name: other}]", "no source named `edu`"),
        ("sources: [{name: edu, tables: [{name: t}]}]", "table t has no columns"),
        ("sources: [{name: edu, tables: [{name: t, columns: [{name: c}]}]}]", "t.c has no data_type"),
        ("sources: [{name: edu, tables: [{columns: []}]}]", "'name'"),
        (GOOD.replace("create_date", "id"), "declares twice: id"),
        ("just text", "wrong form"),
    ],
)
def test_a_broken_list_is_explained(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "s.yml").write_text(text)
    with pytest.raises(SourcesFileError) as caught:
        read_sources(tmp_path / "s.yml")
    assert reason in caught.value.message
    assert str(tmp_path / "s.yml") in caught.value.message


def test_a_missing_list_is_explained(tmp_path: Path) -> None:
    with pytest.raises(SourcesFileError, match="No such file"):
        read_sources(tmp_path / "none.yml")


def test_the_project_is_found_from_anywhere(source_tables: tuple[SourceTable, ...]) -> None:
    assert (Project.find().root / "dbt_project.yml").is_file()
    assert len(source_tables) == 16


def test_passwords_are_never_declared(source_tables: tuple[SourceTable, ...]) -> None:
    assert not [name for table in source_tables for name in table.column_names if "password" in name]
