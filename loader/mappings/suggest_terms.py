"""Proposals for years, semesters and terms: by the lines that are there, by names, and by the days of the rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from loader.mappings.coverage import Demand
from loader.mappings.evidence import described
from loader.mappings.names import alike, names_of, stands_out, words
from loader.mappings.proposals import Situation, propose
from loader.mappings.results import Confidence, Proposal
from loader.mappings.tables import read_day
from loader.plan import rows

_CLOSEST = 2


def suggest_semester_codes(situation: Situation) -> Iterator[Proposal]:
    """Second fields of codes: the dictionary entry with this code, else those that the file knows."""
    file = situation.files["semester_codes"]
    known = sorted({line.values.get("legacy_semester_id", "") for line in situation.files["term_mapping"].lines} - {""})
    for demand in situation.missing("semester_codes"):
        entry = demand.row["dictionary_id"]
        for semester in [entry] if entry else known:
            evidence = (
                f"the dictionary's entry with this code is {described(names_of(demand.row))}"
                if entry
                else "no entry has this code"
            )
            yield propose(
                file,
                {"code_semester": demand.key[0], "legacy_semester_id": semester},
                confidence=Confidence.LIKELY if entry in known else Confidence.CHOOSE,
                rows=demand.rows,
                unit=demand.unit,
                evidence=[evidence],
                question=f"code_semester {demand.key[0]}",
            )


def suggest_terms(situation: Situation) -> Iterator[Proposal]:
    """Lines of term_mapping.csv, and of academic_terms.csv where the term itself is missing."""
    there = {line.key(("academic_year", "term_type")) for line in situation.files["academic_terms"].lines}
    years = {found["education_year"]: found for found in rows(situation.lms, "mappings/edu_years")}
    for demand in situation.missing("term_mapping"):
        year, semester = demand.key
        found = re.fullmatch(r"([0-9]{4})/([0-9]{4})", year)
        if not found or int(found[2]) != int(found[1]) + 1:
            continue  # no academic year can be told from it
        academic_year = f"{found[1]}-{found[2]}"
        types, why = _term_types(situation, demand)
        for term_type in types:
            sure = len(types) == 1
            term = (academic_year, term_type)
            calendar = list(_term(situation, *term, demand, years.get(year), sure=sure)) if term not in there else []
            journal = situation.journal_rows(education_year=year, legacy_semester_id=semester)
            evidence = [f"{journal:,} journal rows depend on them", why, _by_day(situation, demand)]
            if not calendar and term not in there:
                sure = False
                evidence.append(f"write the days of {academic_year} {term_type} into academic_terms.csv first")
            yield propose(
                situation.files["term_mapping"],
                {
                    "legacy_education_year": year,
                    "legacy_semester_id": semester,
                    "academic_year": academic_year,
                    "term_type": term_type,
                },
                confidence=Confidence.LIKELY if sure else Confidence.CHOOSE,
                rows=demand.rows,
                unit=demand.unit,
                evidence=[part for part in evidence if part],
                question=f"the term of {year}, {semester}",
            )
            if calendar:
                there.add(term)
                yield from calendar


def _term_types(situation: Situation, demand: Demand) -> tuple[list[str], str]:
    """What the semester is in other years, else what it is called; all types where neither says."""
    semester = demand.key[1]
    others = Counter(
        line.values["term_type"]
        for line in situation.files["term_mapping"].lines
        if line.values.get("legacy_semester_id") == semester and line.values.get("term_type")
    )
    if len(others) == 1:
        ((term_type, number),) = others.items()
        return [term_type], f"{semester} is {term_type} in {number} other lines"
    names = names_of(demand.row)
    found = alike(names, words("term_mapping"), within=True)
    if stands_out(found):
        return [found[0].candidate], f"edu calls {semester} {described(names)}, like {found[0].name}"
    return [*words("term_mapping")], f"edu calls {semester} {described(names)}"


def _by_day(situation: Situation, demand: Demand) -> str:
    """The terms that are closest to the days on which the sections were made."""
    first, last = demand.row["first_day"], demand.row["last_day"]
    if not first:
        return ""
    terms = []
    for line in situation.files["academic_terms"].lines:
        start, made_on = read_day(line.values.get("start_date", "")), read_day(first)
        if start and made_on:
            terms.append((abs((start - made_on).days), f"{line.values['academic_year']} {line.values['term_type']}"))
    closest = " and ".join(name for _, name in sorted(terms)[:_CLOSEST])
    made = f"made on {first}" if first == last else f"made from {first} to {last}"
    return f"the sections were {made}" + (f", closest to {closest}" if closest else "")


def _term(
    situation: Situation, year: str, term_type: str, demand: Demand, legacy: dict[str, Any] | None, *, sure: bool
) -> Iterator[Proposal]:
    """A line of the calendar, with the days that such terms have in most other years."""
    file = situation.files["academic_terms"]
    same_type = [line.values for line in file.lines if line.values.get("term_type") == term_type]
    shapes = Counter(shape for values in same_type if (shape := _shape(values)))
    if not shapes:
        return  # nobody knows when such a term is: the analyst writes the line
    (number, start, end), count = shapes.most_common(1)[0]
    if any(line.values.get("academic_year") == year and line.values.get("term_number") == number for line in file.lines):
        return
    first = int(year[:4])
    evidence = [f"needed by {', '.join(demand.key)} in term_mapping.csv", f"days as in {count} other {term_type} terms"]
    if legacy and legacy["start_date"]:
        evidence.append(f"edu says that the year goes from {legacy['start_date']} to {legacy['end_date'] or 'an unknown day'}")
    yield propose(
        file,
        {
            "academic_year": year,
            "term_type": term_type,
            "term_number": number,
            "start_date": f"{first + start[0]}-{start[1]}",
            "end_date": f"{first + end[0]}-{end[1]}",
        },
        confidence=Confidence.LIKELY if sure else Confidence.CHOOSE,
        rows=demand.rows,
        unit=demand.unit,
        evidence=evidence,
        question=f"the days of {year} {term_type}",
    )


def _shape(values: Any) -> tuple[str, tuple[int, str], tuple[int, str]] | None:
    """Number of a term, and its days as (years after the first year, MM-DD)."""
    year, start, end = (values.get(column, "") for column in ("academic_year", "start_date", "end_date"))
    days = [re.fullmatch(r"([0-9]{4})-([0-9]{2}-[0-9]{2})", day) for day in (start, end)]
    if not re.match(r"[0-9]{4}", year) or not all(days) or any(day and day[2] == "02-29" for day in days):
        return None
    shape = [(int(day[1]) - int(year[:4]), day[2]) for day in days if day]
    return values.get("term_number", ""), shape[0], shape[1]
