from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from psycopg.conninfo import make_conninfo

from loader.cli import main
from loader.demo.demo import Pair

COMMAND = [sys.executable, "-m", "loader", "demo", "--no-run", "--scale", "0.01"]


def servers(folder: Path) -> list[int]:
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(str(folder) in argument for argument in process.info["cmdline"] or []) and "postgres" in str(
            process.info["cmdline"]
        ):
            found.append(process.pid)
    return found


def environment(tmp_path: Path) -> dict[str, str]:
    """A temporary folder of its own shows whether a socket folder is left; the user's settings must not leak in."""
    (tmp_path / "tmp").mkdir(exist_ok=True)
    (tmp_path / "tmp").chmod(0o1777)
    return os.environ | {
        "TMPDIR": str(tmp_path / "tmp"),
        "LMS_HOST": "/real",
        "EDU_HOST": "/real",
        "LMS_PASSWORD": "x",
        "PGHOST": "/real",
    }


@pytest.fixture
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("d")


@pytest.mark.parametrize(
    ("number", "after"), [(signal.SIGINT, "servers: done"), (signal.SIGTERM, "edu: edu_tables"), (signal.SIGHUP, "lms: ")]
)
def test_after_a_signal_no_server_and_no_socket_folder_is_left(short: Path, number: signal.Signals, after: str) -> None:
    folder = short / "a demo"
    process = subprocess.Popen(
        [*COMMAND, "--dir", str(folder)], env=environment(short), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(after):
            break
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert servers(folder) == []
    assert list((short / "tmp").glob("edu2lms-*")) == []


def test_an_interrupt_while_the_servers_start_leaves_nothing(short: Path) -> None:
    folder = short / "demo"
    process = subprocess.Popen(
        [*COMMAND, "--dir", str(folder)], env=environment(short), stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    deadline = time.monotonic() + 20
    while not (folder / "edu.unfinished").exists():
        assert time.monotonic() < deadline, "the servers were never started"
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert servers(folder) == []
    assert list((short / "tmp").glob("edu2lms-*")) == []
    done = subprocess.run(
        [*COMMAND, "--dir", str(folder), "--json"], env=environment(short), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_keep_use_refill_and_stop(short: Path, query: Any, capsys: pytest.CaptureFixture[str]) -> None:
    folder = short / "kept demo"
    arguments = ["demo", "--no-run", "--scale", "0.01", "--keep", "--dir", str(folder)]
    try:
        assert main([*arguments, "--json"]) == 0
        out = capsys.readouterr()
        document = json.loads(out.out)
        assert document["running"] is True
        assert set(document["seconds"]) == {"servers", "fill"}
        env = folder / "env"
        assert env.stat().st_mode & 0o777 == 0o600
        for line in env.read_text().splitlines():
            name, _, value = line.partition("=")
            assert not ("PASSWORD" in name and value.strip("'") in out.out + out.err)
        assert f"set -a; . '{env}'; set +a" in out.err

        # the shell and the settings class read the same file
        shell = subprocess.run(
            ["sh", "-c", f"set -a; . '{env}'; set +a; '{sys.executable}' -m loader check --json"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert json.loads(shell.stdout)["findings"]

        pair = Pair(folder)
        assert query(make_conninfo(pair.lms, user="lms_app", password=pair.passwords["LMS_APP_PASSWORD"]), "select 1") == [(1,)]
        query(pair.edu, "delete from journal")
        first = servers(folder)
        assert main([*arguments, "--no-fill"]) == 0
        assert query(pair.edu, "select count(*) from journal") == [(0,)]
        assert main(arguments) == 0
        assert servers(folder)[0] in first, "running servers are used again"
        assert query(pair.edu, "select count(*) > 0 from journal") == [(True,)]
        capsys.readouterr()
        assert main(["demo", "--dir", str(folder), "--stop", "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {"stopped": ["edu", "lms"]}
        assert servers(folder) == []
        assert main(["demo", "--dir", str(folder), "--stop"]) == 0
        assert "Nothing was running" in capsys.readouterr().out
    finally:
        Pair(folder).stop()


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert main(["demo", "--dir", str(tmp_path)]) == 4
    assert "it holds something else" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    assert main(["demo", "--dir", str(tmp_path), "--stop"]) == 4
    assert main(["demo", "--dir", str(tmp_path / "thesis.txt")]) == 4


def test_lost_passwords_and_half_made_folders_are_replaced(short: Path) -> None:
    pair = Pair(short)
    (short / "edu2lms.demo").touch()
    try:
        pair.start(empty=True)
        pair.stop()
        (short / "env").unlink()
        (short / "lms" / "global" / "pg_control").unlink()
        again = Pair(short)
        again.start(empty=False)
        assert again.passwords != pair.passwords
    finally:
        Pair(short).stop()
