"""The live-table guard: no command may leave the application's tables defined otherwise than it found them.

What they look like is read from the catalogs (`loader/sql/live_facts.sql`) before and after; rows do not count. dbt by hand has
the same guard in `macros/guard.sql`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby

import psycopg
from psycopg import errors, sql

from loader import queries
from loader.audit import planned_audit_facts, without_casts
from loader.config import Settings
from loader.connection import Connection, connected, one_line
from loader.errors import Edu2lmsError, HiddenRowsError, LiveTablesChangedError, LiveTablesLockedError
from loader.plan import READ_TABLES, TRACKING, live_rights, row, rows

# Who changes a definition while it is read makes the catalogs disagree for a moment.
_VANISHED = (errors.UndefinedTable, errors.UndefinedObject, errors.UndefinedFunction, errors.InternalError_)
_ATTEMPTS = 5
_LONGEST_FACT = 220
_MOST_LINES = 60


@contextmanager
def guarded(settings: Settings, command: str) -> Iterator[None]:
    """Compare the definitions of the live tables before and after the block.

    Args:
        settings: where and as whom.
        command: the verb. `prepare` acts as the owner and may make its own additions; every other one may change nothing.

    Raises:
        HiddenRowsError: the role cannot see every live row, so that it would take migrated rows for missing ones.
        LiveTablesChangedError: something is different, whoever did it; also when the block itself failed.
        LiveTablesLockedError: somebody locks a live table, so that its definition cannot be read.
        ConnectError: lms does not answer.
    """
    prepares = command == "prepare"
    conninfo = settings.lms_admin if prepares else settings.lms
    with connected(settings, "lms", conninfo) as lms:
        before = _facts(settings, lms, command, "before")
        if not prepares:
            refuse_hidden_rows(settings, lms)
    try:
        yield
    except Exception as error:
        # The failure is told in any case; a difference weighs more. When lms cannot be asked any more, the failure says why.
        changed = _look_again(settings, conninfo, command, before, error)
        if changed is not None:
            raise changed from error
        raise
    with connected(settings, "lms", conninfo) as lms:
        after = _facts(settings, lms, command, "after")
        changed = _compare(settings, lms, command, before, after, None)
    if changed is not None:
        raise changed


def _look_again(
    settings: Settings, conninfo: str, command: str, before: Sequence[str], error: Exception
) -> LiveTablesChangedError | None:
    try:
        with connected(settings, "lms", conninfo) as lms:
            return _compare(settings, lms, command, before, _facts(settings, lms, command, "after"), error)
    except (Edu2lmsError, psycopg.Error):
        return None


def read_facts(lms: Connection, *, lock_timeout: float) -> tuple[str, ...]:
    """What the live tables look like, one text per catalogue item, sorted.

    The query is run as it stands and not through ledger.live_facts(): the function may be missing, and the role could replace it.

    Args:
        lms: a connection of any role.
        lock_timeout: seconds for which the definition of a locked table is waited for.
    """
    with lms.transaction():
        lms.execute(queries.read("live_facts_session"), {"lock_timeout": f"{max(int(lock_timeout * 1000), 1)}ms"})
        return tuple(sorted(fact for (fact,) in lms.execute(queries.read("live_facts"))))


def _facts(settings: Settings, lms: Connection, command: str, when: str) -> tuple[str, ...]:
    patience = settings.lock_timeout * settings.lock_attempts
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return read_facts(lms, lock_timeout=patience)
        except errors.LockNotAvailable as error:
            where, reason = settings.where("lms"), f"{one_line(error)} within {patience:g} s"
            raise LiveTablesLockedError(where=where, command=command, when=when, reason=reason) from None
        except _VANISHED:
            if attempt == _ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def refuse_hidden_rows(settings: Settings, lms: Connection) -> None:
    """Refuse to go on as a role to which missing rows may be hidden ones.

    Raises:
        HiddenRowsError: row-level security applies to the migration's role.
    """
    found = row(lms, "guard_role", role=settings.lms_user, tables=list(READ_TABLES))
    if found and found["hidden_tables"]:
        statement = sql.SQL("alter role {} bypassrls").format(sql.Identifier(settings.lms_user)).as_string(lms)
        raise HiddenRowsError(
            tables=", ".join(found["hidden_tables"]), where=settings.where("lms"), role=settings.lms_user, statement=statement
        )


# ── differences ────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _compare(
    settings: Settings, lms: Connection, command: str, before: Sequence[str], after: Sequence[str], error: Exception | None
) -> LiveTablesChangedError | None:
    removed, added = sorted(set(before) - set(after)), sorted(set(after) - set(before))
    if command == "prepare":
        planned = planned_facts(settings)
        removed = [fact for fact in removed if not any(pattern.fullmatch(fact) for pattern in planned.replaced)]
        added = [fact for fact in added if not any(pattern.fullmatch(fact) for pattern in planned.added)]
        # views and policies of an older audit_logs, whose user_id has become text
        same = {without_casts(fact) for fact in removed} & {without_casts(fact) for fact in added}
        removed, added = ([fact for fact in facts if without_casts(fact) not in same] for facts in (removed, added))
    if not removed and not added:
        return None
    said = getattr(error, "message", None) or (one_line(error) if error else "")
    return LiveTablesChangedError(
        where=settings.where("lms"),
        command=command,
        differences=describe(removed, added),
        who=_who(settings, lms, command, added),
        outcome=f"The command itself failed: {settings.mask(said)}" if error else "The command itself has done its work.",
        fix=_PREPARE_FIX if command == "prepare" else _FIX,
    )


_FIX = (
    "find out who did it. If it was meant (an upgrade of the application), run `edu2lms check` and the command again; "
    "if not, put back the lines with - and take away the lines with +, before the application meets the difference."
)
_PREPARE_FIX = (
    "`edu2lms prepare --dry-run` prints everything that prepare does; what is listed here was somebody else's doing, or a "
    "defect. Put it back if it was not meant, then run `edu2lms prepare` again."
)


def describe(removed: Sequence[str], added: Sequence[str]) -> str:
    """The differing facts, by table, as lines with - and +; what is long is cut around the first difference."""
    entries = [(*_parts(fact), "-", _shorten(fact, added)) for fact in removed]
    entries += [(*_parts(fact), "+", _shorten(fact, removed)) for fact in added]
    entries.sort(key=lambda entry: (entry[0], entry[1], "-+".index(entry[2])))
    lines: list[str] = []
    for table, group in groupby(entries, key=lambda entry: entry[0]):
        lines.append(table)
        lines += [f"  {sign} {text}" for _, _, sign, text in group]
    more = len(lines) - _MOST_LINES
    return "\n".join(lines if more <= 0 else [*lines[:_MOST_LINES], f"… and {more} more lines"])


def _parts(fact: str) -> tuple[str, str]:
    """The table, and the item of it: kind and name."""
    table, _, rest = fact.partition(": ")
    return table, " ".join(rest.split()[:2])


def _shorten(fact: str, others: Sequence[str]) -> str:
    """The fact without its table, on one line."""
    table, item = _parts(fact)
    text = " ".join(fact.partition(": ")[2].split())
    if len(text) <= _LONGEST_FACT:
        return text
    other = next((" ".join(entry.partition(": ")[2].split()) for entry in others if _parts(entry) == (table, item)), "")
    same = next((n for n, (mine, theirs) in enumerate(zip(text, other, strict=False)) if mine != theirs), 0)
    start = max(0, same - 80) if same > len(item) + 80 else 0
    head = f"{item} … " if start else ""
    end = start + _LONGEST_FACT - len(head)
    return f"{head}{text[start:end]}{' …' if end < len(text) else ''}"


def _who(settings: Settings, lms: Connection, command: str, added: Sequence[str]) -> str:
    """Whether it can have been this command, as far as can be seen."""
    others = [entry["session"] for entry in rows(lms, "guard_others", role=settings.lms_user)]
    sessions = f" Other sessions now: {'; '.join(others)}." if others else ""
    user = settings.lms_user
    found = row(lms, "guard_role", role=user, tables=[]) or {}
    mine = re.compile(rf"\bowner {re.escape(user)}\b|\bby {re.escape(user)}\b")
    if command == "prepare":
        return f"The additions of prepare itself are not among them.{sessions}"
    if found.get("owns_live_tables") or any(mine.search(fact) for fact in added):
        return f"It may have been this command: {user} owns some of it, or is a member of a role that does.{sessions}"
    return f"{user} owns none of it and cannot do this: somebody else did it meanwhile.{sessions}"


# ── what prepare may do ────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Planned:
    """Patterns of facts that `prepare` adds, and of those that it replaces by them."""

    def __init__(self, added: list[re.Pattern[str]], replaced: list[re.Pattern[str]]) -> None:
        self.added = added
        self.replaced = replaced


def planned_facts(settings: Settings) -> _Planned:
    """The facts that `prepare` makes, whichever are missing: tracking columns, their indexes, rights, the audit schema."""
    added, replaced = planned_audit_facts()
    for track in TRACKING:
        table, column, index = map(re.escape, (track.table, track.column, track.index))
        define = rf"CREATE UNIQUE INDEX {index} ON public\.{table} USING btree \({column}\)"
        added.append(rf"{table}: column {column} bigint, place \d+")
        added.append(rf"{table}: index {index} {define} WHERE \({column} IS NOT NULL\)")
        # a total index, or what an interrupted build left
        replaced.append(rf"{table}: index {index} {define}.*")
    user = re.escape(f'"{settings.lms_user}"') + "|" + re.escape(settings.lms_user)
    for name, updated, privilege in live_rights({"has_audit_logs": True}):
        place = rf" \({re.escape(updated)}\)" if updated else ""
        added.append(rf"{re.escape(name)}: grant {privilege.lower()}{place} to ({user}) by .*")
    added.append(rf"schema public: grant usage to ({user}) by .*")
    return _Planned([re.compile(text, re.DOTALL) for text in added], [re.compile(text, re.DOTALL) for text in replaced])
