"""What the verbs of `edu2lms fallback` return and `--json` prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FallbackRelation:
    """One relation of the fallback.

    Attributes:
        relation: its name, that of the application's table.
        rows: rows here; every one has a legacy source.
        rows_in_lms: rows of the application's table, its own ones included.
        coverage: share of lms's rows that are here; 1.0 when lms has none.
        following: rows of which some columns are read from edu at each query.
        columns: number of columns.
        columns_without_source: those that are NULL here.
        fingerprint: number of rows and sum of their hashes, the same in lms and here.
        seconds: copying, building, proving.
    """

    relation: str
    rows: int
    rows_in_lms: int
    coverage: float
    following: int
    columns: int
    columns_without_source: tuple[str, ...]
    fingerprint: str
    seconds: float


@dataclass(frozen=True, slots=True)
class FallbackResult:
    """One publication of the fallback; in a dry run: what it would have been."""

    dry_run: bool
    batch: str
    published_at: str
    role: str
    crosswalk_rows: int
    relations: tuple[FallbackRelation, ...]
    notes: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class RelationDifference:
    """How one relation differs from lms.

    Attributes:
        relation: its name.
        rows: rows here.
        rows_in_lms: rows of lms with a legacy source.
        missing: rows that only lms has.
        surplus: rows that only the fallback has.
        changed: rows that both have, with other values.
        columns: columns in which the first of them differ.
        first_ids: ids of the first differing rows.
    """

    relation: str
    rows: int
    rows_in_lms: int
    missing: int = 0
    surplus: int = 0
    changed: int = 0
    columns: tuple[str, ...] = ()
    first_ids: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Differing rows."""
        return self.missing + self.surplus + self.changed

    def __str__(self) -> str:
        """One line for people."""
        counted = (("missing", self.missing), ("too many", self.surplus), ("changed", self.changed))
        counts = ", ".join(f"{count:,} {what}" for what, count in counted if count)
        where = f" in {', '.join(self.columns)}" if self.columns else ""
        first = f"; first: {', '.join(self.first_ids)}" if self.first_ids else ""
        return f"{self.relation}: {counts or 'equal'}{where}{first}"


@dataclass(frozen=True, slots=True)
class FallbackVerification:
    """The fallback compared with lms as it is now. `equal`: every relation, row by row and column by column."""

    equal: bool
    batch: str
    published_at: str
    relations: tuple[RelationDifference, ...]
    seconds: float
