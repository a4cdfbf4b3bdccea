"""What people see: a progress bar on a terminal, plain lines elsewhere; always on standard error, so that results stay clean."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

_DRAWN_EVERY = 0.1
_LINES_EVERY = 10.0
"""Seconds between two looks at a part that takes long."""


class Bar(Protocol):
    """Progress of one piece of work."""

    def now(self, what: str) -> None:
        """Say what is being worked on."""

    def reached(self, amount: int) -> None:
        """So much more of the present part is done; what it is in the end, `advance` says."""

    def advance(self, what: str, amount: int, *, expected: int | None = None) -> None:
        """Say what is done.

        Args:
            what: the finished part.
            amount: how much it was.
            expected: how much the total assumed for it.
        """


class Progress:
    """Prints lines and bars on standard error."""

    def __init__(self, *, quiet: bool = False) -> None:
        """`quiet` drops everything (for callers inside Python)."""
        self.console = Console(file=sys.stderr, quiet=quiet, highlight=False, soft_wrap=True)

    def line(self, text: str) -> None:
        """One line of log."""
        self.console.print(text, markup=False)

    @contextmanager
    def bar(self, title: str, total: int, unit: str = "rows") -> Iterator[Bar]:
        """A bar over `total` units; without a terminal one line per finished part."""
        if not self.console.is_terminal:
            yield _Lines(self, title, unit)
            return
        with RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[now]}"),
            console=self.console,
            transient=True,
        ) as rich:
            yield _Rich(rich, rich.add_task(title, total=total or None, rate="", now=""), unit)


class _Lines:
    def __init__(self, progress: Progress, title: str, unit: str) -> None:
        self.progress, self.title, self.unit = progress, title, unit
        self.last = self.said = time.monotonic()
        self.what, self.part = "", 0

    def now(self, what: str) -> None:
        self.last = self.said = time.monotonic()
        self.what, self.part = what, 0

    def reached(self, amount: int) -> None:
        self.part += amount
        if (now := time.monotonic()) - self.said >= _LINES_EVERY:
            self.said = now
            self.progress.line(f"{self.title}: {self.what}: {self.part:,} {self.unit} so far")

    def advance(self, what: str, amount: int, *, expected: int | None = None) -> None:  # noqa: ARG002
        seconds = time.monotonic() - self.last
        if self.unit == "rows":
            self.progress.line(f"{self.title}: {what}: {amount:,} rows, {seconds:.2f} s, {rate(amount, seconds)} rows/s")
        else:
            self.progress.line(f"{self.title}: {what}")


class _Rich:
    def __init__(self, rich: RichProgress, task: TaskID, unit: str) -> None:
        self.rich, self.task, self.unit = rich, task, unit
        self.started, self.done, self.part = time.monotonic(), 0, 0
        self.drawn = self.started

    def now(self, what: str) -> None:
        self.rich.update(self.task, now=what)

    def reached(self, amount: int) -> None:
        self.part += amount
        if (now := time.monotonic()) - self.drawn >= _DRAWN_EVERY:
            self.drawn = now
            done, total = self.done + self.part, self.rich.tasks[self.task].total
            self.rich.update(self.task, completed=done if total is None else min(done, total))

    def advance(self, what: str, amount: int, *, expected: int | None = None) -> None:  # noqa: ARG002
        self.done, self.part = self.done + amount, 0
        total = self.rich.tasks[self.task].total
        if total is not None and expected is not None:
            total += amount - expected  # estimates are estimates: the bar still ends at its end
        per_second = f"{rate(self.done, time.monotonic() - self.started)} {self.unit}/s"
        self.rich.update(self.task, completed=self.done, total=total, rate=per_second, now="")


def print_result(document: Any, human: RenderableType, json_output: bool) -> None:
    """What a verb has found out, on standard output: as one JSON document, or for people."""
    if json_output:
        print(json.dumps(document, ensure_ascii=False, indent=2))
        return
    if isinstance(human, str):
        print(human)
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=160)  # a pipe has no width of its own
    console.print(human)


def rate(amount: int, seconds: float) -> str:
    """Units per second, for people."""
    return f"{amount / max(seconds, 1e-3):,.0f}"
