"""What the tests of the connection manager work with: two small databases, and paths to them that can break."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
from bad_network import BadNetwork

from database.connection_manager import DatabaseConnectionManager
from loader.demo.servers import Cluster

PASSWORD = "of the application's role"
LMS = """
create table students (id int primary key, student_number text not null);
insert into students select i, 'STU' || i from generate_series(1, 100) as i;
create table audit_logs (id bigint generated always as identity, user_id text, action_type text, request_path text,
                         ip_address inet, response_status int);
create role lms_app login password 'of the application''s role';
grant select, insert, update, delete on all tables in schema public to lms_app;
"""
EDU = """
create table accounts (id int, password text);
create schema lms_compat;
create table legacy_students (id int primary key, student_number text not null);
insert into legacy_students select i, 'STU' || i from generate_series(1, 100) as i;
create view lms_compat.students as select * from legacy_students;
create view lms_compat.publication as
    select timestamptz '2026-11-01 12:00:00+00' as published_at, 'batch-1'::text as batch_id, 100::bigint as crosswalk_rows;
create role lms_fallback login password 'of the application''s role';
revoke all on schema public from public;
grant usage on schema lms_compat to lms_fallback;
grant select on all tables in schema lms_compat to lms_fallback;
"""
FAST = {"retry_seconds": 0.3, "good_probe_seconds": 0.1, "both_out_seconds": 0.1, "good_probes": 2, "checkout_timeout": 5.0}


@dataclass
class World:
    """Both servers, the paths to them, and managers that are closed at the end."""

    clusters: dict[str, Cluster]
    lms: BadNetwork
    edu: BadNetwork
    made: list[DatabaseConnectionManager] = field(default_factory=list)

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Settings of a manager that goes through the paths."""
        return {
            "lms_host": "127.0.0.1",
            "lms_port": self.lms.port,
            "lms_app_user": "lms_app",
            "lms_app_password": PASSWORD,
            "edu_host": "127.0.0.1",
            "edu_port": self.edu.port,
            "fallback_password": PASSWORD,
            **FAST,
            **changes,
        }

    def manager(self, **changes: Any) -> DatabaseConnectionManager:
        """A new manager."""
        manager = DatabaseConnectionManager(self.settings(**changes))
        self.made.append(manager)
        return manager

    def admin(self, name: str, dbname: str | None = None) -> psycopg.Connection[tuple[Any, ...]]:
        """A superuser's connection, past the path."""
        return psycopg.connect(self.clusters[name].conninfo(dbname or name), autocommit=True)

    def make_read_only(self, yes: bool) -> None:
        """What a demoted primary says, without a standby: new transactions of lms are read-only, or no longer."""
        with self.admin("lms") as connection:
            connection.execute("set default_transaction_read_only = off")
            value = "on" if yes else "off"
            connection.execute(f"alter system set default_transaction_read_only = {value}")
            connection.execute("select pg_reload_conf()")
        until(lambda: self.query("lms", "show default_transaction_read_only") == [(value,)])

    def query(self, name: str, statement: str) -> list[tuple[Any, ...]]:
        """Rows, past the path."""
        with self.admin(name) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


def until(condition: Callable[[], object], seconds: float = 10.0) -> float:
    """Wait until something is the case.

    Returns:
        the seconds it took.

    Raises:
        AssertionError: it never was.
    """
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, "it never happened"
        time.sleep(0.005)
    return time.monotonic() - begun
