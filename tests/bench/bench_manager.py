"""The connection manager: what it costs, and the five screens through it on lms, during the switch, and on the fallback.

Fairness: the manager and the pools it is compared with have the same size, do the same in turn over the same Unix socket, and
begin with another one each round. The screens are asked by a few users who think in between, as a role that meets no row-level
security, and every time contains the checkout, the rows in Python, and the return. On lms and on the fallback nothing lies in
between; only for the switch the way to lms leads through a forwarder, which breaks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from bad_network import BadNetwork
from fallback_world import SCREENS, Pair
from psycopg.conninfo import conninfo_to_dict

from database.connection_manager import DatabaseConnectionManager
from database.drill.visitors import Visitor, draw, look
from tests.bench import overhead
from tests.bench.options import Options
from tests.bench.results import Goal, Result
from tests.bench.screens import Book, Target, add_screens, walk
from tests.bench.world import command, world

_SOON = {"retry_seconds": 0.5, "good_probe_seconds": 0.2}


def measure(options: Options) -> Result:
    """The measurement."""
    result = Result("manager", options.scale, options.repeat)
    with world(options.scale, folder=options.folder) as servers:
        databases = servers.databases()
        command(databases, "run", "--publish")
        settings = {name: text for name, text in databases.settings.items() if name != "LMS_APP_USER"}
        pair = Pair(databases.edu, databases.lms, settings, databases.folder)
        command(pair, "fallback", "publish")
        direct = DatabaseConnectionManager(_settings(pair))
        try:
            costs = overhead.measure(direct, options.repeat)
            book = _screens(pair, direct, options.repeat)
        finally:
            direct.close_all()
    _add_costs(result, costs)
    add_screens(result, book, "the manager")
    return result


def _settings(pair: Pair, **changes: Any) -> dict[str, Any]:
    """Settings of a manager for an application that sees every row."""
    lms, settings = conninfo_to_dict(pair.lms), pair.settings
    return {
        **{f"lms_{name}": lms[name] for name in ("host", "port", "dbname")},
        "lms_app_user": lms["user"],
        "lms_app_password": lms["password"],
        **{name.lower(): settings[name] for name in ("EDU_HOST", "EDU_PORT", "EDU_DBNAME", "FALLBACK_PASSWORD")},
        "fallback_user": conninfo_to_dict(pair.fallback)["user"],
        **_SOON,
        **changes,
    }


def _screens(pair: Pair, direct: DatabaseConnectionManager, repeat: int) -> Book:
    lms = conninfo_to_dict(pair.lms)
    with psycopg.connect(pair.lms) as connection:
        visitors = draw(connection)
    with BadNetwork(lambda: f"{lms['host']}/.s.PGSQL.{lms['port']}") as way:
        through = DatabaseConnectionManager(_settings(pair, lms_host="127.0.0.1", lms_port=way.port))
        try:
            return walk(_target(direct), _target(through), way, list(SCREENS), visitors, repeat)
        finally:
            through.close_all()


def _target(manager: DatabaseConnectionManager) -> Target:
    def ask(screen: str, visitor: Visitor, parameters: Mapping[str, Any]) -> str:
        with manager.get_connection() as connection:
            look(connection, visitor, SCREENS[screen], parameters)
            return str(connection.source)

    return ask


def _add_costs(result: Result, costs: Mapping[tuple[str, int, str], float]) -> None:
    worst = 0.0
    for work in overhead.WORK:
        for threads in overhead.THREADS:
            found = {kind: costs[work, threads, kind] for kind in (overhead.BARE, overhead.CHECKED, overhead.MANAGER)}
            ratio = found[overhead.MANAGER] / found[overhead.BARE]
            result.add(
                f"{work}: {threads} thread{'s' if threads > 1 else ''}",
                **{f"{kind} µs": microseconds for kind, microseconds in found.items()},
                ratio=ratio,
                **{"ratio to checked": found[overhead.MANAGER] / found[overhead.CHECKED]},
            )
            worst = max(worst, ratio if overhead.WORK[work] else 0.0)
    result.goals.append(Goal("checkout and one query: manager / psycopg_pool, at worst", worst, 2.0))
