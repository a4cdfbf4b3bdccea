"""A connection attempt that timed out leaves nothing open: a server that is slow would keep a slot for each."""

from __future__ import annotations

import asyncio
import gc
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from database import server
from database.config import DatabaseConfig
from database.connections import ManagedAsyncConnection, ManagedConnection
from database.outage import Reason
from database.probe import probe


class Owner:
    """Takes reports."""

    check_timeout = 0.5

    def __init__(self) -> None:
        self.suspected = 0
        self.silences: list[psycopg.Error] = []

    def suspect(self) -> None:
        self.suspected += 1

    def hear_nothing(self, begun: float, error: psycopg.Error) -> None:
        assert 1.5 < time.monotonic() - begun < 10
        self.silences.append(error)


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that says nothing, without the garbage collector's help."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gc.disable()
        yield listener
        gc.enable()


def _server(listener: socket.socket) -> server.Server:
    host, port = listener.getsockname()
    config = DatabaseConfig.load({"lms_host": host, "lms_port": port, "lms_app_user": "app", "edu_host": "none"})
    return server.primary(config)


def _probe(where: server.Server) -> None:
    assert probe(where).verdict.reason is Reason.TIMEOUT


def _connect(where: server.Server) -> None:
    owner = Owner()
    bound: Any = type("Bound", (ManagedConnection,), {"owner": owner})
    kept = None
    try:
        bound.connect(where.conninfo)
    except psycopg.errors.ConnectionTimeout as error:
        kept = error  # as a log does
    assert owner.silences == [kept]
    assert owner.suspected == 0


def _connect_async(where: server.Server) -> None:
    """The look begins before the time-out, which proves nothing."""
    owner = Owner()
    bound: Any = type("Bound", (ManagedAsyncConnection,), {"owner": owner})

    async def attempt() -> None:
        connecting = asyncio.create_task(bound.connect(where.conninfo))
        await asyncio.sleep(1)
        assert (owner.suspected, owner.silences) == (1, [])
        with pytest.raises(psycopg.errors.ConnectionTimeout):
            await connecting
        assert (owner.suspected, owner.silences) == (2, [])

    asyncio.run(attempt())


@pytest.mark.parametrize("attempt", [_probe, _connect, _connect_async])
def test_nothing_stays_open(silent: socket.socket, attempt: Callable[[server.Server], None]) -> None:
    attempt(_server(silent))
    client, _ = silent.accept()
    with client:
        client.settimeout(2)
        while client.recv(4096):
            pass
