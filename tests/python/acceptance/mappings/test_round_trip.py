"""As an analyst would do it: a run refuses, `suggest --write`, an edit by hand, `check`, a run. Nobody repairs the rest."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from databases import Databases, rows, value

from loader.mappings.coverage import MODELS

EXPECTED = "select entity, reason, n from demo.demo_expected_rejects"
# What a line repairs, and with the sections what hangs on them: two sections of a year without a term, two whose
# subjects collide, and four candidates of two offerings.
REPAIRED = {
    ("courses", "ambiguous_match"): 2,
    ("course_offerings", "unmapped_term"): 2,
    ("course_offerings", "unmapped_subject"): 2,
    ("course_offerings", "ambiguous_match"): 4,
    ("course_enrollments", "missing_section"): 4 * 3 * 2 + 4 * 10,
}


@dataclass
class Trip:
    """What each step said."""

    databases: Databases
    original: dict[str, bytes] = field(repr=False)
    written: dict[str, bytes] = field(repr=False)
    first: dict[str, Any] = field(repr=False)
    second: dict[str, Any] = field(repr=False)
    coverage_before: dict[str, Any] = field(repr=False)
    broken_run: str
    loads: tuple[int, int]
    checked: dict[str, Any] = field(repr=False)
    run: dict[str, Any] = field(repr=False)
    rejects: Counter[tuple[str, str]]
    coverage: dict[str, Any] = field(repr=False)
    last: dict[str, Any] = field(repr=False)

    def proposals(self, name: str, document: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Those for one file."""
        found = (document or self.first)["proposals"]
        return [proposal for proposal in found if proposal["file"] == f"seeds/{name}.csv"]


def seed_files(project: Path) -> dict[str, bytes]:
    """Content by name."""
    return {path.stem: path.read_bytes() for path in sorted((project / "seeds").glob("*.csv"))}


@pytest.fixture(scope="module")
def trip(make_project: Callable[..., Databases]) -> Trip:
    """The whole way."""
    databases = make_project("analyst", damaged=True)
    original = seed_files(databases.folder)
    said = databases.edu2lms("run", "--publish", code=4).stderr
    assert "edu2lms mappings suggest" in " ".join(said.split())
    coverage_before = databases.document("mappings", "coverage")
    first = databases.document("mappings", "suggest", "--write")
    written = seed_files(databases.folder)
    second = databases.document("mappings", "suggest", "--write")

    # by hand: first with a slip, as a spreadsheet makes it
    overrides = databases.folder / "seeds" / "offering_overrides.csv"
    choice = next(proposal for proposal in second["proposals"] if proposal["confidence"] == "choose")
    with overrides.open("a", encoding="utf-8") as file:
        file.write(choice["line"].replace(choice["values"]["legacy_course_id"], "2.20912E+17") + "\n")
    before = value(databases.lms, "select count(*) from ledger.table_loads")
    broken_run = databases.edu2lms("run", "--publish", code=4).stderr
    loads = (before, value(databases.lms, "select count(*) from ledger.table_loads"))
    databases.document("mappings", "check", code=1)
    text = overrides.read_text(encoding="utf-8").replace("2.20912E+17", choice["values"]["legacy_course_id"])
    overrides.write_text(text, encoding="utf-8")

    checked = databases.document("mappings", "check", "--database")
    run = databases.document("run", "--publish", "--vars", "{max_rejected: 1000}")
    rejects = Counter((reject["entity"], reject["reason"]) for reject in databases.document("status", "--rejects"))
    coverage = databases.document("mappings", "coverage")
    last = databases.document("mappings", "suggest")
    return Trip(
        databases, original, written, first, second, coverage_before, broken_run, loads, checked, run, rejects, coverage, last
    )


def test_suggest_writes_the_lines_that_the_evidence_is_clear_about(trip: Trip) -> None:
    assert trip.first["written"] == {
        "seeds/academic_terms.csv": 1,
        "seeds/course_mapping.csv": 2,
        "seeds/offering_overrides.csv": 1,
        "seeds/term_mapping.csv": 1,
    }
    changed = {name for name, data in trip.written.items() if data != trip.original[name]}
    assert {f"seeds/{name}.csv" for name in changed} == set(trip.first["written"])


def test_every_line_that_was_there_is_still_there_and_the_others_are_the_proposed_ones(trip: Trip) -> None:
    for name, data in trip.written.items():
        before, after = trip.original[name].splitlines(), data.splitlines()
        left = [line for line in after if line in before]
        assert left == before
        added = [line.decode() for line in after if line not in before]
        likely = [proposal["line"] for proposal in trip.proposals(name) if proposal["confidence"] == "likely"]
        assert sorted(added) == sorted(likely)


def test_a_second_suggest_writes_nothing(trip: Trip) -> None:
    assert trip.second["written"] == {}
    assert {proposal["confidence"] for proposal in trip.second["proposals"]} == {"choose"}


def test_the_term_of_an_unknown_year_is_proposed_with_its_evidence(trip: Trip) -> None:
    (term,) = trip.proposals("academic_terms")
    assert {**term["values"], "note": ""} == {
        "academic_year": "2008-2009", "term_type": "fall", "term_number": "1", "start_date": "2008-09-15",
        "end_date": "2009-01-31", "note": "",
    }  # fmt: skip
    assert "days as in 11 other fall terms" in term["evidence"]
    (mapping,) = trip.proposals("term_mapping")
    assert (mapping["values"]["academic_year"], mapping["values"]["term_type"]) == ("2008-2009", "fall")
    assert (mapping["rows"], mapping["unit"]) == (2, "sections")
    assert mapping["evidence"][:2] == ["12 journal rows depend on them", "110000135 is fall in 10 other lines"]
    assert "closest to 2022-2023 fall" in mapping["evidence"][2]
    assert mapping["values"]["note"].startswith("suggested: 2 sections; 12 journal rows depend on them")


