"""edu has got new values since the files were written: what is proposed for each, and by what evidence."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from databases import Databases, value

from loader.mappings import check_files

# seven sections that nothing in lms stands for, the first ones of the latest terms; names as people and programs have left them
CHANGES = r"""
insert into public.dictionaries (id, type_id, code, name_az, name_en, name_ru, active) values
(110000068, 110000005, null, 'Rus dili (ikinci dil)', 'Russian', 'Русский язык', 1),
(110000069, 110000005, null, 'Çin dili', 'Chinese', 'Китайский', 1),
(110000104, 110000007, null, E'Qiyabi\t(axşam)', null, null, 1),
(110000113, 110000008, 'L', E'Laboratoriya\r\nişi\x07', 'Laboratory', 'Лабораторная работа', 1),
(110000114, 110000008, 'M', 'MÃ¼hazirÉ™', null, null, 1),
(110000137, 110000010, 'YY', 'Yay semestri', 'Summer semester', 'Летний семестр', 1),
(110499101, 110000030, null, 'Quantum', 'Quantum cryptography', 'Квантовая криптография', 1);

create temporary table chosen as
select id, row_number() over (order by id desc) as n
from public.course
where active = 1 and education_year_id is not null and semester_id is not null
order by id desc
limit 7;

update public.course set education_lang_id = 110000068 from chosen where chosen.id = course.id and n = 1;
update public.course set education_lang_id = 110000069 from chosen where chosen.id = course.id and n = 2;
-- one digit too many, as people type
update public.course set semester_id = 110000137, create_date = '20210-09-01' from chosen where chosen.id = course.id and n = 3;
update public.course set semester_id = null, code = replace(replace(code, '_PY_', '_YY_'), '_YZ_', '_YY_')
from chosen where chosen.id = course.id and n = 4;
-- a Cyrillic letter in the one, a tab in the other
update public.course set semester_id = null, code = replace(replace(code, '_PY_', '_РY_'), '_YZ_', '_РY_')
from chosen where chosen.id = course.id and n = 6;
update public.course set semester_id = null, code = replace(replace(code, '_PY_', E'_P\tY_'), '_YZ_', E'_P\tY_')
from chosen where chosen.id = course.id and n = 7;
update public.course_teacher set lesson_type_id = 110000113
where id = (select max(id) from public.course_teacher where active = 1);
update public.course_teacher set lesson_type_id = 110000114
where id = (select min(id) from public.course_teacher where active = 1);
update public.students set education_type_id = 110000104 where id = (select max(id) from public.students where active = 1);

