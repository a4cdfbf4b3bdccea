"""What a server says before anybody has logged in, in its protocol's words, whatever its language."""

from __future__ import annotations

import socket
import struct
import threading

import pytest

from database.knock import knock
from database.outage import Health, Reason


def answering(reply: bytes | None) -> int:
    """A server for one visitor: its port. None: it takes the startup message and says nothing."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        client, _ = listener.accept()
        client.recv(1000)
        if reply is None:
            client.settimeout(5)
            client.recv(1)  # until the visitor goes
        else:
            client.sendall(reply)
        client.close()
        listener.close()

    threading.Thread(target=serve, daemon=True).start()
    return int(listener.getsockname()[1])


def error(sqlstate: str, message: str) -> bytes:
    body = f"SВАЖНО\0C{sqlstate}\0M{message}\0\0".encode()
    return b"E" + struct.pack("!i", len(body) + 4) + body


@pytest.mark.parametrize(
    ("reply", "health", "reason"),
    [
        (b"R" + struct.pack("!ii", 8, 3), Health.GOOD, None),
        (error("57P03", "система баз данных запускается"), Health.OUT, Reason.STARTING),
        (error("57P03", "the database system is shutting down"), Health.OUT, Reason.STARTING),
        (error("53300", "слишком много клиентов"), Health.BUSY, None),
        (error("28000", "no pg_hba.conf entry"), Health.GOOD, None),
        (b"", Health.OUT, Reason.RESET),
        (b"E\x00\x00", Health.OUT, Reason.RESET),
        (None, Health.OUT, Reason.TIMEOUT),
    ],
)
def test_answers(reply: bytes | None, health: Health, reason: Reason | None) -> None:
    verdict = knock("127.0.0.1", answering(reply), user="somebody", dbname="lms", timeout=0.3)
    assert (verdict.health, verdict.reason) == (health, reason)


def test_nobody_is_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    assert knock("127.0.0.1", port, user="u", dbname="d", timeout=1).reason is Reason.REFUSED
    assert knock("/nowhere", 5432, user="u", dbname="d", timeout=1).reason is Reason.REFUSED
    assert knock("no.such.host.invalid", 5432, user="u", dbname="d", timeout=1).reason is Reason.UNREACHABLE


def test_one_of_several_hosts_is_enough() -> None:
    port = answering(b"R" + struct.pack("!ii", 8, 0))
    assert knock("/nowhere, 127.0.0.1", port, user="u", dbname="d", timeout=1).health is Health.GOOD
