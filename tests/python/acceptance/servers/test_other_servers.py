"""The demonstration on the oldest PostgreSQL that is supported, and what is left of it after Ctrl-C."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

POSTGRESQL_15 = Path("/usr/lib/postgresql/15/bin")


def demonstration(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Command and environment of a small demonstration."""
    work = folder.parent
    (work / "tmp").mkdir()
    (work / "tmp").chmod(0o1777)  # a temporary folder of its own shows what is left in it
    command = [sys.executable, "-m", "loader", "demo", "--scale", "0.01", "--dir", str(folder), "--json"]
    own = {"DBT_TARGET_PATH": str(work / "target"), "DBT_LOG_PATH": str(work / "logs"), "TMPDIR": str(work / "tmp")}
    return command, os.environ | own


def processes(*words: str) -> list[list[str]]:
    """Command lines of the running processes that name one of these words."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if process.pid != os.getpid() and any(word in argument for word in words for argument in command):
            found.append(command)
    return found


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a space, not made yet."""
    return tmp_path_factory.mktemp("d") / "a demonstration"


def test_the_demonstration_reaches_full_coverage_on_postgresql_15(folder: Path) -> None:
    if not (POSTGRESQL_15 / "initdb").is_file():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{POSTGRESQL_15} holds no PostgreSQL 15: the workflow must install postgresql-15")
        pytest.skip(f"{POSTGRESQL_15} holds no PostgreSQL 15")
    """As people call it: the status table, and at the end the path of the report."""
    command, environment = demonstration(folder)
    command.remove("--json")
    environment["EDU2LMS_PG_BINDIR"] = str(POSTGRESQL_15)
    done = subprocess.run(command, env=environment, cwd=folder.parent, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-6000:]
    assert [(folder / name / "PG_VERSION").read_text().strip() for name in ("edu", "lms")] == ["15", "15"]
    label, _, start = done.stdout.splitlines()[-1].partition(" ")
    assert (label, start) == ("Report:", str(folder / "site" / "index.html"))
    assert "Complete: every legacy row" in Path(start).read_text(encoding="utf-8")
    table = (Path(start).parent / "data" / "status.csv").read_text(encoding="utf-8-sig")
    entities = list(csv.DictReader(io.StringIO(table)))
    assert len(entities) == 11
    assert {line["entity"]: line["coverage"] for line in entities if float(line["coverage"]) != 1} == {}
    assert {line["entity"]: line["rejected"] for line in entities if line["rejected"] != "0"} == {}
    assert all(line["entity"] in done.stdout for line in entities)
    assert processes(str(folder)) == []


def test_after_ctrl_c_during_dbt_nothing_runs_on(folder: Path) -> None:
    command, environment = demonstration(folder)
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=folder.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    said = []
    try:
        for line in process.stderr:
            said.append(line)
            if "dbt build: 60/" in line:
                break
        else:
            pytest.fail("dbt was never reached:\n" + "".join(said[-20:]))
        assert processes(str(folder)), "the servers are running"
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        out, rest = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, rest[-3000:]
    assert json.loads(out)["error"]["type"] == "Interrupted"
    assert "Traceback" not in rest
    assert processes(str(folder), str(folder.parent / "target")) == []
    assert list((folder.parent / "tmp").glob("edu2lms-*")) == []
