"""What the verbs return and `--json` prints. Times are seconds, sizes are bytes, instants are ISO 8601 in UTC."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What a finding says. `unknown`: it cannot be seen from here."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `check`."""

    name: str
    verdict: Verdict
    detail: str
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """All findings; `ok` is false as soon as one failed."""

    ok: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class PreparedStep:
    """One thing that `prepare` did or would do. Passwords in `statements` are masked."""

    name: str
    database: str
    user: str
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrepareResult:
    """What was done; nothing at all the second time. `notes` name what stays slower or weaker than it could be."""

    dry_run: bool
    steps: tuple[PreparedStep, ...]
    notes: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class LoadedTable:
    """One table of a load.

    Attributes:
        table: its name.
        rows: as edu counted them in the snapshot of the load; the copy has been proven equal.
        bytes: size of the copy.
        seconds: time spent on it.
        fingerprint: the same exactly if the content is the same; computed by edu.
        mode: `full` (copied whole) or `incremental` (only what differed).
        inserted: rows that the copy did not have; in a full copy all of them.
        changed: rows of which the copy had another state; 0 in a full copy.
        deleted: rows that edu has no more; 0 in a full copy.
        edited: the copy was not as the last load had left it: somebody else had written to it.
    """

    table: str
    rows: int
    bytes: int
    seconds: float
    fingerprint: str
    mode: str = "full"
    inserted: int = 0
    changed: int = 0
    deleted: int = 0
    edited: bool = False


@dataclass(frozen=True, slots=True)
class LoadResult:
    """One load: all tables are of one snapshot of edu."""

    load_id: str
    loaded_at: str
    tables: tuple[LoadedTable, ...]
    rows: int
    bytes: int
    seconds: float
    inserted: int = 0
    changed: int = 0
    deleted: int = 0


@dataclass(frozen=True, slots=True)
class EntityStatus:
    """One line of the coverage table."""

    entity: str
    source: str
    source_total: int
    in_scope: int
    out_of_scope: int
    matched: int
    inserted: int
    folded: int
    rejected: int
    target_before: int
    target_total: int
    coverage: float | None
    application: int = 0

    @property
    def missing(self) -> int:
        """Legacy rows in scope that have no live row at this moment, rejected ones included."""
        return round(self.in_scope * (1 - (1.0 if self.coverage is None else self.coverage)))


@dataclass(frozen=True, slots=True)
class StatusResult:
    """The coverage table. `batch` is the last published one; `published` says whether there is one."""

    batch: str | None
    published: bool
    entities: tuple[EntityStatus, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """One legacy row that cannot move. The id is text: it exceeds the exact integers of JavaScript."""

    entity: str
    legacy_id: str
    reason: str
    detail: str | None
    repair: str | None


@dataclass(frozen=True, slots=True)
class DbtWarning:
    """A dbt test that found something and does not stop the run."""

    test: str
    failures: int
    message: str


@dataclass(frozen=True, slots=True)
class Written:
    """Rows that a publication wrote into the live tables; in a dry run: would have written."""

    inserted: int
    tracked: int
    updated: int
    withdrawn: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.inserted + self.tracked + self.updated + self.withdrawn


@dataclass(frozen=True, slots=True)
class TestCounts:
    """dbt's tests of one run; the parity tests compare edu with the live tables."""

    __test__ = False  # not one of pytest's

    passed: int
    warned: int
    parity_passed: int


@dataclass(frozen=True, slots=True)
class TableDrift:
    """How the copy of one table differs from edu as it is now.

    Attributes:
        table: its name.
        same: None when it cannot be compared; `detail` says why, and the rest says nothing.
        edu_rows: rows in edu.
        staging_rows: rows of the copy.
        edu_fingerprint: checksum of edu, comparable with the one of the copy and with those of the ledger.
        staging_fingerprint: checksum of the copy.
        inserted: rows that only edu has.
        changed: rows whose id both have, with other content.
        deleted: rows that only the copy has.
        first_ids: the lowest ids of such rows, as text; rows without an id are counted, not named.
        detail: why the table cannot be compared.
    """

    table: str
    same: bool | None
    edu_rows: int = 0
    staging_rows: int = 0
    edu_fingerprint: str = ""
    staging_fingerprint: str = ""
    inserted: int = 0
    changed: int = 0
    deleted: int = 0
    first_ids: tuple[str, ...] = ()
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class DriftResult:
    """Staging compared with edu. `equal`: all tables could be compared and are the same."""

    compared_at: str
    equal: bool
    tables: tuple[TableDrift, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class RunResult:
    """One run: what was loaded and built, what came out, how long it took, and where dbt wrote its log.

    Where nothing has changed since an earlier run, nothing is built: `batch_id`, nodes, tests and warnings are that run's.
    """

    batch_id: str
    unchanged_since: str | None
    """When the earlier run ended (ISO 8601), if nothing has changed since."""
    publish: bool
    courses: int
    load: LoadResult
    nodes: int
    written: Written
    tests: TestCounts
    warnings: tuple[DbtWarning, ...]
    conflicts: int
    drifted: tuple[TableDrift, ...]
    status: StatusResult
    seconds: dict[str, float]
    log: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """A legacy change that was not published. The ids are text: they exceed the exact integers of JavaScript."""

    entity: str
    legacy_id: str
    live_id: str
    conflict: str
    detail: str | None
    repair: str | None


@dataclass(frozen=True, slots=True)
class UndoneTable:
    """What an undo did to one live table: rows deleted, given their values back, freed of their tracking id, left as they are."""

    table: str
    deleted: int
    restored: int
    untracked: int
    left: int


@dataclass(frozen=True, slots=True)
class LeftRow:
    """A row that an undo leaves, and why."""

    entity: str
    legacy_id: str
    live_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class UndoResult:
    """One undo; in a dry run what it would do."""

    batch_id: str
    dry_run: bool
    tables: tuple[UndoneTable, ...]
    left: tuple[LeftRow, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class DemoResult:
    """The demonstration: seconds per step, and the run and the first page of its report unless only the servers were wanted."""

    folder: str
    scale: float
    damaged: bool
    running: bool
    seconds: dict[str, float]
    run: RunResult | None = field(default=None)
    site: str | None = None


def as_json(result: Any) -> Any:
    """A result as plain lists and dictionaries."""
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        return {entry.name: as_json(getattr(result, entry.name)) for entry in dataclasses.fields(result)}
    if isinstance(result, list | tuple):
        return [as_json(item) for item in result]
    if isinstance(result, dict):
        return {key: as_json(value) for key, value in result.items()}
    return result
