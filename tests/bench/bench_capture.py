"""What change capture costs a write: single rows, each in a transaction of its own, and one statement over many.

Fairness: the same table with all its indexes and its other triggers, the same rows, in turn: without any log, with the
triggers of `edu2lms prepare` (one call per statement), and with the application's own trigger (one call per row). Both logs
hold the same: old and new values, as JSON; ours masks secrets, keeps only the columns that an update has changed, and knows the
request. The table is vacuumed before each turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import psycopg
from psycopg import sql

from loader.audit.names import capture_trigger
from tests.bench.measure import Timed, interleaved, median, timed
from tests.bench.options import Options
from tests.bench.results import Result
from tests.bench.world import World, world

TABLE = "assessment_submissions"
WITHOUT, OURS, THEIRS = "without a log", "change capture", "a trigger of the application, per row"
SINGLE, MANY = 1_000, 20_000
ROW_TRIGGER = sql.SQL(
    "create trigger bench_row after insert or update or delete on {} for each row execute function public.write_audit_log()"
)
CHANGE = "update assessment_submissions set attempt_number = attempt_number + 1000, status = 'returned' where id = any(%s)"
BACK = "update assessment_submissions set attempt_number = attempt_number - 1000, status = 'graded' where id = any(%s)"


def measure(options: Options) -> Result:
    """The measurement."""
    result = Result("capture", options.scale, options.repeat)
    with world(options.scale, folder=options.folder) as servers:
        lms = servers.databases().lms
        with psycopg.connect(lms, autocommit=True) as owner:
            owner.execute(ROW_TRIGGER.format(sql.Identifier(TABLE)))
            first = sql.SQL("select id from {} order by id limit {}").format(sql.Identifier(TABLE), sql.Literal(MANY))
            ids = [key for (key,) in owner.execute(first)]
        for what, portions in (("single rows", [[key] for key in ids[:SINGLE]]), ("one statement", [ids])):
            contestants = {log: partial(_one, servers, lms, log, portions) for log in (WITHOUT, OURS, THEIRS)}
            for turn in contestants.values():
                turn()  # warm
            found = {log: median(times) for log, times in interleaved(options.repeat, contestants).items()}
            changes = 2 * sum(map(len, portions))
            for log, each in found.items():
                result.add(
                    f"{what}: {log}",
                    changes=changes,
                    µs_per_row=each.seconds / changes * 1e6,
                    ratio=each.seconds / found[WITHOUT].seconds,
                    ratio_of_processor=each.processor / found[WITHOUT].processor,
                )
    return result


def _one(servers: World, lms: str, log: str, portions: Sequence[list[object]]) -> Timed:
    with psycopg.connect(lms, autocommit=True) as owner:
        _choose(owner, log)
    with timed(servers) as found, psycopg.connect(lms, autocommit=True) as owner:
        for statement in (CHANGE, BACK):
            for ids in portions:
                owner.execute(statement, (ids,))
    return found


def _choose(owner: psycopg.Connection, log: str) -> None:
    """Only the triggers of one log fire."""
    table = sql.Identifier(TABLE)
    for name, wanted in [("bench_row", THEIRS), *((capture_trigger(event), OURS) for event in ("insert", "update", "delete"))]:
        state = sql.SQL("enable" if wanted == log else "disable")
        owner.execute(sql.SQL("alter table {} {} trigger {}").format(table, state, sql.Identifier(name)))
    owner.execute(sql.SQL("vacuum {}").format(table))
