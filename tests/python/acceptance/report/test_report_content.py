"""The numbers of the report are those of the databases, nobody's name stands in it, and nothing in it leads outside."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import unquote, urlsplit

import pytest
from databases import ROOT, rows, value
from reported import Reported

from loader.cli import main

# What a stranger could recognise a person by. Words shorter than this stand in any text.
PERSONAL = """
select distinct btrim(found)
from (
    select pincode as found from persons
    union all select firstname || ' ' || lastname from persons
    union all select lastname || ' ' || firstname from persons
    union all select email from accounts
    union all select username from accounts
    union all select card_number from students
) as personal
where length(btrim(found)) >= 6
"""


class Addresses(HTMLParser):
    """Every address that a page names, and its ids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, content in attrs:
            if name in ("href", "src", "action", "srcset", "poster"):
                self.found.append(content or "")
            elif name == "id":
                self.ids.append(content or "")
            elif name == "style" or name.startswith("on"):
                self.inline.append(f"<{tag} {name}>")


def read(text: str) -> Addresses:
    parser = Addresses()
    parser.feed(text)
    return parser


def test_every_link_leads_to_a_file_and_a_place_in_the_folder(reported: Reported) -> None:
    known = {path.name: read(path.read_text(encoding="utf-8")) for path in reported.pages}
    broken = []
    for page, parsed in known.items():
        for address in parsed.found:
            parts = urlsplit(address)
            target = unquote(parts.path) or page
            if parts.scheme == "data":
                continue
            if parts.scheme or parts.netloc or not (reported.site / target).is_file():
                broken.append(f"{page}: {address}")
            elif parts.fragment and parts.fragment not in known[target].ids:
                broken.append(f"{page}: {address} (no such place)")
    assert broken == []


def test_no_page_needs_inline_scripts_or_styles(reported: Reported) -> None:
    for path in reported.pages:
        text = path.read_text(encoding="utf-8")
        assert read(text).inline == [], path.name
        assert re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style", text) is None, path.name
        assert "default-src 'none'" in text


def test_no_id_stands_twice_on_a_page(reported: Reported) -> None:
    for path in reported.pages:
        twice = [name for name, count in Counter(read(path.read_text(encoding="utf-8")).ids).items() if count > 1]
        assert twice == [], path.name


def test_the_status_table_is_the_one_of_the_command_line(reported: Reported) -> None:
    told = {line["entity"]: line for line in reported.databases.document("status")["entities"]}
    shown = {line["entity"]: line for line in reported.table("status")}
    assert shown.keys() == told.keys()
    for entity, line in shown.items():
        names = ("source_total", "in_scope", "matched", "inserted", "folded", "rejected", "target_before", "target_total")
        assert {name: int(line[name]) for name in names} == {name: told[entity][name] for name in names}, entity
        assert f'<data value="{told[entity]["target_total"]}">' in reported.text("index.html")


def test_the_accounting_per_term_adds_up_to_the_total(reported: Reported) -> None:
    totals = {line["entity"]: int(line["source_total"]) for line in reported.table("status")}
    per_term: Counter[str] = Counter()
    for line in reported.table("accounting_terms"):
        per_term[line["entity"]] += int(line["source_total"])
        classes = ("matched", "inserted", "folded", "rejected", "out_of_scope")
        assert int(line["source_total"]) == sum(int(line[name]) for name in classes)
    assert per_term == {entity: totals[entity] for entity in per_term}
    assert len(per_term) == 5


def test_every_rejected_row_is_in_the_file_with_its_repair(reported: Reported) -> None:
    told = reported.databases.document("status", "--rejects")
    shown = reported.table("rejects")
    key = ("entity", "legacy_id", "reason", "detail")
    assert Counter(tuple(line[name] for name in key) for line in shown) == Counter(
        tuple(line[name] or "" for name in key) for line in told
    )
    assert len(shown) > 100
    assert all(line["repair"] for line in shown)


def words(text: str) -> set[str]:
    """Every word, address and number of a text, and every two that stand side by side."""
    found = [word.strip(".-+") for word in re.findall(r"[\w.@+-]+", text.casefold())]
    return {*found, *(f"{one} {two}" for one, two in pairwise(found))}


def test_nobodys_name_address_or_number_is_in_the_report(reported: Reported) -> None:
    personal = {" ".join(found.casefold().split()) for (found,) in rows(reported.databases.edu, PERSONAL)}
    assert len(personal) > 1000
    assert personal & words(f"x {next(iter(personal))}, y")  # the search finds what is there
    for path in reported.site.rglob("*"):
        if path.is_file():
            assert personal & words(path.read_text(encoding="utf-8")) == set(), path.name


