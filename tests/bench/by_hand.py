"""The statements of one `dbt build`, sent by hand: recorded once from the real dbt, then sent without it.

One after the other, as a script does, or by four sessions at a time that wait for what they stand on, as dbt does.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import psycopg
from migrate import Node, Recording

from tests.bench.results import ROOT

_VALUES = re.compile(r"values\s+(?=\(%s)")


class ByHand:
    """A recorded build for another database.

    Attributes:
        nodes: what is sent; a seed's statements are those that dbt sends, too.
    """

    def __init__(self, recording: Recording, database: str, batch: str, replaced: dict[str, str]) -> None:
        self.nodes = recording.nodes
        self.replaced = {**replaced, f'"{recording.database}".': f'"{database}".'}
        self.batch = batch

    def one_session(self, conninfo: str) -> None:
        """One after the other."""
        with psycopg.connect(conninfo) as connection:
            for node in self.nodes:
                self._send(connection, node)

    def sessions(self, conninfo: str, number: int = 4) -> None:
        """As many at a time as dbt has threads, each when what it stands on has ended."""
        waits_for = {
            node.unique_id: {other.unique_id for other in self.nodes if node.unique_id in other.blocks} for node in self.nodes
        }
        connections = threading.local()
        opened: list[psycopg.Connection] = []

        def work(node: Node) -> str:
            if not hasattr(connections, "own"):
                connections.own = psycopg.connect(conninfo)
                opened.append(connections.own)
            self._send(connections.own, node)
            return node.unique_id

        try:
            with ThreadPoolExecutor(max_workers=number) as pool:
                _in_order(self.nodes, waits_for, lambda node: pool.submit(work, node))
        finally:
            for connection in opened:
                connection.close()

    def _send(self, connection: psycopg.Connection, node: Node) -> None:
        result: tuple[object, ...] | None = None
        is_seeded = False
        for statement in node.statements:
            if statement == "COMMIT":
                connection.commit()
                continue
            for old, new in self.replaced.items():
                statement = statement.replace(old, new)
            if node.kind == "seed" and _VALUES.search(statement):
                # dbt's log does not hold the values: COPY from the file, once, is what a person does
                if not is_seeded:
                    _copy_seed(connection, node, _VALUES.split(statement)[0])
                is_seeded = True
                continue
            cursor = connection.execute(statement.encode())
            while cursor.nextset():
                pass  # settings come before the query of a test
            if node.kind == "test" and cursor.description:
                result = cursor.fetchone()
        connection.commit()
        if node.kind == "test" and node.severity == "error" and (result is None or result[2]):
            raise RuntimeError(f"{node.name} failed: {result}")


def _copy_seed(connection: psycopg.Connection, node: Node, insert: str) -> None:
    (file,) = (ROOT / "seeds").rglob(f"{node.name}.csv")
    into = insert.strip().replace("insert into", "copy", 1)
    with connection.cursor().copy(f"{into} from stdin (format csv, header)".encode()) as copy:
        copy.write(file.read_bytes())


def _in_order(nodes: Sequence[Node], waits_for: dict[str, set[str]], start: Callable[[Node], Future[str]]) -> None:
    """Start every node as soon as nothing is left that it waits for; the order of the recording decides among them."""
    left, running = list(nodes), set[Future[str]]()
    while left or running:
        ready = [node for node in left if not waits_for[node.unique_id]]
        left = [node for node in left if waits_for[node.unique_id]]
        running |= {start(node) for node in ready}
        if not running:
            raise RuntimeError("the recorded nodes wait for each other")
        ended, running = wait(running, return_when=FIRST_COMPLETED)
        done = {each.result() for each in ended}
        for names in waits_for.values():
            names -= done
