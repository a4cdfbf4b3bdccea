from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from loader.cli import main
from loader.errors import ReportFolderError
from loader.report.artifacts import last_run
from loader.report.figures import heat_maps, status_bar
from loader.report.folder import MARKER, claimed, write
from loader.report.lineage import decided
from loader.report.lineage.docs import alone
from loader.report.numbers import measured, number, share_text
from loader.report.plots import Column, columns
from loader.report.tables import as_csv

# ── the folder ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_report_replaces_the_files_of_the_first_and_no_others(tmp_path: Path) -> None:
    with claimed(tmp_path / "site") as root:
        write(root, {"index.html": b"1", "data/old.csv": b"old"})
    (root / "note of somebody.txt").write_text("mine")
    (root / "data" / "mine.csv").write_text("mine")
    with claimed(root):
        write(root, {"index.html": b"2"})
    assert (root / "index.html").read_bytes() == b"2"
    assert not (root / "data" / "old.csv").exists()
    assert (root / "note of somebody.txt").read_text() == (root / "data" / "mine.csv").read_text() == "mine"


def test_a_folder_with_something_else_is_refused_and_not_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("years of work")
    with pytest.raises(ReportFolderError) as caught, claimed(tmp_path):
        pass
    assert "holds something else" in caught.value.message
    assert "--out" in caught.value.fix
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]


def test_a_file_of_somebody_with_a_name_that_the_report_needs_is_not_overwritten(tmp_path: Path) -> None:
    with claimed(tmp_path / "site") as root:
        write(root, {"index.html": b"1"})
    (root / "run.html").write_text("mine")
    with pytest.raises(ReportFolderError, match=r"run\.html is not from a report"), claimed(root):
        write(root, {"index.html": b"2", "run.html": b"2"})
    assert (root / "run.html").read_text() == "mine"
    assert (root / "index.html").read_bytes() == b"1"


def test_a_list_that_leads_out_of_the_folder_deletes_nothing(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    with claimed(tmp_path / "site") as root:
        write(root, {"index.html": b"1"})
    with (root / MARKER).open("a") as file:
        file.write(f"../precious\n{tmp_path / 'precious'}\n")
    with claimed(root):
        write(root, {"index.html": b"2"})
    assert (tmp_path / "precious").read_text() == "mine"


@pytest.mark.parametrize("there", [True, False])
def test_a_report_that_fails_leaves_the_folder_as_it_was(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "site"
    if there:
        folder.mkdir()
    with pytest.raises(RuntimeError), claimed(folder):
        raise RuntimeError
    assert folder.exists() == there
    assert not there or list(folder.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "below a file"])
def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportFolderError) as caught, claimed(tmp_path / "file" / ("x" if kind != "file" else "")):
        pass
    assert "--out" in caught.value.fix


def test_a_run_is_told_before_it_begins_that_its_report_has_no_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.doc").write_text("years of work")
    assert main(["run", "--report", str(tmp_path)]) == 4
    assert main(["demo", "--dir", str(tmp_path / "demo"), "--report", str(tmp_path)]) == 4
    assert capsys.readouterr().err.count("holds something else") == 2
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]


def test_two_reports_do_not_write_into_one_folder(tmp_path: Path) -> None:
    with claimed(tmp_path / "site") as root:  # noqa: SIM117  (the second must meet the first)
        with pytest.raises(ReportFolderError, match="another report is being written"), claimed(root):
            pass


