"""Pages and program agree: every command, option and link exists, and the reference is the program's own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pages import commands

from loader.cli import main
from loader.project import Project

ROOT = Project.find().root
PAGES = ["README.md", "PLAYBOOK.md", *(f"docs/{file.name}" for file in sorted((ROOT / "docs").glob("*.md")))]


def test_the_reference_is_that_of_the_program(tmp_path: Path) -> None:
    """`make reference` writes it."""
    made = tmp_path / "cli.md"
    typer = [sys.executable, "-m", "typer", "loader.cli", "utils", "docs", "--name", "edu2lms", "--title", "The command line"]
    subprocess.run([*typer, "--output", str(made)], cwd=ROOT, check=True, capture_output=True)
    assert made.read_text(encoding="utf-8") == (ROOT / "docs" / "cli.md").read_text(encoding="utf-8"), "run: make reference"


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_every_link_of_a_page_exists(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        assert "://" in target or ((ROOT / page).parent / target).exists(), target
    for words in commands(text):
        verbs = [word for word in words[:2] if re.fullmatch("[a-z]+", word)]
        assert main([*verbs, "--help"]) == 0, words
        text_of_help = capsys.readouterr().out
        assert all(word.split("=")[0] in text_of_help for word in words if word.startswith("--")), words
