"""Every number of the report has its statement, and every statement gives the numbers that are shown."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import psycopg
from psycopg.rows import dict_row
from reported import Reported

from loader.report.tables import as_csv

STATEMENT = re.compile(r'<section id="([^"]+)" class="query">.*?<pre[^>]*><code>(.*?)</code></pre>', re.DOTALL)
MOVING = {"dbt_invocations"}
"""Answers that are other ones by now: each command of dbt adds a line."""
NOT_FROM_THE_DATABASE = {
    "columns.html: columns": "read from the compiled statements",
    "entities.html: references-edu": "each line leads to its own statement",
    "lineage.html: models": "read from dbt's manifest",
    "run.html: nodes": "read from dbt's run_results.json, which the page says",
}


class Numbers(HTMLParser):
    """Tables and pictures of a page with the statements below them, and its headings: (kind, name) in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    @classmethod
    def of(cls, text: str) -> list[tuple[str, str]]:
        parser = cls()
        parser.feed(text)
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "table":
            self.found.append(("table", given.get("id") or ""))
        elif tag == "svg" and given.get("class") == "plot":
            self.found.append(("picture", given.get("aria-label") or ""))
        elif tag == "details" and given.get("class") == "source":
            self.found.append(("source", ""))
        elif tag == "h2":
            self.found.append(("heading", ""))


def test_every_statement_that_is_shown_gives_the_numbers_that_are_shown(reported: Reported) -> None:
    statements = {name: html.unescape(text) for name, text in STATEMENT.findall(reported.text("queries.html"))}
    assert len(statements) > 40
    differing = []
    with psycopg.connect(reported.databases.lms, autocommit=True, row_factory=dict_row) as lms:
        lms.execute("set timezone = 'UTC'")
        for name, statement in statements.items():
            found = lms.execute(statement.encode()).fetchall()
            file = reported.site / "data" / f"{name}.csv"
            shown = file.read_bytes() if file.is_file() else None
            if name not in MOVING and shown != (as_csv(found, tuple(found[0])) if found else None):
                differing.append(name)
    assert differing == []
    assert statements.keys() >= MOVING


def test_every_picture_and_table_of_numbers_has_its_statement(reported: Reported) -> None:
    """Below it, before the next heading."""
    without: set[str] = set()
    waiting: set[str] = set()
    looked_at = 0
    for path in reported.pages:
        for kind, name in Numbers.of(path.read_text(encoding="utf-8")):
            if kind == "source":
                waiting.clear()
            elif kind == "heading":
                without |= waiting
                waiting.clear()
            else:
                waiting.add(f"{path.name}: {name}")
                looked_at += 1
        without |= waiting
        waiting.clear()
    assert without == set(NOT_FROM_THE_DATABASE)
    assert looked_at > 40
