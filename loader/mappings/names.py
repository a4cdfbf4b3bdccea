"""How alike are two names? In Azerbaijani, English or Russian, in Latin or Cyrillic letters, with or without diacritics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from anyascii import anyascii
from rapidfuzz import fuzz, process

NAMES = ("name_az", "name_en", "name_ru")
LIKELY = 85.0
"""From this score on (0 to 100) one name stands for another …"""
MARGIN = 10.0
"""… if it is so much more alike than the next."""
# one sound, written with one letter in Azerbaijani and two in the Latin form of a Cyrillic one
_SOUNDS = (("shch", "s"), ("sh", "s"), ("ch", "c"), ("kh", "x"), ("zh", "j"), ("ye", "e"))


@dataclass(frozen=True, slots=True)
class Alike:
    """A candidate and how alike it is, 0 to 100, by the best pair of names."""

    candidate: str
    score: float
    name: str


@cache
def folded(name: str) -> str:
    """A name in small plain letters: Məşğələ → mesgele, İqtisadiyyat → iqtisadiyyat, Лекция → lektsiya."""
    plain = anyascii(name.replace("ə", "e").replace("Ə", "E")).lower()
    for written, sound in _SOUNDS:
        plain = plain.replace(written, sound)
    return " ".join(re.findall(r"[a-z0-9]+", plain))


def names_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The names that a row has."""
    return tuple(row[column] for column in NAMES if row.get(column))


def alike(names: Iterable[str], candidates: Mapping[str, Iterable[str]], *, limit: int = 3, within: bool = False) -> list[Alike]:
    """The candidates whose names are most alike to one of the names, best first.

    Args:
        names: of what is looked for.
        candidates: names by candidate.
        limit: how many.
        within: a candidate's name may be a part of the name: Payız of Payız semestri.
    """
    scorer = fuzz.token_set_ratio if within else fuzz.token_sort_ratio
    listed = [(candidate, name, folded(name)) for candidate, held in candidates.items() for name in held if folded(name)]
    best: dict[str, Alike] = {}
    for wanted in dict.fromkeys(folded(name) for name in names if folded(name)):
        scored = process.extract(wanted, [text for _, _, text in listed], scorer=scorer, limit=None, score_cutoff=40)
        for _, score, place in scored:
            candidate, name, _ = listed[place]
            if candidate not in best or score > best[candidate].score:
                best[candidate] = Alike(candidate, round(score, 1), name)
    return sorted(best.values(), key=lambda found: (-found.score, found.candidate))[:limit]


def stands_out(found: list[Alike]) -> bool:
    """Is the first alike enough, and more than the second by a margin?"""
    if not found or found[0].score < LIKELY:
        return False
    return len(found) == 1 or found[0].score - found[1].score >= MARGIN


@cache
def words(seed: str) -> Mapping[str, tuple[str, ...]]:
    """What the values of a seed are called: value → names."""
    document = yaml.safe_load((files("loader") / "mappings" / "words.yml").read_text(encoding="utf-8"))
    return {str(value): tuple(names) for value, names in document.get(seed, {}).items()}
