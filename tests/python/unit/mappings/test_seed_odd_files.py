"""Files that are none: each ends in a message with its place and what to do, never in a traceback, and soon."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from seed_files import ROOT, Seeds

from loader.cli import main
from loader.mappings.report import coverage_report
from loader.mappings.results import Coverage, LineCoverage
from loader.project import Project

HEADER = (ROOT / "seeds/term_mapping.csv").read_bytes().splitlines()[0]
LINE = b"2015/2016,110000135,2015-2016,fall,"


def link_to_itself(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def link_to_nothing(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parent / "gone")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def holding(data: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


# what it is, how it is made, the rule that finds it
FILES = {
    "empty": (holding(b""), "missing_header"),
    "empty lines": (holding(b"\n" * 100_000), "missing_column"),
    "the header alone": (holding(HEADER + b"\n"), "unknown_reference"),  # of semester_codes.csv, which leans on the file
    "UTF-16": (holding((HEADER + b"\n" + LINE + b"\n").decode().encode("utf-16")), "encoding"),
    "UTF-32": (holding((HEADER + b"\n" + LINE + b"\n").decode().encode("utf-32")), "encoding"),
    "zeros": (holding(bytes(10_000)), "encoding"),
    "some zeros": (holding(HEADER + b"\n" + LINE + b"\x00\x00\n"), "control_character"),
    "a spreadsheet": (holding(b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00\xee\x9d\xa8"), "encoding"),
    "a folder": (folder, "missing_file"),
    "a pipe": (pipe, "missing_file"),
    "a link to itself": (link_to_itself, "missing_file"),
    "a link to nothing": (link_to_nothing, "missing_file"),
    "50 MB of lines": (holding(HEADER + (b"\n" + LINE) * 1_400_000), "too_large"),
    "50 MB of zeros": (lambda path: os.truncate(path, 50_000_000), "too_large"),
    "control characters": (holding(HEADER + b"\n" + b"\x07\n\x1b" * 200_000), "control_character"),
    "one line": (holding(HEADER + b"\n" + b"x" * 1_000_000), "quotation_marks"),
    "an open quotation mark": (holding(b'"' + HEADER + b"\n" + LINE + b"\n"), "quotation_marks"),
    "columns": (holding(HEADER + b",x" * 200_000), "repeated_column"),
    "unlike columns": (holding(HEADER + b"".join(b",x%d" % number for number in range(50_000))), "unknown_column"),
    "ragged lines": (holding(HEADER + b"\nx" * 100_000), "ragged_line"),
    "one line many times": (holding(HEADER + (b"\n" + LINE) * 5_000), "duplicate"),
}


@pytest.fixture
def project(seeds: Seeds, monkeypatch: pytest.MonkeyPatch) -> Seeds:
    """The command line works on the copy."""
    monkeypatch.setattr(Project, "find", classmethod(lambda cls: cls(seeds.root)))
    return seeds


@pytest.mark.parametrize("name", FILES)
def test_an_odd_file_ends_in_a_message(project: Seeds, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    make, rule = FILES[name]
    make(project.path("term_mapping"))
    assert main(["mappings", "check"]) == 1
    said = capsys.readouterr().out.splitlines()
    found = [line for line in said if f"[{rule}]" in line]
    assert found, said[:5]
    assert name == "empty" or "the file is empty" not in "".join(said)
    assert all(line.startswith(("error: seeds/", "warning: seeds/")) and " Fix: " in line for line in said[:-2])
    assert len(said) < 400
    assert max(map(len, said)) < 2000
    assert main(["mappings", "check", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False


def test_what_is_too_often_wrong_is_counted(project: Seeds) -> None:
    project.path("term_mapping").write_bytes(HEADER + b"\nx" * 5_000 + b"\n\x07" * 300)
    found = project.check().findings
    (ragged,) = (item for item in found if item.rule == "ragged_line" and item.line is None)
    assert "5,200 more places" in ragged.message
    assert [item.line for item in found if item.rule == "ragged_line" and item.line] == [*range(2, 102)]
    (control,) = (item for item in found if item.rule == "control_character" and item.line is None)
    assert "200 more places" in control.message
    assert [item.line for item in found if item.rule == "control_character" and item.line] == [*range(5_002, 5_102)]


def test_the_name_of_a_copy_may_be_in_any_encoding(project: Seeds, capsys: pytest.CaptureFixture[str]) -> None:
    Path(project.root / "seeds" / os.fsdecode("копия\n.csv".encode("cp1251"))).touch()
    assert main(["mappings", "check"]) == 1
    said = capsys.readouterr().out
    assert r"error: seeds/\xea\xee\xef\xe8\xff\n.csv: no seed is described" in said
    assert main(["mappings", "check", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["rule"] == "unknown_file"


def test_a_header_cannot_write_over_the_terminal(project: Seeds, capsys: pytest.CaptureFixture[str]) -> None:
    project.replace("term_mapping", "note", '"no\x1b[2J\nte"')
    assert main(["mappings", "check"]) == 1
    said = capsys.readouterr().out
    assert r"error: seeds/term_mapping.csv:1: no\x1b[2J\nte: 'no\x1b[2J\nte': there is no column" in said
    assert "\x1b" not in said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "[" * 2_000,
        "seeds: 1",
        "seeds: [1]",
        "seeds: []\n\x00",
        "seeds:\n  - name: x\n    config: {meta: {same_year: []}}\n    columns: []",
    ],
)
def test_rules_that_cannot_be_read_are_said(project: Seeds, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    (project.root / "seeds/_seeds.yml").write_text(text, encoding="utf-8")
    assert main(["mappings", "check"]) == 2
    assert "seeds/_seeds.yml" in capsys.readouterr().err


def test_coverage_shows_a_key_as_it_stands_there() -> None:
    line = LineCoverage("seeds/semester_codes.csv", 2, {"code_semester": "[/red]"}, 1, "sections")
    unmapped = LineCoverage("seeds/semester_codes.csv", None, {"code_semester": "P\x1b[2J\nY"}, 1, "sections")
    console = Console(width=160)
    with console.capture() as captured:
        console.print(coverage_report(Coverage((line,), (unmapped,))))
    assert "[/red]" in captured.get()
    assert "code_semester P[2J Y: 1 section" in captured.get()
