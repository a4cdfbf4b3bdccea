"""The safety matrix: whatever dbt is made to do as the migration's role, no live table is hurt; as the owner it would be."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest
from attacks import ATTACKS, NEW, OFFERINGS, STATEMENTS, Attack, Statement, model
from copies import settings_of
from databases import ROOT, Databases, content
from hostile import Outcome, State, attack, write_project
from psycopg import sql

from loader.guard import read_facts

DOCUMENT = ROOT / "docs" / "safety-matrix.md"
WRITE = "EDU2LMS_WRITE_DOCS"
OWNER_DID = {
    "definitions": "destroys or changes definitions",
    "rows": "destroys or rewrites rows",
    "added": "adds a row",
    "nothing": "nothing",
    "error": "fails",
}
ROLE_DID = {
    "added": "adds a row: that is its right",
    "nothing": "nothing",
    "rows": "rewrites it: that is its right, because later runs bring published rows up to date",
}

# What came out, by the name of the row: filled by the tests below, in their order.
_matrix: dict[str, tuple[str, ...]] = {}


def _identifier(entry: Attack | Statement) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in entry.name)


def judge(outcome: Outcome, admin: str) -> str:
    """What was done: the worst of it."""
    if outcome.changed_facts:
        return "definitions"
    if outcome.changed_tables:
        return "added" if _only_added(outcome, admin) else "rows"
    return "nothing" if outcome.nodes_succeeded else "error"


def _only_added(outcome: Outcome, admin: str) -> bool:
    """Whether the rows that were there are as they were: without the new one, the tables are the same."""
    new = "select count(*) from public.course_offerings where section_code = 'hostile'"
    logged = "delete from public.audit_logs where created_at >= (select max(started_at) from ledger.dbt_invocations)"
    with psycopg.connect(admin) as connection:
        connection.execute("set session_replication_role = replica")
        found = connection.execute(new).fetchone()
        connection.execute("delete from public.course_offerings where section_code = 'hostile'")
        connection.execute(logged)
        connection.commit()
    tables = outcome.changed_tables
    assert found is not None
    return found[0] > 0 and content(admin, tables=tables) == {name: outcome.before.rows[name] for name in tables}


@pytest.fixture(scope="module")
def untouched(migrated: Databases) -> State:
    """The state of every copy before anything is done to it."""
    return State.of(migrated.lms)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all projects of this file, one below it for each role."""
    return tmp_path_factory.mktemp("hostile")


@pytest.mark.parametrize("entry", ATTACKS, ids=_identifier)
def test_no_row_of_the_matrix_hurts_a_live_table(
    entry: Attack, copy: Databases, shared_copy: Databases, untouched: State, folder: Path
) -> None:
    write_project(folder / "role", settings_of(shared_copy).lms, entry.files)
    role = attack(folder / "role", shared_copy.lms, entry.command, untouched)
    assert role.changed_facts == set()
    assert not role.noticed
    if entry.role == "refused":
        assert not role.succeeded
        assert role.changed_tables == set()
        assert entry.says in role.messages, role.messages
    else:
        assert role.succeeded, role.messages
        assert judge(role, shared_copy.lms) == entry.role  # takes the added row away again

    # the control: with the owner's rights the same project does what it wants
    write_project(folder / "owner", copy.lms, entry.files)
    owner = attack(folder / "owner", copy.lms, entry.command, untouched)
    assert judge(owner, copy.lms) == entry.owner, owner.messages
    hooks = entry.command[0] != "run-operation"
    assert owner.noticed == (entry.owner == "definitions" and hooks), owner.messages
    assert owner.succeeded == (owner.nodes_succeeded and not owner.noticed)
    rings = "exit 1: it lists what changed" if owner.noticed else ("has no hooks" if not hooks else "silent")
    dbt = "success" if owner.nodes_succeeded else "error"
    answer = f"refused: {entry.says}" if entry.says else ROLE_DID[entry.role]
    _matrix[entry.name] = (OWNER_DID[entry.owner], dbt, rings, answer)


@pytest.fixture(scope="module")
def refusals(shared_copy: Databases, untouched: State, folder: Path) -> Outcome:
    """All statements in one run of the migration's role, each as a hook of a model of its own."""
    files = {}
    for number, entry in enumerate(STATEMENTS):
        if entry.role == "rows":
            continue
        text = model("select 1 as x", materialized="view", schema="migration", post_hook=entry.sql)
        files[f"models/statement_{number}.sql"] = text
    write_project(folder / "role", settings_of(shared_copy).lms, files)
    return attack(folder / "role", shared_copy.lms, ("run",), untouched)


def test_all_statements_together_leave_the_live_tables_as_they_are(refusals: Outcome) -> None:
    assert refusals.changed_facts == set()
    assert refusals.changed_tables == set()
    tried = [entry for entry in STATEMENTS if entry.role != "rows"]
    assert len(refusals.said) == len(tried) + 3, "one answer for each, two hooks, the log"


