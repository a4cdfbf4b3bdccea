"""Names in edu are dirty: each proposed line passes the check all the same, or is left out alone, with the reason."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from seed_files import ROOT, Seeds

from loader.mappings.evidence import described, readable
from loader.mappings.files import read_file
from loader.mappings.fit import fitting
from loader.mappings.proposals import propose
from loader.mappings.report import suggestions_report
from loader.mappings.results import Confidence, Proposal, Suggestions, Unsolved
from loader.mappings.rules import read_rules
from loader.mappings.write import add_lines, read_contents

RULES = {rule.name: rule for rule in read_rules(ROOT)}
FILES = {name: read_file(ROOT, rule) for name, rule in RULES.items()}
CHOOSE = Confidence.CHOOSE
CONTENTS = read_contents(ROOT, RULES.values())
GARBLED = "Mühazirə".encode().decode("cp1252")


def proposal(
    name: str, values: dict[str, str], *evidence: str, confidence: Confidence = Confidence.LIKELY, question: str = "?"
) -> Proposal:
    """A line with its evidence in the note."""
    return propose(
        FILES[name], values, confidence=confidence, rows=2, unit="sections", evidence=list(evidence), question=question
    )


def lesson(*evidence: str) -> Proposal:
    """A line for a kind of lesson."""
    return proposal("lesson_type_mapping", {"legacy_lesson_type_id": "110000119", "is_lecture": "false"}, *evidence)


def fit(*proposals: Proposal) -> tuple[list[Proposal], list[Unsolved]]:
    """Against the project's own files."""
    return fitting(tuple(RULES.values()), CONTENTS, proposals)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Qiyabi\t(axşam)", "Qiyabi (axşam)"),
        (" Qiyabi\r\n\u00a0(axşam)\u2028", "Qiyabi (axşam)"),
        ("Qiya\u200bbi\x07 (axşam)\ufeff", "Qiyabi (axşam)"),
        ("Qiyabi\x85(ax\ufffdam)", "Qiyabi (axam)"),
        ("a" * 600, "a" * 499 + "…"),
    ],
)
def test_a_name_is_one_line_that_people_can_read(name: str, shown: str) -> None:
    assert readable(name) == shown
    assert f"edu calls it {shown}"[:400] in lesson(f"edu calls it {name}").values["note"]


def test_a_name_in_the_wrong_encoding_is_shown_but_not_written_down() -> None:
    made = lesson(f"edu calls it {GARBLED}", "like Laboratory (100 of 100)")
    assert made.evidence == (f"edu calls it {GARBLED}", "like Laboratory (100 of 100)")
    assert made.values["note"] == "suggested: 2 sections; like Laboratory (100 of 100)"
    assert described([GARBLED, "Lecture", "Mühazirə\n"]) == "Lecture / Mühazirə"
    assert described([GARBLED]) == GARBLED
    assert described(["\u200b"]) == "no name"


@settings(max_examples=80, deadline=None)
@given(evidence=st.lists(st.text(max_size=40), max_size=4))
@example(evidence=["Qiyabi\t(axşam)", GARBLED, "MÃ¼hazirÉ", "\ufffd", "\x00", "a\rb\nc"])
def test_whatever_edu_holds_the_line_passes_the_check(evidence: list[str]) -> None:
    made = lesson(*evidence)
    assert fit(made) == ([made], [])
    assert len(made.line.splitlines()) == 1
    assert all(len(piece.splitlines()) == 1 for piece in made.evidence)


def test_a_value_that_no_line_can_hold_is_named_and_the_others_are_written(seeds: Seeds) -> None:
    good = lesson("edu calls it Laboratory")
    bad = [
        proposal("semester_codes", {"code_semester": "P\tY", "legacy_semester_id": id_}, confidence=CHOOSE, question="code P\tY")
        for id_ in ("110000135", "110000136")
    ]
    kept, refused = fit(*bad, good)
    assert kept == [good]
    (item,) = refused
    assert "code P Y: `check` would refuse the line for its code_semester 'P\\tY': a tab stands inside" in item.what
    assert (item.rows, item.unit, item.repair) == (2, "sections", "correct the value in edu")
    assert len(suggestions_report(Suggestions((), (item,))).splitlines()) == 2
    assert add_lines(seeds.root, tuple(RULES.values()), kept) == {good.file: 1}


def test_lines_that_do_not_go_together_are_left_out_with_those_that_lean_on_them() -> None:
    good = lesson("edu calls it Laboratory")
    twice = proposal("semester_codes", {"code_semester": "py", "legacy_semester_id": "110000135"}, question="code py")
    term = {"academic_year": "2020-2021", "term_type": "winter"}
    days = {"term_number": "1", "start_date": "2021-01-10", "end_date": "2021-02-20"}
    overlaps = proposal("academic_terms", {**term, **days}, question="days")
    semester = {"legacy_education_year": "2020/2021", "legacy_semester_id": "110000138"}
    leans = proposal("term_mapping", {**semester, **term}, question="term")
    kept, refused = fit(leans, twice, overlaps, good)
    assert kept == [good]
    assert [item.what.split(":")[0] for item in refused] == ["days", "term", "code py"]
    assert all("by hand" in item.repair for item in refused)


@pytest.mark.parametrize(("code", "rule"), [("РY", "mixed_scripts"), ("E\u0301Y", "split_letters")])
def test_a_code_that_nobody_would_type_can_be_entered_if_edu_has_it(seeds: Seeds, code: str, rule: str) -> None:
    odd = proposal("semester_codes", {"code_semester": code, "legacy_semester_id": "110000135"})
    assert odd.values["note"] == "suggested: 2 sections; letters are exact"
    assert fit(odd) == ([odd], [])
    add_lines(seeds.root, tuple(RULES.values()), [odd])
    assert seeds.check().findings == ()
    seeds.replace("semester_codes", "letters are exact", "typed")
    (finding,) = seeds.check().findings
    assert finding.rule == rule
    assert "'letters are exact'" in finding.fix


@pytest.mark.parametrize(
    ("name", "values", "repair"),
    [
        (
            "course_mapping",
            {"legacy_plan_subject_id": "130101050000000001", "course_code": "SUBJ\t1"},
            "correct the value in lms",
        ),
        ("language_mapping", {"legacy_language_id": "0", "language": "ru"}, "correct the value in edu"),
        ("semester_codes", {"code_semester": "=PY", "legacy_semester_id": "110000135"}, "correct the value in edu"),
        (
            "language_mapping",
            {"legacy_language_id": "110000068", "language": "tr"},
            "write the line of seeds/language_mapping.csv",
        ),
    ],
)
def test_who_can_repair_a_value_is_said(name: str, values: dict[str, str], repair: str) -> None:
    kept, (item,) = fit(proposal(name, values))
    assert kept == []
    assert item.repair.startswith(repair)
