"""Why a drill cannot take place."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """Who has to do something: it becomes the exit code of the command line."""

    SETTINGS = "settings"
    CONNECTION = "connection"
    REFUSED = "refused"


class DrillError(Exception):
    """What is missing, and what to do about it."""

    def __init__(self, kind: Kind, message: str, fix: str) -> None:
        """Keep all three.

        Args:
            kind: of what.
            message: what happened; no password in it.
            fix: what to do.
        """
        super().__init__(message)
        self.kind, self.message, self.fix = kind, message, fix
