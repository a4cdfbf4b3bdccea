"""Asks a server who is there, in the first message of its protocol.

libpq hands out a failed login as text only, in the server's language. The reply to a startup message says the same by
SQLSTATE: 57P03 (starting up), 53300 (full), or a request for a password (alive).
"""

from __future__ import annotations

import socket
import struct
import time
from pathlib import Path

from database.outage import GOOD, Health, Reason, Verdict, out

_PROTOCOL_3 = 196608
_OUT = {"57P01", "57P02", "57P03", "57P05"}


def knock(host: str, port: int, *, user: str, dbname: str, timeout: float) -> Verdict:
    """Whether a PostgreSQL server answers there.

    Args:
        host: name, address or socket folder; several, divided by commas, count as good when one answers.
        port: the port.
        user: named in the startup message; nothing is proven by it.
        dbname: likewise.
        timeout: seconds for each host.

    Returns:
        good: it answers (whether it would let anybody in is not known); busy: 53300; out: the reason.
    """
    verdict = out(Reason.UNREACHABLE, "no host")
    for name in host.split(","):
        verdict = _knock(name.strip(), port, f"user\0{user}\0database\0{dbname}\0\0".encode(), timeout)
        if verdict.health is not Health.OUT:
            break
    return verdict


def _knock(host: str, port: int, parameters: bytes, timeout: float) -> Verdict:
    deadline = time.monotonic() + timeout
    try:
        with _connect(host, port, timeout) as link:
            link.sendall(struct.pack("!ii", len(parameters) + 8, _PROTOCOL_3) + parameters)
            kind, length = struct.unpack("!ci", _receive(link, 5, deadline))
            if kind != b"E" or not 4 < length < 30_000:
                return GOOD
            return _of_error(_receive(link, length - 4, deadline))
    except TimeoutError as error:
        return out(Reason.TIMEOUT, f"no answer within {timeout:g} s ({error})")
    except (ConnectionRefusedError, FileNotFoundError) as error:
        return out(Reason.REFUSED, error)
    except (ConnectionError, EOFError) as error:
        return out(Reason.RESET, error)
    except OSError as error:
        return out(Reason.UNREACHABLE, error)


def _connect(host: str, port: int, timeout: float) -> socket.socket:
    if not host.startswith("/"):
        return socket.create_connection((host, port), timeout)
    link = socket.socket(socket.AF_UNIX)
    link.settimeout(timeout)
    try:
        link.connect(str(Path(host) / f".s.PGSQL.{port}"))
    except BaseException:
        link.close()
        raise
    return link


def _receive(link: socket.socket, size: int, deadline: float) -> bytes:
    data = b""
    while len(data) < size:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer is incomplete")
        link.settimeout(left)
        piece = link.recv(size - len(data))
        if not piece:
            raise EOFError("closed without an answer")
        data += piece
    return data


def _of_error(body: bytes) -> Verdict:
    """The verdict of an ErrorResponse: fields of one letter and a text, divided by zero bytes."""
    fields = {field[:1]: field[1:].decode(errors="replace") for field in body.split(b"\0") if field}
    sqlstate, message = fields.get(b"C", ""), fields.get(b"M", "")
    if sqlstate in _OUT:
        return Verdict(Health.OUT, Reason.STARTING, message, sqlstate)
    if sqlstate == "53300":
        return Verdict(Health.BUSY, None, message, sqlstate)
    return Verdict(Health.GOOD, None, message, sqlstate)
