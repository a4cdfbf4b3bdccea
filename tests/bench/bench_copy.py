"""A full load against other ways to copy the same tables and columns.

Fairness: all write logged tables without an index on the same server, in a database of their own; the servers are warm. Only
`edu2lms load` proves with checksums that the copy is the original, keeps its ledger, and analyses the copies; nobody else
does. What each of these costs is measured beside them: the load's own statements, alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from loader.checksums import Side, pin_settings
from loader.config import Settings
from loader.connection import Connection, connected
from loader.console import Progress
from loader.load import load
from loader.planner_statistics import analyze
from loader.snapshot import open_side
from loader.transfer import Stream
from tests.bench import others
from tests.bench.measure import Timed, interleaved, median, timed
from tests.bench.options import Options
from tests.bench.results import Goal, Result
from tests.bench.world import World, command, settings_of, world

OURS = "edu2lms load --full"
INSIDE = "without the start of the program"
BINARY = "COPY | COPY, binary, one stream"
DUMP = "pg_dump -Fd -j2, pg_restore -j2"
GOALS = ((BINARY, 1.2, False), (DUMP, 1.5, True), ("pgcopydb, 2 jobs", 1.5, True), ("dlt", 5.0, True))


def measure(options: Options) -> Result:
    """The measurement."""
    result = Result("copy", options.scale, options.repeat)
    with world(options.scale, folder=options.folder) as servers:
        _without_autovacuum(servers)
        contestants = _contestants(servers, result)
        found = {name: median(times) for name, times in interleaved(options.repeat, contestants).items()}
    for name, each in found.items():
        ratio, of_processor = each.seconds / found[BINARY].seconds, each.processor / found[BINARY].processor
        result.add(name, seconds=each.seconds, processor=each.processor, ratio=ratio, ratio_of_processor=of_processor)
    for name, limit, at_least in GOALS:
        times = [each.seconds for other, each in found.items() if other.startswith(name)]
        if at_least:
            result.goals.append(
                Goal(f"{name} / {OURS}", min(times) / found[OURS].seconds if times else None, limit, at_least=True)
            )
        else:
            result.goals.append(Goal(f"{OURS}, the whole command / {name}", found[OURS].seconds / min(times), limit))
            result.goals.append(Goal(f"the same, {INSIDE} / {name}", found[f"the same, {INSIDE}"].seconds / min(times), limit))
    return result


def _without_autovacuum(servers: World) -> None:
    """It would go over the copies when the clock has stopped, and its processor time would count for some and not for others."""
    for cluster in servers.clusters:
        with psycopg.connect(cluster.conninfo(), autocommit=True) as connection:
            connection.execute("alter system set autovacuum = off")
            connection.execute("select pg_reload_conf()")


def _contestants(servers: World, result: Result) -> dict[str, Callable[[], Timed]]:
    databases = servers.databases()
    settings, variables = settings_of(databases), others.environment(servers)
    source, lms = others.scope(servers), others.without_password(databases.lms)
    others.make_tables(databases.lms, servers.tables)
    contestants: dict[str, Callable[[], Timed]] = {}

    def contestant(name: str, work: Callable[[], object], before: Callable[[], object] = lambda: None) -> None:
        def one() -> Timed:
            before()
            with timed(servers) as found:
                work()
            return found

        one()  # servers and files are warm, and a tool that does not work says so now
        contestants[name] = one

    contestant(OURS, lambda: command(databases, "load", "--full"))
    contestant(f"the same, {INSIDE}", partial(_inside, settings, servers))
    for name, work in _parts(servers, settings).items():
        contestant(f"of it: {name}", work)
    contestant(
        "the same through the foreign tables",
        partial(_inside, settings.model_copy(update={"copy_through": "foreign-tables"}), servers),
    )
    edu = others.without_password(servers.pair.edu)
    contestant(BINARY, lambda: others.copy_through_psql(edu, lms, servers.tables, variables))
    _same_rows(databases.lms, servers, "copied")

    scope = others.without_password(source)
    for what, compression in (("gzip, its default", ()), ("not compressed", ("--compress=none",))):
        target = _Target(servers, "dumped")
        contestant(f"{DUMP} ({what})", partial(_dump, servers, scope, target, variables, compression), target.empty)
        _same_rows(target.conninfo, servers, "public")
    try:
        program, cloned = others.find_pgcopydb(variables), _Target(servers, "cloned")
        contestant(
            "pgcopydb, 2 jobs",
            lambda: others.clone_with_pgcopydb(
                program, scope, others.without_password(cloned.conninfo), servers.folder / "pgcopydb", variables
            ),
            cloned.empty,
        )
        _same_rows(cloned.conninfo, servers, "public")
        result.notes.append(f"{others.version(program, '--version')}.")
    except others.NotThereError as error:
        result.notes.append(f"{error}.")
    try:
        python, loaded = others.find_dlt(), _Target(servers, "loaded")
        contestant(
            "dlt (sql_database, pyarrow, CSV)",
            lambda: others.load_with_dlt(python, source, _url(loaded.conninfo), servers, variables),
            loaded.empty,
        )
        _same_rows(loaded.conninfo, servers, "dlt")
        result.notes.append(f"dlt {others.version(str(python), '-c', 'import dlt; print(dlt.__version__)')}.")
    except others.NotThereError as error:
        result.notes.append(f"{error}.")
    return contestants


def _inside(settings: Settings, servers: World) -> object:
    return load(settings, servers.tables, full=True, progress=Progress(quiet=True))


def _parts(servers: World, settings: Settings) -> dict[str, Callable[[], object]]:
    """The statements of a full load, one kind at a time; hashes of edu are computed beside the rest."""

    def in_lms(work: Callable[[Connection], object]) -> Callable[[], object]:
        def one() -> None:
            with connected(settings, "lms", settings.lms) as lms:
                pin_settings(lms, lock_timeout="5s")
                with lms.transaction():
                    work(lms)

        return one

    def rows(lms: Connection) -> None:
        copy = Side(lms, "staging", recode=False)
        with connected(settings, "edu", settings.edu) as edu:
            stream = Stream(open_side(edu, recode=False), copy)
            with stream.hold(servers.tables, lambda _: None):
                for table in servers.tables:
                    lms.execute(sql.SQL("truncate {}").format(copy.relation(table)))
                    stream.copy(table, lambda _: None)

    def hashes(lms: Connection) -> None:
        for table in servers.tables:
            Side(lms, "staging", recode=False).total(table)

    def statistics(lms: Connection) -> None:
        analyze(settings, Side(lms, "staging", recode=False), servers.tables)

    return {
        "rows": in_lms(rows),
        "hashes of the copies": in_lms(hashes),
        "statistics": in_lms(statistics),
    }


def _dump(servers: World, source: str, target: _Target, variables: dict[str, str], compression: tuple[str, ...]) -> None:
    into = others.without_password(target.conninfo)
    others.dump_and_restore(source, into, servers.folder / "dump", variables, *compression)


class _Target:
    """An empty database on the live server."""

    def __init__(self, servers: World, name: str) -> None:
        self.servers, self.name, self.conninfo = servers, name, ""

    def empty(self) -> None:
        """Make it anew."""
        self.conninfo = self.servers.copy("lms", self.name, template="template0")


def _url(conninfo: str) -> str:
    """For dlt, which wants a host where the socket's folder is the host: libpq takes the last of the two."""
    part = conninfo_to_dict(conninfo)
    return f"postgresql://{part['user']}:{part['password']}@localhost/{part['dbname']}?host={part['host']}&port={part['port']}"


def _same_rows(conninfo: str, servers: World, schema: str) -> None:
    """Whoever copies nothing is fast."""
    with psycopg.connect(servers.pair.edu) as edu, psycopg.connect(conninfo) as copy:
        for table in servers.tables:
            theirs, ours = (
                connection.execute(f'select count(*) from {where}."{table.name}"'.encode()).fetchone()
                for connection, where in ((edu, "public"), (copy, schema))
            )
            if theirs != ours:
                raise RuntimeError(f"{table.name} has {theirs} rows in edu and {ours} in {schema}")
