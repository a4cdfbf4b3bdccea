"""`edu2lms run`: load, `dbt build`, report. Without `publish` everything is done and rolled back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import psycopg
import yaml
from rich.console import Group, RenderableType
from rich.text import Text

from loader import dbt, standing
from loader.advice import advice
from loader.config import Settings
from loader.connection import connected
from loader.console import Progress
from loader.decisions import as_dbt_takes_it, check_decisions
from loader.drift import drift
from loader.errors import ConnectError, DbtFailedError, PublishRefusedError, VarsError
from loader.load import load, new_id
from loader.locks import LOAD_OR_RUN, advisory_lock
from loader.mappings import require_sound
from loader.plan import row
from loader.project import Project
from loader.results import DbtWarning, LoadResult, RunResult, TableDrift, TestCounts, Written, as_json
from loader.status import coverage_table, refusals, status

_OPTIONS = {"publish": "--publish", "courses": "--courses"}


def parse_vars(text: str | None) -> dict[str, Any]:
    """The user's dbt vars.

    Args:
        text: a YAML or JSON mapping; None or blank means none.

    Raises:
        VarsError: it cannot be read (with the position), is no mapping, or names a var that an option sets.
    """
    try:
        found = yaml.safe_load(text or "")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        position = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise VarsError(position=position, reason=getattr(error, "problem", None) or str(error)) from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise VarsError(position="", reason=f"it is {found!r} and not a mapping")
    for name in found:
        if not isinstance(name, str):
            raise VarsError(position="", reason=f"the name {name!r} is not text")
        if name in _OPTIONS:
            raise VarsError(position="", reason=f"{name} is set by the run itself; use {_OPTIONS[name]}")
    return {name: as_dbt_takes_it(value) for name, value in found.items()}


def require_ready(project: Project, variables: Mapping[str, Any]) -> None:
    """Refuse impossible decisions and broken seed files, before anything is connected to.

    Raises:
        DecisionError: a decision (var) is none that is possible.
        UnknownVarError: there is no such var, so it would change nothing.
        SeedsRefusedError: a seed file has errors.
    """
    check_decisions(project, variables)
    require_sound(project.root)


def run(
    settings: Settings,
    project: Project,
    *,
    courses: int,
    publish: bool,
    variables: Mapping[str, Any],
    rebuild: bool = False,
    progress: Progress,
) -> RunResult:
    """Load edu, build and test everything, and publish it if wanted.

    Args:
        settings: where and as whom.
        project: the dbt project.
        courses: publish only so many sections and what they need; 0 means all.
        publish: false is a dry run: the same work, rolled back at the end.
        variables: further dbt vars.
        rebuild: build and test everything, also where nothing has changed since the last run.
        progress: is told what happens.

    Raises:
        PublishRefusedError: rows that cannot move, more than `max_rejected` allows; nothing was published.
        DbtFailedError: anything else failed in dbt; its message says whether the batch was published before that.
        Edu2lmsError: what `require_ready` and `load` raise.
    """
    require_ready(project, variables)
    batch_id, asked = new_id(), {**variables, "publish": publish, "courses": courses}
    with connected(settings, "lms", settings.lms) as lms, advisory_lock(settings, lms, LOAD_OR_RUN):
        loaded = load(settings, project.tables, progress=progress, locked=True)
        started, inputs = time.monotonic(), standing.inputs(lms, project, asked)
        if not rebuild and (last := standing.unchanged_since(lms, inputs)):
            return _unchanged(settings, loaded, last, asked, time.monotonic() - started)
        live = standing.look(lms)
        outcome = dbt.build(settings, project.root, asked, batch_id, progress)
        seconds = {"load": loaded.seconds, "dbt": round(time.monotonic() - started, 3)}
        drifted: tuple[TableDrift, ...] = ()
        if outcome.failures and all(failure.parity for failure in outcome.failures):
            of_the_load = {**asked, "parity_source": "staging"}
            outcome, drifted = _ask_the_snapshot(settings, project, outcome, of_the_load, batch_id, progress)
        if "lms_publish" in outcome.node_seconds:
            seconds["of it publish"] = outcome.node_seconds["lms_publish"]
        if not outcome.ok:
            raise _failure(settings, outcome, batch_id)
        if not drifted:
            told = {"nodes": outcome.nodes, "tests": as_json(outcome.tests), "warnings": as_json(outcome.warnings)}
            standing.keep(lms, batch_id, inputs, live, told | {"log": str(outcome.log)})
    return RunResult(
        batch_id=batch_id,
        unchanged_since=None,
        publish=publish,
        courses=courses,
        load=loaded,
        nodes=outcome.nodes,
        written=_written(settings),
        tests=outcome.tests,
        warnings=outcome.warnings,
        conflicts=_conflicts(settings),
        drifted=drifted,
        status=status(settings),
        seconds=seconds,
        log=str(outcome.log),
    )


def _unchanged(
    settings: Settings, loaded: LoadResult, last: standing.LastRun, asked: Mapping[str, Any], seconds: float
) -> RunResult:
    told = last.outcome
    return RunResult(
        batch_id=last.batch_id,
        unchanged_since=last.finished_at.isoformat(timespec="seconds"),
        publish=asked["publish"],
        courses=asked["courses"],
        load=loaded,
        nodes=told["nodes"],
        # a dry run would write what it would have written then; after a publication there is nothing left to write
        written=Written(0, 0, 0, 0) if asked["publish"] else _written(settings),
        tests=TestCounts(**told["tests"]),
        warnings=tuple(DbtWarning(**warning) for warning in told["warnings"]),
        conflicts=_conflicts(settings),
        drifted=(),
        status=status(settings),
        seconds={"load": loaded.seconds, "looking for changes": round(seconds, 3)},
        log=told["log"],
    )


def _ask_the_snapshot(
    settings: Settings, project: Project, outcome: dbt.DbtOutcome, variables: Mapping[str, Any], batch_id: str, progress: Progress
) -> tuple[dbt.DbtOutcome, tuple[TableDrift, ...]]:
    """Judge failed parity tests when edu has changed since the load.

    They compare the live tables with edu as it is now. If edu has changed meanwhile they are run once more against the raw
    copies, which the load has proven equal to one snapshot of edu.

    Returns:
        The outcome, and the tables of edu that have changed.
    """
    progress.line("parity tests failed: has edu changed since the load?")
    drifted = tuple(table for table in drift(settings, project.tables).tables if not table.same)
    if not drifted:
        return outcome, ()
    progress.line(f"edu has changed ({', '.join(table.table for table in drifted)}): comparing with the snapshot of the load")
    again = dbt.build(settings, project.root, variables, batch_id, progress, ("test", "--select", "tag:parity"))
    others = outcome.tests.passed - outcome.tests.parity_passed
    tests = TestCounts(others + again.tests.passed, outcome.tests.warned, again.tests.passed)
    return replace(outcome, ok=again.ok, failures=again.failures, tests=tests), drifted


def _written(settings: Settings) -> Written:
    with connected(settings, "lms", settings.lms) as lms:
        return Written(**(row(lms, "run_written") or {}))


def _published(settings: Settings, batch_id: str) -> str:
    """What became of the batch: the transaction may have been committed before something failed."""
    try:
        with connected(settings, "lms", settings.lms) as lms:
            published = bool((row(lms, "run_batch", batch=batch_id) or {})["is_published"])
    except (ConnectError, psycopg.Error):
        return f"Whether batch {batch_id} is published cannot be told now: ask `edu2lms status` when lms answers again."
    return f"Batch {batch_id} is published, as a whole." if published else "Nothing was published."


def _conflicts(settings: Settings) -> int:
    with connected(settings, "lms", settings.lms) as lms:
        return int((row(lms, "run_conflicts") or {})["conflicts"])


def _failure(settings: Settings, outcome: dbt.DbtOutcome, batch_id: str) -> DbtFailedError | PublishRefusedError:
    others = [failure for failure in outcome.failures if not failure.refusal]
    if others:
        lines = [settings.mask(f"{failure.node}: {failure.message}") for failure in others]
        fix = advice("\n".join(lines)) or "read the messages above; a failed test names its failing rows in the log."
        return DbtFailedError(failures="\n".join(lines), published=_published(settings, batch_id), log=outcome.log, fix=fix)
    lines, most = refusals(settings)
    reasons = [f"{failure.node}: {failure.message}" for failure in outcome.failures]
    if most:
        fix = (
            "repair the rows (`edu2lms mappings suggest` proposes lines of seeds/ that repair some, "
            "`edu2lms status --rejects` lists all of them), or accept them with "
            f"--vars '{{max_rejected: {most}}}', which is recorded with the batch."
        )
    else:
        fix = "read what the named tests promise; their descriptions say who repairs what."
    return PublishRefusedError(reasons="\n".join([*reasons, *lines]), log=outcome.log, fix=fix)


def report(result: RunResult) -> RenderableType:
    """The report after a run, for people."""
    scope = f"a small batch of {result.courses} sections" if result.courses else "everything"
    written = result.written
    rows = f"{written.inserted:,} rows inserted, {written.tracked:,} given their tracking id, {written.updated:,} updated"
    if written.withdrawn:
        rows += f", {written.withdrawn:,} withdrawn because they have gone from edu"
    if not result.publish:
        kind = f"Dry run of {scope}, rolled back: {rows}."
    elif written.total:
        kind = f"Published {scope}, batch {result.batch_id}: {rows}."
    else:
        kind = f"Published {scope}: it was all there already, nothing was written."
    if result.unchanged_since:
        kind = (
            f"Nothing has changed since run {result.batch_id} ({result.unchanged_since}), in edu, in lms or in the project: "
            "nothing was built or written. `--rebuild` builds and tests everything all the same."
        )
    parts: list[RenderableType] = [Text(kind), coverage_table(result.status)]
    tests = f"{result.tests.passed} dbt tests passed" + (" then" if result.unchanged_since else "")
    if result.publish:
        tests += f", all {result.tests.parity_passed} parity tests (edu against the live tables) among them"
    parts.append(Text(f"{tests}."))
    if result.conflicts:
        parts.append(
            Text(f"{result.conflicts:,} conflicts, decided for the application: `edu2lms status --conflicts` lists them.")
        )
    for table in result.drifted:
        counts = f"{table.inserted:,} rows inserted, {table.changed:,} changed, {table.deleted:,} deleted"
        parts.append(Text(f"Warning: edu.{table.table} has changed since the load ({counts}): the next run publishes it."))
    parts += [Text(f"Warning: {warning.test}: {warning.failures} findings") for warning in result.warnings]
    parts.append(Text("Seconds: " + ", ".join(f"{name} {seconds:.1f}" for name, seconds in result.seconds.items())))
    parts.append(Text(f"dbt's log: {result.log}"))
    return Group(*parts)
