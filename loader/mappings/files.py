"""From the text of a seed file to its lines: delimiter, header, ragged lines, quotation marks."""

from __future__ import annotations

import csv
import io
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote

from rapidfuzz import fuzz, process

from loader.mappings.encoding import decode
from loader.mappings.results import MOST, Problem, SeedFinding, Severity, beyond
from loader.mappings.rules import SeedRule

_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_SHOWN = 80
_TOLD = 600
LARGEST = 5_000_000
"""Bytes: some ten thousand lines, and more than analysts write."""


@dataclass(frozen=True, slots=True)
class SeedLine:
    """One line: its number in the file, from 1, and its values by column; a missing column is empty."""

    number: int
    values: Mapping[str, str]

    def key(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Values of some columns."""
        return tuple(self.values.get(column, "") for column in columns)


@dataclass(slots=True)
class SeedFile:
    """A file as far as it could be read, and what is wrong with its form."""

    rule: SeedRule
    header: tuple[str, ...] = ()
    lines: list[SeedLine] = field(default_factory=list)
    findings: list[SeedFinding] = field(default_factory=list)
    counts: Counter[tuple[str, Severity]] = field(default_factory=Counter)

    def add(self, problem: Problem, line: int | None, column: str | None = None, value: str | None = None) -> None:
        """Note a problem, while there are not too many of its kind."""
        if line is not None:
            self.counts[problem.rule, problem.severity] += 1
            if self.counts[problem.rule, problem.severity] > MOST:
                return
        place = (self.rule.file, line, _cut(column, _SHOWN), _cut(value, _SHOWN))
        message, fix = (_cut(text, _TOLD) or "" for text in (problem.message, problem.fix))
        self.findings.append(SeedFinding(*place, problem.rule, message, fix, problem.severity))

    def close(self) -> None:
        """Count the problems that were too many, once all have been noted."""
        for (rule, severity), number in self.counts.items():
            if number > MOST:
                self.add(beyond(rule, number - MOST, severity), None)


def _cut(text: str | None, most: int) -> str | None:
    return text if text is None or len(text) <= most else f"{text[: most - 1]}…"


def read_file(root: Path, rule: SeedRule) -> SeedFile:
    """Read a seed file as far as it can be read; never raises for what stands in it."""
    found = SeedFile(rule)
    path, fix = root / rule.file, f"restore it: `git checkout -- {quote(rule.file)}`."
    try:
        kind = path.stat().st_mode
        if not stat.S_ISREG(kind):  # reading a pipe would wait for somebody to write
            what = "a folder" if stat.S_ISDIR(kind) else "something that is no file"
            found.add(Problem("missing_file", f"{what} has the file's name", f"call it otherwise, then {fix}"), None)
            return found
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        found.add(Problem("missing_file", f"the file cannot be read: {error.strerror}", fix), None)
        return found
    if len(data) > LARGEST:
        message = f"the file has more than {LARGEST // 1_000_000} MB: analysts write some lines, so it is probably another file"
        found.add(Problem("too_large", message, fix), None)
        return found
    return read_bytes(rule, data)


def read_bytes(rule: SeedRule, data: bytes) -> SeedFile:
    """The same for the content of a file."""
    found = SeedFile(rule)
    text, problems = decode(data, rule.file)
    for line, value, problem in problems:
        found.add(problem, line, value=value)
    if text is None:
        return found
    records = _records(found, text)
    _, first = next(records, (1, None))
    if first is None:
        if not any(finding.rule == "quotation_marks" for finding in found.findings):
            found.add(Problem("missing_header", "the file is empty", f"begin it with the line {','.join(rule.header)}."), 1)
        return found
    found.header = tuple(first)
    if _wrong_delimiter(found):
        return found
    _check_header(found)
    for number, values in records:
        _add_line(found, number, values)
    return found


def _records(found: SeedFile, text: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Records with the number of the line on which they begin."""
    reader, start = csv.reader(io.StringIO(text, newline=""), strict=True), 1
    try:
        for record in reader:
            yield start, record
            start = reader.line_num + 1
    except csv.Error as error:
        message = f"from here on the file cannot be read: {error}"
        fix = 'put a value with a comma or a quotation mark in straight quotation marks and double those within: "a ""b"", c".'
        found.add(Problem("quotation_marks", message, fix), start)


def _wrong_delimiter(found: SeedFile) -> bool:
    wanted = found.rule.header
    for delimiter, name in _DELIMITERS.items():
        parts = [part.strip().strip('"') for field in found.header for part in field.split(delimiter)]
        if delimiter in "".join(found.header) and set(wanted) & set(parts):
            message = f"the values are separated by {name}, not by commas"
            fix = "save it with commas (in a spreadsheet: text options, field delimiter)."
            found.add(Problem("delimiter", message, fix), 1, value=delimiter.join(found.header))
            return True
    return False


def _check_header(found: SeedFile) -> None:
    wanted, there = found.rule.header, found.header
    for name in [name for name, number in Counter(there).items() if number > 1]:
        found.add(
            Problem("repeated_column", f"the column {name} stands there twice", "remove one of them."), 1, name or None, name
        )
    missing, extra = [name for name in wanted if name not in there], [name for name in there if name not in wanted]
    for name in dict.fromkeys(extra):
        nearest = process.extractOne(name, missing, scorer=fuzz.ratio, score_cutoff=60) if missing else None
        message = f"there is no column {name!r}" + (f"; {nearest[0]} is missing" if nearest else "")
        fix = f"call it {nearest[0]}." if nearest else f"remove the column; the columns are {', '.join(wanted)}."
        found.add(Problem("unknown_column", message, fix), 1, name.strip() or None, name)
    for name in missing:
        found.add(Problem("missing_column", f"the column {name} is missing", f"the header is {','.join(wanted)}."), 1, name)


def _add_line(found: SeedFile, number: int, values: Sequence[str]) -> None:
    width = len(found.header)
    if not values or not any(value.strip() for value in values):
        found.add(Problem("empty_line", "the line is empty", "delete it."), number)
    elif len(values) != width:
        message = f"the line has {len(values)} values, the header has {width} columns"
        fix = "add or remove commas; a value with a comma stands in straight quotation marks."
        if any(mark in value for value in values for mark in "“”„"):
            fix = 'use straight quotation marks (") around a value with a comma: “these” do not count.'
        found.add(Problem("ragged_line", message, fix), number, value=",".join(values))
    else:
        found.lines.append(SeedLine(number, dict(zip(found.header, values, strict=True))))
