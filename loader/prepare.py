"""`edu2lms prepare`: brings both databases into the state that `load` and `run` need. Idempotent; says what it did."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import LiteralString

import psycopg
from psycopg import errors

from loader.audit import plan_audit
from loader.config import Settings
from loader.connection import Connection, connect, connected, one_line
from loader.errors import (
    ConnectError,
    DuplicateTrackingIdError,
    Edu2lmsError,
    LockNotAvailableError,
    RemoteConnectError,
    StatementFailedError,
    SuperuserNeededError,
)
from loader.locks import PREPARE, advisory_lock
from loader.plan import TRACKING, Actor, Step, columns_of, plan_edu, plan_lms, rows
from loader.project import SourceTable
from loader.results import PreparedStep, PrepareResult

Report = Callable[[str], None]

# The text of a statement reaches the server's log and pg_stat_activity; a password in it must not. Superusers only.
_QUIET: tuple[LiteralString, ...] = (
    "set log_statement = 'none'",
    "set log_min_duration_statement = -1",
    "set log_min_error_statement = 'panic'",
    "set track_activities = off",
)


def prepare(settings: Settings, tables: tuple[SourceTable, ...], *, dry_run: bool, report: Report) -> PrepareResult:
    """Bring both databases into the wanted state.

    Args:
        settings: where and as whom.
        tables: the declared tables of edu.
        dry_run: only plan.
        report: is told each step in one line.

    Raises:
        SuperuserNeededError: an admin is no superuser and something needs one; nothing was done then.
        LockNotAvailableError: a live table stayed locked by somebody else; run it again, what was done stays done.
        Edu2lmsError: see `plan` for what is refused.
    """
    started = time.monotonic()
    with ExitStack() as stack:
        edu_admin = stack.enter_context(connected(settings, "edu", settings.edu_admin))
        lms_admin = stack.enter_context(connected(settings, "lms", settings.lms_admin))
        if not dry_run:
            stack.enter_context(advisory_lock(settings, lms_admin, PREPARE))
        edu_steps = plan_edu(settings, tables, edu_admin, can_log_in=_can_log_in(settings, "edu", settings.edu))
        edu_columns = columns_of(edu_admin, "public", [table.name for table in tables])
        as_user = None
        with suppress(ConnectError):
            as_user = stack.enter_context(connected(settings, "lms", settings.lms))
        lms_steps = plan_lms(settings, tables, edu_columns, lms_admin, as_user=as_user)
        audit = plan_audit(settings, lms_admin)
        lms_steps += audit.steps
        notes = [*_refuse_without_superuser(settings, edu_admin, lms_admin, [*edu_steps, *lms_steps]), *audit.notes]
        actors: dict[Actor, Connection] = {"edu_admin": edu_admin, "lms_admin": lms_admin}
        done = []
        for step in [*edu_steps, *lms_steps]:
            if step.optional and not _is_superuser(lms_admin):
                continue
            done.append(_describe(settings, actors["edu_admin" if step.actor == "edu_admin" else "lms_admin"], step))
            if dry_run:
                continue
            report(step.name)
            if step.actor not in actors:
                actors["lms"] = stack.enter_context(connected(settings, "lms", settings.lms))
            _Runner(settings, actors[step.actor], step, report).run()
        if not dry_run:
            _prove_logins(settings)
    return PrepareResult(dry_run=dry_run, steps=tuple(done), notes=tuple(notes), seconds=round(time.monotonic() - started, 3))


def script(result: PrepareResult, settings: Settings) -> str:
    """The statements of a dry run as one SQL script, passwords masked."""
    lines: list[str] = []
    last = None
    for step in result.steps:
        if (step.database, step.user) != last:
            last = (step.database, step.user)
            lines.append(f"-- {step.database} ({settings.where(step.database)}) as {step.user}\n")
        lines.append(f"-- {step.name.partition(': ')[2]}")
        lines += [f"{statement.rstrip().rstrip(';')};" for statement in step.statements]
        lines.append("")
    lines += [f"-- note: {note}" for note in result.notes]
    return "\n".join(lines).rstrip() or "-- nothing is missing"


def _can_log_in(settings: Settings, database: str, conninfo: str) -> bool:
    try:
        connect(settings, database, conninfo).close()
    except ConnectError:
        return False
    return True


def _prove_logins(settings: Settings) -> None:
    """The roles exist now; when they cannot log in, pg_hba.conf or another password is in the way."""
    for database, conninfo in (("edu", settings.edu), ("lms", settings.lms)):
        connect(settings, database, conninfo).close()


def _is_superuser(connection: Connection) -> bool:
    return connection.info.parameter_status("is_superuser") == "on"


def _refuse_without_superuser(
    settings: Settings, edu_admin: Connection, lms_admin: Connection, steps: list[Step]
) -> Iterator[str]:
    for database, admin in (("edu", edu_admin), ("lms", lms_admin)):
        needed = [line for step in steps if step.actor.startswith(database) for line in step.superuser]
        optional = [step for step in steps if step.actor.startswith(database) and step.optional and not _is_superuser(admin)]
        by_hand = [f"{statement.as_string(admin)};" for step in optional for statement in step.statements]
        if needed:
            raise SuperuserNeededError(
                user=admin.info.user,
                where=f"{database} ({settings.where(database)})",
                statements="\n".join([*needed, *by_hand]),  # none of them holds a password
            )
        for step, statement in zip(optional, by_hand, strict=True):
            why = f"{admin.info.user} is no superuser: {step.optional}"
            yield f"{step.name} is not set up, because {why}. To set it up: {statement}"


def _describe(settings: Settings, connection: Connection, step: Step) -> PreparedStep:
    masked = []
    for statement in step.statements:
        text = settings.mask(statement.as_string(connection))
        # A verifier is not the password, but it can be attacked: it is masked as well.
        masked.append(_mask_verifier(text) if step.secret else text)
    user = {"edu_admin": settings.edu_admin_user, "lms_admin": settings.lms_admin_user, "lms": settings.lms_user}[step.actor]
    return PreparedStep(name=step.name, database=step.actor[:3], user=user or "", statements=tuple(masked))


def _mask_verifier(text: str) -> str:
    head, mark, _ = text.partition("'SCRAM-SHA-256$")
    return f"{head}'***'" if mark else text


class _Runner:
    """Runs one step with the time-outs that its kind needs."""

    def __init__(self, settings: Settings, connection: Connection, step: Step, report: Report) -> None:
        self.settings = settings
        self.connection = connection
        self.step = step
        self.report = report
        self.where = settings.where(step.actor[:3])

    def run(self) -> None:
        try:
            if self.step.live_table is not None and not self.step.builds_index:
                self._with_retries(self.step.live_table)
            else:
                self._once()
        except psycopg.Error as error:
            raise self._explain(error) from None

    def _once(self) -> None:
        with self._session():
            if self.step.builds_index or len(self.step.statements) == 1:
                for statement in self.step.statements:
                    self.connection.execute(statement)
            else:
                with self.connection.transaction():
                    for statement in self.step.statements:
                        self.connection.execute(statement)

    def _with_retries(self, table: str) -> None:
        """ALTER TABLE waits for older transactions, and writers wait behind it: so it waits a moment only, and tries again."""
        attempts, seconds = self.settings.lock_attempts, self.settings.lock_timeout
        for attempt in range(1, attempts + 1):
            try:
                self._once()
                return
            except errors.LockNotAvailable:
                if attempt == attempts:
                    raise
                self.report(f"{self.step.name}: public.{table} is in use{self._holders(table)}; attempt {attempt} of {attempts}")
                time.sleep(min(seconds, 1.0))  # the writers that waited behind us go first

    @contextmanager
    def _session(self) -> Iterator[None]:
        """Time-outs (and silence, for secrets) for the statements of this step."""
        lock = 0.0 if self.step.builds_index else self.settings.lock_timeout
        statement = self.settings.index_timeout if self.step.builds_index else 0.0
        self._set("lock_timeout", f"{int(lock * 1000)}ms")
        self._set("statement_timeout", f"{int(statement * 1000)}ms")
        quiet = self.step.secret and _is_superuser(self.connection)
        if quiet:
            for command in _QUIET:
                self.connection.execute(command)
        try:
            yield
        finally:
            if quiet and not self.connection.closed:
                self.connection.execute("reset all")

    def _set(self, name: str, value: str) -> None:
        self.connection.execute("select set_config(%s, %s, false)", (name, value))

    def _holders(self, table: str) -> str:
        found = [
            f"{holder['role']} (pid {holder['pid']}, {holder['application'] or 'no name'}, {holder['seconds']} s)"
            for holder in rows(self.connection, "lock_holders", table=f"public.{table}")
        ]
        return f" by {', '.join(found)}" if found else ""

    def _explain(self, error: psycopg.Error) -> Edu2lmsError:
        reason = self.settings.mask(one_line(error))
        table = self.step.live_table
        if isinstance(error, errors.LockNotAvailable) and table is not None:
            return LockNotAvailableError(
                what=f"public.{table}",
                where=self.where,
                attempts=self.settings.lock_attempts,
                seconds=self.settings.lock_timeout,
                holders=self._holders(table),
            )
        if isinstance(error, errors.UniqueViolation) and table is not None:
            track = next(track for track in TRACKING if track.table == table)
            return DuplicateTrackingIdError(index=track.index, table=table, column=track.column, where=self.where, reason=reason)
        if error.sqlstate == "08001":
            return RemoteConnectError(where=self.settings.where("edu"), reason=reason)
        if isinstance(error, errors.QueryCanceled) and self.step.builds_index:
            fix = "run `edu2lms prepare` again when older transactions are over; the unfinished index is replaced."
        elif isinstance(error, errors.InsufficientPrivilege):
            fix = "let the owner of the object or a superuser act as the admin (LMS_ADMIN_USER, EDU_ADMIN_USER)."
        else:
            fix = "see `edu2lms prepare --dry-run` for the statement and `edu2lms check` for the state of both databases."
        return StatementFailedError(step=self.step.name, where=self.where, reason=reason, fix=fix)
