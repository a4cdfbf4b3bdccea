"""Lines against each other, within a file and between files: keys, references, periods."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise

from rapidfuzz import fuzz, process

from loader.mappings.cells import check_cell
from loader.mappings.files import SeedFile, SeedLine
from loader.mappings.results import Problem, Severity
from loader.mappings.rules import Period, Reference

_UNREAD = ("missing_file", "too_large", "encoding", "delimiter", "missing_column", "ragged_line", "quotation_marks")


def check_lines(file: SeedFile) -> None:
    """Every value, and the keys of one file."""
    rule = file.rule
    for line in file.lines:
        note = line.values.get("note", "")
        for column in rule.columns:
            if column.name not in line.values:
                continue  # the header lacks it, which has been said
            type_ = rule.types.get(line.values.get(rule.key[0], "")) if column.name == "value" else None
            value = line.values[column.name]
            if problem := check_cell(column, value, type_=type_, note=note):
                file.add(problem, line.number, column.name, value)
    _check_repeats(file, rule.key)
    for columns in rule.unique:
        _check_repeats(file, columns)
    _check_known(file)
    if rule.period:
        _check_periods(file, rule.period)
    if rule.same_year:
        _check_years(file, *rule.same_year)


def _shown(columns: Sequence[str], values: Sequence[str]) -> str:
    return ", ".join(f"{column} {value}" for column, value in zip(columns, values, strict=True))


def _check_repeats(file: SeedFile, columns: Sequence[str]) -> None:
    seen: dict[tuple[str, ...], SeedLine] = {}
    for line in file.lines:
        values = line.key(columns)
        folded = tuple(value.strip().casefold() for value in values)
        if not all(folded):
            continue
        if folded in seen:
            message = f"{_shown(columns, values)} stands in line {seen[folded].number} already"
            file.add(Problem("duplicate", message, "keep one of the two lines."), line.number, columns[-1], values[-1])
        else:
            seen[folded] = line


def _check_known(file: SeedFile) -> None:
    rule, column = file.rule, file.rule.key[0]
    for line in file.lines:
        value = line.values.get(column, "")
        if rule.known and value and value not in rule.known:
            nearest = process.extractOne(value, rule.known, scorer=fuzz.ratio, score_cutoff=60)
            fix = f"write {nearest[0]}, if that is meant." if nearest else f"known are {', '.join(rule.known)}."
            file.add(
                Problem("unknown_key", f"nothing asks for {value!r}: the line decides nothing", fix), line.number, column, value
            )
    if any(finding.rule in _UNREAD for finding in file.findings):
        return  # the line may be there, where the file could not be read
    there = {line.values.get(column) for line in file.lines}
    for missing in (wanted for wanted in rule.complete if wanted not in there):
        message = f"there is no line for {missing!r}, which every run needs"
        file.add(Problem("missing_line", message, "add it again (`git diff` shows what it was)."), None, column, missing)


def read_day(value: str) -> date | None:
    """A day as YYYY-MM-DD; None for everything else, such as the year 20210, which databases know and Python does not."""
    try:
        return date.fromisoformat(value) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) else None
    except ValueError:
        return None


def _check_periods(file: SeedFile, period: Period) -> None:
    by_year: dict[str, list[tuple[date, date, SeedLine]]] = {}
    for line in file.lines:
        start, end = (read_day(line.values.get(column, "")) for column in (period.start, period.end))
        year = line.values.get(period.year, "")
        if start and end and start >= end:
            message = f"the term ends ({end}) before it starts ({start})"
            file.add(Problem("order_of_dates", message, "correct one of the dates."), line.number, period.end, str(end))
        elif start and end:
            by_year.setdefault(year, []).append((start, end, line))
        if re.fullmatch(r"[0-9]{4}-[0-9]{4}", year):
            first, last = read_day(f"{year[:4]}-{period.not_before}"), read_day(f"{year[5:]}-{period.not_after}")
            for column, day in ((period.start, start), (period.end, end)):
                if day and first and last and not first <= day <= last:
                    message = f"{day} lies outside of the academic year {year} ({first} to {last})"
                    file.add(Problem("outside_its_year", message, "correct the date or the year."), line.number, column, str(day))
    for terms in by_year.values():
        terms.sort(key=lambda term: (term[0], term[1], term[2].number))
        for (_, end, first_line), (start, _, line) in pairwise(terms):
            if start <= end:
                message = f"the term begins on {start}, before the one of line {first_line.number} ends ({end})"
                file.add(Problem("overlap", message, "correct one of the dates."), line.number, period.start, str(start))


def _check_years(file: SeedFile, left: str, right: str) -> None:
    for line in file.lines:
        years = [re.findall(r"[0-9]{4}", line.values.get(column, "")) for column in (left, right)]
        if all(len(found) == 2 for found in years) and years[0] != years[1]:
            values = line.key((left, right))
            message = f"{left} {values[0]} and {right} {values[1]} are different years"
            fix = "correct one of them; if it is meant, leave it: this is only a warning."
            file.add(Problem("different_years", message, fix, Severity.WARNING), line.number, right, values[1])


def check_references(files: Mapping[str, SeedFile]) -> None:
    """Columns that must have a line in another file."""
    for file in files.values():
        for reference in file.rule.references:
            if reference.seed in files and set(reference.columns) <= set(files[reference.seed].header):
                _check_reference(file, reference, files[reference.seed])


def _check_reference(file: SeedFile, reference: Reference, target: SeedFile) -> None:
    known = {line.key(reference.columns) for line in target.lines}
    for line in file.lines:
        values = line.key(reference.columns)
        if values in known or not all(values):
            continue
        message = f"there is no line for {_shown(reference.columns, values)} in {target.rule.file}"
        fix = nearest_of(values[-1], {found[-1] for found in known if found[:-1] == values[:-1]})
        fix = fix or f"add the line there, or correct this one{_others(known)}."
        file.add(Problem("unknown_reference", message, fix), line.number, reference.columns[-1], values[-1])


def nearest_of(value: str, known: Iterable[str]) -> str | None:
    """A fix that names what is likely to be meant."""
    candidates = sorted(known)
    for candidate in candidates:
        if candidate != value and candidate.lstrip("0") == value.lstrip("0"):
            return f"write {candidate}: leading zeros have been lost or added."
    found = process.extractOne(value, candidates, scorer=fuzz.ratio, score_cutoff=75) if candidates else None
    return f"write {found[0]}, if that is meant." if found else None


def _others(known: Iterable[tuple[str, ...]]) -> str:
    listed = sorted({" ".join(values) for values in known})
    return f" (lines there: {', '.join(listed[:5])}{' …' if len(listed) > 5 else ''})" if listed else ""
