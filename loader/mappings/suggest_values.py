"""Proposals for the small mappings: languages, genders, study modes, lesson types … by the names in edu's dictionaries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from loader.mappings.evidence import described
from loader.mappings.names import Alike, alike, names_of, stands_out, words
from loader.mappings.proposals import Situation, propose
from loader.mappings.results import Confidence, Proposal

VALUE_OF = {
    "language_mapping": "language",
    "gender_mapping": "gender",
    "study_mode_mapping": "study_mode",
    "funding_type_mapping": "funding_type",
    "employment_type_mapping": "employment_type",
    "lesson_type_mapping": "is_lecture",
    "submission_status_mapping": "submission_status",
}


def suggest_values(situation: Situation) -> Iterator[Proposal]:
    """One line for each value without a line, or several to choose from."""
    for seed, column in VALUE_OF.items():
        file = situation.files[seed]
        default = next((line.values.get(column, "") for line in file.lines if line.values.get(file.rule.key[0]) == "*"), None)
        for demand in situation.missing(seed):
            key = file.rule.key[0]
            names = names_of(demand.row)
            found = alike(names, _candidates(situation, seed, column), within=True)
            known = [f"edu calls it {described(names)}"]
            if default is not None:
                known.append(f"without a line it is {default}, as *")
            question = f"{key} {demand.key[0]}"
            chosen = found[:1] if stands_out(found) else (found or _any_value(file.rule.column(column).values))
            for candidate in chosen:
                score = f"like {candidate.name} ({candidate.score:g} of 100)" if candidate.name else "nothing is known of it"
                yield propose(
                    file,
                    {key: demand.key[0], column: candidate.candidate},
                    confidence=Confidence.LIKELY if stands_out(found) else Confidence.CHOOSE,
                    rows=demand.rows,
                    unit=demand.unit,
                    evidence=[*known, score],
                    question=question,
                )


def _any_value(values: tuple[str, ...]) -> list[Alike]:
    return [Alike(value, 0, "") for value in values]


def _candidates(situation: Situation, seed: str, column: str) -> Mapping[str, list[str]]:
    """Names by value: the known words, and the names of what is mapped to the value already."""
    result = {value: list(names) for value, names in words(seed).items()}
    file = situation.files[seed]
    mapped = {line.values.get(file.rule.key[0], ""): line.values.get(column, "") for line in file.lines}
    for demand in situation.asked[seed]:
        if demand.key[0] in mapped:
            result.setdefault(mapped[demand.key[0]], []).extend(names_of(demand.row))
    return result
