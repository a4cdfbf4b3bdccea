from __future__ import annotations

import os
import shutil
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from loader.demo.servers import MARKER, Cluster, server_settings
from loader.errors import ServerError

Make = Callable[..., Cluster]
DEBIAN = Path("/usr/lib/postgresql/15/bin")


def version(cluster: Cluster) -> int:
    with psycopg.connect(cluster.conninfo()) as connection:
        return connection.info.server_version // 10000


@pytest.mark.parametrize(
    "bindir", [None, pytest.param(DEBIAN, marks=pytest.mark.skipif(not DEBIAN.is_dir(), reason="no PostgreSQL 15 here"))]
)
def test_it_works_on_a_path_with_spaces_and_quotes(make_cluster: Make, bindir: Path | None) -> None:
    cluster = make_cluster('it\'s a "folder" with $spaces', bindir=bindir)
    cluster.start()
    assert version(cluster) >= 15
    sockets = cluster.socket_dir
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE(cluster.data_dir.stat().st_mode) == 0o700
    cluster.stop()
    assert not sockets.exists()
    assert not cluster.is_running


def test_nobody_gets_in_without_the_password(make_cluster: Make) -> None:
    cluster = make_cluster()
    cluster.start()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(cluster.conninfo(), password="wrong").close()
    assert cluster.password not in repr(cluster)
    assert cluster.password not in cluster.log_file.read_text()


def test_there_is_no_network_listener(make_cluster: Make) -> None:
    cluster = make_cluster()
    cluster.start()
    assert cluster.pid is not None
    assert psutil.Process(cluster.pid).net_connections(kind="inet") == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must change the user")
def test_as_root_the_server_is_somebody_else_and_only_passage_is_given(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    cluster = Cluster(closed / "server", superuser="owner")
    try:
        cluster.start()
        assert cluster.pid is not None
        assert psutil.Process(cluster.pid).username() != "root"
        assert stat.S_IMODE(closed.stat().st_mode) == 0o701
    finally:
        cluster.stop()


def test_starting_twice_is_starting_once(make_cluster: Make) -> None:
    cluster = make_cluster()
    cluster.start()
    pid = cluster.pid
    cluster.start()
    again = make_cluster(password=cluster.password)
    again.start()
    assert (cluster.pid, again.pid) == (pid, pid)
    again.stop()
    assert not cluster.is_running


def test_a_stopped_folder_keeps_its_data(make_cluster: Make) -> None:
    cluster = make_cluster()
    cluster.start()
    cluster.recreate_database("some")
    cluster.stop()
    cluster.start()
    psycopg.connect(cluster.conninfo("some")).close()


def test_a_crash_and_its_stale_pid_file_do_not_matter(make_cluster: Make) -> None:
    cluster = make_cluster()
    cluster.start()
    assert cluster.pid is not None
    family = [psutil.Process(cluster.pid), *psutil.Process(cluster.pid).children()]
    for process in family:
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(family, timeout=10)
    assert (cluster.data_dir / "postmaster.pid").exists()
    assert not cluster.is_running
    cluster.start()
    assert cluster.is_running


def test_the_pid_of_somebody_else_is_left_alone(make_cluster: Make) -> None:
    cluster = make_cluster()
    cluster.start()
    cluster.stop()
    (cluster.data_dir / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data_dir}\n1\n5432\n\n\n\n")
    assert not cluster.is_running
    cluster.stop()
    cluster.start()
    assert cluster.is_running


def test_a_half_made_folder_is_made_again_only_where_it_is_ours(make_cluster: Make) -> None:
    cluster = make_cluster()
    cluster.data_dir.mkdir()
    (cluster.data_dir / "PG_VERSION").write_text("18\n")
    (cluster.data_dir.parent / "server.unfinished").mkdir()
    with pytest.raises(ServerError, match="was not made by edu2lms"):
        cluster.start()
    assert (cluster.data_dir / "PG_VERSION").exists()
    (cluster.data_dir.parent / MARKER).touch()
    cluster.start()
    assert cluster.is_running
    assert not (cluster.data_dir.parent / "server.unfinished").exists()


def test_a_killed_server_leaves_nothing(make_cluster: Make) -> None:
    cluster = make_cluster()
    cluster.start()
    sockets, pid = cluster.socket_dir, cluster.pid
    assert pid is not None
    cluster.kill()
    assert not psutil.pid_exists(pid)
    assert not sockets.exists()


def test_a_server_that_cannot_start_says_why(make_cluster: Make) -> None:
    cluster = make_cluster()
    cluster.start()
    cluster.stop()
    with (cluster.data_dir / "postgresql.conf").open("a") as file:
        file.write("shared_buffers = 'nonsense'\n")
    started = time.monotonic()
    with pytest.raises(ServerError, match="shared_buffers"):
        cluster.start()
    assert time.monotonic() - started < 10
    assert not cluster.is_running


def test_missing_binaries_are_named(make_cluster: Make, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="initdb") as caught:
        make_cluster(bindir=tmp_path / "nothing").start()
    assert "EDU2LMS_PG_BINDIR" in caught.value.fix


def test_small_machines_get_small_buffers() -> None:
    assert "shared_buffers = 128MB" in server_settings(Path("/s"), 2 * 1024**3)
    assert "shared_buffers = 512MB" in server_settings(Path("/s"), 16 * 1024**3)
    assert "unix_socket_directories = '/it''s'" in server_settings(Path("/it's"), 1)


def test_recreating_a_database_throws_out_its_users(make_cluster: Make) -> None:
    cluster = make_cluster()
    cluster.start()
    cluster.recreate_database("some")
    with psycopg.connect(cluster.conninfo("some")) as user:
        user.execute("create table t ()")
        user.commit()
        cluster.recreate_database("some")
    with psycopg.connect(cluster.conninfo("some")) as connection:
        assert connection.execute("select to_regclass('t')").fetchone() == (None,)


def test_removing_the_folder_is_all_that_uninstalling_takes(make_cluster: Make, query: Any) -> None:
    cluster = make_cluster()
    cluster.start()
    cluster.stop()
    shutil.rmtree(cluster.data_dir)
    cluster.start()
    assert query(cluster.conninfo(), "select 1") == [(1,)]
