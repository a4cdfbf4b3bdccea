"""The sub-command `edu2lms mappings`."""

from __future__ import annotations

from typing import Annotated

import typer

from loader import mappings
from loader.config import Settings
from loader.console import print_result
from loader.errors import EXIT_DIFFERENCE, EXIT_DONE
from loader.mappings.report import check_report, coverage_report, suggestions_report
from loader.project import Project
from loader.results import as_json

app = typer.Typer(
    name="mappings",
    help="The analysts' seed files: check them, find what is missing in them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output; logs go to standard error.")]


@app.command(epilog="Example: edu2lms mappings check --json | jq '.findings[] | select(.severity == \"error\")'")
def check(
    database: Annotated[
        bool,
        typer.Option(
            "--database", help="Also look up ids in edu and lms, and lines that no row uses (needs the LMS_* settings)."
        ),
    ] = False,
    json_output: Json = False,
) -> None:
    """Check every file of seeds/ before dbt reads it: form, spreadsheet damage, values, keys, references, dates.

    Changes nothing, and needs no database without --database. Exit 1: at least one error; warnings alone are 0. `edu2lms run`
    refuses files with errors.
    """
    root = Project.find().root
    result = mappings.check_against_databases(Settings.load(), root) if database else mappings.check_files(root)
    print_result(as_json(result), check_report(result), json_output)
    raise typer.Exit(EXIT_DONE if result.ok else EXIT_DIFFERENCE)


@app.command(epilog="Example: edu2lms mappings suggest --write && git diff seeds")
def suggest(
    write: Annotated[
        bool, typer.Option("--write", help="Add the likely lines to the files; lines that are there stay as they are.")
    ] = False,
    json_output: Json = False,
) -> None:
    """Propose a line for everything that the last run found unmapped or ambiguous, with the evidence.

    Needs a run (a dry run will do). Where several lines would do, all are printed and none is written: a person chooses.
    """
    result = mappings.suggest(Settings.load(), Project.find().root, write=write)
    print_result(as_json(result), suggestions_report(result), json_output)


@app.command(epilog="Example: edu2lms mappings coverage --json | jq '.unmapped'")
def coverage(json_output: Json = False) -> None:
    """Count the rows that each line decides, and the values that no line decides. Needs a run (a dry run will do)."""
    result = mappings.coverage(Settings.load(), Project.find().root)
    print_result(as_json(result), coverage_report(result), json_output)
