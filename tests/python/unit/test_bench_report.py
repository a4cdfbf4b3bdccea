"""The page of docs/performance.md is written from results: which ones, and how they look there."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from tests.bench import report, results
from tests.bench.__main__ import NAMES
from tests.bench.latency import picture
from tests.bench.results import Goal, Result

PAGE = (
    "before\n<!-- results: goals -->\nold\n<!-- end of results -->\n<!-- results: copy -->\nold\n<!-- end of results -->\nafter\n"
)
CURVE = {"title": "Latency", "points": [[0, 0.5, 3.0], [1, 0.7, 40.0], [2, 0.6, 5.0]], "run": [0.5, 1.8], "publish": [1.0, 1.4]}


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Results and pictures go to a folder of their own."""
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(results, "RESULTS", tmp_path / "results.jsonl")
    monkeypatch.setattr(results, "SHOWN", tmp_path / "measured")
    monkeypatch.setattr(report, "PICTURE", tmp_path / "picture.svg")
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    return page


def keep(scale: float, seconds: float) -> None:
    result = Result("copy", scale)
    result.add("COPY | COPY", seconds=seconds, rows=1234)
    result.goals.append(Goal("ours / theirs", seconds, 1.2))
    result.keep()


def test_the_newest_result_at_the_largest_size_is_shown(kept: Path) -> None:
    keep(1.0, 3.0)
    keep(1.0, 1.1)
    keep(0.1, 0.25)
    report.render([kept])
    text = kept.read_text()
    assert "| COPY \\| COPY | 1.10 | 1,234 |" in text
    assert "| ours / theirs | ≤ 1.2 | 1.10 | met |" in text
    assert "3.00" not in text
    assert "0.25" not in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")


def test_rendering_twice_changes_nothing(kept: Path) -> None:
    keep(1.0, 1.3)
    report.render([kept])
    once = kept.read_text()
    report.render([kept])
    assert kept.read_text() == once
    assert "| ours / theirs | ≤ 1.2 | 1.30 | missed |" in once


def test_what_was_not_measured_keeps_its_place_as_it_stands(kept: Path) -> None:
    report.render([kept])
    assert kept.read_text() == PAGE


def test_what_the_pages_show_can_be_read() -> None:
    shown = {result.bench for result in results.read()}
    assert set(NAMES) <= shown


def test_a_newer_result_that_is_too_small_is_not_passed_over_in_silence(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for scale, at in ((10.0, "2026-01-01T10:00Z"), (1.0, "2026-01-02T10:00Z")):
        Result("copy", scale, at=at).keep()
    capsys.readouterr()
    report.render([kept])
    assert "copy: scale 10 of 2026-01-01T10:00Z is shown, and not scale 1 of 2026-01-02T10:00Z" in capsys.readouterr().out


def test_a_fresh_clone_shows_what_was_measured_elsewhere_and_what_it_measures_itself(kept: Path) -> None:
    keep(1.0, 1.3)
    report.render([kept])
    once = kept.read_text()
    (kept.parent / "results.jsonl").unlink()
    report.render([kept])
    assert kept.read_text() == once
    keep(1.0, 1.1)
    report.render([kept])
    assert "| ours / theirs | ≤ 1.2 | 1.10 | met |" in kept.read_text()


@pytest.mark.parametrize(
    ("goal", "verdict"),
    [
        (Goal("", 1.2, 1.2), "met"),
        (Goal("", 1.21, 1.2), "missed"),
        (Goal("", 19.0, 20.0, at_least=True), "missed"),
        (Goal("", 20.0, 20.0, at_least=True), "met"),
        (Goal("", None, 5.0), "not measured"),
    ],
)
def test_a_goal_is_met_or_missed(goal: Goal, verdict: str) -> None:
    assert goal.verdict == verdict


def test_every_measurement_has_its_place_on_the_page() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in report.PAGES)
    assert [name for name in ("goals", "model", *NAMES) if f"<!-- results: {name} -->" not in text] == []


def test_the_picture_is_a_picture_with_both_lines_named() -> None:
    root = ElementTree.fromstring(picture(CURVE))
    texts = ["".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"p50", "p99", "publication", "milliseconds per statement", "seconds"} <= set(texts)
    assert "prefers-color-scheme: dark" in picture(CURVE)


def test_time_that_the_host_gave_to_others_is_told(kept: Path) -> None:
    class Times(NamedTuple):
        user: float
        idle: float
        steal: float
        guest: float  # is part of user

    class ElsewhereTimes(NamedTuple):
        user: float
        idle: float

    assert results.taken(Times(10, 100, 1, 5), Times(16, 900, 3, 11)) == 25.0
    assert results.taken(ElsewhereTimes(10, 100), ElsewhereTimes(16, 900)) is None
    keep(1.0, 1.3)
    report.render([kept])
    result = next(results.read())
    assert f"; {result.machine['taken_percent']:g} % of the processors' time went to others" in kept.read_text()
