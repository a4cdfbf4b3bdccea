"""Random small universities with random damage, migrated for real and judged by an oracle written from the rules.

Each is first offered with max_rejected 0 (then nothing may be written if a row has to stay behind), then published, judged, and
published once more (then nothing may be written at all).
"""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from dataclasses import replace

import pytest
import strategies
from hypothesis import HealthCheck, Phase, given, settings
from laboratory import Laboratory
from oracle import Oracle
from shrink import reduced
from university import University

# No shrinking by hypothesis: a failing example is made smaller row by row (shrink.py), which takes a tenth of the migrations.
settings.register_profile(
    "universities",
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
UNIVERSITIES = settings.get_profile("universities")


def few(number: int) -> settings:
    """Settings for so many universities."""
    return settings(UNIVERSITIES, max_examples=number)


@few(12)
@given(university=strategies.universities())
def test_a_university_is_migrated_as_the_rules_say(laboratory: Laboratory, university: University) -> None:
    laboratory.check(university)


@few(8)
@given(university=strategies.universities())
def test_a_university_is_migrated_as_the_rules_say_with_one_row_per_section(
    laboratory: Laboratory, university: University
) -> None:
    laboratory.check(university, "section")


@pytest.mark.nightly
@pytest.mark.parametrize("decisions", ["journal", "section", "journal_no_courses", "section_and_courses"])
def test_many_universities_are_migrated_as_the_rules_say(laboratory: Laboratory, decisions: str) -> None:
    @few(70)
    @given(university=strategies.universities(size=2))
    def check(university: University) -> None:
        laboratory.check(university, decisions)

    check()


# ── what stands behind the judgement ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_universities_hold_every_outcome_and_every_reason() -> None:
    seen: Counter[str] = Counter()

    @few(300)
    @given(university=strategies.universities())
    def look(university: University) -> None:
        for verdicts in Oracle(university).verdicts().values():
            for verdict in verdicts.values():
                seen.update({verdict.outcome, *verdict.reasons})
        for rows in university.edu.values():
            seen["duplicate_legacy_id"] += len({row["id"] for row in rows}) < len(rows)

    look()
    wanted = {
        "matched", "inserted", "rejected", "out_of_scope", "inactive", "missing_student", "missing_section", "missing_exam",
        "missing_person", "unmapped_subject", "unmapped_term", "unmapped_language", "ambiguous_match", "duplicate_legacy_id",
    }  # fmt: skip
    assert not wanted - {name for name, number in seen.items() if number}


def test_few_universities_are_beyond_the_rules() -> None:
    beyond: Counter[bool] = Counter()

    @few(200)
    @given(university=strategies.universities())
    def look(university: University) -> None:
        beyond[bool(Oracle(university).unclear())] += 1

    look()
    assert beyond[True] < 0.15 * beyond.total()


def test_a_failing_university_is_made_small() -> None:
    university = University()
    for number in range(20):
        university.add("persons", id=number, firstname="Əli" if number == 13 else "Aysel", pincode="PIN")
        university.add("accounts", id=number, person_id=number)

    def fails(candidate: University) -> bool:
        return any(row["firstname"] == "Əli" for row in candidate.edu.get("persons", []))

    small = reduced(deepcopy(university), fails)
    assert small.edu == {"persons": [{"active": 1, "id": 13, "firstname": "Əli", "pincode": None}], "accounts": []}
    assert replace(small, edu={}) == replace(university, edu={})
