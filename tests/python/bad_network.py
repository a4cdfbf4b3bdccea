"""A TCP path in front of a server that can break in every way a network can."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from types import TracebackType

_CHUNK = 65536
_ABORT = struct.pack("ii", 1, 0)  # SO_LINGER of zero seconds: close() sends RST
Address = tuple[str, int] | str


class BadNetwork:
    """`with BadNetwork(address_of_the_server) as path:` listens at 127.0.0.1:`path.port`.

    The server's address is a (host, port) or the path of a Unix socket; it is asked for with each connection.
    """

    def __init__(self, server: Callable[[], Address]) -> None:
        self._server = server
        self._listener = self._listen(0)
        self.port = int(self._listener.getsockname()[1])
        self._flows = threading.Event()
        self._flows.set()
        self._delay = 0.0
        self._cut: tuple[bytes, bool] | None = None
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._probes = 0
        self._resets_new = False
        self.most_probes = 0
        """The most probes that were under way at a time."""
        self.accepted = 0

    def __enter__(self) -> BadNetwork:
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close_listener()
        self.reset()

    # ── faults ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def refuse(self) -> None:
        """Nobody listens any more: ECONNREFUSED; and what was open is reset."""
        self._close_listener()
        self.reset()

    def reset(self) -> None:
        """Reset what is open."""
        with self._lock:
            broken, self._open = self._open, set()
        for end in broken:
            _abort(end)
        self._flows.set()

    def reset_new(self) -> None:
        """Accept, and reset at once: what a half-dead balancer does. What is open is reset, too."""
        self._resets_new = True
        self.reset()

    def go_silent(self) -> None:
        """Take everything, pass nothing on, say nothing."""
        self._flows.clear()

    def slow_down(self, seconds: float) -> None:
        """Let each piece of data wait."""
        self._delay = seconds

    def cut_at(self, text: bytes, *, after: bool = False) -> None:
        """Break a connection when its client sends `text`.

        Args:
            text: as it is on the wire.
            after: pass it on first, and break the connection when the server has answered; the answer is lost.
        """
        self._cut = (text, after)

    def repair(self) -> None:
        """Let everything through."""
        self._delay, self._cut, self._resets_new = 0.0, None, False
        self._flows.set()
        if self._listener.fileno() < 0:
            self._listener = self._listen(self.port)
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    @property
    def connections(self) -> int:
        """How many connections go through now."""
        with self._lock:
            return len(self._open) // 2

    # ── work ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

    @staticmethod
    def _listen(port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(1024)
        return listener

    def _close_listener(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._listener.close()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # closed: the end
            while True:
                client, _ = listener.accept()
                self.accepted += 1
                if self._resets_new:
                    _abort(client)
                    continue
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            address = self._server()
            server = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
            server.connect(address)
        except Exception:  # the server is down
            _abort(client)
            return
        for end in (client, server):
            if end.family != socket.AF_UNIX:  # or the second packet of an answer waits 40 ms for the first to be acknowledged
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._open |= {client, server}
        answered = threading.Event()
        threading.Thread(target=self._pass, args=(server, client, answered, False), daemon=True).start()
        self._pass(client, server, answered, True)

    def _pass(self, source: socket.socket, target: socket.socket, cutting: threading.Event, from_client: bool) -> None:
        probing = False
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                if from_client and b"application probe\0" in data and not probing:
                    probing = True
                    self._count_probe(1)
                if from_client and self._cut is not None and self._cut[0] in data:
                    if not self._cut[1]:
                        break
                    cutting.set()
                elif not from_client and cutting.is_set():
                    break
                self._flows.wait()
                if self._delay:
                    time.sleep(self._delay)
                target.sendall(data)
        if probing:
            self._count_probe(-1)
        with self._lock:
            self._open -= {source, target}
        for end in (source, target):
            _abort(end)

    def _count_probe(self, change: int) -> None:
        with self._lock:
            self._probes += change
            self.most_probes = max(self.most_probes, self._probes)


def _abort(end: socket.socket) -> None:
    """Send RST; shutdown first wakes the thread that reads, so that close() can take place."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        end.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        end.close()
