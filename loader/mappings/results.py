"""What `edu2lms mappings` returns and `--json` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


def counted(number: int, unit: str) -> str:
    """A number of things for people: 1 section, 2 sections, 1 row of course_teacher."""
    first, _, rest = unit.partition(" ")
    return " ".join(part for part in (f"{number:,}", first.removesuffix("s") if number == 1 else first, rest) if part)


class Severity(StrEnum):
    """`error`: the file must not be used. `warning`: look at it; a run goes on."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one value, without its place.

    Attributes:
        rule: short name of the rule, for example `scientific_notation`.
        message: what is wrong and what it means.
        fix: what to do.
        severity: error, unless it may be meant.
    """

    rule: str
    message: str
    fix: str
    severity: Severity = Severity.ERROR


MOST = 100
"""So many findings of one rule are listed for a file; the others are counted."""


def beyond(rule: str, number: int, severity: Severity = Severity.ERROR) -> Problem:
    """The findings of a rule that are not listed."""
    message = f"the same stands in {number:,} more places, which are not listed"
    return Problem(rule, message, "correct the listed ones and check again.", severity)


@dataclass(frozen=True, slots=True)
class SeedFinding:
    """A problem and its place.

    Attributes:
        file: path from the project's folder.
        line: of the file, from 1; None where it is the whole file.
        column: name of the column, cut to 80 characters; None where it is the whole line.
        value: what stands there, cut to 80 characters; None where nothing does.
        rule: short name of the rule.
        message: what is wrong and what it means.
        fix: what to do.
        severity: `error` or `warning`.
    """

    file: str
    line: int | None
    column: str | None
    value: str | None
    rule: str
    message: str
    fix: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class CheckedSeeds:
    """All findings at once, errors first, then by file and line.

    Attributes:
        ok: there is no error.
        files: how many files were checked.
        lines: how many lines were, without headers.
        findings: all of them.
        notes: what was not checked, and why.
    """

    ok: bool
    files: int
    lines: int
    findings: tuple[SeedFinding, ...]
    notes: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[SeedFinding, ...]:
        """The findings that stop a run."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


@dataclass(frozen=True, slots=True)
class LineCoverage:
    """How many rows one line decides.

    Attributes:
        file: path from the project's folder.
        line: of the file, from 1; None for a value that has no line.
        key: the columns of the key with their values.
        rows: how many rows of edu (for offerings: of lms) the line decides.
        unit: what is counted, for example `sections`.
        default: without a line of its own the value is decided by the line `*`.
    """

    file: str
    line: int | None
    key: Mapping[str, str]
    rows: int
    unit: str
    default: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of every mapping file: what each line decides, and the values that no line decides."""

    lines: tuple[LineCoverage, ...]
    unmapped: tuple[LineCoverage, ...]


class Confidence(StrEnum):
    """`likely`: `--write` takes it over. `choose`: several lines would do; a person has to choose one."""

    LIKELY = "likely"
    CHOOSE = "choose"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A line that could be added to a seed file.

    Attributes:
        file: path from the project's folder.
        values: column → value, in the order of the file, the note included.
        line: the same as it stands in the file.
        confidence: `likely` or `choose`.
        rows: how many rows wait for it.
        unit: what is counted.
        evidence: why this line, one sentence per piece.
        question: what is decided; the alternatives of one question share it.
    """

    file: str
    values: Mapping[str, str]
    line: str
    confidence: Confidence
    rows: int
    unit: str
    evidence: tuple[str, ...]
    question: str


@dataclass(frozen=True, slots=True)
class Unsolved:
    """Something that no line of a seed file can repair: who can, and what it holds back."""

    what: str
    rows: int
    unit: str
    repair: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Everything that is unmapped or ambiguous.

    Attributes:
        proposals: lines to add.
        unsolved: what no line repairs.
        written: file → number of lines that were added to it (with `--write`).
    """

    proposals: tuple[Proposal, ...]
    unsolved: tuple[Unsolved, ...]
    written: Mapping[str, int] = field(default_factory=dict)
