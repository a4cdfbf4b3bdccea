"""One experiment: a university is filled in, migrated, judged, and migrated once more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import judge
import psycopg
from migrate import BrokenNodeError, Migration, Outcome, Recording
from oracle import Oracle
from shrink import reduced
from university import University

# The vars under which universities are migrated; the first are the defaults, with which dbt is recorded.
DECISIONS: dict[str, dict[str, Any]] = {
    "journal": {"enrollment_grain": "journal", "create_missing_courses": True},
    "section": {"enrollment_grain": "section", "create_missing_courses": False},
    "journal_no_courses": {"enrollment_grain": "journal", "create_missing_courses": False},
    "section_and_courses": {"enrollment_grain": "section", "create_missing_courses": True},
}


@dataclass(repr=False)
class Laboratory:
    """Databases, and the recorded build at each of the decisions."""

    migration: Migration
    recording: Recording
    compiled: Callable[[str], Recording]
    reports: dict[tuple[str, str], str] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)

    def recording_of(self, decisions: str) -> Recording:
        """The build under these decisions."""
        if decisions not in self.recordings:
            self.recordings[decisions] = self.recording if decisions == "journal" else self.compiled(decisions)
        return self.recordings[decisions]

    def oracle(self, university: University, decisions: str = "journal") -> Oracle:
        """Its judge."""
        chosen = DECISIONS[decisions]
        return Oracle(university, grain=chosen["enrollment_grain"], create_missing=chosen["create_missing_courses"])

    def complaints(self, university: University, decisions: str = "journal") -> list[str]:
        """Migrates a university and says everything that is wrong with the result."""
        migration, oracle = self.migration, self.oracle(university, decisions)
        migration.fill(university)
        migration.load()
        before = judge.Snapshot(migration)
        try:
            first = self.build(university, decisions, max_rejected=0)
            found = _said(first, may_refuse=True)
            rejects = judge.Findings(migration).most_rejects()
            if first.is_published != (rejects == 0):
                found.append(f"{rejects} rejects of one entity, none accepted, and published is {first.is_published}")
            if not first.is_published:
                found += [f"refused, and yet: {said}" for said in judge.nothing_written(before, judge.Snapshot(migration))]
                found += _said(self.build(university, decisions, max_rejected=rejects), may_refuse=False)
            after, findings = judge.Snapshot(migration), judge.Findings(migration)
            found += judge.accounting(university, findings, before, after)
            found += judge.application_untouched(before, after) + judge.constraints_hold(migration, after)
            if not oracle.unclear():
                found += judge.agrees(oracle, findings, after)
                # the logins can only be judged where everybody is who they should be
                if not found:
                    found += judge.people_agree(oracle, findings, before, after)
                    found += judge.instructors_agree(oracle, findings, before, after)
            found += _said(self.build(university, decisions, max_rejected=rejects, batch="second"), may_refuse=False)
            found += [f"the second time: {said}" for said in judge.nothing_written(after, judge.Snapshot(migration))]
        except BrokenNodeError as error:
            return [str(error)]
        return found

    def check(self, university: University, decisions: str = "journal") -> None:
        """Raises for what is wrong, with the smallest university that shows the first of it."""
        key = decisions, repr(university)
        if key not in self.reports:
            found = self.complaints(university, decisions)
            self.reports[key] = self._report(university, decisions, found) if found else ""
        assert not self.reports[key], self.reports[key]

    def _report(self, university: University, decisions: str, found: list[str]) -> str:
        kind = _kind(found[0])

        def fails(candidate: University) -> bool:
            try:
                return kind in map(_kind, self.complaints(candidate, decisions))
            except psycopg.Error:  # what is left cannot be filled in
                return False

        small = reduced(university, fails)
        lines = [
            *found[:10],
            "",
            f"The first of them, at decisions {decisions!r}, with less:",
            *self.complaints(small, decisions)[:5],
        ]
        return "\n".join([*lines, repr(small)])

    def build(self, university: University, decisions: str, *, max_rejected: int, batch: str = "first") -> Outcome:
        """One build of what is loaded."""
        recording, day = self.recording_of(decisions), str(university.as_of_date)
        return self.migration.build(recording, as_of_date=day, max_rejected=max_rejected, batch=batch)


def _kind(complaint: str) -> str:
    """A complaint without the ids in it."""
    return " ".join(word for word in complaint.split()[:9] if not any(sign.isdigit() for sign in word))


def _said(outcome: Outcome, *, may_refuse: bool) -> list[str]:
    """The tests of dbt that failed. They guard the migration, and a false alarm is a defect, too."""
    found = [f"dbt test {name} fails on {number} rows" for name, number in outcome.failed.items()]
    return found + ([] if may_refuse else [f"dbt test {name} refuses {number} rows" for name, number in outcome.refused.items()])