# ── tables and pictures ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_csv_keeps_long_ids_and_letters_and_starts_no_formula() -> None:
    rows = [{"id": "210205070000000102", "detail": '=HYPERLINK("x")', "note": "şəxs, «лицо»", "n": -1, "none": None}]
    content = as_csv(rows, ("id", "detail", "note", "n", "none"))
    assert content.startswith(b"\xef\xbb\xbf")
    (line,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert line == {"id": "210205070000000102", "detail": '\'=HYPERLINK("x")', "note": "şəxs, «лицо»", "n": "-1", "none": ""}


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        (" @SUM(A1)", " '@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\rx", "'\rx"),
        ('x;=HYPERLINK("http://x")', 'x;\'=HYPERLINK("http://x")'),
        ("x; +1;-2", "x; '+1;'-2"),
        ("x\n=1", "x\n'=1"),
        ("a=b, c-d; e", "a=b, c-d; e"),
        ("-12.5", "-12.5"),
        ("-12.5.1", "'-12.5.1"),
        (["=1", "a;=2"], "'=1, a;'=2"),
        ({"note": "x;=1", "n": 2}, '{"note": "x;\'=1", "n": 2}'),
        ({"ad": "Əli"}, '{"ad": "Əli"}'),
        (-1, "-1"),
        (Decimal("-1.50"), "-1.50"),
        (True, "True"),
        (None, ""),
    ],
)
def test_no_cell_starts_a_formula_whatever_ends_a_cell(value: object, cell: str) -> None:
    content = as_csv([{"x": value, "y": "last"}], ("x", "y")).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(content, newline="")))[1] == [cell, "last"]


@pytest.mark.parametrize(("share", "text"), [(None, "–"), (1.0, "100 %"), (0.99999, "99.9 %"), (0.1849, "18.5 %"), (0, "0.0 %")])
def test_a_share_is_never_rounded_up_to_all(share: float | None, text: str) -> None:
    assert share_text(share) == text


def test_numbers_carry_what_another_language_needs() -> None:
    assert str(number(1234567)) == '<data value="1234567">1,234,567</data>'
    assert str(number(1234.5, 2)) == '<data value="1234.50" data-digits="2">1,234.50</data>'
    assert str(number(18.49, 1, "%")) == '<data value="18.5" data-digits="1" data-unit="%">18.5 %</data>'
    assert str(measured(0.0625)) == '<data value="0.0625" data-digits="4">0.0625</data>'
    assert str(measured(12)) == '<data value="12">12</data>'
    assert (str(measured(1e-7)), str(measured(None)), str(number(None))) == ("1e-07", "–", "–")


@pytest.mark.parametrize("values", [[0.0], [1.0], [3.0, 7.0], [0.0001, 0.1], [510_269.0, 1.0], [1e9]])
def test_no_column_leaves_the_picture(values: list[float]) -> None:
    picture = columns("a & b", [Column(str(value), value, "says <b>") for value in values], limit=max(values) * 2)
    assert "a &amp; b" in picture
    assert "<b>" not in picture
    for part in str(picture).split("<rect ")[1:]:
        y = float(part.split(' y="')[1].split('"')[0])
        height = float(part.split(' height="')[1].split('"')[0])
        assert y >= 0
        assert y + height <= 173


def test_the_bar_of_a_dry_run_shows_what_is_not_there_yet() -> None:
    row = {"in_scope": 100, "missing": 80, "matched": 20, "inserted": 80, "folded": 0, "rejected": 0}
    assert "missing 80" in status_bar(row)
    assert 'class="inserted"' not in status_bar(row)
    assert 'class="open"' in status_bar(row)


def test_the_heat_map_has_a_cell_for_every_year_and_term_and_one_for_neither() -> None:
    row = {"ambiguous": 1, "unmapped": 0, "enrollments": 10, "enrollments_moving": 9}
    rows = [
        {"academic_year": "2020-2021", "term_type": "spring", "sections": 4, "mapped": 3, **row},
        {"academic_year": "2021-2022", "term_type": "fall", "sections": 5, "mapped": 5, **row},
        {"academic_year": None, "term_type": None, "sections": 1, "mapped": 0, **row},
    ]
    sections, enrollments = heat_maps(rows)
    assert sections["types"] == ["fall", "spring", None]
    assert [line["year"] for line in sections["lines"]] == ["2020-2021", "2021-2022", None]
    steps = [[cell and cell["step"] for cell in line["cells"]] for line in sections["lines"]]
    assert steps == [[None, 1, None], [5, None, None], [None, None, 0]]
    assert enrollments["lines"][0]["cells"][1]["left"] == 1


