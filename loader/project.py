"""The dbt project on disk, and the one list of what is copied from edu."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from loader.errors import ProjectNotFoundError, SourcesFileError

SOURCES_FILE = Path("models/staging/edu/_edu__sources.yml")

# What dbt's short names are called in the catalog (format_type).
_CATALOG_NAMES = {
    "timestamptz": "timestamp with time zone",
    "timestamp": "timestamp without time zone",
    "int": "integer",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "bool": "boolean",
    "varchar": "character varying",
    "float8": "double precision",
}


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """One declared column: its name, and its type as the catalog spells it."""

    name: str
    data_type: str


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One declared table of edu."""

    name: str
    columns: tuple[SourceColumn, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in declared order."""
        return tuple(column.name for column in self.columns)


@dataclass(frozen=True)
class Project:
    """The folder of dbt_project.yml."""

    root: Path

    @classmethod
    def find(cls) -> Project:
        """Look above this package (editable install), then above the current folder.

        Raises:
            ProjectNotFoundError: neither holds a dbt_project.yml.
        """
        package, cwd = Path(__file__).resolve().parent, Path.cwd()
        for folder in (*package.parents, cwd, *cwd.parents):
            if (folder / "dbt_project.yml").is_file():
                return cls(folder)
        raise ProjectNotFoundError(package=package, cwd=cwd)

    @cached_property
    def tables(self) -> tuple[SourceTable, ...]:
        """The declared tables, in the order of the file.

        Raises:
            SourcesFileError: the file is missing, no YAML, or incomplete.
        """
        return read_sources(self.root / SOURCES_FILE)

    def variable(self, name: str) -> str:
        """A decision of dbt_project.yml, as text."""
        document = yaml.safe_load((self.root / "dbt_project.yml").read_text(encoding="utf-8"))
        return str(document["vars"][name])


def read_sources(path: Path) -> tuple[SourceTable, ...]:
    """Read the tables of the source `edu`.

    Raises:
        SourcesFileError: the file is missing, no YAML, or incomplete.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        source = next(source for source in document["sources"] if source["name"] == "edu")
        tables = tuple(_table(path, table) for table in source["tables"])
    except OSError as error:
        raise SourcesFileError(path=path, reason=error.strerror) from error
    except yaml.YAMLError as error:
        raise SourcesFileError(path=path, reason=str(error)) from error
    except StopIteration:
        raise SourcesFileError(path=path, reason="it has no source named `edu`") from None
    except (KeyError, TypeError) as error:
        raise SourcesFileError(path=path, reason=f"{error} is missing or has the wrong form") from error
    names = [table.name for table in tables]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise SourcesFileError(path=path, reason=f"declared twice: {', '.join(repeated)}")
    return tables


def _table(path: Path, entry: dict[str, Any]) -> SourceTable:
    name, columns = str(entry["name"]), entry.get("columns") or []
    if not columns:
        raise SourcesFileError(path=path, reason=f"table {name} has no columns")
    for column in columns:
        if not column.get("data_type"):
            raise SourcesFileError(path=path, reason=f"{name}.{column.get('name')} has no data_type")
    result = tuple(SourceColumn(str(column["name"]), catalog_type(str(column["data_type"]))) for column in columns)
    names = [column.name for column in result]
    if repeated := sorted({column for column in names if names.count(column) > 1}):
        raise SourcesFileError(path=path, reason=f"{name} declares twice: {', '.join(repeated)}")
    return SourceTable(name, result)


def catalog_type(declared: str) -> str:
    """The declared type as `format_type` spells it: `timestamptz` → `timestamp with time zone`."""
    base, bracket, rest = declared.strip().lower().partition("(")
    return _CATALOG_NAMES.get(base.strip(), base.strip()) + bracket + rest
