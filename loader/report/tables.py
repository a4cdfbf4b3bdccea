"""Tables as CSV, for a spreadsheet as much as for a program."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# A formula begins a cell; for a spreadsheet in Azerbaijani or Russian `;` ends one, also inside of quotation marks.
_FORMULA = re.compile(r"((?:^|[;\t\r\n])\s*)(?=[=+\-@])")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    """The rows as CSV in UTF-8, with a byte order mark so that a spreadsheet reads ə, ş and Cyrillic.

    What a spreadsheet would execute as a formula gets an apostrophe in front. Lists are joined by commas; dictionaries are JSON.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return _harmless(json.dumps(value, ensure_ascii=False, default=str))
    if isinstance(value, list | tuple):
        return _harmless(", ".join(map(str, value)))
    return _harmless(value) if isinstance(value, str) else str(value)


def _harmless(text: str) -> str:
    """Text that no spreadsheet executes; assets/tables.js does the same."""
    if _NUMBER.fullmatch(text):
        return text
    safe = _FORMULA.sub(r"\1'", text)
    return f"'{safe}" if safe.startswith(("\t", "\r")) else safe
