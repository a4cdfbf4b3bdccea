"""The reasons for a proposal as they can stand in a note: names, codes and days of edu are as dirty as edu is."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from loader.mappings.damage import text_damage
from loader.mappings.results import Severity

_LONGEST = 500
_UNSEEN = ("Cc", "Cf", "Cs", "Co")  # control and format characters, halves of characters, private ones


def readable(text: str) -> str:
    """Text of the databases on one line: without what nobody can see and what nobody can read, 500 characters at most."""
    seen = "".join(letter for letter in text if letter.isspace() or unicodedata.category(letter) not in _UNSEEN)
    line = " ".join(seen.replace("\ufffd", "").split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def is_sound(piece: str) -> bool:
    """May it stand in a note? What has been read in a wrong encoding may not: the next reader would take it for ours."""
    damage = text_damage(piece, note=True)
    return damage is None or damage.severity is Severity.WARNING


def described(names: Sequence[str]) -> str:
    """Names of one thing in several languages; damaged ones only where there is no other."""
    shown = list(dict.fromkeys(line for name in names if (line := readable(name))))
    return " / ".join([name for name in shown if is_sound(name)] or shown) or "no name"
