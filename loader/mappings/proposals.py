"""What the parts of `mappings suggest` share: the databases' answers, and how a proposal is made."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from loader.connection import Connection
from loader.mappings.cells import MEANT, check_cell
from loader.mappings.coverage import Demand, demands, is_needed
from loader.mappings.evidence import is_sound, readable
from loader.mappings.files import SeedFile
from loader.mappings.results import Confidence, Proposal, counted
from loader.plan import rows


@dataclass(frozen=True)
class Situation:
    """The files as they are, and the databases as the last run left them.

    Attributes:
        lms: an open connection.
        files: seed files by name.
    """

    lms: Connection
    files: Mapping[str, SeedFile]

    @cached_property
    def asked(self) -> dict[str, list[Demand]]:
        """What the databases ask of each file."""
        return {name: demands(self.lms, file) for name, file in self.files.items()}

    @cached_property
    def journal(self) -> list[dict[str, Any]]:
        """Active journal rows by year, semester and plan subject of their section."""
        return rows(self.lms, "mappings/journal_of_sections")

    def missing(self, seed: str) -> list[Demand]:
        """Values in scope that have no line and want one, the most wanted first."""
        held = {line.key(self.files[seed].rule.key) for line in self.files[seed].lines}
        wanted = [
            item for item in self.asked[seed] if item.rows and all(item.key) and item.key not in held and is_needed(seed, item)
        ]
        return sorted(wanted, key=lambda item: (-item.rows, item.key))

    def journal_rows(self, **wanted: str) -> int:
        """Active journal rows of the sections with these values."""
        return sum(found["journal_rows"] for found in self.journal if all(found[name] == value for name, value in wanted.items()))


def propose(
    file: SeedFile,
    values: Mapping[str, str],
    *,
    confidence: Confidence,
    rows: int,
    unit: str,
    evidence: Sequence[str],
    question: str,
) -> Proposal:
    """A line with its evidence in the note, as far as a note can hold it.

    Args:
        file: to which it would be added.
        values: column → value without the note, as the databases have it.
        confidence: `likely` or `choose`.
        rows: how many rows wait for it.
        unit: what is counted.
        evidence: why this line.
        question: what is decided.
    """
    shown = tuple(line for piece in evidence if (line := readable(piece)))
    parts = [f"suggested: {counted(rows, unit)}", *filter(is_sound, shown), *_meant(file, values)]
    complete = {**values, "note": "; ".join(parts)}
    header = file.header or file.rule.header
    ordered = {column: complete.get(column, "") for column in header}
    return Proposal(file.rule.file, ordered, as_line(ordered.values()), confidence, rows, unit, shown, readable(question))


def _meant(file: SeedFile, values: Mapping[str, str]) -> list[str]:
    """Words for values that look like a slip; these come from the databases."""
    problems = [check_cell(file.rule.column(column), value) for column, value in values.items()]
    return list(dict.fromkeys(MEANT[problem.rule] for problem in problems if problem and problem.rule in MEANT))


def as_line(values: Iterable[str]) -> str:
    """Values as one line of a CSV file, without its end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(list(values))
    return text.getvalue()
