"""Two servers of different versions, settings and encodings hash the same rows alike."""

from __future__ import annotations

from collections.abc import Callable
from itertools import starmap
from pathlib import Path

import psycopg

from loader.checksums import Side, differing, encoding, pin_settings, together
from loader.connection import Connection
from loader.demo.servers import Cluster
from loader.project import SourceColumn, SourceTable

DEBIAN = Path("/usr/lib/postgresql/15/bin")
COLUMNS = {
    "id": "bigint",
    "small": "smallint",
    "body": "text",
    "code": "character varying(20)",
    "amount": "numeric",
    "ratio": "double precision",
    "day": "date",
    "at": "timestamp with time zone",
    "local": "timestamp without time zone",
    "rounded": "timestamp(3) with time zone",
    "clock": "time without time zone",
    "span": "interval",
    "price": "money",
    "raw": "bytea",
    "facts": "jsonb",
    "key": "uuid",
    "many": "integer[]",
    "yes": "boolean",
}
TABLE = SourceTable("zoo", tuple(starmap(SourceColumn, COLUMNS.items())))
ROWS = """
    insert into public.zoo
    select
        n * 1000000007::bigint,
        n,
        repeat('ə', n % 7) || n,
        case when n % 5 > 0 then 'code ' || n end,
        n / 7.0,
        n / 7.0::float8,
        date '1990-01-01' + n,
        timestamptz '2001-02-03 04:05:06.789012+04' + n * interval '1 day 1 microsecond',
        timestamp '2001-02-03 04:05:06.789012' + n * interval '1 month',
        timestamptz '2020-02-02 02:02:02.222222+00',
        time '10:11:12.131415',
        n * interval '1 year 2 months -3 days 04:05:06.7',
        n::numeric::money,
        decode(md5(n::text), 'hex'),
        jsonb_build_object('n', n, 'b', null, 'a', array['é']),
        md5(n::text)::uuid,
        array[n, null],
        n % 2 = 0
    from generate_series(1, 300) as n
"""
STYLES = (
    {"datestyle": "German", "timezone": "Asia/Baku", "intervalstyle": "postgres_verbose", "extra_float_digits": "-10"},
    {"datestyle": "SQL, DMY", "timezone": "America/St_Johns", "intervalstyle": "sql_standard", "bytea_output": "escape"},
)


def side(cluster: Cluster, database: str, style: dict[str, str], *, recode: bool = False) -> Side:
    connection: Connection = psycopg.connect(cluster.conninfo(database), autocommit=True)
    for name, value in style.items():
        connection.execute(f"alter database \"{database}\" set {name} = '{value}'")
    connection.close()
    connection = psycopg.connect(cluster.conninfo(database), autocommit=True)
    pin_settings(connection, lock_timeout="5s")
    return Side(connection, "public", recode=recode)


def test_versions_and_settings_do_not_matter(make_cluster: Callable[..., Cluster]) -> None:
    old, new = make_cluster("old", bindir=DEBIAN if DEBIAN.is_dir() else None), make_cluster("new")
    sides = []
    for cluster, style in zip((old, new), STYLES, strict=True):
        cluster.start()
        cluster.recreate_database("zoo")
        sides.append(side(cluster, "zoo", style))
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        sides[-1].connection.execute(f"create table public.zoo ({columns})")
        sides[-1].connection.execute(ROWS)
    first, second = sides
    assert first.total(TABLE) == second.total(TABLE)
    assert first.total(TABLE).rows == 300
    assert first.blocks(TABLE, 16) == second.blocks(TABLE, 16)
    assert len(first.blocks(TABLE, 16)) == 16
    assert together(first.blocks(TABLE, 16)) == first.total(TABLE)
    seen = {first.total(TABLE).total}
    for column in TABLE.column_names:  # and every column counts
        second.connection.execute("begin")
        second.connection.execute(f"update public.zoo set {column} = null where id = 4000000028")
        changed = second.blocks(TABLE, 16)
        assert len(differing(first.blocks(TABLE, 16), changed)) == (2 if column == "id" else 1), column
        seen.add(together(changed).total)
        second.connection.execute("rollback")
    assert len(seen) == len(COLUMNS) + 1
    for each in sides:
        each.connection.close()


def test_another_encoding_is_recoded(make_cluster: Callable[..., Cluster]) -> None:
    cluster = make_cluster()
    cluster.start()
    table = SourceTable("words", (SourceColumn("id", "bigint"), SourceColumn("word", "text")))
    connections = []
    with psycopg.connect(cluster.conninfo(), autocommit=True) as admin:
        for name in ("UTF8", "LATIN5"):
            admin.execute(f"create database \"{name}\" encoding '{name}' locale 'C' template template0")
    sides = [side(cluster, name, {}, recode=True) for name in ("UTF8", "LATIN5")]
    for each in sides:
        each.connection.execute("create table public.words (id bigint, word text)")
        each.connection.execute("insert into public.words values (1, 'ışık'), (2, 'İstanbul'), (3, ''), (4, null)")
        connections.append(each.connection)
    assert [encoding(connection) for connection in connections] == ["UTF8", "LATIN5"]
    assert sides[0].total(table) == sides[1].total(table)
    plain = [Side(connection, "public", recode=False).total(table) for connection in connections]
    assert plain[0] != plain[1], "without recoding the same text is other bytes"
    sides[1].connection.execute("update public.words set word = null where id = 3")
    assert sides[0].total(table) != sides[1].total(table)
    for connection in connections:
        connection.close()