def test_subjects_that_collide_get_codes_of_their_own(trip: Trip) -> None:
    proposals = trip.proposals("course_mapping")
    assert {proposal["values"]["course_code"] for proposal in proposals} == {"SUBJ00000", "SUBJ200000"}
    assert all("Colliding subject" in " ".join(proposal["evidence"]) for proposal in proposals)


def test_offerings_are_proposed_with_their_rosters(trip: Trip) -> None:
    half = [proposal for proposal in trip.proposals("offering_overrides") if proposal["confidence"] == "likely"]
    assert [proposal["evidence"][0] for proposal in half] == ["6 of 10 live students are in it, of its 10"]
    assert "with 4 of 10" in half[0]["evidence"][-1]
    tied = [proposal for proposal in trip.proposals("offering_overrides") if proposal["confidence"] == "choose"]
    assert len(tied) == 2
    assert len({proposal["question"] for proposal in tied}) == 1
    assert all(proposal["evidence"][0].startswith("10 of 10") for proposal in tied)


def test_what_no_line_repairs_is_listed(trip: Trip) -> None:
    assert Counter({item["what"].split(",")[0]: item["rows"] for item in trip.last["unsolved"]}) == {
        "sections without year or semester": 2,
        "sections whose plan subject is empty or does not exist in edu": 4,
        "sections without a language": 1,
    }
    assert trip.last["proposals"] == []


def test_a_run_with_a_broken_file_loads_nothing_and_names_the_line(trip: Trip) -> None:
    assert "seeds/offering_overrides.csv:15: legacy_course_id: '2.20912E+17'" in " ".join(trip.broken_run.split())
    assert trip.loads[0] == trip.loads[1]


def test_the_edited_files_pass_the_check_against_both_databases(trip: Trip) -> None:
    assert trip.checked["ok"] is True
    assert trip.checked["notes"] == []
    assert [finding for finding in trip.checked["findings"] if finding["severity"] == "error"] == []


def test_the_rejects_fall_to_those_that_no_file_repairs(trip: Trip) -> None:
    expected = Counter({(entity, reason): n for entity, reason, n in rows(trip.databases.edu, EXPECTED)})
    assert trip.rejects == expected - Counter(REPAIRED)
    assert trip.run["tests"]["parity_passed"] == 13


def test_the_decided_offerings_got_the_sections_of_the_lines(trip: Trip) -> None:
    with (trip.databases.folder / "seeds" / "offering_overrides.csv").open(encoding="utf-8", newline="") as file:
        lines = {line["live_offering_id"]: int(line["legacy_course_id"]) for line in csv.DictReader(file)}
    there = dict(rows(trip.databases.lms, "select id::text, old_course_id from course_offerings where old_course_id is not null"))
    assert {offering: there.get(offering) for offering in lines} == lines


def test_coverage_counts_what_each_line_decides(trip: Trip) -> None:
    unmapped = {(item["file"], *item["key"].values()): item["rows"] for item in trip.coverage_before["unmapped"]}
    assert unmapped["seeds/term_mapping.csv", "2008/2009", "110000135"] == 2
    lines = {(item["file"], *item["key"].values()): item for item in trip.coverage["lines"]}
    assert lines["seeds/term_mapping.csv", "2008/2009", "110000135"]["rows"] == 2
    assert lines["seeds/academic_terms.csv", "2008-2009", "fall"]["rows"] == 2
    languages = sum(item["rows"] for item in trip.coverage["lines"] if item["file"] == "seeds/language_mapping.csv")
    assert languages == value(trip.databases.edu, "select count(distinct id) from course where education_lang_id is not null")
    assert trip.coverage["unmapped"] == []


def test_an_unknown_id_and_an_unused_line_are_found_with_the_databases(trip: Trip) -> None:
    project = trip.databases.folder
    path = project / "seeds" / "language_mapping.csv"
    before = path.read_bytes()
    try:
        path.write_bytes(before + b"110000999,en,\n110000111,en,\n")
        found = trip.databases.document("mappings", "check", "--database", code=1)["findings"]
        assert [
            (item["line"], item["rule"], item["severity"]) for item in found if item["file"].endswith("language_mapping.csv")
        ] == [
            (5, "unknown_id", "error"),
            (5, "unused_line", "warning"),
            (6, "unused_line", "warning"),
        ]
    finally:
        path.write_bytes(before)


def test_a_value_that_no_database_can_hold_is_not_looked_up(trip: Trip) -> None:
    path = trip.databases.folder / "seeds" / "language_mapping.csv"
    before = path.read_bytes()
    try:
        path.write_bytes(before + b"1100\x0000999,en,\n")
        found = trip.databases.document("mappings", "check", "--database", code=1)["findings"]
        assert {item["rule"] for item in found if item["severity"] == "error"} == {"control_character", "legacy_id"}
    finally:
        path.write_bytes(before)


def test_the_models_that_are_asked_exist(trip: Trip) -> None:
    there = {
        name
        for (name,) in rows(
            trip.databases.lms, "select relname::text from pg_class where relnamespace = 'migration'::regnamespace"
        )
    }
    assert set(MODELS) <= there