def test_pages_and_errors_are_named_by_routes_alone(reported: Reported) -> None:
    """The database has titles and paths with the name of somebody, whom the test above would find."""
    assert value(reported.databases.lms, "select count(*) from page_views where page_path like '/people/%'")
    assert value(reported.databases.lms, "select count(page_title) from analytics.most_viewed_pages")
    pages = {line["page"]: int(line["views"]) for line in reported.table("usage_pages")}
    assert pages == {"/page/0": 20, "/page/1": 21, "/page/2": 20, "(no route)": 4}
    assert {line["error_fingerprint"]: line["most_common_route"] for line in reported.table("usage_top_errors")} == {
        "f1": "/page",
        "f2": "(no route)",
    }
    assert "(no route)" in reported.text("usage.html")


def test_no_password_and_no_folder_of_this_computer_is_in_the_report(reported: Reported) -> None:
    secrets = {content for name, content in reported.databases.settings.items() if name.endswith("PASSWORD")}
    for path in reported.site.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert [secret for secret in secrets if secret in text] == [], path.name
            assert str(ROOT) not in text, path.name
            assert str(reported.databases.folder) not in text, path.name


def test_the_differences_to_the_previous_batch_are_shown(reported: Reported) -> None:
    text = reported.text("batches.html")
    batches = [batch for (batch,) in rows(reported.databases.lms, "select batch_id from ledger.batches order by 1")]
    assert len(batches) == 2
    assert all(batch in text for batch in batches)
    assert "100001" in text
    assert "journal" in text  # the load that found the changed row


def test_conflicts_and_warnings_are_shown_without_their_values(reported: Reported) -> None:
    assert len(reported.table("conflicts")) == 1
    assert set(reported.table("warnings")[0]) == {"entity", "legacy_id", "column_name", "warning"}
    told = value(reported.databases.lms, "select count(*) from migration.value_warnings")
    assert len(reported.table("warnings")) == told


def test_the_report_of_a_refusal_shows_what_was_refused(reported: Reported) -> None:
    text = (reported.refused / "index.html").read_text(encoding="utf-8")
    assert "Nothing has been published" in text
    assert "missing_section" in (reported.refused / "data" / "rejects.csv").read_text(encoding="utf-8-sig")
    assert "migration.lms_publish" in (reported.refused / "run.html").read_text(encoding="utf-8")  # not there yet, and said so


def test_the_folder_is_small_and_the_document_tells_where_it_starts(reported: Reported) -> None:
    size = sum(path.stat().st_size for path in reported.site.rglob("*") if path.is_file())
    assert size < 15_000_000
    assert reported.document["start"] == str(reported.site / "index.html")
    assert reported.document["notes"] == []


def test_every_live_column_that_is_written_has_its_origin(reported: Reported) -> None:
    lineage = {(line["model"], line["column"]): line["made_of"] for line in reported.table("column_lineage")}
    assert "int_course_enrollments_classified.enrollment_date" in lineage["course_enrollments", "enrollment_date"]
    text = reported.text("columns.html")
    row = re.search(r"<code>course_enrollments\.<wbr>old_journal_id</code>.*?</tr>", text, re.DOTALL)
    assert row is not None
    assert "<code>journal.id</code>" in row[0]
    row = re.search(r"<code>persons\.<wbr>date_of_birth</code>.*?</tr>", text, re.DOTALL)
    assert row is not None
    assert "<code>persons.birthdate</code>" in row[0]


def test_the_diagram_of_edu_shows_references_that_do_not_hold(reported: Reported) -> None:
    (journal,) = reported.table("edu_reference-journal-course_id-course")
    there, found = (int(journal[name]) for name in ("values_there", "values_found"))
    assert 0 < found < there
    assert f"{min(found / there * 100, 99.9):.1f} %" in reported.text("entities.html")


def test_before_the_first_run_the_error_says_what_to_do(
    demo_copy: object, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in demo_copy.env.items():  # type: ignore[attr-defined]
        monkeypatch.setenv(name, content)
    assert main(["report", "--out", "site"]) in (3, 4)  # the migration's role is made by prepare
    assert "edu2lms prepare" in capsys.readouterr().err
    assert main(["prepare"]) == 0
    capsys.readouterr()
    assert main(["report", "--out", "site"]) == 1
    said = capsys.readouterr().err
    assert "nothing has been run yet" in said
    assert "edu2lms run" in said
