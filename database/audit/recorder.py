"""The core, without frameworks: events go into a bounded queue, and a thread writes them. Nobody waits, and nobody fails.

from database.audit.recorder import get_recorder

get_recorder().record(events.log("export", user_id="7", entity_type="report"))
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from multiprocessing import parent_process, util
from typing import Any

from prometheus_client import generate_latest

from database.audit.activity import Activity
from database.audit.config import AuditConfig
from database.audit.counts import Counts
from database.audit.events import Recordable
from database.audit.masking import Masker
from database.audit.sink import Sink
from database.audit.spool import Spool, SpoolError
from database.audit.writer import Marker, Writer
from database.connection_manager import DatabaseConnectionManager, get_db_manager
from database.errors import ConfigurationError

_log = logging.getLogger("database.audit")


class Recorder:
    """Safe for threads and forks. Nothing is opened or started before the first event."""

    def __init__(
        self, config: AuditConfig | Mapping[str, Any] | None = None, *, manager: DatabaseConnectionManager | None = None
    ) -> None:
        """Read the settings.

        Args:
            config: settings by field name of `AuditConfig`; what is not given comes from the environment and from Django's.
            manager: of the connections; by default that of the process, asked for at each write.

        Raises:
            ConfigurationError: a setting is wrong.
        """
        self.config = config if isinstance(config, AuditConfig) else AuditConfig.load(config)
        self.masker = Masker(self.config.secret_names)
        self._given = manager
        self._durable = frozenset(self.config.durable)
        self._lock = threading.Lock()
        self._begin()
        _recorders.add(self)

    def _manager(self) -> DatabaseConnectionManager:
        return self._given or get_db_manager()

    def _begin(self) -> None:
        config = self.config
        self._queue: deque[Recordable | Marker] = deque()
        self._activity = Activity(config.activity_seconds, config.idle_minutes * 60)
        self._writer = Writer(
            config,
            Sink(self._manager, config),
            Spool(config.spool_dir, config.spool_megabytes),
            self._activity,
            self._queue,
        )
        self._started = self.closed = False

    @property
    def counts(self) -> Counts:
        """What was recorded, written, put on disk, dropped; also the Prometheus collector."""
        return self._writer.counts

    def record(self, event: Recordable) -> bool:
        """Take an event in, or a request with its events. Takes microseconds; never waits for a database and never raises.

        Returns:
            False: it is lost, and counted (or nothing is recorded at all: setting `enabled`).
        """
        try:
            return self._record(event)
        except Exception:  # whatever it is: the request goes on
            _log.exception("an audit event was lost")
            self.counts.drop("overflow", getattr(event, "number", 1))
            return False

    def _record(self, event: Recordable) -> bool:
        if not self.config.enabled:
            return False
        writer = self._writer
        if not self._started:
            self._start()
        if self.closed:
            return self._record_late(event)
        if event.action in self._durable:
            try:
                writer.spool.add(event.ready())
                writer.counts.add("recorded", event.number)
                writer.wake.set()
                return True
            except SpoolError as error:
                writer.counts.say(logging.ERROR, "spool", "the audit's spool takes nothing: %s", error)
        if len(self._queue) >= self.config.queue_size:
            writer.counts.drop("overflow", event.number)
            return False
        self._queue.append(event)
        if self.closed and self._taken_back(event):  # after `close` has looked into the queue for the last time, perhaps
            return self._record_late(event)
        writer.counts.add("recorded", event.number)
        if not writer.wake.is_set():
            writer.wake.set()
        if len(self._queue) >= self.config.batch_size and not writer.full.is_set():
            writer.full.set()
        return True

    def _taken_back(self, event: Recordable) -> bool:
        """Whether nobody had taken it out of the queue yet."""
        while True:
            try:
                self._queue.remove(event)
                return True
            except ValueError:
                return False
            except IndexError:  # somebody has taken another one meanwhile
                continue

    def _record_late(self, event: Recordable) -> bool:
        """After `close`: onto the disk, for whoever comes next."""
        spool = Spool(self.config.spool_dir, self.config.spool_megabytes)
        try:
            spool.add(event.ready())
        except SpoolError as error:
            self.counts.drop("spool_failed", event.number, error)
            return False
        finally:
            spool.close()
        self.counts.add("recorded", event.number)
        return True

    def seen(self, session_id: str, values: Callable[[], dict[str, Any]], at: float | None = None) -> None:
        """A session was used; costs nothing, and is written at most once a minute.

        Args:
            session_id: the audit's own id.
            values: more columns of user_sessions, asked for when it is written.
            at: seconds since 1970; by default now.
        """
        if self.config.enabled:
            if not self._started:
                self._start()
            self._activity.seen(session_id, time.time() if at is None else at, values)

    def forget(self, session_id: str) -> None:
        """A session has ended: no activity of it is written any more."""
        self._activity.forget(session_id)

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until everything recorded before is in lms or on disk: at the end of a process, and in tests.

        Args:
            timeout: seconds; by default `close_timeout`.

        Returns:
            whether it is.
        """
        if not self._started or self.closed:
            return True
        marker = Marker()
        self._queue.append(marker)
        self._writer.wake.set()
        self._writer.full.set()
        return marker.wait(self.config.close_timeout if timeout is None else timeout)

    def close(self) -> None:
        """Write what is left; what lms does not take soon stays on disk. Later events go to the disk as well."""
        with self._lock:
            if self.closed or not self._started:
                return
            self.closed = True
        self._writer.finish(self.config.close_timeout)

    def reopen(self) -> None:
        """Begin again after `close`: an application may start twice in one process."""
        with self._lock:
            if self.closed:
                self._begin()

    def _start(self) -> None:
        with self._lock:
            if not self._started:
                self._writer.start()
                self._started = True
                if parent_process() is not None:  # a child of multiprocessing ends without Python's own exit
                    util.Finalize(None, _close_all, exitpriority=0)

    def _begin_again_in_child(self) -> None:
        self._lock = threading.Lock()
        self._writer.spool.leave_to_parent()
        _parents.append(self._writer)
        self._begin()


