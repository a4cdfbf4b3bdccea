"""A publication into an lms that had no log of its own: every table is captured, and a batch still is one row per table."""

from __future__ import annotations

from typing import Any

from databases import rows, value

WITHOUT_LOG = "drop table public.audit_logs cascade; drop function public.write_audit_log() cascade"


def test_the_slower_way_writes_one_row_per_table_and_batch_and_so_does_its_undo(make_databases: Any) -> None:
    databases = make_databases("no_log")
    lms, role = databases.lms, databases.settings["LMS_USER"]
    rows(lms, WITHOUT_LOG)
    databases.edu2lms("prepare")
    # triggers fire, and those of the log are all that there are
    rows(lms, f"revoke set on parameter session_replication_role from {role}")
    batch = databases.document("run", "--publish", "--courses", "20", "--vars", "{as_of_date: '2024-03-01'}")["batch_id"]
    assert value(lms, "select bool_or(is_fast) from migration.lms_publish") is False
    logged = "select action_type, entity_type, new_values ->> 'batch_id', metadata ->> 'database_user' from audit_logs"
    published = sorted(rows(lms, logged))
    wrote = rows(lms, "select entity from ledger.batch_tables where inserted + tracked + updated > 0")
    assert published == sorted(("migrate", entity, batch, role) for (entity,) in wrote)
    databases.edu2lms("undo", "--batch", batch)
    undone = rows(lms, f"{logged} where action_type <> 'migrate'")
    assert {(action, told, who) for action, _, told, who in undone} == {("undo", batch, role)}
    assert len(undone) == len({entity for _, entity, _, _ in undone}) > 3
