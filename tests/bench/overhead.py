"""What the connection manager adds to a pool of psycopg: the same work, in turn, with the same number of connections."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

from database import server
from database.connection_manager import DatabaseConnectionManager

THREADS = (1, 4, 16)
WORK = {"checkout": None, "checkout and one query": "select 1"}
BARE, CHECKED, MANAGER = "psycopg_pool", "psycopg_pool with check_connection", "manager"
_TIMES = 4000
_WARM_UP = 200
Checkout = Callable[[], AbstractContextManager[psycopg.Connection[Any]]]


def measure(manager: DatabaseConnectionManager, repeat: int) -> dict[tuple[str, int, str], float]:
    """Microseconds of one piece of work, median of the rounds, by work, number of threads and kind of pool.

    Of several threads: wall time divided by all the work they have done together.
    """
    found: dict[tuple[str, int, str], list[float]] = {}
    with _pool(manager, None) as bare, _pool(manager, ConnectionPool.check_connection) as checked:
        kinds: list[tuple[str, Checkout]] = [(BARE, bare), (CHECKED, checked), (MANAGER, manager.get_connection)]
        for _, checkout in kinds:
            _round(checkout, "select 1", max(THREADS), _WARM_UP)
        for number in range(repeat):
            shift = number % len(kinds)
            for work, statement in WORK.items():
                for threads in THREADS:
                    for kind, checkout in kinds[shift:] + kinds[:shift]:
                        seconds = _round(checkout, statement, threads, _TIMES)
                        found.setdefault((work, threads, kind), []).append(seconds / _TIMES * 1e6)
    return {key: statistics.median(values) for key, values in found.items()}


@contextmanager
def _pool(manager: DatabaseConnectionManager, check: Callable[[psycopg.Connection[Any]], None] | None) -> Iterator[Checkout]:
    """A pool for the same database with the same sizes."""
    config = manager.config
    conninfo = server.primary(config).conninfo
    with ConnectionPool(conninfo, min_size=config.pool_min, max_size=config.pool_max, check=check, open=False) as pool:
        yield pool.connection


def _round(checkout: Checkout, statement: str | None, threads: int, times: int) -> float:
    """Seconds until all threads together have done it so many times."""
    begin = threading.Barrier(threads + 1)

    def work() -> None:
        begin.wait()
        for _ in range(times // threads):
            with checkout() as connection:
                if statement is not None:
                    connection.execute(statement.encode())

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    begin.wait()
    started = time.perf_counter()
    for worker in workers:
        worker.join()
    return time.perf_counter() - started