_recorders: weakref.WeakSet[Recorder] = weakref.WeakSet()
_parents: list[Writer] = []
"""In a forked child: the parent's, whose events the parent writes; kept so that nothing is closed here."""
_default: Recorder | None = None
_default_lock = threading.Lock()


def get_recorder(config: AuditConfig | Mapping[str, Any] | None = None) -> Recorder:
    """The recorder of this process, made at the first call.

    Args:
        config: as of `Recorder`; only the first call may give one.

    Raises:
        ConfigurationError: a setting is wrong, or another recorder is in use already.
    """
    global _default
    with _default_lock:
        if _default is None:
            _default = Recorder(config)
        elif config is not None and (config if isinstance(config, AuditConfig) else AuditConfig.load(config)) != _default.config:
            raise ConfigurationError("the process has a recorder with other settings")
        return _default


def metrics() -> bytes:
    """The process's recorder for Prometheus; nothing when there is none."""
    return b"" if _default is None else generate_latest(_default.counts.registry)


def status() -> dict[str, Any] | None:
    """What an operator should know of the process's recorder; None when there is none.

    Returns:
        `unfit`: why lms takes no events although it is there, else None; `events_on_disk`: of this process.
    """
    if _default is None:
        return None
    return {"unfit": _default.counts.unfit, "events_on_disk": _default._writer.spool.waiting}


def _close_all() -> None:
    for recorder in list(_recorders):
        recorder.close()


def _after_fork_in_child() -> None:
    global _default_lock
    _default_lock = threading.Lock()
    for recorder in list(_recorders):
        recorder._begin_again_in_child()


os.register_at_fork(after_in_child=_after_fork_in_child)
atexit.register(_close_all)
