"""The guard around the commands: it rings, says what happened, and lets nothing pass because the command itself was fine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from attacks import model
from copies import settings_of
from databases import Databases, rows, value
from hostile import State, attack, write_project
from psycopg import sql

from loader import cli, load
from loader.config import Settings
from loader.errors import HiddenRowsError, LiveTablesChangedError, LiveTablesLockedError, UsageError
from loader.guard import guarded
from loader.prepare import prepare
from loader.project import Project

DDL = "alter table public.students alter column gpa type numeric(5,2)"


@pytest.fixture
def settings(copy: Databases) -> Settings:
    """Settings that lead to a copy of the migrated lms."""
    return settings_of(copy).model_copy(update={"lock_timeout": 0.2, "lock_attempts": 2})


def test_a_command_that_leaves_everything_as_it_was_passes(settings: Settings, copy: Databases) -> None:
    with guarded(settings, "load"):
        rows(copy.lms, "update public.students set updated_at = now()")


@pytest.mark.parametrize("command", ["load", "run", "prepare"])
def test_a_change_during_a_command_fails_it_and_is_printed(settings: Settings, copy: Databases, command: str) -> None:
    with pytest.raises(LiveTablesChangedError) as caught, guarded(settings, command):
        rows(copy.lms, DDL)
    error = caught.value
    assert error.exit_code == 1
    lines = error.message.splitlines()
    at = lines.index("students")
    assert lines[at + 1].startswith("  - column gpa numeric(3,2)")
    assert lines[at + 2].startswith("  + column gpa numeric(5,2)")
    assert "has done its work" in error.message
    assert "find out who did it" in error.fix or command == "prepare"


def test_somebody_else_is_named_when_the_role_cannot_have_done_it(settings: Settings, copy: Databases) -> None:
    with (  # noqa: PT012
        psycopg.connect(copy.lms, autocommit=True, application_name="upgrade 7.1") as somebody,
        pytest.raises(LiveTablesChangedError) as caught,
        guarded(settings, "run"),
    ):
        somebody.execute(DDL)
        session = f"lms_owner (pid {somebody.info.backend_pid}, upgrade 7.1)"
    assert f"{settings.lms_user} owns none of it and cannot do this: somebody else did it meanwhile" in caught.value.message
    assert f"Other sessions now: {session}" in caught.value.message


def test_a_role_that_owns_a_live_table_is_not_excused(settings: Settings, copy: Databases) -> None:
    owner = sql.SQL("alter table public.grades owner to {}").format(sql.Identifier(settings.lms_user))
    rows(copy.lms, owner)
    with pytest.raises(LiveTablesChangedError, match="It may have been this command"), guarded(settings, "run"):
        rows(copy.lms, DDL)


def test_a_command_that_fails_by_itself_says_both(settings: Settings, copy: Databases) -> None:
    both = r"(?s)column gpa.*The command itself failed: it was wrong"
    with pytest.raises(LiveTablesChangedError, match=both), guarded(settings, "load"):  # noqa: PT012
        rows(copy.lms, DDL)
        raise UsageError(detail="it was wrong", fix="")
    with pytest.raises(UsageError, match="it was wrong"), guarded(settings, "load"):
        raise UsageError(detail="it was wrong", fix="")


def test_prepare_may_add_its_own_and_nothing_else(settings: Settings, copy: Databases) -> None:
    rows(copy.lms, "alter table public.course_offerings drop column old_course_id cascade")
    rows(copy.lms, "drop index public.course_enrollments_old_journal_id_key")
    rows(copy.lms, "create unique index course_enrollments_old_journal_id_key on public.course_enrollments (old_journal_id)")
    rows(copy.lms, sql.SQL("revoke all on public.users, public.students from {}").format(sql.Identifier(settings.lms_user)))
    tables = Project.find().tables
    with guarded(settings, "prepare"):
        done = prepare(settings, tables, dry_run=False, report=lambda _: None)
    assert {step.name for step in done.steps} >= {
        "lms: course_offerings.old_course_id",
        "lms: unique index course_offerings_old_course_id_key",
        "lms: unique index course_enrollments_old_journal_id_key was total, is built again",
        "lms: rights on the live tables",
    }
    with pytest.raises(LiveTablesChangedError) as caught, guarded(settings, "prepare"):  # noqa: PT012
        rows(copy.lms, sql.SQL("grant delete on public.users to {}").format(sql.Identifier(settings.lms_user)))
        rows(copy.lms, "alter table public.course_enrollments add column old_exam_id bigint")
    listed = [line for line in caught.value.message.splitlines() if line.startswith("  ")]
    assert [line.split(", place")[0] for line in listed] == [
        "  + column old_exam_id bigint",
        f"  + grant delete to {settings.lms_user} by lms_owner",
    ]


def test_a_locked_definition_is_waited_for_and_then_refused(settings: Settings, copy: Databases) -> None:
    with psycopg.connect(copy.lms) as holder:
        holder.execute("lock table public.course_offerings in access exclusive mode")
        with pytest.raises(LiveTablesLockedError) as caught, guarded(settings, "load"):
            pytest.fail("the command began")
        assert caught.value.exit_code == 4
        holder.rollback()


@pytest.mark.usefixtures("environment")
def test_the_command_line_is_guarded(
    copy: Databases, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = load.load

    def load_while_somebody_upgrades(*arguments: object, **options: object) -> object:
        result = real(*arguments, **options)  # type: ignore[arg-type]
        rows(copy.lms, DDL)
        return result

    monkeypatch.setattr(cli, "load_tables", load_while_somebody_upgrades)
    assert cli.main(["load", "--table", "organizations", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["error"]["type"] == "LiveTablesChangedError"
    assert "numeric(5,2)" in document["error"]["message"]


# ── rows that the role cannot see ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def without_bypass(settings: Settings, copy: Databases) -> Iterator[Settings]:
    """The role has lost BYPASSRLS since prepare."""
    role = sql.Identifier(settings.lms_user)
    rows(copy.lms, sql.SQL("alter role {} nobypassrls").format(role))
    yield settings
    rows(copy.lms, sql.SQL("alter role {} bypassrls").format(role))


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("verb", [["load"], ["run", "--publish"]])
def test_a_role_that_lost_bypassrls_is_refused_before_anything_is_written(
    without_bypass: Settings,
    copy: Databases,
    capsys: pytest.CaptureFixture[str],
    verb: list[str],
) -> None:
    loads = value(copy.lms, "select count(*) from ledger.table_loads")
    batches = value(copy.lms, "select count(*) from ledger.batches")
    assert cli.main([*verb, "--json"]) == HiddenRowsError.exit_code == 4
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["type"] == "HiddenRowsError"
    assert "course_enrollments, students" in error["message"]
    assert f'alter role "{without_bypass.lms_user}" bypassrls;' in error["fix"]
    assert value(copy.lms, "select count(*) from ledger.table_loads") == loads
    assert value(copy.lms, "select count(*) from ledger.batches") == batches


def test_forced_row_level_security_does_not_hide_rows_from_bypassrls(settings: Settings, copy: Databases) -> None:
    count = "select count(*) from public.students"
    rows(copy.lms, "alter table public.students force row level security")
    assert value(settings.lms, count) == value(copy.lms, count) > 0
    with guarded(settings, "run"):
        pass
    rows(copy.lms, "alter table public.persons enable row level security, force row level security")
    assert value(settings.lms, "select count(*) from public.persons") > 0


# ── dbt by hand ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_projects_own_dbt_commands_are_guarded_and_recorded(migrated: Databases) -> None:
    done = rows(
        migrated.lms, "select command, ended_at is not null, facts is null, differences is null from ledger.dbt_invocations"
    )
    assert done == [("build", True, True, True)], "the one run of the migration"


@pytest.fixture
def small_project(copy: Databases, tmp_path: Path) -> Path:
    """A project with one model and the guard."""
    files = {"models/something.sql": model("select 1 as x", materialized="view", schema="migration")}
    write_project(tmp_path / "project", settings_of(copy).lms, files)
    return tmp_path / "project"


def test_dbt_by_hand_keeps_what_changed_and_when(small_project: Path, copy: Databases) -> None:
    hooks = ["{{ guard_start() }}", "alter table public.students drop column gpa; commit"]
    write_project(small_project, copy.lms, {
        "dbt_project.yml": f"on-run-start: {json.dumps(hooks)}\non-run-end: '{{{{ guard_end() }}}}'\n",
        "models/something.sql": model("select 1 as x", materialized="view", schema="migration"),
    })  # fmt: skip
    outcome = attack(small_project, copy.lms, ("run",), State.of(copy.lms))
    assert outcome.nodes_succeeded
    assert outcome.noticed
    assert not outcome.succeeded
    assert "- students: column gpa numeric(3,2)" in outcome.messages
    assert "Find out who" in outcome.messages
    (differences,) = value(copy.lms, "select differences from ledger.dbt_invocations where differences is not null")
    assert differences.startswith("- students: column gpa numeric(3,2)")


@pytest.mark.parametrize("missing", ["function ledger.live_facts()", "table ledger.dbt_invocations", "schema ledger"])
def test_without_the_guard_dbt_says_what_to_run(small_project: Path, copy: Databases, missing: str) -> None:
    rows(copy.lms, sql.SQL("drop " + missing + " cascade"))
    outcome = attack(small_project, copy.lms, ("run",), State.of(copy.lms))
    assert not outcome.succeeded
    assert "Run `edu2lms prepare` first" in outcome.messages
    assert value(copy.lms, "select to_regclass('migration.something')") is None, "nothing is built"
    for command in ("parse", "compile", "list"):
        assert attack(small_project, copy.lms, (command,), outcome.after).succeeded


@pytest.mark.usefixtures("without_bypass")
def test_dbt_by_hand_refuses_a_role_that_does_not_see_every_row(small_project: Path, copy: Databases) -> None:
    outcome = attack(small_project, copy.lms, ("run",), State.of(copy.lms))
    assert not outcome.succeeded
    assert f'alter role "{settings_of(copy).lms_user}" bypassrls' in outcome.messages
    assert value(copy.lms, "select to_regclass('migration.something')") is None
