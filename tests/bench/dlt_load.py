"""What a user of dlt writes: all tables of one database to another, with the fastest backend. Run by dlt's own Python.

`sql_database` with pyarrow reads whole chunks into Arrow tables; CSV files are what dlt's postgres destination takes with COPY
(its default, INSERT statements, is slower).
"""

from __future__ import annotations

import os

import dlt
import psycopg2
from dlt.destinations import postgres
from dlt.sources.sql_database import sql_database
from sqlalchemy import create_engine


def main() -> None:
    """Replace what is there."""
    tables = os.environ["TABLES"].split(",")  # all are read at a time, each through a connection of its own
    source = sql_database(
        create_engine("postgresql+psycopg2://", creator=lambda: psycopg2.connect(os.environ["SOURCE"]), pool_size=len(tables)),
        schema="public",
        table_names=tables,
        backend="pyarrow",
        chunk_size=100_000,
        reflection_level="full",
    )
    pipeline = dlt.pipeline("bench", destination=postgres(credentials=os.environ["TARGET"]), dataset_name="dlt")
    pipeline.run(source, write_disposition="replace", loader_file_format="csv")


if __name__ == "__main__":
    main()
