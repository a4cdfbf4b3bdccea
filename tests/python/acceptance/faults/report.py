"""The table of faults, as it came out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

STAGES = ("before load", "load", "after load", "build", "before publish", "publish", "after publish", "data")

_HEAD = """# Faults

What was tried, and what came out. Written by the tests; `make test` tries most of it, `make test-all` everything:

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
    """Write the page."""
    ordered = sorted(lines, key=lambda line: STAGES.index(line.stage))
    text = [
        f"{len(lines)} combinations of stage and fault.\n",
        "| stage | fault | way | exit code | published | message | next |",
        "|---|---|---|---|---|---|---|",
    ]
    for line in ordered:
        cells = (line.stage, line.fault, line.way, line.code, line.published, line.message, line.next)
        text.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    path.write_text(_HEAD + "\n".join(text) + "\n", encoding="utf-8")
