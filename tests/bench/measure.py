"""Wall time, processor time and memory of everything that takes part: both servers, this program, and the programs it starts."""

from __future__ import annotations

import statistics
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.bench.world import World

_PATIENCE = 300.0  # seconds: autovacuum reads a table of ten times the size, with pauses


@dataclass
class Timed:
    """One piece of work: seconds, and processor seconds of both servers and all programs, and of the programs alone."""

    seconds: float = 0.0
    processor: float = 0.0
    programs: float = 0.0


@contextmanager
def timed(world: World) -> Iterator[Timed]:
    """Measure a block that leaves no connection open which it did not find."""
    result, before, of_programs = Timed(), processor(world), programs()
    started = time.perf_counter()
    yield result
    result.seconds = time.perf_counter() - started
    result.processor, result.programs = processor(world) - before, programs() - of_programs


def processor(world: World) -> float:
    """Processor seconds so far of both servers, this program and the programs it has waited for.

    A server counts the time of its sessions when they have ended; so they are waited for.
    """
    _until_idle(world)
    total = programs()
    for cluster in world.clusters:
        total += spent(psutil.Process(cluster.pid))  # with checkpointer and writers, which live as long as the server
    return total


def programs() -> float:
    """Processor seconds so far of this program and the programs it has waited for."""
    own = psutil.Process().cpu_times()
    return float(own.user + own.system + own.children_user + own.children_system)


def spent(process: psutil.Process) -> float:
    """Processor seconds so far of a process that goes on, of those below it, and of those that have ended there."""
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def _until_idle(world: World) -> None:
    """Wait until no client's session is left, nor one of autovacuum."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        sessions = [process for cluster in world.clusters for process in psutil.Process(cluster.pid).children()]
        if not any(_is_session(process) for process in sessions):
            return
        time.sleep(0.01)
    raise TimeoutError(f"sessions that do not end: {[_title(p) for p in sessions]}")


def _is_session(process: psutil.Process) -> bool:
    title = _title(process)
    return "[local]" in title or "autovacuum worker" in title or "parallel worker" in title


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def interleaved(repeat: int, contestants: Mapping[str, Callable[[], Timed]]) -> dict[str, list[Timed]]:
    """Let all work in turn, each time beginning with another one: what else the machine does meets all alike."""
    found: dict[str, list[Timed]] = {name: [] for name in contestants}
    order = deque(contestants)
    for _ in range(repeat):
        for name in order:
            found[name].append(contestants[name]())
            _say(f"  {name}: {found[name][-1].seconds:.2f} s")
        order.rotate(-1)
    return found


def median(times: list[Timed]) -> Timed:
    """Medians of seconds and of processor seconds."""
    return Timed(*(statistics.median(getattr(each, name) for each in times) for name in ("seconds", "processor", "programs")))


def _say(text: str) -> None:
    print(text, flush=True)


# ── memory ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Peak:
    """The most memory that one process held, in bytes: all of it, and without what it shares with others."""

    resident: int = 0
    own: int = 0


@dataclass
class Memory:
    """Peaks by kind of process: the largest single process of that kind, and all processes together."""

    peaks: dict[str, Peak] = field(default_factory=dict)

    def note(self, kind: str, resident: int, own: int) -> None:
        """Remember it if it is more than ever."""
        peak = self.peaks.setdefault(kind, Peak())
        peak.resident, peak.own = max(peak.resident, resident), max(peak.own, own)


@contextmanager
def watched(world: World, process: subprocess.Popen[str], every: float = 0.1) -> Iterator[Memory]:
    """Look at the memory of a program, of what it starts, and of both servers' processes until the block ends.

    A page of `shared_buffers` is resident in every session that has touched it. So the number without shared pages is what a
    session costs; the other one is told as well.
    """
    memory, ended = Memory(), threading.Event()
    thread = threading.Thread(target=_watch, args=(world, process.pid, memory, ended, every), daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        ended.set()
        thread.join()


def _watch(world: World, pid: int, memory: Memory, ended: threading.Event, every: float) -> None:
    servers = {name: cluster.pid for name, cluster in world.pair.clusters.items()}
    while not ended.wait(every):
        everything = 0
        for kind, process in _processes(pid, servers):
            try:
                # resident and shared pages; psutil.memory_info() reads the same file, this is a tenth of its price
                resident, shared = (int(text) * 4096 for text in Path(f"/proc/{process.pid}/statm").read_text().split()[1:3])
            except (OSError, ValueError):
                continue  # it has ended meanwhile
            memory.note(kind, resident, resident - shared)
            everything += resident - shared
        memory.note("all together", everything, everything)


def _processes(pid: int, servers: Mapping[str, int | None]) -> Iterator[tuple[str, psutil.Process]]:
    try:
        program = psutil.Process(pid)
        yield "edu2lms", program
        for process in program.children(recursive=True):
            yield "dbt", process
    except psutil.NoSuchProcess:
        pass
    for name, server in servers.items():
        try:
            for process in psutil.Process(server).children():
                if _is_session(process):
                    yield f"session in {name}", process
        except psutil.NoSuchProcess:
            continue
