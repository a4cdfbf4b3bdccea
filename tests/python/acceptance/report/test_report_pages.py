"""The report as its readers meet it: opened from a disk in Chromium, by mouse and keyboard, on a phone, on paper, in the dark."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator

import pytest
from browser import Browser, Page
from reported import Reported

LANGUAGES = {"az": "Ümumi baxış", "en": "Overview", "ru": "Обзор"}
COLOUR_RULES = ("color-contrast", "link-in-text-block")
FIRST_IDS = "[...document.querySelectorAll('#rejects tbody tr:not([hidden]) td:nth-child(2)')].map((cell) => cell.textContent)"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with the window of a desk; whatever it did, it asked nothing of the network and nothing broke."""
    opened = browser.page()
    opened.size(1280, 900)
    opened.prefers(scheme="light")
    yield opened
    opened.run("localStorage.clear()")
    assert opened.external_requests == []
    assert opened.problems == []
    opened.close()


def test_every_page_opens_quickly_and_leads_to_the_others(page: Page, reported: Reported) -> None:
    assert page.open(reported.site / "index.html") < 2
    links = page.run("[...document.querySelectorAll('nav a')].map((link) => link.getAttribute('href'))")
    assert len(links) >= 10
    for name in links:
        page.click(f'nav a[href="{name}"]')
        page.wait(f"location.pathname.endsWith('/{name}') && document.readyState === 'complete' && window.reportText")
        assert page.run("document.querySelector('nav a[aria-current]').getAttribute('href')") == name
        assert page.run("document.querySelector('h1').textContent.trim().length") > 2
    page.click('nav a[href="lineage.html"]')
    page.wait("location.pathname.endsWith('/lineage.html') && document.readyState === 'complete'")
    assert page.run("document.querySelectorAll('.tiles a').length") == 3


def test_a_number_leads_to_its_statement(page: Page, reported: Reported) -> None:
    page.open(reported.site / "index.html")
    page.wait("window.reportText")
    assert not page.run("document.querySelector('#source-status details').open")
    page.click(".cards .big a")
    page.wait("location.hash === '#source-status'")
    assert "migration.migration_status" in page.run("document.querySelector('#source-status details[open] pre').textContent")
    page.click("#source-status a[href='queries.html#status']")
    page.wait("location.pathname.endsWith('/queries.html') && document.querySelector('#status:target') !== null")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_hinders_a_reader(page: Page, reported: Reported, scheme: str) -> None:
    page.prefers(scheme=scheme)
    found = {}
    for path in reported.pages:
        page.open(path)
        page.wait("window.reportText")
        page.run("document.querySelectorAll('details').forEach((part) => part.open = true)")
        # only the colours are other ones in the dark
        if violations := page.accessibility(*(COLOUR_RULES if scheme == "dark" else ())):
            found[path.name] = violations[:5]
    assert found == {}


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
    page.run("document.querySelector('form.search output').textContent = window.reportText('table.shown', {shown: 1234, all: 1235})")
    shown = reported.label("table.shown", language).format(shown=f"1{group}234", all=f"1{group}235")
    assert text("form.search output") == shown


def test_the_theme_follows_the_system_until_it_is_chosen(page: Page, reported: Reported) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    page.prefers(scheme="light")
    page.open(reported.site / "index.html")
    light = page.run(paper)
    page.prefers(scheme="dark")
    dark = page.run(paper)
    assert light != dark
    page.run("(() => { const s = document.querySelector('[data-theme-switch]'); s.value = 'light';"
             " s.dispatchEvent(new Event('change')); })()")  # fmt: skip
    assert page.run(paper) == light
    page.open(reported.site / "accounting.html")
    assert page.run(paper) == light


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
    assert page.run("document.querySelector('h1').textContent.trim()") == LANGUAGES["az"]
    tab_to(page, "[data-theme-switch]")
    page.press("End", 35)  # the last of the three
    page.wait("document.documentElement.dataset.theme === 'dark'")
    assert page.run(paper) != light


def test_on_a_phone_nothing_runs_off_the_page(page: Page, reported: Reported) -> None:
    page.size(360, 740, phone=True)
    for path in reported.pages:
        page.open(path)
        page.wait("window.reportText")
        wide = page.run("document.documentElement.scrollWidth")
        assert wide <= 360, f"{path.name}: {wide}"


def test_on_paper_there_are_no_switches_and_no_folded_statements(page: Page, reported: Reported) -> None:
    page.open(reported.site / "index.html")
    page.prefers(medium="print", scheme="dark")
    for selector in ("nav", ".switches", ".source"):
        assert page.run(f"getComputedStyle(document.querySelector('{selector}')).display") == "none"
    assert page.run("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.run("getComputedStyle(document.querySelector('.verdict')).backgroundColor") == "rgb(255, 255, 255)"


def test_the_map_shows_what_a_model_is_made_of(page: Page, reported: Reported) -> None:
    page.open(reported.site / "lineage.html")
    page.click("#node-model-edu2lms-stg_edu__exams")
    assert page.run("document.querySelector('#node-source-edu2lms-edu-exam').classList.contains('above')")
    assert page.run("document.querySelector('#node-model-edu2lms-lms_publish').classList.contains('below')")
    assert not page.run("document.querySelector('#node-model-edu2lms-stg_edu__persons').classList.contains('below')")
    page.click("#node-model-edu2lms-stg_edu__exams")
    assert page.run("document.querySelectorAll('.above, .below').length") == 0


def test_the_documentation_of_dbt_opens_without_a_server(page: Page, reported: Reported) -> None:
    assert page.open(reported.site / "dbt" / "index.html") < 10
    page.wait("document.body.innerText.includes('How the data pass')")
    page.open((reported.site / "dbt" / "index.html").as_uri() + "#!/model/model.edu2lms.course_enrollments")
    page.wait("document.body.innerText.includes('old_journal_id')")
