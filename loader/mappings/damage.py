"""What spreadsheets, word processors and wrong encodings do to a value, and how one sees it afterwards."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

from loader.mappings.results import Problem, Severity

_IMPORT = "import the column as text, so that the spreadsheet leaves it alone"
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+")
_GROUPED = re.compile(r"\d{1,3}(?:[ .,'\u00a0\u202f]\d{3})+")
_SHEET_ERRORS = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!)|#{3,}")
_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(?:[ T].*)?")
_YEAR_FIRST = re.compile(r"(\d{4})[./-](\d{1,2})[./-](\d{1,2})(?:[ T].*)?")
_EPOCH = date(1899, 12, 30)  # day 0 of spreadsheets
_FOREIGN = ("cp1252", "cp1254", "cp1251")


def text_damage(value: str, *, note: bool = False) -> Problem | None:
    """What is wrong with a value whatever it means.

    Args:
        value: as it stands in the file.
        note: a comment for people: odd and outer spaces do no harm there.
    """
    softly = Severity.WARNING if note else Severity.ERROR
    if "\ufffd" in value:
        return Problem("lost_letters", "letters were lost in a change of encoding (\ufffd)", "type the value anew.")
    if garbled := _garbled(value):
        return Problem(
            "garbled_letters", "the letters were read in the wrong encoding", f"it was probably {garbled!r}: type it anew."
        )
    for character in value:
        if character in "\r\n\t":
            name = "a tab" if character == "\t" else "a line break"
            return Problem("control_character", f"{name} stands inside the value", "put a space there.")
        if (character != " " and unicodedata.category(character) in ("Zs", "Zl", "Zp")) or unicodedata.category(
            character
        ) == "Cf":
            name = unicodedata.name(character, f"U+{ord(character):04X}").lower()
            fix = "delete it, or put an ordinary space there."
            return Problem("odd_space", f"a {name} stands there, which looks like nothing or like a space", fix, softly)
    if value != value.strip(" "):
        return Problem("outer_space", "there are spaces before or after the value", "delete them.", softly)
    if _SHEET_ERRORS.fullmatch(value):
        return Problem("formula", "a spreadsheet has written its error message", "write the value.")
    if value.startswith("=") and len(value) > 1:
        return Problem("formula", "this is a spreadsheet's formula, not its result", "write the value.")
    return None


def _garbled(value: str) -> str | None:
    """The value, had UTF-8 not been read as something else; None when it was not."""
    if value.isascii():
        return None
    for encoding in _FOREIGN:
        try:
            read = value.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if read != value:
            return read
    return None


def number_damage(value: str) -> Problem | None:
    """What a spreadsheet has done to a number or an id that is to stand there with all its digits."""
    if _SCIENTIFIC.fullmatch(value):
        message = "a spreadsheet has shortened the number to a few digits: the others are lost"
        return Problem("scientific_notation", message, f"take the number from the database again and {_IMPORT}.")
    if re.fullmatch(r"'\d+", value):
        return Problem("apostrophe", "a spreadsheet's apostrophe stands before the number", "delete the apostrophe.")
    if re.fullmatch(r"\d+[.,]0+", value):
        return Problem("decimals", "a spreadsheet has given the number decimals", f"write {re.split('[.,]', value)[0]}.")
    if _GROUPED.fullmatch(value):
        return Problem("grouped_digits", "a spreadsheet has grouped the digits", f"write {re.sub(r'[^0-9]', '', value)}.")
    if re.fullmatch(r"0\d+", value):
        return Problem("leading_zeros", "the number begins with a zero", "ids have no leading zeros: write it without.")
    return None


def rounded(value: str) -> bool:
    """Does a long id look as if a spreadsheet had kept 15 digits of it?"""
    return len(value) >= 18 and set(value[15:]) == {"0"}


def date_damage(value: str) -> Problem | None:
    """A date in another form than YYYY-MM-DD, with what it would be."""
    readings = list(dict.fromkeys(found.isoformat() for found in _readings(value)))
    if not readings:
        return None
    message = "the date is not written as YYYY-MM-DD; spreadsheets rewrite dates"
    fix = f"write {readings[0]}." if len(readings) == 1 else f"write {' or '.join(readings)}, whichever is meant."
    return Problem("date_form", message, fix)


def _readings(value: str) -> list[date]:
    found: list[tuple[int, int, int]] = []
    if match := _YEAR_FIRST.fullmatch(value):
        found = [(int(match[1]), int(match[2]), int(match[3]))]
    elif match := _DAY_FIRST.fullmatch(value):
        year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
        found = [(year, int(match[2]), int(match[1])), (year, int(match[1]), int(match[2]))]
    elif re.fullmatch(r"[2-5]\d{4}", value):
        day = _EPOCH + timedelta(days=int(value))
        found = [(day.year, day.month, day.day)]
    result = []
    for year, month, day_of_month in found:
        try:
            result.append(date(year, month, day_of_month))
        except ValueError:
            continue
    return result
