"""Renders the newest results into the pages, between markers: none of these figures is typed by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tests.bench import model
from tests.bench.latency import picture
from tests.bench.results import ROOT, Result, headings, read, shown

PAGES = (ROOT / "docs" / "performance.md", ROOT / "docs" / "scale.md")
PICTURE = ROOT / "docs" / "application-latency.svg"
_BLOCK = re.compile(r"(<!-- results: (\w+) -->\n).*?(<!-- end of results -->)", re.DOTALL)


def render(pages: Sequence[Path] = PAGES) -> None:
    """Write the pages anew."""
    newest = _newest()
    if "application" in newest:
        PICTURE.write_text(picture(newest["application"].data), encoding="utf-8")
    for page in pages:
        text = page.read_text(encoding="utf-8")
        page.write_text(_BLOCK.sub(lambda block: block[1] + _section(block[2], newest) + block[3], text), encoding="utf-8")
        print(f"{page}: {', '.join(sorted(newest)) or 'nothing measured yet'}")


def _newest() -> dict[str, Result]:
    """Of each measurement the newest at the largest size."""
    found: dict[str, Result] = {}
    for result in read():
        if result.bench not in found or result.scale >= found[result.bench].scale:
            found[result.bench] = result
    return found


def _section(name: str, newest: dict[str, Result]) -> str:
    if name == "goals":
        return _goals(newest)
    if name == "model":
        found = newest.get("scale")
        return f"{_machine(found)}\n\n{model.table(**found.data)}" if found and found.data else "Not measured yet.\n"
    if name not in newest:
        return "Not measured yet.\n"
    result = newest[name]
    columns = headings(result.lines)
    rows = [["", *columns], ["---", *(["---:"] * len(columns))]]
    rows += [[line.what, *(shown(line.values.get(column)) for column in columns)] for line in result.lines]
    table = "".join(f"| {' | '.join(_cell(text) for text in row)} |\n" for row in rows)
    notes = "".join(f"- {note}\n" for note in result.notes)
    return f"{_machine(result)}\n\n{table}" + (f"\n{notes}" if notes else "")


def _goals(newest: dict[str, Result]) -> str:
    head = "| ratio | goal | measured | |\n| --- | ---: | ---: | --- |\n"
    rows = []
    for result in newest.values():
        for goal in result.goals:
            found = "–" if goal.ratio is None else f"{goal.ratio:.2f}"
            rows.append(f"| {_cell(goal.text)} | {goal.wanted} | {found} | {goal.verdict} |\n")
    return head + "".join(rows) if rows else "Not measured yet.\n"


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
