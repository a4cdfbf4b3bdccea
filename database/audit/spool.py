"""Events on disk: one SQLite file per process, in a folder that the processes of a machine share.

Whoever lives holds a lock (flock) beside the file; the kernel takes it away when the process dies, however it dies. A file
whose lock can be had belongs to a dead process: the finder adopts it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sqlite3
import stat
import threading
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from database.audit.counts import logger
from database.audit.events import Event, Kind

_TABLE = "create table if not exists event (number integer primary key autoincrement, kind text not null, body text not null)"
_INSERT = "insert into event (kind, body) values (?, ?)"
_SELECT = "select number, kind, body from event order by number limit ?"
_PAGE = 4096
_WAIT = 2.0  # seconds for SQLite's own lock: only an administrator's look into the file could hold it


class SpoolError(Exception):
    """The disk does not take the events."""


class Spool:
    """The file of this process, made when it is first needed; safe for threads."""

    def __init__(self, folder: Path, megabytes: int, path: Path | None = None) -> None:
        """Nothing is opened.

        Args:
            folder: shared by the processes.
            megabytes: the largest size.
            path: an existing file, to be adopted.
        """
        self.folder = folder
        self.path = path or folder / f"{os.getpid()}-{uuid.uuid4().hex}.sqlite"
        self.waiting = 0
        """How many events are in it."""
        self._pages = megabytes * 1024 * 1024 // _PAGE
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._guard: int | None = None

    # ── writing and reading ────────────────────────────────────────────────────────────────────────────────────────────────

    def add(self, events: Sequence[Event]) -> range:
        """Put cleaned events on disk: they survive the end of the process, however it comes.

        Returns:
            their numbers in the file.

        Raises:
            SpoolError: full, no room on the disk, no right.
        """
        rows = [(event.kind.value, json.dumps(event.values, separators=(",", ":"))) for event in events]
        with self._working() as connection:
            connection.execute("begin immediate")
            try:
                connection.executemany(_INSERT, rows)
                connection.execute("commit")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("rollback")
                raise
            self.waiting += len(rows)
            (last,) = connection.execute("select last_insert_rowid()").fetchone()
            return range(last - len(rows) + 1, last + 1)

    def first(self, number: int) -> list[tuple[int, Event]]:
        """The oldest events, each with its number in the file.

        Raises:
            SpoolError: the file cannot be read.
        """
        if not self.waiting:
            return []
        with self._working() as connection:
            return [(row, Event(Kind(kind), json.loads(body))) for row, kind, body in connection.execute(_SELECT, (number,))]

    def remove(self, numbers: Sequence[int]) -> None:
        """Take events out that are in the database.

        Raises:
            SpoolError: the file cannot be written.
        """
        with self._working() as connection:
            connection.execute("begin immediate")
            connection.executemany("delete from event where number = ?", [(number,) for number in numbers])
            connection.execute("commit")
            self.waiting -= len(numbers)

    @contextlib.contextmanager
    def _working(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._connection = self._connection or self._opened()
                yield self._connection
            except (sqlite3.Error, OSError, ValueError) as error:
                raise SpoolError(f"{self.path}: {error}") from error

    def _opened(self) -> sqlite3.Connection:
        private(self.folder)
        if self._guard is None and not self._take_guard():
            raise BlockingIOError("it belongs to another process")
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=_WAIT)
        try:
            connection.execute(f"pragma page_size = {_PAGE}")
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = normal")
            connection.execute(f"pragma max_page_count = {self._pages}")
            connection.execute(_TABLE)
            (self.waiting,) = connection.execute("select count(*) from event").fetchone()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    # ── whose it is ────────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _guard_path(self) -> Path:
        return self.path.with_suffix(".lock")

    def _take_guard(self) -> bool:
        guard = os.open(self._guard_path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(guard).st_ino == self._guard_path.stat().st_ino:  # else somebody has finished with it meanwhile
                self._guard = guard
                return True
        except OSError:
            pass
        os.close(guard)
        return False

    @classmethod
    def orphans(cls, folder: Path, megabytes: int) -> Iterator[Spool]:
        """Files of processes that have died, one after the other, adopted; close each."""
        if not folder.is_dir():
            return
        for path in sorted(folder.glob("*.sqlite")):
            spool = cls(folder, megabytes, path)
            if not spool._take_guard():
                continue
            if not path.exists():  # another has just finished with it
                spool._release(remove=True)
                continue
            try:
                with spool._working():
                    pass
            except SpoolError as error:  # for a person to look at
                logger.error("audit: left as it is: %s", error, extra={"event": "audit_unreadable"})
                spool._release(remove=False)
                continue
            yield spool

    def close(self) -> None:
        """Let go; a file without events is removed, any other is for whoever comes next."""
        with self._lock:
            if self._connection is not None:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.close()
                self._connection = None
            if self._guard is not None:
                self._release(remove=not self.waiting)

    def _release(self, *, remove: bool) -> None:
        if remove:
            for path in (self.path, *(self.path.with_name(self.path.name + end) for end in ("-wal", "-shm")), self._guard_path):
                path.unlink(missing_ok=True)
        if self._guard is not None:
            os.close(self._guard)
            self._guard = None

    def leave_to_parent(self) -> None:
        """In a forked child: the lock goes on being the parent's alone."""
        if self._guard is not None:
            os.close(self._guard)
            self._guard = None


def private(folder: Path) -> None:
    """Make the folder if need be; nobody else may look into it.

    Raises:
        PermissionError: it is somebody else's, or open to others.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.stat()
    if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise PermissionError(f"{folder} must belong to this user alone (chmod 700)")
