"""One migration with its fallback for the folder, and copies of it for tests that change something."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from databases import Databases
from fallback_world import Pair

AS_OF = "{as_of_date: '2024-03-01'}"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def migrated(make_databases: Callable[..., Databases]) -> Pair:
    """Everything published in lms, no fallback in edu yet. Shared: only to be copied."""
    databases = make_databases("fallback")
    settings = {**databases.settings, "FALLBACK_USER": "lms_fallback_test"}
    pair = Pair(databases.edu, databases.lms, settings, databases.folder)
    pair.document("run", "--publish", "--vars", AS_OF)
    return pair


@pytest.fixture(scope="session")
def published(migrated: Pair, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """With a fallback. Shared: for reading only."""
    pair = migrated.copy("fallback_read", tmp_path_factory.mktemp("fallback_read"))
    pair.publish()
    return pair


@pytest.fixture(scope="session")
def unrestricted(migrated: Pair, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """With a fallback for an application that meets no row-level security. Shared: for reading only."""
    pair = migrated.copy("fallback_unrestricted", tmp_path_factory.mktemp("fallback_unrestricted"))
    pair = replace(pair, settings={name: text for name, text in pair.settings.items() if name != "LMS_APP_USER"})
    pair.publish()
    return pair


@pytest.fixture
def bare(migrated: Pair, tmp_path: Path) -> Iterator[Pair]:
    """A copy without a fallback, to be changed."""
    pair = migrated.copy(f"fallback_bare_{next(_numbers)}", tmp_path)
    yield pair
    pair.drop()


@pytest.fixture
def pair(bare: Pair) -> Pair:
    """A copy with a fallback, to be changed."""
    bare.publish()
    return bare
