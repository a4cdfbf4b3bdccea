"""What a look at a server can say. Only an outage switches."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a database counts as out."""

    REFUSED = "refused"
    RESET = "reset"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    STARTING = "starting up or shutting down"
    READ_ONLY = "read-only"


SILENT = frozenset({Reason.TIMEOUT, Reason.UNREACHABLE})
"""Out without a word: who waits for an answer will wait in vain."""


class Health(StrEnum):
    """What a probe found."""

    GOOD = "good"
    OUT = "out"
    BUSY = "no free connection slot"
    DENIED = "login refused"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A probe's finding: `reason` only when out, `detail` in the words of the server or the system."""

    health: Health
    reason: Reason | None = None
    detail: str = ""
    sqlstate: str | None = None


GOOD = Verdict(Health.GOOD)


def out(reason: Reason, detail: object = "") -> Verdict:
    """An outage."""
    return Verdict(Health.OUT, reason, str(detail).strip())
