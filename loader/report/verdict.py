"""The sentence above everything: is it all there?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_LOOKS = {"complete": ("good", "✓"), "unpublished": ("open", "○")}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said (`verdict.<key>` of the labels) with its numbers, and how it looks."""

    key: str
    missing: int
    rejected: int
    failed: int

    @property
    def kind(self) -> str:
        """`good`, `open` or `bad`."""
        return _LOOKS.get(self.key, ("bad", "▲"))[0]

    @property
    def sign(self) -> str:
        """The same without colours."""
        return _LOOKS.get(self.key, ("bad", "▲"))[1]


def verdict(status: Sequence[Mapping[str, Any]] | None, *, is_published: bool, failed: int) -> Verdict:
    """What the report says about the whole. Complete is only what is proven to be.

    Args:
        status: the lines of the status table; None when it could not be read.
        is_published: is there a batch that was published and not taken back?
        failed: models and tests of the last run that failed, as far as that run is known.
    """
    missing, rejected = (sum(line[name] for line in status or ()) for name in ("missing", "rejected"))
    if status is None:
        key = "unknown"
    elif rejected and not is_published:
        key = "refused"
    elif missing and is_published:
        key = "incomplete"
    elif failed:
        key = "doubtful"
    else:
        key = "complete" if is_published else "unpublished"
    return Verdict(key, missing, rejected, failed)
