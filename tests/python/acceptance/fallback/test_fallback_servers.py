"""The fallback where edu and lms are servers of different versions."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from databases import value
from fallback_world import RELATIONS, Pair, columns, fallback_rows, lms_rows

from loader.demo.demo import OWNERS
from loader.demo.demo import Pair as Servers
from loader.demo.fill import fill
from loader.demo.servers import MARKER, Cluster

POSTGRESQL_15 = Path("/usr/lib/postgresql/15/bin")


@pytest.mark.parametrize("older", ["edu", "lms"])
def test_either_side_may_be_older(older: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    if not (POSTGRESQL_15 / "initdb").is_file():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{POSTGRESQL_15} holds no PostgreSQL 15: the workflow must install postgresql-15")
        pytest.skip(f"{POSTGRESQL_15} holds no PostgreSQL 15")
    root = tmp_path_factory.mktemp("mixed")
    (root / MARKER).touch()
    servers = Servers(root)
    password = servers.passwords[f"{older.upper()}_ADMIN_PASSWORD"]
    servers.clusters[older] = Cluster(root / older, superuser=OWNERS[older], password=password, bindir=POSTGRESQL_15)
    try:
        servers.start(empty=True)
        fill(servers.edu, servers.lms, scale=0.005, damaged=False, report=lambda _: None)
        pair = Pair(servers.edu, servers.lms, servers.environment(), tmp_path_factory.mktemp("work"))
        versions = {name: value(getattr(pair, name), "show server_version_num")[:2] for name in ("edu", "lms")}
        assert versions[older] == "15"
        assert set(versions.values()) != {"15"}
        pair.edu2lms("prepare")
        pair.document("run", "--publish", "--vars", "{as_of_date: '2024-03-01'}")
        pair.publish()
        pair.publish()
        for table in RELATIONS:
            assert fallback_rows(pair, table) == lms_rows(pair, table)
            assert columns(pair.edu, f"lms_compat.{table}") == columns(pair.lms, f"public.{table}")
        assert pair.verify()["equal"] is True
        assert value(pair.fallback, "select count(*) from publication") == 1
    finally:
        servers.stop()
