"""Proposals for live offerings whose roster names no winner, each candidate with its share of the roster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from loader.mappings.proposals import Situation, propose
from loader.mappings.results import Confidence, Proposal
from loader.plan import rows

_AT_LEAST = 0.5
_MARGIN = 0.2


def suggest_offerings(situation: Situation) -> Iterator[Proposal]:
    """Lines of offering_overrides.csv.

    A section is proposed alone when it holds half of the live students or more, the next one clearly fewer, and no other offering
    is nearest to it; else all candidates are, to choose from.
    """
    file = situation.files["offering_overrides"]
    decided = {line.values.get("live_offering_id", "") for line in file.lines}
    given = {line.values.get("legacy_course_id", "") for line in file.lines}
    candidates: dict[str, list[dict[str, Any]]] = {}
    for found in rows(situation.lms, "mappings/offering_candidates"):
        if found["live_offering_id"] not in decided and found["legacy_course_id"] not in given:
            candidates.setdefault(found["live_offering_id"], []).append(found)
    wanted = Counter(listed[0]["legacy_course_id"] for listed in candidates.values())
    for offering, listed in candidates.items():
        first, runner_up = listed[0], listed[1]["overlap"] if len(listed) > 1 else 0.0
        clear = first["is_open"] and wanted[first["legacy_course_id"]] == 1
        clear = clear and first["overlap"] >= _AT_LEAST and round(first["overlap"] - runner_up, 4) >= _MARGIN
        for candidate in listed[:1] if clear else [found for found in listed if found["is_open"]]:
            others = [other for other in listed if other is not candidate]
            evidence = [_roster(candidate), f"{candidate['journal_rows']:,} journal rows move with it", _codes(candidate)]
            if others:
                evidence.append("others: " + ", ".join(f"{other['legacy_course_id']} with {_share(other)}" for other in others))
            yield propose(
                file,
                {"live_offering_id": offering, "legacy_course_id": candidate["legacy_course_id"]},
                confidence=Confidence.LIKELY if clear else Confidence.CHOOSE,
                rows=1,
                unit="offerings",
                evidence=evidence,
                question=f"the section of live offering {offering} (an empty legacy_course_id: it is the application's own)",
            )


def _share(candidate: dict[str, Any]) -> str:
    return f"{candidate['shared_students']} of {candidate['roster_size']}"


def _roster(candidate: dict[str, Any]) -> str:
    if not candidate["roster_size"]:
        return "the live offering has no students"
    return f"{_share(candidate)} live students are in it, of its {candidate['students']}"


def _codes(candidate: dict[str, Any]) -> str:
    return f"code {candidate['legacy_code']}, in lms {candidate['live_code']}"
