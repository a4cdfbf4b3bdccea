"""What a measurement found: a table for people, a line of JSON for the page of docs/performance.md."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from loader.demo.servers import default_bindir
from loader.project import Project

ROOT = Project.find().root
FOLDER = ROOT / "target" / "bench"
RESULTS = FOLDER / "results.jsonl"
"""All that was measured in this folder, small trials too."""
SHOWN = ROOT / "docs" / "measured"
"""What the pages show, a file for each measurement, kept in git: a page can be written anew where little was measured."""


@dataclass
class Line:
    """One line of a table.

    Attributes:
        what: what was measured.
        values: heading → number or text. Seconds have two digits, other numbers as they are.
    """

    what: str
    values: dict[str, Any]


@dataclass
class Goal:
    """A ratio and what it may be.

    Attributes:
        text: what is divided by what.
        ratio: None when it could not be measured; `text` says why.
        limit: at most, or at least.
        at_least: larger is better.
    """

    text: str
    ratio: float | None
    limit: float
    at_least: bool = False

    @property
    def verdict(self) -> str:
        """Met or not."""
        if self.ratio is None:
            return "not measured"
        return "met" if (self.ratio >= self.limit if self.at_least else self.ratio <= self.limit) else "missed"

    @property
    def wanted(self) -> str:
        """The limit with its sign."""
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}"


@dataclass
class Result:
    """One measurement; `data` is what a picture needs."""

    bench: str
    scale: float
    repeat: int = 1
    lines: list[Line] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    at: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}")
    machine: dict[str, Any] = field(default_factory=lambda: machine())
    _times: Any = field(default_factory=psutil.cpu_times, repr=False)

    def add(self, what: str, **values: Any) -> None:
        """A line of the table."""
        self.lines.append(Line(what, {name.replace("_", " "): value for name, value in values.items()}))

    def keep(self) -> None:
        """Print it and write it down."""
        self.machine["load_average_after"] = round(os.getloadavg()[0], 2)
        self.machine["taken_percent"] = taken(self._times, psutil.cpu_times())
        FOLDER.mkdir(parents=True, exist_ok=True)
        with RESULTS.open("a", encoding="utf-8") as file:
            file.write(json.dumps(_document(self), ensure_ascii=False) + "\n")
        console = Console(highlight=False)
        if not console.is_terminal:
            console = Console(highlight=False, width=160)
        console.print(self._table())
        for goal in self.goals:
            found = "–" if goal.ratio is None else f"{goal.ratio:.2f}"
            console.print(f"{goal.text}: {found} (goal {goal.wanted}): {goal.verdict}", markup=False)
        for note in self.notes:
            console.print(f"Note: {note}", markup=False)

    def _table(self) -> Table:
        table = Table(title=f"{self.bench}, scale {self.scale:g}, medians of {self.repeat}", title_justify="left")
        table.add_column("")
        names = headings(self.lines)
        for name in names:
            table.add_column(name, justify="right")
        for line in self.lines:
            table.add_row(line.what, *(shown(line.values.get(name)) for name in names))
        return table


def headings(lines: list[Line]) -> list[str]:
    """All headings, in the order in which they appear."""
    return list(dict.fromkeys(name for line in lines for name in line.values))


def shown(value: Any) -> str:
    """A value in a table."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def machine() -> dict[str, Any]:
    """Facts about the machine without its name."""
    models = [line.partition(":")[2].strip() for line in _lines(Path("/proc/cpuinfo")) if line.startswith("model name")]
    postgres = subprocess.run([str(default_bindir() / "postgres"), "--version"], capture_output=True, text=True, check=False)
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False)
    return {
        "processor": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 1024**3, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgres": postgres.stdout.strip(),
        "dbt": version("dbt-core"),
        "commit": commit.stdout.strip(),
        "load_average_before": round(os.getloadavg()[0], 2),
    }


def taken(before: Any, after: Any) -> float | None:
    """Percent of the processor time asked for that a virtual machine's host gave to others; None: the system does not say.

    Args:
        before: of `psutil.cpu_times()`, seconds of all processors since the start.
        after: the same, later.
    """
    if not hasattr(after, "steal"):
        return None
    spent = {name: getattr(after, name) - getattr(before, name) for name in after._fields if not name.startswith("guest")}
    wanted = sum(seconds for name, seconds in spent.items() if name not in ("idle", "iowait"))
    return round(100 * spent["steal"] / wanted, 1) if wanted else 0.0


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.is_file() else []


def read() -> Iterator[Result]:
    """The results that the pages show, and all that were ever written down here, oldest first."""
    for text in (*(path.read_text(encoding="utf-8") for path in sorted(SHOWN.glob("*.json"))), *_lines(RESULTS)):
        document = json.loads(text)
        document["lines"] = [Line(**line) for line in document["lines"]]
        document["goals"] = [Goal(**goal) for goal in document["goals"]]
        yield Result(**document)


def show(result: Result) -> None:
    """Keep a result as one that the pages show."""
    SHOWN.mkdir(parents=True, exist_ok=True)
    document = json.dumps(_document(result), ensure_ascii=False, indent=1)
    (SHOWN / f"{result.bench}.json").write_text(f"{document}\n", encoding="utf-8")


def _document(result: Result) -> dict[str, Any]:
    return {name: value for name, value in asdict(result).items() if not name.startswith("_")}
