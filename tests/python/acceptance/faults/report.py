"""The table of faults, as it came out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

STAGES = ("before load", "load", "after load", "build", "before publish", "publish", "after publish", "data")

_LONGEST = 500  # characters of a message

_HEAD = """# Faults

What was tried, and what came out. Written by the tests; `make test` tries a third of it, `make test-all` everything.
Lines of tests that were not run stay as they are:

```
EDU2LMS_FAULT_TABLE=docs/faults.md .venv/bin/python -m pytest -n 0 tests/python/acceptance/faults
```

*Way*: **run** is `edu2lms run --publish` from start to end, both times; **load** is `edu2lms load`; **statements** are those that
dbt sends to build `lms_publish`, taken from its log. *Published*: of the batch, after the fault; ledger, crosswalk, live rows,
tracking ids, counts and audit trail agree on it each time. *Next*: how the same command ended when it was simply given again.

"""


@dataclass(frozen=True)
class Line:
    """One fault as it came out."""

    stage: str
    fault: str
    way: str
    code: str
    published: str
    message: str
    next: str


def write(path: Path, lines: list[Line]) -> None:
    """Write the page; lines of tests that were not run this time stay as they are."""
    rows = {}
    for row in [*_rows(path), *map(_row, lines)]:
        rows[tuple(row[:3])] = row
    ordered = sorted(rows.values(), key=lambda row: STAGES.index(row[0]))
    text = [
        f"{len(ordered)} combinations of stage and fault.\n",
        "| stage | fault | way | exit code | published | message | next |",
        "|---|---|---|---|---|---|---|",
        *("| " + " | ".join(row) + " |" for row in ordered),
    ]
    path.write_text(_HEAD + "\n".join(text) + "\n", encoding="utf-8")


def _row(line: Line) -> list[str]:
    cells = (line.stage, line.fault, line.way, line.code, line.published, _without_numbers(line.message), line.next)
    return [" ".join(cell.replace("|", "/").split()) for cell in cells]


def _without_numbers(message: str) -> str:
    """Ports, batches and paths differ each time; a page that is made anew should not."""
    message = re.sub(r"host=\S+, port=\d+, db=\w+", "host=…", message)
    message = re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{4}", "…", message)
    message = re.sub(r"\bport \d+|pid \d+|/\S+\.log|line \d+|base/\d+/\d+|\d{4}-\d\d-\d\d [\d:+]+", "…", message)
    return message if len(message) < _LONGEST else f"{message[: _LONGEST // 2]} … {message[-_LONGEST // 2 :]}"


def _rows(path: Path) -> list[list[str]]:
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in text.splitlines() if line.startswith("| ")]
    return [row for row in found if row[0] in STAGES]
