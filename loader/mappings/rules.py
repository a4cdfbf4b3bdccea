"""What the seed files may hold: read from seeds/_seeds.yml, the same description that dbt reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from loader.errors import SeedRulesError

FOLDER = Path("seeds")
DESCRIPTION = FOLDER / "_seeds.yml"
TYPES = ("legacy_id", "uuid", "date", "academic_year", "legacy_year", "count", "number", "code", "text", "note")


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """One column.

    Attributes:
        name: as in the header.
        type: one of TYPES.
        required: must not be empty.
        values: the only values; empty: any.
        also: a value that is allowed beside the type, such as `*`.
        refers_to: database, table and column in which the value must exist.
        must_exist: else a missing one is only a warning.
    """

    name: str
    type: str
    required: bool = False
    values: tuple[str, ...] = ()
    also: str | None = None
    refers_to: tuple[str, str, str] | None = None
    must_exist: bool = True


@dataclass(frozen=True, slots=True)
class Reference:
    """These columns must have a line in another file, in which they have the same names."""

    columns: tuple[str, ...]
    seed: str


@dataclass(frozen=True, slots=True)
class Period:
    """Two date columns: in order, within the academic year (days as MM-DD), without overlap within a year."""

    start: str
    end: str
    year: str
    not_before: str
    not_after: str


@dataclass(frozen=True, slots=True)
class Decides:
    """The rows that ask a file whose key is an id of edu's dictionaries.

    Attributes:
        model: has the key's column.
        where: column that says which rows are in scope.
        unit: what the rows are.
    """

    model: str
    where: str
    unit: str


@dataclass(frozen=True, slots=True)
class SeedRule:
    """One file.

    Attributes:
        name: of the seed; the file is seeds/<name>.csv.
        columns: in the order of the description.
        key: no two lines have the same values in these.
        unique: further combinations that must not repeat; empty values do not count.
        references: to other files.
        period: dates of terms.
        same_year: two columns that name the same academic year.
        known: every line's key must be one of these …
        complete: … and there must be a line for each of these.
        types: type of the column `value`, by key.
        order_by: where a new line goes.
        decides: the rows that ask it; None: a query of its own knows, or nobody asks.
    """

    name: str
    columns: tuple[ColumnRule, ...]
    key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    references: tuple[Reference, ...] = ()
    period: Period | None = None
    same_year: tuple[str, str] | None = None
    known: tuple[str, ...] = ()
    complete: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    order_by: tuple[str, ...] = ()
    decides: Decides | None = None

    @property
    def file(self) -> str:
        """Path from the project's folder."""
        return f"{FOLDER}/{self.name}.csv"

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> ColumnRule:
        """The rule of one column."""
        return next(column for column in self.columns if column.name == name)


def read_rules(root: Path) -> tuple[SeedRule, ...]:
    """Read the rules of every seed, in the order of the description.

    Args:
        root: the project's folder.

    Raises:
        SeedRulesError: the description is missing, no YAML, or incomplete.
    """
    path = root / DESCRIPTION
    try:
        return _rules(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SeedRulesError(path=path, reason=error.strerror) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SeedRulesError(path=path, reason=str(error)) from None
    except RecursionError:
        raise SeedRulesError(path=path, reason="it is nested too deeply") from None
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise SeedRulesError(path=path, reason=f"{error} is missing or has the wrong form") from None


@cache
def _rules(text: str) -> tuple[SeedRule, ...]:
    return tuple(_seed(entry) for entry in yaml.safe_load(text)["seeds"])


def _seed(entry: Mapping[str, Any]) -> SeedRule:
    name, meta = str(entry["name"]), entry["config"].get("meta") or {}
    columns = tuple(_column(name, column) for column in entry["columns"])
    tests = {kind: test for listed in entry.get("data_tests", ()) for kind, test in listed.items()}
    if "unique_combination" in tests:
        key = tuple(tests["unique_combination"]["arguments"]["columns"])
    else:
        key = tuple(
            column["name"] for column in entry["columns"] if any("unique" in test for test in column.get("data_tests", ()))
        )
    if not key:
        raise ValueError(f"the key of {name} (unique or unique_combination)")
    return SeedRule(
        name=name,
        columns=columns,
        key=key,
        unique=tuple(tuple(columns) for columns in meta.get("unique", ())),
        references=tuple(Reference(tuple(item["columns"]), item["seed"]) for item in meta.get("references", ())),
        period=Period(**meta["period"]) if "period" in meta else None,
        same_year=(meta["same_year"][0], meta["same_year"][1]) if "same_year" in meta else None,
        known=tuple(meta.get("known", meta.get("allowed", ()))),
        complete=tuple(meta.get("known", meta.get("complete", ()))),
        types=meta.get("types", {}),
        order_by=tuple(meta.get("order_by", key)),
        decides=Decides(**meta["decides"]) if "decides" in meta else None,
    )


def _column(seed: str, entry: Mapping[str, Any]) -> ColumnRule:
    meta = entry["config"]["meta"]
    if meta["type"] not in TYPES:
        raise ValueError(f"{seed}.{entry['name']}: type {meta['type']}")
    tests: dict[str, Any] = {kind: test for listed in entry.get("data_tests", ()) for kind, test in listed.items()}
    target = meta.get("refers_to") or meta.get("may_refer_to")
    database, table, column = target.split(".") if target else ("", "", "")
    return ColumnRule(
        name=str(entry["name"]),
        type=meta["type"],
        required="not_null" in tests or bool(meta.get("required")),
        values=tuple(tests["accepted_values"]["arguments"]["values"]) if "accepted_values" in tests else (),
        also=meta.get("also"),
        refers_to=(database, table, column) if target else None,
        must_exist="may_refer_to" not in meta,
    )
