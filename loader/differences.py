"""What has happened to the rows of a table: which were inserted, changed and deleted, by comparing ids and hashes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from loader.checksums import Blocks, Row

_ROWS_AT_A_TIME = 250_000
"""So many rows (id and hash) of each side are held in memory at once."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How a table in edu differs from its copy.

    Attributes:
        inserted: rows that only edu has.
        changed: rows whose id both have, with other content.
        deleted: rows that only the copy has.
        ids: the ids of all of these, ascending.
        hashes: row hashes of those that have no id, ascending; such a row cannot be changed, only deleted and inserted.
    """

    inserted: int = 0
    changed: int = 0
    deleted: int = 0
    ids: tuple[int, ...] = ()
    hashes: tuple[int, ...] = ()

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


def difference(edu: Iterable[Row], copy: Iterable[Row]) -> Difference:
    """Compare the rows of the same blocks. Ids may repeat: then as many as pair up count as changed."""
    here, there = Counter(edu), Counter(copy)
    surplus: defaultdict[int | None, list[int]] = defaultdict(lambda: [0, 0])  # per id: rows that only edu, only the copy has
    hashes = set()
    for row in {row for row, _ in here.items() ^ there.items()}:
        row_id, row_hash = row
        more = here[row] - there[row]
        surplus[row_id][0 if more > 0 else 1] += abs(more)
        if row_id is None:
            hashes.add(row_hash)
    inserted, deleted = surplus.pop(None, [0, 0])
    changed = 0
    for only_edu, only_copy in surplus.values():
        pairs = min(only_edu, only_copy)
        inserted, changed, deleted = inserted + only_edu - pairs, changed + pairs, deleted + only_copy - pairs
    ids = [row_id for row_id in surplus if row_id is not None]
    return Difference(inserted, changed, deleted, tuple(sorted(ids)), tuple(sorted(hashes)))


def portions(numbers: Sequence[int], edu: Blocks, copy: Blocks) -> Iterator[list[int]]:
    """The numbers of blocks in portions that fit into memory."""
    portion: list[int] = []
    size = 0
    for number in numbers:
        rows = max(blocks[number].rows if number in blocks else 0 for blocks in (edu, copy))
        if portion and size + rows > _ROWS_AT_A_TIME:
            yield portion
            portion, size = [], 0
        portion.append(number)
        size += rows
    if portion:
        yield portion
