"""Each kind of damage is found, at its line and column, with what to do."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable

import pytest
from seed_files import ROOT, Seeds

from loader.cli import main
from loader.mappings.results import SeedFinding, Severity
from loader.project import Project

TERM = "2015/2016,110000135,2015-2016,fall,"
OVERRIDE = "2d5e0e93-3094-48af-a9e2-34b65facf350,200906070000000021,no roster in lms; decided from the registrar's list"
CALENDAR = "2015-2016,fall,1,2015-09-15,2016-01-31,payız"


def one(seeds: Seeds, rule: str) -> SeedFinding:
    """The only finding of this rule."""
    found = [finding for finding in seeds.check().findings if finding.rule == rule]
    assert len(found) == 1, seeds.check().findings
    return found[0]


# file, what stands there, what it becomes, rule, line, column, words of the fix
CELLS = [
    ("term_mapping", "110000135", "1.1E+08", "scientific_notation", 2, "legacy_semester_id", "import the column as text"),
    ("offering_overrides", "200906070000000021", "2.00906E+17", "scientific_notation", 2, "legacy_course_id", "database again"),
    ("offering_overrides", "200906070000000021", '"2,00906E+17"', "scientific_notation", 2, "legacy_course_id", "database again"),
    ("offering_overrides", "200906070000000021", "200906070000000000", "rounded_id", 2, "legacy_course_id", "id is exact"),
    ("term_mapping", "110000135", "110000135.0", "decimals", 2, "legacy_semester_id", "write 110000135."),
    ("term_mapping", "110000135", "110 000 135", "grouped_digits", 2, "legacy_semester_id", "write 110000135."),
    ("term_mapping", "110000135", "'110000135", "apostrophe", 2, "legacy_semester_id", "apostrophe"),
    ("term_mapping", "110000135", "0110000135", "leading_zeros", 2, "legacy_semester_id", "without"),
    ("term_mapping", "110000135", "11000013x", "legacy_id", 2, "legacy_semester_id", "database again"),
    ("term_mapping", "110000135", "99999999999999999999", "too_big", 2, "legacy_semester_id", "database again"),
    ("academic_terms", "2015-09-15", "15.09.2015", "date_form", 2, "start_date", "write 2015-09-15."),
    ("academic_terms", "2016-01-31", "31/01/2016", "date_form", 2, "end_date", "write 2016-01-31."),
    ("academic_terms", "2015-09-15", "9/10/2015", "date_form", 2, "start_date", "2015-10-09 or 2015-09-10"),
    ("academic_terms", "2015-09-15", "2015-9-15", "date_form", 2, "start_date", "write 2015-09-15."),
    ("academic_terms", "2015-09-15", "42262", "date_form", 2, "start_date", "write 2015-09-15."),
    ("academic_terms", "2015-09-15", "2015-09-31", "impossible_date", 2, "start_date", "correct"),
    ("academic_terms", "2015-09-15", "mid September", "date", 2, "start_date", "like 2021-09-15"),
    ("academic_terms", "2015-2016", "2015-2017", "academic_year", 2, "academic_year", "write 2015-2016"),
    ("term_mapping", "2015/2016", "2015-2016", "academic_year", 2, "legacy_education_year", "2021/2022"),
    ("lesson_type_mapping", "true", "TRUE", "letter_case", 2, "is_lecture", "write true."),
    ("language_mapping", "110000065,az", "110000065,aze", "unknown_value", 2, "language", "write az"),
    ("semester_codes", "PY", "РY", "mixed_scripts", 2, "code_semester", "one alphabet"),
    ("semester_codes", "PY", "“PY”", "quotation_marks", 2, "code_semester", "delete"),
    ("semester_codes", "PY", "=A1", "formula", 2, "code_semester", "the value"),
    ("semester_codes", "PY", "+PY", "formula", 2, "code_semester", "the value"),
    ("defaults", "Teacher", "#REF!", "formula", 10, "value", "the value"),
    ("defaults", "Müəllim", "MÃ¼llim", "garbled_letters", 9, "value", "'Müllim'"),
    ("defaults", "Müəllim", "M\ufffdllim", "lost_letters", 9, "value", "anew"),
    ("defaults", "Teacher", " Teacher", "outer_space", 10, "value", "delete"),
    ("defaults", "Teacher", "Teacher\u00a0", "odd_space", 10, "value", "delete"),
    ("defaults", "Teacher", "Tea\u200bcher", "odd_space", 10, "value", "delete"),
    ("defaults", "2015-09-15", "15.09.2015", "date_form", 4, "value", "write 2015-09-15."),
    ("defaults", "course_credit_hours,3", "course_credit_hours,three", "count", 6, "value", "digits"),
    ("defaults", "course_credit_hours,3", "course_credit_hours,", "missing_value", 6, "value", "fill it in"),
    ("finding_limits", "0.6", '"0,6"', "decimal_comma", 3, "limit_value", "write 0.6."),
    ("term_mapping", "110000135", "", "missing_value", 2, "legacy_semester_id", "fill it in"),
    ("offering_overrides", "2d5e0e93", "2D5E0E93", "letter_case", 2, "live_offering_id", "2d5e0e93"),
    ("offering_overrides", "2d5e0e93", "xd5e0e93", "uuid", 2, "live_offering_id", "database again"),
    ("reject_reasons", "missing_exam,", "missing_exams,", "unknown_key", 4, "reason", "write missing_exam"),
    ("conflict_kinds", "place_taken,", "place_lost,", "unknown_key", 6, "conflict", "write place_taken"),
    ("finding_limits", "largest_section,", "largest_secton,", "unknown_key", 2, "finding", "write largest_section"),
]


@pytest.mark.parametrize(("name", "old", "new", "rule", "line", "column", "fix"), CELLS)
def test_a_damaged_value_is_named(
    seeds: Seeds, name: str, old: str, new: str, rule: str, line: int, column: str, fix: str
) -> None:
    seeds.replace(name, old, new)
    found = one(seeds, rule)
    assert (found.file, found.line, found.column) == (f"seeds/{name}.csv", line, column)
    assert found.value is not None
    assert fix in found.fix
    assert found.severity is Severity.ERROR
    assert not seeds.check().ok


# file, what stands there, what it becomes, rule, line
FORMS = [
    ("term_mapping", TERM, TERM.replace(",", ";"), "ragged_line", 2),
    ("term_mapping", TERM, f"{TERM},", "ragged_line", 2),
    ("term_mapping", TERM, f"{TERM}\n", "empty_line", 3),
    ("term_mapping", TERM, f"{TERM}\n{TERM}", "duplicate", 3),
    ("term_mapping", TERM, f'"{TERM}', "quotation_marks", 2),
    ("term_mapping", TERM, f"{TERM}“one, two”", "ragged_line", 2),
    ("term_mapping", "legacy_semester_id,", "semester_id,", "unknown_column", 1),
    ("term_mapping", ",note", "", "missing_column", 1),
    ("term_mapping", ",note", ",note,note", "repeated_column", 1),
    ("term_mapping", "2015-2016,fall", "2014-2015,fall", "unknown_reference", 2),
    ("term_mapping", "2015-2016,fall", "2015-2016,summer", "unknown_reference", 2),
    ("academic_terms", "2015-09-15", "2016-02-20", "order_of_dates", 2),
    ("academic_terms", "2015-09-15", "2015-07-31", "outside_its_year", 2),
    ("academic_terms", "2016-01-31", "2016-02-15", "overlap", 3),
    ("academic_terms", "2015-2016,spring,2", "2015-2016,spring,1", "duplicate", 3),
    ("semester_codes", "YZ,110000136", "YZ,110000137", "unknown_reference", 3),
    ("semester_codes", "YZ,", "py,", "duplicate", 3),
    ("study_mode_mapping", "*,full_time,every type that has no line of its own\n", "", "missing_line", None),
    ("defaults", "course_level,undergraduate,new courses; edu holds no level\n", "", "missing_line", None),
    ("offering_overrides", "200913070000000052", "200906070000000021", "duplicate", 3),
]


@pytest.mark.parametrize(("name", "old", "new", "rule", "line"), FORMS)
def test_a_damaged_form_is_named(seeds: Seeds, name: str, old: str, new: str, rule: str, line: int | None) -> None:
    seeds.replace(name, old, new)
    found = [finding for finding in seeds.check().findings if finding.rule == rule and finding.file == f"seeds/{name}.csv"]
    assert line in [finding.line for finding in found], seeds.check().findings
    assert all(finding.fix and finding.message for finding in found)
    assert not seeds.check().ok


def test_wrong_delimiters_are_said_once_and_not_line_by_line(seeds: Seeds) -> None:
    for delimiter in ";\t|":
        text = (ROOT / "seeds/term_mapping.csv").read_text(encoding="utf-8").replace(",", delimiter)
        seeds.path("term_mapping").write_text(text, encoding="utf-8")
        found = [finding for finding in seeds.check().findings if finding.file.endswith("term_mapping.csv")]
        assert [finding.rule for finding in found] == ["delimiter"]


@pytest.mark.parametrize(
    ("data", "rule", "line"),
    [
        (CALENDAR.encode("utf-8-sig"), "byte_order_mark", 1),
        (CALENDAR.encode("utf-16"), "encoding", 1),
        (CALENDAR.encode("utf-16-le"), "encoding", 1),
        (f"a\r\n{CALENDAR}\n".encode(), "line_ends", 1),
        (f"a\r{CALENDAR}\n".encode(), "line_ends", 1),
        (b"a\n2015-2016,fall\x07,1\n", "control_character", 2),
        (b"", "missing_header", 1),
    ],
)
def test_a_damaged_file_is_named(seeds: Seeds, data: bytes, rule: str, line: int) -> None:
    seeds.path("academic_terms").write_bytes(data)
    assert one(seeds, rule).line == line


@pytest.mark.parametrize(("encoding", "note"), [("cp1254", "payız"), ("cp1251", "осенний семестр")])
def test_another_encoding_is_recognised_and_the_line_is_readable(seeds: Seeds, encoding: str, note: str) -> None:
    header = (ROOT / "seeds/academic_terms.csv").read_text(encoding="utf-8").splitlines()[0]
    seeds.path("academic_terms").write_bytes(f"{header}\n{CALENDAR.replace('payız', note)}\n".encode(encoding))
    found = one(seeds, "encoding")
    assert found.line == 2
    assert note in (found.value or "")
    assert f"iconv -f {encoding}" in found.fix


@pytest.mark.parametrize(
    ("rule", "damage"),
    [
        ("byte_order_mark", lambda text: text.encode("utf-8-sig")),
        ("line_ends", lambda text: text.replace("\n", "\r\n").encode()),
        ("line_ends", lambda text: text.replace("\n", "\r\n", 3).encode()),
        ("line_ends", lambda text: text.replace("\n", "\r").encode()),
        ("encoding", lambda text: text.encode("cp1254")),
        ("encoding", lambda text: text.replace("payız", "осенний семестр").encode("cp1251", errors="ignore")),
        ("encoding", lambda text: text.encode("utf-16")),
        ("missing_file", None),
    ],
)
def test_the_printed_command_repairs_the_file(seeds: Seeds, rule: str, damage: Callable[[str], bytes] | None) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}  # a hook's repository is another one
    subprocess.run("git init -q && git add seeds", shell=True, cwd=seeds.root, env=own, check=True)
    path = seeds.path("academic_terms")
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage(path.read_text(encoding="utf-8")))
    (command,) = re.findall("`(.+?)`", one(seeds, rule).fix)
    assert "seeds/academic_terms.csv" in command
    subprocess.run(command, shell=True, cwd=seeds.root, env=own, stdin=subprocess.DEVNULL, timeout=10, check=True)
    assert seeds.check().findings == ()
    assert len(path.read_bytes().splitlines()) == len((ROOT / "seeds/academic_terms.csv").read_bytes().splitlines())


def test_windows_line_ends_alone_are_a_warning(seeds: Seeds) -> None:
    text = seeds.path("language_mapping").read_bytes().replace(b"\n", b"\r\n")
    seeds.path("language_mapping").write_bytes(text)
    assert one(seeds, "line_ends").severity is Severity.WARNING
    assert seeds.check().ok


def test_a_note_may_be_typed_carelessly_but_is_mentioned(seeds: Seeds) -> None:
    seeds.replace("language_mapping", "Azerbaijani", " “Azerbaijani”")
    assert one(seeds, "outer_space").severity is Severity.WARNING
    assert seeds.check().ok


def test_an_id_that_really_ends_with_zeros_can_be_said_to_be_exact(seeds: Seeds) -> None:
    seeds.replace("offering_overrides", OVERRIDE, f"{OVERRIDE.replace('000000021', '000000000')}; id is exact")
    assert seeds.check().findings == ()


def test_a_mapping_to_another_year_is_a_warning(seeds: Seeds) -> None:
    seeds.replace("term_mapping", TERM, TERM.replace("2015-2016", "2016-2017"))
    found = one(seeds, "different_years")
    assert (found.severity, found.line) == (Severity.WARNING, 2)


def test_a_stray_copy_and_a_missing_file_are_errors(seeds: Seeds) -> None:
    seeds.path("term_mapping").rename(seeds.path("term_mapping (1)"))
    assert {finding.rule for finding in seeds.check().findings} >= {"unknown_file", "missing_file"}


def test_all_findings_come_at_once_errors_first(seeds: Seeds) -> None:
    seeds.replace("language_mapping", "Azerbaijani", " Azerbaijani")
    seeds.replace("term_mapping", "110000135", "1.1E+08")
    seeds.replace("academic_terms", "2015-09-15", "15.09.2015")
    assert [finding.rule for finding in seeds.check().findings] == ["date_form", "scientific_notation", "outer_space"]


def test_the_command_prints_lines_or_one_document_and_ends_with_1(
    seeds: Seeds, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Project, "find", classmethod(lambda cls: cls(seeds.root)))
    assert main(["mappings", "check"]) == 0
    assert "16 files" in capsys.readouterr().out
    seeds.replace("term_mapping", "110000135", "1.1E+08")
    assert main(["mappings", "check"]) == 1
    assert "error: seeds/term_mapping.csv:2: legacy_semester_id: '1.1E+08': a spreadsheet" in capsys.readouterr().out
    assert main(["mappings", "check", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    (finding,) = document["findings"]
    assert document["ok"] is False
    assert set(finding) == {"file", "line", "column", "value", "rule", "message", "fix", "severity"}
    # so does a run, before it connects to anything
    assert main(["run", "--json"]) == 4
    assert "seeds/term_mapping.csv:2" in json.loads(capsys.readouterr().out)["error"]["message"]


@pytest.mark.parametrize("line", ["mappings check --database", "mappings suggest", "mappings coverage"])
def test_without_a_server_the_rest_is_3(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LMS_HOST", "/nowhere/at all")
    assert main([*line.split(), "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["fix"]


@pytest.mark.parametrize("verb", ["check", "suggest", "coverage"])
def test_help_shows_an_example_and_json(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mappings", verb, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"Example: edu2lms mappings {verb}" in text
    assert "--json" in text
