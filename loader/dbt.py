"""Runs dbt as a program of its own, with the same environment as by hand, and reads what it did."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loader.config import Settings
from loader.console import Progress
from loader.results import DbtWarning, TestCounts

NOTICE_LOST_CLIENTS = "-c client_connection_check_interval=1000"
"""A server that works on a statement of a program that was killed goes on to its end, and keeps its locks, unless it looks."""
BUILD = ("build", "--exclude-resource-types", "unit_test", "exposure", "--exclude", "tag:analytics")
"""Unit tests try the models on rows of their own, whatever the databases hold, and analytics tells how the application is used:
both are no part of a migration. Exposures are names. `dbt build` by hand builds and tests everything."""
_RESULT_EVENTS = {"LogModelResult", "LogTestResult", "LogSeedResult", "LogNodeResult", "LogFunctionResult", "LogSnapshotResult"}
_BAD = {"error", "fail", "runtime error"}


@dataclass(frozen=True, slots=True)
class DbtFailure:
    """A node that failed. `refusal`: tagged as a deliberate refusal to publish. `parity`: compares edu with the live tables."""

    node: str
    message: str
    refusal: bool
    parity: bool = False


@dataclass(frozen=True, slots=True)
class DbtOutcome:
    """What one `dbt build` did. Node times are in seconds."""

    ok: bool
    nodes: int
    failures: tuple[DbtFailure, ...]
    warnings: tuple[DbtWarning, ...]
    tests: TestCounts
    node_seconds: dict[str, float]
    log: Path


@dataclass
class _Events:
    """What dbt says while it works."""

    errors: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


def build(
    settings: Settings,
    root: Path,
    variables: Mapping[str, Any],
    batch_id: str,
    progress: Progress,
    arguments: Sequence[str] = BUILD,
) -> DbtOutcome:
    """Run `dbt build`.

    Args:
        settings: become dbt's environment.
        root: folder of dbt_project.yml.
        variables: dbt's vars.
        batch_id: name of the batch. Not a var: another var every time would make dbt parse everything again.
        progress: is told each finished node.
        arguments: another command of dbt with its selection.
    """
    # dbt's own variable: whoever runs two migrations at a time from one checkout gives each its folder
    target = root / os.environ.get("DBT_TARGET_PATH", "target")
    log = root / os.environ.get("DBT_LOG_PATH", "logs") / "dbt.log"
    with _alone(target, progress):
        return _build(settings, root, target, log, variables, batch_id, progress, arguments)


@contextlib.contextmanager
def _alone(target: Path, progress: Progress) -> Iterator[None]:
    """Two runs from one folder (against different databases) would write the same result files: the second waits."""
    target.mkdir(parents=True, exist_ok=True)
    with (target / "edu2lms.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.line(f"dbt: waiting for another run that writes {target}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build(
    settings: Settings,
    root: Path,
    target: Path,
    log: Path,
    variables: Mapping[str, Any],
    batch_id: str,
    progress: Progress,
    arguments: Sequence[str],
) -> DbtOutcome:
    (target / "run_results.json").unlink(missing_ok=True)  # a run that breaks off must not be judged by the one before
    with tempfile.TemporaryDirectory(prefix="edu2lms-dbt-") as profiles, tempfile.TemporaryFile("w+") as stderr:
        shutil.copyfile(root / "profiles.example.yml", Path(profiles) / "profiles.yml")
        command = [
            *(sys.executable, "-m", "loader.dbt_program", "--log-format", "json", "--log-format-file", "text"),
            *("--no-use-colors", "--no-send-anonymous-usage-stats", "--log-path", str(log.parent)),
            *(*arguments, "--project-dir", str(root), "--profiles-dir", profiles, "--target-path", str(target)),
            *("--vars", json.dumps(variables)),
        ]
        environment = settings.environment() | {"EDU2LMS_BATCH_ID": batch_id}
        environment.setdefault("LMS_HOST", "")
        environment["PGOPTIONS"] = f"{environment.get('PGOPTIONS', '')} {NOTICE_LOST_CLIENTS}".strip()
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,  # never written to: it closes when we end, however we end, and that ends dbt
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
            cwd=root,
            # Ctrl-C must reach dbt once and through us, so that it cancels its statements and we wait for that.
            start_new_session=True,
        )
        events = _Events()
        try:
            _follow(process, events, progress)
            code = process.wait()
        except BaseException:
            _end(process)
            raise
        stderr.seek(0)
        outcome = _read(target, events, code, log, stderr.read())
    return outcome


def _follow(process: subprocess.Popen[str], events: _Events, progress: Progress) -> None:
    """Show progress from dbt's log until it ends."""
    with contextlib.ExitStack() as stack:
        bar, done, total = None, 0, 0
        for line in process.stdout or ():
            try:
                event = json.loads(line)
                info, data = event["info"], event.get("data", {})
            except (ValueError, KeyError, TypeError):
                events.text.append(line.rstrip())
                continue
            if info.get("level") == "error":
                events.errors.append(str(info.get("msg", "")).strip())
            if info.get("name") in _RESULT_EVENTS:
                total = total or int(data.get("total") or 0)  # only models name the total
                bar = bar or stack.enter_context(progress.bar("dbt build", total, "nodes"))
                done += 1
                name = (data.get("node_info") or {}).get("node_name") or data.get("name") or data.get("description") or ""
                seconds = float(data.get("execution_time") or 0.0)
                bar.advance(f"{done}/{total} {data.get('status')} {name} ({seconds:.2f} s)", 1)


def _end(process: subprocess.Popen[str]) -> None:
    """Ask dbt to stop (it cancels its statements), then make it stop."""
    for number, patience in ((signal.SIGINT, 10.0), (signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            return


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"it ended with exit code {code}"
    return f"dbt was ended from outside (signal {-code}); a publication that was under way is rolled back."


def _read(target: Path, events: _Events, code: int, log: Path, stderr: str) -> DbtOutcome:
    try:
        results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
        nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    except (OSError, ValueError, KeyError):
        said = events.errors or events.text[-5:] or stderr.strip().splitlines()[-5:] or [f"dbt ended with exit code {code}"]
        if code < 0:
            said = [_how_it_ended(code), *events.errors]
        failure = DbtFailure("dbt", "\n".join(said), refusal=False)
        return DbtOutcome(False, 0, (failure,), (), TestCounts(0, 0, 0), {}, log)
    failures, warnings = [], []
    for result in results:
        name = result["unique_id"].split(".", 2)[-1]
        node = nodes.get(result["unique_id"], {})
        name, message = node.get("name", name), str(result.get("message") or "").strip()
        if result["status"] in _BAD:
            tags = node.get("tags", ())
            failures.append(DbtFailure(name, message, refusal="refusal" in tags, parity="parity" in tags))
        elif result["status"] == "warn":
            warnings.append(DbtWarning(name, int(result.get("failures") or 0), message))
    if code != 0 and not failures:
        failures.append(DbtFailure("dbt", "\n".join(events.errors) or _how_it_ended(code), refusal=False))
    seconds = {nodes.get(r["unique_id"], {}).get("name", r["unique_id"]): round(r["execution_time"], 3) for r in results}
    passed = [nodes.get(result["unique_id"], {}) for result in results if result["status"] == "pass"]
    tests = TestCounts(len(passed), len(warnings), sum("parity" in node.get("tags", ()) for node in passed))
    return DbtOutcome(not failures, len(results), tuple(failures), tuple(warnings), tests, seconds, log)
