"""Other tools that copy tables from one server to the other, each called as its manual says and given the same data.

They copy from a database that holds exactly the tables and columns in scope, without any index, because pg_dump and pgcopydb
know tables, not columns. Each has an empty database on the live server as its target.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from loader.project import SourceTable
from tests.bench.results import FOLDER
from tests.bench.world import World, client

_DLT = ("dlt[postgres,sql-database]", "pyarrow")


class NotThereError(Exception):
    """The tool is not installed, or does not work with this server: the text says which."""


def environment(world: World) -> dict[str, str]:
    """Where client programs find passwords, and the client programs of the servers' version before all others."""
    passwords = world.folder / "pgpass"
    lines = [f"*:*:*:{cluster.superuser}:{cluster.password}\n" for cluster in world.clusters]
    if not passwords.exists():
        with os.fdopen(os.open(passwords, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.writelines(lines)
    path = f"{Path(client('psql')).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PGPASSFILE": str(passwords), "PATH": path}


def without_password(conninfo: str) -> str:
    """The same for a command line, which everybody can read."""
    return make_conninfo(**{key: value for key, value in conninfo_to_dict(conninfo).items() if key != "password"})  # type: ignore[arg-type]


def scope(world: World) -> str:
    """A copy of the legacy database with nothing in it but the tables and columns in scope."""
    conninfo = world.copy("edu", "edu_scope")
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("create schema scope")
        for table in world.tables:
            name, columns = sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.column_names))
            connection.execute(sql.SQL("create table scope.{0} as select {1} from public.{0}").format(name, columns))
        connection.execute("drop schema if exists demo, demo_truth cascade")
        connection.execute("drop schema public cascade")
        connection.execute("alter schema scope rename to public")
        connection.execute("vacuum analyze")
    return conninfo


def make_tables(lms: str, tables: tuple[SourceTable, ...]) -> None:
    """Tables like those in schema staging: logged, without any index."""
    with psycopg.connect(lms, autocommit=True) as connection:
        connection.execute("create schema copied")
        for table in tables:
            columns = sql.SQL(", ").join(
                sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.data_type)) for column in table.columns
            )
            connection.execute(sql.SQL("create table copied.{} ({})").format(sql.Identifier(table.name), columns))


def copy_through_psql(source: str, target: str, tables: tuple[SourceTable, ...], variables: Mapping[str, str]) -> None:
    """`psql … COPY TO STDOUT | psql … COPY FROM STDIN`, in binary, one table after the other.

    The table is emptied in the transaction of its COPY, so that the server need not log the rows: the fastest way to do it.
    """
    for table in tables:
        columns = ", ".join(f'"{name}"' for name in table.column_names)
        out = [client("psql"), "-Xqc", f'copy public."{table.name}" ({columns}) to stdout (format binary)', source]
        into = f'copy copied."{table.name}" ({columns}) from stdin (format binary)'
        inward = [client("psql"), "-Xq1", "-c", f'truncate copied."{table.name}"', "-c", into, target]
        with subprocess.Popen(out, stdout=subprocess.PIPE, env=dict(variables)) as reader:
            subprocess.run(inward, stdin=reader.stdout, env=dict(variables), check=True)
        if reader.returncode:
            raise RuntimeError(f"COPY of {table.name} ended with {reader.returncode}")


def dump_and_restore(source: str, target: str, folder: Path, variables: Mapping[str, str], *compression: str) -> None:
    """`pg_dump -Fd -j2`, then `pg_restore -j2`."""
    shutil.rmtree(folder, ignore_errors=True)
    dump = [client("pg_dump"), "-Fd", "-j2", *compression, "--schema=public", "-f", str(folder), "-d", source]
    restore = [client("pg_restore"), "-j2", "--no-owner", "--no-privileges", "--clean", "--if-exists", "-d", target, str(folder)]
    for arguments in (dump, restore):
        subprocess.run(arguments, env=dict(variables), check=True, capture_output=True)


def find_pgcopydb(variables: Mapping[str, str]) -> str:
    """The program: from PATH, or unpacked from Debian's package (nothing is installed)."""
    if found := shutil.which("pgcopydb"):
        return found
    folder = FOLDER / "pgcopydb"
    program = folder / "usr" / "bin" / "pgcopydb"
    if not program.exists():
        if not shutil.which("apt-get"):
            raise NotThereError("pgcopydb is not installed")
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "pgcopydb"], cwd=folder, capture_output=True, check=False)
        for package in folder.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", str(package), str(folder)], check=False, capture_output=True)
    done = None
    if program.exists():
        done = subprocess.run([str(program), "--version"], env=dict(variables), check=False, capture_output=True)
    if done is None or done.returncode:
        raise NotThereError("pgcopydb cannot be had from apt here")
    return str(program)


def clone_with_pgcopydb(program: str, source: str, target: str, folder: Path, variables: Mapping[str, str]) -> None:
    """`pgcopydb clone` with two jobs.

    Raises:
        NotThereError: it does not work with this server.
    """
    shutil.rmtree(folder, ignore_errors=True)
    arguments = [program, "clone", "--table-jobs", "2", "--index-jobs", "2", "--no-owner", "--no-acl", "--no-comments"]
    arguments += ["--skip-extensions", "--dir", str(folder), "--source", source, "--target", target, "--drop-if-exists"]
    done = subprocess.run(arguments, env=dict(variables), check=False, capture_output=True, text=True)
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line or "FATAL" in line]
        version = next((line for line in (done.stdout + done.stderr).splitlines() if "Running pgcopydb" in line), "")
        words = version.partition("Running ")[2].partition(" from")[0] or "pgcopydb"
        reason = said[0].partition("ERROR")[2].strip() if said else f"exit code {done.returncode}"
        raise NotThereError(f"{words} does not work with this server: {reason[:200]}")


def version(*program: str) -> str:
    """What a program says about itself, in one line."""
    done = subprocess.run(program, check=False, capture_output=True, text=True)
    return next((line for line in done.stdout.splitlines() if line), "")


def find_dlt() -> Path:
    """Python of a virtual environment with dlt in it, made when it is missing."""
    folder = FOLDER / "dlt"
    python, ready = folder / "bin" / "python", folder / ".ready"
    if not ready.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_DLT]
        done = subprocess.run(pip, check=False, capture_output=True, text=True)
        if done.returncode:
            raise NotThereError(f"dlt cannot be installed: {done.stderr.strip().splitlines()[-1]}")
        ready.touch()
    return python


def load_with_dlt(python: Path, source: str, target: str, world: World, variables: Mapping[str, str]) -> None:
    """One load with dlt.

    Raises:
        NotThereError: it does not work with these servers.
    """
    home = world.folder / "dlt"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    script = Path(__file__).with_name("dlt_load.py")
    settings = {
        "HOME": str(home),
        "SOURCE": source,
        "TARGET": target,
        "TABLES": ",".join(table.name for table in world.tables),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "CRITICAL",
    }
    done = subprocess.run(
        [str(python), str(script)], env={**variables, **settings}, cwd=home, check=False, capture_output=True, text=True
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        reason = next((line for line in reversed(said) if "Error" in line or "Exception" in line), said[-1])
        raise NotThereError(f"dlt failed: {reason}")
