"""Renders the newest results into the pages, between markers: none of these figures is typed by hand.

What has never been measured keeps its place as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from tests.bench import model
from tests.bench.latency import picture
from tests.bench.results import ROOT, Goal, Result, headings, read, show, shown

PAGES = (ROOT / "docs" / "performance.md", ROOT / "docs" / "scale.md")
PICTURE = ROOT / "docs" / "application-latency.svg"
_BLOCK = re.compile(r"(<!-- results: (\w+) -->\n).*?(<!-- end of results -->)", re.DOTALL)


def render(pages: Sequence[Path] = PAGES) -> None:
    """Write the pages anew, and keep what they show."""
    newest = _newest()
    for result in newest.values():
        show(result)
    if "application" in newest and newest["application"].data:
        PICTURE.write_text(picture(newest["application"].data), encoding="utf-8")
    for page in pages:
        text = page.read_text(encoding="utf-8")
        goals = [goal for block in _BLOCK.finditer(text) if block[2] in newest for goal in newest[block[2]].goals]
        page.write_text(_BLOCK.sub(partial(_filled, newest, goals), text), encoding="utf-8")
        print(f"{page}: {', '.join(sorted(newest)) or 'nothing measured yet'}")


def _newest() -> dict[str, Result]:
    """Of each measurement the newest at the largest size; says what is passed over."""
    found: dict[str, Result] = {}
    results = list(read())
    for result in results:
        best = found.get(result.bench, result)
        if (result.scale, result.at) >= (best.scale, best.at):
            found[result.bench] = result
    for bench, best in found.items():
        newer = [each for each in results if each.bench == bench and each.at > best.at and each.scale < best.scale]
        if newer:
            print(f"{bench}: scale {best.scale:g} of {best.at} is shown, and not scale {newer[-1].scale:g} of {newer[-1].at}")
    return found


def _filled(newest: Mapping[str, Result], goals: Sequence[Goal], block: re.Match[str]) -> str:
    """A block with what was measured, or as it is."""
    name = block[2]
    if name == "goals":
        section = _goals(goals) if goals else ""
    elif name == "model":
        found = newest.get("scale")
        section = f"{_machine(found)}\n\n{model.table(**found.data)}" if found and found.data else ""
    else:
        section = _table(newest[name]) if name in newest else ""
    return block[1] + section + block[3] if section else block[0]


def _table(result: Result) -> str:
    columns = headings(result.lines)
    rows = [["", *columns], ["---", *(["---:"] * len(columns))]]
    rows += [[line.what, *(shown(line.values.get(column)) for column in columns)] for line in result.lines]
    table = "".join(f"| {' | '.join(_cell(text) for text in row)} |\n" for row in rows)
    notes = "".join(f"- {note}\n" for note in result.notes)
    return f"{_machine(result)}\n\n{table}" + (f"\n{notes}" if notes else "")


def _goals(goals: Sequence[Goal]) -> str:
    rows = []
    for goal in goals:
        found = "–" if goal.ratio is None else f"{goal.ratio:.2f}"
        rows.append(f"| {_cell(goal.text)} | {goal.wanted} | {found} | {goal.verdict} |\n")
    return "| ratio | goal | measured | |\n| --- | ---: | ---: | --- |\n" + "".join(rows)


def _cell(text: str) -> str:
    """Text in a table of Markdown, in which a bar ends the cell."""
    return text.replace("|", "\\|")


def _machine(result: Result) -> str:
    facts = result.machine
    load = f"load average {facts['load_average_before']} before, {facts.get('load_average_after', '?')} after"
    if (taken := facts.get("taken_percent")) is not None:
        load += f"; {taken:g} % of the processors' time went to others"
    what = f"Scale {result.scale:g}, medians of {result.repeat}, {result.at}, commit {facts['commit']}"
    where = f"{facts['cores']} cores ({facts['processor']}), {facts['memory_gib']} GiB"
    versions = f"{facts['postgres']}, Python {facts['python']}, dbt {facts['dbt']}"
    return f"{what}; {where}; {versions}; {load}."
