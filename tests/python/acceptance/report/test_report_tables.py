"""The tables of the report: sorted, searched and downloaded by mouse, and everything by keyboard alone."""

from __future__ import annotations

import csv
import io
import json

from browser import Page
from reported import Reported

FIRST_IDS = "[...document.querySelectorAll('#rejects tbody tr:not([hidden]) td:nth-child(2)')].map((cell) => cell.textContent)"


def test_a_table_is_sorted_by_its_headings(page: Page, reported: Reported) -> None:
    page.open(reported.site / "rejects.html")
    heading = "#rejects thead th:nth-child(2)"
    page.click(f"{heading} button")
    assert page.run(f"document.querySelector('{heading}').getAttribute('aria-sort')") == "ascending"
    ids = [int(text) for text in page.run(FIRST_IDS)]
    assert len(ids) > 50
    assert ids == sorted(ids)  # 18 digits: more than a JavaScript number holds
    page.click(f"{heading} button")
    assert [int(text) for text in page.run(FIRST_IDS)] == sorted(ids, reverse=True)


def test_a_table_is_searched_and_narrowed(page: Page, reported: Reported) -> None:
    page.open(reported.site / "rejects.html")
    page.wait("window.reportText && !document.querySelector('form.search').hidden")
    everything = len(page.run(FIRST_IDS))
    some = page.run(FIRST_IDS)[3]
    page.run("document.querySelector('form.search input').focus()")
    page.type(some[2:])
    assert some in page.run(FIRST_IDS)
    assert len(page.run(FIRST_IDS)) < everything
    assert f"of {everything}" in page.run("document.querySelector('form.search output').textContent")
    page.run("(() => { const i = document.querySelector('form.search input'); i.value = ''; i.dispatchEvent(new Event('input'));"
             " const s = document.querySelectorAll('form.search select')[1]; s.value = 'missing_student';"
             " s.dispatchEvent(new Event('change')); })()")  # fmt: skip
    reasons = page.run(
        "[...document.querySelectorAll('#rejects tbody tr:not([hidden]) td:nth-child(3)')].map((c) => c.dataset.value)"
    )
    assert set(reasons) == {"missing_student"}


def test_what_is_shown_and_the_whole_can_be_downloaded(page: Page, reported: Reported) -> None:
    page.open(reported.site / "rejects.html")
    page.run("document.querySelector('form.search input').focus()")
    page.type("missing_exam")
    shown = page.run(FIRST_IDS)
    file = page.downloaded("form.search .download")
    lines = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    assert lines[0][0] == "Entity"
    assert [line[1] for line in lines[1:]] == shown
    whole = page.downloaded('a[href="data/rejects.csv"]')
    assert whole.read_bytes() == (reported.site / "data" / "rejects.csv").read_bytes()


def test_a_downloaded_table_is_read_by_a_program_and_harmless_in_a_spreadsheet(page: Page, reported: Reported) -> None:
    """Numbers as they are, in every language; `;` ends a cell for a spreadsheet in Azerbaijani or Russian."""
    page.open(reported.site / "findings.html")
    page.wait("window.reportText && document.querySelector('form.search[data-for=warnings]')?.hidden === false")
    row = "document.querySelector('#warnings tbody tr')"
    page.run(f"{row}.querySelector('.number data').value = '1234567'")
    page.run(f"{row}.cells[4].innerText = 'x;=HYPERLINK(\"http://x\")'")
    page.click('[data-language="az"]')
    assert page.run(f"{row}.querySelector('.number').innerText.trim()") == "1.234.567"
    file = page.downloaded("form.search[data-for=warnings] .download")
    lines = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    assert lines[0][3] == reported.label("col.rows", "az")
    assert lines[1][3:] == ["1234567", 'x;\'=HYPERLINK("http://x")']
    assert {line[3].isdigit() for line in lines[1:]} == {True}


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until what a selector finds has the focus, which can be seen."""
    for _ in range(200):
        page.press("Tab", 9)
        if page.run(f"document.activeElement.matches({json.dumps(selector)})"):
            assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    raise AssertionError(f"Tab never reaches {selector}")


def test_everything_works_with_the_keyboard_alone(page: Page, reported: Reported) -> None:
    page.open(reported.site / "rejects.html")
    page.wait("window.reportText && !document.querySelector('form.search').hidden")
    page.press("Tab", 9)
    assert page.run("document.activeElement.className") == "skip"
    assert page.run("document.activeElement.getBoundingClientRect().left") >= 0
    page.press("Enter", 13)
    page.wait("location.hash === '#content'")

    tab_to(page, "details.source summary")
    page.press("Enter", 13)
    assert page.run("document.activeElement.parentElement.open && document.activeElement.parentElement.matches('.source')")

    everything = page.run(FIRST_IDS)
    tab_to(page, "form.search input")
    page.type(everything[3][2:])
    assert everything[3] in page.run(FIRST_IDS)
    assert len(page.run(FIRST_IDS)) < len(everything)

    tab_to(page, "#rejects thead th:nth-child(2) button")
    page.press("Enter", 13)
    assert page.run("document.activeElement.closest('th').getAttribute('aria-sort')") == "ascending"


def test_language_and_theme_are_chosen_with_the_keyboard_alone(page: Page, reported: Reported) -> None:
    page.open(reported.site / "index.html")
    page.wait("window.reportText")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.run(paper)
    tab_to(page, '[data-language="az"]')
    page.press("Enter", 13)
    assert page.run("document.querySelector('h1').textContent.trim()") == reported.label("page.index", "az")
    tab_to(page, "[data-theme-switch]")
    page.press("End", 35)  # the last of the three
    page.wait("document.documentElement.dataset.theme === 'dark'")
    assert page.run(paper) != light
