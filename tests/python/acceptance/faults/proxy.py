"""A network path to edu that can be cut, stalled and restored."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable


class Proxy:
    """Forwards TCP connections to the socket of a server.

    Attributes:
        port: where it listens, on 127.0.0.1.
    """

    def __init__(self, target: Callable[[], str]) -> None:
        """Start it.

        Args:
            target: path of the server's socket, asked for at every connection: a restarted server has another one.
        """
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._flows = threading.Event()
        self._flows.set()
        self._is_cut = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break all connections, as a router does that resets them, and let no other one come about."""
        self._is_cut = True
        with self._lock:
            broken, self._open = self._open, set()
        for connection in broken:
            _reset(connection)
        self._flows.set()

    def stall(self) -> None:
        """Let nothing through any more; connections stay open, new ones are accepted and hear nothing."""
        self._flows.clear()

    def restore(self) -> None:
        """Work again."""
        self._is_cut = False
        self._flows.set()

    def close(self) -> None:
        """End it."""
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut:
                _reset(client)
                continue
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        self._flows.wait()
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(self._target())
        except OSError:  # the server is down
            _reset(client)
            return
        with self._lock:
            self._open |= {client, server}
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._flows.wait()
                sink.sendall(data)
        with self._lock:
            self._open -= {source, sink}
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _reset(connection: socket.socket) -> None:
    """Close with a reset instead of an orderly end."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
