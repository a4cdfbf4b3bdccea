from __future__ import annotations

import pytest

from loader.report.verdict import verdict

ALL = [{"missing": 0, "rejected": 0}, {"missing": 0, "rejected": 0}]
LEFT = [{"missing": 0, "rejected": 0}, {"missing": 7, "rejected": 3}]
WAITING = [{"missing": 7, "rejected": 0}]


@pytest.mark.parametrize(
    ("status", "is_published", "failed", "key", "kind"),
    [
        (ALL, True, 0, "complete", "good"),
        (ALL, True, 1, "doubtful", "bad"),
        (LEFT, True, 0, "incomplete", "bad"),
        (LEFT, True, 1, "incomplete", "bad"),
        (LEFT, False, 0, "refused", "bad"),
        (WAITING, False, 0, "unpublished", "open"),
        (WAITING, False, 2, "doubtful", "bad"),
        (None, True, 0, "unknown", "bad"),
        (None, False, 3, "unknown", "bad"),
    ],
)
def test_complete_is_only_what_is_proven(
    status: list[dict[str, int]] | None, is_published: bool, failed: int, key: str, kind: str
) -> None:
    found = verdict(status, is_published=is_published, failed=failed)
    assert (found.key, found.kind, found.failed) == (key, kind, failed)
    assert (found.missing, found.rejected) == (sum(line["missing"] for line in status or ()), 3 * (status is LEFT))
