"""A network path that can break: a TCP port in front of a server's socket, which refuses, stalls or resets on demand."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

_CHUNK = 65536
_ABORT = struct.pack("ii", 1, 0)  # SO_LINGER of zero seconds: close() sends RST, as a firewall that drops its state


class Proxy:
    """`with Proxy(socket_of_the_server) as proxy:` listens at `proxy.port` of 127.0.0.1.

    The server may be started again at another socket: it is asked for with each connection.
    """

    def __init__(self, server: Callable[[], Path]) -> None:
        """Take what tells the path of the server's socket."""
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._flows = threading.Event()
        self._flows.set()
        self._refuses = False
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._listener.close()
        self.reset()

    # ── faults ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def reset(self) -> None:
        """Break the connections that there are; new ones are welcome."""
        with self._lock:
            broken, self._open = self._open, set()
        self._flows.set()
        for end in broken:
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Break the connections, and refuse new ones until `repair`."""
        self._refuses = True
        self.reset()

    def stall(self) -> None:
        """Let nothing through any more, and say nothing, until `repair` or `reset`."""
        self._flows.clear()

    def repair(self) -> None:
        """Let everything through."""
        self._refuses = False
        self._flows.set()

    @property
    def connections(self) -> int:
        """How many connections go through now."""
        return len(self._open) // 2

    # ── work ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed: the end
            while True:
                client, _ = self._listener.accept()
                if self._refuses:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
                    client.close()
                    continue
                server = socket.socket(socket.AF_UNIX)
                try:
                    server.connect(str(self._server()))
                except Exception:  # the server is down
                    client.close()
                    server.close()
                    continue
                with self._lock:
                    self._open |= {client, server}
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                self._flows.wait()
                target.sendall(data)
        with self._lock:
            self._open -= {source, target}
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            # the other direction's thread closes when it notices
        with contextlib.suppress(OSError):
            source.close()
