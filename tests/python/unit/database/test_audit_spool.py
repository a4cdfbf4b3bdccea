"""Events on disk: kept through the death of their process, taken over once, never from the living."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from database_world import until

from database.audit.events import Event, Kind
from database.audit.spool import Spool, SpoolError

ROOT = Path(__file__).parents[4]
CHILD = """
import sys, time
from pathlib import Path
from database.audit.events import Event, Kind
from database.audit.spool import Spool
spool = Spool(Path(sys.argv[1]), 64)
spool.add([Event(Kind.LOG, {"event_id": str(number)}) for number in range(100)])
print("ready", flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


def event(number: int) -> Event:
    return Event(Kind.LOG, {"event_id": str(number), "user_id": "\u018f"})


def test_in_and_out(folder: Path) -> None:
    spool = Spool(folder, 64)
    assert spool.first(10) == []
    assert not folder.exists(), "nothing is made before it is needed"
    spool.add([event(1), event(2)])
    spool.add([event(3)])
    found = spool.first(2)
    assert [each for _, each in found] == [event(1), event(2)]
    spool.remove([number for number, _ in found])
    assert (spool.waiting, [each for _, each in spool.first(9)]) == (1, [event(3)])
    spool.close()
    assert [path.suffix for path in folder.iterdir() if path.suffix == ".sqlite"] == [".sqlite"]
    (orphan,) = Spool.orphans(folder, 64)
    assert [each for _, each in orphan.first(9)] == [event(3)]
    orphan.remove([number for number, _ in orphan.first(9)])
    orphan.close()
    assert list(folder.iterdir()) == []


def test_nobody_else_may_look_into_the_folder(folder: Path) -> None:
    Spool(folder, 64).add([event(1)])
    assert folder.stat().st_mode & 0o077 == 0
    folder.chmod(0o755)
    with pytest.raises(SpoolError, match="this user alone"):
        Spool(folder, 64).add([event(1)])


def test_a_living_process_keeps_its_events_and_a_dead_one_leaves_them(folder: Path) -> None:
    command = [sys.executable, "-c", CHILD, str(folder)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        assert list(Spool.orphans(folder, 64)) == []
        child.send_signal(signal.SIGKILL)
        child.wait()
        (orphan,) = Spool.orphans(folder, 64)
        assert orphan.waiting == 100
        assert list(Spool.orphans(folder, 64)) == [], "it is adopted once"
        orphan.close()


def test_a_fork_does_not_hold_what_is_its_parents(folder: Path) -> None:
    spool = Spool(folder, 64)
    spool.add([event(1)])
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            spool.leave_to_parent()
            os.close(write)
            os.read(read, 1)  # lives longer than its parent's hold
        os._exit(0)
    os.close(read)
    spool.close()
    found: list[Spool] = []
    until(lambda: found or found.extend(Spool.orphans(folder, 64)))  # as soon as the child has let go
    found[0].close()
    os.close(write)
    os.waitpid(child, 0)


def test_a_full_disk_is_told(folder: Path) -> None:
    spool = Spool(folder, 1)
    big = [Event(Kind.LOG, {"x": "y" * 4000})]
    with contextlib.suppress(SpoolError):
        for _ in range(10_000):
            spool.add(big)
    kept = spool.waiting
    with pytest.raises(SpoolError, match="full"):
        spool.add(big)
    assert len(spool.first(10_000)) == kept > 100
    spool.close()


def test_a_file_that_cannot_be_read_stands_in_nobodys_way(folder: Path) -> None:
    Spool(folder, 64).add([event(1)])
    good = Spool(folder, 64)
    good.add([event(2)])
    good.close()
    (folder / "0-broken.sqlite").write_bytes(b"this is no database" * 1000)
    found = []
    for orphan in Spool.orphans(folder, 64):
        found += [each for _, each in orphan.first(9)]
        orphan.close()
    assert event(2) in found
    with pytest.raises(sqlite3.DatabaseError), contextlib.closing(sqlite3.connect(folder / "0-broken.sqlite")) as connection:
        connection.execute("select 1 from event")