@pytest.mark.parametrize("entry", STATEMENTS, ids=_identifier)
def test_no_statement_in_a_hook_hurts_a_live_table(entry: Statement, refusals: Outcome, migrated: Databases) -> None:
    if entry.role == "refused":
        assert entry.says in refusals.said[f"statement_{STATEMENTS.index(entry)}"]
    if entry.role == "rows":  # what the rights cannot hold back is said, not hidden
        with psycopg.connect(settings_of(migrated).lms) as role:
            assert role.execute(sql.SQL(entry.sql)).rowcount > 0
            role.rollback()
    # the control: the same with the owner's rights, taken back
    with psycopg.connect(migrated.lms) as owner:
        before = State(read_facts(owner, lock_timeout=5), content_of(owner))
        owner.execute(sql.SQL(entry.sql))
        after = State(read_facts(owner, lock_timeout=5), content_of(owner))
        owner.rollback()
    did = "definitions" if before.facts != after.facts else ("rows" if before.rows != after.rows else "nothing")
    assert did == entry.owner
    answer = f"refused: {entry.says}" if entry.role == "refused" else ROLE_DID[entry.role]
    _matrix[f"hook: {entry.name}"] = (OWNER_DID[did], "–", "sees it" if did == "definitions" else "silent", answer)


def content_of(connection: psycopg.Connection) -> dict[str, tuple[int, str]]:
    """Rows and hash of the tables that the statements aim at, within the open transaction."""
    found = {}
    for table in ("users", "students", "course_offerings", "course_instructors", "course_enrollments"):
        if connection.execute("select to_regclass(%s)", (f"public.{table}",)).fetchone() != (None,):
            query = "select count(*), coalesce(md5(string_agg(md5(live::text), '' order by id)), '') from {} as live"
            row = connection.execute(sql.SQL(query).format(sql.Identifier("public", table))).fetchone()
            assert row is not None
            found[table] = (int(row[0]), str(row[1]))
    return found


# ── what this project's own macros refuse, even with the rights of the owner ───────────────────────────────────────────────────


MACROS = [
    ("a profile whose schema is public", {OFFERINGS: model(NEW, materialized="table")}, "public",
     "which is not dbt's to build in"),
    ("a model with schema: public", {"models/it.sql": model("select 1 as x", materialized="table", schema="public")}, "migration",
     "asks for schema 'public'"),
    ("a seed with schema: public", {"seeds/users.csv": "id\n1\n", "seeds/it.yml": "seeds:\n  - name: users\n    config:"
     " {schema: public}\n"}, "migration", "asks for schema 'public'"),
    ("a model with the alias of a live table", {"models/it.sql": model("select 1 as x", materialized="table", alias="students")},
     "migration", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "files", "schema", "says"), MACROS, ids=[row[0].replace(" ", "_") for row in MACROS])
def test_with_our_macros_even_the_owner_cannot_build_over_a_live_table(
    name: str, files: dict[str, str], schema: str, says: str, copy: Databases, untouched: State, folder: Path
) -> None:
    write_project(folder / f"own macros {schema}", copy.lms, files, schema=schema, own_macros=True)
    outcome = attack(folder / f"own macros {schema}", copy.lms, ("build",), untouched)
    assert outcome.changed_facts == set()
    assert outcome.changed_tables == set()
    assert says in outcome.messages
    assert outcome.succeeded == (not says)
    answer = f"refused: {says}" if says else "builds migration.students, not public.students"
    _matrix[f"our macros, as the owner: {name}"] = ("nothing", "error" if says else "success", "silent", answer)


# ── the page ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def page() -> str:
    """The matrix as Markdown, from what the tests above found."""
    lines = [
        "# The safety matrix",
        "",
        "Everything that dbt can be made to do to a live table, tried for real: as the owner of the tables (the control: what it",
        "would do), and as the migration's role, which owns nothing there. *dbt* is what dbt itself says when the owner runs it,",
        "*guard* what the live-table guard adds to that (`macros/guard.sql`; it compares definitions, not rows).",
        "",
        f"Made by `{WRITE}=1 python -m pytest -n 0 tests/python/acceptance/guards/test_safety_matrix.py`; a test fails when this",
        "page is not what comes out.",
        "",
        "| what dbt is made to do | as the owner | dbt | guard | as the migration's role |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {' | '.join((name, *cells))} |" for name, cells in _matrix.items()]
    return "\n".join(lines) + "\n"


def test_the_page_is_what_came_out(request: pytest.FixtureRequest) -> None:
    ran = {item.name for item in request.session.items if item.fspath == request.node.fspath}
    assert len(_matrix) == len(ATTACKS) + len(STATEMENTS) + len(MACROS) == len(ran) - 2, "run the whole file, and in its order"
    if os.environ.get(WRITE):
        DOCUMENT.write_text(page(), encoding="utf-8")
    assert DOCUMENT.read_text(encoding="utf-8") == page()
