"""Any bytes: findings, never a traceback. Valid files stay valid. Each mutation of a valid file is found."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from seed_files import ROOT

from loader.mappings.check import check_contents, one_line
from loader.mappings.results import CheckedSeeds
from loader.mappings.rules import read_rules

RULES = {rule.name: rule for rule in read_rules(ROOT)}
SOUND = {name: (ROOT / rule.file).read_bytes() for name, rule in RULES.items()}
HEADERS = {name: (",".join(rule.header) + "\n").encode() for name, rule in RULES.items()}

names = st.sampled_from(sorted(RULES))
notes = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=30).filter(
    lambda text: not text.startswith(("=", "#"))
)


def check(**changed: bytes) -> CheckedSeeds:
    """The project's seeds with some files exchanged."""
    wanted = {*changed, "academic_terms", "term_mapping"}  # those that others refer to
    return check_contents([RULES[name] for name in wanted], {**SOUND, **changed})


def as_csv(rows: list[list[str]]) -> bytes:
    """As a program would write it."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


@settings(max_examples=100, deadline=None)
@given(name=names, data=st.binary(max_size=400), headed=st.booleans())
@example(name="term_mapping", data=b"\xff\xfe\x00\x00", headed=False)
@example(name="term_mapping", data=b"\xef\xbb\xbf", headed=False)
@example(name="academic_terms", data=b'"' + b"a" * 140_000, headed=True)
@example(name="academic_terms", data="٢٠٢١-٠٩-٠١,².".encode(), headed=True)
@example(name="semester_codes", data=b"PY," + b"9" * 5000 + b",", headed=True)
@example(
    name="finding_limits", data=b"largest_section," + b"9" * 5000 + b",\nrows_per_student_section,0." + b"9" * 5000, headed=True
)
@example(name="academic_terms", data=b"9999-10000,fall,1,0000-01-01,9999-12-31,\n0000-0001,fall,1,99999,59999,", headed=True)
@example(name="term_mapping", data=b"0000/0001," + b"0" * 5000 + b",9999-9999,fall,", headed=True)
def test_any_bytes_give_findings_and_never_a_traceback(name: str, data: bytes, headed: bool) -> None:
    result = check(**{name: HEADERS[name] + data if headed else data})
    assert all(one_line(finding) and finding.fix and finding.message for finding in result.findings)
    assert all(finding.line is None or finding.line >= 1 for finding in result.findings)


@settings(max_examples=80, deadline=None)
@given(name=names, lines=st.lists(st.text(max_size=60), max_size=6))
def test_any_text_gives_findings_and_never_a_traceback(name: str, lines: list[str]) -> None:
    text = "\n".join(lines).encode("utf-8", errors="surrogatepass")
    assert all(one_line(finding) for finding in check(**{name: HEADERS[name] + text}).findings)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """academic_terms.csv and a term_mapping.csv that fits, both sound."""
    terms, mapping = [list(RULES["academic_terms"].header)], [list(RULES["term_mapping"].header)]
    for year in sorted(draw(st.sets(st.integers(1980, 2080), min_size=1, max_size=4))):
        day = date(year, 8, 1)
        types = draw(st.lists(st.sampled_from(["fall", "winter", "spring", "summer"]), min_size=1, max_size=3, unique=True))
        for number, term_type in enumerate(types, start=1):
            start = day + timedelta(days=draw(st.integers(0, 40)))
            end = start + timedelta(days=draw(st.integers(1, 90)))
            day = end + timedelta(days=1)
            terms.append([f"{year}-{year + 1}", term_type, str(number), start.isoformat(), end.isoformat(), draw(notes)])
            semester = str(draw(st.integers(1, 2**63 - 1)))
            assume(not (len(semester) >= 18 and set(semester[15:]) == {"0"}))
            assume([f"{year}/{year + 1}", semester] not in [row[:2] for row in mapping])
            mapping.append([f"{year}/{year + 1}", semester, f"{year}-{year + 1}", term_type, draw(notes)])
    return as_csv(terms), as_csv(mapping)


@settings(max_examples=60, deadline=None)
@given(files=calendars())
def test_valid_files_stay_valid(files: tuple[bytes, bytes]) -> None:
    terms, mapping = files
    # the codes name semesters of a mapping that is not this one
    result = check(academic_terms=terms, term_mapping=mapping, semester_codes=HEADERS["semester_codes"])
    assert result.findings == ()


MUTATIONS: dict[str, Callable[[str], str]] = {
    "a space before": lambda value: f" {value}",
    "a space behind": lambda value: f"{value} ",
    "a no-break space": lambda value: f"{value}\u00a0",
    "a zero-width space": lambda value: f"{value[:1]}\u200b{value[1:]}",
    "a tab": lambda value: f"{value}\t",
    "a control character": lambda value: f"{value}\x00",
    "a formula": lambda value: f"={value}",
    "curly quotation marks": lambda value: f"“{value}”",
    "lost letters": lambda value: f"{value[:-1]}\ufffd",
    "an error of a spreadsheet": lambda _: "#N/A",
    "too few values": lambda value: f"{value}\n",
    "a comma too many": lambda value: f"{value},",
    "an open quotation mark": lambda value: f'"{value}',
    "nothing": lambda _: "",
}
NUMBERS: dict[str, Callable[[str], str]] = {
    "scientific notation": lambda value: f"{float(value):.5E}",
    "fifteen digits": lambda value: value[:15] + "0" * (len(value) - 15),
    "decimals": lambda value: f"{value}.0",
    "grouped digits": lambda value: f'"{int(value):,}"',
    "a leading zero": lambda value: f"0{value}",
    "an apostrophe": lambda value: f"'{value}",
}
DATES: dict[str, Callable[[str], str]] = {
    "day first": lambda value: ".".join(reversed(value.split("-"))),
    "month first": lambda value: f"{value[5:7]}/{value[8:]}/{value[:4]}",
    "a number of days": lambda value: str((date.fromisoformat(value) - date(1899, 12, 30)).days),
    "without zeros": lambda value: value.replace("-0", "-"),
}


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, int, bytes]:
    """A seed of the project with one value of its key or of a required column damaged: its name, the line, the content."""
    name = draw(st.sampled_from(sorted(name for name in RULES if name != "course_mapping")))
    rule, rows = RULES[name], list(csv.reader(io.StringIO(SOUND[name].decode())))
    column = draw(st.sampled_from([column for column in rule.columns if column.required]))
    number = draw(st.integers(1, len(rows) - 1))
    place = rows[0].index(column.name)
    value = rows[number][place]
    kinds = dict(MUTATIONS)
    kind = rule.types.get(rows[number][0], column.type) if column.name == "value" else column.type
    if kind == "legacy_id" and value != "*":
        kinds |= NUMBERS
    if kind == "date":
        kinds |= DATES
    new = kinds[draw(st.sampled_from(sorted(kinds)))](value)
    if kind == "text":
        assume("“" not in new)  # in a sentence they may stand
    assume(new.strip('"') != value)
    lines = []
    for position, row in enumerate(rows):
        if position != number:
            lines.append(as_csv([row]).decode())
        else:
            before, after = as_csv([row[:place]]).decode().rstrip("\n"), as_csv([row[place + 1 :]]).decode()
            lines.append(f"{before}{',' if place else ''}{new},{after}")
    return name, number + 1, "".join(lines).encode()


@settings(max_examples=250, deadline=None)
@given(damage=mutated())
def test_each_mutation_of_a_valid_file_is_found(damage: tuple[str, int, bytes]) -> None:
    name, line, data = damage
    found = [finding for finding in check(**{name: data}).errors if finding.file == RULES[name].file]
    assert found, data.decode(errors="replace").splitlines()[line - 1]
    assert line in [finding.line for finding in found]


@settings(max_examples=60, deadline=None)
@given(name=names, delimiter=st.sampled_from(";\t|"))
def test_each_wrong_delimiter_is_found(name: str, delimiter: str) -> None:
    rows = list(csv.reader(io.StringIO(SOUND[name].decode())))
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    errors = check(**{name: text.getvalue().encode()}).errors
    assert next(finding.rule for finding in errors if finding.file == RULES[name].file) == "delimiter"
