"""`edu2lms demo`: two servers, invented data, and the whole migration on them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from loader.check import check
from loader.config import Settings
from loader.console import Progress
from loader.demo.servers import MARKER, PORT, Cluster, default_bindir
from loader.errors import DbtFailedError, DemoFolderError, PublishRefusedError, UsageError
from loader.prepare import prepare
from loader.project import Project
from loader.report import build_report, report_of_refusal, require_usable
from loader.results import DemoResult, RunResult, Verdict
from loader.run import run

DATABASES = ("edu", "lms")
OWNERS = {"edu": "edu_owner", "lms": "lms_owner"}
APPLICATION = "lms_app"
FALLBACK = "lms_fallback"
SITE = "site"
_PASSWORDS = (
    "FALLBACK_PASSWORD",
    "LMS_PASSWORD",
    "LMS_ADMIN_PASSWORD",
    "LMS_APP_PASSWORD",
    "EDU_PASSWORD",
    "EDU_ADMIN_PASSWORD",
)
_VARIABLE = re.compile(r"^([A-Z_]+)='([^']*)'$", re.MULTILINE)


def demo(
    folder: Path,
    *,
    scale: float,
    damaged: bool,
    keep: bool,
    run_migration: bool,
    fill: bool,
    progress: Progress,
    site: Path | None = None,
) -> DemoResult:
    """Run the demonstration. The servers are stopped at the end, whatever happens, unless they are to be kept.

    Args:
        folder: holds both servers; made when it is missing. A second run starts with empty databases.
        scale: size of the data; 1.0 is the size of the real databases.
        damaged: data with rows that cannot move.
        keep: leave the servers running, also when the migration refuses the data: then one wants to look at them.
        run_migration: false: only servers and data.
        fill: false: only servers, with the data of the last time.
        progress: is told what happens.
        site: folder of the report; default: `site` beside the servers.

    Raises:
        ReportFolderError: the folder of the report cannot be used.
        DemoFolderError: the folder holds something else, or another demonstration is at work in it.
        ServerError: a server does not start.
        Edu2lmsError: what the verbs raise.
    """
    seconds: dict[str, float] = {}
    root = folder.expanduser().absolute()
    result: RunResult | None = None
    pages, start = require_usable(site or root / SITE), None
    with _locked(root), _isolated():
        pair = Pair(root)
        kept = False
        try:
            with _timed(seconds, "servers", progress):
                pair.start(empty=fill)
            if fill:
                with _timed(seconds, "fill", progress):
                    _fill(pair, scale=scale, damaged=damaged, progress=progress)
            if run_migration:
                try:
                    result = _migrate(pair, seconds, progress)
                except (PublishRefusedError, DbtFailedError):
                    report_of_refusal(pair.settings, Project.find(), pages, progress)
                    kept = keep
                    if keep:
                        progress.line(usage(str(root)))
                    raise
                with _timed(seconds, "report", progress):
                    start = build_report(pair.settings, Project.find(), pages, with_lineage=True, progress=progress).start
            kept = keep
        finally:
            if not kept:
                with _undisturbed():
                    pair.stop()
    return DemoResult(folder=str(root), scale=scale, damaged=damaged, running=kept, seconds=seconds, run=result, site=start)


def stop(folder: Path) -> list[str]:
    """Stop the servers of a folder; returns the names of those that ran.

    Raises:
        DemoFolderError: the folder is not one of a demonstration.
    """
    root = folder.expanduser().absolute()
    if not (root / MARKER).is_file():
        raise DemoFolderError(path=root, reason="it holds no demonstration", fix="name the folder that was given to --dir.")
    with _locked(root):
        return Pair(root).stop()


def usage(folder: str) -> str:
    """How to use servers that are kept, without passwords."""
    env = Path(folder) / "env"
    values = dict(_VARIABLE.findall(env.read_text()))
    exports = "\n".join(
        f"  export {name}={'***' if name in _PASSWORDS else shlex.quote(value)}" for name, value in values.items()
    )
    psql = shlex.quote(str(default_bindir() / "psql"))
    return f"""
