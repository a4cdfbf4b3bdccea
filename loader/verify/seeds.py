"""The analysts' tables as they stand in their files: dbt's copies of them are not trusted."""

from __future__ import annotations

import csv
from pathlib import Path

from psycopg import sql

from loader.connection import Connection


def seed_tables(folder: Path, names: tuple[str, ...]) -> dict[str, tuple[list[str], list[list[str | None]]]]:
    """Header and rows of each seed; an empty cell is NULL, as in dbt.

    Args:
        folder: with the CSV files.
        names: of the files, without `.csv`.

    Raises:
        OSError: a file is missing.
    """
    found = {}
    for name in names:
        with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            header, *lines = csv.reader(file)
        found[name] = (header, [[cell or None for cell in line] for line in lines if line])
    return found


def create(connection: Connection, name: str, header: list[str]) -> None:
    """Make the work table of one seed: every column is text."""
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(column)) for column in header)
    table = sql.Identifier(f"seed_{name}")
    connection.execute(sql.SQL("create temporary table {} ({}) on commit drop").format(table, columns))


def fill(connection: Connection, name: str, lines: list[list[str | None]]) -> None:
    """Copy the rows of one seed into its work table."""
    table = sql.Identifier(f"seed_{name}")
    with connection.cursor() as cursor, cursor.copy(sql.SQL("copy {} from stdin").format(table)) as copy:
        for line in lines:
            copy.write_row(line)
