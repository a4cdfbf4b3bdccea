"""What has happened to the rows of a table: how many were inserted, changed and deleted, and which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """How a table in edu differs from its copy.

    Attributes:
        inserted: rows that only edu has.
        changed: rows whose id both have, with other content. Ids may repeat: as many as pair up.
        deleted: rows that only the copy has.
        ids: the ids of all of these, ascending.
        hashes: row hashes of those that have no id, ascending; such a row cannot be changed, only deleted and inserted.
    """

    inserted: int = 0
    changed: int = 0
    deleted: int = 0
    ids: tuple[int, ...] = ()
    hashes: tuple[int, ...] = ()

    @classmethod
    def of(cls, found: Iterable[tuple[int | None, int, int, list[int] | None]]) -> Difference:
        """Sum up.

        Args:
            found: per differing id how many rows only edu has, how many only the copy has, and the row hashes if it is NULL.
        """
        inserted = changed = deleted = 0
        ids: list[int] = []
        hashes: list[int] = []
        for row_id, only_edu, only_copy, row_hashes in found:
            pairs = 0 if row_id is None else min(only_edu, only_copy)
            inserted, changed, deleted = inserted + only_edu - pairs, changed + pairs, deleted + only_copy - pairs
            if row_id is None:
                hashes += row_hashes or []
            else:
                ids.append(row_id)
        return cls(inserted, changed, deleted, tuple(sorted(ids)), tuple(sorted(hashes)))

    @property
    def rows(self) -> int:
        """Number of rows that differ."""
        return self.inserted + self.changed + self.deleted

    def __add__(self, other: Difference) -> Difference:
        """Both together, of different blocks."""
        return Difference(
            self.inserted + other.inserted,
            self.changed + other.changed,
            self.deleted + other.deleted,
            tuple(sorted(self.ids + other.ids)),
            tuple(sorted(self.hashes + other.hashes)),
        )
