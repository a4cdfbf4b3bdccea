"""The command line `edu2lms`: one thin function per verb, in the order of a migration's life."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import psycopg
import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from loader.check import check as check_databases
from loader.config import Settings
from loader.connection import one_line
from loader.console import Progress, print_result
from loader.errors import (
    EXIT_CONNECTION,
    EXIT_DIFFERENCE,
    EXIT_DONE,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    DatabaseError,
    DbtFailedError,
    Edu2lmsError,
    InterruptedRunError,
    PublishRefusedError,
)
from loader.fallback.cli import app as fallback_app
from loader.guard import guarded
from loader.load import choose
from loader.load import load as load_tables
from loader.mappings.cli import app as mappings_app
from loader.prepare import prepare as prepare_databases
from loader.prepare import script
from loader.project import Project
from loader.report import build_report, report_of_refusal, report_summary, require_usable
from loader.results import CheckResult, DemoResult, LoadResult, PrepareResult, Verdict, as_json
from loader.run import parse_vars, report, require_ready
from loader.run import run as run_migration
from loader.status import conflicts as read_conflicts
from loader.status import conflicts_table, coverage_table, rejects_table
from loader.status import rejects as read_rejects
from loader.status import status as read_status
from loader.undo import report as undo_report
from loader.undo import undo as undo_batch
from loader.verify import VerificationVerdict, verification_report
from loader.verify import verify as verify_content
from loader.verify.core import BLOCK_SIZE, FIRST

app = typer.Typer(
    name="edu2lms",
    help="Moves the legacy database edu into the live database lms: demo, or check → prepare → load → run → status → verify, "
    "mappings, report, undo, and fallback.\n\n"
    "Exit codes: 0 done · 1 a difference or failed check was found · 2 usage · 3 cannot connect · 4 refused for safety · "
    "130 interrupted.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(fallback_app)
app.add_typer(mappings_app)

# Newer versions of typer carry a click of their own: the base of its public exception is the right one in all of them.
_UsageError: Any = typer.BadParameter.__mro__[1]

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output; logs go to standard error.")]


@app.command(epilog="Example: edu2lms demo --scale 0.05 --keep")
def demo(
    scale: Annotated[
        float, typer.Option(min=0.001, max=100.0, help="Size of the invented data; 1.0 has 510,269 enrollments.")
    ] = 1.0,
    folder: Annotated[Path, typer.Option("--dir", help="Folder of both servers.")] = Path(".demo"),
    damaged: Annotated[
        bool, typer.Option("--damaged", help="Data with rows that cannot move: the run refuses to publish.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave both servers running and say how to use them.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Stop servers that --keep left running.")] = False,
    no_run: Annotated[bool, typer.Option("--no-run", help="Only the servers and their data, no migration.")] = False,
    no_fill: Annotated[bool, typer.Option("--no-fill", help="Only the servers, with the data of the last time.")] = False,
    site: Annotated[Path | None, typer.Option("--report", help="Folder of the report; else `site`, beside the servers.")] = None,
    json_output: Json = False,
) -> None:
    """Start two PostgreSQL servers, fill edu and lms with invented data, run the whole migration, and print the status table.

    The report is written, too; its path is printed last.

    Needs no settings: LMS_* and EDU_* of the environment and .env are not used.
    """
    from loader.demo import demo as demonstration

    progress = Progress()
    if stop:
        stopped = demonstration.stop(folder)
        print_result({"stopped": stopped}, f"Stopped {', '.join(stopped)}." if stopped else "Nothing was running.", json_output)
        return
    result = demonstration.demo(
        folder,
        scale=scale,
        damaged=damaged,
        keep=keep,
        run_migration=not no_run and not no_fill,
        fill=not no_fill,
        progress=progress,
        site=site,
    )
    print_result(as_json(result), _demo_report(result), json_output)
    if result.running:
        progress.line(demonstration.usage(result.folder))
    if result.site and not json_output:
        print(f"\nReport: {result.site}")


@app.command(epilog="Example: edu2lms check --json | jq '.findings[] | select(.verdict != \"ok\")'")
def check(json_output: Json = False) -> None:
    """Look at both databases: versions, roles, rights, free disk, what is missing. Changes nothing.

    Verdicts: ok, warning (works, but slower or weaker), failed (must be repaired first), unknown (cannot be seen from here).
    """
    result, reached = check_databases(Settings.load(), Project.find().tables)
    print_result(as_json(result), _findings_table(result), json_output)
    if not reached:
        raise typer.Exit(EXIT_CONNECTION)
    raise typer.Exit(EXIT_DONE if result.ok else EXIT_DIFFERENCE)


@app.command(epilog="Example: edu2lms prepare --dry-run > prepare.sql")
def prepare(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print the SQL, with passwords masked.")] = False,
    json_output: Json = False,
) -> None:
    """Add what is missing: roles, schemas, foreign server, tracking columns, indexes, functions. Safe to repeat.

    Writers of the application wait at most EDU2LMS_LOCK_TIMEOUT seconds (2).
    """
    settings, progress, tables = Settings.load(), Progress(), Project.find().tables
    _ = settings.edu_admin, settings.lms_admin  # a missing name is said before anything is connected to
    with nullcontext() if dry_run else guarded(settings, "prepare"):
        result = prepare_databases(settings, tables, dry_run=dry_run, report=progress.line)
    print_result(as_json(result), script(result, settings) if dry_run else _prepared(result), json_output)


@app.command(epilog="Example: edu2lms load --table journal --table course")
def load(
    table: Annotated[list[str] | None, typer.Option("--table", help="Load only this table; may be repeated.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Copy whole tables, not only what has changed.")] = False,
    json_output: Json = False,
) -> None:
    """Bring schema staging to one snapshot of edu, in one transaction: only what has changed, proven by checksums."""
    tables, wanted = Project.find().tables, table or []
    choose(tables, wanted)  # a wrong name is said before anything is connected to
    settings = Settings.load()
    with guarded(settings, "load"):
        result = load_tables(settings, tables, wanted=wanted, full=full, progress=Progress())
    print_result(as_json(result), _load_table(result), json_output)


@app.command(epilog="Example: edu2lms run --courses 100 --vars '{max_rejected: 5}'")
def run(
    courses: Annotated[int, typer.Option(min=0, help="Publish only so many sections and what they need; 0 means all.")] = 0,
    publish: Annotated[bool, typer.Option("--publish", help="Write to the live tables. Without it: a dry run.")] = False,
    variables: Annotated[str | None, typer.Option("--vars", help="dbt vars as one YAML or JSON mapping.")] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build and test everything, also where nothing has changed since the last run.")
    ] = False,
    site: Annotated[
        Path | None, typer.Option("--report", help="Then write the report into this folder, also when the run is refused.")
    ] = None,
    json_output: Json = False,
) -> None:
    """Load, build and test everything with dbt, publish it if wanted, and report."""
    settings, project, chosen, progress = Settings.load(), Project.find(), parse_vars(variables), Progress()
    require_ready(project, chosen)
    if site is not None:
        require_usable(site)
    try:
        with guarded(settings, "run"):
            result = run_migration(
                settings, project, courses=courses, publish=publish, variables=chosen, rebuild=rebuild, progress=progress
            )
    except (PublishRefusedError, DbtFailedError):
        if site is not None:
            report_of_refusal(settings, project, site, progress)
        raise
    print_result(as_json(result), report(result), json_output)
    if site is not None:
        progress.line(report_summary(build_report(settings, project, site, with_lineage=True, progress=progress)))


@app.command(epilog="Example: edu2lms status --rejects --json")
def status(
    rejects: Annotated[bool, typer.Option("--rejects", help="List the legacy rows that cannot move.")] = False,
    conflicts: Annotated[
        bool, typer.Option("--conflicts", help="List the legacy changes that were not published: the application decides.")
    ] = False,
    json_output: Json = False,
) -> None:
    """Print the coverage table: how much of edu is in lms, before and now."""
    if rejects and conflicts:
        raise typer.BadParameter("give --rejects or --conflicts, not both")
    if conflicts:
        listed = read_conflicts(Settings.load())
        print_result(as_json(listed), conflicts_table(listed), json_output)
        return
    if rejects:
        found = read_rejects(Settings.load())
        print_result(as_json(found), rejects_table(found), json_output)
        return
    result = read_status(Settings.load())
    print_result(as_json(result), coverage_table(result), json_output)


@app.command("report", epilog="Example: edu2lms report --out /srv/www/migration")
def make_report(
    out: Annotated[Path, typer.Option("--out", help="The folder; an earlier report in it is replaced.")] = Path("site"),
    no_lineage: Annotated[
        bool, typer.Option("--no-lineage", help="Only the numbers: without dbt's documentation and the origin of columns.")
    ] = False,
    json_output: Json = False,
) -> None:
    """Write one folder of pages that opens without a server: status, accounting, rejects, coverage, timings, decisions, lineage.

    Changes nothing in the databases. A folder that holds anything but an earlier report is refused.
    """
    result = build_report(Settings.load(), Project.find(), out, with_lineage=not no_lineage, progress=Progress())
    print_result(as_json(result), report_summary(result), json_output)


@app.command(epilog="Example: edu2lms verify --entity course_enrollments --first 5")
def verify(
    entity: Annotated[
        list[str] | None, typer.Option("--entity", "--table", help="Compare only this live table; may be repeated.")
    ] = None,
    first: Annotated[int, typer.Option("--first", min=0, help="How many differences of each table are printed.")] = FIRST,
    block_size: Annotated[int, typer.Option("--block-size", min=1, help="Legacy ids in one block.")] = BLOCK_SIZE,
    allow_edits: Annotated[
        bool, typer.Option("--allow-edits", help="Rows that the application has edited or deleted since do not count.")
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Exit 0 also when rows are only missing because a small batch left them.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where the last verification was interrupted, with its options.")
    ] = False,
    json_output: Json = False,
) -> None:
    """Compare everything: every mapped column, derived anew from edu by the rules, with the live rows. Changes nothing.

    Verdicts: match, mismatch, cannot tell (rows that have to move have not moved yet).
    """
    result = verify_content(
        Settings.load(),
        Project.find(),
        wanted=entity or [],
        block_size=block_size,
        first=first,
        allow_edits=allow_edits,
        resume=resume,
        progress=Progress(),
    )
    print_result(as_json(result), verification_report(result), json_output)
    good = result.verdict is VerificationVerdict.MATCH or (partial and result.verdict is VerificationVerdict.CANNOT_TELL)
    raise typer.Exit(EXIT_DONE if good else EXIT_DIFFERENCE)


@app.command(epilog="Example: edu2lms undo --batch 20250131T235959Z-0a1b --dry-run")
def undo(
    batch: Annotated[str, typer.Option("--batch", help="The latest batch; `edu2lms status` names it.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything and roll it back.")] = False,
    json_output: Json = False,
) -> None:
    """Take a batch back, in one transaction: delete what it inserted, restore what it changed, remove its tracking ids.

    Rows that the application has edited since, or needs, stay as they are and are listed.
    """
    settings = Settings.load()
    with nullcontext() if dry_run else guarded(settings, "undo"):
        result = undo_batch(settings, batch, dry_run=dry_run)
    print_result(as_json(result), undo_report(result), json_output)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: without the program's name; default: those of the process.

    Returns:
        The exit code.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    _end_on_signals()
    try:
        if not given:
            app(args=["--help"], prog_name="edu2lms", standalone_mode=False)
            return EXIT_USAGE
        code = app(args=given, prog_name="edu2lms", standalone_mode=False)
        if code == EXIT_INTERRUPTED:  # typer turned the interrupt into an exit code
            raise KeyboardInterrupt
        return code if isinstance(code, int) else EXIT_DONE
    except Edu2lmsError as error:
        _print_error(error.as_dict(), f"{error.message}\nFix: {error.fix}", "--json" in given)
        return error.exit_code
    except psycopg.Error as error:
        failure = DatabaseError(reason=one_line(error))
        _print_error(failure.as_dict(), f"{failure.message}\nFix: {failure.fix}", "--json" in given)
        return failure.exit_code
    except _UsageError as error:
        where = error.ctx.command_path if error.ctx else "edu2lms"
        fix = f"see `{where} --help`."
        document = {"error": {"type": "UsageError", "message": error.format_message(), "fix": fix}}
        _print_error(document, f"{error.format_message()}\nFix: {fix}", "--json" in given)
        return EXIT_USAGE
    except (KeyboardInterrupt, typer.Abort):
        _print_error({"error": {"type": "Interrupted", "message": "interrupted", "fix": ""}}, "Interrupted.", "--json" in given)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader (head, less) has gone
        return EXIT_DONE


def _end_on_signals() -> None:
    """Let SIGTERM and SIGHUP end the program in order, as Ctrl-C does."""

    def interrupt(number: int, _frame: FrameType | None) -> None:
        raise InterruptedRunError(signal.Signals(number).name)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # under nohup it stays ignored
            signal.signal(number, interrupt)


# ── output ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _print_error(document: Mapping[str, object], human: str, json_output: bool) -> None:
    if json_output:
        print(json.dumps(document, ensure_ascii=False, indent=2))  # the one document, also when it is an error
    else:
        print(human, file=sys.stderr)


def _findings_table(result: CheckResult) -> Table:
    colours = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.FAILED: "red", Verdict.UNKNOWN: "cyan"}
    table = Table(
        title="check: " + ("nothing is in the way" if result.ok else "something must be repaired"), title_justify="left"
    )
    for heading in ("", "what", "finding"):
        table.add_column(heading, overflow="fold")
    for finding in result.findings:
        mark = f"[{colours[finding.verdict]}]{finding.verdict}[/]"
        fix = f"\nFix: {finding.fix}" if finding.fix else ""
        table.add_row(mark, finding.name, f"{finding.detail}{fix}".replace("[", "\\["))
    return table


def _prepared(result: PrepareResult) -> str:
    done = f"{len(result.steps)} steps in {result.seconds:.1f} s." if result.steps else "Everything was there already."
    return "\n".join([done, *(f"Note: {note}" for note in result.notes)])


def _load_table(result: LoadResult) -> RenderableType:
    table = Table(title=f"Load {result.load_id}", title_justify="left", show_footer=True)
    table.add_column("table", footer="all")
    table.add_column("copied")
    for name, total in (("rows", result.rows), *((name, getattr(result, name)) for name in ("inserted", "changed", "deleted"))):
        table.add_column(name, f"{total:,}", justify="right")
    table.add_column("MB", f"{result.bytes / 1e6:,.1f}", justify="right")
    table.add_column("seconds", f"{result.seconds:.2f}", justify="right")
    for loaded in result.tables:
        counts = [f"{count:,}" for count in (loaded.rows, loaded.inserted, loaded.changed, loaded.deleted)]
        copied = (
            "whole" if loaded.mode == "full" else "changes" if loaded.inserted + loaded.changed + loaded.deleted else "nothing"
        )
        table.add_row(loaded.table, copied, *counts, f"{loaded.bytes / 1e6:,.1f}", f"{loaded.seconds:.2f}")
    edited = [loaded.table for loaded in result.tables if loaded.edited]
    note = "Proven: edu and its copy have the same checksums in one snapshot."
    if edited:
        note += f"\nSomebody had changed the copies of {', '.join(edited)} since the last load; they are repaired."
    return Group(table, Text(note))


def _demo_report(result: DemoResult) -> RenderableType:
    table = Table(show_footer=True)
    table.add_column("step", "all")
    steps = {name: seconds for name, seconds in result.seconds.items() if not name.startswith("of it")}
    table.add_column("seconds", f"{sum(steps.values()):.1f}", justify="right")
    for name, seconds in result.seconds.items():
        table.add_row(name, f"{seconds:.1f}")
    parts: list[RenderableType] = [Text(f"Demonstration in {result.folder}, scale {result.scale:g}:"), table]
    return Group(*([report(result.run)] if result.run else []), *parts)
