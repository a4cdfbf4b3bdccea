"""The report as its readers meet it: opened from a disk in Chromium, on a desk, on a phone, on paper, in the dark."""

from __future__ import annotations

import pytest
from browser import Page
from reported import Reported

COLOUR_RULES = ("color-contrast", "link-in-text-block")


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