Both servers run on. Their settings ({env} has the passwords, too):
{exports}

Use them in this shell:
  set -a; . {shlex.quote(str(env))}; set +a

  PGPASSWORD="$LMS_PASSWORD" {psql} -h "$LMS_HOST" -p "$LMS_PORT" -U "$LMS_USER" "$LMS_DBNAME"
  PGPASSWORD="$EDU_PASSWORD" {psql} -h "$EDU_HOST" -p "$EDU_PORT" -U "$EDU_USER" "$EDU_DBNAME"
  dbt build
  edu2lms status

Stop them:
  edu2lms demo --dir {shlex.quote(folder)} --stop"""


class Pair:
    """The two servers of one folder and their passwords."""

    def __init__(self, root: Path, bindir: Path | None = None) -> None:
        """Describe the pair; nothing is started.

        Args:
            root: the folder.
            bindir: folder of the PostgreSQL binaries; see `default_bindir`.
        """
        self.root = root
        self.env_file = root / "env"
        known = dict(_VARIABLE.findall(self.env_file.read_text())) if self.env_file.is_file() else {}
        # the fallback gets its password anew whenever it is published
        self._complete = all(known.get(name) for name in _PASSWORDS if name != "FALLBACK_PASSWORD")
        self.passwords = {name: known.get(name) or secrets.token_urlsafe(24) for name in _PASSWORDS}
        self.clusters = {
            name: Cluster(
                root / name,
                superuser=OWNERS[name],
                password=self.passwords[f"{name.upper()}_ADMIN_PASSWORD"],
                bindir=bindir,
            )
            for name in DATABASES
        }

    @property
    def edu(self) -> str:
        """Connection string of edu's superuser."""
        return self.clusters["edu"].conninfo("edu")

    @property
    def lms(self) -> str:
        """Connection string of lms' superuser."""
        return self.clusters["lms"].conninfo("lms")

    @property
    def settings(self) -> Settings:
        """Settings from the folder's own env file; call it inside `_isolated` or with a clean environment."""
        return Settings.load(self.env_file)

    def start(self, *, empty: bool) -> None:
        """Start both servers.

        Args:
            empty: throw the databases away and make empty ones.
        """
        for cluster in self.clusters.values():
            if cluster.data_dir.exists() and not (self._complete and _same_version(cluster)):
                cluster.stop()
                shutil.rmtree(cluster.data_dir)  # its passwords are lost, or these binaries cannot read it
            fresh = not cluster.exists
            cluster.start()
            if empty or fresh:
                cluster.recreate_database(cluster.data_dir.name)
        self.clusters["lms"].ensure_login(APPLICATION, self.passwords["LMS_APP_PASSWORD"])
        self._write_env()

    def stop(self) -> list[str]:
        """Stop both servers; returns the names of those that ran."""
        ran = [name for name, cluster in self.clusters.items() if cluster.is_running]
        for cluster in self.clusters.values():
            cluster.stop()
        return ran

    def environment(self) -> dict[str, str]:
        """The environment variables of the running pair, passwords included."""
        result: dict[str, str] = {}
        for name in ("lms", "edu"):
            prefix, socket_dir = name.upper(), self.clusters[name].socket_dir
            result |= {f"{prefix}_HOST": str(socket_dir), f"{prefix}_PORT": str(PORT), f"{prefix}_DBNAME": name}
        result |= {"LMS_USER": "edu2lms", "LMS_ADMIN_USER": OWNERS["lms"], "LMS_APP_USER": APPLICATION}
        result |= {"EDU_USER": "edu_reader", "EDU_ADMIN_USER": OWNERS["edu"], "FALLBACK_USER": FALLBACK}
        result |= {"DBT_PROFILES_DIR": str(self.root)}
        return dict(sorted((result | self.passwords).items()))

    def _write_env(self) -> None:
        text = "".join(f"{name}='{value}'\n" for name, value in self.environment().items())
        new = self.env_file.with_suffix(".new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write("# Written by edu2lms demo. Use: set -a; . this file; set +a\n" + text)
        new.replace(self.env_file)
        shutil.copyfile(Project.find().root / "profiles.example.yml", self.root / "profiles.yml")  # for dbt by hand


def _same_version(cluster: Cluster) -> bool:
    """Were the data made by the major version of these binaries?"""
    with contextlib.suppress(OSError):
        said = subprocess.run([str(cluster.bindir / "postgres"), "--version"], capture_output=True, text=True, check=False).stdout
        major = re.search(r"\d+", said)
        return major is not None and (cluster.data_dir / "PG_VERSION").read_text().strip() == major[0]
    return False


def _fill(pair: Pair, *, scale: float, damaged: bool, progress: Progress) -> None:
    """Fill both databases. In a thread of its own, so that an interrupt is served at once: stopping the servers ends it."""
    from loader.demo.fill import fill

    errors: list[BaseException] = []

    def work() -> None:
        try:
            fill(pair.edu, pair.lms, scale=scale, damaged=damaged, report=progress.line)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work, name="fill", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(0.2)
    if errors:
        raise errors[0]


def _migrate(pair: Pair, seconds: dict[str, float], progress: Progress) -> RunResult:
    settings, project = pair.settings, Project.find()
    with _timed(seconds, "check", progress):
        found, _ = check(settings, project.tables)
        missing = sum(finding.verdict is Verdict.FAILED for finding in found.findings)
        progress.line(f"check: {len(found.findings) - missing} findings are fine, {missing} are for prepare")
    with _timed(seconds, "prepare", progress):
        prepare(settings, project.tables, dry_run=False, report=progress.line)
    result = run(settings, project, courses=0, publish=True, variables={}, progress=progress)
    seconds |= result.seconds
    return result


@contextlib.contextmanager
def _timed(seconds: dict[str, float], name: str, progress: Progress) -> Iterator[None]:
    started = time.monotonic()
    yield
    seconds[name] = round(time.monotonic() - started, 3)
    progress.line(f"{name}: done in {seconds[name]:.1f} s")


@contextlib.contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Make the folder ours, and keep a second demonstration out of it."""
    if root.exists() and not root.is_dir():
        raise DemoFolderError(path=root, reason="it is not a folder", fix="choose another one with --dir.")
    marker = root / MARKER
    if root.is_dir() and any(root.iterdir()) and not marker.is_file():
        fix = "choose an empty or new folder with --dir; nothing in this one was touched."
        raise DemoFolderError(path=root, reason="it holds something else", fix=fix)
    if "'" in str(root) or "\n" in str(root):
        raise UsageError(detail=f"The path {root} holds a quotation mark.", fix="choose another folder with --dir.")
    root.mkdir(parents=True, exist_ok=True)
    with marker.open("a") as file:
        if file.tell() == 0:
            file.write("This folder belongs to `edu2lms demo`: its content may be thrown away at any time.\n")
            file.flush()
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            fix = "wait for it, or choose another folder with --dir."
            raise DemoFolderError(path=root, reason="another demonstration is at work in it", fix=fix) from None
        yield


@contextlib.contextmanager
def _isolated() -> Iterator[None]:
    """Hide the user's own connection settings: the demonstration must never reach a real database."""
    saved = dict(os.environ)
    for name in saved:
        if name.startswith(("LMS_", "EDU_", "FALLBACK_", "PG")):
            del os.environ[name]
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(saved)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C must not leave half of the servers behind."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    main = threading.current_thread() is threading.main_thread()
    saved = {number: signal.signal(number, signal.SIG_IGN) for number in numbers} if main else {}
    try:
        yield
    finally:
        for number, handler in saved.items():
            signal.signal(number, handler)
