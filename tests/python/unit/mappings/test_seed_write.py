"""Lines are added where they belong, everything else stays as it is, and a file changes at once or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from seed_files import ROOT, Seeds

from loader.errors import SeedChangedError
from loader.mappings import write
from loader.mappings.files import read_file
from loader.mappings.proposals import propose
from loader.mappings.results import Confidence, Proposal
from loader.mappings.rules import read_rules

RULES = {rule.name: rule for rule in read_rules(ROOT)}


def proposal(seeds: Seeds, name: str, **values: str) -> Proposal:
    """A line with its evidence in the note."""
    file = read_file(seeds.root, RULES[name])
    evidence = ['called "Test", by others, too']
    return propose(file, values, confidence=Confidence.LIKELY, rows=2, unit="sections", evidence=evidence, question="?")


def add(seeds: Seeds, *proposals: Proposal) -> dict[str, int]:
    """Write them."""
    return write.add_lines(seeds.root, tuple(RULES.values()), proposals)


def test_a_line_goes_where_the_key_belongs_and_the_others_stay(seeds: Seeds) -> None:
    before = seeds.path("study_mode_mapping").read_text(encoding="utf-8").splitlines()
    new = proposal(seeds, "study_mode_mapping", legacy_education_type_id="110000104", study_mode="hybrid")
    assert add(seeds, new) == {"seeds/study_mode_mapping.csv": 1}
    after = seeds.path("study_mode_mapping").read_text(encoding="utf-8").splitlines()
    assert after == [*before[:4], new.line, before[4]]
    assert after[-1].startswith("*,")
    assert new.line.endswith('"suggested: 2 sections; called ""Test"", by others, too"')
    assert seeds.check().findings == ()


def test_the_order_of_a_file_is_its_own(seeds: Seeds) -> None:
    new = proposal(
        seeds,
        "offering_overrides",
        live_offering_id="00000000-0000-4000-8000-000000000001",
        legacy_course_id="220914070000000001",
    )
    add(seeds, new)
    lines = seeds.path("offering_overrides").read_text(encoding="utf-8").splitlines()
    assert lines.index(new.line) == 7  # behind 220911…, before 230901…, whatever the id of the offering is


def test_several_lines_go_in_order_also_at_the_end_of_a_file_without_a_last_line_end(seeds: Seeds) -> None:
    seeds.path("language_mapping").write_text(
        seeds.path("language_mapping").read_text(encoding="utf-8").rstrip("\n"), encoding="utf-8"
    )
    second = proposal(seeds, "language_mapping", legacy_language_id="110000069", language="ru")
    first = proposal(seeds, "language_mapping", legacy_language_id="110000068", language="en")
    add(seeds, second, first)
    assert seeds.path("language_mapping").read_text(encoding="utf-8").splitlines()[-2:] == [first.line, second.line]


def test_the_line_ends_of_the_file_are_kept(seeds: Seeds) -> None:
    path = seeds.path("language_mapping")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    add(seeds, proposal(seeds, "language_mapping", legacy_language_id="110000068", language="en"))
    data = path.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n") == 5


def test_nothing_to_add_changes_nothing(seeds: Seeds) -> None:
    before = seeds.path("language_mapping").stat()
    assert add(seeds) == {}
    assert seeds.path("language_mapping").stat().st_mtime_ns == before.st_mtime_ns


def test_a_line_that_would_be_wrong_is_not_written(seeds: Seeds) -> None:
    before = {path: path.read_bytes() for path in (seeds.root / "seeds").glob("*.csv")}
    good = proposal(seeds, "language_mapping", legacy_language_id="110000068", language="en")
    with pytest.raises(SeedChangedError, match="duplicate") as caught:
        add(seeds, good, proposal(seeds, "gender_mapping", legacy_gender_id="1", gender="female"))
    assert "by hand" in caught.value.fix
    assert {path: path.read_bytes() for path in before} == before


def test_a_file_with_errors_is_not_touched(seeds: Seeds) -> None:
    seeds.replace("language_mapping", "110000065", "1.1E+08")
    with pytest.raises(SeedChangedError, match="scientific_notation"):
        add(seeds, proposal(seeds, "gender_mapping", legacy_gender_id="3", gender="other"))


def test_a_write_that_breaks_off_leaves_the_old_file_and_no_other(seeds: Seeds, monkeypatch: pytest.MonkeyPatch) -> None:
    before = seeds.path("language_mapping").read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        add(seeds, proposal(seeds, "language_mapping", legacy_language_id="110000068", language="en"))
    assert seeds.path("language_mapping").read_bytes() == before
    assert [path for path in Path(seeds.root / "seeds").iterdir() if path.name.startswith(".")] == []


def test_a_written_file_keeps_its_rights(seeds: Seeds) -> None:
    seeds.path("language_mapping").chmod(0o664)
    add(seeds, proposal(seeds, "language_mapping", legacy_language_id="110000068", language="en"))
    assert seeds.path("language_mapping").stat().st_mode & 0o777 == 0o664


def test_an_id_that_ends_with_zeros_is_called_exact(seeds: Seeds) -> None:
    new = proposal(seeds, "course_mapping", legacy_plan_subject_id="130101050000000000", course_code="SUBJ00001")
    add(seeds, new)
    assert seeds.check().findings == ()
