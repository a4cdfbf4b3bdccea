"""The report in three languages: words, numbers, and no hindrance in any of them."""

from __future__ import annotations

import json
import re

import pytest
from browser import Page
from reported import Reported

LANGUAGES = {"az": "Ümumi baxış", "en": "Overview", "ru": "Обзор"}


def test_the_language_changes_at_once_and_on_every_page(page: Page, reported: Reported) -> None:
    page.open(reported.site / "index.html")
    loads = len(page.requests)
    for language, heading in LANGUAGES.items():
        page.click(f'[data-language="{language}"]')
        assert page.run("document.querySelector('h1').textContent.trim()") == heading
        assert page.run("document.documentElement.lang") == language
        assert page.run(f"document.querySelector('[data-language=\"{language}\"]').getAttribute('aria-pressed')") == "true"
        texts = "[...document.querySelectorAll('[data-t]')]"
        empty = texts + ".filter((part) => !part.textContent || /\\{\\w+\\}/.test(part.textContent))"
        assert page.run(f"{empty}.map((part) => part.dataset.t)") == []
    assert len(page.requests) == loads  # nothing was loaded again
    page.open(reported.site / "rejects.html")
    assert page.run("document.documentElement.lang") == "ru"
    assert "Отклонённые" in page.run("document.title")


def test_numbers_are_written_as_the_language_does(page: Page, reported: Reported) -> None:
    page.open(reported.site / "index.html")
    largest = "[...document.querySelectorAll('#status data')].sort((a, b) => b.value - a.value)[0]"
    number = int(page.run(f"{largest}.value"))
    assert page.run(f"{largest}.textContent") == f"{number:,}"
    page.click('[data-language="ru"]')
    assert page.run(f"{largest}.textContent").replace("\u00a0", " ") == f"{number:,}".replace(",", " ")


@pytest.mark.parametrize(("language", "group", "point"), [("az", ".", ","), ("ru", "\u00a0", ","), ("en", ",", ".")])
def test_numbers_inside_sentences_are_written_as_the_language_does(
    page: Page, reported: Reported, language: str, group: str, point: str
) -> None:
    def text(selector: str) -> str:
        return str(page.run(f"document.querySelector({json.dumps(selector)}).textContent"))

    line = next(line for line in reported.table("status") if line["entity"] == "course_enrollments")
    page.open(reported.site / "index.html")
    page.click('[data-language="ru"]')
    page.click(f'[data-language="{language}"]')
    card = ".cards li:nth-child(4)"
    shares, whole = f"{float(line['coverage']) * 100:.1f}".replace(".", point), f"{int(line['in_scope']):,}".replace(",", group)
    assert len(whole) > 4
    assert text(f"{card} .big") == f"{int(line['target_total']):,}".replace(",", group)
    assert text(f"{card} [data-t='card.of']") == reported.label("card.of", language).format(n=whole)
    before = f"{int(line['target_before']):,}".replace(",", group)
    assert text(f"{card} [data-t='card.before']") == reported.label("card.before", language).format(n=before)
    assert text(f"{card} strong") == f"{shares} %"
    seconds = text("#source-status [data-t='sql.seconds']")
    assert re.fullmatch(reported.label("sql.seconds", language).format(n=rf"\d+{re.escape(point)}\d\d"), seconds)
    page.open(reported.site / "rejects.html")
    page.wait("window.reportText && !document.querySelector('form.search').hidden")
    shown = reported.label("table.shown", language).format(shown=f"1{group}234", all=f"1{group}235")
    assert page.run("window.reportText('table.shown', {shown: 1234, all: 1235})") == shown


@pytest.mark.parametrize(
    ("folder", "language", "names"),
    [("refused", "az", ("index", "accounting", "rejects", "run")), ("site", "ru", ("index", "mapping", "usage"))],
)
def test_no_page_of_a_refusal_or_in_another_language_hinders_a_reader(
    page: Page, reported: Reported, folder: str, language: str, names: tuple[str, ...]
) -> None:
    site, found = getattr(reported, folder), {}
    page.open(site / "index.html")
    page.click(f'[data-language="{language}"]')
    for name in names:
        page.open(site / f"{name}.html")
        page.wait(f"document.documentElement.lang === {json.dumps(language)}")
        page.run("document.querySelectorAll('details').forEach((part) => part.open = true)")
        if violations := page.accessibility():
            found[name] = violations[:5]
    assert found == {}
