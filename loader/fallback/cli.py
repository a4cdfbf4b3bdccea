"""The sub-command `edu2lms fallback`."""

from __future__ import annotations

from typing import Annotated

import typer

from loader import fallback
from loader.config import Settings
from loader.console import Progress, print_result
from loader.errors import EXIT_DIFFERENCE, EXIT_DONE
from loader.project import Project
from loader.results import as_json

app = typer.Typer(
    name="fallback",
    help="What the application reads while lms is down: schema lms_compat in edu.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output; logs go to standard error.")]


@app.command(epilog="Example: edu2lms fallback publish --dry-run")
def publish(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything, prove it, and roll it back.")] = False,
    json_output: Json = False,
) -> None:
    """Install schema lms_compat in edu, or replace it: the application's relations with the same ids and values as lms.

    Ends with the proof: the checksum of every relation, over all rows and columns, is the same in lms and in edu.
    """
    result = fallback.publish(Settings.load(), Project.find(), dry_run=dry_run, progress=Progress())
    print_result(as_json(result), fallback.publication_report(result), json_output)


@app.command(epilog="Example: edu2lms fallback verify --json | jq .equal")
def verify(json_output: Json = False) -> None:
    """Compare schema lms_compat with lms as it is now, row by row and column by column. Changes nothing.

    After edits in lms it differs until the next `edu2lms fallback publish`.
    """
    result = fallback.verify(Settings.load())
    print_result(as_json(result), fallback.verification_report(result), json_output)
    raise typer.Exit(EXIT_DONE if result.equal else EXIT_DIFFERENCE)
