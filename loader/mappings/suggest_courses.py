"""Proposals for plan subjects that lead to no one course: live courses by name in az, en and ru, or a code of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from loader.mappings.coverage import Demand
from loader.mappings.evidence import described
from loader.mappings.names import Alike, alike, names_of, stands_out
from loader.mappings.proposals import Situation, propose
from loader.mappings.results import Confidence, Proposal
from loader.plan import rows

_WORTH_A_LOOK = 75.0


@dataclass
class _Subject:
    """A subject and the plan subjects of it that sections use."""

    legacy_id: str
    demands: list[Demand] = field(default_factory=list)
    names: tuple[str, ...] = ()
    alike: list[Alike] = field(default_factory=list)


def suggest_courses(situation: Situation) -> Iterator[Proposal]:
    """Lines of course_mapping.csv: one for each plan subject, the same for all of one subject."""
    names = {found["code"]: names_of(found) for found in rows(situation.lms, "mappings/courses")}
    taken = set(names) | {line.values.get("course_code", "") for line in situation.files["course_mapping"].lines}
    groups: dict[str, dict[str, _Subject]] = {}
    for demand in situation.missing("course_mapping"):
        if not demand.row["has_subject"]:
            continue
        subject = groups.setdefault(demand.row["computed_code"], {}).setdefault(
            demand.row["legacy_subject_id"], _Subject(demand.row["legacy_subject_id"])
        )
        subject.demands.append(demand)
    for code, members in sorted(groups.items()):
        subjects = [members[key] for key in sorted(members, key=lambda key: (len(key), key))]
        for subject in subjects:
            subject.names = names_of(subject.demands[0].row)
            subject.alike = [found for found in alike(subject.names, names) if found.score >= _WORTH_A_LOOK]
        keeper = _keeper(code, subjects)
        for subject in subjects:
            yield from _lines(
                situation, code, subject, taken, keeps=subject is keeper, collides=bool(subject.demands[0].row["is_ambiguous"])
            )


def _keeper(code: str, subjects: list[_Subject]) -> _Subject:
    """Whose code it stays: the one that is called most like the live course with this code, else the oldest."""
    return max(subjects, key=lambda subject: next((found.score for found in subject.alike if found.candidate == code), 0.0))


def _lines(
    situation: Situation, code: str, subject: _Subject, taken: set[str], *, keeps: bool, collides: bool
) -> Iterator[Proposal]:
    closest = ", ".join(f"{found.candidate} {found.name} ({found.score:g} of 100)" for found in subject.alike)
    seen = f"closest live courses: {closest}" if closest else "no live course is called alike"
    choices: list[tuple[str, str]] = []
    if stands_out(subject.alike):
        choices = [(subject.alike[0].candidate, "the live course with this name")]
    elif collides:
        own = code if keeps else _own_code(subject.legacy_id, taken)
        taken.add(own)
        why = (
            f"keeps {code}, which several subjects would have"
            if keeps
            else f"a code of its own, because several subjects would have {code}"
        )
        choices = [(own, why), *((found.candidate, "a live course with a name like it") for found in subject.alike)]
    else:
        choices = [(found.candidate, "a live course with a name like it") for found in subject.alike]
    for demand in subject.demands:
        (key,) = demand.key
        journal = situation.journal_rows(legacy_plan_subject_id=key)
        for choice, why in choices:
            yield propose(
                situation.files["course_mapping"],
                {"legacy_plan_subject_id": key, "course_code": choice},
                confidence=Confidence.LIKELY
                if len(choices) == 1 and (collides or stands_out(subject.alike))
                else Confidence.CHOOSE,
                rows=demand.rows,
                unit=demand.unit,
                evidence=[f"{journal:,} journal rows depend on them", f"subject {described(subject.names)}", why, seen],
                question=f"the course of plan subject {key}",
            )


def _own_code(legacy_id: str, taken: set[str]) -> str:
    """A code that nobody has, made of more digits of the subject's id."""
    for digits in range(6, len(legacy_id) + 1):
        if (code := f"SUBJ{legacy_id[-digits:]}") not in taken:
            return code
    return f"SUBJ{legacy_id}"
