"""One real `dbt build`, recorded, and the databases in which it is sent again for one university after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from databases import Databases
from laboratory import DECISIONS, Laboratory
from migrate import Migration, Recording, compile_again, record
from smallest import one_section
from university import University


@pytest.fixture(scope="session")
def recorded(make_databases: Callable[..., Databases]) -> tuple[Databases, Recording]:
    """The demonstration, published by the real dbt, and everything that dbt sent."""
    databases = make_databases("recorded")
    databases.edu2lms("load")
    return databases, record(databases, {})


@pytest.fixture(scope="session")
def replayed(make_databases: Callable[..., Databases], recorded: tuple[Databases, Recording]) -> Iterator[Migration]:
    """The same data, not migrated yet."""
    databases, recording = recorded
    migration = Migration(make_databases("replayed"), recording)
    migration.take_seeds(databases.lms)
    yield migration
    migration.close()


@pytest.fixture(scope="session")
def laboratory(
    make_databases: Callable[..., Databases], recorded: tuple[Databases, Recording], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Laboratory]:
    """Empty databases to migrate universities in, at every decision: compiled when it is first asked for."""
    databases, recording = recorded
    migration = Migration(make_databases("universities"), recording)
    migration.take_seeds(databases.lms)
    migration.open()

    def compiled(name: str) -> Recording:
        folder: Path = tmp_path_factory.mktemp(name)
        return recording.with_compiled(compile_again(databases, DECISIONS[name], folder))

    yield Laboratory(migration, recording, compiled)
    migration.close()


@pytest.fixture
def small() -> University:
    """One subject with one section of the autumn 2024/2025."""
    return one_section()
