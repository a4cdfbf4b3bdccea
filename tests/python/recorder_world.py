"""What the tests of the audit work with: its tables in a database of their own, and a recorder with short times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from database_world import World

from database.audit.recorder import Recorder
from database.connection_manager import DatabaseConnectionManager
from loader.audit.rights import application_rights, grants

ROOT = Path(__file__).parents[2]
DATABASE = "audited"
_FIRST = ("audit_inet", "audit_mask", "audit_logs", "page_views", "user_sessions")
_LATER = ("audit_capture", "log_user_action", "update_session_activity", "close_user_session", "close_idle_sessions")
_MORE = """
create table audit_logs_default partition of audit_logs default;
create table page_views_default partition of page_views default;
create table notes (id int primary key, notes text);
insert into notes select i, 'note ' || i from generate_series(1, 20) as i;
create trigger notes_update after update on notes referencing old table as old_rows new table as new_rows
    for each statement execute function audit_capture('id', 'nobody');
grant select, insert, update on notes to lms_app;
"""
FAST = {"flush_interval": 0.05, "retry_seconds": 0.1, "write_patience": 0.3, "close_timeout": 5.0}


def ddl() -> list[str]:
    """The statements that make the tables, as `edu2lms prepare` does, with the rights that it gives."""
    folder = ROOT / "loader" / "sql" / "audit"
    made = [(folder / f"{name}.sql").read_text(encoding="utf-8") for name in (*_FIRST, *_LATER)]
    return [*made, _MORE, *(statement.as_string(None) for statement in grants("lms_app", application_rights()))]


@dataclass
class Audited:
    """The tables, and recorders that are closed at the end."""

    world: World
    spool: Path
    made: list[Recorder] = field(default_factory=list)

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Settings of a recorder."""
        return {**FAST, "spool_dir": self.spool, **changes}

    def manager(self, **changes: Any) -> DatabaseConnectionManager:
        """Connections to the tables."""
        return self.world.manager(lms_dbname=DATABASE, **changes)

    def recorder(self, manager: DatabaseConnectionManager | None = None, **changes: Any) -> Recorder:
        """A new recorder."""
        recorder = Recorder(self.settings(**changes), manager=manager or self.manager())
        self.made.append(recorder)
        return recorder

    def environment(self, **changes: str) -> dict[str, str]:
        """The same settings for a process."""
        names = {"lms_host", "lms_port", "lms_app_user", "lms_app_password", "edu_host", "edu_port", "fallback_password"}
        given = self.world.settings(lms_dbname=DATABASE)
        plain = {
            name.upper() if name in names | {"lms_dbname"} else f"EDU2LMS_DB_{name.upper()}": str(v) for name, v in given.items()
        }
        return plain | {f"AUDIT_{name.upper()}": str(value) for name, value in self.settings().items()} | changes

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows, past the path."""
        with self.world.admin("lms", DATABASE) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def count(self, table: str = "audit_logs", where: str = "true") -> int:
        """How many rows."""
        return int(self.rows(f"select count(*) from {table} where {where}")[0][0])

    def stop(self) -> None:
        """The server goes down as an administrator takes it down: sessions are ended."""
        self.world.clusters["lms"].stop()

    def start(self) -> None:
        """And comes back; the path asks for its socket anew with each connection."""
        self.world.clusters["lms"].start()


Make = Callable[..., Recorder]
