"""The thread that takes events from memory into lms, or onto the disk, and from the disk into lms."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Sequence

from database.audit import events
from database.audit.activity import Activity
from database.audit.config import AuditConfig
from database.audit.counts import Counts, logger
from database.audit.events import Event, Recordable
from database.audit.keeper import Keeper
from database.audit.sink import AwayError, Sink, UnfitError
from database.audit.spool import Spool, SpoolError

Marker = threading.Event
"""In the queue: set when everything before it is in lms or on disk."""
_HOUSEKEEPING = 1.0
_ORPHANS = 5.0


class Writer:
    """One per process. Only its thread calls `_…`; the others may call the rest."""

    def __init__(
        self, config: AuditConfig, sink: Sink, spool: Spool, activity: Activity, queue: deque[Recordable | Marker]
    ) -> None:
        """Nothing is started.

        Args:
            config: sizes and times.
            sink: the way into lms.
            spool: the file of this process.
            activity: of sessions.
            queue: what is to be written; others append to it.
        """
        self.config, self.sink, self.spool, self.activity, self.queue = config, sink, spool, activity, queue
        self.counts = Counts(lambda: len(queue), lambda: spool.waiting)
        self.wake, self.full = threading.Event(), threading.Event()
        self.closing = False
        self.in_hand: tuple[float, Sequence[Event]] | None = None
        """When lms was given which events, while it has not answered yet."""
        self._retry_at = 0.0
        self._orphan: Spool | None = None
        self._orphans_at = 0.0
        self._idle_at = time.monotonic() + config.idle_check_seconds * random.uniform(0.1, 1.1)  # noqa: S311
        self._thread = threading.Thread(target=self._run, name="audit writer", daemon=True)
        self._keeper = Keeper(self)

    def start(self) -> None:
        """Begin; when the system has refused one of the threads, once more with the next event."""
        for thread in (self._thread, self._keeper):
            if thread.ident is None:
                thread.start()

    def finish(self, timeout: float) -> None:
        """Write what is left, or put it on disk when lms does not take it within so many seconds."""
        self.closing = True
        self.wake.set()
        self.full.set()
        self._thread.join(timeout)
        self._keeper.ended.set()
        if self._thread.is_alive():
            self._keeper.save_in_hand()
        self.spool_all()
        told = self.counts.untold()
        if told:
            self.save([events.log("audit_dropped", action_details=told).cleaned()])
        self.spool.close()
        if self._orphan is not None:
            self._orphan.close()

    # ── the writer's thread ────────────────────────────────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        while True:
            closing = self.closing
            self.wake.wait(self._pause())
            self.wake.clear()
            if self.queue and not self.closing and (self._is_away or not self.spool.waiting):
                self.full.wait(self.config.flush_interval)  # time to become a batch
            self.full.clear()
            try:
                self._round()
            except Exception:  # a mistake here must not end the recording
                logger.exception("the audit's writer failed, and goes on")
                self.full.wait(_HOUSEKEEPING)
            if closing and not self.queue:
                return

    def _pause(self) -> float:
        return 0.0 if self.closing else min(_HOUSEKEEPING, self.config.retry_seconds)

    def _round(self) -> None:
        batch, markers = self._take()
        try:
            batch += [event.cleaned() for event in self.activity.due(time.time(), everything=self.closing or bool(markers))]
            if batch:
                self._put(batch)
            if not self._is_away:
                self._catch_up()
        finally:
            for marker in markers:
                marker.set()

    def _catch_up(self) -> None:
        """What is on disk, and what is done once in a while."""
        try:
            self._replay(self.spool)
            self._adopt()
            self._tell_of_losses()
            if not self.spool.waiting and self._orphan is None:
                self.counts.is_unfit(None)
        except AwayError as error:
            self._away(error)
        except SpoolError as error:
            self.counts.say(logging.ERROR, "spool", "the audit's spool cannot be replayed: %s", error)
        self._close_idle_sessions()

    def _tell_of_losses(self) -> None:
        told = self.counts.untold()
        if not told:
            return
        try:
            self._write([events.log("audit_dropped", action_details=told).cleaned()], on_disk=True)
        except AwayError:
            self.counts.tell_again(told)
            raise

    def _close_idle_sessions(self) -> None:
        now = time.monotonic()
        if now < self._idle_at or self._is_away or self.closing:
            return
        self._idle_at = now + self.config.idle_check_seconds
        try:
            self.sink.close_idle_sessions()
        except AwayError as error:
            self.counts.say(logging.WARNING, "idle", "idle sessions cannot be closed: %s", error)

    def _take(self) -> tuple[list[Event], list[Marker]]:
        batch: list[Event] = []
        markers: list[Marker] = []
        while len(batch) < self.config.batch_size:
            try:
                entry = self.queue.popleft()
            except IndexError:
                break
            if isinstance(entry, Marker):
                markers.append(entry)
                continue
            try:
                batch += entry.ready()
            except Exception as error:  # values that cannot even be shown
                self.counts.drop("refused", entry.number, repr(error))
        if self.queue:
            self.wake.set()
            self.full.set()
        return batch, markers

    def _put(self, batch: list[Event]) -> None:
        """Into lms, else onto the disk."""
        if not self._is_away:
            try:
                self._write(batch)
                self._keeper.take_back(batch)
                return
            except AwayError as error:
                self._away(error)
        if self._keeper.saved is not batch:
            self.save(batch)
        self._keeper.saved = None

    def _write(self, batch: Sequence[Event], *, on_disk: bool = False) -> None:
        self.in_hand = (time.monotonic(), () if on_disk else batch)
        try:
            refused = self.sink.write(batch)
        finally:
            self.in_hand = None
        for event, error in refused:
            name = event.values.get("action_type", event.kind)
            self.counts.drop("refused", detail=f"lms refuses {name} {event.values.get('event_id', '')}: {error}")
        self.counts.add("written", len(batch) - len(refused))

    def _replay(self, spool: Spool) -> None:
        """What is on disk, a batch at a time; what is new has its turn in between."""
        while spool.waiting:
            found = spool.first(self.config.batch_size)
            self._write([event for _, event in found], on_disk=True)
            spool.remove([number for number, _ in found])
            if self.queue or self.closing:
                self.wake.set()
                return

    def _adopt(self) -> None:
        """The files of processes that have died, one after the other."""
        if self.closing:
            return
        if self._orphan is None and time.monotonic() >= self._orphans_at:
            self._orphan = next(Spool.orphans(self.config.spool_dir, self.config.spool_megabytes), None)
            if self._orphan is None:
                self._orphans_at = time.monotonic() + _ORPHANS
            else:
                logger.warning(
                    "audit: %d events of a process that has died", self._orphan.waiting, extra={"event": "audit_adopted"}
                )
        if self._orphan is not None:
            self._replay(self._orphan)
            if not self._orphan.waiting:
                self._orphan.close()
                self._orphan = None
            self.wake.set()

    # ── lms is away ────────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def _is_away(self) -> bool:
        return time.monotonic() < self._retry_at

    def _away(self, error: AwayError) -> None:
        self._retry_at = time.monotonic() + self.config.retry_seconds
        if isinstance(error, UnfitError):
            self.counts.is_unfit(str(error).partition("\n")[0])
            return
        self.counts.say(logging.WARNING, "away", "audit events are kept on disk in %s: %s", self.spool.path, error)

    def save(self, batch: Sequence[Event]) -> Sequence[int]:
        """Put events on disk; their numbers there, none when it takes nothing: then they are counted."""
        try:
            numbers = self.spool.add(batch)
        except SpoolError as error:
            self.counts.drop("spool_failed", len(batch), error)
            return ()
        self.counts.add("spooled", len(batch))
        return numbers

    def spool_all(self) -> None:
        """Everything that is in memory, onto the disk."""
        while self.queue:
            batch, markers = self._take()
            if batch:
                self.save(batch)
            for marker in markers:
                marker.set()
