"""The guard around the commands: it rings, says what happened, and lets nothing pass because the command itself was fine."""

from __future__ import annotations

import json
from collections.abc import Iterator

import psycopg
import pytest
from copies import settings_of
from databases import Databases, rows, value
from psycopg import sql

from loader import cli, load
from loader.config import Settings
from loader.errors import HiddenRowsError, LiveTablesChangedError, LiveTablesLockedError, UsageError
from loader.guard import guarded
from loader.plan import LEDGER_FUNCTIONS
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


def test_dbt_by_hand_is_guarded_and_recorded(copy: Databases) -> None:
    known = {name for (name,) in rows(copy.lms, "select invocation_id from ledger.dbt_invocations")}
    copy.dbt("seed", "--select", "defaults")
    done = rows(
        copy.lms,
        "select command, ended_at is not null, facts is null, differences is null from ledger.dbt_invocations"
        " where not invocation_id = any(%s)",
        list(known),
    )
    assert done == [("seed", True, True, True)]


def test_without_the_guard_dbt_says_what_to_run(copy: Databases) -> None:
    for function in reversed(LEDGER_FUNCTIONS):
        rows(copy.lms, sql.SQL("drop function ledger.{}()").format(sql.Identifier(function)))
    said = copy.dbt("seed", "--select", "defaults", code=2)
    assert "Run `edu2lms prepare` first" in said.stdout
    assert "INSERT" not in said.stdout
    copy.dbt("compile", "--select", "stg_edu__persons")


def test_dbt_by_hand_refuses_a_role_that_does_not_see_every_row(without_bypass: Settings, copy: Databases) -> None:
    said = copy.dbt("seed", "--select", "defaults", code=2)
    assert f'alter role "{without_bypass.lms_user}" bypassrls' in said.stdout
    assert "INSERT" not in said.stdout
