"""One value against its column's rule. At most one problem each: the one that says most."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from rapidfuzz import fuzz, process

from loader.mappings.damage import date_damage, number_damage, rounded, text_damage
from loader.mappings.results import Problem
from loader.mappings.rules import ColumnRule

BIGGEST = 2**63 - 1
MEANT = {"rounded_id": "id is exact", "mixed_scripts": "letters are exact", "split_letters": "letters are exact"}
"""Rules for what is nearly always a slip: with these words in its note a line says that its database really has the value so."""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CURLY = '“”„‟‘’‚«»"'


def check_cell(column: ColumnRule, value: str, *, type_: str | None = None, note: str = "") -> Problem | None:
    """Is the value what the column may hold?

    Args:
        column: the rule.
        value: as it stands in the file.
        type_: instead of the column's own type.
        note: the line's note.
    """
    type_ = type_ or column.type
    if damage := text_damage(value, note=type_ == "note"):
        return damage
    if not value:
        return Problem("missing_value", f"{column.name} is empty", "fill it in, or delete the line.") if column.required else None
    if value == column.also:
        return None
    if column.values:
        return _one_of(column, value)
    problem = _CHECKS[type_](value)
    if problem and problem.rule in MEANT:
        words = MEANT[problem.rule]
        if words in note:
            return None
        return replace(problem, fix=f"{problem.fix}; if it stands so in the database, say so in the note: {words!r}.")
    return problem


def _one_of(column: ColumnRule, value: str) -> Problem | None:
    if value in column.values:
        return None
    listed = ", ".join(column.values)
    for wanted in column.values:
        if value.casefold() == wanted.casefold():
            return Problem("letter_case", f"it must be written {wanted}; spreadsheets write TRUE and FALSE", f"write {wanted}.")
    nearest = process.extractOne(value, column.values, scorer=fuzz.ratio, score_cutoff=60)
    fix = f"write {nearest[0]}, if that is meant." if nearest else f"write one of {listed}."
    return Problem("unknown_value", f"it must be one of {listed}", fix)


def _legacy_id(value: str) -> Problem | None:
    if re.fullmatch(r"[1-9][0-9]*", value):
        if len(value) <= len(str(BIGGEST)) and int(value) <= BIGGEST:  # Python refuses to read more than 4,300 digits
            return _rounded(value)
        return Problem("too_big", "the id has more digits than an id of edu can have", "take the id from the database again.")
    message = "this is not an id of edu (digits only)"
    return number_damage(value) or Problem("legacy_id", message, "take the id from the database again.")


def _rounded(value: str) -> Problem | None:
    if not rounded(value):
        return None
    message = "the id ends with zeros: a spreadsheet keeps 15 digits and writes zeros for the rest"
    return Problem("rounded_id", message, "take the id from the database again")


def _uuid(value: str) -> Problem | None:
    if _UUID.fullmatch(value):
        return None
    if _UUID.fullmatch(value.lower()):
        return Problem("letter_case", "an id of lms is written in small letters", f"write {value.lower()}.")
    message = "this is not an id of lms (8-4-4-4-12 digits from 0 to f)"
    return number_damage(value) or Problem("uuid", message, "take the id from the database again.")


def _date(value: str) -> Problem | None:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            date.fromisoformat(value)
        except ValueError:
            return Problem("impossible_date", "there is no such day", "correct the day, month or year.")
        return None
    return date_damage(value) or Problem("date", "this is not a date (YYYY-MM-DD)", "write it like 2021-09-15.")


def _years(separator: str) -> Callable[[str], Problem | None]:
    example = f"2021{separator}2022"

    def check(value: str) -> Problem | None:
        found = re.fullmatch(r"([0-9]{4})(.)([0-9]{4})", value)
        if not found or found[2] != separator:
            return Problem("academic_year", f"this is not an academic year like {example}", f"write it like {example}.")
        if int(found[3]) != int(found[1]) + 1:
            fix = f"write {found[1]}{separator}{int(found[1]) + 1}, if that is meant."
            return Problem("academic_year", "an academic year ends in the year after its first", fix)
        return None

    return check


def _count(value: str) -> Problem | None:
    if re.fullmatch(r"0|[1-9][0-9]{0,8}", value):
        return None
    return number_damage(value) or Problem("count", "this is not a whole number", "write digits only.")


def _number(value: str) -> Problem | None:
    if re.fullmatch(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?", value):
        return None
    if re.fullmatch(r"-?[0-9]+,[0-9]+", value):
        return Problem("decimal_comma", "a number has a decimal point here", f"write {value.replace(',', '.')}.")
    return number_damage(value) or Problem("number", "this is not a number", "write it like 0.6.")


def _code(value: str) -> Problem | None:
    if any(mark in value for mark in _CURLY):
        return Problem("quotation_marks", "a quotation mark is part of the value", "delete it.")
    if value[0] in "=+-@":
        return Problem("formula", "this looks like a spreadsheet's formula", "write the value.")
    if _mixes_scripts(value):
        message = "Latin and Cyrillic letters stand in one word, which look alike and are different"
        return Problem("mixed_scripts", message, "type the word anew, in one alphabet")
    if unicodedata.normalize("NFC", value) != value:
        return Problem("split_letters", "letters and their marks are stored apart", "type the value anew")
    return None


def _mixes_scripts(value: str) -> bool:
    scripts = {unicodedata.name(letter, "?").split(" ")[0] for letter in value if letter.isalpha()}
    return {"LATIN", "CYRILLIC"} <= scripts


def _text(value: str) -> Problem | None:  # noqa: ARG001  (what is wrong with any text has been said)
    return None


_CHECKS: dict[str, Callable[[str], Problem | None]] = {
    "legacy_id": _legacy_id,
    "uuid": _uuid,
    "date": _date,
    "academic_year": _years("-"),
    "legacy_year": _years("/"),
    "count": _count,
    "number": _number,
    "code": _code,
    "text": _text,
    "note": _text,
}
