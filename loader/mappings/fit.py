"""Which of the proposed lines can stand in the files: one that `check` would refuse must not hold up the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from loader.mappings.check import check_contents
from loader.mappings.files import read_bytes
from loader.mappings.proposals import as_line
from loader.mappings.results import Confidence, Proposal, SeedFinding, Severity, Unsolved
from loader.mappings.rules import SeedRule
from loader.mappings.tables import check_lines
from loader.mappings.write import with_lines


def fitting(
    rules: Sequence[SeedRule], contents: Mapping[str, bytes], proposals: Iterable[Proposal]
) -> tuple[list[Proposal], list[Unsolved]]:
    """Part the proposals into lines that pass the check, the likely ones all together, and what keeps the others out, named once.

    Args:
        rules: of all seeds, a file before those that refer to it.
        contents: by name of the seed, without errors.
        proposals: likely ones and some to choose from.
    """
    by_file = {rule.file: rule for rule in rules}
    sound: list[Proposal] = []
    refused: dict[str, Unsolved] = {}
    for proposal in proposals:
        rule = by_file[proposal.file]
        if (problem := _own_problem(rule, proposal)) is None:
            sound.append(proposal)
        else:
            _refuse(refused, proposal, problem, _who_repairs(rule, problem))
    places = {rule.file: place for place, rule in enumerate(rules)}
    likely = sorted((item for item in sound if item.confidence is Confidence.LIKELY), key=lambda item: places[item.file])
    kept = _together(rules, contents, [], likely, refused)
    return [item for item in sound if item.confidence is not Confidence.LIKELY] + kept, list(refused.values())


def _own_problem(rule: SeedRule, proposal: Proposal) -> SeedFinding | None:
    """The first error of a line for itself, whatever else stands in the files."""
    file = read_bytes(rule, f"{as_line(proposal.values)}\n{proposal.line}\n".encode())
    check_lines(file)
    errors = (item for item in file.findings if item.severity is Severity.ERROR)
    return next((item for item in errors if item.line is not None and item.line > 1), None)  # others name lines that are missing


def _together(
    rules: Sequence[SeedRule],
    contents: Mapping[str, bytes],
    accepted: list[Proposal],
    candidates: list[Proposal],
    refused: dict[str, Unsolved],
) -> list[Proposal]:
    """The accepted ones and as many candidates as the files stay sound with, found by halves: errors are few."""
    if not candidates:
        return accepted
    errors = check_contents(rules, with_lines(rules, contents, [*accepted, *candidates])).errors
    if not errors:
        return [*accepted, *candidates]
    if len(candidates) == 1:
        _refuse(refused, candidates[0], errors[0], f"write the line of {candidates[0].file} by hand, as it should be")
        return accepted
    half = len(candidates) // 2
    accepted = _together(rules, contents, accepted, candidates[:half], refused)
    return _together(rules, contents, accepted, candidates[half:], refused)


def _refuse(refused: dict[str, Unsolved], proposal: Proposal, problem: SeedFinding, repair: str) -> None:
    value = "" if problem.value is None else f" {problem.value!r}"
    what = f"{proposal.question}: `check` would refuse the line for its {problem.column or 'form'}{value}: {problem.message}"
    refused.setdefault(what, Unsolved(what, proposal.rows, proposal.unit, repair))


def _who_repairs(rule: SeedRule, problem: SeedFinding) -> str:
    """A value that comes from a database is corrected there; a line with another one would lead to nothing."""
    column = next((column for column in rule.columns if column.name == problem.column), None)
    if column is not None and column.refers_to:
        return f"correct the value in {column.refers_to[0]}"
    if column is not None and column.name in rule.key:
        return "correct the value in edu"
    return f"write the line of {rule.file} by hand, as it should be"
