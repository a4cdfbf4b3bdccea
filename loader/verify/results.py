"""What `verify` returns and `--json` prints. Legacy ids are text: they exceed the exact integers of JavaScript."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class VerificationVerdict(StrEnum):
    """`cannot tell`: nothing is wrong with what is there, but rows that have to move have not moved yet."""

    MATCH = "match"
    MISMATCH = "mismatch"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    Attributes:
        entity: one of the eleven.
        what: missing, unexpected, deleted, different, or the sentence of a check.
        legacy_id: of edu; None for a row that no legacy row leads to.
        live_id: of lms; None for a row that is missing.
        expected: the differing columns as the rules derive them from edu.
        found: the same as they stand in lms.
        label: what is known about the reason: edited since a batch, changed in edu since the load, …
        is_excused: it does not count.
    """

    entity: str
    what: str
    legacy_id: str | None
    live_id: str | None
    expected: dict[str, Any] | None
    found: dict[str, Any] | None
    label: str | None = None
    is_excused: bool = False


@dataclass(frozen=True, slots=True)
class DifferenceCount:
    """How many differences of one sort there are."""

    what: str
    label: str | None
    is_excused: bool
    n: int


@dataclass(frozen=True, slots=True)
class EntityVerification:
    """One entity: the verdict, and the rows on both sides.

    Attributes:
        entity: its name.
        verdict: of this entity.
        why: the reasons of a verdict that is not `match`.
        in_scope: legacy rows that have to be there, derived from edu.
        matched: of these, rows whose live row was there before.
        inserted: rows that the migration made.
        folded: rows that share another row's live row.
        withdrawn: of both, rows whose legacy row has gone and whose live row says so.
        rejected: rows that the run says cannot move.
        not_yet: rows that a small batch left for later.
        application: live rows that no legacy row leads to.
        blocks: blocks of legacy ids whose hashes were compared.
        differences: what counts against the entity.
        excused: differences that do not count.
        counts: both, by sort.
    """

    entity: str
    verdict: VerificationVerdict
    why: tuple[str, ...]
    in_scope: int
    matched: int
    inserted: int
    folded: int
    withdrawn: int
    rejected: int
    not_yet: int
    application: int
    blocks: int
    differences: int
    excused: int
    counts: tuple[DifferenceCount, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """A table of edu that is not what the last load copied."""

    table: str
    loaded: int
    now: int
    changed: int


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """The verification: the verdict over all entities, and the first differences.

    Attributes:
        verdict: mismatch if one entity is one, else cannot tell if one cannot be told, else match.
        batch: the last published batch; None when nothing was published.
        snapshots: in how many snapshots the databases were read; more than one only after `--resume`.
        entities: those that were asked for.
        drift: tables of edu that have changed since the load; the comparison is with edu as it is now.
        first: the first differences of each entity.
        seconds: of this call.
    """

    verdict: VerificationVerdict
    batch: str | None
    snapshots: int
    entities: tuple[EntityVerification, ...]
    drift: tuple[Drift, ...]
    first: tuple[Difference, ...]
    seconds: float
