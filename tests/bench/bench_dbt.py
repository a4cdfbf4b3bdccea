"""`edu2lms run --publish` against the same SQL sent by hand, without dbt.

Fairness: every statement that dbt sends for seeds, models, tests and the publication is recorded once and sent again by
psycopg on a fresh copy of the databases, after the same load. Left out are the statements that change no row (comments,
questions about columns, the live-table guard), so that the hand gains. It sends them once one after the other, as a script
would, and once in four sessions, as dbt does; the goal is asked of the faster of the two. The run's own time holds
everything from the start of the program to the report that it prints.
"""

from __future__ import annotations

from databases import Databases, content
from migrate import RECORDED_BATCH, RECORDED_DAY, Recording, record

from loader.console import Progress
from loader.load import load
from tests.bench.by_hand import ByHand
from tests.bench.measure import Timed, interleaved, median, timed
from tests.bench.options import Options
from tests.bench.results import Goal, Result
from tests.bench.world import World, command, settings_of, world

RUN = "edu2lms run --publish"
HANDS = {"by hand, one session": 1, "by hand, four sessions": 4}


class Bench:
    """Fresh databases for every contestant."""

    def __init__(self, servers: World) -> None:
        self.servers = servers
        self.outcomes: dict[str, dict[str, tuple[int, str]]] = {}
        recorded = servers.databases()
        command(recorded, "load", "--full")
        self.recording: Recording = record(recorded, {})
        servers.drop(recorded)

    def run(self) -> Timed:
        """The real thing."""
        databases = self.servers.databases()
        with timed(self.servers) as found:
            command(databases, "run", "--publish", "--vars", f"{{as_of_date: '{RECORDED_DAY}'}}")
        self._keep(RUN, databases)
        return found

    def by_hand(self, name: str, sessions: int) -> Timed:
        """The load, then the statements."""
        databases = self.servers.databases()
        settings, batch = settings_of(databases), "20010101T000000Z-beef"
        hand = ByHand(self.recording, databases.settings["LMS_DBNAME"], batch, {RECORDED_BATCH: batch})
        with timed(self.servers) as found:
            load(settings, self.servers.tables, progress=Progress(quiet=True))
            if sessions == 1:
                hand.one_session(settings.lms)
            else:
                hand.sessions(settings.lms, sessions)
        self._keep(name, databases)
        return found

    def _keep(self, name: str, databases: Databases) -> None:
        tables = ("users", "persons", "students", "course_offerings", "course_enrollments", "assessment_submissions")
        # ids of rows that were there before differ in nothing: all are copies of one database
        self.outcomes[name] = content(databases.lms, without=("created_at", "updated_at"), tables=tables)
        self.servers.drop(databases)


def measure(options: Options) -> Result:
    """The measurement."""
    result = Result("dbt", options.scale, options.repeat)
    with world(options.scale, folder=options.folder) as servers:
        bench = Bench(servers)
        contestants = {RUN: bench.run}
        for name, sessions in HANDS.items():
            contestants[name] = lambda name=name, sessions=sessions: bench.by_hand(name, sessions)  # type: ignore[misc]
        found = {name: median(times) for name, times in interleaved(options.repeat, contestants).items()}
    for name, outcome in bench.outcomes.items():
        if outcome != bench.outcomes[RUN]:
            raise RuntimeError(f"{name} left other rows than {RUN}: {outcome}, {bench.outcomes[RUN]}")
    fastest = min(found[name].seconds for name in HANDS)
    for name, each in found.items():
        result.add(
            name,
            seconds=each.seconds,
            processor=each.processor,
            programs=each.programs,
            ratio=each.seconds / fastest,
            ratio_of_processor=each.processor / min(found[other].processor for other in HANDS),
        )
    statements = sum(len(node.statements) for node in bench.recording.nodes)
    result.notes.append(f"{len(bench.recording.nodes)} nodes, {statements:,} statements are sent by hand.")
    result.goals.append(Goal(f"{RUN} / the same SQL by hand", found[RUN].seconds / fastest, 1.5))
    return result
