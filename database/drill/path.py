"""The way to lms during a drill: a forwarder on this machine that can refuse and go silent.

The server notices only that connections come and go.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
from types import TracebackType

Address = tuple[str, int] | str
"""Host and port, or the path of a Unix socket."""

_CHUNK = 65536
_ABORT = struct.pack("ii", 1, 0)  # SO_LINGER of zero seconds: close() sends RST
_TLS = b"\x16\x03"
_LOOK = 0.01
_HUNG_UP = select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)


class Path:
    """`with Path(address_of_lms, mark) as path:` listens at 127.0.0.1:`path.port` and passes everything on."""

    def __init__(self, server: Address, mark: bytes) -> None:
        """Listen; nothing is accepted yet.

        Args:
            server: where lms is.
            mark: what a probe's first message contains, and no other.
        """
        self._server = server
        self._mark = mark
        self._listener = _listen(0)
        self.port = int(self._listener.getsockname()[1])
        self._flows = threading.Event()
        self._flows.set()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._probes = 0
        self.most_probes = 0
        """The most probes that were under way at a time."""
        self.encrypted = False
        """Whether probes cannot be told from others."""

    def __enter__(self) -> Path:
        self._start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.refuse()

    def refuse(self) -> None:
        """Nobody listens any more, and what was open is reset: the server's machine is well, the server is not."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._listener.close()
        with self._lock:
            broken, self._open = self._open, set()
        for end in broken:
            _abort(end)
        self._flows.set()

    def go_silent(self) -> None:
        """Take everything, pass nothing on, say nothing: a black hole."""
        self._flows.clear()

    def repair(self) -> None:
        """Let everything through."""
        self._flows.set()
        if self._listener.fileno() < 0:
            self._listener = _listen(self.port)
            self._start()

    def _start(self) -> None:
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # closed: the end
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = _connect(self._server)
        except OSError:  # the server really is down
            _abort(client)
            return
        for end in (client, server):
            if end.family != socket.AF_UNIX:
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._open |= {client, server}
        threading.Thread(target=self._pass, args=(server, client), daemon=True).start()
        self._pass(client, server, counting=True)

    def _pass(self, source: socket.socket, target: socket.socket, *, counting: bool = False) -> None:
        probing = False
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                self.encrypted |= counting and data.startswith(_TLS)
                if counting and not probing and self._mark in data:
                    probing = True
                    self._count_probe(1)
                while not self._flows.wait(_LOOK):
                    if _has_hung_up(source):  # it gave up: so does the server's session
                        raise ConnectionAbortedError
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


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(1024)
    return listener


def _connect(address: Address) -> socket.socket:
    if not isinstance(address, str):
        return socket.create_connection(address)
    server = socket.socket(socket.AF_UNIX)
    server.connect(address)
    return server


def _has_hung_up(end: socket.socket) -> bool:
    """Whether the other side has closed, although what it sent was not read to the end."""
    look = select.poll()
    look.register(end, _HUNG_UP)
    return bool(look.poll(0))


def _abort(end: socket.socket) -> None:
    """Send RST; shutdown first wakes the thread that reads, so that close() can take place."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        end.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        end.close()
