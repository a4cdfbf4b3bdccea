"""The words of the report in Azerbaijani, English and Russian."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TypeGuard

from markupsafe import Markup, escape

from loader.report.numbers import Fixed, thousands

LANGUAGES = ("az", "en", "ru")
_FIRST = "en"


@cache
def labels() -> Mapping[str, Mapping[str, str]]:
    """Every label: {key: {language: text}}."""
    found: dict[str, dict[str, str]] = json.loads((files("loader") / "report" / "labels.json").read_text(encoding="utf-8"))
    return found


def text(key: str, **values: object) -> str:
    """A label in English, with its values filled in; numbers as `label` takes them.

    Raises:
        KeyError: there is no such label.
    """
    written = {name: thousands(value) if _is_count(value) else value for name, value in values.items()}
    return labels()[key][_FIRST].format(**written)


def label(key: str, **values: object) -> Markup:
    """A label that changes with the language of the page: `<span data-t="key">English</span>`.

    Values that are whole numbers or `Fixed` are written as the language does; all others are text.
    """
    as_json = json.dumps({name: _as_json(value) for name, value in values.items()})
    filled = Markup(' data-v="{}"').format(as_json) if values else ""
    return Markup('<span data-t="{}"{}>{}</span>').format(key, filled, escape(text(key, **values)))


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _as_json(value: object) -> int | str | list[float]:
    """A whole number, a number with how many decimals it has, or text."""
    if _is_count(value):
        return value
    return [value.value, value.digits] if isinstance(value, Fixed) else str(value)


def named(group: str, name: str | None, fallback: str | None = None) -> Markup:
    """The label of a code of the databases (`reason`, `missing_student`); a code without one stands as it is."""
    if name is not None and f"{group}.{name}" in labels():
        return label(f"{group}.{name}")
    return Markup('<span lang="en">{}</span>').format(fallback or name or "–")


def script() -> str:
    """All labels as a script: a page that is opened from a disk may not read a data file."""
    by_language = {language: {key: entry[language] for key, entry in labels().items()} for language in LANGUAGES}
    return f"window.reportLabels = {json.dumps(by_language, ensure_ascii=False, sort_keys=True)};\n"
