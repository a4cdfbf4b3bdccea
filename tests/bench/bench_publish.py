"""The publication of the enrollments against one hand-written INSERT … SELECT of the same finished rows.

Fairness: both write the same rows of the same mart into the same live table with its indexes, in one dry-run build: the
recorded call of the publication, which rolls itself back, and the hand-written statement in a transaction that is rolled
back, in turn, the live tables vacuumed before each. Both have the same work_mem, and the rows that enrollments refer to are
there. Time is what the server spent on each statement (pg_stat_statements, nested statements included), so that neither dbt
nor the network counts on either side. For the publication three sums are told: its INSERT alone; with it everything that
replaces the triggers and checks which the hand-written statement fires (the proof of the foreign keys, of all tables, and
the audit rows); and the whole publication of all eleven tables with crosswalk, tracking ids and counts. The goal is asked of
the second sum. The hand-written statement runs once as it is and once with triggers and foreign keys suspended, which proves
nothing and audits nothing.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from databases import Databases
from migrate import record

from tests.bench.measure import Timed, interleaved
from tests.bench.options import Options
from tests.bench.results import Goal, Result
from tests.bench.world import command, world

_INSERTS = re.compile(r'insert into "[^"]+"\."public"\."(\w+)" \(([^)]*)\)\s*select mart\.[^;]*;')
_STATEMENTS = """
select query, toplevel, (total_exec_time / 1000)::float8 from pg_stat_statements(true)
where dbid = (select oid from pg_database where datname = current_database())
"""
OWN = "the publication's INSERT alone"
ASKED = "with the proof of all foreign keys and the audit"
WHOLE = "the whole publication, all eleven tables"
PROOF, AUDIT = "proof of all foreign keys", "audit rows"
_OWN_INSERT = r'^insert into (?:"\w+"\.)?"?public"?\."?course_enrollments"?\s'
# kinds of nested statements, the first pattern that fits counts
_KINDS = {
    OWN: _OWN_INSERT,
    # PostgreSQL 18 counts statements together that differ in the names of tables alone: these are the proofs of all tables
    PROOF: "for key share",
    AUDIT: r"insert into .*audit_logs",
    "tracking ids of rows that were there": r"^with tracked as",
    "crosswalk": r'^insert into "\w+"\."ledger"\."crosswalk"',
    "INSERTs of the other ten tables": r'^insert into "\w+"\."public"',
    "counts of the offerings": r"^with counted as",
}
_CALL = "create temporary table lms_publish_results"


@dataclass(frozen=True)
class Publication:
    """What dbt sends to publish, and the INSERT of each table in it."""

    statements: tuple[str, ...]
    inserts: dict[str, str]
    columns: str

    @classmethod
    def recorded(cls, databases: Databases) -> Publication:
        """From a dry run with the real dbt."""
        recording = record(databases, {"publish": False})
        node = next(node for node in recording.nodes if node.name == "lms_publish")
        # up to the call; what follows keeps its result
        call = next(number for number, statement in enumerate(node.statements) if _CALL in statement)
        found = list(_INSERTS.finditer(node.compiled))
        columns = next(match[2] for match in found if match[1] == "course_enrollments")
        return cls(node.statements[: call + 1], {match[1]: match[0] for match in found}, columns)


class Bench:
    """One database that is built and not published."""

    def __init__(self, databases: Databases) -> None:
        self.databases = databases
        command(databases, "load", "--full")
        self.publication = Publication.recorded(databases)
        self.rows = 0
        self.sums: dict[str, list[float]] = {}
        with psycopg.connect(databases.lms, autocommit=True) as owner:
            owner.execute("create extension pg_stat_statements")
        self.as_migration = databases.settings["LMS_USER"], databases.settings["LMS_PASSWORD"]

    def publish(self) -> Timed:
        """The publication as a dry run: it does all its work and takes it back."""
        self._tidy()
        user, password = self.as_migration
        with psycopg.connect(self.databases.lms, user=user, password=password) as connection:
            for statement in self.publication.statements:
                connection.execute(statement.encode())
            connection.rollback()
        sums: dict[str, float] = dict.fromkeys(_KINDS, 0.0)
        whole = 0.0
        for text, toplevel, seconds in self._statements():
            lower = text.lower()
            if toplevel:
                whole += seconds if _CALL in lower else 0.0
            elif kind := next((kind for kind, pattern in _KINDS.items() if re.search(pattern, lower, re.DOTALL)), None):
                sums[kind] += seconds
        asked = sums[OWN] + sums[PROOF] + sums[AUDIT]
        self._note(OWN, sums[OWN])
        self._note(ASKED, asked)
        self._note(WHOLE, whole)
        for kind in list(_KINDS)[1:]:
            self._note(f"of it: {kind}", sums[kind])
        return Timed(asked)

    def by_hand(self, *, suspended: bool) -> Timed:
        """The hand-written statement."""
        self._tidy()
        select = f"select {self.publication.columns} from migration.course_enrollments where outcome = 'inserted'"
        insert = f"insert into public.course_enrollments ({self.publication.columns}) {select}"
        with psycopg.connect(self.databases.lms) as connection:
            for statement in self.publication.statements[:-2]:  # the same limits
                connection.execute(statement.encode())
            connection.execute("set local session_replication_role = replica")
            for table, parents in self.publication.inserts.items():
                if table == "course_enrollments":
                    break
                connection.execute(parents.encode())
            if not suspended:
                connection.execute("set local session_replication_role = origin")
            self.rows = connection.execute(insert.encode()).rowcount
            connection.rollback()
        seconds = sum(
            seconds for text, toplevel, seconds in self._statements() if toplevel and re.match(_OWN_INSERT, text.lower())
        )
        return Timed(seconds)

    def _tidy(self) -> None:
        """What the last transaction left and took back is gone, and no statement has been counted."""
        with psycopg.connect(self.databases.lms, autocommit=True) as owner:
            owner.execute("vacuum")
            owner.execute("checkpoint")
            owner.execute("select pg_stat_statements_reset()")

    def _statements(self) -> list[tuple[str, bool, float]]:
        with psycopg.connect(self.databases.lms) as owner:
            return owner.execute(_STATEMENTS).fetchall()

    def _note(self, name: str, seconds: float) -> None:
        self.sums.setdefault(name, []).append(seconds)


def measure(options: Options) -> Result:
    """The measurement."""
    result = Result("publish", options.scale, options.repeat)
    with world(options.scale, folder=options.folder, count_statements=True) as servers:
        bench = Bench(servers.databases())
        contestants: dict[str, Callable[[], Timed]] = {
            "publication": bench.publish,
            "by hand": lambda: bench.by_hand(suspended=False),
            "by hand, suspended": lambda: bench.by_hand(suspended=True),
        }
        found = interleaved(options.repeat, contestants)
    by_hand, suspended = (statistics.median(each.seconds for each in found[name]) for name in list(contestants)[1:])
    result.add(
        "by hand, triggers and foreign keys in place", seconds=by_hand, ratio=1.0, ratio_without_triggers=by_hand / suspended
    )
    result.add(
        "by hand, triggers and foreign keys suspended", seconds=suspended, ratio=suspended / by_hand, ratio_without_triggers=1.0
    )
    sums = {name: statistics.median(seconds) for name, seconds in bench.sums.items()}
    for name, seconds in sums.items():
        result.add(name, seconds=seconds, ratio=seconds / by_hand, ratio_without_triggers=seconds / suspended)
    result.notes.append(f"{bench.rows:,} enrollments are inserted; seconds are those of the server.")
    asked = sums[ASKED]
    result.goals.append(Goal("publication of the enrollments / INSERT … SELECT by hand", asked / by_hand, 1.0))
    text = "the whole publication of eleven tables / INSERT … SELECT of the enrollments alone by hand"
    result.goals.append(Goal(text, sums[WHOLE] / by_hand, 1.0))
    return result
