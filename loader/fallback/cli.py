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


@app.command(epilog="Example: edu2lms fallback drill --seconds 20 --json | jq '.missed'")
def drill(
    seconds: Annotated[float, typer.Option(min=0.5, help="How long each phase lasts at least.")] = 10.0,
    threads: Annotated[
        int, typer.Option(min=1, max=200, help="Simulated users at a time; each makes some 20 requests a second.")
    ] = 8,
    back_within: Annotated[
        float, typer.Option("--back-within", min=1, help="Seconds after which the application must be back on lms.")
    ] = 120.0,
    json_output: Json = False,
) -> None:
    """Rehearse the fail-over with the real servers: lms is refused, goes silent, flaps. It stops no server and writes nothing.

    A simulated application reads through a forwarder on this machine, which breaks; real users notice only the load. It uses the
    application's settings (docs/connection-manager.md). Exit 1: errors from 1 %, the fallback more than 2 s late, a write let
    through, or not back on lms in time.
    """
    screens = Project.find().root / "examples" / "sql"
    document = fallback.drill(screens, seconds=seconds, threads=threads, back_within=back_within, progress=Progress())
    print_result(document, fallback.drill_report(document), json_output)
    raise typer.Exit(EXIT_DONE if document["passed"] else EXIT_DIFFERENCE)
