"""Progress of long work: a part that takes long shows that it goes on, on a terminal and in a log."""

from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from loader.console import Progress


class Clock:
    """Seconds, as a test sets them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def progress(*, terminal: bool) -> tuple[Progress, io.StringIO]:
    made, said = Progress(), io.StringIO()
    made.console = Console(file=said, force_terminal=terminal, width=160, highlight=False, soft_wrap=True)
    return made, said


def test_a_log_gets_a_line_every_ten_seconds_of_a_part_and_one_at_its_end(clock: Clock) -> None:
    made, said = progress(terminal=False)
    with made.bar("load", 1000) as bar:
        bar.now("journal")
        for _ in range(25):
            clock.now += 1
            bar.reached(100)
        bar.advance("journal", 2500, expected=1000)
        bar.now("course")
        bar.reached(7)
        bar.advance("course", 7)
    assert said.getvalue().splitlines() == [
        "load: journal: 1,000 rows so far",
        "load: journal: 2,000 rows so far",
        "load: journal: 2,500 rows, 25.00 s, 100 rows/s",
        "load: course: 7 rows, 0.00 s, 7,000 rows/s",
    ]


def test_a_bar_grows_within_a_part_and_never_beyond_its_end(clock: Clock) -> None:
    made, said = progress(terminal=True)
    with made.bar("load", 1000) as bar:
        bar.now("journal")
        seen = []
        for amount in (400, 400, 400):
            clock.now += 1
            bar.reached(amount)
            (task,) = bar.rich.tasks  # type: ignore[attr-defined]
            seen.append(task.completed)
        assert seen == [400, 800, 1000], "an estimate was too low"
        bar.advance("journal", 1200, expected=900)
        (task,) = bar.rich.tasks  # type: ignore[attr-defined]
        assert (task.completed, task.total) == (1200, 1300)
    assert "1200/1300" in said.getvalue()
