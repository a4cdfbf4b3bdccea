"""The HTML pages: what people see, on lms and on the fallback."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from example_sites import Sites

VOID = {"meta", "input", "br"}


class Page(HTMLParser):
    """Checks that elements are closed, and collects what the tests ask for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.elements if found == tag]


pytestmark = pytest.mark.parametrize("sites", ["for_registry"], indirect=True)


def paths(sites: Sites) -> list[str]:
    ((student,),) = sites.lms_rows("select student_id from assessment_submissions limit 1")
    ((teacher, section),) = sites.lms_rows("select instructor_id, course_offering_id from course_instructors limit 1")
    return [
        "/students", f"/students/{student}/courses", f"/students/{student}/submissions", f"/teachers/{teacher}/courses",
        f"/sections/{section}/roster",
    ]  # fmt: skip


def test_both_show_the_same_pages_and_say_when_they_are_old(sites: Sites) -> None:
    for source in ("lms", "edu"):
        if source == "edu":
            sites.paths["lms"].refuse()
        sites.wait_for(source)
        for path in paths(sites):
            texts = {site.get(path).text for site in sites.sites.values()}
            assert len(texts) == 1, path
            text = texts.pop()
            page = Page(text)
            assert page.all("html") == [{"lang": "en"}]
            assert len(page.all("h1")) == len(page.all("main")) == len(page.all("caption")) == 1
            assert len(page.all("tr")) > 1
            assert all(cell == {"scope": "col"} for cell in page.all("th"))
            assert ("Read-only, data as of" in text) == (source == "edu")
            assert re.search(r"data as of\s+<time datetime", text) or source == "lms"
            assert "prefers-color-scheme: dark" in text


def test_links_lead_from_screen_to_screen(sites: Sites) -> None:
    for site in sites.sites.values():
        page = Page(site.get("/students?limit=5").text)
        links = [str(attributes["href"]) for attributes in page.all("a")]
        assert sum(link.endswith("/courses") for link in links) == 5
        for link in links:
            if not link.startswith("#"):
                assert site.client.get(link if link.startswith("/") else f"/students{link}").status_code == 200, link


def test_the_first_page_keeps_who_asks(sites: Sites) -> None:
    ((user,),) = sites.lms_rows("select user_id from students where user_id is not null limit 1")
    for site in sites.sites.values():
        response = site.client.get("/", params={"user": str(user)})
        assert response.status_code == 200
        cookie = response.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert str(user) in site.client.get("/").text
        site.client.cookies.clear()
        Page(response.text)
        assert site.get("/?user=<script>").status_code == 400
        assert "<script>" not in site.get("/?user=<script>").text


def test_texts_of_the_database_are_not_taken_for_html(sites: Sites) -> None:
    evil = "<b>\"&'"
    ((person, name),) = sites.lms_rows(
        "select id, last_name from persons where user_id in (select user_id from students) order by last_name limit 1"
    )
    sites.lms_rows("update persons set last_name = %s where id = %s", evil, person)
    try:
        for site in sites.sites.values():
            text = site.get("/students?limit=200").text
            assert "<b>" not in text
            assert "&lt;b&gt;&#34;&amp;&#39;" in text
    finally:
        sites.lms_rows("update persons set last_name = %s where id = %s", name, person)
