"""Secrets stay secret: a whole migration, and everything that can go wrong with passwords, is searched for them."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from databases import rows
from psycopg import sql

if TYPE_CHECKING:
    from conftest import Watched

MARK = "Qz7kV3"
NAMES = ("EDU_PASSWORD", "EDU_ADMIN_PASSWORD", "LMS_PASSWORD", "LMS_ADMIN_PASSWORD", "LMS_APP_PASSWORD")


def forms(watched: Watched) -> list[bytes]:
    """What must not be found: the mark that all passwords have, them in base64, and the verifiers that the servers store."""
    secrets = [watched.databases.settings[name].encode() for name in NAMES]
    return [MARK.encode(), *(base64.b64encode(secret)[:20] for secret in secrets), b"SCRAM-SHA-256$"]


def leaks(watched: Watched, text: str | bytes) -> list[bytes]:
    """The secrets in a text, each with what stands before it."""
    data = text.encode() if isinstance(text, str) else text
    return [data[max(at - 60, 0) : at + 10] for form in forms(watched) for at in [data.find(form)] if at >= 0]


def test_every_password_is_marked(watched: Watched) -> None:
    assert all(MARK in watched.databases.settings[name] for name in NAMES)
    assert leaks(watched, watched.databases.settings["LMS_PASSWORD"])


def test_no_command_says_a_password(watched: Watched) -> None:
    assert len(watched.said) == 17
    assert {name: found for name, said in watched.said.items() if (found := leaks(watched, said))} == {}
    assert all(watched.said.values()), "every command said something"


def test_no_process_shows_a_password(watched: Watched) -> None:
    seen = watched.seen["processes"]
    assert any("dbt.cli.main" in command for command in seen), "nobody looked while dbt ran"
    assert any("-m loader" in command for command in seen)
    assert [command for command in seen if leaks(watched, command)] == []


def test_no_session_shows_a_password(watched: Watched) -> None:
    seen = watched.seen["sessions"]
    assert any("edu2lms dbt" in session for session in seen), "nobody looked while dbt ran"
    assert any("edu2lms_guards" in session and "select" in session for session in seen)
    assert [session for session in seen if leaks(watched, session)] == []


def test_no_file_of_dbt_holds_a_password(watched: Watched) -> None:
    files = [path for path in Path(watched.databases.folder).rglob("*") if path.is_file()]
    names = {path.name for path in files}
    assert {"manifest.json", "run_results.json", "partial_parse.msgpack", "dbt.log"} <= names
    assert {str(path): found for path in files if (found := leaks(watched, path.read_bytes()))} == {}


@pytest.mark.parametrize("database", ["edu", "lms"])
def test_no_log_of_a_server_holds_a_password(watched: Watched, database: str) -> None:
    log = watched.logs[database]
    assert ("FETCH" if database == "edu" else "create schema") in log, "the log is being written"
    assert "password authentication failed" in log, "and what failed, too"
    assert leaks(watched, log) == []


def test_no_table_in_lms_holds_a_password(watched: Watched) -> None:
    found = {}
    for name, text in tables(watched.databases.lms):
        if hits := leaks(watched, text):
            found[name] = hits
    assert found == {}


def tables(conninfo: str) -> list[tuple[str, str]]:
    """Every table of every schema, its rows as text."""
    names = rows(
        conninfo,
        "select nspname::text, relname::text from pg_class inner join pg_namespace on pg_namespace.oid = relnamespace"
        " where relkind in ('r', 'm') and nspname not in ('pg_catalog', 'pg_toast', 'information_schema', 'demo')",
    )
    result = []
    with psycopg.connect(conninfo) as connection:
        for schema, table in names:
            query = sql.SQL("select string_agg(live::text, e'\\n') from {} as live").format(sql.Identifier(schema, table))
            (text,) = connection.execute(query).fetchone() or ("",)
            result.append((f"{schema}.{table}", text or ""))
    return result


def test_no_password_of_an_edu_account_is_anywhere_in_lms(watched: Watched) -> None:
    clear = "demo-secret-"  # so begin all that the demonstration invents
    stored = base64.b64encode(clear.encode()).decode()
    found = {text for row in rows(watched.databases.edu, "select password, other_password from public.accounts") for text in row}
    assert len(found) > 20
    assert {text for text in found if text and not text.startswith(stored)} == set()
    searched = dict(tables(watched.databases.lms))
    assert len(searched) > 60
    assert {"staging.accounts", "public.users", "ledger.value_warnings"} <= set(searched)
    assert {name for name, text in searched.items() if clear in text or stored in text} == set()


def test_a_dry_run_shows_a_mask_where_the_password_belongs(watched: Watched) -> None:
    (said,) = (said for name, said in watched.said.items() if name.endswith("prepare --dry-run"))
    assert "create user mapping" in said
    assert "'***'" in said
