"""`edu2lms mappings suggest`: a line for everything that is unmapped or ambiguous, with the evidence for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from loader.config import Settings
from loader.connection import connected
from loader.mappings.check import read_all, require_sound
from loader.mappings.coverage import require_models
from loader.mappings.evidence import readable
from loader.mappings.fit import fitting
from loader.mappings.proposals import Situation
from loader.mappings.results import Confidence, Proposal, Suggestions, Unsolved
from loader.mappings.rules import read_rules
from loader.mappings.suggest_courses import suggest_courses
from loader.mappings.suggest_offerings import suggest_offerings
from loader.mappings.suggest_terms import suggest_semester_codes, suggest_terms
from loader.mappings.suggest_values import suggest_values
from loader.mappings.write import add_lines, read_contents
from loader.plan import rows

_LISTED = 5


def suggest(settings: Settings, root: Path, *, write: bool = False) -> Suggestions:
    """Propose lines for what the last run found unmapped or ambiguous.

    Args:
        settings: where lms is.
        root: the project's folder.
        write: add the likely lines to the files.

    Raises:
        SeedsRefusedError: the files have errors; they are corrected first.
        NotRunError: nothing has been run yet.
    """
    require_sound(root)
    with connected(settings, "lms", settings.lms) as lms:
        require_models(lms)
        situation = Situation(lms, read_all(root))
        found = (
            *suggest_semester_codes(situation),
            *suggest_terms(situation),
            *suggest_courses(situation),
            *suggest_values(situation),
            *suggest_offerings(situation),
        )
        unsolved = [
            Unsolved(item["what"], item["row_count"], "sections", item["repair"])
            for item in rows(lms, "mappings/unsolved")
            if item["row_count"]
        ]
    unsolved += _without_proposal(situation, found)
    rules = read_rules(root)
    proposals, unfit = fitting(rules, read_contents(root, rules), found)
    result = Suggestions(tuple(sorted(proposals, key=_order)), (*unsolved, *unfit))
    if write:
        likely = [proposal for proposal in result.proposals if proposal.confidence is Confidence.LIKELY]
        return replace(result, written=add_lines(root, rules, likely))
    return result


def _order(proposal: Proposal) -> tuple[str, int, str, str]:
    return proposal.file, -proposal.rows, proposal.question, proposal.line


def _without_proposal(situation: Situation, proposals: tuple[Proposal, ...]) -> list[Unsolved]:
    """Values that want a line, and nothing is known that could stand in it."""
    found = []
    for seed, file in situation.files.items():
        key = file.rule.key
        proposed = {tuple(item.values[column] for column in key) for item in proposals if item.file == file.rule.file}
        left = [demand for demand in situation.missing(seed) if demand.key not in proposed and seed != "offering_overrides"]
        if not left:
            continue
        values = ", ".join(" ".join(demand.key) for demand in left[:_LISTED]) + (" …" if len(left) > _LISTED else "")
        what = readable(f"no candidate is known for {', '.join(key)} {values}")
        rows_left = sum(demand.rows for demand in left)
        found.append(Unsolved(what, rows_left, left[0].unit, f"write the lines of {file.rule.file} by hand"))
    return found
