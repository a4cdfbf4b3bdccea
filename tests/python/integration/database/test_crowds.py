"""Two hundred threads and five hundred tasks during the switch there and back."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from typing import LiteralString

from database_world import World, until

from database.connection_manager import DatabaseConnectionManager
from database.errors import ReadOnlyFallbackError
from database.server import Source

BUDGET = 5.0
WRITES: dict[Source, list[LiteralString]] = {
    Source.LMS: ["insert into audit_logs (user_id) values ('crowd')"],
    Source.EDU: ["set transaction read write", "update students set student_number = 'crowd' where id = 1"],
}
"""On the fallback, something that only the role's rights stand in the way of."""


class Tally:
    """What the crowd has seen."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.slowest = 0.0
        self.errors: list[str] = []
        self._lock = threading.Lock()

    def add(self, what: str, waited: float) -> None:
        with self._lock:
            self.counts[what] += 1
            self.slowest = max(self.slowest, waited)

    def fail(self, error: BaseException) -> None:
        with self._lock:
            self.errors.append(f"{type(error).__name__}: {error}")

    @property
    def rate(self) -> float:
        return len(self.errors) / (sum(self.counts.values()) + len(self.errors))


def one_request(manager: DatabaseConnectionManager, tally: Tally, number: int) -> None:
    begun = time.monotonic()
    try:
        with manager.get_connection() as conn:
            waited = time.monotonic() - begun
            conn.execute("select * from students where id = %s", (number % 100 + 1,)).fetchone()
            if number % 10 == 0:
                conn.rollback()
                try:
                    for statement in WRITES[conn.source]:
                        conn.execute(statement)
                    conn.commit()
                    tally.add(f"write on {conn.source}", waited)
                except ReadOnlyFallbackError as refused:
                    tally.add(f"refused by {refused.sqlstate}", waited)
            tally.add(str(conn.source), waited)
    except Exception as error:
        tally.fail(error)


async def one_task(manager: DatabaseConnectionManager, tally: Tally, number: int) -> None:
    begun = time.monotonic()
    try:
        async with manager.aconnection() as conn:
            waited = time.monotonic() - begun
            await (await conn.execute("select * from students where id = %s", (number % 100 + 1,))).fetchone()
            if number % 10 == 0:
                await conn.rollback()
                try:
                    for statement in WRITES[conn.source]:
                        await conn.execute(statement)
                    await conn.commit()
                    tally.add(f"write on {conn.source}", waited)
                except ReadOnlyFallbackError as refused:
                    tally.add(f"refused by {refused.sqlstate}", waited)
            tally.add(str(conn.source), waited)
    except Exception as error:
        tally.fail(error)


def there_and_back(world: World, tally: Tally) -> None:
    """Both switches while the crowd works; each phase lasts until the crowd has done something in it."""
    until(lambda: tally.counts["lms"] > 1500, 30)
    world.lms.refuse()
    until(lambda: tally.counts["edu"] > 1500, 30)
    before = tally.counts["lms"]
    world.lms.repair()
    until(lambda: tally.counts["lms"] > before + 1500, 30)


def verify(world: World, manager: DatabaseConnectionManager, tally: Tally) -> None:
    assert tally.rate < 0.01, tally.errors[:5]
    assert tally.slowest < BUDGET
    assert tally.counts["write on lms"] > 0
    assert tally.counts["write on edu"] == 0
    assert tally.counts["refused by 42501"] > 0, "by the role: the courtesy was switched off"
    assert world.query("edu", "select count(*) from legacy_students where student_number = 'crowd'") == [(0,)]
    assert world.query(
        "edu", "select n_tup_ins, n_tup_upd, n_tup_del from pg_stat_user_tables where relname = 'legacy_students'"
    ) == [(100, 0, 0)]
    assert world.lms.most_probes <= 1
    assert world.edu.most_probes <= 1
    assert manager.get_database_info()["switches"] == 2


def test_two_hundred_threads(world: World) -> None:
    manager = world.manager(checkout_timeout=BUDGET)
    tally, stop = Tally(), threading.Event()

    def work(number: int) -> None:
        while not stop.is_set():
            one_request(manager, tally, number)
            number += 7
            stop.wait(0.02)  # users think

    threads = [threading.Thread(target=work, args=(number,)) for number in range(200)]
    for thread in threads:
        thread.start()
    try:
        there_and_back(world, tally)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    verify(world, manager, tally)


def test_five_hundred_tasks(world: World) -> None:
    manager = world.manager(checkout_timeout=BUDGET)
    tally, stop = Tally(), threading.Event()

    async def work(number: int) -> None:
        while not stop.is_set():
            await one_task(manager, tally, number)
            number += 7
            await asyncio.sleep(0.05)

    async def crowd() -> None:
        tasks = [asyncio.create_task(work(number)) for number in range(500)]
        try:
            await asyncio.to_thread(there_and_back, world, tally)
        finally:
            stop.set()
        await asyncio.gather(*tasks)

    asyncio.run(crowd())
    verify(world, manager, tally)