-- a new subject whose id ends like that of an old one: the old one is called like its course, the new one like no other
insert into public.subject_catalog (id, subject_name_id, active)
select max(subject_catalog.id) + 500000000000000, 110499101, 1
from public.subject_catalog
inner join public.education_plan_subject on subject_catalog.id = education_plan_subject.subject_id
inner join public.course on education_plan_subject.id = course.education_plan_subject_id and course.active = 1
where subject_catalog.active = 1;
insert into public.education_plan_subject (id, subject_id, code, active)
select 990101050000000001, max(id), 'ZZ-B01', 1 from public.subject_catalog;
update public.course set education_plan_subject_id = 990101050000000001 from chosen where chosen.id = course.id and n = 5;
"""


@pytest.fixture(scope="module")
def proposed(make_project: Callable[..., Databases]) -> dict[str, Any]:
    """What `suggest` says after a run that refused."""
    databases = make_project("new_values")
    with psycopg.connect(databases.edu) as edu:
        edu.execute(CHANGES)  # type: ignore[arg-type]
    databases.edu2lms("run", code=4)
    assert value(databases.lms, "select count(*) from migration.int_sections_scoped where legacy_semester_id = 110000137") == 1
    found: dict[str, Any] = databases.document("mappings", "suggest")
    found["coverage"] = databases.edu2lms("mappings", "coverage").stdout
    found["said"] = databases.edu2lms("mappings", "suggest", "--write").stdout
    found["checked"] = databases.edu2lms("mappings", "check", "--database").stdout
    found["pasted"] = [found_with(databases, item) for item in found["proposals"] if item["confidence"] == "choose"]
    return found


def found_with(databases: Databases, item: dict[str, Any]) -> list[str]:
    """The rules of the errors with one of the lines that are to choose from."""
    path = databases.folder / item["file"]
    before = path.read_bytes()
    try:
        path.write_bytes(before + f"{item['line']}\n".encode())
        return [finding.rule for finding in check_files(databases.folder).errors]
    finally:
        path.write_bytes(before)


def lines(proposed: dict[str, Any], name: str) -> list[tuple[list[str], str]]:
    """Values without the note, and how sure it is."""
    found = [item for item in proposed["proposals"] if item["file"] == f"seeds/{name}.csv"]
    return [(list(item["values"].values())[:-1], item["confidence"]) for item in found]


def test_a_language_is_known_by_its_name_and_an_unknown_one_is_left_to_the_analyst(proposed: dict[str, Any]) -> None:
    found = lines(proposed, "language_mapping")
    assert (["110000068", "ru"], "likely") in found
    assert {confidence for values, confidence in found if values[0] == "110000069"} == {"choose"}


def test_the_small_mappings_are_filled_by_name(proposed: dict[str, Any]) -> None:
    assert (["110000113", "false"], "likely") in lines(proposed, "lesson_type_mapping")
    assert lines(proposed, "study_mode_mapping") == [(["110000104", "part_time"], "likely")]
    (item,) = (item for item in proposed["proposals"] if item["file"] == "seeds/study_mode_mapping.csv")
    assert "without a line it is full_time, as *" in item["evidence"]


def test_a_semester_is_known_by_its_name_but_its_days_are_for_the_analyst(proposed: dict[str, Any]) -> None:
    (item,) = (item for item in proposed["proposals"] if item["file"] == "seeds/term_mapping.csv")
    assert item["values"]["term_type"] == "summer"
    assert item["confidence"] == "choose"
    assert any("academic_terms.csv first" in piece for piece in item["evidence"])
    assert "the sections were made on 20210-09-01" in item["evidence"]
    assert lines(proposed, "academic_terms") == []


def test_a_code_is_known_by_the_dictionary(proposed: dict[str, Any]) -> None:
    assert (["YY", "110000137"], "choose") in lines(proposed, "semester_codes")


def test_what_is_dirty_in_edu_holds_up_nothing(proposed: dict[str, Any]) -> None:
    notes = [item["values"]["note"] for item in proposed["proposals"]]
    assert any("edu calls it Qiyabi (axşam); " in note for note in notes)
    assert any("edu calls it Laboratoriya işi / Laboratory" in note for note in notes)
    assert not any("MÃ" in note for note in notes)
    assert "  - edu calls it MÃ¼hazirÉ™" in proposed["said"].splitlines()
    assert "# seeds/study_mode_mapping.csv: 1 line proposed, 1 written" in proposed["said"].splitlines()
    assert re.search("^# seeds/lesson_type_mapping.csv: . lines proposed, 1 written$", proposed["said"], flags=re.MULTILINE)


def test_every_line_to_choose_can_be_pasted(proposed: dict[str, Any]) -> None:
    assert len(proposed["pasted"]) > 4
    # the evidence names the lines to write first: a summer of the calendar, then what leads to it
    assert {rule for rules in proposed["pasted"] for rule in rules} <= {"unknown_reference"}


def test_a_code_that_mixes_alphabets_may_be_entered_and_one_with_a_tab_is_for_edu(proposed: dict[str, Any]) -> None:
    mixed = [item for item in proposed["proposals"] if item["values"].get("code_semester") == "РY"]
    assert {item["values"]["legacy_semester_id"] for item in mixed} >= {"110000135", "110000136"}
    assert all(item["values"]["note"].endswith("letters are exact") for item in mixed)
    (item,) = (item for item in proposed["unsolved"] if "code_semester" in item["what"])
    assert "a tab stands inside the value" in item["what"]
    assert (item["rows"], item["repair"]) == (1, "correct the value in edu")


def test_a_subject_keeps_the_course_with_its_name_and_the_other_gets_a_code_of_its_own(proposed: dict[str, Any]) -> None:
    found = [item for item in proposed["proposals"] if item["file"] == "seeds/course_mapping.csv"]
    new = [item for item in found if item["values"]["legacy_plan_subject_id"] == "990101050000000001"]
    old = [item for item in found if item not in new]
    assert len({item["values"]["course_code"] for item in new}) == 1
    assert all(item["values"]["course_code"].startswith("SUBJ") and len(item["values"]["course_code"]) > 9 for item in new)
    assert {item["confidence"] for item in found} == {"likely"}
    assert len({item["values"]["course_code"] for item in old}) == 1
    assert all("the live course with this name" in item["evidence"] for item in old)


def test_people_read_the_lines_under_their_evidence(proposed: dict[str, Any]) -> None:
    said = proposed["said"].splitlines()
    (item,) = (item for item in proposed["proposals"] if item["values"].get("legacy_lesson_type_id") == "110000113")
    place = said.index(item["line"])
    assert said[place - len(item["evidence"]) - 1] == "legacy_lesson_type_id 110000113 (1 row of course_teacher, written):"
    assert said[place - len(item["evidence"]) : place] == [f"  - {piece}" for piece in item["evidence"]]
    assert "legacy_language_id 110000069 (1 section, choose one):" in said


def test_people_read_what_each_line_decides(proposed: dict[str, Any]) -> None:
    assert "seeds/term_mapping.csv: legacy_education_year" in proposed["coverage"]
    assert "1 section, decided by no line" in proposed["coverage"]
    assert "decided by the line *" in proposed["coverage"]
    assert " 0 errors, " in proposed["checked"]