# ── what dbt and the project say ──────────────────────────────────────────────────────────────────────────────────────────────


def results(target: Path, invocation: str, *, publication: str | None = "skipped") -> None:
    """A run of two models and a test; `publication`: what came of the last model, None when it was not asked for."""
    target.mkdir(exist_ok=True)
    found: dict[str, Any] = {
        "metadata": {"invocation_id": invocation, "generated_at": "2026-01-02T03:04:05Z"},
        "elapsed_time": 12.3,
        "args": {"vars": {"max_rejected": 5}},
        "results": [
            {"unique_id": "model.edu2lms.students", "status": "success", "execution_time": 1.5},
            {"unique_id": "test.edu2lms.totals", "status": "fail", "execution_time": 0.5, "failures": 3},
        ],
    }
    if publication:
        found["results"].append({"unique_id": "model.edu2lms.lms_publish", "status": publication, "execution_time": 0.0})
    (target / "run_results.json").write_text(json.dumps(found))
    nodes = {
        "model.edu2lms.students": {"name": "students", "path": "marts/students.sql", "tags": []},
        "model.edu2lms.lms_publish": {"name": "lms_publish", "path": "publish/lms_publish.sql", "tags": []},
        "model.edu2lms.top_errors": {"name": "top_errors", "path": "analytics/top_errors.sql", "tags": ["analytics"]},
    }
    (target / "manifest.json").write_text(json.dumps({"nodes": nodes}))


def test_the_results_of_a_run_on_this_database_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBT_TARGET_PATH", raising=False)
    results(tmp_path / "target", "ours")
    run = last_run(tmp_path, {"ours", "another"})
    assert run.variables == {"max_rejected": 5}
    model, publication = run.of("model")
    assert (model.name, model.layer, model.seconds) == ("students", "marts", 1.5)
    assert (publication.name, publication.status, publication.has_failed) == ("lms_publish", "skipped", False)
    (test,) = run.of("test")
    assert (test.name, test.status, test.failures, test.has_failed) == ("totals", "fail", 3, True)


def test_the_results_of_a_selection_are_not_those_of_the_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBT_TARGET_PATH", raising=False)
    results(tmp_path / "target", "ours", publication=None)
    assert last_run(tmp_path, {"ours"}).nodes == ()


def test_the_results_of_a_run_on_another_database_are_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBT_TARGET_PATH", raising=False)
    results(tmp_path / "target", "theirs")
    assert last_run(tmp_path, {"ours"}).nodes == ()
    assert last_run(tmp_path / "nowhere", {"ours"}).nodes == ()


def test_without_the_results_of_dbt_the_decisions_are_those_that_the_run_wrote_down() -> None:
    default = {"kind": "var", "decision": "enrollment_grain", "value": "journal", "is_default": True}
    rows = [
        default,
        {"kind": "var", "decision": "as_of_date", "value": "2024-03-01", "is_default": False},
        {"kind": "var", "decision": "create_missing_courses", "value": "false", "is_default": False},
        {"kind": "var", "decision": "cutoff_date", "value": "", "is_default": False},
        {"kind": "var", "decision": "roster_threshold", "value": "0.7", "is_default": False},
        {"kind": "seed", "decision": "seeds/defaults.csv", "value": "9 lines", "is_default": None},
    ]
    expected = {"as_of_date": "2024-03-01", "create_missing_courses": False, "cutoff_date": "", "roster_threshold": 0.7}
    assert decided(rows) == expected


def test_the_page_of_dbt_is_cut_off_from_the_network() -> None:
    page = '<!doctype html><head><meta charset="utf-8"><link rel="shortcut icon" href="${x}"></head><body class="a"><script>'
    page += 'load("//d1fc8wv8zag5ca.cloudfront.net/2.9.0/sp.js");send("fishtownanalytics.sinter-collect.com")</script></body>'
    clean = alone(page)
    assert "cloudfront" not in clean
    assert "sinter" not in clean
    assert "default-src 'none'" in clean
    assert '<body class="a"><a href="../lineage.html"' in clean
