"""The shortcut is honest: sending dbt's statements again does what dbt does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from databases import Databases, by_id, content, rows
from migrate import RECORDED_BATCH, RECORDED_DAY, Migration, Outcome, Recording

# when it was done, and how long it took; transactions are a kind of time, too
TIMES = (
    "created_at", "updated_at", "started_at", "published_at", "seconds", "load_id", "loaded_at", "byte_count", "row_versions",
)  # fmt: skip
# its ids are random, and each was written by a role of its own
UNNAMED = (*TIMES, "id", "event_id", "action_timestamp", "metadata")


@pytest.fixture(scope="module")
def outcome(replayed: Migration, recorded: tuple[Databases, Recording]) -> Outcome:
    """The demonstration, migrated by the replay."""
    replayed.load()
    return replayed.build(recorded[1], as_of_date=RECORDED_DAY, batch=RECORDED_BATCH)


def test_a_replay_says_of_every_test_what_dbt_said(outcome: Outcome, recorded: tuple[Databases, Recording]) -> None:
    databases, _ = recorded
    manifest: Mapping[str, Any] = databases.artifact("manifest.json")["nodes"]
    results = databases.artifact("run_results.json")["results"]
    said = {
        manifest[result["unique_id"]]["name"]: result["status"] for result in results if result["unique_id"].startswith("test.")
    }
    assert said == dict.fromkeys(outcome.passed, "pass") | outcome.statuses()
    assert {result["status"] for result in results} <= {"success", "pass", "warn"}, "the demonstration has to be in order"


def test_a_replay_leaves_the_same_live_tables_as_dbt(
    outcome: Outcome, replayed: Migration, recorded: tuple[Databases, Recording]
) -> None:
    assert outcome.is_published
    real, again = (content(databases.lms, without=TIMES) for databases in (recorded[0], replayed.databases))
    assert {name: found for name, found in real.items() if name != "audit_logs"} == {
        name: found for name, found in again.items() if name != "audit_logs"
    }
    assert _written(recorded[0]) == _written(replayed.databases)


def test_a_replay_leaves_the_same_ledger_as_dbt(
    outcome: Outcome, replayed: Migration, recorded: tuple[Databases, Recording]
) -> None:
    assert outcome.is_published
    tables = [name for (name,) in rows(recorded[0].lms, "select tablename from pg_tables where schemaname = 'ledger' order by 1")]
    tables.remove("dbt_invocations")  # what guards one call of dbt; a replay is none
    tables.remove("last_run")  # written by `run`
    assert "crosswalk" in tables
    for table in tables:
        real, again = (
            sorted(map(str, rows(databases.lms, f"select to_jsonb(x) - array{list(TIMES)} from ledger.{table} as x")))
            for databases in (recorded[0], replayed.databases)
        )
        assert real == again, f"ledger.{table}"


def _written(databases: Databases) -> list[str]:
    """The audit trail without its random ids."""
    found = by_id(databases.lms, "audit_logs", without=UNNAMED)
    return sorted(map(str, found.values()))
