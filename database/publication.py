"""How old the fallback's answers may be.

The fallback reads the legacy tables as they are now. What it cannot know is what was written to lms only: its identifiers
are those of its last publication. So `stale since` is `published_at`, and everything written to lms later may be missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from database import queries
from database.ask import Rows
from database.errors import FallbackNotPublished

STATEMENT = queries.read("publication").encode()


@dataclass(frozen=True, slots=True)
class Publication:
    """The row of `lms_compat.publication`."""

    published_at: datetime
    batch_id: str
    crosswalk_rows: int

    def as_dict(self) -> dict[str, object]:
        """JSON-able."""
        return {
            "published_at": self.published_at.isoformat(),
            "batch_id": self.batch_id,
            "crosswalk_rows": self.crosswalk_rows,
            "age_seconds": round((datetime.now(UTC) - self.published_at).total_seconds(), 3),
        }


def understand(rows: Rows) -> Publication | FallbackNotPublished:
    """The publication, or the error that says what is wrong with it."""
    if len(rows) != 1 or None in rows[0]:
        return FallbackNotPublished(f"publication holds {len(rows)} rows and not one complete row")
    seconds, batch_id, crosswalk_rows = (str(value) for value in rows[0])
    return Publication(datetime.fromtimestamp(float(seconds), UTC), batch_id, int(crosswalk_rows))


def missing(error: psycopg.Error) -> FallbackNotPublished:
    """The error for a publication that cannot be read."""
    said = error.diag.message_primary or str(error)
    return FallbackNotPublished(f"the fallback's publication cannot be read: {said}", sqlstate=error.sqlstate)
