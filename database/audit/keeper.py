"""The thread that looks after the writer's: what lms does not take soon is put on disk, though it may be taken after all."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from database.audit.events import Event
from database.audit.spool import SpoolError

if TYPE_CHECKING:
    from database.audit.writer import Writer

_SHORTEST = 0.02


class Keeper(threading.Thread):
    """Sleeps most of the time."""

    def __init__(self, writer: Writer) -> None:
        """Nothing is started."""
        super().__init__(name="audit keeper", daemon=True)
        self._writer = writer
        self.ended = threading.Event()
        self._numbers: Sequence[int] = ()
        self.saved: Sequence[Event] | None = None
        """The batch that is on disk while the writer still waits for lms to take it."""

    def run(self) -> None:
        """Look twice in the time that lms may take."""
        patience = self._writer.config.write_patience
        while not self.ended.wait(max(_SHORTEST, patience / 2)):
            in_hand = self._writer.in_hand
            if in_hand is not None and time.monotonic() - in_hand[0] > patience:
                self.save_in_hand()
                self._writer.spool_all()

    def save_in_hand(self) -> None:
        """A copy of the batch that lms has not answered yet: written twice, it is there once."""
        in_hand = self._writer.in_hand
        if in_hand is not None and in_hand[1] and in_hand[1] is not self.saved:
            self._numbers = self._writer.save(in_hand[1])
            if self._numbers:
                self.saved = in_hand[1]

    def take_back(self, batch: Sequence[Event]) -> None:
        """Lms has taken it after all: the copy is not needed."""
        if self.saved is batch:
            with contextlib.suppress(SpoolError):  # then it is written once more, which changes nothing
                self._writer.spool.remove(self._numbers)
